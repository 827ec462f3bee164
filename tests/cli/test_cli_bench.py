"""`hdr bench` tells what was measured, and says in a sentence what it lacks; the measuring is tested on its own."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest

from hdr.bench.generate import PageStyle, compose_page
from hdr.bench.hand import written_digits
from hdr.bench.live import Row
from hdr.bench.pages import Curve, save_pages
from hdr.bench.process import Comparison
from hdr.bench.scoring import PageScore
from hdr.cli.main import run
from hdr.workspace import shipped_models

SMALL = PageStyle(size=(300, 200), digit_px=40, rows=2, columns=3)
FASTER = Comparison("a page", "ms", 2.0, 30.0, 15.0)


@pytest.fixture
def measured(monkeypatch):
    """The measuring itself replaced; what it was asked for is kept."""
    asked = {}

    def start(picture, keras_model, runs, window):
        asked.update(picture=picture, there=picture.is_file(), model=keras_model, runs=runs, window=window)
        yield FASTER

    def read(classifier, keras_model, folder, runs):
        asked.update(name=classifier.card.name, model=keras_model, there=folder.is_dir(), runs=runs)
        yield FASTER

    monkeypatch.setattr("hdr.bench.start.bench_start", start)
    monkeypatch.setattr("hdr.bench.read.bench_read", read)
    return asked


def test_start_writes_a_page_of_its_own_to_read(measured, capsys):
    assert run(["bench", "start", "--runs", "2", "--no-window"]) == 0
    assert (measured["there"], measured["runs"], measured["window"]) == (True, 2, False)
    assert measured["model"].name == "model.keras"
    assert not measured["picture"].exists()
    assert capsys.readouterr().out == "a page\n  ours 2 ms, baseline 30 ms: 15 times\n"


def test_start_reads_the_picture_that_is_named(measured, tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    assert run(["bench", "start", "--picture", str(tmp_path / "a.png")]) == 0
    assert measured["picture"] == tmp_path / "a.png"


def test_read_tells_json_for_programs(measured, capsys):
    assert run(["bench", "read", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"what": "a page", "unit": "ms", "ours": 2.0, "baseline": 30.0, "ratio": 15.0}
    assert (measured["name"], measured["there"]) == ("default", True)


@pytest.mark.parametrize("command", ["start", "read"])
def test_without_tensorflow_there_is_no_baseline_and_a_cure(command, measured, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *rest: None if name == "keras" else find(name, *rest))
    assert run(["bench", command]) == 1
    assert 'pip install ".[train]"' in capsys.readouterr().err
    assert not measured


def test_a_model_without_the_file_of_the_baseline_is_named(own_workspace, measured, capsys):
    folder = own_workspace / "models" / "light"
    folder.mkdir(parents=True)
    for name in ("card.json", "model.tflite"):
        (folder / name).write_bytes((shipped_models() / "default" / name).read_bytes())
    assert run(["models", "use", "light"]) == 0
    assert run(["bench", "start"]) == 1
    told = capsys.readouterr().err
    assert "no model.keras" in told
    assert "hdr models use default" in told
    assert not measured


@pytest.fixture
def curves(monkeypatch):
    asked = {}

    monkeypatch.delenv("HDR_MNIST", raising=False)

    def generated(readers, pages, seed, digits, troubles):
        asked.update(readers=list(readers), pages=pages, seed=seed, digits=digits, troubles=troubles)
        for reader in ("hdr", "contours"):
            yield Curve(
                "noise", reader, tuple(PageScore(pages=1, there=4, found=4, hits=hits) for hits in (4, 4, 4, 2, 0))
            )

    monkeypatch.setattr("hdr.bench.pages.bench_generated", generated)
    return asked


def test_pages_tells_a_line_a_curve_under_one_heading(curves, capsys):
    assert run(["bench", "pages", "--pages", "1", "--seed", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["trouble", "reader", "0%", "25%", "50%", "75%", "100%"]
    assert [line.split() for line in lines[2:]] == [
        ["noise", "hdr", "1.000", "1.000", "1.000", "0.500", "0.000"],
        ["noise", "contours", "1.000", "1.000", "1.000", "0.500", "0.000"],
    ]
    assert (curves["pages"], curves["seed"], curves["digits"]) == (1, 3, None)
    assert curves["readers"][0] == "hdr"


def test_pages_tells_json_and_draws_the_curves(curves, tmp_path, capsys):
    assert run(["bench", "pages", "--json", "--plot", str(tmp_path / "curves.png")]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["trouble"], first["reader"]) == ("noise", "hdr")
    assert [one["found_f1"] for one in first["scores"]] == [1, 1, 1, 0.5, 0]
    assert (tmp_path / "curves.png").stat().st_size > 1000


@pytest.fixture
def mnist(tmp_path):
    fields, labels = np.full((3, 28, 28), 255, np.uint8), np.array([7, 0, 7])
    np.savez(tmp_path / "m.npz", x_train=fields, y_train=labels, x_test=fields[:2], y_test=labels[:2])
    return tmp_path / "m.npz"


def test_pages_may_be_written_with_the_digits_of_a_file(curves, mnist, monkeypatch):
    assert run(["bench", "pages", "--mnist", str(mnist)]) == 0
    pixels, names = curves["digits"]
    assert (pixels.shape, names) == ((2, 28, 28), ["7", "0"])
    monkeypatch.setenv("HDR_MNIST", str(mnist))
    assert run(["bench", "pages"]) == 0
    assert curves["digits"][1] == ["7", "0"]


def test_pages_of_some_troubles_alone(curves, capsys):
    assert run(["bench", "pages", "--trouble", "blur", "--trouble", "noise"]) == 0
    assert curves["troubles"] == ["blur", "noise"]
    assert run(["bench", "pages", "--trouble", "rain"]) == 2
    told = capsys.readouterr().err
    assert "rain" in told
    assert "gradient" in told


def test_pages_are_saved_for_others_to_score(curves, tmp_path, mnist, capsys):
    command = ["bench", "pages", "--trouble", "blur", "--pages", "1", "--mnist", str(mnist), "--save"]
    assert run([*command, str(tmp_path / "pages")]) == 0
    assert "5 pages" in capsys.readouterr().out
    truth = json.loads((tmp_path / "pages" / "truth.json").read_text())
    assert len(truth) == 5 == len(list((tmp_path / "pages").glob("*.png")))
    assert all(set(one["rows"][0]) <= {"7", "0"} for one in truth.values())


def test_pages_of_a_folder_may_be_made_worse(tmp_path, capsys):
    page = compose_page(*written_digits(9, np.random.default_rng(1)), np.random.default_rng(1), SMALL)
    save_pages([replace(page, name="a.png")], tmp_path / "pages")
    assert run(["bench", "pages", str(tmp_path / "pages"), "--degrade", "--json"]) == 0
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert {"all", "as it is", "half", "inverted"} <= set(kinds)


def test_mistakes_that_were_made_on_purpose(tmp_path, capsys):
    pictures, labels = written_digits(200, np.random.default_rng(3))
    np.savez(tmp_path / "usps.npz", x=pictures, y=np.array(labels, np.int64))
    assert run(["bench", "mistakes", str(tmp_path), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["way"] for one in told] == ["ours", "model", "taught", "chance"] * 2
    assert told[0]["wrong"] == 6
    assert run(["bench", "mistakes", str(tmp_path)]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("looked through")
    assert first.split()[:4] == ["usps,", "200", "ours", "6"]


@pytest.fixture
def live_rows(monkeypatch):
    """The measuring of `hdr bench live` replaced by one row a part."""
    asked = []

    def part(name):
        def bench(*args):
            asked.append((name, args))
            yield Row(name, "of frames", 0.0004, "under 0.1 %", 0.05, "every frame by itself", 125.0)

        return bench

    for module, names in {
        "live": ("bench_speed", "bench_reuse"),
        "live_steady": ("bench_steady",),
        "live_cost": ("bench_latency", "bench_first", "bench_memory"),
        "live_throttled": ("bench_throttled",),
    }.items():
        for name in names:
            monkeypatch.setattr(f"hdr.bench.{module}.{name}", part(name))
    return asked


def test_live_tells_every_part_and_only_those_asked_for(live_rows, capsys):
    assert run(["bench", "live", "--frames", "2000", "--runs", "3"]) == 0
    out = capsys.readouterr().out
    assert out.count("0.040% (goal: under 0.1 %); every frame by itself: 5.000%; ratio 125") == 7
    assert [name for name, _ in live_rows][-1] == "bench_memory"
    assert live_rows[-1][1][-1] == 2000
    assert run(["bench", "live", "--part", "steady", "--part", "start", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["what"] for row in told] == ["bench_steady", "bench_first"]


def test_live_knows_its_parts(capsys):
    assert run(["bench", "live", "--part", "smell"]) == 2
    assert "smell" in capsys.readouterr().err
