from __future__ import annotations

import io
import logging
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageGrab

from hdr.app.asking import ExportChoice
from hdr.app.controller import Controller
from hdr.app.services import EXPORT_FORMATS, Services, _grab_clipboard
from hdr.app.session import Notice
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import NOT_A_DIGIT
from hdr.data.captures import CaptureStore
from hdr.data.formats import FORMATS
from hdr.errors import CaptureError, HdrError, ImageError
from hdr.vision.strokes import Stroke
from hdr.workspace import Workspace

from .conftest import FakeDialogs, finish, picture_of_digits

BAR = Stroke(((50.0, 40.0), (50.0, 120.0)), 10.0)
BAR_2 = Stroke(((120.0, 40.0), (120.0, 120.0)), 10.0)


def draw(controller: Controller, *strokes: Stroke) -> None:
    controller.state.resize_paper((240, 160))
    for stroke in strokes:
        controller.pen_up(stroke)
    finish(controller.jobs)


def read(controller: Controller) -> None:
    controller.recognize()
    finish(controller.jobs)


def notice(controller: Controller) -> Notice:
    assert controller.state.notice is not None
    return controller.state.notice


def test_starting_loads_the_model_counts_and_opens(controller: Controller, tmp_path: Path) -> None:
    controller.start([picture_of_digits(tmp_path / "a.png")])
    finish(controller.jobs)
    assert controller.state.model == "stub"
    assert controller.state.document.name == "a.png"
    assert controller.state.document.size == (280, 160)


def test_a_model_in_use_that_is_gone_is_told(controller: Controller, workspace: Workspace) -> None:
    workspace.models.mkdir(parents=True)
    (workspace.models / "current").write_text("mine\n")
    controller.start()
    finish(controller.jobs)
    assert "'mine', is not there any more; stub reads" in notice(controller).message


def test_reading_a_drawing(controller: Controller) -> None:
    draw(controller, BAR, BAR_2)
    read(controller)
    assert controller.state.reading is not None
    assert controller.state.reading.text == "77"
    assert controller.state.undo_name == "recognize"


def test_a_stroke_drawn_while_the_page_was_read_leaves_the_reading_behind(controller: Controller) -> None:
    draw(controller, BAR)
    controller.recognize()
    controller.pen_up(BAR_2)
    finish(controller.jobs)
    assert controller.state.digit_count == 1
    assert controller.state.document.stale


def test_with_nothing_drawn_there_is_nothing_to_read(controller: Controller) -> None:
    controller.recognize()
    assert "nothing to read" in notice(controller).message


def test_a_page_without_digits_says_what_to_try(controller: Controller) -> None:
    controller.opener.add_picture(np.full((50, 50, 3), 255, np.uint8), "white", "clipboard")
    read(controller)
    assert notice(controller).message.startswith("No digit was found")
    controller.save()
    finish(controller.jobs)
    assert not (controller.services.workspace.captures).exists()


def test_a_page_that_is_hard_to_read_says_why_once(controller: Controller, tmp_path: Path) -> None:
    controller.services._classifier = StubClassifier(["7"], 0.5)
    page = cv2.GaussianBlur(cv2.imread(str(picture_of_digits(tmp_path / "page.png"))), (0, 0), 9)
    cv2.imwrite(str(tmp_path / "blurred.png"), page)
    controller.opener.open_paths([tmp_path / "blurred.png"])
    finish(controller.jobs)
    read(controller)
    assert "out of focus" in notice(controller).message
    assert "focus" in notice(controller).hint
    controller.state.hush()
    read(controller)
    assert controller.state.notice is None


def test_a_page_without_digits_says_why_where_that_is_known(controller: Controller, tmp_path: Path) -> None:
    page = cv2.imread(str(picture_of_digits(tmp_path / "page.png"))) // 60
    cv2.imwrite(str(tmp_path / "dark.png"), page)
    controller.opener.open_paths([tmp_path / "dark.png"])
    finish(controller.jobs)
    read(controller)
    assert notice(controller).message == "No digit was found on this page."
    assert "very dark" in notice(controller).hint or "stands out" in notice(controller).hint


