"""What a person chose to the arguments of `hdr train`, or to sentences of what is wrong with it."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path

OWN, MNIST, FOLDERS = "captures", "mnist", "folders"
SOURCES = {OWN: "My captures", MNIST: "MNIST", FOLDERS: "Folders of pictures"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Number:
    """An option that is a number; left empty, it is the recipe's.

    Parameters
    ----------
    name
        Of the option, and of the field of a `Plan`.
    title
        What the form calls it.
    least, most
        Its range.
    whole
        Whether it is a whole number.
    tip
        What it does, a sentence.
    """

    name: str
    title: str
    least: float
    most: float
    whole: bool
    tip: str

    def wrong(self, text: str) -> str:
        """Return what is wrong with what was typed; empty for nothing."""
        try:
            value = int(text) if self.whole else float(text)
            fits = self.least <= value <= self.most
        except ValueError:
            fits = False
        kind = "a whole number" if self.whole else "a number"
        return "" if fits else f"{self.title}: give {kind} from {self.least:g} to {self.most:g}, not {text!r}."


EPOCHS = Number("epochs", "Epochs", 1, 10_000, True, "How often everything is learned from.")
NUMBERS = (
    Number("seed", "Seed", 0, 2**31 - 1, True, "The same seed gives the same run."),
    Number("batch", "Batch", 1, 4096, True, "Pictures learned from at once. Fewer need less memory."),
    Number("rate", "Highest rate", 1e-6, 1, False, "How large the steps are."),
    Number("patience", "Patience", 1, 10_000, True, "Stop after so many epochs that bring nothing better."),
    Number("warp", "Warp, 0 to 1", 0, 1, False, "How strongly pictures are bent while learning."),
    Number("size", "Size, px", 8, 1024, True, "Side of the model's input."),
)
"""What is folded away under "More"."""
SCHEDULES = ("cosine", "constant", "plateau")
"""How the rate changes; see `hdr.train.recipe.Recipe`."""


@dataclass(frozen=True)
class Plan:
    """What was chosen. Texts are as they were typed; an empty one leaves it to the recipe.

    Parameters
    ----------
    source
        ``captures``, ``mnist`` or ``folders``.
    folders
        Of labelled pictures.
    mnist
        MNIST's file; None for the one that is found.
    arch
        Name in the registry.
    start
        The model whose weights to go on from; empty for new ones.
    name
        Of the new model.
    epochs, seed, batch, rate, patience, warp, size
        Numbers.
    schedule
        One of `SCHEDULES`.
    weights
        What a base begins with: ``imagenet`` or a file.
    class_weights
        ``balanced`` or ``none``: whether rare labels count more.
    tensorboard
        Folder for TensorBoard's log.
    """

    source: str = OWN
    folders: tuple[Path, ...] = ()
    mnist: Path | None = None
    arch: str = "default"
    start: str = ""
    name: str = ""
    epochs: str = ""
    seed: str = ""
    batch: str = ""
    rate: str = ""
    patience: str = ""
    schedule: str = ""
    warp: str = ""
    size: str = ""
    weights: str = ""
    class_weights: str = ""
    tensorboard: str = ""

    @classmethod
    def recalled(cls, text: str) -> Plan:
        """Return what `remembered` wrote down; the usual plan where it cannot be believed."""
        try:
            told = json.loads(text)
            texts = {name: told[name] for name in _TEXTS if name in told}
            paths = [*told.get("folders", ()), *([told["mnist"]] if "mnist" in told else [])]
            known = all(texts.get(name, values[0]) in values for name, values in _ONE_OF.items())
            if not known or not all(isinstance(one, str) for one in (*texts.values(), *paths)):
                return cls()
            folders = tuple(map(Path, told.get("folders", ())))
            return cls(folders=folders, mnist=Path(told["mnist"]) if "mnist" in told else None, **texts)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return cls()

    def remembered(self) -> str:
        """Return as JSON what a person will want to find again; not the name, which a model will have by then."""
        told: dict[str, object] = {
            name: text for name in _TEXTS if (text := getattr(self, name)) != getattr(Plan, name)
        }
        if self.folders:
            told["folders"] = [str(path) for path in self.folders]
        if self.mnist:
            told["mnist"] = str(self.mnist)
        return json.dumps(told, ensure_ascii=False) if told else ""

    @property
    def from_scratch(self) -> bool:
        """Whether an architecture is trained, with its recipe, rather than a model made to read one hand better."""
        return self.source != OWN

    def wrong(self) -> list[str]:
        """Return what keeps it from being trained, a sentence each."""
        told: list[str] = []
        if self.source == FOLDERS and not self.folders:
            told.append("Choose a folder with a sub-folder for each label, or drop one here.")
        chosen = self.folders if self.source == FOLDERS else ()
        told += [f"{folder} is not there any more." for folder in chosen if not folder.exists()]
        if self.name and not _NAME.fullmatch(self.name):
            told.append(
                f"{self.name!r} cannot be a model's name: use letters, digits, '.', '_' and '-', beginning with a "
                "letter or digit, 64 at most."
            )
        typed = [(number, getattr(self, number.name)) for number in self.numbers()]
        return told + [wrong for number, text in typed if text and (wrong := number.wrong(text))]

    def numbers(self) -> tuple[Number, ...]:
        """Return the numbers that mean something for this source."""
        if self.from_scratch:
            return (EPOCHS, *NUMBERS)
        return (EPOCHS, *(number for number in NUMBERS if number.name in ("seed", "rate")))

    def arguments(self) -> list[str]:
        """Return what to type after ``hdr``."""
        typed = ["train", "--progress", "jsonl", *self._data()]
        if self.from_scratch:
            typed += ["--arch", self.arch]
        if self.start:
            typed += ["--from", self.start]
        for name in ("name", *(number.name for number in self.numbers())):
            text = getattr(self, name)
            typed += [f"--{name}", text] if text else []
        return typed + (self._more() if self.from_scratch else [])

    def _data(self) -> list[str]:
        if self.source == OWN:
            return ["--captures"]
        if self.source == FOLDERS:
            return [part for folder in self.folders for part in ("--data", str(folder))]
        return ["--data", str(self.mnist)] if self.mnist else []

    def _more(self) -> list[str]:
        names = ("schedule", "weights", "tensorboard", "class_weights")
        told = ((name.replace("_", "-"), getattr(self, name)) for name in names)
        return [part for name, value in told if value for part in (f"--{name}", value)]


_TEXTS = tuple(one.name for one in dataclasses.fields(Plan) if one.name not in ("folders", "mnist", "name"))
_ONE_OF = {"source": tuple(SOURCES), "class_weights": ("", "balanced", "none"), "schedule": ("", *SCHEDULES)}
