"""The window as `hdr bench window` drives it: on the screen there is, its Train screen used, its loop watched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hdr.app.services import Services
from hdr.app.train_plan import MNIST, Plan
from hdr.app.window import Window
from hdr.bench.smooth import Delays, InThread, Ticker
from hdr.errors import HdrError
from hdr.workspace import Workspace

_POLL_MS = 50
_IDLE_S = 6.0
_LONGEST_S = 1800.0


def watch_window(home: Path, plan: Plan, baseline: InThread) -> Iterator[Delays]:
    """Yield how smooth the window is: at rest, while it trains as it does, and while it trains in a thread.

    Parameters
    ----------
    home
        A workspace of its own.
    plan
        What is trained, from a file in MNIST's layout.
    baseline
        The same as a thread.

    Raises
    ------
    HdrError
        Where the training fails or does not end.
    """
    assert plan.source == MNIST
    window = Window(Services(Workspace.at(home)))
    try:
        ticker = Ticker(window.root.after)
        window.root.after(200, lambda: window.controller.toggle_screen("train"))
        _wait(window, lambda: "train" in window.screens.tabs and window.controller.trainer.facts is not None)
        yield _rest(window, ticker)
        yield _train(window, ticker, plan)
        baseline.prepare()
        ticker.start()
        baseline.start()
        _wait(window, baseline.done.is_set)
        if baseline.wrong is not None:
            raise baseline.wrong
        yield ticker.stop("training in a thread of the window, as tutorials do")
    finally:
        window.close()


def _rest(window: Window, ticker: Ticker) -> Delays:
    end = time.monotonic() + _IDLE_S
    ticker.start()
    _wait(window, lambda: time.monotonic() > end)
    return ticker.stop("at rest")


def _train(window: Window, ticker: Ticker, plan: Plan) -> Delays:
    trainer = window.controller.trainer
    trainer.choose(plan)
    ticker.start()
    trainer.train()
    _wait(window, lambda: not trainer.is_live)
    told = ticker.stop("training as the window does: a child process, curves drawn as it goes")
    assert trainer.run is not None
    if trainer.run.state != "done":
        raise HdrError(f"The training did not come to its end: {trainer.run.wrong or trainer.run.state}.")
    return told


def _wait(window: Window, until: Callable[[], bool]) -> None:
    """Stay in the window's own loop until something is so."""
    end = time.monotonic() + _LONGEST_S

    def look() -> None:
        if until() or time.monotonic() > end:
            window.root.quit()
        else:
            window.root.after(_POLL_MS, look)

    window.root.after(_POLL_MS, look)
    window.root.mainloop()
    if time.monotonic() > end:
        raise HdrError("The training did not end.", hint="Give fewer --epochs or --digits.")
