"""The saved crops: what is shown, what is done to their files, and the way back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hdr.app.captures import Captures
from hdr.app.controller import Controller
from hdr.app.found import DOUBLES, MISTAKES
from hdr.app.jobs import Job
from hdr.data.captures import CaptureStore
from hdr.data.mistakes import Mistakes
from hdr.errors import HdrError
from hdr.workspace import Workspace

from .conftest import finish, labels_of, picture_of_digits


def save_page(controller: Controller, path: Path, labels: str) -> None:
    controller.opener.open_paths([path])
    finish(controller.jobs)
    controller.recognize()
    finish(controller.jobs)
    for index, label in enumerate(labels):
        controller.state.select(index)
        controller.state.relabel(label)
    controller.save()
    finish(controller.jobs)


@pytest.fixture
def captures(controller: Controller, tmp_path: Path) -> Captures:
    """A page of 7, 3, 3, of which the model took all for 7; the 7 is not confirmed."""
    path = picture_of_digits(tmp_path / "page.png")
    save_page(controller, path, "")
    for index in (1, 2):
        controller.state.select(index)
        controller.state.relabel("3")
    controller.save()
    finish(controller.jobs)
    controller.toggle_screen("captures")
    controller.captures.load()
    finish(controller.jobs)
    return controller.captures


def test_crops_are_shown_with_what_the_model_says(captures: Captures) -> None:
    assert labels_of(captures) == "337"
    first, last = captures.cell(0), captures.cell(2)
    assert (first.other, first.confirmed) == ("7", True)
    assert (last.other, last.confirmed) == ("", False)


def test_filters_and_orders(captures: Captures) -> None:
    captures.toggle_label("3")
    assert labels_of(captures) == "33"
    captures.toggle_label("3")
    captures.show_only(confirmed=False)
    assert labels_of(captures) == "7"
    captures.show_only(confirmed=None, disagrees=True)
    assert labels_of(captures) == "33"
    captures.show_only(disagrees=None, text="page.png")
    assert captures.count == 3
    captures.show_only(text="elsewhere")
    assert (captures.count, captures.paths, captures.chosen) == (0, [], set())
    captures.step(1)
    captures.pick(0)
    captures.relabel("1")
    captures.show_only(text="")
    captures.order_by("newest")
    assert captures.count == 3


def test_likely_mistakes_come_first(captures: Captures, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Mistakes(np.array([2, 0]), np.array([1, 0]), np.array([1.5, -1.0]), 1)
    monkeypatch.setattr("hdr.data.mistakes.find_capture_mistakes", lambda index, progress=None: found)
    captures.order_by(MISTAKES)
    assert captures.count == 0
    finish(captures.jobs)
    assert labels_of(captures) == "73"
    assert captures.index is not None
    assert captures.cell(0).other == captures.index.labels[1]
    assert captures.cell(1).other == ""
    assert captures.state.notice is not None
    assert captures.state.notice.message.startswith("1 label looks wrong")
    path = captures.cell(0).path
    captures.pick(0)
    captures.relabel("0")
    finish(captures.jobs)
    assert captures.cell(0).path.name == path.name, "what was found out holds for crops that were moved"
    assert captures.cell(0).other == "7"
    captures.discard()
    finish(captures.jobs)
    assert captures.count == 1


def test_the_model_in_use_is_asked(captures: Captures) -> None:
    assert captures.index is not None
    captures.show_by_model(True)
    finish(captures.jobs)
    assert captures.index.opinion is not None
    assert captures.index.opinion.model == "stub"
    assert labels_of(captures) == "33"
    captures.pick(0)
    captures.relabel("7")
    finish(captures.jobs)
    assert captures.index.opinion is not None
    assert labels_of(captures) == "3", "it is asked again, and remembers"
    captures.show_by_model(None)
    assert captures.count == 3


def test_looking_is_stopped_and_all_is_shown_again(captures: Captures) -> None:
    assert not captures.stop()
    captures.order_by(DOUBLES)
    assert captures.count == 0
    assert captures.stop()
    assert (captures.by, captures.count) == ("label", 3)


def test_what_takes_long_can_be_stopped() -> None:
    from hdr.app.finding import _progress

    job = Job("a", "b", lambda _: None, lambda _: None, lambda _: None)
    _progress(job)(1, 2)
    assert job.fraction == 0.5
    job.cancelled.set()
    with pytest.raises(HdrError, match="Stopped"):
        _progress(job)(2, 2)


def test_doubles_stand_side_by_side(captures: Captures, workspace: Workspace) -> None:
    source = captures.cell(0).path
    twin = workspace.captures / "3" / "twin.png"
    twin.write_bytes(source.read_bytes())
    captures.order_by(DOUBLES)
    assert captures.is_looking
    captures.load()
    finish(captures.jobs)
    assert not captures.is_looking
    shown = {captures.cell(position).path for position in range(captures.count)}
    assert {source, twin} <= shown
    assert captures.state.notice is not None
    assert "more than once" in captures.state.notice.message
    captures.pick(0)
    captures.discard()
    finish(captures.jobs)
    assert {captures.cell(position).path for position in range(captures.count)} < shown


def test_a_label_goes_to_the_file_and_back(captures: Captures, workspace: Workspace) -> None:
    captures.pick(0)
    captures.relabel("5")
    finish(captures.jobs)
    assert labels_of(captures) == "357"
    assert captures.cursor == 0, "on the crop that was next"
    assert CaptureStore(workspace.captures).counts() == {"3": 1, "5": 1, "7": 1}
    captures.changes.undo()
    captures.changes.redo()
    captures.changes.undo()
    finish(captures.jobs)
    assert labels_of(captures) == "337"
    captures.changes.redo()
    finish(captures.jobs)
    assert labels_of(captures) == "357"
    captures.changes.redo()
    captures.changes.undo()
    captures.changes.undo()
    finish(captures.jobs)
    assert labels_of(captures) == "337"


def test_all_are_confirmed(captures: Captures) -> None:
    captures.pick_all()
    captures.confirm()
    finish(captures.jobs)
    assert all(captures.cell(position).confirmed for position in range(3))


def test_the_recycle_bin_and_back(captures: Captures) -> None:
    captures.pick(0)
    captures.pick(2, add=True)
    captures.restore()
    assert captures.chosen == {0, 2}
    captures.discard()
    finish(captures.jobs)
    assert labels_of(captures) == "3"
    captures.show_bin(True)
    finish(captures.jobs)
    assert labels_of(captures) == "37"
    for nothing in (captures.discard, captures.confirm, lambda: captures.relabel("1")):
        nothing()
    assert not captures.jump()
    captures.pick_all()
    captures.restore()
    finish(captures.jobs)
    assert captures.count == 0
    captures.show_bin(False)
    finish(captures.jobs)
    assert labels_of(captures) == "337"


def test_a_file_that_is_gone_is_told(captures: Captures) -> None:
    captures.pick(0)
    captures.paths[0].unlink()
    captures.relabel("5")
    finish(captures.jobs)
    assert captures.state.notice is not None
    assert captures.state.notice.kind == "error"


def test_to_the_page_and_its_box(captures: Captures, controller: Controller) -> None:
    state = controller.state
    captures.pick(1)
    box = captures.index.row(int(captures.rows[1])).box if captures.index else None
    assert captures.jump()
    finish(controller.jobs)
    assert state.document.name == "page.png"
    assert state.reading is not None
    assert state.focus is not None
    assert state.reading.digits[state.focus].box == box
    assert state.document.corrections == 2
    pages = len(state.now.pages)
    captures.pick(2)
    assert captures.jump()
    finish(controller.jobs)
    assert len(state.now.pages) == pages, "it is open already"
    assert state.reading.digits[state.focus].label == "7"
    state.relabel("1")
    controller.state.use_screen("pages")
    controller.save()
    finish(controller.jobs)
    page = next(iter(CaptureStore(controller.services.workspace.captures).list())).page
    assert page is not None
    assert page.read_text().count("page.png") == 1, "where it came from is not forgotten"
    page.with_suffix(".png").unlink()
    controller.captures.load()
    finish(controller.jobs)
    assert not captures.jump()


def test_keys_of_the_page_do_nothing_while_it_is_not_seen(captures: Captures, controller: Controller) -> None:
    from hdr.app.keyboard import Keyboard

    before = controller.state.document
    Keyboard(controller).press("5")
    assert controller.state.document is before
    Keyboard(controller).press("F6")
    assert controller.state.screen == "pages"
