"""A model and a folder of one's own captures to a new model that reads this hand better, measured and published."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import load_keras_model
from hdr.classify.litert import LiteRTClassifier, TFLiteModel
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.classify.store import CARD, ModelStore, read_card
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.evaluate import predict
from hdr.data.learned import list_learned, read_learned, write_learned
from hdr.data.load import load_mnist, told_mnist
from hdr.data.metrics import accuracy
from hdr.data.negatives import make_negatives
from hdr.data.own import OwnCrops, load_own_crops
from hdr.data.printed import find_fonts, render_digits
from hdr.errors import ModelMismatchError, ModelNotFoundError
from hdr.train.convert import save_model, to_tflite
from hdr.train.events import Compared, Event, Measured, Published, compared
from hdr.train.history import write_history
from hdr.train.provenance import digests, versions
from hdr.train.tuning import TuneRecipe, Tuning

_REPLAYED, _CHECKED = 3000, 5000
_NONE = 0.05
"""Share of what is replayed that is no digit: about the odds of a page, which the parent's answers stand for."""


@dataclass(frozen=True, eq=False)
class LearnJob:
    """What to learn from and what to call the result.

    Parameters
    ----------
    name
        Of the new model.
    parent
        Of the model to go on from.
    captures
        The captures folder.
    recipe
        How.
    mnist
        MNIST's file; None for digits that are drawn and printed by rule.
    command
        What was typed, for the card.
    """

    name: str
    parent: str
    captures: Path
    recipe: TuneRecipe = dataclasses.field(default_factory=TuneRecipe)
    mnist: Path | None = None
    command: str = ""


def mnist_if_there(told: Path | None = None) -> Path | None:
    """Return MNIST's file: the one told, the one of ``HDR_MNIST``, or Keras's earlier download; None for none."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    downloaded = home / "datasets" / "mnist.npz"
    return told or told_mnist() or (downloaded if downloaded.is_file() else None)


def learn_and_publish(job: LearnJob, store: ModelStore, *, replace: bool = False) -> Generator[Event, None, OwnCrops]:
    """Fine-tune and publish; a run that is stopped or killed publishes nothing.

    Returns
    -------
    What was learned from and what was left out.

    Raises
    ------
    ModelError
        For a name that is taken, or a parent that cannot be gone on from.
    CaptureError, DatasetError
        Where there is nothing to learn from.
    """
    folder, card = _parent(job.parent, store)
    own = load_own_crops(job.captures, card.labels)
    with store.publishing(job.name, replace=replace) as work:
        replay, check, words = _known(card, job)
        tuning = Tuning(load_keras_model(folder / "model.keras"), card, own.learn, replay, check, job.recipe)
        before = _light(to_tflite(tuning.model), card)
        told: list[Compared] = []
        for event in tuning.run():
            yield event
            told += [event] if isinstance(event, Compared) else []
        tflite = to_tflite(tuning.model)
        save_model(tuning.model, tflite, work)
        scores, events = _measure(own, before, _light(tflite, card))
        yield from events
        scores["known_before"] = {**_score(told[0]), "how": f"held out of {words}"}
        write_history(work, steps=tuning.losses)
        write_learned(work, list_learned([own.learn, replay], [check]).with_older(read_learned(folder)))
        made = dataclasses.replace(_card(job, card, tuning, own, words), scores=scores, files=digests(work))
        (work / CARD).write_text(made.to_json(), encoding="utf-8")
    yield Published(job.name, str(store.root / job.name), len(tflite))
    return own


def _parent(name: str, store: ModelStore) -> tuple[Path, ModelCard]:
    folder = store.find(name).path
    card = read_card(folder)
    if not (folder / "model.keras").is_file():
        raise ModelNotFoundError(
            f"The model {name!r} has no model.keras to go on from.", hint="Go on from another one: --from default."
        )
    if not set(DIGITS) <= set(card.labels):
        raise ModelMismatchError(
            f"The model {name!r} knows {', '.join(card.labels)}, not the ten digits.",
            hint="Go on from a model of digits: --from default.",
        )
    return folder, card


def _known(card: ModelCard, job: LearnJob) -> tuple[Dataset, Dataset, str]:
    """What is like the parent's own data: to replay, to check on, and in words."""
    seed = job.recipe.seed
    if job.mnist is None:
        digits, check, words = *_made_up(seed, card.labels), "digits drawn and printed by rule"
    else:
        share = card.made.get("recipe", {}).get("validation", 1 / 12)
        learned = load_mnist(job.mnist)[0].among(card.labels)
        digits, check = learned.split(share, int(card.made.get("seed", seed)))  # as the parent held it out
        words = "MNIST's training part"
    replay, check = _some(digits, _REPLAYED, seed), _some(check, _CHECKED, seed)
    if NOT_A_DIGIT not in card.labels:
        return replay, check, words
    number = round(_NONE * len(replay) / (1 - _NONE))
    ink, unseen = (make_negatives(number, one, digits=replay.fields()) for one in (seed, seed + 1))
    return replay.merge(ink.among(card.labels)), check.merge(unseen.among(card.labels)), words


