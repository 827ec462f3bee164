"""What the app asks of a person in a window of its own, as a protocol that tests answer without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hdr.app.document import Document


@dataclass(frozen=True)
class ExportChoice:
    """What to export and where to.

    Parameters
    ----------
    form
        One of `hdr.app.services.EXPORT_FORMATS`.
    target
        The file or folder to make.
    size_px
        Side of the exported fields.
    """

    form: str
    target: Path
    size_px: int = 28


class Dialogs(Protocol):
    """What is asked in a window of its own."""

    def open_pictures(self, folder: str) -> list[Path]:
        """Ask for picture files; none where the user changed their mind."""
        ...

    def open_folder(self, folder: str) -> Path | None:
        """Ask for a folder of pictures; None where the user changed their mind."""
        ...

    def export(self, count: int) -> ExportChoice | None:
        """Ask what to export."""
        ...

    def save_before_closing(self, pages: Sequence[Document]) -> str:
        """Ask what to do with corrections that are not saved: ``save``, ``discard`` or ``stay``."""
        ...

    def choose(self, question: str, more: str, *answers: tuple[str, str]) -> str:
        """Ask a question; its answers are names and texts, the first what it means to answer nothing."""
        ...

    def choose_one(self, title: str, choices: Mapping[str, str]) -> str:
        """Ask for one of some, texts by name; empty where the user changed their mind."""
        ...

    def open_file(self, title: str, kinds: Sequence[tuple[str, str]]) -> Path | None:
        """Ask for a file of some kinds, names and patterns; None where the user changed their mind."""
        ...

    def save_file(self, title: str, name: str, ending: str) -> Path | None:
        """Ask where to write a file; None where the user changed their mind."""
        ...

    def snapshot(self, take: Callable[[Any, str], None]) -> None:
        """Show the cameras; call back with a picture taken and the camera's name."""
        ...

    def help(self) -> None:
        """Show the help sheet."""
        ...

    def ask_label(self, present: str) -> str:
        """Ask for a label that has no key; empty where the user changed their mind."""
        ...

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""
        ...

    def clipboard_text(self) -> str:
        """Return the text on the clipboard; empty for none."""
        ...

    def close(self) -> None:
        """Close the window."""
        ...
