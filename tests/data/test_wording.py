"""Numbers in words."""

from __future__ import annotations

from hdr.data.wording import counted


def test_one_is_one_and_thousands_are_divided() -> None:
    assert [counted(n, "crop") for n in (0, 1, 2, 2345)] == ["0 crops", "1 crop", "2 crops", "2,345 crops"]
    assert [counted(n, "box lies", "boxes lie") for n in (1, 2)] == ["1 box lies", "2 boxes lie"]
