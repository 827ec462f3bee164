"""What can be done on the live screen, for the one table of actions: its menu, its keys and its help."""

from __future__ import annotations

from hdr.app.action import Action, Enabled
from hdr.app.live_look import PANELS
from hdr.app.state import AppState


def _is_on(state: AppState) -> bool:
    return state.live.is_on


def _has_picture(state: AppState) -> bool:
    return state.live.picture


def _runs(state: AppState) -> bool:
    return state.live.picture and state.live.is_on


def _panel(name: str, key: str, icon: str = "") -> Action:
    return Action(
        f"live_{name}", PANELS[name], "Live", lambda c: c.live.toggle_panel(name), (key,), icon=icon,
        checked=lambda s: name not in s.live.hidden,
    )  # fmt: skip


def _arrow(name: str, text: str, key: str, dx: int, dy: int) -> Action:
    return Action(f"live_{name}", text, "Live", lambda c: c.live.arrow(dx, dy), (key,), _has_picture)


def _move(name: str, text: str, key: str, dy: int) -> Action:
    return Action(
        f"live_{name}", text, "Live", lambda c: c.live.arrow(0, dy), (key,), _edits_region,
        family=("↑ and ↓", "Move the region, as ← and → do while the keys are its"),
    )  # fmt: skip


def _size(name: str, text: str, key: str, wider: int, higher: int) -> Action:
    return Action(
        f"live_region_{name}", text, "Live", lambda c: c.live.move_region(0, 0, wider, higher), (f"Shift+{key}",),
        _edits_region, family=("Shift+arrows", "Make the region wider, higher or smaller"),
    )  # fmt: skip


def _edits_region(state: AppState) -> bool:
    return state.live.region


_BURST: Enabled = lambda s: s.live.bursting  # noqa: E731  (too little for a function)

LIVE = (
    Action("live_freeze", "Freeze", "Live", lambda c: c.live.freeze(), ("space",), _runs, "pause",
           tip="Let the picture stand, or go on", checked=lambda s: s.live.frozen),
    Action("live_snapshot", "Snapshot to the pages", "Live", lambda c: c.live.snapshot(), ("S",),
           _has_picture, "camera",
           tip="Make a page of this frame, with its reading"),
    Action("live_burst", "Burst", "Live", lambda c: c.live.toggle_burst(), ("B",), lambda s: _is_on(s) or _BURST(s),
           "images", tip="Save every new digit as a crop that is still to be confirmed", checked=_BURST),
    Action("live_record", "Record", "Live", lambda c: c.live.toggle_recording(), ("R",),
           lambda s: _runs(s) or s.live.recording, "record-circle",
           tip="Record a video with the boxes, and the readings as tables", checked=lambda s: s.live.recording),
    Action("live_compare", "Compare with another model", "Live", lambda c: c.live.toggle_compare(), ("C",),
           icon="layout-split", tip="Read the same frames by a second model as well",
           checked=lambda s: bool(s.live.other)),
    Action("live_open", "Open a video…", "Live", lambda c: c.live_open(), ("V",), icon="film",
           tip="Read a video file, or a folder of pictures"),
    Action("live_source", "Type a source", "Live", lambda c: c.live.on_ask_source(), ("Ctrl+L",),
           tip="Type the name of a file, or the address of a camera in the network"),
    Action("live_again", "Look for cameras, play again", "Live", lambda c: c.live.begin_anew(), ("F9",),
           icon="arrow-repeat", tip="Look for cameras again, or play the video from its beginning"),
    _arrow("next", "Next digit", "Right", 1, 0),
    _arrow("previous", "Digit before", "Left", -1, 0),
    Action("live_ink", "The ink", "Live", lambda c: c.live.switch("ink"), ("I",), checked=lambda s: s.live.ink,
           tip="Show what is taken for ink"),
    Action("live_grown", "What the model is given", "Live", lambda c: c.live.switch("grown"), ("G",),
           checked=lambda s: s.live.grown, tip="Outline how much around each digit the model is given"),
    Action("live_mirror", "Mirror the picture", "Live", lambda c: c.live.toggle_mirror(), ("M",),
           checked=lambda s: s.settings.live.mirror),
    Action("live_rotate", "Turn the picture", "Live", lambda c: c.live.rotate(), ("O",)),
    Action("live_region", "Region: move it with the arrows", "Live", lambda c: c.live.edit_region(), ("A",),
           _has_picture, checked=_edits_region),
    _move("up", "Region: up", "Up", -1),
    _move("down", "Region: down", "Down", 1),
    _size("wider", "Region: wider", "Right", 1, 0),
    _size("narrower", "Region: narrower", "Left", -1, 0),
    _size("higher", "Region: higher", "Down", 0, 1),
    _size("lower", "Region: lower", "Up", 0, -1),
    Action("live_region_clear", "Region: all of the picture", "Live", lambda c: c.live.clear_region(), ("X", "Delete")),
    _panel("labels", "L"),
    _panel("number", "N"),
    _panel("digit", "D"),
    _panel("bars", "P"),
    _panel("rates", "T"),
    _panel("controls", "Ctrl+T", "sliders"),
    Action("live_leave", "Back to the pages", "Live", lambda c: c.live.leave(), ("Escape", "Q")),
)  # fmt: skip
