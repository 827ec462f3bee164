"""Everything that can be done, as one table: the menu, the toolbar, the keys and the help sheet are made from it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hdr.app.document import CANNOT_TELL
from hdr.app.state import AppState

if TYPE_CHECKING:
    from hdr.app.controller import Controller

GROUPS = ("File", "Edit", "Draw", "Digits", "Boxes", "View", "Help")
Enabled = Callable[[AppState], bool]


@dataclass(frozen=True)
class Action:
    """One thing that can be done.

    Parameters
    ----------
    name
        What tests and widgets call it.
    text
        What the menu calls it.
    group
        Its menu.
    run
        Does it.
    keys
        As ``Ctrl+Shift+S``; Ctrl is Command on a Mac. The first is shown.
    enabled
        Whether it can be done now.
    icon
        Glyph of Bootstrap Icons for the toolbar; empty where it has no button.
    tip
        What the button's help says; empty for the text.
    checked
        Whether it is on, for what is switched; None for what is just done.
    family
        What the help sheet shows once for several actions alike: ``("0 to 9", "Label the selected digits")``.
    """

    name: str
    text: str
    group: str
    run: Callable[[Controller], None]
    keys: tuple[str, ...] = ()
    enabled: Enabled = lambda _: True
    icon: str = ""
    tip: str = ""
    checked: Enabled | None = None
    family: tuple[str, str] | None = None


def _has_digits(state: AppState) -> bool:
    return state.digit_count > 0


def _has_reachable(state: AppState) -> bool:
    return bool(state.reachable)


def _has_selection(state: AppState) -> bool:
    return bool(state.selected)


def _has_left(state: AppState) -> bool:
    return state.document.left > 0


def _has_unsure(state: AppState) -> bool:
    return state.document.corrections < state.digit_count


def _has_left_out(state: AppState) -> bool:
    return bool(state.reading and state.reading.rejected)


def _is_drawing(state: AppState) -> bool:
    return state.document.is_drawing


def _has_content(state: AppState) -> bool:
    page = state.document
    return bool(page.strokes) if page.is_drawing else page.key in state.images


def _tool(name: str, text: str, key: str, icon: str) -> Action:
    return Action(
        name, text, "Draw", lambda c: c.state.use_tool(name), (key,), _is_drawing, icon,
        checked=lambda state: state.hand == name,
    )  # fmt: skip


def _hold(name: str, text: str, key: str, icon: str) -> Action:
    """Take a tool into the hand, or put it back."""
    return Action(
        name, text, "Boxes", lambda c: c.state.use_tool("select" if c.state.tool == name else name), (key,),
        _has_content, icon, checked=lambda state: state.tool == name,
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
        _has_selection, family=("Ctrl+arrows", _CTRL_ARROWS),
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


def _view(name: str, text: str, key: str) -> Action:
    return Action(
        f"view_{name}", text, "View", lambda c: c.state.use_view(name), (key,), checked=lambda state: state.view == name
    )


def _label(digit: str) -> Action:
    return Action(
        f"label_{digit}", f"It is a {digit}", "Digits", lambda c: c.state.relabel(digit), (digit, f"KP_{digit}"),
        _has_selection, family=("0 to 9", "Say what the selected digit is, and go to the least certain one left"),
    )  # fmt: skip


FILE = (
    Action("new", "New drawing", "File", lambda c: c.state.new_drawing(), ("Ctrl+N",),
           lambda s: not s.document.is_blank, "file-earmark-plus"),
    Action("open", "Open…", "File", lambda c: c.opener.open(), ("Ctrl+O",), icon="folder2-open", tip="Open pictures"),
    Action("open_folder", "Open a folder…", "File", lambda c: c.opener.open_folder(), ("Ctrl+Shift+O",),
           tip="Open all pictures of a folder, and take up where you left"),
    Action("paste", "Paste picture", "File", lambda c: c.opener.paste(), ("Ctrl+V",), icon="clipboard",
           tip="Paste a picture, a copied file or a path"),
    Action("snapshot", "Snapshot…", "File", lambda c: c.opener.snapshot(), ("Ctrl+K",), icon="camera",
           tip="Take a picture with a camera"),
    Action("save", "Save digits", "File", lambda c: c.save(), ("Ctrl+S",), _has_content, "save",
           tip="Keep the labelled digits and the page"),
    Action("export", "Export…", "File", lambda c: c.keeper.export(), ("Ctrl+E",), lambda s: sum(s.counts.values()) > 0),
    Action("close_page", "Close page", "File", lambda c: c.close_page(), ("Ctrl+W",),
           lambda s: len(s.now.pages) > 1 or not s.document.is_blank),
    Action("quit", "Quit", "File", lambda c: c.keeper.quit(), ("Ctrl+Q",)),
)  # fmt: skip
EDIT = (
    Action("undo", "Undo", "Edit", lambda c: c.undo(), ("Ctrl+Z",), lambda s: s.undo_name is not None,
           "arrow-counterclockwise"),
    Action("redo", "Redo", "Edit", lambda c: c.redo(), ("Ctrl+Shift+Z", "Ctrl+Y"), lambda s: s.redo_name is not None,
           "arrow-clockwise"),
    Action("copy", "Copy the numbers", "Edit", lambda c: c.copy_text(), ("Ctrl+C",),
           lambda s: bool(s.reading and s.reading.text)),
    Action("select_all", "Select all digits", "Edit", lambda c: c.state.select_all(), ("Ctrl+A",), _has_digits),
    Action("stop", "Stop, or select nothing", "Edit", lambda c: c.stop(), ("Escape",)),
)  # fmt: skip
DRAW = (
    _tool("pen", "Pen", "P", "pencil"),
    _tool("eraser", "Eraser", "E", "eraser"),
    Action("select", "Pointer", "Draw", lambda c: c.state.use_tool("select"), ("V",), icon="cursor",
           checked=lambda state: state.hand == "select"),
    Action("thinner", "Thinner pen", "Draw", lambda c: c.change_pen(-2), ("[",), _is_drawing),
    Action("wider", "Wider pen", "Draw", lambda c: c.change_pen(2), ("]",), _is_drawing),
    Action("clear", "Clear the drawing", "Draw", lambda c: c.state.clear(), ("Ctrl+Delete", "Ctrl+BackSpace"),
           lambda s: s.document.is_drawing and not s.document.is_blank, "trash3"),
)  # fmt: skip
DIGITS = (
    Action("recognize", "Recognize", "Digits", lambda c: c.recognize(), ("R",), _has_content, "magic",
           tip="Find and read every digit; Return does so, too, on a page that was not read yet"),
    Action("auto", "Recognize by itself", "Digits", lambda c: c.toggle_auto(), ("Ctrl+R",),
           tip="Recognize by itself: after each stroke, and each picture opened",
           checked=lambda s: s.settings.app.auto_recognize),
    Action("confirm", "Confirm", "Digits", lambda c: c.confirm(), ("Return", "KP_Enter"), _has_content),
    Action("confirm_sure", "Confirm all above 99 %", "Digits", lambda c: c.confirm_sure(), ("Shift+Return",),
           _has_left),
    Action("finish_page", "Page done: confirm the rest, save, go on", "Digits", lambda c: c.finish_page(),
           ("Ctrl+Return",), _has_content),
    Action("next", "Next digit", "Digits", lambda c: _arrow(c, 1, 0), ("Right",), _has_reachable),
    Action("previous", "Previous digit", "Digits", lambda c: _arrow(c, -1, 0), ("Left",), _has_reachable),
    Action("below", "Digit below", "Digits", lambda c: _arrow(c, 0, 1), ("Down",), _has_selection),
    Action("above", "Digit above", "Digits", lambda c: _arrow(c, 0, -1), ("Up",), _has_selection),
    Action("unsure", "Next unsure digit", "Digits", lambda c: c.state.select_unsure(), ("U",), _has_unsure),
    Action("unsure_before", "Unsure digit before", "Digits", lambda c: c.state.select_unsure(-1), ("Shift+U",),
           _has_unsure),
    *(_label(digit) for digit in "0123456789"),
    Action("not_a_digit", "Not a digit", "Digits", lambda c: c.state.relabel("none"), ("Delete", "KP_Delete"),
           _has_selection),
    Action("cannot_tell", "Cannot tell which digit", "Digits", lambda c: c.state.relabel(CANNOT_TELL), ("question",),
           _has_selection),
    Action("other_label", "Another label…", "Digits", lambda c: c.ask_label(), ("T",), _has_selection),
    Action("by_reading", "After a label, on in reading order", "Digits", lambda c: c.toggle_order(), ("O",),
           checked=lambda s: s.settings.app.next_by == "reading"),
    Action("left_out", "Show what was left out", "Digits", lambda c: c.state.show_left_out(not c.state.left_out_shown),
           ("L",), _has_left_out, checked=lambda s: s.left_out_shown),
    Action("unlabel", "Take the label back", "Digits", lambda c: c.state.relabel(None), ("BackSpace",), _has_selection),
)  # fmt: skip
BOXES = (
    _hold("box", "Boxes: draw, move, resize", "B", "bounding-box"),
    _hold("cut", "Knife: divide a box by a line", "K", "scissors"),
    Action("halve", "Divide the box", "Boxes", lambda c: c.editor.halve(), ("slash",), _has_selection),
    Action("merge", "Merge the selected boxes", "Boxes", lambda c: c.editor.merge(), ("M",),
           lambda s: len(s.selected) > 1),
    Action("duplicate", "Duplicate the box", "Boxes", lambda c: c.editor.duplicate(), ("D",), _has_selection),
    Action("delete_box", "Delete the box", "Boxes", lambda c: c.editor.delete(), ("X", "Shift+Delete"),
           _has_selection),
    *(_nudge(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    *(_far(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    *(_grow(arrow, dx, dy) for arrow, dx, dy in _ARROWS),
    Action("break_row", "Begin a row here, or join it to the one above", "Boxes", lambda c: c.editor.break_row(),
           ("J",), _has_selection),
)  # fmt: skip
HELP = (Action("help", "Keys and help", "Help", lambda c: c.dialogs.help(), ("F1",), icon="question-circle"),)


def _arrow(controller: Controller, dx: int, dy: int) -> None:
    """An arrow moves a box while boxes are in hand, and goes from digit to digit otherwise."""
    if _has_boxes(controller.state):
        controller.editor.move(dx, dy)
    elif dx:
        controller.state.walk(dx)
    else:
        controller.state.walk_rows(dy)


def view_actions(viewer: ViewerVerbs, panels: PanelVerbs) -> tuple[Action, ...]:
    """Return the actions on what shows the page, which is no part of the state."""
    return (
        Action("captures", "Captures", "View", lambda c: c.toggle_captures(), ("F6",), icon="grid-3x3-gap",
               tip="Look through what was saved", checked=lambda s: s.screen == "captures"),
        _view("page", "The page", "F2"),
        _view("gray", "Step: gray", "F3"),
        _view("ink", "Step: ink", "F4"),
        _view("boxes", "Step: boxes", "F5"),
        Action("zoom_in", "Zoom in", "View", lambda _: viewer.zoom(1.25), ("Ctrl+plus", "Ctrl+equal", "plus", "equal"),
               icon="zoom-in"),
        Action("zoom_out", "Zoom out", "View", lambda _: viewer.zoom(0.8), ("Ctrl+minus", "minus"), icon="zoom-out"),
        Action("fit", "Fit to the window", "View", lambda _: viewer.fit(), ("Ctrl+0", "F"), icon="arrows-fullscreen"),
        Action("actual", "One to one", "View", lambda _: viewer.actual_size(), ("Ctrl+1",)),
        Action("next_page", "Next page", "View", lambda c: c.state.turn(1), ("Next",),
               lambda s: s.now.index < len(s.now.pages) - 1, "chevron-right"),
        Action("previous_page", "Previous page", "View", lambda c: c.state.turn(-1), ("Prior",),
               lambda s: s.now.index > 0, "chevron-left"),
        Action("next_unfinished", "Next unfinished page", "View", lambda c: c.next_unfinished(), ("N",),
               lambda s: len(s.now.pages) > 1),
        Action("reading_settings", "Reading settings", "View", lambda _: panels.toggle_settings(), ("Ctrl+T",),
               icon="sliders", tip="How pages are read, tried at once", checked=lambda _: panels.settings_shown()),
        Action("theme", "Dark colours", "View", lambda c: c.toggle_theme(), ("Ctrl+D",), icon="circle-half",
               tip="Light or dark colours", checked=lambda s: s.settings.app.theme == "dark"),
    )  # fmt: skip


class ViewerVerbs(Protocol):
    """What the viewer must be able to do."""

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        ...

    def fit(self) -> None:
        """Show the whole page."""
        ...

    def actual_size(self) -> None:
        """Show one image pixel as one screen pixel."""
        ...


class PanelVerbs(Protocol):
    """What the window's panels must be able to do."""

    def toggle_settings(self) -> None:
        """Show or hide the reading settings."""
        ...

    def settings_shown(self) -> bool:
        """Whether they are shown."""
        ...


