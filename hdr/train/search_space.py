"""An architecture and a few factors to a recipe: what `hdr tune` may choose among.

Numbers are factors of the architecture's own, so that 1 is what its recipe says and a rate that suits one does not have
to suit the other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hdr.data.augment import Warp
from hdr.data.labels import is_writing
from hdr.data.pictures import PictureWarp
from hdr.errors import ModelError
from hdr.train.architectures import Architecture, architectures, find_architecture
from hdr.train.recipe import Optimizer, Recipe

Value = float | str
Values = Mapping[str, Value]

ARCHITECTURE = "architecture"
SETTINGS: dict[str, tuple[Value, ...]] = {
    "rate": (0.25, 0.5, 1.0, 2.0, 4.0),
    "batch": (0.5, 1.0, 2.0),
    "warp": (0.0, 0.5, 1.0),
    "optimizer": ("adam", "adamw", "rmsprop"),
    "width": (0.5, 1.0, 1.5, 2.0),
    "dropout": (0.0, 0.5, 1.0, 1.5),
}
"""What may be chosen beside the architecture, from low to high; `optimizer` by its name."""


@dataclass(frozen=True)
class Space:
    """What is chosen among.

    Parameters
    ----------
    architectures
        Their names, the usual one first.
    settings
        Values by the names of `SETTINGS`.
    names
        The labels that are told apart.
    base
        What holds for all: its seed, mixed precision, how labels count, the weights to begin with, the size.
    """

    architectures: tuple[str, ...]
    settings: Mapping[str, tuple[Value, ...]]
    names: tuple[str, ...]
    base: Recipe

    def usual(self) -> dict[str, Value]:
        """Return the first architecture as its recipe has it, or as near as the values allow."""
        name = self.architectures[0]
        return {ARCHITECTURE: name} | {key: self._usual(key, name) for key in self.applicable(name)}

    def _usual(self, key: str, architecture: str) -> Value:
        own = find_architecture(architecture).recipe_for(self.names)
        known = self.settings[key]
        wanted: Value = own.optimizer if key == "optimizer" else float(own.warp is not None) if key == "warp" else 1.0
        return wanted if wanted in known else known[len(known) // 2]

    def applicable(self, architecture: str) -> list[str]:
        """Return the settings that change something about an architecture."""
        known = find_architecture(architecture)
        without = {"width": bool(known.recipe.weights), "dropout": not known.dropout}
        return [key for key in self.settings if not without.get(key)]

    def recipe(self, values: Values) -> Recipe:
        """Return the recipe of some values."""
        own, base = find_architecture(str(values[ARCHITECTURE])).recipe_for(self.names), self.base
        factors = {key: float(values.get(key, 1.0)) for key in ("rate", "batch", "width", "dropout")}
        return dataclasses.replace(
            own,
            learning_rate=float(f"{own.learning_rate * factors['rate']:g}"),
            batch=max(1, round(own.batch * factors["batch"])),
            optimizer=cast(Optimizer, values.get("optimizer", own.optimizer)),
            warp=_warp(own, float(values["warp"]), self.names) if "warp" in values else own.warp,
            width=factors["width"],
            dropout=factors["dropout"],
            seed=base.seed,
            mixed=base.mixed,
            class_weights=base.class_weights,
            weights=(base.weights or own.weights) if own.weights else "",
            size=base.size or own.size,
        )

    def told(self) -> dict[str, Any]:
        """As JSON has it: another search has another one."""
        settings = {key: list(values) for key, values in self.settings.items()}
        base = {key: getattr(self.base, key) for key in ("seed", "mixed", "class_weights", "weights", "size")}
        return {"architectures": list(self.architectures), "settings": settings, "labels": list(self.names), **base}


def _warp(own: Recipe, strength: float, names: tuple[str, ...]) -> Warp | PictureWarp | None:
    full = own.warp or (Warp() if is_writing(names) else PictureWarp())
    return full.scaled(strength) if strength else None


def suitable(names: tuple[str, ...], weights: str) -> tuple[str, ...]:
    """Return the architectures that suit what labels name: our own first for writing, those of colours for pictures."""
    writing = is_writing(names)

    def suits(one: Architecture) -> bool:
        right = one.channels == (1 if writing else 3) and one.name not in {"tiny", "cnn-augmented"}
        return right and (bool(weights) or not one.recipe.weights)

    found = [one.name for one in architectures() if suits(one)]
    return tuple(sorted(found, key=lambda name: name != "default"))


def settings_of(told: Iterable[str]) -> dict[str, tuple[Value, ...]]:
    """Return `SETTINGS` with some of its values replaced.

    Parameters
    ----------
    told
        Each as ``rate=0.5,1,2``; a single value leaves no choice.

    Raises
    ------
    ModelError
        For a name that is none, or a value that it cannot have.
    """
    settings = dict(SETTINGS)
    for one in told:
        name, _, values = one.partition("=")
        if name not in SETTINGS:
            raise ModelError(f"{one!r} names no setting.", hint=f"Give NAME=VALUE,... of {', '.join(SETTINGS)}.")
        settings[name] = _values(name, values.split(","))
    return settings


def _values(name: str, texts: Sequence[str]) -> tuple[Value, ...]:
    if name == "optimizer":
        wrong, allowed = [text for text in texts if text not in SETTINGS[name]], ", ".join(map(str, SETTINGS[name]))
    else:
        smallest, allowed = (0.0 if 0.0 in SETTINGS[name] else 0.01), "factors of the recipe's own, up to 100"
        wrong = [text for text in texts if not _is_factor(text, smallest)]
    if wrong:
        raise ModelError(f"{name} cannot be {wrong[0]!r}.", hint=f"Give {allowed}.")
    return tuple(texts) if name == "optimizer" else tuple(sorted({float(text) for text in texts}))


def _is_factor(text: str, smallest: float) -> bool:
    try:
        return smallest <= float(text) <= 100
    except ValueError:
        return False
