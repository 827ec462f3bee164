"""Presses and steps to what is selected of all that a gallery shows, and to where the cursor stands."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Picking(ABC):
    """What is selected, by position."""

    def __init__(self) -> None:
        self.cursor = 0
        self.chosen: set[int] = set()
        self._anchor = 0

    @property
    @abstractmethod
    def count(self) -> int:
        """How many are shown."""

    @abstractmethod
    def _picked(self) -> None:
        """Tell that something else is selected."""

    def pick(self, position: int, *, add: bool = False, reach: bool = False) -> None:
        """Select one; or add it to the selection or take it out; or all up to it."""
        if not 0 <= position < self.count:
            return
        if reach:
            low, high = sorted((self._anchor, position))
            self.chosen = set(range(low, high + 1))
        else:
            self.chosen = self.chosen ^ {position} if add else {position}
            self._anchor = position
        self.cursor = position
        self._picked()

    def step(self, by: int, *, reach: bool = False) -> None:
        """Go on by so many, or as far as there are some."""
        if self.count:
            self.pick(min(max(self.cursor + by, 0), self.count - 1), reach=reach)

    def pick_all(self) -> None:
        """Select all that is shown."""
        self.chosen = set(range(self.count))
        self._picked()

    def _pick_anew(self, position: int) -> None:
        """Select one alone where other things are shown than before; nothing where nothing is."""
        self.cursor = self._anchor = position
        self.chosen = {position} if self.count else set()
        self._picked()
