from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.data.pictures import PictureWarp, augment_pictures, to_channels

STILL = PictureWarp(0, 0, 0, 0)


def _pictures(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", [(3, 12, 12), (3, 12, 12, 1), (3, 12, 12, 3), (0, 8, 8, 3)])
def test_the_shape_stays_and_the_seed_decides(shape):
    pictures = _pictures(shape)
    before = pictures.copy()
    first, second = (augment_pictures(pictures, [1, 2], PictureWarp()) for _ in range(2))
    assert first.shape == shape
    assert np.array_equal(first, second)
    assert np.array_equal(pictures, before)


def test_nothing_moves_without_a_warp_and_a_mirror_only_mirrors():
    pictures = _pictures((4, 9, 9, 3))
    assert np.array_equal(augment_pictures(pictures, 1, STILL), pictures)
    assert np.array_equal(augment_pictures(pictures, 1, PictureWarp(0, 0, 0, 1)), pictures[:, :, ::-1])


def test_the_edge_is_repeated():
    white = np.full((5, 20, 20, 3), 255, np.uint8)
    assert augment_pictures(white, 1, PictureWarp()).min() == 255


@given(st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_a_milder_warp_bends_less_and_mirrors_as_often(factor):
    mild = PictureWarp().scaled(factor)
    assert (mild.rotation_deg, mild.mirror) == (30 * factor, 0.5)
    assert PictureWarp().unmirrored() == PictureWarp(mirror=0)


def test_channels_are_repeated_or_weighed():
    gray = _pictures((2, 4, 4))
    assert np.array_equal(to_channels(gray, 1)[..., 0], gray)
    assert np.array_equal(to_channels(to_channels(gray, 3), 1)[..., 0], gray)
    red, green = np.zeros((2, 1, 2, 2, 3), np.uint8)
    red[..., 0], green[..., 1] = 255, 255
    assert to_channels(green, 1).max() > to_channels(red, 1).max() > 0
    assert to_channels(red, 3) is red
