"""What is drawn again and again to canvas items that are made once and moved: thousands of frames add none."""

from __future__ import annotations

import tkinter as tk
from typing import Any


class KeptCanvas(tk.Canvas):
    """A canvas on which what is drawn anew under `tag` takes the items that were drawn there before.

    Between `begin` and `end` the usual ``create_...`` methods may be called with that tag; what is drawn with any
    other tag is as on any canvas. Text lies over all that is no text.

    Parameters
    ----------
    parent
        Where it is made.
    tag
        Of what is kept.
    options
        As Tk knows them.
    """

    def __init__(self, parent: tk.Misc, tag: str, **options: Any) -> None:
        super().__init__(parent, **options)
        self._tag = tag
        self._kept: dict[str, list[_Item]] = {}
        self._used: dict[str, int] = {}
        self._draws = False

    def begin(self) -> None:
        """Draw anew from here on."""
        self._used = dict.fromkeys(self._kept, 0)
        self._draws = True

    def end(self) -> None:
        """Hide what was drawn before and was not drawn again."""
        self._draws = False
        for kind, items in self._kept.items():
            for item in items[self._used.get(kind, 0) :]:
                if item.shown:
                    item.shown = False
                    self.itemconfigure(item.id, state="hidden")

    def delete(self, *tags: str | int) -> None:
        """Delete items; those that are kept are hidden, or drawn anew where that has begun."""
        if tags == (self._tag,):
            draws = self._draws
            self.begin()
            if not draws:
                self.end()
        else:
            super().delete(*tags)

    def create_rectangle(self, *at: Any, **options: Any) -> int:
        """As Tk's."""
        return self._draw("rectangle", at, options)

    def create_line(self, *at: Any, **options: Any) -> int:
        """As Tk's."""
        return self._draw("line", at, options)

    def create_text(self, *at: Any, **options: Any) -> int:
        """As Tk's."""
        return self._draw("text", at, options)

    def _draw(self, kind: str, at: tuple[Any, ...], options: dict[str, Any]) -> int:
        if options.get("tags") != (self._tag,):
            return self._make(kind, at, options)
        items, number = self._kept.setdefault(kind, []), self._used.get(kind, 0)
        self._used[kind] = number + 1
        if number == len(items):
            items.append(_Item(self._make(kind, at, options), at, options))
            if kind != "text" and self._kept.get("text"):
                self.tag_lower(items[-1].id, self._kept["text"][0].id)
            return items[-1].id
        self._change(items[number], at, options)
        return items[number].id

    def _make(self, kind: str, at: tuple[Any, ...], options: dict[str, Any]) -> int:
        return int(self.tk.call(self._w, "create", kind, *at, *self._options(options)))  # type: ignore[attr-defined]  # Tkinter's own way, which the stubs do not tell

    def _change(self, item: _Item, at: tuple[Any, ...], options: dict[str, Any]) -> None:
        if item.at != at:
            self.tk.call(self._w, "coords", item.id, *at)  # type: ignore[attr-defined]  # as above
            item.at = at
        if not item.shown or item.options != options:
            new = {key: value for key, value in options.items() if item.options.get(key) != value}
            gone = {key: _USUAL.get(key, "") for key in item.options.keys() - options.keys()}
            self.itemconfigure(item.id, {"state": "normal", **gone, **new})
            item.shown, item.options = True, options


_USUAL = {"outline": "#000000", "width": 1, "arrow": "none", "anchor": "center"}
"""What Tk takes where an option is not given; of the others it takes nothing."""


class _Item:
    """One item, and how it looks by now."""

    __slots__ = ("at", "id", "options", "shown")

    def __init__(self, number: int, at: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.id = number
        self.at = at
        self.options = options
        self.shown = True
