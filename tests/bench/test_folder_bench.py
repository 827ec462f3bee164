"""The bench of folders measures what it says: the same pictures, ours and one after another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hdr.bench import folder
from hdr.bench.folder import bench_photographs, photograph, write_photographs
from hdr.bench.process import run_python
from hdr.cli.main import run
from hdr.errors import HdrError
from hdr.vision.media import load_image


def test_photographs_have_less_of_what_is_finer() -> None:
    picture = photograph(256, np.random.default_rng(1))
    assert picture.shape == (192, 256, 3)
    power = np.abs(np.fft.fft2(picture[:, :192, 0].astype(float) - picture.mean()))
    coarse, middle, fine = (power[low:high, low:high].mean() for low, high in ((1, 5), (5, 20), (20, 80)))
    assert coarse > 3 * middle > 9 * fine


def test_the_same_seed_writes_the_same_folder(tmp_path: Path) -> None:
    for name in "ab":
        write_photographs(tmp_path / name, 5, 32)
    files = sorted((tmp_path / "a").glob("*/*.jpg"))
    assert [file.parent.name for file in files] == ["cat", "cat", "cat", "dog", "dog"]
    pictures = [[load_image(tmp_path / name / file.relative_to(tmp_path / "a")) for file in files] for name in "ab"]
    assert np.array_equal(pictures[0], pictures[1])
    assert len({picture.tobytes() for picture in pictures[0]}) == 5


def test_both_read_all_of_it(tmp_path: Path) -> None:
    write_photographs(tmp_path / "data", 6, 400)
    for load in (folder._OURS, folder._ONE_BY_ONE):
        count, seconds, megabytes = folder._measured(load, tmp_path / "data", 60)
        assert (count, seconds > 0) == (6, True)
        assert megabytes is None or 0 <= megabytes < 500


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(HdrError, match=r"took more than 0\.3 s"):
        run_python(["-c", "import time; time.sleep(60)"], limit_s=0.3)


def test_where_the_system_does_not_tell_the_memory_the_time_alone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[9, 1.0, None], [9, 3.0, None], [9, 2.0, None], [9, 4.0, None]])
    monkeypatch.setattr(folder, "_measured", lambda *_: next(answers))
    (only,) = bench_photographs(tmp_path, "nine", 2)
    assert (only.what, only.unit, only.ours, only.baseline, only.ratio) == ("nine read", "s", 1.5, 3.5, 2.5)


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        folder, "_measured", lambda load, *_: [4, 1.0, 100.0] if load == folder._OURS else [4, 2.0, 700]
    )
    assert run(["bench", "folder", "--pictures", "4", "--side", "16", "--runs", "2"]) == 0
    told = capsys.readouterr().out
    assert "4 photographs of 16 px read\n  ours 1 s, baseline 2 s: 2 times" in told
    assert "ours 100 MB, baseline 700 MB: 7 times" in told
    assert run(["bench", "folder", "--pictures", "2", "--side", "16", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["ratio"] for line in lines] == [2.0, 7.0]
