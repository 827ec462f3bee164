"""The screens of the window, as one table: pages, captures, and each other that takes their place.

A new screen is one line in `SCREENS` and a class that is a `Tab`, made as ``Tab(parent, controller)`` when it is first
shown, never before. Menu, key, the strip at the left, title, status bar and notices come with the line. `Screens` calls
``shown`` whenever the tab comes up, ``hidden`` whenever another takes its place, and ``close`` once, when the window
ends, before the worker does. The table
imports no Tk, for the state knows the names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import tkinter as tk

    from hdr.app.controller import Controller

Keys = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Screen:
    """One entry of the table.

    Parameters
    ----------
    name
        What the state and the tests call it.
    title
        What the menu, the strip and the window's title call it.
    key
        Shows it, and once more the pages again; empty for none.
    icon
        Glyph of Bootstrap Icons.
    tip
        What it is for, a phrase.
    built_by
        ``module:Class`` of its `Tab`; empty for the pages, which the window itself builds.
    """

    name: str
    title: str
    key: str
    icon: str
    tip: str
    built_by: str = ""


SCREENS = (
    Screen("pages", "Pages", "", "pencil-square", "Draw or open pages, read and correct them"),
    Screen("captures", "Captures", "F6", "grid-3x3-gap", "Look through what was saved",
           "hdr.app.captures_tab:CapturesTab"),
    Screen("train", "Train", "F7", "mortarboard", "Train, compare, choose and export models",
           "hdr.app.train_tab:TrainTab"),
    Screen("live", "Live", "F8", "camera-video", "Read what a camera sees", "hdr.app.live_tab:LiveTab"),
)  # fmt: skip
"""All screens, in the order of the strip. The first is shown at the start, and whenever another is left."""


class Tab(Protocol):
    """What a screen is made of.

    Parameters
    ----------
    frame
        Shown in place of the page.
    keys
        Its own keys and what they do, for the help sheet; empty for the sheet of all.
    """

    frame: Any
    keys: Keys

    def shown(self) -> None:
        """It has come up: take the focus, and begin what is only done while it is seen."""
        ...

    def hidden(self) -> None:
        """Another has taken its place: end what is only done while it is seen."""
        ...

    def close(self) -> None:
        """The window ends: end what runs. Tk's widgets are still there, the main loop is not."""
        ...

    def status(self) -> str:
        """Return what stands at the left of the status bar while nothing else is going on."""
        ...

    def notices_over(self) -> tk.Misc:
        """Return the widget at whose foot notices appear."""
        ...


def screen(name: str) -> Screen:
    """Return the entry of that name."""
    return next(one for one in SCREENS if one.name == name)


class Screens:
    """The tabs that there are by now.

    Parameters
    ----------
    root, controller
        What tabs are made with.
    pages
        The first of them.
    """

    def __init__(self, root: tk.Misc, controller: Controller, pages: Tab) -> None:
        self._root = root
        self._controller = controller
        self.tabs: dict[str, Tab] = {SCREENS[0].name: pages}
        self._shown = SCREENS[0].name

    @property
    def current(self) -> Tab:
        """The tab that is shown."""
        return self.tabs[self._shown]

    def show(self, name: str) -> None:
        """Put a tab in place of the one that is shown; made now where it was never shown before."""
        if name == self._shown:
            return
        tab = self.tabs.get(name) or self._build(name)
        self.current.frame.grid_remove()
        self.current.hidden()
        self._shown = name
        tab.frame.grid(row=1, column=1, sticky="nsew")
        tab.shown()

    def _build(self, name: str) -> Tab:
        module, _, maker = screen(name).built_by.partition(":")
        make: Callable[[tk.Misc, Controller], Tab] = getattr(import_module(module), maker)
        self.tabs[name] = make(self._root, self._controller)
        return self.tabs[name]

    def close(self) -> None:
        """End all tabs, the last made first."""
        for tab in reversed(self.tabs.values()):
            tab.close()
