"""Files dropped on the window to pictures opened, by tkdnd; without it everything else works as before."""

from __future__ import annotations

import logging
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

log = logging.getLogger("hdr.app")


def accept_drops(
    root: tk.Tk, target: tk.Misc, open_paths: Callable[[Sequence[Path]], None], *, whole: bool = False
) -> bool:
    """Have files that are dropped on a widget opened; whether that can be done here.

    Parameters
    ----------
    root, target
        The window, and the widget in it.
    open_paths
        Is given the files.
    whole
        Whether a folder stands for itself, rather than for the pictures in it.
    """
    try:
        from tkinterdnd2 import DND_FILES, TkinterDnD

        TkinterDnD._require(root)
        widget: Any = target  # importing tkinterdnd2 gives every widget these methods
        widget.drop_target_register(DND_FILES)
        widget.dnd_bind("<<Drop>>", lambda event: _on_drop(root, event, open_paths, whole=whole))
    except (ImportError, RuntimeError, tk.TclError, AttributeError) as error:
        log.info("files cannot be dropped on the window: %s", error)
        return False
    return True


def _on_drop(root: tk.Tk, event: Any, open_paths: Callable[[Sequence[Path]], None], *, whole: bool = False) -> str:
    paths = [Path(name) for name in root.tk.splitlist(event.data)] if whole else dropped_paths(root, event.data)
    root.after_idle(open_paths, paths)
    return str(event.action)


def dropped_paths(root: tk.Tk, data: str) -> list[Path]:
    """Return the files of a drop, which come as a Tcl list; of a folder the pictures in it."""
    from hdr.app.dialogs import PICTURES

    suffixes = {pattern[1:] for pattern in PICTURES.split()}
    paths: list[Path] = []
    for name in root.tk.splitlist(data):
        path = Path(name)
        # A folder without pictures is opened as it is, which says what it is.
        paths += _pictures_in(path, suffixes) or [path]
    return paths


def _pictures_in(folder: Path, suffixes: set[str]) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.suffix.lower() in suffixes)
    except OSError:
        return []  # no folder, or one that may not be looked into
