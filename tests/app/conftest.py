"""A real window on a screen, driven by events; any error in a callback, or logged, fails the test."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.app.asking import ExportChoice
from hdr.app.captures import Captures
from hdr.app.controller import Controller
from hdr.app.document import Document
from hdr.app.jobs import Jobs
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.classify.card import ModelCard
from hdr.classify.classifier import Prediction, StubClassifier
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.settings import Settings
from hdr.vision.normalize import Crop
from hdr.workspace import Workspace

LABELS = tuple("0123456789")


def make_digit(index: int, confidence: float = 0.9, row: int = 0, label: str = "7") -> Digit:
    box = Box.from_xywh(10 + 30 * index, 10 + 50 * row, 20, 30)
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[int(label)] = confidence
    return Digit(Crop(np.full((30, 20), 255, np.uint8), box), Prediction(LABELS, probabilities), row)


def make_reading(*confidences: float, rows: Sequence[int] = ()) -> Reading:
    """A digit each; what is `REJECTED` the model took for none."""
    rows = rows or [0] * len(confidences)
    digits = tuple(
        make_rejected(i, r) if c == REJECTED else make_digit(i, c, r)
        for i, (c, r) in enumerate(zip(confidences, rows, strict=True))
    )
    return Reading((400, 200), digits, "stub")


REJECTED = -1.0


def make_rejected(index: int, row: int = 0) -> Digit:
    """What a model with a label for it takes for no digit."""
    crop = make_digit(index, row=row).crop
    probabilities = np.array([0.01] * 10 + [0.9], np.float32)
    return Digit(crop, Prediction((*LABELS, NOT_A_DIGIT), probabilities), row)


class FakeDialogs:
    """Answers as it was told, and remembers what was asked."""

    def __init__(self) -> None:
        self.pictures: list[Path] = []
        self.choice: ExportChoice | None = None
        self.closing = "stay"
        self.text = ""
        self.asked: list[str] = []
        self.copied = ""
        self.closed = False
        self.taken: tuple[Any, str] | None = None

    def open_pictures(self, folder: str) -> list[Path]:
        self.asked.append(f"open {folder}")
        return self.pictures

    def open_folder(self, folder: str) -> Path | None:
        self.asked.append(f"folder {folder}")
        return self.pictures[0] if self.pictures else None

    def export(self, count: int) -> ExportChoice | None:
        self.asked.append(f"export {count}")
        return self.choice

    def save_before_closing(self, pages: Sequence[Document]) -> str:
        self.asked.append(f"closing {len(pages)}")
        return self.closing

    def choose(self, question: str, more: str, *answers: tuple[str, str]) -> str:
        self.asked.append(question)
        return self.closing if self.closing in dict(answers) else answers[0][0]

    def choose_one(self, title: str, choices: Mapping[str, str]) -> str:
        self.asked.append(title)
        return self.text if self.text in choices else ""

    def open_file(self, title: str, kinds: Sequence[tuple[str, str]]) -> Path | None:
        self.asked.append(title)
        return self.pictures[0] if self.pictures else None

    def save_file(self, title: str, name: str, ending: str) -> Path | None:
        self.asked.append(title)
        return self.pictures[0] if self.pictures else None

    def snapshot(self, take: Callable[[Any, str], None]) -> None:
        if self.taken is not None:
            take(*self.taken)

    def help(self) -> None:
        self.asked.append("help")

    def ask_label(self, present: str) -> str:
        self.asked.append(f"label {present}")
        return self.text

    def copy(self, text: str) -> None:
        self.copied = text

    def clipboard_text(self) -> str:
        return self.text

    def close(self) -> None:
        self.closed = True


def make_services(
    workspace: Workspace, labels: Sequence[str] = ("7",), confidence: float = 0.9, **others: Any
) -> Services:
    """With a stub for a model, which knows "no digit" where it is to say that."""
    known = (*LABELS, NOT_A_DIGIT) if NOT_A_DIGIT in labels else LABELS
    return Services(
        workspace,
        load_classifier=lambda: StubClassifier(labels, confidence, ModelCard("stub", known)),
        **{"grab_clipboard": lambda: None, "list_cameras": list, **others},
    )


def finish(jobs: Jobs, timeout_s: float = 60) -> None:
    """Hand out results until nothing is under way."""
    end = time.monotonic() + timeout_s
    while not jobs.is_idle:
        assert time.monotonic() < end, "the work did not end"
        if not jobs.pump():
            time.sleep(0.002)


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    wrong = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not wrong, [record.getMessage() for record in wrong]


@pytest.fixture
def workspace(own_workspace: Path) -> Workspace:
    return Workspace.at(own_workspace)


@pytest.fixture
def services(workspace: Workspace) -> Services:
    return make_services(workspace)


@pytest.fixture
def dialogs() -> FakeDialogs:
    return FakeDialogs()


@pytest.fixture
def controller(services: Services, dialogs: FakeDialogs) -> Iterator[Controller]:
    """The verbs without a window."""
    state = AppState(Settings())
    controller: Controller

    def failed(error: BaseException) -> None:
        controller.show_error(error)

    jobs = Jobs(failed)
    controller = Controller(state, services, jobs, dialogs)
    yield controller
    jobs.close()


@pytest.fixture
def opened(controller: Controller, tmp_path: Path) -> Controller:
    """With a page of three digits that was read."""
    controller.opener.open_paths([picture_of_digits(tmp_path / "page.png")])
    finish(controller.jobs)
    controller.recognize()
    finish(controller.jobs)
    assert controller.state.digit_count == 3
    return controller


class Hand:
    """Drives a window as a person would."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.canvas = window.viewer.canvas

    def wait_until(self, condition: Callable[[], Any], timeout_s: float = 60) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, "it did not come about"
            self.window.root.update()
            time.sleep(0.002)

    def settle(self) -> None:
        """Until no work is under way and everything is painted."""
        self.wait_until(lambda: self.window.jobs.is_idle)
        self.window.root.update()

    def key(self, keysym: str, state: int = 0, widget: Any = None) -> None:
        target = widget or self.canvas
        target.focus_force()
        self.window.root.update()
        target.event_generate("<KeyPress>", keysym=keysym, state=state)
        target.event_generate("<KeyRelease>", keysym=keysym, state=state)
        self.window.root.update()

    def draw(self, *points: tuple[int, int], state: int = 0) -> None:
        """A stroke, in pixels of the canvas."""
        (x, y), *rest = points
        self.canvas.event_generate("<ButtonPress-1>", x=x, y=y, state=state)
        for x, y in rest:
            self.canvas.event_generate("<B1-Motion>", x=x, y=y, state=state | 0x100)
        self.canvas.event_generate("<ButtonRelease-1>", x=x, y=y, state=state | 0x100)
        self.window.root.update()

    def click(self, x: float, y: float, state: int = 0) -> None:
        self.draw((round(x), round(y)), state=state)

    def middle_of(self, index: int) -> tuple[float, float]:
        """Where a digit is on the canvas."""
        return self.window.viewer.view.to_canvas(*self.window.state.reading.digits[index].box.center)


