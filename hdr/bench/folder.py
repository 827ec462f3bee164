"""A class folder of photographs to arrays: seconds and memory, ours beside one picture after another into a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.process import Comparison, compare, run_python
from hdr.vision.media import save_image

_LABELS = ("cat", "dog")
_OCTAVES = 6
_SLOWEST = 1e6  # bytes of JPEG a second

# In a thread beside: the most that this process alone has of memory, above what it had before it began. Pages of files,
# which the system may take back, are not counted (RssAnon of /proc/self/status, looked at every 5 ms).
_MEASURE = """
import json, sys, threading, time
from pathlib import Path
from hdr.data.class_folders import load_pictures
from hdr.data.freezing import picture_hash
from hdr.data.label_folders import list_labels
from hdr.vision.media import load_image
import cv2

def anonymous():
    try:
        status = open("/proc/self/status", encoding="ascii")
    except OSError:
        return None
    with status:
        return next((int(line.split()[1]) for line in status if line.startswith("RssAnon:")), None)

cv2.resize(load_image(next(Path(sys.argv[1]).glob("*/*"))), (9, 9))
before = most = anonymous()
done = threading.Event()

def watch():
    global most
    while before is not None and not done.wait(0.005):
        most = max(most, anonymous())

beside = threading.Thread(target=watch)
beside.start()
start = time.perf_counter()
pictures = load(Path(sys.argv[1]))
seconds = time.perf_counter() - start
done.set()
beside.join()
print(json.dumps([len(pictures), seconds, None if before is None else (most - before) * 1024 / 1e6]))
"""
_OURS = """
def load(root):
    listing = list_labels(root)
    return load_pictures(listing, tuple(one.label for one in listing.labelled), []).crops
"""
_ONE_BY_ONE = """
def load(root):
    pictures, known = [], []
    for path in sorted(root.glob("*/*.jpg")):
        picture = load_image(path)
        scale = 320 / max(picture.shape[:2])
        if scale < 1:
            size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        pictures.append(picture)
        known.append(picture_hash(picture))
    return pictures
"""


def photograph(side_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture with as much of each coarseness as photographs have: shape (3/4 side, side, 3), ``uint8``.

    References
    ----------
    D. J. Field, "Relations between the statistics of natural images and the response properties of cortical cells",
    1987, doi:10.1364/JOSAA.4.002379 (amplitude falls as 1/f).
    """
    size = side_px, side_px * 3 // 4
    whole = np.full((size[1], size[0], 3), 128, np.float32)
    for octave in range(_OCTAVES):
        cells = rng.normal(0, 60 / 2**octave, (3 * 2**octave, 4 * 2**octave, 3)).astype(np.float32)
        whole += cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(whole, 0, 255).astype(np.uint8)


def write_photographs(root: Path, count: int, side_px: int, seed: int = 1) -> None:
    """Write a class folder of two labels, as JPEG."""
    rng = np.random.default_rng(seed)
    for label in _LABELS:
        (root / label).mkdir(parents=True)
    for number in range(count):
        save_image(root / _LABELS[number % 2] / f"{number:06}.jpg", photograph(side_px, rng))


def bench_photographs(root: Path, what: str, runs: int) -> Iterator[Comparison]:
    """Measure both on a folder, each in processes of its own, in turns; the memory where the system tells it."""
    ours, theirs = [], []
    limit_s = 300 + sum(file.stat().st_size for file in root.glob("*/*")) / _SLOWEST
    for _ in range(runs):
        ours.append(_measured(_OURS, root, limit_s))
        theirs.append(_measured(_ONE_BY_ONE, root, limit_s))
    yield compare(f"{what} read", "s", [one[1] for one in ours], [one[1] for one in theirs])
    if ours[0][2] is not None:
        memory = ([max(1.0, one[2]) for one in each] for each in (ours, theirs))
        yield compare(f"memory for {what}", "MB", *memory)


def _measured(load: str, root: Path, limit_s: float) -> Any:
    return json.loads(run_python(["-c", load + _MEASURE, str(root)], limit_s=limit_s).output)
