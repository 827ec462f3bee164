"""Work is never lost: the journal's lines, and processes that are really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.app.controller import Controller
from hdr.app.document import Document
from hdr.app.jobs import Jobs
from hdr.app.journal import FOLDER, Journal, leftovers, read_lines
from hdr.app.record import Recorder, replay
from hdr.app.state import AppState
from hdr.classify.names import NOT_A_DIGIT
from hdr.settings import Settings
from hdr.vision.strokes import Stroke
from hdr.workspace import Workspace

from .conftest import REJECTED, FakeDialogs, Hand, finish, make_reading, make_services, picture_of_digits


def told(page: Document) -> Any:
    """All of a page that a person could tell apart."""
    digits = page.reading.digits if page.reading else ()
    return (
        (page.name, page.origin, page.path, page.size, page.strokes, page.stale, page.edited),
        [(d.box, d.row, d.corrected, d.prediction.labels, d.prediction.probabilities.tolist()) for d in digits],
        [d.crop.pixels.tolist() for d in digits],
    )


OPS = ("stroke", "read", "label", "none", "undo", "redo", "clear")


def do(state: AppState, op: str) -> None:
    if op == "stroke":
        state.add_stroke(Stroke(((1.25, 2.0), (3.0, 4.0 + len(state.document.strokes))), 5.0))
    elif op == "read":
        state.set_reading(state.document.key, make_reading(0.9, 0.4, REJECTED, rows=(0, 1, 1)))
    elif op in ("label", "none"):
        state.relabel("3" if op == "label" else NOT_A_DIGIT)
    else:
        getattr(state, op)()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(OPS), max_size=20), st.integers(0, 40))
def test_after_any_line_the_page_is_as_it_was_then(ops: list[str], cut: int) -> None:
    state, recorder = AppState(Settings()), Recorder()
    lines, pages = [], []
    for op in ops:
        do(state, op)
        line = recorder.line(state.document, saved=False)
        if line is not None:
            lines.append(json.loads(json.dumps(line)))
            pages.append(told(state.document))
    cut = min(cut, len(lines))
    found = replay(lines[:cut])
    assert (told(found[0]) if found else None) == (pages[cut - 1] if cut else None)


def test_a_label_is_a_short_line() -> None:
    state, recorder = AppState(Settings()), Recorder()
    state.set_reading(state.document.key, make_reading(*[0.9] * 100))
    recorder.line(state.document, saved=False)
    state.relabel("3")
    line = recorder.line(state.document, saved=False)
    assert line == {"digits": [[0, 0, 0, "3"]]}


@pytest.mark.parametrize(
    "line",
    [
        {"reading": {"size": [9, 9], "model": "", "digits": [[0, 0, None]]}},
        {"ink": [{"box": [0, 0, 3, 3], "shape": [10**6, 10**6]}]},
        {"ink": [{"box": [0, 0, 1, 1], "shape": [1, 1], "pixels": "", "labels": [], "probabilities": ""}]},
        {"ink": [{"box": [0, 0, 1, 1], "shape": [1, 1], "pixels": "eJxjAAAAAQAB", "labels": [], "probabilities": ""}]},
        {"size": "nonsense"},
        {"strokes": {"keep": 0, "add": [[1]]}},
    ],
)
def test_a_line_that_makes_no_sense_ends_the_story(line: dict[str, Any]) -> None:
    first = {"page": {"name": "a", "origin": "drawing", "path": None}, "size": [5, 6]}
    found = replay([first, line, {"size": [1, 1]}])
    assert found is not None
    assert found[0].size == (5, 6)
    assert replay([{"page": {"name": "a", "origin": "elsewhere", "path": None}}]) is None
    assert replay([line]) is None


def test_a_page_told_anew_stands_in_place_of_what_was_told_before() -> None:
    state = AppState(Settings())
    state.set_reading(state.document.key, make_reading(0.9))
    one = Recorder().line(state.document, saved=False)
    state.relabel("5")
    two = Recorder().line(state.document, saved=True)
    assert one is not None
    assert two is not None
    found = replay([one, two])
    assert found is not None
    assert (told(found[0]), found[1]) == (told(state.document), True)


def test_what_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":2}\n{"c":')
    assert read_lines(path) == [{"a": 1}, {"b": 2}]
    path.write_bytes(b'{"a":1}\nnonsense\n{"b":2}\n')
    assert read_lines(path) == [{"a": 1}]
    path.write_bytes(b"[1]\n")
    assert read_lines(path) == []
    assert read_lines(tmp_path / "gone") == []


def test_a_session_that_lives_is_let_alone_and_one_that_ended_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(1, {"a": 1})
    journal.keep_picture(1, b"png")
    journal.flush()
    assert leftovers(tmp_path) == []
    other = Journal(tmp_path)
    other.append(1, {"b": 1})
    other.close(keep=True)
    (left,) = leftovers(tmp_path)
    assert leftovers(tmp_path) == [], "it is held"
    left.release()
    (left,) = leftovers(tmp_path)
    assert [lines for lines, _ in left.pages()] == [[{"b": 1}]]
    left.remove()
    journal.drop(1)
    assert not list(journal.folder.glob("1.*"))
    journal.close()
    assert not (tmp_path / FOLDER).exists()


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, write = Journal(tmp_path), os.write
    journal.append(1, {"a": 1})
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:3]))
    with pytest.raises(OSError, match="space"):
        journal.append(1, {"b": 2})
    monkeypatch.undo()
    journal.append(1, {"c": 3})
    assert read_lines(journal.folder / "1.jsonl") == [{"a": 1}, {"c": 3}]
    journal.close()


def new_controller(workspace: Workspace) -> Controller:
    def failed(error: BaseException) -> None:
        controller.show_error(error)

    controller = Controller(AppState(Settings()), make_services(workspace), Jobs(failed), FakeDialogs())
    return controller


@pytest.fixture
def again(workspace: Workspace) -> Iterator[Callable[..., Controller]]:
    """Starts the app's verbs anew on the same captures, after what was there before "died"."""
    alive: list[Controller] = []

    def end(*, keep: bool) -> None:
        for one in alive:
            one.autosaver.close(keep=keep)
            one.jobs.close()

    def start(pictures: tuple[Path, ...] = ()) -> Controller:
        end(keep=True)
        alive[:] = [new_controller(workspace)]
        alive[0].start(pictures)
        finish(alive[0].jobs)
        return alive[0]

    yield start
    end(keep=False)


