"""A page read with some mistakes, and a tool driven by keys, to the number of keystrokes until it is saved as truth.

The person who is played here sees the page and knows the digits. Whatever is selected gets its key where it is wrong;
else they go on to the next that the tool is unsure of. Once nothing is wrong they say that the page is done. No mouse.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from hdr.bench.generate import PageStyle, TruePage, compose_page
from hdr.bench.hand import written_digits
from hdr.bench.process import Comparison, compare
from hdr.classify.classifier import Prediction
from hdr.errors import HdrError
from hdr.geometry import Box, iou
from hdr.reading.results import Reading

_MOST_KEYS = 1000
_SAME = 0.5
_TRIES = 20
_DOUBT = 0.35, 0.85
"""How sure a model is of what it reads wrong: less than of what it reads right, since it is calibrated."""
Misread = Callable[[Reading], Reading]


@dataclass(frozen=True)
class Seen:
    """A digit as the tool shows it.

    Parameters
    ----------
    box
        Where.
    label
        What the tool takes it for.
    confirmed
        Whether a person has spoken of it.
    """

    box: Box
    label: str
    confirmed: bool


class Desk(Protocol):
    """A tool that can be driven by keys alone."""

    def press(self, key: str) -> None:
        """Press a key, named as in the tool's own list, and wait for what it does."""
        ...

    @property
    def digits(self) -> Sequence[Seen]:
        """All that is shown."""
        ...

    @property
    def selected(self) -> Seen | None:
        """Where the next key goes; None for nowhere."""
        ...

    def saved(self) -> list[str]:
        """The labels that were saved as a person's, in no order."""
        ...


OpenDesk = Callable[[Path, Path, Misread], AbstractContextManager[Desk]]
"""Opens a tool with a folder for its files and one with pictures, and has it misread what it reads."""


def bench_effort(open_desk: OpenDesk, pages: int = 5, digits: int = 100, wrong: int = 5, seed: int = 1) -> Comparison:
    """Count keystrokes from the opened page to the saved truth, in a tool and where every box is labelled.

    Parameters
    ----------
    open_desk
        Opens the tool.
    pages
        How many are counted; the median is told, and the worst.
    digits, wrong
        On each page, and how many of them are read wrong.
    seed
        The same seed writes the same pages and mistakes.

    Raises
    ------
    HdrError
        Where the tool saved anything but the truth.
    """
    ours, theirs = [], []
    for number in range(pages):
        rng = np.random.default_rng([seed, number])
        ours.append(_count(open_desk, write_page(digits, rng), wrong, rng))
        theirs.append(label_every_box(digits))
    what = f"keystrokes to a saved page, {digits} digits, {wrong} read wrong (worst of {pages}: {max(ours)})"
    return compare(what, "keys", ours, theirs)


def write_page(digits: int, rng: np.random.Generator) -> TruePage:
    """Write a page of so many digits by our own hand, in rows of up to 20."""
    columns = next(n for n in range(min(20, digits), 0, -1) if digits % n == 0)
    style = PageStyle(size=(90 * columns + 120, 110 * (digits // columns) + 120), columns=columns,
                      rows=digits // columns)  # fmt: skip
    return compose_page(*written_digits(500, rng), rng, style)


def _count(open_desk: OpenDesk, page: TruePage, wrong: int, rng: np.random.Generator) -> int:
    from hdr.vision.media import save_image

    assert page.boxes is not None
    truth = page.boxes
    with tempfile.TemporaryDirectory() as folder:
        home, pictures = Path(folder, "home"), Path(folder, "pictures")
        pictures.mkdir()
        save_image(pictures / "page.png", page.image)
        with open_desk(home, pictures, lambda reading: misread(reading, truth, wrong, rng)) as desk:
            keys = work_through(desk, truth)
            saved = desk.saved()
    if Counter(saved) != Counter(label for _, label in truth):
        raise HdrError(f"{len(saved)} labels were saved, which are not those of the page.", hint="This is a bug.")
    return keys


def misread(reading: Reading, truth: Iterable[tuple[Box, str]], wrong: int, rng: np.random.Generator) -> Reading:
    """Return a reading of which so many digits are wrong, those among them that were so by themselves."""
    known = list(truth)
    right = [
        i for i, digit in enumerate(reading.digits) if digit.is_digit and digit.label == _label_at(known, digit.box)
    ]
    already = len(known) - len(right)
    digits = list(reading.digits)
    for index in rng.choice(right, max(0, wrong - already), replace=False):
        digits[index] = dataclasses.replace(digits[index], prediction=_confused(digits[index].prediction, rng))
    return dataclasses.replace(reading, digits=tuple(digits))


def _confused(prediction: Prediction, rng: np.random.Generator) -> Prediction:
    """The same as if the model took it for another digit, and were less sure of that."""
    right = prediction.label
    other = str(rng.choice([label for label in prediction.labels if label.isdecimal() and label != right]))
    sure = float(rng.uniform(*_DOUBT))
    probabilities = np.full(len(prediction.labels), (1 - sure) / 2 / len(prediction.labels), np.float64)
    probabilities[prediction.labels.index(other)] += sure
    probabilities[prediction.labels.index(right)] += (1 - sure) / 2
    return Prediction(prediction.labels, probabilities.astype(np.float32))


def work_through(desk: Desk, truth: Iterable[tuple[Box, str]]) -> int:
    """Play the person; return how many keys were pressed.

    Raises
    ------
    HdrError
        Where the keys lead nowhere.
    """
    known = list(truth)
    for pressed in range(_MOST_KEYS):
        key = _next_key(desk, known)
        if not key:
            return pressed
        desk.press(key)
    raise HdrError(f"After {_MOST_KEYS} keys the page is still not done.", hint="This is a bug.")


def _next_key(desk: Desk, known: list[tuple[Box, str]]) -> str:
    """What the person presses now; nothing once the page is saved."""
    if desk.saved():
        return ""
    if not desk.digits:
        return "Return"
    if all(digit.label == _label_at(known, digit.box) for digit in desk.digits):
        return "Ctrl+Return"
    here = desk.selected
    right = _label_at(known, here.box) if here is not None else ""
    return right if here is not None and right and here.label != right else "U"


def _label_at(known: Iterable[tuple[Box, str]], box: Box) -> str:
    """What a digit really is; empty for what is none."""
    best, label = max(((iou(box, there), label) for there, label in known), default=(0.0, ""))
    return label if best >= _SAME else ""


def label_every_box(digits: int) -> int:
    """Count the keys of a tool that reads nothing but is as quick as one can be: boxes drawn, a key a label, save."""
    return digits + 1
