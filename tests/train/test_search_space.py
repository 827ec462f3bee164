"""What `hdr tune` chooses among, and the recipes that come of it."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.classify.names import DIGITS
from hdr.data.augment import Warp
from hdr.data.negatives import NAMES
from hdr.data.pictures import PictureWarp
from hdr.errors import ModelError
from hdr.train.architectures import find_architecture
from hdr.train.recipe import Recipe
from hdr.train.search_space import SETTINGS, Space, settings_of, suitable

BALLS = ("football", "rugby_ball")


def _space(*architectures: str, names: tuple[str, ...] = DIGITS, **base: object) -> Space:
    return Space(architectures, SETTINGS, names, dataclasses.replace(Recipe(), **base))  # type: ignore[arg-type]  # of any field


@pytest.mark.parametrize("name", ["default", "cnn-93k", "dense", "mobilenetv2"])
def test_the_usual_values_are_the_recipe_itself(name: str) -> None:
    space = _space(name, weights="base.h5")
    own = find_architecture(name).recipe_for(DIGITS)
    own = dataclasses.replace(own, weights="base.h5") if own.weights else own
    assert space.recipe(space.usual()) == own


def test_numbers_are_factors_of_the_recipes_own() -> None:
    values = {"architecture": "cnn-93k", "rate": 0.5, "batch": 2.0, "warp": 0.5, "optimizer": "adamw", "width": 1.5}
    recipe, own = _space("cnn-93k", seed=3, mixed=True).recipe(values), find_architecture("cnn-93k").recipe
    assert (recipe.learning_rate, recipe.batch) == (own.learning_rate / 2, 2 * own.batch)
    assert (recipe.optimizer, recipe.width, recipe.dropout, recipe.seed) == ("adamw", 1.5, 1, 3)
    assert recipe.mixed
    assert recipe.warp == Warp().scaled(0.5)  # its own recipe has none: the usual one for writing, at half its strength
    balls = _space("cnn-rgb", names=BALLS).recipe({"architecture": "cnn-rgb", "warp": 0.0})
    assert balls.warp is None
    assert _space("cnn-rgb", names=BALLS).recipe({"architecture": "cnn-rgb", "warp": 1.0}).warp == PictureWarp()


@given(
    st.sampled_from(["default", "dense", "cnn-rgb", "mobilenetv2"]),
    st.fixed_dictionaries({key: st.sampled_from(values) for key, values in SETTINGS.items()}),
)
def test_whatever_is_chosen_is_a_recipe(name: str, values: dict[str, float | str]) -> None:
    recipe = _space(name, names=BALLS, weights="base.h5").recipe({"architecture": name, **values})
    assert recipe.batch >= 1
    assert recipe.learning_rate > 0
    assert recipe.optimizer == values["optimizer"]


def test_only_what_changes_something_is_tried() -> None:
    space = _space("dense", "default", "mobilenetv2")
    assert "dropout" not in space.applicable("dense")
    assert set(space.applicable("default")) == set(SETTINGS)
    assert "width" not in space.applicable("mobilenetv2")


def test_without_the_usual_value_one_in_the_middle_is_usual() -> None:
    space = Space(("dense",), settings_of(["rate=0.1,0.2,0.3", "optimizer=rmsprop"]), DIGITS, Recipe())
    assert (space.usual()["rate"], space.usual()["optimizer"]) == (0.2, "rmsprop")


def test_architectures_suit_the_data() -> None:
    digits = suitable(NAMES, "")
    assert digits[0] == "default"
    assert {"dense", "cnn-93k"} < set(digits)
    assert not {"tiny", "cnn-rgb", "mobilenetv2"} & set(digits)
    assert suitable(BALLS, "") == ("cnn-rgb",)
    assert suitable(BALLS, "base.h5") == ("cnn-rgb", "mobilenetv2")


def test_values_can_be_typed() -> None:
    settings = settings_of(["rate=2,0.5,2", "optimizer=adam"])
    assert (settings["rate"], settings["optimizer"]) == ((0.5, 2.0), ("adam",))
    assert settings["batch"] == SETTINGS["batch"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("speed=1", "names no setting"),
        ("rate", "cannot be ''"),
        ("rate=0", "cannot be '0'"),
        ("rate=nan", "cannot be 'nan'"),
        ("rate=1,many", "cannot be 'many'"),
        ("width=1000", "cannot be '1000'"),
        ("warp=-1", "cannot be '-1'"),
        ("optimizer=magic", "cannot be 'magic'"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(told: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        settings_of([told])
