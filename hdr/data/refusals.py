"""What the system refuses to do with the captures, to a sentence that says what happened and what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from hdr.errors import CaptureError


def explain(root: Path, error: OSError) -> CaptureError:
    """Return what the system refused to do with the captures, as a sentence with its cure."""
    what, cure = _why(error)
    return CaptureError(f"The captures in {root} {what} ({error.strerror or error}).", hint=cure)


def _why(error: OSError) -> tuple[str, str]:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "cannot be written: the disk is full", "Free some space and save again; what was saved before is whole."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "may not be written or read", "Give yourself the right to, or set HDR_HOME to another folder."
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return "cannot be used: a file is where a folder should be", "Move that file away and save again."
    return "could not be written or read", "Check that the folder is still there, and save again."
