"""The benches measure what they say; that they are fast enough is told, never asserted."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.bench import process
from hdr.bench.baselines import find_by_closing, find_by_contours, frame_crop, only_digits, read_with
from hdr.bench.changes import CHANGES
from hdr.bench.generate import PageStyle, TruePage, compose_page
from hdr.bench.hand import write_digit, written_digits
from hdr.bench.pages import (
    Curve,
    bench_degraded,
    bench_folder,
    bench_generated,
    generated_pages,
    load_pages,
    save_pages,
)
from hdr.bench.plot import plot_curves
from hdr.bench.read import bench_read, dense_page
from hdr.bench.scoring import PageAnswer, PageScore, box_hits, edit_distance, score_page
from hdr.bench.start import time_reading, weigh_reading
from hdr.bench.troubles import STRENGTHS
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.cli.main import run
from hdr.errors import DatasetError, HdrError, ModelMismatchError
from hdr.geometry import Box
from hdr.vision.media import save_image

WHITE = np.full((200, 300, 3), 255, np.uint8)
DIGITS = written_digits(50, np.random.default_rng(0))


def perfect(page: TruePage) -> PageAnswer:
    return PageAnswer("\n".join(page.rows), page.boxes or ())


def page(seed: int = 0, **told: object) -> TruePage:
    return compose_page(*DIGITS, np.random.default_rng(seed), PageStyle(**told))


# Scoring


def test_a_perfect_answer_scores_one() -> None:
    score = score_page(page(), perfect(page()))
    assert (score.found_f1, score.box_f1, score.character_error_rate, score.exact) == (1, 1, 0, 1)


def test_an_empty_answer_scores_nothing() -> None:
    score = score_page(page(), PageAnswer("", ()))
    assert (score.found_f1, score.box_f1, score.exact) == (0, 0, 0)
    assert score.character_error_rate > 1


def test_counts_on_a_small_page() -> None:
    truth = TruePage(WHITE, ("12", "3"), ((Box(0, 0, 9, 9), "1"), (Box(20, 0, 29, 9), "2"), (Box(0, 20, 9, 29), "3")))
    told = PageAnswer("17\n3", ((Box(0, 0, 9, 9), "1"), (Box(20, 0, 29, 9), "7"), (Box(5, 20, 14, 29), "3")))
    score = score_page(truth, told)
    assert (score.there, score.found, score.hits, score.edits, score.exact) == (3, 3, 2, 1, 0)
    assert score.box_hits == 1  # the 7 is wrong, the 3 lies beside its place


def test_rows_count_in_the_error_rate() -> None:
    truth = TruePage(WHITE, ("12", "34"), None)
    assert score_page(truth, PageAnswer("1234", ())).edits == 1


def test_a_true_box_is_hit_once() -> None:
    box = Box(0, 0, 10, 10)
    assert box_hits([(box, "1")], [(box, "1"), (box, "1")]) == 1


def test_scores_add_up() -> None:
    one = score_page(page(), perfect(page()))
    assert (one + one).pages == 2
    assert (one + PageScore()) == one


@pytest.mark.parametrize(
    ("truth", "told", "edits"),
    [("", "", 0), ("012", "012", 0), ("012", "02", 1), ("012", "0112", 1), ("012", "072", 1), ("kitten", "sitting", 3)],
)
def test_edit_distance_by_hand(truth: str, told: str, edits: int) -> None:
    assert edit_distance(truth, told) == edits


@settings(deadline=None)
@given(st.text("01", max_size=8), st.text("01", max_size=8), st.text("01", max_size=8))
def test_edit_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


# Pages


def test_truth_boxes_lie_on_their_digits() -> None:
    made = page()
    gray = made.image.mean(axis=2)
    for box, _ in made.boxes or ():
        inside = gray[box.slices] < 140
        assert inside.any(axis=1).mean() > 0.95
        assert inside.any(axis=0).mean() > 0.95
    assert sum(map(len, made.rows)) == len(made.boxes or ())


def test_the_same_seed_writes_the_same_page() -> None:
    assert np.array_equal(page(3).image, page(3).image)
    assert not np.array_equal(page(3).image, page(4).image)


@pytest.mark.parametrize("label", "0123456789")
def test_our_hand_writes_every_digit_within_its_height(label: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        points = np.array([point for stroke in write_digit(label, rng, 60) for point in stroke.points])
        assert 45 < np.ptp(points[:, 1]) < 75


# Baselines


def test_the_contour_baseline_stretches_whatever_there_is() -> None:
    image = WHITE.copy()
    image[50:90, 100:104] = 0
    [(box, picture)] = find_by_contours(image)
    assert box == Box(100, 50, 104, 90)
    assert picture.shape == (28, 28)
    assert (picture[5:23, 5:23] == 255).all()
    assert not picture[:5].any()


def test_the_closing_baseline_drops_thin_ones_and_what_is_near_the_border() -> None:
    image = WHITE.copy()
    image[60:100, 60:90] = 0
    image[60:100, 150:155] = 0  # a thin 1
    image[10:40, 200:230] = 0  # near the border
    [(box, picture)] = find_by_closing(image)
    assert box == Box(60, 60, 90, 100)
    assert picture.shape == (28, 28)


def test_a_baseline_reads_nothing_on_a_blank_page() -> None:
    blank = np.zeros((200, 300, 3), np.uint8)
    assert read_with(find_by_closing, lambda fields: np.eye(10)[: len(fields)], blank).text == ""


@pytest.mark.parametrize("card", [ModelCard("balls", ("football", "rugby")), ModelCard("large", input_size=64)])
def test_a_model_that_no_baseline_can_use_is_told(card: ModelCard) -> None:
    with pytest.raises(ModelMismatchError, match="beside the baselines"):
        only_digits(lambda fields: np.zeros((1, 2), np.float32), card)


def test_a_baseline_frames_a_crop_as_it_frames_a_digit_of_a_page() -> None:
    crop = np.zeros((60, 40), np.uint8)
    crop[10:50, 18:22] = 200
    assert (frame_crop("contours", crop)[5:23, 5:23] == 255).all()
    squared = frame_crop("closing", crop)
    assert squared.shape == (28, 28)
    assert not squared[:, :8].any()  # not stretched


def test_a_baseline_knows_ten_digits_and_nothing_else() -> None:
    card = ModelCard("eleven", ("none", *"0123456789"))
    told = np.full((1, 11), 0.04, np.float32)
    told[0, 0], told[0, 4] = 0.4, 0.24
    [of_ten] = only_digits(lambda fields: told, card)(np.zeros((1, 28, 28, 1), np.uint8))
    assert of_ten.shape == (10,)
    assert of_ten.argmax() == 3
    assert of_ten.sum() == pytest.approx(1)
    image = WHITE.copy()
    image[50:90, 100:140] = 0
    answer = read_with(find_by_contours, only_digits(lambda fields: told, card), image)
    assert answer.text == "3"
    assert answer.confidences == (pytest.approx(0.4),)


# Running


def test_everybody_reads_the_same_pages() -> None:
    seen: dict[str, list[int]] = {"a": [], "b": []}

    def reader(name: str):
        def read(image: np.ndarray) -> PageAnswer:
            seen[name].append(int(image.sum()))
            return PageAnswer("", ())

        return read

    curves = list(bench_generated({name: reader(name) for name in seen}, 1, 1, DIGITS, ["blur", "size"]))
    assert seen["a"] == seen["b"]
    assert [(curve.trouble, curve.reader) for curve in curves] == [
        ("blur", "a"),
        ("blur", "b"),
        ("size", "a"),
        ("size", "b"),
    ]
    assert all(len(curve.scores) == len(STRENGTHS) for curve in curves)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = page(size=(400, 300), rows=2, columns=3)
    save_image(tmp_path / "one.png", made.image)
    boxes = [[*box.xywh, label] for box, label in made.boxes or ()]
    truth = {"one.png": {"rows": made.rows, "boxes": boxes, "kind": "drawn"}}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    return tmp_path


def test_pages_of_a_folder_are_scored_by_kind(folder: Path) -> None:
    [loaded] = load_pages(folder)
    scores = bench_folder(folder, {"perfect": lambda image: perfect(loaded)})
    assert set(scores["perfect"]) == {"all", "drawn"}
    assert scores["perfect"]["all"].found_f1 == 1


def test_pages_that_were_saved_are_read_back_with_their_truth(tmp_path: Path) -> None:
    made = list(generated_pages(DIGITS, 1, 3, ["lines"], [0.0, 0.5]))
    assert save_pages(made, tmp_path / "new" / "pages") == 2
    for kept, one in zip(load_pages(tmp_path / "new" / "pages"), made, strict=True):
        assert np.array_equal(kept.image, one.image)
        assert (kept.rows, kept.boxes, kept.name, kept.kind) == (one.rows, one.boxes, one.name, "lines")


def test_pages_are_saved_to_a_folder_of_their_own(folder: Path) -> None:
    with pytest.raises(HdrError, match="is not empty"):
        save_pages([page()], folder)
    with pytest.raises(HdrError, match="cannot be written"):
        save_pages([page()], folder / "one.png" / "new")


def test_pages_of_a_folder_are_made_worse_with_their_truth(folder: Path) -> None:
    [loaded] = load_pages(folder)
    sizes: list[tuple[int, ...]] = []

    def blind(image: np.ndarray) -> PageAnswer:
        sizes.append(image.shape[:2])
        share = image.shape[0] / loaded.image.shape[0]
        boxes = [(Box(*(round(share * edge) for edge in astuple(box))), label) for box, label in loaded.boxes or ()]
        return PageAnswer("\n".join(loaded.rows), tuple(boxes))

    scores = bench_degraded(folder, {"blind": blind})["blind"]
    assert set(scores) == {"all", *CHANGES}
    assert all(score.box_f1 == 1 and score.exact == score.pages for score in scores.values())
    assert scores["all"].pages == len(CHANGES)
    assert {(300, 400), (150, 200), (600, 800)} == set(sizes)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"a.png": {}}', '{"a.png": {"rows": ["1"], "boxes": [[1]]}}'])
def test_a_folder_without_truth_is_refused_in_a_sentence(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "truth.json").write_text(text)
    with pytest.raises(DatasetError, match="no pages with their truth"):
        list(load_pages(tmp_path))


def test_the_command_prints_a_table_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "pages", str(folder)]) == 0
    table = capsys.readouterr().out
    assert run(["bench", "pages", str(folder), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["reader"] for line in lines} == {"hdr", "contours", "closing"}
    assert all(line["reader"] in table for line in lines)
    assert next(line for line in lines if line["reader"] == "hdr")["found_f1"] == 1


def test_curves_are_drawn(tmp_path: Path) -> None:
    curves = list(bench_generated({"a": lambda image: PageAnswer("", ())}, 1, 1, DIGITS, ["blur"]))
    plot_curves(curves, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_curves_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    curves = list(bench_generated({"a": lambda image: PageAnswer("", ())}, 1, 1, DIGITS, ["blur"]))
    with pytest.raises(HdrError, match="cannot be written"):
        plot_curves(curves, tmp_path / "file" / "curves.png")


def test_curves_without_matplotlib_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(HdrError, match="need matplotlib"):
        plot_curves([Curve("blur", "a", ())], tmp_path / "curves.png")


def test_medians_and_paired_ratios() -> None:
    told = process.compare("x", "s", [1.0, 2.0, 1.0], [10.0, 10.0, 30.0])
    assert (told.ours, told.baseline, told.ratio) == (1.0, 10.0, 10.0)
    assert told.figures()["ratio"] == 10.0


def test_a_measured_process_that_fails_is_told() -> None:
    with pytest.raises(HdrError, match="ended with 3: oh no"):
        process.run_python(["-c", "import sys; print('oh no', file=sys.stderr); sys.exit(3)"])


def test_the_peak_memory_is_the_childs() -> None:
    small = process.peak_memory_mb(["-c", "pass"])
    large = process.peak_memory_mb(["-c", "x = bytearray(200_000_000)"])
    if small is None or large is None:
        pytest.skip("this system does not tell the memory of a process")
    assert 150 < large - small < 260


def test_the_dense_page_has_its_digits() -> None:
    from hdr.reading.pipeline import find_crops

    assert len(find_crops(dense_page()).crops) >= 50


@pytest.mark.train
def test_start_and_read_are_measured_beside_keras(tmp_path: Path) -> None:
    model = Path(__file__).resolve().parents[2] / "models" / "default" / "model.keras"
    save_image(tmp_path / "page.png", page().image)
    told = time_reading(tmp_path / "page.png", model, 1)
    assert told.ours > 0
    assert told.baseline > 0
    weight = weigh_reading(tmp_path / "page.png", model)
    assert weight is None or weight.ours < 200
    labelling, whole = bench_read(StubClassifier(), model, tmp_path, 1)
    assert labelling.what.startswith("50 digits")
    assert whole.unit == "ms"
