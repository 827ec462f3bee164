"""A save is a step to undo and to do again, in the captures as well."""

from __future__ import annotations

from hdr.app.controller import Controller
from hdr.classify.names import NOT_A_DIGIT
from hdr.workspace import Workspace

from .conftest import finish


def save(controller: Controller) -> None:
    controller.save()
    finish(controller.jobs)


def crops(workspace: Workspace) -> list[str]:
    return sorted(
        path.relative_to(workspace.captures).parent.as_posix()
        for path in workspace.captures.rglob("*_*.png")
        if path.parent.name != "_pages"
    )


def test_a_first_save_is_taken_back_to_the_bin_and_done_again(opened: Controller, workspace: Workspace) -> None:
    state = opened.state
    state.relabel("3")
    save(opened)
    assert crops(workspace) == ["3", "7", "7"]
    assert state.undo_name == "save"
    assert state.is_saved(state.document)
    opened.undo()
    finish(opened.jobs)
    assert crops(workspace) == ["_bin/3", "_bin/7", "_bin/7"]
    assert not state.is_saved(state.document)
    assert state.unsaved_pages == [state.document]
    assert state.counts == {}
    assert state.notice is not None
    assert "taken back" in state.notice.message
    opened.redo()
    finish(opened.jobs)
    assert crops(workspace) == ["3", "7", "7"]
    assert state.is_saved(state.document)
    opened.undo()
    opened.undo()
    opened.redo()
    opened.redo()
    finish(opened.jobs)
    assert crops(workspace) == ["3", "7", "7"], "however quickly it goes"


def test_a_later_save_is_taken_back_to_the_earlier_one(opened: Controller, workspace: Workspace) -> None:
    state = opened.state
    save(opened)
    state.select(0)
    state.relabel("3")
    state.select(1)
    state.relabel(NOT_A_DIGIT)
    save(opened)
    assert crops(workspace) == ["3", "7", "_none"]
    opened.undo()
    finish(opened.jobs)
    assert crops(workspace) == ["7", "7", "7"]
    assert state.document.corrections == 2
    assert state.is_unsaved(state.document)
    opened.undo()
    opened.undo()
    assert state.is_saved(state.document), "as it was saved first"


def test_boxes_that_went_come_back_where_a_person_had_labelled_them(opened: Controller, workspace: Workspace) -> None:
    state = opened.state
    state.select(0)
    state.relabel("3")
    save(opened)
    state.select(0)
    opened.editor.delete()
    state.select(0)
    opened.editor.delete()
    save(opened)
    assert crops(workspace) == ["7", "_bin/3"]
    opened.undo()
    finish(opened.jobs)
    assert crops(workspace) == ["3", "7"], "a mere prediction is not kept"


def test_a_save_that_cannot_be_taken_back_is_told(opened: Controller, workspace: Workspace) -> None:
    save(opened)
    for path in list(workspace.captures.glob("7/*.png")):
        path.unlink()
    opened.undo()
    finish(opened.jobs)
    assert opened.state.notice is not None
    assert opened.state.notice.kind == "error"


def test_a_save_that_changed_nothing_is_taken_back_without_ado(opened: Controller, workspace: Workspace) -> None:
    save(opened)
    opened.state.hush()
    save(opened)
    opened.undo()
    finish(opened.jobs)
    assert crops(workspace) == ["7", "7", "7"]


def test_a_damaged_crop_is_saved_anew(opened: Controller, workspace: Workspace) -> None:
    save(opened)
    next(workspace.captures.glob("7/*.png")).write_bytes(b"nonsense")
    opened.state.relabel("3")
    save(opened)
    assert crops(workspace) == ["3", "7", "7"]
