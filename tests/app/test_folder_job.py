"""A folder as a job: its pages in order, what is done, left and taken up again; and what was saved comes back."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hdr.app.controller import Controller
from hdr.app.folder_job import FOLDER, FolderJob
from hdr.app.jobs import Jobs
from hdr.app.journal import FOLDER as JOURNALS
from hdr.app.recalling import recall
from hdr.app.state import AppState
from hdr.classify.names import NOT_A_DIGIT
from hdr.data.pages import Page, PageDigit
from hdr.geometry import Box
from hdr.reading.results import Digit
from hdr.settings import Settings
from hdr.workspace import Workspace

from .conftest import REJECTED, FakeDialogs, Hand, finish, make_digit, make_reading, make_services, picture_of_digits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With three pictures, and what is none."""
    place = tmp_path / "pictures"
    place.mkdir()
    for name, count in (("10.png", 2), ("9.png", 3), ("a.png", 1)):
        picture_of_digits(place / name, count)
    (place / "notes.txt").write_text("no picture")
    (place / ".hidden.png").write_text("nor this")
    return place


def test_pictures_come_as_a_person_orders_them(tmp_path: Path, folder: Path) -> None:
    assert [path.name for path in FolderJob.of(tmp_path, folder).pictures()] == ["9.png", "10.png", "a.png"]


def test_what_is_done_is_remembered_until_the_picture_changes(tmp_path: Path, folder: Path) -> None:
    job = FolderJob.of(tmp_path, folder)
    assert job.done() == set()
    job.finish(folder / "9.png")
    FolderJob.of(tmp_path, folder / ".." / "pictures").finish(folder / "a.png")
    job.finish(folder / "gone.png")
    assert job.done() == {folder / "9.png", folder / "a.png"}
    os.utime(folder / "9.png", ns=(time.time_ns(), 7))
    assert job.done() == {folder / "a.png"}
    for nonsense in ("[]", '{"done": {"a.png": 3}}', "\xff"):
        job.file.write_text(nonsense, encoding="latin-1")
        assert job.done() == set()


@pytest.fixture
def start(workspace: Workspace) -> Iterator[Callable[[], tuple[Controller, FakeDialogs]]]:
    """Starts the app's verbs anew on the same captures."""
    begun: list[Controller] = []

    def start() -> tuple[Controller, FakeDialogs]:
        for one in begun:
            one.autosaver.close()

        def failed(error: BaseException) -> None:
            controller.show_error(error)

        dialogs = FakeDialogs()
        controller = Controller(AppState(Settings()), make_services(workspace), Jobs(failed), dialogs)
        controller.start()
        finish(controller.jobs)
        begun.append(controller)
        return controller, dialogs

    yield start
    for one in begun:
        one.autosaver.close()
        one.jobs.close()


Start = Callable[[], tuple[Controller, FakeDialogs]]


def test_a_job_is_left_and_taken_up_again(start: Start, folder: Path, workspace: Workspace) -> None:
    first, dialogs = start()
    dialogs.pictures = [folder]
    first.opener.open_folder()
    finish(first.jobs)
    state = first.state
    assert [page.name for page in state.now.pages] == ["9.png", "10.png", "a.png"]
    assert state.digit_count == 3, "a page of a job is read by itself"
    state.relabel("4")
    first.finish_page()
    finish(first.jobs)
    assert (state.document.name, state.done_count) == ("10.png", 1)
    state.relabel("5")
    first.save()
    finish(first.jobs)
    assert state.done_count == 1, "one digit is left to confirm"

    second, dialogs = start()
    second.opener.open_paths([folder])
    finish(second.jobs)
    state = second.state
    assert (state.document.name, state.done_count) == ("10.png", 1)
    assert state.reading is not None
    assert sorted(digit.label for digit in state.reading.digits) == ["5", "7"]
    assert (state.document.left, state.document.corrections) == (1, 1)
    second.finish_page()
    finish(second.jobs)
    assert state.document.name == "a.png"
    second.finish_page()
    finish(second.jobs)
    assert state.notice is not None
    assert state.notice.message == "All 3 pages are done."
    second.next_unfinished()
    assert state.notice.message == "Every page is done."
    assert len(list((workspace.captures / FOLDER).iterdir())) == 1

    state.show(0)
    finish(second.jobs)
    assert state.is_done(state.document), "it comes back as it was saved"
    state.select(0)
    state.relabel(None)
    assert not state.is_done(state.document)
    second.next_unfinished()
    assert state.document.name == "9.png"


def test_a_page_without_digits_is_done_as_well(start: Start, folder: Path) -> None:
    controller, _ = start()
    controller.services.read = lambda image, classifier, settings: dataclasses.replace(
        make_reading(REJECTED), size=image.shape[1::-1]
    )
    controller.opener.open_job(folder)
    finish(controller.jobs)
    controller.finish_page()
    finish(controller.jobs)
    assert controller.state.document.name == "10.png"
    assert controller.state.done_count == 1


