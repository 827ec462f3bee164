from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.data.augment import Warp, augment
from hdr.data.drawn import draw_digits
from hdr.data.printed import find_fonts, render_digits
from hdr.vision.normalize import normalize_digit

STILL = Warp(
    plain=0, rotation_deg=0, shear=0, aspect=0, elastic=0, pen=0, threshold=0, blur=0, coarse=0, faint=0, gap=0
)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return np.asarray(draw_digits(60, 1).crops)


def test_the_same_seed_bends_alike_and_another_does_not(digits: np.ndarray) -> None:
    before = digits.copy()
    a, b, c = augment(digits, [1, 2]), augment(digits, [1, 2]), augment(digits, [1, 3])
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert np.array_equal(digits, before)
    assert a.shape == digits.shape
    assert a.dtype == np.uint8


def test_plain_digits_stay_as_they_are(digits: np.ndarray) -> None:
    assert np.array_equal(augment(digits, 1, Warp(plain=1)), digits)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_every_warped_digit_keeps_its_ink_and_has_our_geometry(seed: int) -> None:
    digits = np.asarray(draw_digits(20, seed).crops)
    for field in augment(digits, seed, Warp(plain=0)):
        ink = np.argwhere(field)
        assert np.count_nonzero(field > 40) >= 20
        height, width = ink.max(axis=0) - ink.min(axis=0) + 1
        assert max(height, width) <= 20
        again = normalize_digit(field)
        assert np.count_nonzero(again) > 0


def test_an_empty_field_stays_empty() -> None:
    blank = np.zeros((3, 28, 28), np.uint8)
    assert np.array_equal(augment(blank, 1, Warp(plain=0, gap=1, pen=1, coarse=1, blur=1, threshold=1, faint=1)), blank)
    assert augment(blank[:0], 1).shape == (0, 28, 28)


def _mean_ink(digits: np.ndarray, **chances: float) -> float:
    import dataclasses

    return float(augment(digits, 5, dataclasses.replace(STILL, **chances)).mean())


def test_each_warp_does_what_its_name_says(digits: np.ndarray) -> None:
    still = augment(digits, 5, STILL)
    only_black_and_white = augment(digits, 5, Warp(**{**vars(STILL), "threshold": 1.0}))
    assert _mean_ink(digits, faint=1.0) < 0.9 * still.mean()
    assert _mean_ink(digits, gap=1.0) < still.mean()
    assert only_black_and_white.std() > still.std() * 0.95
    for one in ("rotation_deg", "shear", "aspect", "elastic", "pen", "blur", "coarse"):
        strength = 15.0 if one == "rotation_deg" else 0.6
        assert not np.array_equal(augment(digits, 5, Warp(**{**vars(STILL), one: strength})), still), one


def test_drawn_digits_are_seeded_and_counted() -> None:
    a, b = draw_digits(200, 3), draw_digits(200, 3)
    assert np.array_equal(a.crops, b.crops)
    assert {name for name, number in a.count().items() if number} == {"1", "4", "7", "9"}
    assert len(draw_digits(0, 1)) == 0


def test_printed_digits_come_ten_a_font() -> None:
    fonts = find_fonts()
    if not fonts:
        pytest.skip("this system has none of the free fonts")
    data = render_digits(fonts[:2])
    assert data.labels.tolist() == [*range(10)] * len(fonts[:2])
    assert all(np.count_nonzero(field) > 30 for field in data.crops)


def test_without_fonts_there_is_simply_nothing_printed(tmp_path: object) -> None:
    from pathlib import Path

    empty = Path(str(tmp_path))
    (empty / "Comic.ttf").write_bytes(b"")
    assert find_fonts(folders=[empty]) == []
    assert len(render_digits([])) == 0


def test_the_fonts_folders_of_other_systems_are_known(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from pathlib import Path

    from hdr.data import printed

    home = Path(str(tmp_path))
    (home / "Fonts").mkdir()
    (home / "Library" / "Fonts").mkdir(parents=True)
    monkeypatch.setenv("WINDIR", str(home))
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(printed.sys, "platform", "win32")
    assert printed._font_folders() == [home / "Fonts"]
    monkeypatch.setattr(printed.sys, "platform", "darwin")
    assert home / "Library" / "Fonts" in printed._font_folders()
