"""What a run learns from, and what it holds out."""

from __future__ import annotations

import numpy as np
import pytest

from hdr.data.augment import Warp
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.errors import DatasetError
from hdr.train.material import Material
from hdr.train.recipe import Recipe

RECIPE = Recipe("tiny", batch=32, validation=0.2, seed=3, warp=None)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return draw_digits(240, 1)


def test_a_part_of_the_extra_digits_is_held_out_for_the_warped_accuracy_only(data: Dataset) -> None:
    material = Material(data, RECIPE, draw_digits(50, 2), None)
    assert len(material.fields) == len(material.labels) == 192 + 40
    assert material.train_count == 192
    assert material.validation_count == len(material.held[0]) == 48
    assert material.hard_count == 48 + 10


def test_warps_change_with_every_epoch_but_the_validation_digits_stay(data: Dataset) -> None:
    material = Material(data, Recipe("tiny", batch=192, validation=0.2, warp=Warp(plain=0)), None, None)
    a, b = (next(material.batches(epoch)).x for epoch in (1, 2))
    assert not np.array_equal(a, b)
    plain, warped = (next(fields.parts()) for fields, _ in (material.held, material.hard))
    assert not np.array_equal(plain, warped)
    assert np.array_equal(next(material.hard[0].parts()), warped)


def test_some_are_from_all_over(data: Dataset) -> None:
    material = Material(data, RECIPE, None, None)
    assert material.some(64).shape == (64, 28, 28, 1)
    assert len(material.some(10_000)) == 192


def test_data_of_one_page_cannot_be_held_out(data: Dataset) -> None:
    one = Dataset(data.crops, data.labels, np.full(len(data), "page"))
    with pytest.raises(DatasetError, match="one page"):
        Material(one, RECIPE, None, None)