def test_reading_by_itself_after_each_stroke_is_no_step_of_its_own(controller: Controller) -> None:
    controller.toggle_auto()
    draw(controller, BAR)
    assert controller.state.digit_count == 1
    draw(controller, BAR_2)
    assert controller.state.digit_count == 2
    controller.undo()
    finish(controller.jobs)
    assert len(controller.state.document.strokes) == 1
    assert controller.state.digit_count == 1
    controller.redo()
    finish(controller.jobs)
    assert controller.state.digit_count == 2


def test_by_itself_goes_for_pictures_opened_as_well(controller: Controller, tmp_path: Path) -> None:
    controller.toggle_auto()
    controller.opener.open_paths([picture_of_digits(tmp_path / "a.png")])
    finish(controller.jobs)
    assert controller.state.digit_count == 3


def test_opening_asks_and_remembers_the_folder(controller: Controller, dialogs: FakeDialogs, tmp_path: Path) -> None:
    controller.opener.open()
    assert controller.state.document.is_blank
    dialogs.pictures = [picture_of_digits(tmp_path / "a.png"), picture_of_digits(tmp_path / "b.png")]
    controller.opener.open()
    finish(controller.jobs)
    assert controller.state.settings.app.last_folder == str(tmp_path)
    assert [page.name for page in controller.state.now.pages] == ["a.png", "b.png"]
    assert controller.state.undo_name == "open 2 pictures"


def test_a_file_that_is_no_picture_says_so_and_leaves_no_page(controller: Controller, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    draw(controller, BAR)
    controller.opener.open_paths([path])
    finish(controller.jobs)
    assert notice(controller).kind == "error"
    assert "notes.txt" in notice(controller).message
    assert len(controller.state.document.strokes) == 1


def test_pictures_that_cannot_be_read_are_told_together(controller: Controller, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.txt" for name in "abcde"]
    for path in paths:
        path.write_text("hello")
    controller.opener.open_paths([*paths, picture_of_digits(tmp_path / "good.png")])
    finish(controller.jobs)
    assert notice(controller).message == "5 pictures could not be opened: a.txt, b.txt, c.txt and 2 more."
    assert "e.txt" in notice(controller).hint
    assert [page.name for page in controller.state.now.pages] == ["good.png"]
    controller.opener.open_paths(paths[:1])
    finish(controller.jobs)
    assert "a.txt is not a picture" in notice(controller).message, "earlier ones are not told again"


def test_opening_that_is_stopped_leaves_no_page(controller: Controller, tmp_path: Path) -> None:
    draw(controller, BAR)
    controller.opener.open_paths([picture_of_digits(tmp_path / "a.png")])
    controller.stop()
    finish(controller.jobs)
    assert [page.name for page in controller.state.now.pages] == ["Drawing"]
    assert controller.state.undo_name == "stroke"


def test_a_picture_that_is_gone_is_missed_until_it_is_back(controller: Controller, tmp_path: Path) -> None:
    paths = [picture_of_digits(tmp_path / f"{name}.png", 2) for name in "ab"]
    controller.opener.open_paths(paths)
    finish(controller.jobs)
    read(controller)
    controller.state.turn(1)
    finish(controller.jobs)
    paths[0].unlink()
    controller.state.turn(-1)
    finish(controller.jobs)
    assert controller.state.missing == {controller.state.document.key}
    controller.state.turn(1)
    finish(controller.jobs)
    picture_of_digits(paths[0], 2)
    controller.state.turn(-1)
    finish(controller.jobs)
    assert not controller.state.missing
    assert controller.state.digit_count == 2


def test_corrections_outlive_their_file(controller: Controller, tmp_path: Path) -> None:
    paths = [picture_of_digits(tmp_path / f"{name}.png", 2) for name in "abc"]
    controller.opener.open_paths(paths)
    for _ in range(2):
        finish(controller.jobs)
        read(controller)
        controller.state.turn(1)
    finish(controller.jobs)
    controller.state.turn(-1)
    finish(controller.jobs)
    controller.state.relabel("1")
    for path in paths:
        path.unlink()
    controller.state.turn(-1)
    finish(controller.jobs)
    assert notice(controller).kind == "error"
    assert controller.state.digit_count == 2, "what was read stays"
    controller.state.hush()
    controller.state.turn(1)
    controller.save()
    finish(controller.jobs)
    assert controller.state.counts == {"1": 1, "7": 1}


def test_the_next_page_is_loaded_when_it_is_shown(controller: Controller, tmp_path: Path) -> None:
    controller.opener.open_paths([picture_of_digits(tmp_path / "a.png", 1), picture_of_digits(tmp_path / "b.png", 2)])
    finish(controller.jobs)
    read(controller)
    controller.state.turn(1)
    finish(controller.jobs)
    read(controller)
    assert controller.state.digit_count == 2
    controller.state.turn(-1)
    finish(controller.jobs)
    assert controller.state.digit_count == 1


@pytest.mark.parametrize("form", ["{path}", '"{path}"', "file://{path}"])
def test_pasting_a_path(controller: Controller, dialogs: FakeDialogs, tmp_path: Path, form: str) -> None:
    dialogs.text = form.format(path=picture_of_digits(tmp_path / "a.png"))
    controller.opener.paste()
    finish(controller.jobs)
    assert controller.state.document.name == "a.png"


@pytest.mark.parametrize("text", ["", "hello\nworld", "x" * 5000, "nul\0byte"])
def test_pasting_any_other_text(controller: Controller, dialogs: FakeDialogs, text: str) -> None:
    dialogs.text = text
    controller.opener.paste()
    finish(controller.jobs)
    assert "no picture on the clipboard" in notice(controller).message


def test_pasting_a_picture(controller: Controller) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(buffer, "PNG")
    controller.services.grab_clipboard = buffer.getvalue
    controller.opener.paste()
    finish(controller.jobs)
    assert controller.state.document.origin == "clipboard"
    assert controller.state.document.size == (30, 20)
    assert controller.state.undo_name == "paste"
    controller.undo()
    controller.redo()
    assert controller.state.images[controller.state.document.key].shape == (20, 30, 3)


def test_pasting_copied_files(controller: Controller, tmp_path: Path) -> None:
    path = picture_of_digits(tmp_path / "a.png")
    controller.services.grab_clipboard = lambda: [path]
    controller.opener.paste()
    finish(controller.jobs)
    assert controller.state.document.path == path


@pytest.mark.parametrize(
    ("error", "told"), [(NotImplementedError("xclip"), "small helper program"), (OSError("bad"), "cannot be used")]
)
def test_a_clipboard_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, error: Exception, told: str) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(ImageGrab, "grabclipboard", fail)
    with pytest.raises(ImageError, match=told):
        _grab_clipboard()


def test_what_the_clipboard_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: None)
    assert _grab_clipboard() is None
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: ["/a/b.png"])
    assert _grab_clipboard() == [Path("/a/b.png")]
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: Image.new("L", (2, 2)))
    assert isinstance(found := _grab_clipboard(), bytes)
    assert found.startswith(b"\x89PNG")


