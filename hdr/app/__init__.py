"""The window: pictures and pen strokes in, readings on the screen, corrected digits to the captures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr.app.window import Window as WindowType
    from hdr.settings import Settings
    from hdr.workspace import Workspace

_TK = ("tkinter", "_tkinter")


def run(
    pictures: Sequence[Path] = (),
    workspace: Workspace | None = None,
    on_painted: Callable[[WindowType], Any] | None = None,
) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    pictures
        Opened as pages once the window is painted.
    workspace
        Where captures and settings are; None finds it.
    on_painted
        Called with the window once it is on the screen, before anything heavy is loaded: for measuring.

    Returns
    -------
    The exit status.

    Raises
    ------
    HdrError
        Where there is no screen, or no Tk.
    """
    from hdr.errors import HdrError
    from hdr.workspace import find_workspace

    try:
        import tkinter as tk  # noqa: F401  (what is asked for comes first)

        from hdr.app.services import Services
        from hdr.app.window import Window
    except ImportError as error:
        if error.name not in _TK:
            raise  # a broken installation of something else, which installing Tk would not mend
        raise HdrError(
            f"The window needs Tk, which this Python does not have ({error}).",
            hint="Install it (Debian, Ubuntu: apt install python3-tk; macOS: brew install python-tk), or use hdr read.",
        ) from error
    Window(Services(workspace or find_workspace()), pictures, on_painted).run()
    return 0


def run_live(
    source: int | str | None = None,
    settings: Settings | None = None,
    model: str = "",
    workspace: Workspace | None = None,
    on_painted: Callable[[WindowType], Any] | None = None,
) -> int:
    """Open the window on its live screen, and stay until it is closed.

    Parameters
    ----------
    source
        A camera's index or name, a file or an address; None for the one used last, or the first camera there is.
    settings
        How frames are read, on this screen alone, and what the camera is asked for; None for what is saved.
    model
        Name of the model that reads; empty for the one in use.
    workspace, on_painted
        As `run` has them.

    Returns
    -------
    The exit status.

    Raises
    ------
    HdrError
        Where there is no screen, or no Tk.
    """

    def begin(window: WindowType) -> None:
        window.controller.live.begin_with(source, settings, model)
        window.state.use_screen("live")
        if on_painted is not None:
            on_painted(window)

    return run((), workspace, begin)
