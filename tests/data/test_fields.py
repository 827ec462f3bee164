"""Pictures in a model's geometry: the same ones, whether all are kept or a few are made when asked for."""

from __future__ import annotations

import numpy as np
import pytest

from hdr.data import fields
from hdr.data.drawn import draw_digits
from hdr.data.fields import Fields


def test_what_is_made_when_asked_for_is_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw_digits(30, 1)
    kept = Fields(data, 20)
    monkeypatch.setattr(fields, "MOST_BYTES", 30 * 400 - 1)
    monkeypatch.setattr(fields, "_PART_BYTES", 7 * 400)
    lazy = Fields(data, 20)
    assert (kept.is_kept, lazy.is_kept) == (True, False)
    assert len(kept) == len(lazy) == 30
    which = np.array([3, 29, 3])
    assert np.array_equal(kept.take(which), lazy.take(which))
    parts = list(lazy.parts())
    assert [len(part) for part in parts] == [7, 7, 7, 7, 2]
    assert np.array_equal(np.concatenate(parts), next(kept.parts()))


def test_each_part_is_changed_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw_digits(30, 1)
    own = Fields(data, 20, lambda pictures, number: pictures + np.uint8(number + 1))
    assert np.array_equal(next(own.parts()), data.fields(20) + np.uint8(1))
    monkeypatch.setattr(fields, "MOST_BYTES", 0)
    monkeypatch.setattr(fields, "_PART_BYTES", 20 * 400)
    own = Fields(data, 20, np.full_like)
    assert [part.max() for part in own.parts()] == [0, 1]
