"""What C++ libraries say on standard error while they wake up, kept off a terminal that a person reads."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def first_line(error: Exception) -> str:
    """Return the first line of what a library says of an error, for a sentence of ours."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what is written to file descriptor 2, which is all that such a library knows; Python's errors still raise.

    Where there is no such descriptor (a windowed program on Windows) nothing is done.
    """
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