def test_a_snapshot_becomes_a_page(controller: Controller, dialogs: FakeDialogs) -> None:
    controller.opener.snapshot()
    assert controller.state.document.is_drawing
    dialogs.taken = np.zeros((48, 64, 3), np.uint8), "Snapshot, Front"
    controller.opener.snapshot()
    assert controller.state.document.origin == "camera"
    assert controller.state.document.name == "Snapshot, Front"


def test_saving_keeps_the_crops_by_label_and_the_page(controller: Controller) -> None:
    draw(controller, BAR, BAR_2)
    read(controller)
    controller.state.relabel("1")
    assert controller.state.unsaved_pages
    controller.save()
    finish(controller.jobs)
    captures = controller.services.workspace.captures
    assert len(list((captures / "1").glob("*.png"))) == 1
    assert len(list((captures / "7").glob("*.png"))) == 1
    assert len(list((captures / "_pages").glob("*.png"))) == 1
    assert controller.state.counts == {"1": 1, "7": 1}
    assert not controller.state.unsaved_pages
    assert notice(controller).kind == "done"
    assert "2 digits" in notice(controller).message


def test_saving_twice_doubles_nothing(controller: Controller) -> None:
    draw(controller, BAR)
    for label in ("1", "1", NOT_A_DIGIT):
        controller.save()
        finish(controller.jobs)
        controller.state.select(0)
        controller.state.relabel(label)
    controller.save()
    finish(controller.jobs)
    assert controller.state.counts == {NOT_A_DIGIT: 1}


