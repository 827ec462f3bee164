"""A new model beside the one in use: told where that is fair, in words that do not say more than the numbers."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from hdr.classify.store import CARD, ModelStore, read_card
from hdr.data.drawn import draw_digits
from hdr.data.learned import LEARNED, list_learned, write_learned
from hdr.train.rival import beside_the_one_in_use
from hdr.workspace import Workspace

DIGITS = draw_digits(40, 3)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """The model that came with hdr is in use."""
    return ModelStore(Workspace.at(tmp_path))


def told(store: ModelStore, right: float, name: str = "new") -> list[str]:
    rows = np.arange(len(DIGITS)) < right * len(DIGITS)
    return [note.text for note in beside_the_one_in_use(store, name, DIGITS, rows)]


def test_a_difference_is_told_with_what_chance_has_to_say(store: ModelStore) -> None:
    (worse,), (alike,) = told(store, 0.5), told(store, 1)
    assert worse.startswith("default, the model in use, is right on ")
    assert "this one is worse, by more than chance" in worse
    assert "may be chance" in alike


def in_use(store: ModelStore, name: str = "mine", **changes: object) -> Path:
    folder = store.root / name
    shutil.copytree(store.find("default").path, folder)
    card = dataclasses.replace(read_card(folder), name=name, **changes)  # type: ignore[arg-type]  # of many kinds
    (folder / CARD).write_text(card.to_json(), encoding="utf-8")
    store.use(name)
    return folder


def test_a_model_is_not_compared_with_the_one_that_it_replaces(store: ModelStore) -> None:
    in_use(store)
    assert told(store, 0.5)[0].startswith("mine, the model in use")
    assert told(store, 0.5, "mine") == []


def test_a_model_of_other_labels_has_nothing_to_say(store: ModelStore) -> None:
    in_use(store, labels=tuple("abcdefghijk"))
    assert told(store, 0.5) == []


def test_what_has_seen_the_data_is_no_fair_rival(store: ModelStore) -> None:
    folder = in_use(store)
    write_learned(folder, list_learned([DIGITS.take(np.arange(3))]))
    assert told(store, 0.5) == []
    (folder / LEARNED).write_bytes(b"no list")
    assert told(store, 0.5) == []


def test_a_model_in_use_that_is_broken_costs_nothing(store: ModelStore) -> None:
    folder = in_use(store)
    (folder / "model.tflite").write_bytes(b"cut off")
    assert told(store, 0.5) == []
