"""The bench of smoothness drives a real window; what is trained is only said."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hdr.app import train_drive
from hdr.app.train_child import Child
from hdr.app.train_drive import watch_window
from hdr.app.train_plan import MNIST, Plan
from hdr.cli.bench import app
from hdr.errors import HdrError

from .test_train_run import PUBLISHED, epoch, started

pytestmark = pytest.mark.gui


class Baseline:
    """A training thread that is done at once."""

    def __init__(self, wrong: BaseException | None = None) -> None:
        self.done, self.wrong = threading.Event(), wrong

    def prepare(self) -> None: ...

    def start(self) -> None:
        self.done.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    del display
    monkeypatch.setattr(train_drive, "_IDLE_S", 0.1)


def say(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    script = f"for line in {list(lines)!r}: print(line, flush=True)"
    monkeypatch.setattr(Child.__init__, "__defaults__", (None, (sys.executable, "-c", script)))


def test_rest_child_and_thread_are_told(monkeypatch: pytest.MonkeyPatch, own_workspace: Path) -> None:
    say(monkeypatch, started(2), epoch(1, 0.5), PUBLISHED)
    baseline: Any = Baseline()
    told = list(watch_window(own_workspace, Plan(MNIST), baseline))
    assert [one.what.split(":")[0] for one in told] == [
        "at rest", "training as the window does", "training in a thread of the window, as tutorials do"
    ]  # fmt: skip
    assert all(one.ticks > 0 for one in told)


def test_a_training_that_fails_is_no_figure(monkeypatch: pytest.MonkeyPatch, own_workspace: Path) -> None:
    say(monkeypatch, started(2))
    baseline: Any = Baseline()
    with pytest.raises(HdrError, match="did not come to its end"):
        list(watch_window(own_workspace, Plan(MNIST), baseline))


def test_a_thread_that_fails_is_no_figure(monkeypatch: pytest.MonkeyPatch, own_workspace: Path) -> None:
    say(monkeypatch, PUBLISHED)
    baseline: Any = Baseline(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        list(watch_window(own_workspace, Plan(MNIST), baseline))


def test_what_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, own_workspace: Path) -> None:
    monkeypatch.setattr(train_drive, "_LONGEST_S", -1.0)
    baseline: Any = Baseline()
    with pytest.raises(HdrError, match="did not end"):
        list(watch_window(own_workspace, Plan(MNIST), baseline))


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, PUBLISHED)
    monkeypatch.setattr("hdr.bench.smooth.InThread", lambda *_: Baseline())
    told = CliRunner().invoke(app, ["window", "--digits", "100", "--json"])
    assert told.exit_code == 0, told.output
    assert [json.loads(line)["ticks"] > 0 for line in told.stdout.splitlines()] == [True] * 3
    assert "at rest: worst" in CliRunner().invoke(app, ["window", "--digits", "100"]).stdout
