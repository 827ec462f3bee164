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


NOT_A_CARD = [
    *[(key, 7) for key in ("name", "labels", "geometry", "architecture", "scores", "made", "files", "parent")],
    *[(key, None) for key in ("name", "labels", "input_size", "scores", "made", "files")],
    *[("input_size", wrong) for wrong in ("28", 28.0, True, float("nan"), float("inf"), 10**400)],
    *[("input_max", wrong) for wrong in (float("inf"), float("nan"), "1")],
    *[("made", wrong) for wrong in ({"recipe": []}, {"seed": "7"}, {"parameters": None}, {"seconds": []})],
    ("made", {"recipe": {"validation": "a part"}}),
    ("channels", 1.0),
    ("geometry", {}),
    ("labels", [["a"], ["b"]]),
    ("scores", {"a": {"accuracy": float("nan")}}),
    ("scores", json.loads('{"a":' * 30 + "1" + "}" * 30)),
]


@pytest.mark.parametrize(("key", "wrong"), NOT_A_CARD)
def test_a_card_that_says_another_kind_of_thing_is_none(key: str, wrong: object) -> None:
    with pytest.raises(UnreadableModelError, match="is not a model card") as caught:
        ModelCard.from_json(json.dumps({**json.loads(ModelCard("m").to_json()), key: wrong}))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["", ".", "..", "../../evil", "a/b", "a\\b", "/", "a\nb", "\x1b[2J", "a" * 256])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UnreadableModelError, match="does not describe a classifier"):
        ModelCard.from_json(ModelCard(name).to_json())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"labels":' + "[" * 100_000])
def test_a_card_too_deep_to_be_parsed_is_refused(text: str) -> None:
    with pytest.raises(UnreadableModelError, match="is not a model card"):
        ModelCard.from_json(text)


def test_labels_that_are_numbers_are_texts() -> None:
    told = {**json.loads(ModelCard("m").to_json()), "labels": [0, 1, 2], "input_max": 1}
    assert ModelCard.from_json(json.dumps(told)).labels == ("0", "1", "2")
