"""Draws a page of digits in the window with pointer events, or trains, or reads a film: the pictures of the README.

    python tests/app/take_picture.py hdr/pictures/app-light.png [light|dark] [pages|train|live]

It needs a screen of at least 1280 x 860; a virtual one will do:
``xvfb-run -s "-screen 0 1280x860x24" python tests/app/take_picture.py hdr/pictures/app-light.png``.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROWS = ("20479", "318", "65")
_POLL_MS = 50
_EPOCHS = "6"
_LIVE_MS = 6000  # after which digits are settled


def take_picture(target: Path, theme: str = "light", what: str = "pages") -> None:
    """Work in the window as a person would, and save what the screen shows of it."""
    from hdr.app.services import Services
    from hdr.app.window import Window
    from hdr.settings import Settings, save_settings
    from hdr.workspace import Workspace

    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace.at(Path(home))
        save_settings(workspace.settings, Settings().replace("app", theme=theme, geometry="1200x760+20+30"))
        window = Window(Services(workspace))
        window.root.after(500, {"pages": _draw, "train": _train, "live": _watch}[what], window, target)
        window.run()


def _draw(window: Any, target: Path) -> None:
    from hdr.bench.hand import write_digit

    rng = np.random.default_rng(11)
    for row, digits in enumerate(ROWS):
        for column, digit in enumerate(digits):
            x, y = 90 + 160 * column + rng.uniform(-10, 10), 70 + 205 * row + rng.uniform(-12, 12)
            for stroke in write_digit(digit, rng, 120):
                _move_pen(window.viewer.canvas, [(round(x + px), round(y + py)) for px, py in stroke.points])
                window.root.update()
    window.controller.recognize()
    _when_idle(window, lambda: _label(window, target))


def _move_pen(canvas: Any, points: list[tuple[int, int]]) -> None:
    canvas.event_generate("<ButtonPress-1>", x=points[0][0], y=points[0][1])
    for x, y in points[1:]:
        canvas.event_generate("<B1-Motion>", x=x, y=y, state=0x100)
    canvas.event_generate("<ButtonRelease-1>", x=points[-1][0], y=points[-1][1], state=0x100)


def _when_idle(window: Any, then: Any) -> None:
    if window.jobs.is_idle and window.services.loaded is not None:
        window.root.after(400, then)
    else:
        window.root.after(_POLL_MS, _when_idle, window, then)


def _label(window: Any, target: Path) -> None:
    state = window.state
    if state.focus is not None:
        state.relabel(state.reading.digits[state.focus].label)
    window.controller.save()
    _when_idle(window, lambda: _grab(window, target))


def _train(window: Any, target: Path) -> None:
    """Train a small network for real, on digits of our own pen, and wait for its end."""
    from hdr.bench.smooth import write_digits

    data = write_digits(target.with_suffix(".npz"), 6000)
    trainer = window.controller.trainer
    trainer.choose(dataclasses.replace(trainer.plan, source="mnist", mnist=data, arch="cnn-93k", epochs=_EPOCHS))
    window.state.use_screen("train")
    trainer.train()

    def look() -> None:
        if trainer.is_live:
            window.root.after(500, look)
        else:
            data.unlink()
            _grab(window, target)

    window.root.after(500, look)


def _watch(window: Any, target: Path) -> None:
    """Let the live screen read a film of our own pen, until its digits are settled."""
    from hdr.bench.live_cost import FilmCapture
    from hdr.bench.live_scenes import IN_HAND, film, our_digits
    from hdr.reading.camera import Camera
    from hdr.reading.sources_list import CameraInfo

    frames = [cv2.cvtColor(frame, cv2.COLOR_RGB2BGR) for frame, _ in film(IN_HAND, our_digits(), 60)]
    window.services.list_cameras = lambda: [CameraInfo(0, "A film of our own pen")]
    window.services.live_camera = lambda source, options: Camera(source, lambda _: FilmCapture(frames))
    window.controller.live.begin_with(0)
    window.state.use_screen("live")
    window.root.after(_LIVE_MS, _grab, window, target)


def _grab(window: Any, target: Path) -> None:
    from PIL import ImageGrab

    window.state.hush()
    window.root.update()
    root, menu = window.root, 30
    x, y = root.winfo_rootx(), root.winfo_rooty()
    box = (x, max(0, y - menu), x + root.winfo_width(), y + root.winfo_height())
    target.parent.mkdir(parents=True, exist_ok=True)
    ImageGrab.grab(box).save(target, optimize=True)
    window.close()


if __name__ == "__main__":
    take_picture(Path(sys.argv[1]), *sys.argv[2:4])
