"""Whatever is saved after whatever: the folders hold what a person said last, each crop once, numbers unchanged."""

from __future__ import annotations

import tempfile
from pathlib import Path

from capture_pages import assert_all_whole, files_of, make_image, make_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.data.captures import CaptureStore, capture_id
from hdr.reading.results import Reading

IMAGE = make_image()
ID = capture_id(IMAGE)

# A save: for each of five places on the page a person's label, or None for no digit there.
saves = st.lists(st.lists(st.sampled_from([None, "0", "7", "none"]), min_size=5, max_size=5), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None)
@given(saves)
def test_the_last_save_counts_and_numbers_stay(sequence):
    with tempfile.TemporaryDirectory() as folder:
        store = CaptureStore(Path(folder) / "captures")
        numbers: dict[int, int] = {}  # of the places that hold a digit now
        given_out: set[int] = set()
        for wanted in sequence:
            whole = make_reading("12345", {place: label for place, label in enumerate(wanted) if label})
            kept = tuple(digit for digit, label in zip(whole.digits, wanted, strict=True) if label)
            report = store.save(IMAGE, Reading(whole.size, kept, whole.model))
            assert report.total == len(kept)
            page = store.page(ID)
            now = {digit.box.x0: digit for digit in page.digits}
            assert [now[digit.box.x0].label for digit in kept] == [label for label in wanted if label]
            told = {digit.box.x0: digit.number for digit in page.digits}
            assert all(told[x] == number for x, number in numbers.items() if x in told)
            new = {number for x, number in told.items() if x not in numbers}
            assert not new & given_out, "a number is given once"
            numbers, given_out = told, given_out | set(told.values())
            assert sorted(files_of(store.root)) == sorted(f"{ID}_{number:02d}.png" for number in told.values())
            assert [crop.label for crop in store.read(ID)] == [
                d.label for d in sorted(page.digits, key=lambda d: d.number)
            ]
        assert_all_whole(store.root)