@pytest.fixture
def open_hand(display: str, services: Services) -> Iterator[Callable[..., Hand]]:
    """Opens windows, with a stub for a model, and closes them."""
    from hdr.app.window import Window

    opened: list[Window] = []

    def open_one(pictures: Sequence[Path] = (), services: Services = services) -> Hand:
        window = Window(services, pictures)
        opened.append(window)
        hand = Hand(window)
        hand.wait_until(lambda: window.viewer.canvas.winfo_ismapped() and window.state.document.size != (0, 0))
        hand.wait_until(lambda: services.loaded is not None)
        hand.settle()
        return hand

    yield open_one
    for window in opened:
        window.close()


@pytest.fixture
def hand(open_hand: Callable[..., Hand]) -> Hand:
    return open_hand()


def labels_of(captures: Captures) -> str:
    """What is shown of the saved crops, a letter each."""
    return "".join(captures.cell(position).label for position in range(captures.count))


@pytest.fixture
def shown(open_hand: Callable[..., Hand], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hand:
    """The Train screen, on a computer without MNIST."""
    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    hand = open_hand()
    hand.key("F7")
    hand.wait_until(lambda: hand.window.controller.trainer.facts is not None)
    hand.settle()
    return hand


def picture_of_digits(path: Path, count: int = 3, rows: int = 1) -> Path:
    """A white page with upright bars in rows of so many, which are found as digits."""
    from hdr.vision.media import save_image

    page = np.full((160 * rows, 80 * count + 40, 3), 255, np.uint8)
    for index in range(count * rows):
        top, left = 40 + 160 * (index // count), 50 + 80 * (index % count)
        page[top : top + 80, left : left + 12] = 20
    save_image(path, page)
    return path
