from __future__ import annotations

import json

import pytest

from hdr.classify.card import ModelCard
from hdr.errors import ModelMismatchError, UnreadableModelError


def test_a_card_survives_the_way_through_its_text() -> None:
    card = ModelCard("mine", ("a", "ä", "7"), 32, 3, 1.0, scores={"x": {"accuracy": 0.5}}, parent="default")
    assert ModelCard.from_json(card.to_json()) == card


def test_unknown_keys_of_a_newer_version_are_ignored() -> None:
    told = {**json.loads(ModelCard("m").to_json()), "new": 1}
    assert ModelCard.from_json(json.dumps(told)).name == "m"


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"labels": 3}', '{"labels": ["0", "1"]}'])
def test_what_is_no_card_is_said_to_be_none(text: str) -> None:
    with pytest.raises(UnreadableModelError, match="is not a model card"):
        ModelCard.from_json(text)


@pytest.mark.parametrize(
    "wrong", [{"input_size": 0}, {"channels": 2}, {"labels": ["1", "1"]}, {"labels": ["1"]}, {"input_max": 0}]
)
def test_a_card_of_no_classifier_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UnreadableModelError, match="does not describe a classifier"):
        ModelCard.from_json(json.dumps({**json.loads(ModelCard("m").to_json()), **wrong}))


def test_another_geometry_is_refused_with_its_name() -> None:
    with pytest.raises(ModelMismatchError, match="stretch-18"):
        ModelCard.from_json(ModelCard("m", geometry="stretch-18").to_json())
