"""What a model is and what it expects, as written beside its weights in `card.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from hdr.classify.names import DIGITS
from hdr.errors import ModelMismatchError, UnreadableModelError
from hdr.vision.normalize import GEOMETRY, PICTURE

CARD_VERSION = 1


@dataclass(frozen=True)
class ModelCard:
    """A model's own description.

    Parameters
    ----------
    name
        The name of its folder in `models/`.
    labels
        One a class, in the order of the model's outputs.
    input_size
        Side of the square input in pixels.
    channels
        1 for gray (white ink on black), 3 for colour.
    input_max
        What white is to the model where it takes floats: 255 where it rescales itself, as ours do, or 1.
    geometry
        How a crop is placed in the input; see `hdr.vision.normalize.GEOMETRY` and, for whole pictures, `PICTURE`.
    architecture
        Name in the registry of architectures; empty for a foreign model.
    trained_on
        What it learned from, in words, with counts.
    scores
        Measured figures by name: ``{"mnist_test": {"accuracy": 0.9967, "interval": [0.9954, 0.9977], "n": 10000}}``.
    parent
        The model it was fine-tuned from, if any.
    made
        How and when: command, seed, versions, date.
    files
        SHA-256 of each model file beside the card, by name: a file that was damaged or exchanged is noticed.
    """

    name: str
    labels: tuple[str, ...] = DIGITS
    input_size: int = 28
    channels: int = 1
    input_max: float = 255.0
    geometry: str = GEOMETRY
    architecture: str = ""
    trained_on: str = ""
    scores: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None
    made: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As the text of `card.json`."""
        return json.dumps({"version": CARD_VERSION, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "card.json") -> ModelCard:
        """From the text of `card.json`. Unknown keys are ignored, so that an older version can read a newer card.

        Raises
        ------
        UnreadableModelError
            Where it is no card.
        ModelMismatchError
            Where it asks for a geometry that this version does not know.
        """
        cure = "Train or download the model again, or remove the file to have its shape looked up."
        try:
            told = json.loads(text)
            known = {key: told[key] for key in cls.__dataclass_fields__ if key in told}
            known["labels"] = tuple(str(label) for label in told["labels"])
            card = cls(**known)
            whole = card.input_size >= 1 and card.channels in (1, 3) and card.input_max > 0
            whole = whole and len(set(card.labels)) == len(card.labels) >= 2
        except (ValueError, TypeError, KeyError) as error:
            raise UnreadableModelError(f"{where} is not a model card ({error}).", hint=cure) from error
        if not whole:
            raise UnreadableModelError(f"{where} does not describe a classifier.", hint=cure)
        if card.geometry not in {GEOMETRY, PICTURE}:
            raise ModelMismatchError(
                f"{where} asks for the geometry {card.geometry!r}; this version makes {GEOMETRY!r} and {PICTURE!r}.",
                hint="Train the model again with this version, or use the version that made it.",
            )
        return card
