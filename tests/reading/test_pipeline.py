from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.bench.generate import compose_page
from hdr.bench.hand import written_digits
from hdr.bench.troubles import degrade
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.loading import load_classifier
from hdr.errors import ModelMismatchError
from hdr.reading.pipeline import find_crops, read_digits
from hdr.settings import Settings
from hdr.vision.cut import cut_crop
from hdr.vision.normalize import PICTURE
from hdr.vision.segment import find_regions

PAGE = compose_page(*written_digits(200, np.random.default_rng(5)), np.random.default_rng(5))


def test_a_page_that_reads_well_is_read_in_one_call_of_the_classifier() -> None:
    stub = StubClassifier(list("0123456789"), confidence=0.99)
    reading = read_digits(PAGE.image, stub)
    assert stub.calls == [len(PAGE.boxes or ())]
    assert reading.size == (1000, 700)
    assert reading.model == "stub"


def test_a_model_of_whole_pictures_reads_no_page() -> None:
    with pytest.raises(ModelMismatchError, match="whole pictures"):
        read_digits(PAGE.image, StubClassifier(card=ModelCard("balls", geometry=PICTURE)))


def test_the_shipped_model_reads_our_own_hand() -> None:
    assert read_digits(PAGE.image, load_classifier()).text == "\n".join(PAGE.rows)


def test_rows_and_digits_are_in_reading_order() -> None:
    reading = read_digits(PAGE.image, StubClassifier())
    rows = [digit.row for digit in reading.digits]
    assert rows == sorted(rows)
    for row in reading.rows:
        lefts = [digit.box.x0 for digit in row]
        assert lefts == sorted(lefts)


def test_an_image_without_a_digit_is_an_empty_reading() -> None:
    stub = StubClassifier()
    reading = read_digits(np.full((40, 50, 3), 255, np.uint8), stub)
    assert (reading.digits, reading.text) == ((), "")
    assert reading.steps is not None


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((1, 1), 255, np.uint8),
        np.zeros((300, 400, 3), np.uint8),
        np.full((300, 400, 3), 255, np.uint8),
        np.tile(np.array([[0] * 8 + [255] * 8], np.uint8), (200, 20)),
        np.zeros((3, 5000, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8),
    ],
    ids=["1x1", "gray 1x1", "black", "white", "stripes", "thin", "noise"],
)
def test_odd_pictures_are_read_without_an_error(image: np.ndarray) -> None:
    read_digits(image, StubClassifier())


def test_stripes_are_no_digits() -> None:
    stripes = np.zeros((300, 400), np.uint8)
    stripes[::20] = stripes[1::20] = stripes[2::20] = 255
    assert read_digits(stripes, StubClassifier()).text == ""


def test_what_is_below_the_least_confidence_is_left_out() -> None:
    stub = StubClassifier(confidence=0.6)
    assert read_digits(PAGE.image, stub, Settings().replace("read", min_confidence=0.7)).digits == ()
    assert len(read_digits(PAGE.image, stub, Settings().replace("read", min_confidence=0.5)).digits) > 0


def test_gray_rgb_and_rgba_are_read_alike() -> None:
    gray = np.ascontiguousarray(PAGE.image[:, :, 1])
    pages = gray, np.repeat(gray[:, :, None], 3, 2), np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    crops = [find_crops(page).crops for page in pages]
    for other in crops[1:]:
        assert [crop.box for crop in other] == [crop.box for crop in crops[0]]


def test_a_crop_has_the_size_of_its_box_and_lies_where_the_digit_is() -> None:
    for crop, (box, _) in zip(find_crops(PAGE.image).crops, PAGE.boxes or (), strict=True):
        assert crop.pixels.shape == (crop.box.height, crop.box.width)
        assert abs(crop.box.x0 - box.x0) <= 2
        assert abs(crop.box.y1 - box.y1) <= 2
        assert crop.pixels.max() > 200


def test_a_crop_never_holds_its_neighbours_ink() -> None:
    strength = np.zeros((120, 120), np.uint8)
    strength[20:100, 20:26] = 255  # an L ...
    strength[94:100, 20:90] = 255
    strength[10:80, 60:66] = 200  # ... and a 1 that reaches into its box
    for region in find_regions(strength > 0).regions:
        crop = cut_crop(strength, region)
        values = {255} if region.box.x0 == 20 else {200}
        assert set(np.unique(crop.pixels)) <= values | {0}


def test_bright_plates_in_the_dark_are_looked_into() -> None:
    image = np.full((700, 1000, 3), (110, 40, 130), np.uint8)
    for row, text in enumerate(("FKX 822", "HK 172", "XA 9154")):
        y = 60 + 210 * row
        cv2.rectangle(image, (200, y), (640, y + 110), (230, 185, 40), -1)
        cv2.putText(image, text, (220, y + 85), cv2.FONT_HERSHEY_SIMPLEX, 2.8, (20, 20, 20), 9, cv2.LINE_AA)
    reading = read_digits(image, load_classifier())
    assert reading.text == "822\n172\n9154"
    assert reading.steps is not None
    assert reading.steps.polarity == "dark"
    light = Settings().replace("ink", polarity="light")
    assert read_digits(image, load_classifier(), light).text != reading.text  # whoever says light gets light


def test_light_ink_is_read_like_dark_ink() -> None:
    dark, light = find_crops(PAGE.image), find_crops(255 - PAGE.image)
    assert (dark.steps.polarity, light.steps.polarity) == ("dark", "light")
    assert [crop.box for crop in dark.crops] == [crop.box for crop in light.crops]


@given(st.sampled_from(["gradient", "shadow", "noise", "jpeg", "lines", "squares"]), st.integers(0, 50))
@settings(max_examples=12, deadline=None)
def test_a_page_that_a_person_can_read_is_read(trouble: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    page = degrade(compose_page(*written_digits(60, rng), rng), trouble, 0.7, rng)
    found = len(find_crops(page.image).crops)
    assert abs(found - len(page.boxes or ())) <= 3


@pytest.mark.shared
def test_photographs_of_other_people_are_read(shared_data: Path) -> None:
    from hdr.bench.pages import OURS, bench_folder, readers

    model = Path(__file__).resolve().parents[2] / "models" / "default" / "model.tflite"
    ours = {OURS: readers(load_classifier(), model.read_bytes())[OURS]}
    score = bench_folder(shared_data / "photos", ours)[OURS]["all"]
    assert score.pages == 61
    assert score.found_f1 >= 0.95
    assert score.box_f1 >= 0.95
    assert score.exact >= 0.8 * score.pages
