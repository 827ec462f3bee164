"""The table of `hdr bench accuracy` tells what was measured, on whom, and what was not there to measure on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hdr.bench import accuracy, figures
from hdr.bench.accuracy import Material, accuracy_rows, find_material
from hdr.bench.figures import Figure, Row, area, certain, median, resampled, share, tell
from hdr.bench.generate import compose_page
from hdr.bench.hand import written_digits
from hdr.bench.labelling import labellers
from hdr.bench.page_rows import calibration, crop_honesty, page_rows, read_all
from hdr.bench.pages import OURS, save_pages
from hdr.bench.printing import printed_page
from hdr.bench.scoring import PageAnswer
from hdr.bench.strangers import unseen_strangers
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.cli.main import run
from hdr.data.confidence import calibration_error
from hdr.data.negatives import KINDS
from hdr.data.printed import FAMILIES, HELD_FAMILIES, find_fonts
from hdr.errors import DatasetError
from hdr.workspace import shipped_models

WEIGHTS = (shipped_models() / "default" / "model.tflite").read_bytes()
DIGITS_OF_OURS = written_digits(60, np.random.default_rng(0))

# Figures


def test_a_resampled_figure_is_that_of_all_pages_within_its_interval() -> None:
    counts = np.array([[1, 2], [2, 2], [0, 4]], float)
    told = resampled(counts, lambda sums: sums[:, 0] / sums[:, 1])
    assert told.value == pytest.approx(3 / 8)
    assert 0 <= told.low < told.value < told.high <= 1
    assert resampled(counts, lambda sums: sums[:, 0] / sums[:, 1]) == told


def test_pages_that_are_all_alike_leave_no_doubt() -> None:
    assert resampled(np.ones((5, 2)), lambda sums: sums[:, 0] / sums[:, 1]) == certain(1.0)


def test_the_interval_of_a_mean_is_as_wide_as_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(0, 1, 400)
    told = resampled(np.stack([values, np.ones(400)], axis=1), lambda sums: sums[:, 0] / sums[:, 1])
    assert told.high - told.low == pytest.approx(2 * 1.96 / 20, rel=0.15)


def test_a_median_shrugs_off_what_is_far_away() -> None:
    told = median([10.0, 11.0, 12.0, 11.0, 500.0])
    assert told.value == 11
    assert 10 <= told.low <= told.high


def test_figures_are_told_as_people_read_them() -> None:
    assert tell(Figure(0.987, 0.98, 0.99), "%") == "98.70 % (98.00 to 99.00)"
    assert tell(Figure(0.9871, 0.98, 0.99), "score") == "0.987 (0.980 to 0.990)"
    assert tell(certain(359344), "bytes") == "359,344"
    assert tell(Figure(41.23, 40, 42), "ms") == "41.2 ms (40.0 to 42.0)"
    assert tell(None, "%") == "-"


def test_a_row_is_told_to_people_readmes_and_programs() -> None:
    row = Row("kinds", "9 crops", "%", {"a": share(1, 2), "b": None}, {"letter": share(1, 4)})
    assert figures.text_line(row).splitlines()[1].split() == ["letter", "25.00", "%", "(4.56", "to", "69.94)"]
    assert figures.markdown_line(row, 2) == "| kinds | 50.00 % (9.45 to 90.55) | - | 9 crops (letter 25.00 %) |"
    assert row.as_dict()["figures"]["b"] is None
    assert row.as_dict()["parts"]["letter"]["value"] == 0.25
    absent = Row("photographs", "", "score", {}, absent="not measured: there are none")
    assert "not measured" in figures.text_line(absent)
    assert figures.markdown_line(absent, 2).count("|") == figures.markdown_head(["a", "b"]).splitlines()[0].count("|")
    assert absent.as_dict()["absent"] == "not measured: there are none"


def test_an_area_says_how_sure_it_is() -> None:
    told = area(np.array([0.9, 0.8, 0.7]), np.array([0.1, 0.75]))
    assert told.value == pytest.approx(5 / 6)
    assert told.low < told.value < told.high


# Crops


def test_crops_are_told_by_everybody_and_only_ours_rejects() -> None:
    card = ModelCard("eleven", labels=(NOT_A_DIGIT, *DIGITS))
    ours = StubClassifier(["3", NOT_A_DIGIT], 0.8, card)
    label = labellers(ours, WEIGHTS, OURS)
    assert set(label) == {OURS, "contours", "closing"}
    told = label[OURS](DIGITS_OF_OURS[0][:4])
    assert told.rejected.tolist() == [False, True, False, True]
    assert told.right(np.array([3, 3, 4, 4])).tolist() == [True, False, False, False]
    assert told.strange == pytest.approx([0.02, 0.8, 0.02, 0.8])
    assert told.confidence == pytest.approx([0.8] * 4)


def test_a_model_of_ten_labels_rejects_nothing_and_is_strange_where_unsure() -> None:
    told = labellers(StubClassifier(["3"], 0.7), WEIGHTS, OURS)[OURS](DIGITS_OF_OURS[0][:2])
    assert not told.can_reject
    assert not told.rejected.any()
    assert told.strange == pytest.approx([0.3, 0.3])


def test_strangers_of_unseen_kinds_are_ink_and_no_digits() -> None:
    made, again = (unseen_strangers(20, 4) for _ in range(2))
    assert set(made.groups) == {"doodle"}
    assert all(np.count_nonzero(crop > 128) > 20 for crop in made.crops)
    assert made.names[made.labels[0]] == NOT_A_DIGIT
    assert all(np.array_equal(a, b) for a, b in zip(made.crops, again.crops, strict=True))
    assert not set(made.groups) & set(KINDS)


# Pages


def test_pages_are_counted_and_their_confidence_is_judged_by_place() -> None:
    pages = [compose_page(*DIGITS_OF_OURS, np.random.default_rng(seed)) for seed in range(3)]
    answers = iter([PageAnswer("\n".join(one.rows), one.boxes or (), (0.6,) * len(one.boxes or ())) for one in pages])
    told = read_all(pages, {OURS: lambda image: next(answers)})
    rows = {row.what: row.figures[OURS] for row in page_rows("pages", told)}
    assert rows["pages: pages without a mistake"].value == 1
    assert rows["pages: character error rate"] == certain(0.0)
    assert rows["pages: in the right place too, F1"] == certain(1.0)
    assert calibration(told[OURS].honesty).value == pytest.approx(0.4)


def test_no_pages_are_nothing() -> None:
    assert read_all([], {OURS: lambda image: PageAnswer("", ())}) == {}


def test_honesty_of_crops_adds_up_to_the_calibration_error() -> None:
    rng = np.random.default_rng(2)
    confidence, right = rng.uniform(0.1, 1, 200), rng.random(200) < 0.7
    told = calibration(crop_honesty(confidence, right))
    assert told.value == pytest.approx(calibration_error(confidence, right))


def test_printed_pages_have_every_digit_twice_where_it_is_said() -> None:
    fonts = find_fonts(HELD_FAMILIES) or find_fonts(FAMILIES)
    if not fonts:
        pytest.skip("this system has none of the fonts")
    page = printed_page(fonts[0], 30, np.random.default_rng(0))
    assert [sorted(row) for row in page.rows] == [list("0123456789")] * 2
    assert len(page.boxes or ()) == 20
    for box, _ in page.boxes or ():
        assert (page.image[box.slices] < 100).any()
        assert 0.5 <= box.height / 30 <= 1.8


# The whole


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same table from little."""
    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setattr(accuracy, "_TROUBLES", ("lines",))
    monkeypatch.setattr(accuracy, "_STRENGTHS", (0.5,))
    monkeypatch.setattr(accuracy, "_OWN", 60)
    monkeypatch.setattr(accuracy, "_NEGATIVES", 60)
    monkeypatch.setattr(accuracy, "_UNSEEN", 30)
    monkeypatch.setattr(accuracy, "_RUNS", 1)
    monkeypatch.setattr(accuracy, "HELD_FAMILIES", ("LiberationSans-Regular",))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    pictures, labels = DIGITS_OF_OURS[0], np.array([int(label) for label in DIGITS_OF_OURS[1]])
    np.savez(folder / "mnist.npz", x_train=pictures[:2], y_train=labels[:2], x_test=pictures, y_test=labels)
    np.savez(folder / "usps.npz", x=pictures[:20], y=labels[:20])
    page = compose_page(*DIGITS_OF_OURS, np.random.default_rng(1))
    save_pages([type(page)(page.image, page.rows, page.boxes, "a.png", "photo")], folder / "photos")
    return folder


