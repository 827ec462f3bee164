"""Everything that can be done, as one table: the menu, the toolbar, the keys and the help sheet are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hdr.app.action import Action, ActionTable, Enabled, has_content, has_selection
from hdr.app.box_actions import BOXES, arrow
from hdr.app.live_actions import LIVE
from hdr.app.screens import SCREENS, Screen
from hdr.app.state import AppState
from hdr.app.train_actions import TRAIN
from hdr.classify.names import CANNOT_TELL

if TYPE_CHECKING:
    from hdr.app.controller import Controller

GROUPS = ("File", "Edit", "Draw", "Digits", "Boxes", "Train", "Live", "View", "Help")


def _has_digits(state: AppState) -> bool:
    return state.digit_count > 0


def _has_reachable(state: AppState) -> bool:
    return bool(state.reachable)


def _has_left(state: AppState) -> bool:
    return state.document.left > 0


def _has_unsure(state: AppState) -> bool:
    return state.document.corrections < state.digit_count


def _has_left_out(state: AppState) -> bool:
    return bool(state.reading and state.reading.rejected)


def _is_drawing(state: AppState) -> bool:
    return state.document.is_drawing


def _tool(name: str, text: str, key: str, icon: str) -> Action:
    return Action(
        name, text, "Draw", lambda c: c.state.use_tool(name), (key,), _is_drawing, icon,
        checked=lambda state: state.hand == name,
    )  # fmt: skip


def _shows(view: str) -> Enabled:
    """Whether that view is seen: under another screen the page keeps its view, but none is."""
    return lambda state: state.screen == "pages" and state.view == view


def _view(name: str, text: str, key: str) -> Action:
    return Action(f"view_{name}", text, "View", lambda c: c.state.use_view(name), (key,), checked=_shows(name))


def _screen(one: Screen) -> Action:
    return Action(
        one.name, one.title, "View", lambda c: c.toggle_screen(one.name), (one.key,) if one.key else (), icon=one.icon,
        tip=one.tip, checked=lambda state: state.screen == one.name, anywhere=True,
    )  # fmt: skip


def _show_page(controller: Controller) -> None:
    controller.state.use_screen("pages")
    controller.state.use_view("page")


def _label(digit: str) -> Action:
    return Action(
        f"label_{digit}", f"It is a {digit}", "Digits", lambda c: c.state.relabel(digit), (digit, f"KP_{digit}"),
        has_selection, family=("0 to 9", "Say what the selected digit is, and go to the next one left"),
    )  # fmt: skip


FILE = (
    Action("new", "New drawing", "File", lambda c: c.state.new_drawing(), ("Ctrl+N",),
           lambda s: not s.document.is_blank, "file-earmark-plus"),
    Action("open", "Open…", "File", lambda c: c.opener.open(), ("Ctrl+O",), icon="folder2-open", tip="Open pictures"),
    Action("open_folder", "Open a folder…", "File", lambda c: c.opener.open_folder(), ("Ctrl+Shift+O",),
           tip="Open all pictures of a folder, and take up where you left"),
    Action("paste", "Paste picture", "File", lambda c: c.opener.paste(), ("Ctrl+V",), icon="clipboard",
           tip="Paste a picture, a copied file or a path"),
    Action("snapshot", "Snapshot…", "File", lambda c: c.opener.snapshot(), ("Ctrl+K",),
           lambda s: not s.live.is_on, "camera",
           tip="Take a picture with a camera"),
    Action("save", "Save digits", "File", lambda c: c.save(), ("Ctrl+S",), has_content, "save",
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
    Action("recognize", "Recognize", "Digits", lambda c: c.recognize(), ("R",), has_content, "magic",
           tip="Find and read every digit; Return does so, too, on a page that was not read yet"),
    Action("auto", "Recognize by itself", "Digits", lambda c: c.toggle_auto(), ("Ctrl+R",),
           tip="Recognize by itself: after each stroke, and each picture opened",
           checked=lambda s: s.settings.app.auto_recognize),
    Action("confirm", "Confirm", "Digits", lambda c: c.confirm(), ("Return", "KP_Enter"), has_content),
    Action("confirm_sure", "Confirm all above 99 %", "Digits", lambda c: c.confirm_sure(), ("Shift+Return",),
           _has_left),
    Action("finish_page", "Page done: confirm the rest, save, go on", "Digits", lambda c: c.finish_page(),
           ("Ctrl+Return",), has_content),
    Action("next", "Next digit", "Digits", lambda c: arrow(c, 1, 0), ("Right",), _has_reachable),
    Action("previous", "Previous digit", "Digits", lambda c: arrow(c, -1, 0), ("Left",), _has_reachable),
    Action("below", "Digit below", "Digits", lambda c: arrow(c, 0, 1), ("Down",), has_selection),
    Action("above", "Digit above", "Digits", lambda c: arrow(c, 0, -1), ("Up",), has_selection),
    Action("unsure", "Next unsure digit", "Digits", lambda c: c.state.select_unsure(), ("U",), _has_unsure),
    Action("unsure_before", "Unsure digit before", "Digits", lambda c: c.state.select_unsure(-1), ("Shift+U",),
           _has_unsure),
    *(_label(digit) for digit in "0123456789"),
    Action("not_a_digit", "Not a digit", "Digits", lambda c: c.state.relabel("none"), ("Delete", "KP_Delete"),
           has_selection),
    Action("cannot_tell", "Cannot tell which digit", "Digits", lambda c: c.state.relabel(CANNOT_TELL), ("question",),
           has_selection),
    Action("other_label", "Another label…", "Digits", lambda c: c.ask_label(), ("T",), has_selection),
    Action("by_reading", "After a label, on in reading order", "Digits", lambda c: c.toggle_order(), ("O",),
           checked=lambda s: s.settings.app.next_by == "reading"),
    Action("left_out", "Show what was left out", "Digits", lambda c: c.state.show_left_out(not c.state.left_out_shown),
           ("L",), _has_left_out, checked=lambda s: s.left_out_shown),
    Action("unlabel", "Take the label back", "Digits", lambda c: c.state.relabel(None), ("BackSpace",), has_selection),
)  # fmt: skip
HELP = (Action("help", "Keys and help", "Help", lambda c: c.dialogs.help(), ("F1",), icon="question-circle"),)


def view_actions(viewer: ViewerVerbs, panels: PanelVerbs) -> tuple[Action, ...]:
    """Return the actions on what shows the page, which is no part of the state."""
    return (
        *(_screen(one) for one in SCREENS),
        Action("view_page", "The page", "View", _show_page, ("F2",), checked=_shows("page"), anywhere=True),
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
               tip="Light or dark colours", checked=lambda s: s.settings.app.theme == "dark", anywhere=True),
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


def all_actions(viewer: ViewerVerbs, panels: PanelVerbs) -> ActionTable:
    """Return the one table."""
    return ActionTable((*FILE, *EDIT, *DRAW, *DIGITS, *BOXES, *TRAIN, *LIVE, *view_actions(viewer, panels), *HELP))
