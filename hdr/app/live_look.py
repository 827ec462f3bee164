"""What the live screen is doing, as one value that menus, buttons and the screen itself go by. No Tk, no NumPy."""

from __future__ import annotations

from dataclasses import dataclass

PANELS = {
    "number": "The number read",
    "digit": "The selected digit",
    "bars": "How likely each label is",
    "rates": "Frames a second and times",
    "controls": "Live settings",
    "labels": "Boxes and labels",
}
"""What can be hidden, and its name in the menu."""


@dataclass(frozen=True)
class LiveLook:
    """What is going on.

    Parameters
    ----------
    phase
        ``idle``, ``opening``, ``live``, ``lost`` (it is looked for), ``ended`` or ``paused``.
    picture
        Whether there is a frame to look at; the last one stays when a camera is gone.
    frozen
        Whether the picture stands still.
    ink
        Whether the ink is shown in place of the frame.
    grown
        Whether the part of the frame that the model is given is outlined.
    bursting
        Whether every new digit is saved.
    saved
        How many crops bursts have saved.
    recording
        Whether a video is being written.
    model, other
        Names of the model that reads, empty for the one in use; and of the one it is compared with, empty for none.
    region
        Whether the keys move the region of interest.
    hidden
        The panels that are not shown.
    """

    phase: str = "idle"
    picture: bool = False
    frozen: bool = False
    ink: bool = False
    grown: bool = False
    bursting: bool = False
    saved: int = 0
    recording: bool = False
    model: str = ""
    other: str = ""
    region: bool = False
    hidden: frozenset[str] = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether a camera is open, or about to be."""
        return self.phase in ("opening", "live", "lost")