class ActionTable:
    """All actions by name and by key.

    Raises
    ------
    ValueError
        For a name or a key that two of them claim.
    """

    def __init__(self, actions: tuple[Action, ...]) -> None:
        self.by_name: dict[str, Action] = {}
        self.by_key: dict[str, Action] = {}
        for action in actions:
            if action.name in self.by_name:
                raise ValueError(f"two actions are called {action.name!r}")
            self.by_name[action.name] = action
            for key in action.keys:
                if key in self.by_key:
                    raise ValueError(f"{key} is claimed by {self.by_key[key].name!r} and {action.name!r}")
                self.by_key[key] = action

    def __getitem__(self, name: str) -> Action:
        return self.by_name[name]

    def in_group(self, group: str) -> list[Action]:
        """The actions of a menu, in order."""
        return [action for action in self.by_name.values() if action.group == group]


_OF_PAGES = ("Edit", "Draw", "Digits", "Boxes")


def can_do(action: Action, state: AppState) -> bool:
    """Whether an action can be done now: what is not seen is not changed."""
    return action.enabled(state) and (state.screen == "pages" or action.group not in _OF_PAGES)


def perform(action: Action, controller: Controller) -> bool:
    """Do an action if it can be done now; whether it could. Every key and menu entry goes through here."""
    if not can_do(action, controller.state):
        return False
    action.run(controller)
    return True


