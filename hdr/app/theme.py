"""How the window looks: colours for light and dark, fonts, and sizes that grow with the screen's density."""

from __future__ import annotations

import tkinter as tk
from dataclasses import dataclass
from tkinter import font as tkfont

import ttkbootstrap as ttk

from hdr.errors import HdrError

PAD = 8
"""The unit of spacing, in logical pixels."""

_FAMILY = ttk.Theme(
    name="hdr",
    primary="#2563c9",
    success="#1d8a4e",
    info="#0d8aa6",
    warning="#d98a00",
    danger="#cc3344",
    neutral="#8a929c",
    light={"background": "#fbfbfc", "foreground": "#1d2126"},
    dark={"background": "#1f2329", "foreground": "#e4e7eb"},
)
_LINUX_FAMILIES = ("Inter", "Cantarell", "Ubuntu", "Noto Sans", "Open Sans", "Roboto", "DejaVu Sans")


@dataclass(frozen=True)
class Palette:
    """Colours that the style engine does not know: those of the canvases.

    Parameters
    ----------
    desk
        What the page lies on.
    edge
        The page's outline.
    text, muted
        Writing on panels; the second for what is less important.
    panel
        Background of panels.
    track
        The empty part of a bar.
    accent, good
        The selection's colour; the winner's.
    warm
        What stands beside the accent and must be told from it, such as a second curve.
    """

    desk: str
    edge: str
    text: str
    muted: str
    panel: str
    track: str
    accent: str
    good: str
    warm: str


LIGHT = Palette("#e6e8ec", "#c3c8d0", "#1d2126", "#66707c", "#fbfbfc", "#e3e6ea", "#2563c9", "#1d8a4e", "#b4560b")
DARK = Palette("#14171b", "#3a414b", "#e4e7eb", "#98a2ae", "#1f2329", "#343b45", "#6ea2f5", "#4cc38a", "#f0a35e")

# Okabe and Ito's palette (2008), which colour-blind people can tell apart; each comes with a pattern of its own.
PERSON = "#009e73"
REJECTED = "#6b7280"
LEFT_OUT = "#8a929c"
SELECTED = "#f0e442"
THREAD = "#cc79a7"


def palette(theme: str) -> Palette:
    """Return the colours of ``light`` or ``dark``."""
    return DARK if theme == "dark" else LIGHT


def theme_name(theme: str) -> str:
    """Return the style engine's name for ``light`` or ``dark``."""
    return f"hdr-{theme}"


def make_root(theme: str) -> ttk.App:
    """Return the root window, themed and not yet shown.

    Raises
    ------
    HdrError
        Where there is no screen.
    """
    _FAMILY.register()
    try:
        # The icon is drawn by `hdr.app.icon`; the engine's own logo would be read from disk for nothing.
        root = ttk.App(title="hdr", theme=theme_name(theme), iconphoto=None)
    except tk.TclError as error:
        if "display" not in str(error):
            raise
        raise HdrError(
            f"There is no screen to open the window on ({error}).",
            hint="Start it from a desktop, or use hdr read on the command line.",
        ) from error
    root.withdraw()
    set_fonts(root)
    ttk.on_theme_change(restyle)
    return root


def set_fonts(root: tk.Misc) -> None:
    """Choose the families and name the sizes that the window uses."""
    if root.tk.call("tk", "windowingsystem") == "x11":
        there = set(tkfont.families(root))
        family = next((name for name in _LINUX_FAMILIES if name in there), None)
        if family:
            ttk.Fonts.set_global_family(family)
    base = tkfont.nametofont("TkDefaultFont", root=root)
    size = abs(int(base.cget("size"))) or 10
    make = ttk.Fonts.create_alias
    shared = {"family": base.actual("family")}
    make("HdrSmall", size=size - 1, **shared)
    make("HdrStrong", size=size, weight="bold", **shared)
    make("HdrChip", size=size - 1, weight="bold", **shared)
    make("HdrTiny", size=max(6, size - 3), weight="bold", **shared)
    make("HdrTitle", size=size + 2, weight="bold", **shared)
    make("HdrLarge", size=size + 7, **shared)
    make("HdrHuge", size=size + 14, weight="bold", **shared)
    make("HdrNumbers", size=size + 2, family=tkfont.nametofont("TkFixedFont", root=root).actual("family"))


def restyle(style: ttk.Style) -> None:
    """Adjust what the style engine makes of a theme; it is called after each change of theme."""
    colors = style.colors
    quiet = {"foreground": colors.fg, "focuscolor": colors.fg}
    # The engine mutes what is not chosen so much that it looks as if it could not be chosen.
    for name in ("Outline.Toolbutton", "primary.Toolbutton"):
        style.configure(name, **quiet)


def style_menu(menu: tk.Menu) -> None:
    """Give a menu the colours of the theme; on a Mac it is the system's."""
    if menu.tk.call("tk", "windowingsystem") == "aqua":
        return
    colors = ttk.Style().colors
    menu.configure(
        background=colors.bg, foreground=colors.fg, activebackground=colors.primary, activeforeground="#ffffff",
        disabledforeground=palette("dark" if ttk.Style().theme_mode == "dark" else "light").muted, relief="flat",
        borderwidth=0, activeborderwidth=px(menu, 2), selectcolor=colors.fg,
    )  # fmt: skip


def px(widget: tk.Misc, logical: float) -> int:
    """Return logical pixels as pixels of this screen."""
    scaled = ttk.scale_size(widget, logical)
    assert isinstance(scaled, int)
    return scaled
