"""What a user can cause or cure, as exceptions whose text is a sentence and its cure.

::

    HdrError
    ├── ImageError          a picture that cannot be used
    │   ├── UnreadableImageError    not a picture, cut off, empty, or not there
    │   └── ImageTooLargeError      more pixels than `Settings.input` allows
    ├── CameraError         no camera, a busy one, or one that went away
    ├── RecordingError      a recording that cannot be written, or not any further
    ├── SettingsError       a value outside its range
    ├── CaptureError        a capture that cannot be saved, read or exported
    ├── DatasetError        labelled data that cannot be used
    └── ModelError          a model that cannot be used
        ├── UnreadableModelError    not a model, or cut off
        ├── UnsafeModelError        a model file that carries code
        ├── ModelMismatchError      other labels or another input size than its card says
        └── ModelNotFoundError      no model of that name

They are caught in three places only: the command line (exit 1), the job runner and the window's callback handler.
Everything else that is raised is a bug and is reported as one.
"""

from __future__ import annotations


class HdrError(Exception):
    """Something that a user caused or can cure.

    Parameters
    ----------
    message
        What happened to which thing, with the value received.
    hint
        What to do next, a sentence. Empty where the message says it all.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class ImageError(HdrError):
    """A picture that cannot be used."""


class UnreadableImageError(ImageError):
    """Not a picture, cut off, empty, or not there."""


class ImageTooLargeError(ImageError):
    """More pixels than the settings allow."""


class CameraError(HdrError):
    """No camera, a busy one, or one that went away."""


class RecordingError(HdrError):
    """A recording that cannot be written, or not any further."""


class SettingsError(HdrError):
    """A value outside its range."""


class CaptureError(HdrError):
    """A capture that cannot be saved, read or exported."""


class DatasetError(HdrError):
    """Labelled data that cannot be used."""


class ModelError(HdrError):
    """A model that cannot be used."""


class UnreadableModelError(ModelError):
    """Not a model, or cut off."""


class UnsafeModelError(ModelError):
    """A model file that carries code, which is never run."""


class ModelMismatchError(ModelError):
    """Other labels or another input size than its card says."""


class ModelNotFoundError(ModelError):
    """No model of that name."""


def install_hint(extra: str) -> str:
    """Return how to install what is missing, by the name of the extra that holds it."""
    return f'Install it, in the folder of hdr: pip install ".[{extra}]"'