def test_saving_what_was_not_read_reads_it_first(controller: Controller) -> None:
    draw(controller, BAR)
    controller.save()
    finish(controller.jobs)
    assert controller.state.counts == {"7": 1}
    draw(controller, BAR_2)
    assert controller.state.document.stale
    controller.save()
    finish(controller.jobs)
    assert controller.state.digit_count == 2


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), CaptureError("The folder is locked.")])
def test_a_save_that_fails_leaves_the_page_unsaved(controller: Controller, error: Exception) -> None:
    class Full(CaptureStore):
        def save(self, *args: Any, **values: Any) -> None:
            raise error

        def counts(self) -> dict[str, int]:
            return {}

    draw(controller, BAR)
    read(controller)
    controller.state.relabel("1")
    controller.services.open_store = Full
    controller.save()
    finish(controller.jobs)
    assert notice(controller).kind == "error"
    assert "No space left" in notice(controller).message or "locked" in notice(controller).message
    assert controller.state.unsaved_pages == [controller.state.document]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="a folder cannot be locked for this user")
def test_a_folder_that_cannot_be_written(controller: Controller, workspace: Workspace) -> None:
    workspace.captures.mkdir(parents=True)
    workspace.captures.chmod(0o500)
    draw(controller, BAR)
    controller.save()
    finish(controller.jobs)
    assert notice(controller).kind == "error"


def test_captures_that_are_a_file(controller: Controller, workspace: Workspace) -> None:
    workspace.captures.parent.mkdir(parents=True, exist_ok=True)
    workspace.captures.write_text("in the way")
    draw(controller, BAR)
    read(controller)
    controller.state.relabel("1")
    controller.save()
    finish(controller.jobs)
    assert notice(controller).kind == "error"
    assert controller.state.unsaved_pages


def test_export_writes_what_was_chosen(controller: Controller, dialogs: FakeDialogs, tmp_path: Path) -> None:
    draw(controller, BAR)
    controller.save()
    finish(controller.jobs)
    controller.keeper.export()
    assert dialogs.asked == ["export 1"]
    dialogs.choice = ExportChoice("npz", tmp_path / "out.npz", 28)
    controller.keeper.export()
    finish(controller.jobs)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as told:
        assert told["x"].shape[1:3] == (28, 28)
    assert notice(controller).kind == "done"


def test_the_formats_offered_are_those_there_are() -> None:
    assert set(EXPORT_FORMATS) == set(FORMATS)


def test_quitting_asks_only_where_corrections_would_be_lost(controller: Controller, dialogs: FakeDialogs) -> None:
    draw(controller, BAR)
    read(controller)
    controller.state.relabel("1")
    controller.keeper.quit()
    assert dialogs.asked == ["closing 1"]
    assert not dialogs.closed
    dialogs.closing = "save"
    controller.keeper.quit()
    finish(controller.jobs)
    assert dialogs.closed
    assert controller.state.counts == {"1": 1}
    dialogs.closed = False
    controller.keeper.quit()
    assert dialogs.closed
    assert len(dialogs.asked) == 2


def test_corrections_of_a_closed_page_are_not_lost_unasked(controller: Controller, dialogs: FakeDialogs) -> None:
    draw(controller, BAR)
    read(controller)
    controller.state.relabel("1")
    controller.close_page()
    assert "closed with labels that are not saved" in notice(controller).message
    controller.keeper.quit()
    assert dialogs.asked == ["closing 1"]
    dialogs.closing = "save"
    controller.keeper.quit()
    finish(controller.jobs)
    assert controller.state.counts == {"1": 1}


def test_closing_a_page_without_corrections_says_nothing(controller: Controller, dialogs: FakeDialogs) -> None:
    draw(controller, BAR)
    read(controller)
    controller.close_page()
    assert controller.state.notice is None
    controller.keeper.quit()
    assert dialogs.asked == []


def test_quitting_may_discard(controller: Controller, dialogs: FakeDialogs) -> None:
    draw(controller, BAR)
    read(controller)
    controller.state.relabel("1")
    dialogs.closing = "discard"
    controller.keeper.quit()
    assert dialogs.closed


