"""Samples to one `.npz`: ``x`` (samples, size, size) ``uint8``, ``y`` the classes, ``labels`` their names in order,
``groups`` the page that each came from. All plain arrays, so that it loads with ``allow_pickle=False``.

There is no ``x_train`` and ``x_test``: nothing has been divided, and whoever divides should do so by ``groups``.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from hdr.data.formats.samples import Samples
from hdr.data.formats.writing import write_file


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as one `.npz`.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    file = io.BytesIO()
    np.savez_compressed(
        file,
        x=samples.fields,
        y=samples.classes,
        labels=np.array(samples.labels, np.str_),
        groups=np.array([origin.capture for origin in samples.origins], np.str_),
    )
    write_file(target, file.getvalue(), replace=replace)
