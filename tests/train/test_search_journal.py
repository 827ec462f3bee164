"""The trials of a search on disk: whole, and believed only where they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hdr.errors import ModelError
from hdr.train.search_journal import Journal, Trial, folder_of, forget, read_journal, searches, winner_of, write_journal

ABOUT = {"method": "random", "space": {"labels": ["a", "b"]}}


def _trial(number: int = 1, accuracy: float = 0.9, loss: float = 0.3, failed: str = "") -> Trial:
    return Trial(
        number, {"architecture": "tiny", "rate": 2.0, "optimizer": "adam"}, 2, accuracy, loss, 810, 1.5, failed
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    journal = Journal(ABOUT, (_trial(), _trial(2, failed="too small")))
    write_journal(tmp_path / "one", journal)
    assert read_journal(tmp_path / "one") == journal
    assert journal.seconds == 3
    winner_of(tmp_path / "one").mkdir()
    forget(tmp_path / "one")
    assert read_journal(tmp_path / "one") is None
    assert not winner_of(tmp_path / "one").exists()


def test_the_best_is_right_most_often_then_surest_and_never_a_failure() -> None:
    trials = _trial(1, 0.9, 0.3), _trial(2, 0.9, 0.2), _trial(3, 0.8, 0.1), _trial(4, 1.0, 0.0, "failed")
    assert Journal(ABOUT, trials).best == trials[1]
    assert Journal(ABOUT, trials[3:]).best is None


def test_searches_are_listed_by_name(tmp_path: Path) -> None:
    assert searches(tmp_path) == []
    for name in ("b", "a"):
        write_journal(folder_of(tmp_path, name), Journal(ABOUT))
    assert searches(tmp_path) == ["a", "b"]
    with pytest.raises(ModelError, match="cannot be a model's name"):
        folder_of(tmp_path, "../outside")


def _change(path: tuple[str | int, ...], value: Any) -> Any:
    def change(told: Any) -> Any:
        place = told
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return told

    return change


@pytest.mark.parametrize(
    "change",
    [
        _change(("version",), 2),
        _change(("trials", 0, "number"), 2),
        _change(("trials", 0, "accuracy"), 1.5),
        _change(("trials", 0, "accuracy"), float("nan")),
        _change(("trials", 0, "loss"), -1),
        _change(("trials", 0, "values"), {"architecture": "tiny", "code": "import os"}),
        _change(("trials", 0, "values"), {"rate": 1}),
        _change(("trials", 0, "values"), "tiny"),
        _change(("trials",), 7),
        _change(("about",), 7),
        lambda told: [told],
        lambda told: "text",
    ],
)
def test_what_is_no_search_is_a_sentence(tmp_path: Path, change: Any) -> None:
    write_journal(tmp_path, Journal(ABOUT, (_trial(),)))
    path = tmp_path / "search.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ModelError, match="cannot be gone on with"):
        read_journal(tmp_path)


def test_a_file_that_is_no_text_too_deep_or_too_large_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    for data in (b"\xff\xfe\x00", b"[" * 100_000, b" " * (9 << 20)):
        path.write_bytes(data)
        with pytest.raises(ModelError, match="cannot be gone on with"):
            read_journal(tmp_path)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        write_journal(tmp_path / "file" / "below", Journal(ABOUT))
