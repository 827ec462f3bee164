"""The one pipeline: an image and a classifier to a reading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.reading.results import Reading
from hdr.settings import Settings


def read_digits(image: NDArray[np.uint8], classifier: Classifier, settings: Settings | None = None) -> Reading:
    """Find every digit of an image and label it."""
    raise NotImplementedError
