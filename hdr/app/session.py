"""What surrounds the pages of the app: the tool in hand, the settings, what is told; and who hears of changes.

It imports neither Tk nor NumPy, as `hdr.app.state`, which adds the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hdr.app.live_look import LiveLook
from hdr.app.screens import SCREENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hdr.settings import Settings

Listener = Callable[[frozenset[str]], None]
TOOLS = ("pen", "eraser", "select", "box", "cut")
VIEWS = ("page", "gray", "ink", "boxes")


@dataclass(frozen=True)
class Notice:
    """Something to tell the user, calmly.

    Parameters
    ----------
    kind
        ``info``, ``done`` (goes away by itself), ``warning`` or ``error``.
    message
        What happened, a sentence.
    hint
        What to do next, a sentence; may be empty.
    """

    kind: str
    message: str
    hint: str = ""


class Session:
    """All that is not a page, and not undone.

    Listeners are told which of these changed: ``page pages selection history view screen live tool settings saved
    training notice``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tool = "pen"
        self.view = "page"
        self.screen = SCREENS[0].name
        self.left_out_shown = False
        self.live = LiveLook()
        self.counts: dict[str, int] = {}
        self.model = ""
        self.training = ""
        """How the last training run stands: ``live``, ``done``, ``stopped`` or ``failed``; empty for none."""
        self.notice: Notice | None = None
        self._listeners: list[Listener] = []
        self._pending: set[str] = set()
        self._depth = 0

    def listen(self, listener: Listener) -> None:
        """Have a function called with the names of what changed, after each change."""
        self._listeners.append(listener)

    @contextmanager
    def _changing(self, *what: str) -> Iterator[None]:
        self._pending.update(what)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth and self._pending:
                changed, self._pending = frozenset(self._pending), set()
                for listener in list(self._listeners):
                    listener(changed)

    def use_tool(self, tool: str) -> None:
        """Take the pen, the eraser, the pointer, what draws boxes or what cuts them into the hand."""
        assert tool in TOOLS, tool
        with self._changing("tool"):
            self.tool = tool

    def use_screen(self, screen: str) -> None:
        """Show the pages, or what takes their place."""
        assert any(screen == one.name for one in SCREENS), screen
        with self._changing("view", "screen"):
            self.screen = screen

    def set_live(self, live: LiveLook) -> None:
        """Take what the live screen is doing; it is told even where the words for it are the same."""
        with self._changing("live"):
            self.live = live

    def use_view(self, view: str) -> None:
        """Show the page, or a step of how it was read."""
        assert view in VIEWS, view
        with self._changing("view"):
            self.view = view

    def show_left_out(self, shown: bool) -> None:
        """Show all that the model took for no digit, or only what is near the pointer."""
        with self._changing("view"):
            self.left_out_shown = shown

    def set_settings(self, settings: Settings) -> None:
        """Take other settings."""
        if settings != self.settings:
            with self._changing("settings"):
                self.settings = settings

    def say(self, kind: str, message: str, hint: str = "") -> None:
        """Tell the user something, in place of what was told before."""
        with self._changing("notice"):
            self.notice = Notice(kind, message, hint)

    def hush(self) -> None:
        """Take the notice away."""
        if self.notice is not None:
            with self._changing("notice"):
                self.notice = None

    def set_counts(self, counts: dict[str, int]) -> None:
        """Take the number of saved crops by label."""
        with self._changing("saved"):
            self.counts = counts

    def set_training(self, training: str) -> None:
        """Take how the training run stands."""
        with self._changing("training"):
            self.training = training

    def set_model(self, name: str) -> None:
        """Take the name of the model in use."""
        with self._changing("settings"):
            self.model = name
