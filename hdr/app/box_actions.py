"""What can be done to boxes and rows, as actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hdr.app.action import Action, has_content, has_selection
from hdr.app.state import AppState

if TYPE_CHECKING:
    from hdr.app.controller import Controller


def _hold(name: str, text: str, key: str, icon: str) -> Action:
    """Take a tool into the hand, or put it back."""
    return Action(
        name, text, "Boxes", lambda c: c.state.use_tool("select" if c.state.tool == name else name), (key,),
        has_content, icon, checked=lambda state: state.tool == name,
    )  # fmt: skip


_ARROWS = (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))


def _has_boxes(state: AppState) -> bool:
    return state.tool == "box" and bool(state.selected)


def _nudge(arrow: str, dx: int, dy: int) -> Action:
    """With the box tool further; else the digit's place in its row, or its row."""
    return Action(
        f"move_{arrow.lower()}", f"Move the box {arrow.lower()} by 10 px", "Boxes",
        lambda c: c.editor.move(10 * dx, 10 * dy), (f"Shift+{arrow}",), _has_boxes,
        family=("Arrows with boxes", "Move the box by 1 px, with Shift by 10 px"),
    )  # fmt: skip


def _far(arrow: str, dx: int, dy: int) -> Action:
    """The right or lower edge with the box tool; else a digit's place in its row, or its row."""
    return Action(
        f"order_{arrow.lower()}", _ORDER[arrow], "Boxes", lambda c: _shift(c, dx, dy), (f"Ctrl+{arrow}",),
        has_selection, family=("Ctrl+arrows", _CTRL_ARROWS),
    )  # fmt: skip


def _grow(arrow: str, dx: int, dy: int) -> Action:
    return Action(
        f"resize_{arrow.lower()}", f"Resize the box {arrow.lower()} by 10 px", "Boxes",
        lambda c: c.editor.resize(_LOWER_RIGHT, 10 * dx, 10 * dy), (f"Ctrl+Shift+{arrow}",), _has_boxes,
        family=("Ctrl+Shift+arrows", "With boxes: resize by 10 px"),
    )  # fmt: skip


_LOWER_RIGHT = (False, False, True, True)
_CTRL_ARROWS = "Earlier or later in the row, to the row above or below; with boxes: resize by 1 px"
_ORDER = {
    "Left": "Earlier in its row", "Right": "Later in its row", "Up": "To the row above", "Down": "To the row below",
}  # fmt: skip


def _shift(controller: Controller, dx: int, dy: int) -> None:
    if _has_boxes(controller.state):
        controller.editor.resize(_LOWER_RIGHT, dx, dy)
    elif dx:
        controller.editor.in_row(dx)
    else:
        controller.editor.to_row(dy)


BOXES = (
    _hold("box", "Boxes: draw, move, resize", "B", "bounding-box"),
    _hold("cut", "Knife: divide a box by a line", "K", "scissors"),
    Action("halve", "Divide the box", "Boxes", lambda c: c.editor.halve(), ("slash",), has_selection),
    Action("merge", "Merge the selected boxes", "Boxes", lambda c: c.editor.merge(), ("M",),
           lambda s: len(s.selected) > 1),
    Action("duplicate", "Duplicate the box, or begin one", "Boxes", lambda c: c.editor.duplicate(), ("D",),
           has_content),
    Action("delete_box", "Delete the box", "Boxes", lambda c: c.editor.delete(), ("X", "Shift+Delete"),
           has_selection),
    *(_nudge(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    *(_far(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    *(_grow(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    Action("break_row", "Begin a row here, or join it to the one above", "Boxes", lambda c: c.editor.break_row(),
           ("J",), has_selection),
)  # fmt: skip


def arrow(controller: Controller, dx: int, dy: int) -> None:
    """An arrow moves a box while boxes are in hand, and goes from digit to digit otherwise."""
    if _has_boxes(controller.state):
        controller.editor.move(dx, dy)
    elif dx:
        controller.state.walk(dx)
    else:
        controller.state.walk_rows(dy)
