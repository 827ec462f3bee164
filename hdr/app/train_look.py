"""Data that was chosen to what is seen of it before anything is learned: counts, samples, and what will hurt.

Asked in the worker. Imports nothing heavy before it is called, and never TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan
from hdr.errors import DatasetError, HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Job
    from hdr.data.class_folders import Divided, Progress
    from hdr.workspace import Workspace

SAMPLES, SIDE = 8, 32
_TINGE = 12
"""Mean difference of a pixel's channels, of 255, up to which a picture passes for gray."""
MOST_LABELS = 300
"""Samples of more than these nobody looks through."""


@dataclass(frozen=True)
class Looked:
    """Data as it is looked at before training.

    Parameters
    ----------
    counts
        Samples to learn from and to test on, by label.
    warnings
        What will hurt, the worst first.
    samples
        By label, some pictures as PPM files of `SIDE` pixels.
    told
        How the data is divided, a sentence.
    """

    counts: Mapping[str, tuple[int, int]]
    warnings: tuple[str, ...]
    samples: Mapping[str, Sequence[bytes]]
    told: str


def look_at(plan: Plan, workspace: Workspace, mnist: Path | None, job: Job) -> Looked:
    """Return what would be learned from.

    Parameters
    ----------
    plan
        What was chosen.
    workspace
        With the captures.
    mnist
        MNIST's file, where it is there.
    job
        Says how far it is, and is looked at to see whether this was cancelled.

    Raises
    ------
    HdrError
        Where there is nothing to learn from, or it cannot be read.
    """
    from hdr.data.looking import counts_of, warnings_of

    title = job.title

    def tell(done: int, of: int) -> None:
        if job.cancelled.is_set():
            raise HdrError("Stopped.")
        job.title = f"Reading pictures: {done:,} of {of:,}" if done < of else title
        job.report(done / of)

    divided = _load(plan, workspace, mnist, tell)
    if job.cancelled.is_set():
        raise HdrError("Stopped.")
    how = "as it came divided" if divided.own else "divided by group, so that nothing is in both"
    samples = _samples(divided)
    return Looked(
        counts_of(divided),
        (*warnings_of(divided), *_unseen_colours(plan, samples)),
        samples,
        f"{len(divided.learn):,} to learn from, {len(divided.test):,} to test on, {how}.",
    )


def _load(plan: Plan, workspace: Workspace, mnist: Path | None, tell: Progress) -> Divided:
    from hdr.data.class_folders import Divided, load_class_folders
    from hdr.data.load import load_mnist
    from hdr.data.own import load_own_crops

    seed = int(plan.seed) if plan.seed.isdecimal() else 7
    if plan.source == FOLDERS:
        return load_class_folders(plan.folders, seed, progress=tell)
    if plan.source == OWN:
        own = load_own_crops(workspace.captures, _labels(plan, workspace))
        # What else the model knows is replayed and need not be saved.
        saved = tuple(name for name, n in own.learn.merge(own.held).count().items() if n)
        return Divided(own.learn.among(saved), own.held.among(saved), own=False, left_out=own.left_out)
    assert plan.source == MNIST
    if mnist is None:
        raise DatasetError(
            "MNIST is not on this computer yet, so there is nothing to look at.",
            hint="Training downloads it (11 MB), or choose its file.",
        )
    return Divided(*load_mnist(mnist), own=True)


def _labels(plan: Plan, workspace: Workspace) -> tuple[str, ...]:
    """What the model to go on from knows."""
    from hdr.classify.store import ModelStore, read_card

    store = ModelStore(workspace)
    return read_card(store.find(plan.start or store.current()).path).labels


def _samples(data: Divided) -> dict[str, list[bytes]]:
    import numpy as np

    learn, rng = data.learn, np.random.default_rng(7)
    found: dict[str, list[bytes]] = {}
    for label, name in enumerate(learn.names[:MOST_LABELS]):
        rows = rng.permutation(np.flatnonzero(learn.labels == label))[:SAMPLES]
        found[name] = [_ppm(one) for one in learn.take(rows).fields(SIDE)] if len(rows) else []
    return found


def _unseen_colours(plan: Plan, samples: Mapping[str, Sequence[bytes]]) -> list[str]:
    """Whether what was chosen sees pictures in gray that differ by their colours."""
    from hdr.train.architectures import architectures

    seeing = [one.name for one in architectures() if one.channels == 3]
    coloured = any(map(_is_coloured, chain(*samples.values())))
    if plan.source != FOLDERS or plan.arch in seeing or not coloured:
        return []
    return [f"These pictures have colours, and {plan.arch} sees them in gray: {' and '.join(seeing)} see colours."]


def _is_coloured(ppm: bytes) -> bool:
    """Whether a sample is more than gray with a tinge."""
    import numpy as np

    if not ppm.startswith(b"P6"):
        return False
    pixels = np.frombuffer(ppm[-3 * SIDE * SIDE :], np.uint8).reshape(-1, 3).astype(np.int16)
    return bool(np.ptp(pixels, axis=1).mean() > _TINGE)


def _ppm(field: Any) -> bytes:
    """A picture of gray or colour as the one format that Tk reads without unpacking anything."""
    high, wide = field.shape[:2]
    kind = b"P5" if field.ndim == 2 else b"P6"
    return bytes(b"%s %d %d 255 " % (kind, wide, high) + field.tobytes())