def test_the_next_start_has_the_page_as_it_was(again: Callable[..., Controller], tmp_path: Path) -> None:
    picture = picture_of_digits(tmp_path / "page.png")
    first = again((picture,))
    first.recognize()
    finish(first.jobs)
    first.state.relabel("3")
    first.state.relabel("4")
    first.undo()
    first.opener.add_picture(np.full((90, 80, 3), 200, np.uint8), "Pasted picture", "clipboard")
    first.state.set_reading(first.state.document.key, make_reading(0.9))
    first.state.relabel("1")
    finish(first.jobs)
    was = [told(page) for page in first.state.now.pages]
    second = again((picture,))
    assert [told(page) for page in second.state.now.pages] == was, "and the picture is not opened twice"
    assert second.state.notice is not None
    assert "2 pages are back" in second.state.notice.message
    assert len(second.state.unsaved_pages) == 2
    third = again()
    assert [told(page) for page in third.state.now.pages] == was, "what was brought back is kept on"
    assert third.state.images[third.state.now.pages[1].key].shape == (90, 80, 3)


def test_what_was_saved_or_undone_is_not_offered(again: Callable[..., Controller], tmp_path: Path) -> None:
    first = again((picture_of_digits(tmp_path / "page.png"),))
    first.recognize()
    finish(first.jobs)
    first.state.relabel("3")
    first.save()
    finish(first.jobs)
    first.state.new_drawing()
    first.state.add_stroke(Stroke(((1.0, 2.0),), 3.0))
    first.undo()
    second = again()
    assert second.state.document.is_blank
    assert second.state.notice is None


