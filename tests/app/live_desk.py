"""A window on its live screen with a camera that is frames in memory, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from fake_camera import FakeCamera

from app.conftest import Hand
from hdr.app.live_tab import LiveTab
from hdr.app.services import Services
from hdr.reading.camera import Camera
from hdr.reading.sources import SourceOptions
from hdr.reading.sources_list import CameraInfo

FOUND = [CameraInfo(0, "Test camera"), CameraInfo(2, "Another camera")]


def page(bars: int = 3, size: tuple[int, int] = (320, 240)) -> np.ndarray:
    """A white page with upright bars, which are found as digits."""
    width, height = size
    image = np.full((height, width, 3), 255, np.uint8)
    for index in range(bars):
        left = 40 + 80 * (index % 10)
        top = 60 + 120 * (index // 10)
        image[top : top + 80, left : left + 12] = 20
    return image


class Desk:
    """A window on its live screen, and the camera in front of it."""

    def __init__(self, hand: Hand, camera: FakeCamera) -> None:
        self.hand = hand
        self.camera = camera
        self.window = hand.window
        self.live = self.window.controller.live
        self.state = self.window.state
        self.opened: list[Any] = []

    @property
    def tab(self) -> LiveTab:
        tab = self.window.screens.tabs["live"]
        assert isinstance(tab, LiveTab)
        return tab

    def key(self, keysym: str, state: int = 0) -> None:
        self.hand.key(keysym, state, self.tab.view.canvas)

    def wait(self, condition: Callable[[], Any]) -> None:
        self.hand.wait_until(condition)

    def text(self) -> str:
        seen = self.live.seen
        return seen.live.reading.text if seen is not None else ""

    def words(self) -> str:
        """What the picture's canvas says in words."""
        canvas: Any = self.tab.view.canvas
        items = [item for item in canvas.find_all() if canvas.type(item) == "text"]
        return " ".join(canvas.itemcget(item, "text") for item in items if canvas.itemcget(item, "state") != "hidden")


def show_live(desk: Desk) -> None:
    desk.window.root.geometry("1240x800")
    desk.hand.key("F8")


def give_camera(services: Services, camera: FakeCamera) -> list[Any]:
    """Put a camera before a window; return where it is told what was opened."""
    opened: list[Any] = []

    def live_camera(source: int | str, settings: Any) -> Camera:
        opened.append(source)
        return Camera(source, camera.open, SourceOptions.of(settings), retry=True, pauses_s=(0.01,))

    services.live_camera, services.list_cameras = live_camera, lambda: list(FOUND)
    return opened


def click(canvas: Any, *points: tuple[float, float]) -> None:
    (x, y), *rest = points
    canvas.event_generate("<ButtonPress-1>", x=round(x), y=round(y))
    for x, y in rest:
        canvas.event_generate("<B1-Motion>", x=round(x), y=round(y), state=0x100)
    canvas.event_generate("<ButtonRelease-1>", x=round(x), y=round(y), state=0x100)
    canvas.update()