def test_done_on_a_page_that_was_not_read_reads_it(start: Start, tmp_path: Path) -> None:
    controller, _ = start()
    controller.opener.open_paths([picture_of_digits(tmp_path / "one.png")])
    finish(controller.jobs)
    controller.finish_page()
    finish(controller.jobs)
    assert controller.state.document.left == 3
    controller.finish_page()
    finish(controller.jobs)
    assert controller.state.notice is not None
    assert controller.state.notice.message == "This page is done."


def test_a_folder_that_is_empty_gone_or_not_chosen(start: Start, tmp_path: Path) -> None:
    controller, _ = start()
    controller.opener.open_folder()
    assert controller.state.notice is None
    (tmp_path / "empty").mkdir()
    controller.opener.open_job(tmp_path / "empty")
    assert "no pictures" in str(controller.state.notice)
    controller.opener.open_job(tmp_path / "gone")
    assert "cannot be opened" in str(controller.state.notice)


def test_a_page_that_is_open_already_joins_the_job(start: Start, folder: Path) -> None:
    controller, _ = start()
    controller.opener.open_paths([folder / "a.png"])
    finish(controller.jobs)
    controller.opener.open_job(folder)
    finish(controller.jobs)
    assert sorted(page.name for page in controller.state.now.pages) == ["10.png", "9.png", "a.png"]


def test_that_a_job_cannot_be_kept_does_not_stop_it(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    controller, _ = start()
    controller.opener.open_job(folder)
    finish(controller.jobs)
    monkeypatch.setattr(FolderJob, "finish", fail)
    controller.finish_page()
    finish(controller.jobs)
    assert controller.state.document.name == "10.png"


def test_a_page_whose_captures_cannot_be_read_is_read_anew(start: Start, folder: Path, workspace: Workspace) -> None:
    controller, _ = start()
    controller.opener.open_paths([folder / "a.png"])
    finish(controller.jobs)
    controller.recognize()
    finish(controller.jobs)
    controller.save()
    finish(controller.jobs)
    (page,) = (workspace.captures / "_pages").glob("*.json")
    page.write_text("nonsense")
    second, _ = start()
    second.opener.open_paths([folder / "a.png"])
    finish(second.jobs)
    second.recognize()
    finish(second.jobs)
    assert second.state.digit_count == 1
    assert second.state.notice is None


def page_of(*entries: tuple[Box, str, int, bool]) -> Page:
    digits = tuple(PageDigit(label, box, n, row, by_person=said) for n, (box, label, row, said) in enumerate(entries))
    return Page("0" * 16, (400, 200), digits)


def read_none(boxes: Any) -> list[Digit]:
    assert not boxes
    return []


def read_new(boxes: Any) -> list[Digit]:
    made = [make_digit(0) for _ in boxes]
    return [
        dataclasses.replace(digit, crop=dataclasses.replace(digit.crop, box=box))
        for digit, box in zip(made, boxes, strict=True)
    ]


def test_what_was_said_of_a_page_comes_back() -> None:
    reading = make_reading(0.9, 0.8, REJECTED)
    first, second = (digit.box for digit in reading.digits[:2])
    told = recall(reading, page_of((first, "3", 0, True), (second, "7", 1, False)), read_none)
    assert [(d.row, d.corrected) for d in told.kept] == [(0, "3"), (1, None)]
    assert len(told.rejected) == 1


def test_boxes_that_were_changed_drawn_or_deleted_come_back_so() -> None:
    reading = make_reading(0.9, 0.8, 0.7)
    moved = reading.digits[0].box.shifted(2, 1)
    drawn = Box(300, 100, 320, 130)
    told = recall(reading, page_of((moved, "3", 0, True), (drawn, NOT_A_DIGIT, 1, True)), read_new)
    assert [(d.box, d.corrected) for d in told.digits] == [(moved, "3"), (drawn, NOT_A_DIGIT)]
    unsure = recall(reading, page_of((moved, "3", 0, True), (drawn, "8", 1, False)), read_new)
    assert len(unsure.digits) == 4, "what nobody spoke of is shown again while not all is confirmed"


@pytest.mark.gui
def test_a_folder_in_the_window(open_hand: Callable[..., Hand], folder: Path) -> None:
    hand = open_hand([folder])
    hand.wait_until(lambda: hand.window.state.digit_count == 3)
    hand.key("4")
    hand.key("Return", 0x4)
    hand.settle()
    hand.wait_until(lambda: hand.window.state.document.name == "10.png")
    assert hand.window.pages.count.cget("text") == "2 / 3  ·  1 done"
    hand.key("n")
    hand.settle()
    assert hand.window.state.document.name == "a.png"


def test_what_the_app_keeps_beside_the_captures_is_nothing_amiss(
    start: Start, folder: Path, workspace: Workspace
) -> None:
    from hdr.data.captures import CaptureStore
    from hdr.data.checking import check

    controller, _ = start()
    controller.opener.open_job(folder)
    finish(controller.jobs)
    controller.finish_page()
    finish(controller.jobs)
    assert (workspace.captures / FOLDER).is_dir()
    assert (workspace.captures / JOURNALS).is_dir()
    assert not list(check(CaptureStore(workspace.captures)))
