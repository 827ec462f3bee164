"""What a model is and what it expects, as written beside its weights in `card.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from hdr.classify.names import DIGITS
from hdr.errors import ModelMismatchError, UnreadableModelError
from hdr.vision.normalize import GEOMETRY, PICTURE

CARD_VERSION = 1
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("name", "geometry", "architecture", "trained_on"), str),
    **dict.fromkeys(("input_size", "channels"), int),
    **dict.fromkeys(("scores", "made", "files"), dict),
    "labels": list,
    **dict.fromkeys(("input_max", "input_black"), (int, float)),
    "parent": (str, type(None)),
}
"""What stands under each key; a card is often somebody else's, and what reads it counts on that."""
_MADE: dict[str, type | tuple[type, ...]] = {"recipe": dict, "seed": int, "parameters": int, "seconds": (int, float)}
"""The same of what is read again of `ModelCard.made`."""
_WHITEST = 65535.0  # of 16 bits
_LONGEST_NAME = 255
_DEEPEST = 20


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
    input_black
        What black is to it there: 0, or -1 for one that learned from numbers between -1 and 1.
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
    input_black: float = 0.0

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
            told = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_whole_number)
            known = {key: told[key] for key in cls.__dataclass_fields__ if key in told}
            _check_kinds(known, _KINDS)
            _check_kinds(known.get("made", {}), _MADE)
            _check_kinds(known.get("made", {}).get("recipe", {}), {"validation": float})
            _check_depth(known, _DEEPEST)
            known["labels"] = tuple(_label(label) for label in told["labels"])
            card = cls(**known)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UnreadableModelError(f"{where} is not a model card ({error}).", hint=cure) from error
        if not card._is_of_a_classifier():
            raise UnreadableModelError(f"{where} does not describe a classifier.", hint=cure)
        if card.geometry not in {GEOMETRY, PICTURE}:
            raise ModelMismatchError(
                f"{where} asks for the geometry {card.geometry!r}; this version makes {GEOMETRY!r} and {PICTURE!r}.",
                hint="Train the model again with this version, or use the version that made it.",
            )
        return card

    def _is_of_a_classifier(self) -> bool:
        white = max(abs(self.input_max), abs(self.input_black)) <= _WHITEST and self.input_max != self.input_black
        sizes = self.input_size >= 1 and self.channels in (1, 3) and white
        return sizes and len(set(self.labels)) == len(self.labels) >= 2 and _is_plain_name(self.name)


def _check_kinds(told: dict[str, Any], kinds: dict[str, type | tuple[type, ...]]) -> None:
    for key, kind in kinds.items():
        if key in told and (not isinstance(told[key], kind) or isinstance(told[key], bool)):
            raise TypeError(f"its {key} is {told[key]!r}"[:80])


def _check_depth(told: Any, left: int) -> None:
    if not left:
        raise ValueError("it is nested too deeply")
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        _check_depth(part, left - 1)


def _label(told: Any) -> str:
    if not isinstance(told, str | int):
        raise TypeError(f"a label is {told!r}"[:80])
    return str(told)


def _number(text: str) -> float:
    """A number in a card; NaN, infinity and what is larger than any size or score are none."""
    if not abs(float(text)) < 1e18:
        raise ValueError(f"the number {text[:20]}")
    return float(text)


def _whole_number(text: str) -> int:
    _number(text)
    return int(text)


def _is_plain_name(name: str) -> bool:
    """Whether it leads into no other folder: files are named after it, such as those that are exported."""
    bare = PurePosixPath(name).name == name == PureWindowsPath(name).name != ".."
    return bare and 0 < len(name) <= _LONGEST_NAME and name.isprintable()
