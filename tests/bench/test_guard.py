"""Pages with troubles that the shipped model reads today, so that a change by which it no longer does is noticed.

`hdr bench pages` tells much more; this is what fits into three seconds.
"""

from __future__ import annotations

import numpy as np
import pytest

from hdr.bench.hand import written_digits
from hdr.bench.pages import OURS, Reader, readers
from hdr.bench.scoring import PageScore, score_page
from hdr.bench.troubles import troubled_page
from hdr.classify.loading import load_classifier
from hdr.workspace import shipped_models

DIGITS = written_digits(200, np.random.default_rng(11))
READ_TODAY = (
    *("gradient", "shadow", "noise", "jpeg", "contrast", "invert", "lines", "squares", "slope", "touching", "large"),
    *("columns", "colour", "thin", "thick", "tilt", "perspective", "cells", "sudoku", "clutter", "through", "mixed"),
)


@pytest.fixture(scope="module")
def ours() -> Reader:
    default = shipped_models() / "default"
    return readers(load_classifier(default), (default / "model.tflite").read_bytes())[OURS]


@pytest.fixture(scope="module")
def scores(ours: Reader) -> dict[str, PageScore]:
    pages = [troubled_page(DIGITS, trouble, 0.5, 1) for trouble in READ_TODAY]
    return {page.kind: score_page(page, ours(page.image)) for page in pages}


def test_pages_with_troubles_are_read(scores: dict[str, PageScore]) -> None:
    whole = sum(scores.values(), PageScore())
    assert whole.found_f1 > 0.975
    assert whole.box_f1 > 0.97


@pytest.mark.parametrize("trouble", READ_TODAY)
def test_no_trouble_takes_a_page_down(scores: dict[str, PageScore], trouble: str) -> None:
    assert scores[trouble].found_f1 > 0.85