def all_actions(viewer: ViewerVerbs, panels: PanelVerbs) -> ActionTable:
    """Return the one table."""
    return ActionTable((*FILE, *EDIT, *DRAW, *DIGITS, *BOXES, *view_actions(viewer, panels), *HELP))


_SHOWN = {
    "Prior": "Page Up", "Next": "Page Down", "Escape": "Esc", "plus": "+", "minus": "-", "equal": "=",
    "BackSpace": "Backspace", "Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "question": "?", "slash": "/",
}  # fmt: skip


def shown_key(key: str, *, mac: bool = sys.platform == "darwin") -> str:
    """Return a key as a user reads it: ``Ctrl+plus`` as ``Ctrl++``."""
    parts = key.split("+")
    if mac:
        parts = [{"Ctrl": "⌘", "Shift": "⇧"}.get(part, part) for part in parts]
    return ("" if mac else "+").join(_SHOWN.get(part, part) for part in parts)


def tk_sequence(key: str, *, mac: bool = sys.platform == "darwin") -> str:
    """Return a key as Tk binds it: ``Ctrl+Shift+Z`` as ``<Control-Shift-Key-Z>``, ``[`` as ``<Key-bracketleft>``."""
    *modifiers, last = key.split("+")
    names = {"[": "bracketleft", "]": "bracketright"}
    last = names.get(last, last)
    if len(last) == 1 and last.isalpha():
        last = last.upper() if "Shift" in modifiers else last.lower()
    prefix = "".join({"Ctrl": "Command-" if mac else "Control-", "Shift": "Shift-"}[part] for part in modifiers)
    return f"<{prefix}Key-{last}>"