def _made_up(seed: int, names: tuple[str, ...]) -> tuple[Dataset, Dataset]:
    digits = draw_digits(2500, seed).among(names)
    fonts = find_fonts()
    if fonts:
        digits = digits.merge(_some(render_digits(fonts).among(names), 1500, seed))
    order = np.random.default_rng(seed).permutation(len(digits))
    return digits.take(order[len(order) // 5 :]), digits.take(order[: len(order) // 5])


def _some(data: Dataset, count: int, seed: int) -> Dataset:
    return data.take(np.random.default_rng(seed).permutation(len(data))[:count])


def _light(tflite: bytes, card: ModelCard) -> LiteRTClassifier:
    return LiteRTClassifier(TFLiteModel(tflite), card)


def _measure(own: OwnCrops, before: LiteRTClassifier, after: LiteRTClassifier) -> tuple[dict[str, Any], list[Event]]:
    """How either model reads what was held out of the own crops."""
    if not len(own.held):
        return {}, []
    was, now = (predict(one, own.held).predicted for one in (before, after))
    told = compared("your captures, held out", was == own.held.labels, now == own.held.labels)
    got = accuracy(own.held.labels, now)
    how = "model.tflite, on pages that it has not learned from; Wilson interval"
    score = {**got.as_score(), "how": how, "parent_accuracy": told.before, "p": told.p}
    return {"captures_held_out": score}, [told, Measured("captures_held_out", got.value, got.interval, got.n, 0)]


def _score(told: Compared) -> dict[str, Any]:
    return {"accuracy": told.after, "parent_accuracy": told.before, "n": told.n, "p": told.p}


def _card(job: LearnJob, parent: ModelCard, tuning: Tuning, own: OwnCrops, words: str) -> ModelCard:
    learned = f"{len(own.learn):,} own crops ({len(own.held):,} more held out), beside {words} to forget nothing"
    made = {
        "command": job.command,
        "from": {"command": parent.made.get("command"), "files": dict(parent.files)},
        "captures": own.version,
        "seed": parent.made.get("seed", job.recipe.seed),
        "recipe": {**dataclasses.asdict(job.recipe), **_held_share(parent)},
        "way": tuning.way,
        "parameters": int(tuning.model.count_params()),
        "precision": "dynamic",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "versions": versions(),
        "seconds": round(tuning.seconds),
    }
    told = f"{learned}; before that, as {parent.name}: {parent.trained_on}"
    return dataclasses.replace(parent, name=job.name, trained_on=told, parent=parent.name, made=made)


def _held_share(parent: ModelCard) -> dict[str, float]:
    """What the parent held out of MNIST stays held out in whoever goes on from here."""
    share = parent.made.get("recipe", {}).get("validation")
    return {} if share is None else {"validation": share}
