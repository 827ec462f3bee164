"""The person who is played at the keyboard, and what they need in the app itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hdr.app.keyboard import open_keyboard
from hdr.bench import effort
from hdr.bench.effort import Misread, Seen, bench_effort, misread, work_through, write_page
from hdr.classify.classifier import Prediction
from hdr.cli.main import app
from hdr.errors import HdrError
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.media import save_image
from hdr.vision.normalize import Crop

LABELS = tuple("0123456789")
BOXES = [Box.from_xywh(40 * i, 10, 20, 30) for i in range(10)]
TRUTH = [(box, str(i)) for i, box in enumerate(BOXES)]


def reading_of(labels: str) -> Reading:
    digits = []
    for box, label in zip(BOXES, labels, strict=True):
        probabilities = np.full(10, 0.002, np.float32)
        probabilities[int(label)] = 0.982
        digits.append(Digit(Crop(np.full((30, 20), 255, np.uint8), box), Prediction(LABELS, probabilities)))
    return Reading((400, 60), tuple(digits))


def test_as_many_are_read_wrong_as_wanted_and_less_surely() -> None:
    rng = np.random.default_rng(3)
    for start in ("0123456789", "0123456788"):
        found = misread(reading_of(start), TRUTH, 4, rng)
        wrong = [digit for digit, (_, label) in zip(found.digits, TRUTH, strict=True) if digit.label != label]
        assert len(wrong) == 4
        assert sum(digit.confidence < 0.9 for digit in wrong) >= 3
        for digit in found.digits:
            assert float(digit.prediction.probabilities.sum()) == pytest.approx(1, abs=1e-5)


def test_a_page_has_its_digits_in_full_rows() -> None:
    page = write_page(30, np.random.default_rng(1))
    assert page.boxes is not None
    assert len(page.boxes) == 30
    assert [len(row) for row in page.rows] == [15, 15]


class Deaf:
    """A tool on which no key does anything."""

    digits = (Seen(BOXES[0], "5", confirmed=False),)
    selected = None

    def press(self, key: str) -> None:
        del key

    def saved(self) -> list[str]:
        return []


class Hasty(Deaf):
    """A tool that saves something else."""

    def saved(self) -> list[str]:
        return ["9"]


def test_keys_that_lead_nowhere_are_told() -> None:
    with pytest.raises(HdrError, match="still not done"):
        work_through(Deaf(), TRUTH)


def test_what_is_saved_must_be_the_truth() -> None:
    @contextmanager
    def open_hasty(_home: Path, _pictures: Path, _misread: Misread) -> Iterator[Hasty]:
        yield Hasty()

    with pytest.raises(HdrError, match="not those of the page"):
        bench_effort(open_hasty, 1, 2)


def test_a_page_of_a_hundred_digits_takes_seven_keys_at_most() -> None:
    result = CliRunner().invoke(app, ["bench", "effort", "--pages", "2", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["ours"] <= 7
    assert told["baseline"] == 101
    assert CliRunner().invoke(app, ["bench", "effort", "--digits", "2", "--wrong", "3"]).exit_code == 2


def test_a_key_that_means_nothing_does_nothing(own_workspace: Path, tmp_path: Path) -> None:
    with open_keyboard(own_workspace, tmp_path, lambda reading: reading) as desk:
        desk.press("F12")
        desk.press("Ctrl+S")
        assert (desk.digits, desk.selected, desk.saved()) == ([], None, [])
        for key in ("Ctrl+O", "Ctrl+Shift+O", "Ctrl+V", "F1", "Ctrl+0", "Ctrl+1", "plus", "Ctrl+T", "Ctrl+K"):
            desk.press(key)
    assert effort.label_every_box(100) == 101


def test_what_fails_in_the_app_fails_the_bench(own_workspace: Path, tmp_path: Path) -> None:
    def fail(_: Reading) -> Reading:
        raise HdrError("No.", hint="Try again.")

    (tmp_path / "pictures").mkdir()
    save_image(tmp_path / "pictures" / "page.png", write_page(4, np.random.default_rng(1)).image)
    with pytest.raises(HdrError, match="No"), open_keyboard(own_workspace, tmp_path / "pictures", fail):
        pass
