"""A reading to one picture a stage: gray, ink, boxes, and the fields that the model saw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.classifier import model_input
from hdr.reading.results import Reading
from hdr.vision.overlay import draw_reading, sheet


def step_images(image: NDArray[np.uint8], reading: Reading, card: ModelCard) -> dict[str, NDArray[np.uint8]]:
    """Show how a page was read.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3) RGB, ``uint8``: what was read.
    reading
        What was read, with its steps; without them only the last two stages come back.
    card
        What the model expects; its input size decides the fields.

    Returns
    -------
    In order: ``gray`` and ``ink`` (shape (height, width), the ink black on white), ``boxes`` (height, width, 3),
    ``input`` (a sheet of the fields in reading order, exactly as the model saw them). All ``uint8``.
    """
    stages: dict[str, NDArray[np.uint8]] = {}
    if reading.steps is not None:
        stages["gray"] = reading.steps.gray
        stages["ink"] = np.where(reading.steps.ink, np.uint8(0), np.uint8(255))
    stages["boxes"] = draw_reading(image, reading)
    fields = model_input([digit.crop for digit in reading.digits], card)
    stages["input"] = sheet([field[:, :, 0] for field in fields])
    return stages
