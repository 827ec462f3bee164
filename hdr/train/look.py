"""Data that is about to be learned from to a page: how many of each, a sheet of samples, and what will hurt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hdr.data.class_folders import Divided
from hdr.data.looking import counts_of, warnings_of
from hdr.train import page
from hdr.train.plots import plot_counts

_SAMPLES = 12
_MOST_LABELS = 300
"""Samples of more than these nobody looks through."""


def data_report(data: Divided, told: str, seed: int = 7) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    data
        What was loaded.
    told
        What to call it.
    seed
        Chooses the samples.

    Raises
    ------
    HdrError
        Where matplotlib is not installed.
    """
    return page.whole_page(f"{told}, before training", _parts(data, seed))


def _parts(data: Divided, seed: int) -> Iterator[str]:
    counts = counts_of(data)
    how = "as it came divided" if data.own else "divided by group"
    yield page.paragraph(f"{len(data.learn):,} to learn from, {len(data.test):,} to test on, {how}", "big")
    warned = list(warnings_of(data))
    if warned:
        yield page.heading("What will hurt")
        yield page.listing(warned)
    yield page.heading("How many of each")
    yield page.picture(plot_counts({name: sum(both) for name, both in counts.items()}), "samples by label")
    rows = ((name, f"{learn:,}", f"{test:,}") for name, (learn, test) in counts.items())
    yield page.table(("label", "to learn from", "to test on"), rows)
    yield page.heading("Samples")
    yield from _sheet(data, seed)
    if data.left_out:
        yield page.heading("Left out")
        yield page.listing(data.left_out)


def _sheet(data: Divided, seed: int) -> Iterator[str]:
    rng = np.random.default_rng(seed)
    names = data.learn.names
    for label, name in enumerate(names[:_MOST_LABELS]):
        rows = np.flatnonzero(data.learn.labels == label)
        chosen = rng.permutation(rows)[:_SAMPLES]
        yield page.gallery((np.asarray(data.learn.crops[i]), (name,)) for i in chosen)
    if len(names) > _MOST_LABELS:
        yield page.paragraph(f"and {len(names) - _MOST_LABELS:,} more labels", "said")
