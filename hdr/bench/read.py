"""How fast crops become labels and pages become readings, in one process that is warm."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.bench.generate import PageStyle, compose_page
from hdr.bench.hand import written_digits
from hdr.bench.process import Comparison, compare, run_python
from hdr.classify.classifier import Classifier, model_input
from hdr.reading.pipeline import find_crops, read_digits

# 50 calls of model.predict, one digit each, as tutorials do in their loop; the first two are not counted.
_PREDICT = """
import json, sys, time
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
digits = np.load(sys.argv[2], allow_pickle=False)
for digit in digits[:2]:
    model.predict(digit[None], verbose=0)
took = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    for digit in digits:
        model.predict(digit[None], verbose=0)
    took.append(time.perf_counter() - start)
print(json.dumps(took))
"""


def dense_page(digits: int = 50, size: tuple[int, int] = (1700, 1200), seed: int = 1) -> NDArray[np.uint8]:
    """Return a 2-megapixel page of our own hand with at least so many digits."""
    rng = np.random.default_rng(seed)
    columns = 10
    style = PageStyle(size=size, digit_px=80, rows=-(-digits // columns), columns=columns, gap=0.7)
    return compose_page(*written_digits(300, rng), rng, style).image


def bench_read(classifier: Classifier, keras_model: Path, folder: Path, runs: int) -> Iterator[Comparison]:
    """Time 50 digits from ready crops to labels against `model.predict` one by one, and a whole page.

    Parameters
    ----------
    classifier
        Ours.
    keras_model
        The same model for the baseline.
    folder
        For what is handed to the baseline's process.
    runs
        How often each is timed.
    """
    page = dense_page()
    crops = find_crops(page).crops[:50]
    ours = _times(lambda: classifier.classify(crops), runs)
    handed = folder / "digits.npy"
    np.save(handed, model_input(crops, classifier.card), allow_pickle=False)
    told = run_python(["-c", _PREDICT, str(keras_model), str(handed), str(runs)]).output
    baseline = json.loads(told.splitlines()[-1])
    milliseconds = [1e3 * took for took in ours], [1e3 * took for took in baseline]
    yield compare(f"{len(crops)} digits, crops ready to labels known", "ms", *milliseconds)
    whole = [1e3 * took for took in _times(lambda: read_digits(page, classifier), runs)]
    megapixels = page.shape[0] * page.shape[1] / 1e6
    yield compare(
        f"a whole page of {megapixels:.1f} megapixels and {len(crops)} digits, against labelling alone one by one",
        "ms",
        whole,
        milliseconds[1],
    )


def _times(work: Callable[[], object], runs: int) -> list[float]:
    work()
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return took
