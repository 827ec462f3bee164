"""Killed, interrupted, refused by the disk or raced by another process: whole files, and nothing lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import capture_pages
import filelock
import pytest
from capture_pages import assert_all_whole, files_of, labels_of, make_image, make_reading
from nobody import as_nobody

from hdr.data import captures as captures_module
from hdr.data.captures import CaptureStore, capture_id
from hdr.errors import CaptureError

IMAGE = make_image()
ID = capture_id(IMAGE)
BEFORE, AFTER = {1: "1", 5: "5"}, {1: "7", 2: "none", 5: "9"}
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path):
    return CaptureStore(tmp_path / "captures")


class Killed(BaseException):
    """The process ends here: nothing that catches errors may catch this."""


def fail_at(monkeypatch, n: int, error: BaseException) -> list[str]:
    """Make the n-th of all calls to the system that may change the disk fail; the names of all calls are collected."""
    calls: list[str] = []
    for name in ("replace", "fsync", "mkdir", "unlink", "rmdir", "open", "write"):
        real = getattr(os, name)

        def call(*args, _real=real, _name=name, **kwargs):
            calls.append(_name)
            if len(calls) == n:
                raise error
            return _real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)
    return calls


def writes_of_a_save(tmp_path) -> int:
    """How many calls there are to fail, counted in a save in which none does."""
    with pytest.MonkeyPatch.context() as patch:
        store = CaptureStore(tmp_path / "counted")
        store.save(IMAGE, make_reading("012345", BEFORE))
        calls = fail_at(patch, 0, OSError())
        store.save(IMAGE, make_reading("012346", AFTER))
        return len(calls)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), Killed(), KeyboardInterrupt()],
    ids=["full", "killed", "ctrl-c"],
)
def test_whichever_write_fails_nothing_saved_is_lost_and_the_next_save_mends_all(tmp_path, error):
    total = writes_of_a_save(tmp_path)
    assert total > 10
    for n in range(1, total + 1):
        store = CaptureStore(tmp_path / f"captures-{n}")
        store.save(IMAGE, make_reading("012345", BEFORE))
        with pytest.MonkeyPatch.context() as patch:
            calls = fail_at(patch, n, error)
            with contextlib.suppress(CaptureError, Killed, KeyboardInterrupt):
                store.save(IMAGE, make_reading("012345", AFTER))
        assert_all_whole(store.root)
        assert len(files_of(store.root)) == 6, f"after call {n} ({calls[n - 1]})"
        store.counts()  # finishes what was committed
        assert labels_of(store.root, IMAGE) in ("012345", "07_none349"), f"after call {n} ({calls[n - 1]})"
        store.save(IMAGE, make_reading("012345", AFTER))
        assert labels_of(store.root, IMAGE) == "07_none349"
        assert {path.name for path in (store.root / "_pages").iterdir()} == {".lock", f"{ID}.json", f"{ID}.png"}
        assert [crop.label for crop in store.read(ID)] == ["0", "7", "none", "3", "4", "9"]


def test_a_first_save_that_fails_leaves_no_crop(store):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(CaptureError, match="the disk is full") as caught:
            store.save(IMAGE, make_reading("01"))
    assert "Free some space" in caught.value.hint
    assert files_of(store.root) == {}
    assert [path.name for path in (store.root / "_pages").iterdir()] == [".lock"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_thirty_times_at_random_moments(tmp_path):
    root = tmp_path / "captures"
    CaptureStore(root).save(IMAGE, make_reading("012345"))
    chance = random.Random(7)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    loop = [sys.executable, "-c", _FORK, str(root), str(Path(capture_pages.__file__).parent), str(tmp_path / "warm")]
    with subprocess.Popen(loop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout
        turn_s = float(nursery.stdout.readline())
        for _ in range(30):
            nursery.stdin.write("start\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 3 * turn_s))
            os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
            assert_all_whole(root)
            raw = files_of(root)
            assert {f"{ID}_{number:02d}.png" for number in range(6)} <= raw.keys()
            store = CaptureStore(root)
            store.counts()
            assert labels_of(root, IMAGE) in ("012345", "0723_none9")
            assert [digit.label for digit in store.page(ID).digits] == [crop.label for crop in store.read(ID)]
            for capture in store.list():
                assert len(capture.crops) == (6 if capture.id == ID else 3)
                assert capture.page is not None
        nursery.stdin.close()
    assert len(CaptureStore(root).list()) > 5, "the children did save"


_FORK = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from capture_pages import CaptureStore, make_image, make_reading, save_for_ever
CaptureStore(Path(sys.argv[3])).save(make_image(), make_reading("1"))  # all that is imported late is there now
started = time.monotonic()
CaptureStore(Path(sys.argv[3])).save(make_image(1), make_reading("012345"))
CaptureStore(Path(sys.argv[3])).save(make_image(2), make_reading("678"))
print(time.monotonic() - started, flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        save_for_ever(Path(sys.argv[1]))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


def test_two_processes_that_save_at_once_do_not_hurt_each_other(tmp_path):
    root = tmp_path / "captures"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; from capture_pages import *\n"
        "store = CaptureStore(Path(sys.argv[1]))\n"
        "for turn in range(12):\n"
        "    store.save(make_image(), make_reading('012345', {0: '5' if turn % 2 else '6'}))\n"
        "    store.save(make_image(turn + 1), make_reading('78'))\n"
    )
    command = [sys.executable, "-c", code, str(root), str(Path(capture_pages.__file__).parent)]
    both = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert_all_whole(root)
    store = CaptureStore(root)
    assert labels_of(root, IMAGE) in ("512345", "612345")
    assert sorted(len(capture.crops) for capture in store.list()) == [2] * 12 + [6]


def test_a_program_that_saves_for_ever_is_told_of(store, monkeypatch):
    monkeypatch.setattr(captures_module, "_LOCK_WAIT_S", 0.05)
    (store.root / "_pages").mkdir(parents=True)
    with (
        filelock.FileLock(store.root / "_pages" / ".lock"),
        pytest.raises(CaptureError, match="Another program") as caught,
    ):
        store.save(IMAGE, make_reading("1"))
    assert caught.value.hint


def test_reading_goes_on_while_another_program_saves(store):
    store.save(IMAGE, make_reading("1"))
    (store.root / "_pages" / ".saving-0123456789abcdef").mkdir()
    with filelock.FileLock(store.root / "_pages" / ".lock"):
        assert store.counts() == {"1": 1}


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "captures").write_text("a file")
    store = CaptureStore(tmp_path / "captures")
    with pytest.raises(CaptureError, match="a file is where a folder should be"):
        store.save(IMAGE, make_reading("1"))
    assert (tmp_path / "captures").read_text() == "a file"
    assert store.counts() == {}


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, make_reading("1"))
    real = Path.mkdir

    def refuse(self, *args, **kwargs):
        if ".saving-" in self.name:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CaptureError, match="may not be written") as caught:
        store.save(IMAGE, make_reading("12"))
    assert "HDR_HOME" in caught.value.hint
    assert store.counts() == {"1": 1}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_really_may_not_be_written(store):
    store.save(IMAGE, make_reading("1"))
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder lets nobody in
        theirs = CaptureStore(shutil.copytree(store.root, Path(name) / "captures"))
        Path(name).chmod(0o755)
        with as_nobody(), pytest.raises(CaptureError, match="may not be written"):
            theirs.save(IMAGE, make_reading("12"))
        assert theirs.counts() == {"1": 1}


def test_a_folder_that_vanished_is_made_again(store):
    store.save(IMAGE, make_reading("1"))
    shutil.rmtree(store.root)
    store.save(IMAGE, make_reading("1"))
    assert store.counts() == {"1": 1}


def test_another_error_of_the_disk(store, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(CaptureError, match=r"could not be written or read \(Input/output error\)"):
        store.save(IMAGE, make_reading("1"))


def test_a_save_that_cannot_be_finished_is_tried_again_and_holds_up_no_other_page(store):
    other = make_image(1)
    with pytest.MonkeyPatch.context() as patch:
        real = os.replace

        def refuse(source, target):
            if Path(target).parent.name == "7":
                raise PermissionError(errno.EACCES, "Permission denied")
            real(source, target)

        patch.setattr(os, "replace", refuse)
        for _ in range(2):
            with pytest.raises(CaptureError, match="may not be written"):
                store.save(IMAGE, make_reading("71"))
        store.save(other, make_reading("5"))
        assert store.counts() == {"5": 1}
    assert store.counts() == {"1": 1, "5": 1, "7": 1}


def test_a_stage_of_nonsense_is_put_aside(store):
    stage = store.root / "_pages" / ".saving-0123456789abcdef"
    stage.mkdir(parents=True)
    (stage / "page.json").write_text('{"shapes": [')
    store.save(IMAGE, make_reading("1"))
    assert not stage.exists()
    assert (store.root / "_pages" / ".damaged-0123456789abcdef" / "page.json").is_file()
    assert store.counts() == {"1": 1}


def test_a_stage_cannot_reach_outside(store, tmp_path):
    """A captures folder may come from somebody else, with a page that names files of other places."""
    secret = tmp_path / "0123456789abcdef_00.png"
    secret.write_bytes(b"mine")
    stage = store.root / "_pages" / ".saving-0123456789abcdef"
    stage.mkdir(parents=True)
    shape = {"label": "../..", "points": [[0, 0], [1, 1]], "shape_type": "rectangle", "hdr": {"number": 0}}
    told = {"shapes": [shape], "imagePath": "../../x.png", "imageWidth": 1, "imageHeight": 1}
    (stage / "page.json").write_text(json.dumps(told))
    (stage / "0123456789abcdef_00.png").write_bytes(b"theirs")
    store.counts()
    assert secret.read_bytes() == b"mine"
    assert [path.parent.name for path in store.root.rglob("0123456789abcdef_00.png")] == ["%2E.%2F.%2E"]