def test_the_table_has_a_row_for_everything_that_is_there(small: None, data: Path) -> None:
    rows = {row.what: row for row in accuracy_rows(StubClassifier(), WEIGHTS, find_material(data))}
    assert rows["MNIST test"].figures[OURS].value == pytest.approx(DIGITS_OF_OURS[1].count("0") / 60)
    assert rows["MNIST test"].figures["closing"].value > 0.5
    assert rows["other hands: Optdigits"].absent == "not measured: there is no optdigits.npz"
    assert rows["photographs: pages without a mistake"].figures[OURS].value == 0
    assert rows["calibration error, digits of other hands"].on == "20 digits"
    assert rows["not a digit: AUROC"].figures[OURS].value == pytest.approx(0.5)
    assert rows["digits taken for none"].figures[OURS] is None
    assert rows["model.tflite"].figures == {OURS: certain(len(WEIGHTS)), "contours": None, "closing": None}
    assert rows["time for a page"].figures[OURS].value > 0


def test_without_data_rows_say_so_and_our_own_hand_stands_in(small: None) -> None:
    card = ModelCard("eleven", labels=(*DIGITS, NOT_A_DIGIT))
    rows = list(accuracy_rows(StubClassifier([NOT_A_DIGIT], card=card), WEIGHTS, Material({}, None)))
    absent = [row.what for row in rows if row.absent]
    assert {"MNIST test", "photographs", "calibration error, photographs"} <= set(absent)
    told = {row.what: row for row in rows}
    assert told["digits taken for none"].figures[OURS].value == 1
    assert told["digits taken for none"].on == "60 digits of our own hand"
    through = told["not a digit: taken for one"]
    assert through.figures[OURS].value == 0
    assert {"hand letter", "scribble"} <= set(through.parts)
    assert "doodle" in told["not a digit, kinds never learned: taken for one"].parts


def test_mnist_may_be_where_the_environment_says(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_MNIST", str(data / "mnist.npz"))
    assert find_material(None).files == {"mnist": data / "mnist.npz"}
    assert find_material(tmp_path).files == {"mnist": data / "mnist.npz"}
    assert find_material(None).photos is None
    with pytest.raises(DatasetError, match="is no folder"):
        find_material(tmp_path / "nowhere")


ROWS = [Row("size", "", "bytes", {"hdr": certain(12), "contours": None, "closing": None})]


def test_the_command_prints_one_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(accuracy, "accuracy_rows", lambda *told: iter(ROWS))
    assert run(["bench", "accuracy"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["size", "12", "-", "-"]
    assert run(["bench", "accuracy", "--markdown", "--model", "default"]) == 0
    assert capsys.readouterr().out.splitlines()[2] == "| size | 12 | - | - |  |"
    assert run(["bench", "accuracy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["hdr"]["value"] == 12
    assert run(["bench", "accuracy", "--model", "no-such-model"]) == 1