def test_quitting_saves_pages_that_are_not_shown(controller: Controller, dialogs: FakeDialogs, tmp_path: Path) -> None:
    controller.opener.open_paths(
        [picture_of_digits(tmp_path / f"{name}.png", count) for name, count in (("a", 1), ("b", 2))]
    )
    for _ in range(2):
        finish(controller.jobs)
        read(controller)
        controller.state.relabel("1")
        controller.state.turn(1)
    dialogs.closing = "save"
    controller.keeper.quit()
    finish(controller.jobs)
    assert dialogs.closed
    assert controller.state.counts == {"1": 2, "7": 1}


def test_a_label_that_finds_no_digit_any_more_keeps_from_saving_unseen(controller: Controller) -> None:
    draw(controller, BAR, BAR_2)
    read(controller)
    controller.state.select_all()
    controller.state.relabel("1")
    # One stroke across both: neither digit is there any more.
    draw(controller, Stroke(((20.0, 80.0), (200.0, 80.0)), 10.0))
    controller.save()
    finish(controller.jobs)
    assert "2 labels that you gave found no digit any more." in notice(controller).message
    assert not controller.state.counts
    controller.undo()
    assert controller.state.document.corrections == 2


def test_copying_the_numbers(controller: Controller, dialogs: FakeDialogs) -> None:
    controller.copy_text()
    assert dialogs.copied == ""
    draw(controller, BAR, BAR_2)
    read(controller)
    controller.copy_text()
    assert dialogs.copied == "77"


def test_other_settings_are_tried_at_once_and_keep_corrections(controller: Controller) -> None:
    draw(controller, BAR, BAR_2)
    read(controller)
    controller.state.relabel("1")
    controller.adjust({"segment": {"smallest_px": 500}})
    finish(controller.jobs)
    assert controller.state.digit_count == 0
    assert notice(controller).message == "1 label that you gave found no digit any more."
    controller.adjust({"segment": {"smallest_px": 6}})
    finish(controller.jobs)
    assert controller.state.digit_count == 2
    assert controller.state.notice is None, "it came back, and is no more to be told"
    assert controller.state.document.corrections == 1
    assert controller.state.undo_name == "adjusted reading"
    controller.adjust({"segment": {"smallest_px": 6}})
    assert controller.jobs.is_idle, "nothing changed"


def test_the_steps_are_found_again_where_they_were_not_kept(controller: Controller) -> None:
    draw(controller, BAR)
    read(controller)
    assert controller.state.steps is not None
    draw(controller, BAR_2)
    read(controller)
    controller.undo()
    controller.undo()
    finish(controller.jobs)
    assert controller.state.steps is None
    controller.state.use_view("ink")
    finish(controller.jobs)
    assert controller.state.steps is not None
    assert controller.state.steps.ink.any()


def test_esc_stops_the_work_then_puts_the_notice_away_then_selects_nothing(controller: Controller) -> None:
    draw(controller, BAR)
    read(controller)
    assert controller.state.selected
    controller.recognize()
    controller.stop()
    finish(controller.jobs)
    assert notice(controller).message.startswith("Stopped")
    controller.stop()
    assert controller.state.notice is None
    controller.stop()
    assert not controller.state.selected


def test_pen_and_colours(controller: Controller) -> None:
    controller.change_pen(1000)
    assert controller.state.settings.app.pen_width_px == 80
    controller.change_pen(-1000)
    assert controller.state.settings.app.pen_width_px == 2
    controller.toggle_theme()
    assert controller.state.settings.app.theme == "dark"


def test_a_users_error_is_told_and_a_bug_is_logged_and_told(
    controller: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    controller.show_error(HdrError("The cat sat on it.", hint="Lift the cat."))
    assert notice(controller) == Notice("error", "The cat sat on it.", "Lift the cat.")
    controller.show_error(ZeroDivisionError("oops"))
    assert "ZeroDivisionError: oops" in notice(controller).message
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    caplog.clear()


def test_a_model_that_does_not_load_is_told_and_tried_again(controller: Controller, services: Services) -> None:
    good = services.load_classifier

    def fail() -> Any:
        raise HdrError("The model is broken.", hint="Train it again.")

    services.load_classifier = fail
    controller.start()
    finish(controller.jobs)
    assert notice(controller).message == "The model is broken."
    services.load_classifier = good
    draw(controller, BAR)
    read(controller)
    assert controller.state.digit_count == 1
