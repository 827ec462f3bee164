"""What a bench has trained keeps its name, whatever recipes learn to say later."""

from __future__ import annotations

import dataclasses

from hdr.bench.naming import recipe_digest
from hdr.data.pictures import PictureWarp
from hdr.train.recipe import Recipe, Stage


def test_a_name_is_for_good() -> None:
    assert recipe_digest(Recipe(), "data") == "a4cc9a31"
    learned = Recipe("mobilenetv2", stages=(Stage(0.5), Stage(1, 0.1, 20)), warp=PictureWarp(), weights="a.h5")
    assert recipe_digest(learned, "data") == "4487593e"


def test_whatever_is_not_as_usual_makes_another_name() -> None:
    usual = Recipe()
    others = [{"epochs": 3}, {"warp": None}, {"seed": 8}, {"width": 2.0}, {"dropout": 0.5}, {"patience": 3}]
    names = {recipe_digest(dataclasses.replace(usual, **one), "data") for one in others}
    assert len({*names, recipe_digest(usual, "data"), recipe_digest(usual, "other")}) == len(others) + 2