def test_a_full_disk_is_told_once_and_all_is_written_when_there_is_room(
    again: Callable[..., Controller], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again()
    append = Journal.append

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "append", full)
    first.state.add_stroke(Stroke(((1.0, 2.0),), 3.0))
    assert first.state.notice is not None
    assert "No space left" in first.state.notice.message
    first.state.hush()
    first.state.add_stroke(Stroke(((2.0, 2.0),), 3.0))
    assert first.state.notice is None
    monkeypatch.setattr(Journal, "append", append)
    first.state.add_stroke(Stroke(((3.0, 2.0),), 3.0))
    second = again()
    assert len(second.state.document.strokes) == 3


def test_a_picture_that_cannot_be_kept_or_found_is_told(
    again: Callable[..., Controller], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "keep_picture", full)
    first.opener.add_picture(np.full((200, 400, 3), 200, np.uint8), "Pasted picture", "clipboard")
    first.state.set_reading(first.state.document.key, make_reading(0.9))
    first.state.relabel("1")
    finish(first.jobs)
    assert first.state.notice is not None
    assert "crash" in first.state.notice.message
    second = again()
    assert second.state.document.corrections == 1
    assert second.state.document.key in second.state.missing


def test_an_unexpected_failure_stays_one(controller: Controller) -> None:
    with pytest.raises(ZeroDivisionError):
        controller.autosaver._no_picture(ZeroDivisionError())


KILLED = """
import os, sys
from pathlib import Path
from hdr.app.window import Window
from tests.app.conftest import Hand, make_services, picture_of_digits
from hdr.workspace import Workspace
home, keys = Path(sys.argv[1]), sys.argv[2]
window = Window(make_services(Workspace.at(home)), [picture_of_digits(home / "page.png", 5)])
hand = Hand(window)
hand.wait_until(lambda: window.services.loaded is not None and window.state.images)
hand.settle()
hand.key("Return")
hand.settle()
for key in keys:
    hand.key(key)
    print(key, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.gui
def test_a_window_that_is_killed_comes_back_with_every_key(open_hand: Callable[..., Hand], own_workspace: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    home = own_workspace
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), "314"], capture_output=True, text=True, cwd=root, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["3", "1", "4"]
    hand = open_hand(services=make_services(Workspace.at(home)))
    hand.wait_until(lambda: hand.window.state.document.name == "page.png")
    hand.settle()
    state = hand.window.state
    assert sorted(digit.corrected or "" for digit in state.reading.digits) == ["", "", "1", "3", "4"]
    assert hand.window.viewer.painter.photo is not None
    hand.key("5")
    assert state.document.corrections == 4


WORKS_ON = """
import sys
from pathlib import Path
from hdr.app.controller import Controller
from hdr.classify.names import CANNOT_TELL
from hdr.app.jobs import Jobs
from hdr.app.state import AppState
from hdr.settings import Settings
from hdr.workspace import Workspace
from tests.app.conftest import FakeDialogs, finish, make_services
def failed(error):
    raise error
services = make_services(Workspace.at(Path(sys.argv[1])))
controller = Controller(AppState(Settings()), services, Jobs(failed), FakeDialogs())
controller.start([Path(sys.argv[2])])
finish(controller.jobs)
controller.recognize()
finish(controller.jobs)
state, editor = controller.state, controller.editor
editor.draw(state.reading.digits[0].box.shifted(1, 1))
finish(controller.jobs)
for count in range(100_000):
    print(count, flush=True)
    state.select(count % state.digit_count)
    (state.confirm, lambda: state.relabel(CANNOT_TELL), lambda: editor.move(1, 0), lambda: editor.move(-1, 0)
     )[count % 4]()
    state.select(0)
    state.relabel(str(count))
"""


def test_killed_at_any_moment_at_most_the_last_change_is_lost(
    again: Callable[..., Controller], own_workspace: Path
) -> None:
    root = Path(__file__).resolve().parents[2]
    picture = picture_of_digits(own_workspace / "page.png")
    command = [sys.executable, "-c", WORKS_ON, str(own_workspace), str(picture)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            if int(line) == 137:
                break
        worker.kill()
        done = [int(line) for line in worker.stdout.read().split()] or [137]
    controller = again()
    assert controller.state.reading is not None
    assert controller.state.digit_count == 4
    label = controller.state.reading.digits[0].corrected
    assert label is not None
    assert int(label) in (done[-1], done[-1] - 1)
