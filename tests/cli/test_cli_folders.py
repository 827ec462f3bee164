"""Folders of pictures that take a while to read: told to whoever watches, to programs as lines, to nobody on a pipe."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.classify.store import ModelStore
from hdr.cli.main import run
from hdr.cli.progress import reading_pictures
from hdr.cli.telling import tell_reading
from hdr.cli.train_job import Told, job_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def things(tmp_path: Path) -> Path:
    """Twelve pictures each of two things, and one file that is none."""
    for label in ("cup", "Löffel und Gabel"):
        (tmp_path / "things" / label).mkdir(parents=True)
        for index in range(12):
            pixels = np.random.default_rng([index, len(label)]).integers(0, 255, (9, 12, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "things" / label / f"{index}.png")
    (tmp_path / "things" / "cup" / "torn.jpg").write_bytes(b"?")
    return tmp_path / "things"


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    for label in "17":
        (tmp_path / "digits" / label).mkdir(parents=True)
        for index in range(3):
            pixels = np.zeros((20, 9), np.uint8)
            pixels[2 + index :, 3:6] = 255
            Image.fromarray(pixels).save(tmp_path / "digits" / label / f"{index}.png")
    return tmp_path / "digits"


def test_who_watches_sees_how_far_it_is_and_then_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    with reading_pictures() as tell:
        assert tell
        tell(1200, 25_000)
    assert "Reading pictures: 1,200 of 25,000" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K")  # the line is wiped
    monkeypatch.setattr(sys, "stderr", few := Terminal())
    with reading_pictures() as tell:
        assert tell
        tell(3, 30)
    assert "Reading" not in few.getvalue()


def test_on_a_pipe_and_beside_json_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with reading_pictures() as tell:
        assert tell is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    with reading_pictures(quiet=True) as tell:
        assert tell is None


def test_a_program_is_told_now_and_then_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(np.arange(0, 1000, 0.07))
    monkeypatch.setattr("hdr.cli.progress.time.monotonic", lambda: next(seconds))
    told: list[tuple[int, int]] = []
    with reading_pictures(lambda *far: told.append(far)) as tell:
        assert tell
        for done in range(1, 31):
            tell(done, 30)
    assert told[-1] == (30, 30)
    assert 3 < len(told) < 20


def test_a_training_tells_its_window(things: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job_of(Told("cnn-rgb", (things,)), ModelStore(), tell_reading)
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert lines[-1] == {"event": "reading", "done": 25, "of": 25}
    assert told.err.count("torn.jpg") == 2  # left out, and that will hurt


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_measuring_tells_its_window(command: str, digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "default", "--data", str(digits), "--progress", "jsonl", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"event": "progress", "what": "reading", "done": 6, "of": 6}
    assert lines[1] == {"event": "progress", "done": 6, "of": 6}
    assert "event" not in lines[-1]
    assert run([command, "default", "--data", str(digits), "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_an_interrupt_while_pictures_are_read_ends_it(things: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hdr.cli.telling.tell_reading", interrupt)
    monkeypatch.setattr("hdr.cli.train.tell_reading", interrupt)
    assert run(["train", "--data", str(things), "--progress", "jsonl"]) == 130
