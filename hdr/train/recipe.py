"""What a training run does with its data, as plain numbers: an architecture's own recipe, or that with changes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from hdr.data.augment import Warp
from hdr.data.labels import is_writing
from hdr.data.pictures import PictureWarp
from hdr.errors import ModelError

Optimizer = Literal["adamw", "adam", "rmsprop", "sgd"]
Schedule = Literal["cosine", "constant", "plateau"]
ClassWeights = Literal["none", "balanced"]


@dataclass(frozen=True)
class Stage:
    """A part of a run in which other layers learn: transfer learning has three.

    Parameters
    ----------
    until
        Share of the run's epochs after which it ends, above 0, at most 1.
    rate
        Share of the recipe's learning rate that holds in this part.
    unfrozen
        How many of the base's last layers learn, beside the new ones.
    everything
        Whether what was held out is learned from too. No choice is left then: the last epoch is kept.
    """

    until: float
    rate: float = 1.0
    unfrozen: int = 0
    everything: bool = False


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run beside the data.

    Parameters
    ----------
    architecture
        Name in the registry.
    epochs
        Passes over the data.
    batch
        Crops in a step.
    learning_rate
        The highest; see ``schedule``.
    weight_decay
        Pull of every weight towards 0, as AdamW has it; the other optimizers know none.
    smoothing
        Share of each label that is given to all classes alike.
    validation
        Share of the crops held out for every choice, 0 to 1.
    seed
        Of the split, the order, the warps and the first weights.
    warp
        How crops are bent: `Warp` for writing, `PictureWarp` for anything; None leaves them.
    mild
        Share of the epochs, the last ones, over which the warps become half as strong: what is learned from strong
        ones is kept, and digits as they are come into their own.
    mixed
        Whether layers work in bfloat16, their weights kept in float32: faster where the processor knows it.
    optimizer
        What makes a step of a gradient, with Keras's own numbers beside the rate.
    schedule
        ``cosine``: the rate rises over the first epoch, then falls to nothing along a cosine; ``constant``: it stays;
        ``plateau``: it is halved whenever three epochs bring nothing better.
    stages
        What learns when; none where all of it learns all the time.
    weights
        What an architecture with a learned base begins with: ``imagenet`` (a download) or a file; empty for none.
    size
        Side of the input in pixels; 0 for the architecture's own.
    width
        How many filters and units every layer has, as a factor of the architecture's own; a learned base keeps its own.
    dropout
        How much is dropped, as a factor of the architecture's own.
    patience
        A part of the run ends after so many epochs that bring nothing better on what is held out; 0: it never does.
    class_weights
        ``balanced``: a label counts the more, the rarer it is, up to ten times; ``none``: every sample counts alike.
    """

    architecture: str = "default"
    epochs: int = 40
    batch: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    smoothing: float = 0.01
    validation: float = 1 / 12
    seed: int = 7
    warp: Warp | PictureWarp | None = field(default_factory=Warp)
    mild: float = 0.3
    mixed: bool = False
    optimizer: Optimizer = "adamw"
    schedule: Schedule = "cosine"
    stages: tuple[Stage, ...] = ()
    weights: str = ""
    size: int = 0
    width: float = 1.0
    dropout: float = 1.0
    patience: int = 0
    class_weights: ClassWeights = "none"

    def warp_of(self, epoch: int) -> Warp | PictureWarp | None:
        """Return how crops are bent in an epoch, the first being 1."""
        if self.warp is None or not self.mild:
            return self.warp
        into = (epoch - 1 - (1 - self.mild) * self.epochs) / (self.mild * self.epochs)
        return self.warp.scaled(1 - 0.5 * min(max(into, 0.0), 1.0))

    def parts(self) -> list[tuple[Stage | None, range]]:
        """Return the stages with their epochs, the first being 1; those that get none are left out."""
        if not self.stages:
            return [(None, range(1, self.epochs + 1))]
        ends = [0, *(math.ceil(stage.until * self.epochs - 1e-9) for stage in self.stages)]
        parts = [(stage, range(a + 1, b + 1)) for stage, a, b in zip(self.stages, ends, ends[1:], strict=False)]
        return [(stage, epochs) for stage, epochs in parts if epochs]

    def suited_to(self, names: tuple[str, ...]) -> Recipe:
        """Return the recipe with the warp that suits what labels name.

        Writing (labels of one character) is never mirrored; and what is no writing is bent as pictures are, not as ink.
        """
        if is_writing(names):
            bent = self.warp
            return dataclasses.replace(self, warp=bent.unmirrored()) if isinstance(bent, PictureWarp) else self
        return dataclasses.replace(self, warp=PictureWarp()) if isinstance(self.warp, Warp) else self

    def bent(self, told: Sequence[str], names: tuple[str, ...]) -> Recipe:
        """Return the recipe with some numbers of its warp replaced.

        Parameters
        ----------
        told
            Each as ``rotation_deg=20``, by the names that `Warp` or `PictureWarp` has.
        names
            The labels: where they are writing, nothing is mirrored.

        Raises
        ------
        ModelError
            For a name that the warp does not have, a number that is none, or a mirror for writing.
        """
        warp = self.warp
        for one in told:
            name, _, value = one.partition("=")
            known = dataclasses.asdict(warp) if warp else {}
            if name not in known or not _is_amount(value):
                raise ModelError(
                    f"Nothing is bent by {one!r}.",
                    hint=f"Give NAME=NUMBER, of {', '.join(known)}." if known else "This recipe bends nothing.",
                )
            if name == "mirror" and is_writing(names) and float(value):
                raise ModelError("Digits and letters in a mirror are no longer themselves.", hint="Leave out mirror.")
            warp = type(warp)(**{**known, name: float(value)}) if warp else None
        return dataclasses.replace(self, warp=warp)

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise ModelError(
                f"A run of {self.epochs} epochs in batches of {self.batch} trains nothing.", hint="Give at least 1."
            )
        if self.seed < 0:
            raise ModelError(f"The seed is {self.seed}.", hint="Give a whole number from 0 up.")
        if self.patience < 0:
            raise ModelError(f"The patience is {self.patience} epochs.", hint="Give 1 or more, or 0 for no early stop.")
        _one_of("optimizer", self.optimizer, get_args(Optimizer))
        _one_of("schedule", self.schedule, get_args(Schedule))
        _one_of("way of weighing classes", self.class_weights, get_args(ClassWeights))
        ends = [stage.until for stage in self.stages]
        if ends and (ends != sorted(ends) or ends[0] <= 0 or ends[-1] != 1 or self.stages[0].everything):
            raise ModelError(
                f"The stages end at {ends} of the run.",
                hint="Let them rise to 1, and let the first one leave out what is held out.",
            )


def _one_of(what: str, told: str, known: tuple[str, ...]) -> None:
    if told not in known:
        raise ModelError(f"There is no {what} {told!r}.", hint=f"Use one of {', '.join(known)}.")


def _is_amount(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False
