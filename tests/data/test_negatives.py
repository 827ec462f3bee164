from __future__ import annotations

import numpy as np
import pytest

from hdr.data.drawn import draw_digits
from hdr.data.negatives import KINDS, NAMES, make_negatives
from hdr.data.printed import FAMILIES, HELD_FAMILIES, find_fonts, render_text


def test_the_same_seed_makes_the_same_ink() -> None:
    a, b, c = (make_negatives(40, seed) for seed in (1, 1, 2))
    assert np.array_equal(a.crops, b.crops)
    assert not np.array_equal(a.crops, c.crops)
    assert a.names == NAMES
    assert set(a.labels.tolist()) == {10}


@pytest.mark.parametrize("kind", [kind for kind, (_, _, needs_fonts) in KINDS.items() if not needs_fonts])
def test_every_kind_leaves_ink_in_the_field(kind: str) -> None:
    made = make_negatives(25, 3, digits=draw_digits(30, 3).fields(), kinds=[kind])
    assert set(made.groups.tolist()) == {kind}
    assert np.asarray(made.crops).shape == (25, 28, 28)
    assert all(np.count_nonzero(field > 40) >= 12 for field in made.crops)
    assert len({field.tobytes() for field in np.asarray(made.crops)}) > 15


def test_letters_words_and_signs_take_fonts() -> None:
    fonts = find_fonts()
    if not fonts:
        pytest.skip("this system has none of the free fonts")
    made = make_negatives(60, 3, fonts[:3], kinds=["letter", "word", "sign"])
    assert set(made.groups.tolist()) == {"letter", "word", "sign"}
    wide = [np.flatnonzero(field.any(axis=0)).size for field in np.asarray(made.crops)[made.groups == "word"]]
    assert max(wide) == 20


def test_without_fonts_there_are_no_printed_kinds() -> None:
    assert not {"letter", "word", "sign"} & set(make_negatives(100, 1).groups.tolist())


def test_no_font_is_both_learned_from_and_measured_on() -> None:
    assert not set(find_fonts(FAMILIES)) & set(find_fonts(HELD_FAMILIES))
    assert not [family for family in FAMILIES if family.startswith(HELD_FAMILIES)]


def test_a_letter_that_a_font_lacks_leaves_no_ink() -> None:
    fonts = find_fonts()
    if not fonts:
        pytest.skip("this system has none of the free fonts")
    assert not render_text(fonts[0], "\U0010fffd").any()
    assert render_text(fonts[0], "7").any()
