"""Saves, relabels and moves that are killed, raced, or meet another clock and other scripts: nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import capture_pages
import filelock
import pytest
from capture_pages import assert_all_whole, make_image, make_reading
from nobody import as_nobody

from hdr.data import captures, moving
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.checking import check, repair
from hdr.data.crops import read_crop
from hdr.data.labels import label_of
from hdr.data.moving import binned, confirm, discard, relabel, restore, undo
from hdr.data.scanning import load_index
from hdr.errors import CaptureError

IMAGE, OTHER = make_image(), make_image(1)
ID, OTHER_ID = capture_id(IMAGE), capture_id(OTHER)
REPOSITORY = Path(__file__).resolve().parents[2]
MAY_BE = {0: "0", 1: "17", 2: "27", 3: "3", 4: "4", 5: "9"}
"""What each crop of the first page may be labelled at any moment."""
CONFIRMED = {0, 1, 2, 4, 5}
"""Those that a person has labelled, and that nothing may turn into mere predictions."""
KILLS = 200


@pytest.fixture
def store(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, make_reading("012345", {5: "9"}))
    confirm(store, [crop(store, number) for number in CONFIRMED - {5}])
    store.save(OTHER, make_reading("012345"))
    return store


def crop(store, number, capture=ID):
    return next(path for path in store.root.glob(f"*/{capture}_{number:02d}.png"))


def assert_nothing_lost(root):
    assert_all_whole(root)
    for number, labels in MAY_BE.items():
        places = [*root.glob(f"*/{ID}_{number:02d}*.png"), *root.glob(f"_bin/*/{ID}_{number:02d}*.png")]
        assert len(places) == 1, f"crop {number} is at {places}"
        label = label_of(places[0].parent.name)
        assert label in labels
        assert read_crop(places[0], label).by_person == (number in CONFIRMED)
    others = {path.name[17:19] for path in root.glob(f"*/{OTHER_ID}_*.png")}
    assert others == {"00", "01", "02", "03", "04", "05"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_two_hundred_times_at_random_moments_of_saves_relabels_and_moves(store, tmp_path):
    chance = random.Random(11)
    loop = [sys.executable, "-c", _FORK, str(store.root), str(Path(__file__).parent), str(tmp_path / "warm")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests")))}
    seen: set[tuple[str, ...]] = set()
    with subprocess.Popen(loop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout
        turn_s = float(nursery.stdout.readline())
        for _ in range(KILLS):
            nursery.stdin.write("start\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 1.5 * turn_s))
            os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
            assert_nothing_lost(store.root)
            seen.add(tuple(sorted(path.parent.name for path in store.root.rglob(f"{ID}_*.png"))))
        nursery.stdin.close()
    assert len(seen) > 2, "the children did move crops"
    repair(store, check(store))
    if binned(store):
        restore(store, binned(store))
    repair(store, check(store))
    assert_nothing_lost(store.root)
    assert [one for one in check(store) if one.safe] == []
    assert [digit.number for digit in store.page(ID).digits] == [0, 1, 2, 3, 4, 5]
    assert [digit.label for digit in store.page(ID).digits] == [one.label for one in store.read(ID)]


_FORK = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import test_moving_faults
store = test_moving_faults.CaptureStore(Path(sys.argv[3]))
for image, reading in ((test_moving_faults.IMAGE, "012345"), (test_moving_faults.OTHER, "012345")):
    store.save(image, test_moving_faults.make_reading(reading))
test_moving_faults.move_once(store, 0)  # all that is imported late is there now
started = time.monotonic()
test_moving_faults.move_once(store, 1)
print(time.monotonic() - started, flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        store, turn = test_moving_faults.CaptureStore(Path(sys.argv[1])), os.getpid()
        while True:
            turn += 1
            test_moving_faults.move_once(store, turn)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


def move_once(store, turn):
    """What a child does over and over: relabel and take back, bin and restore, and save the other page."""
    if binned(store):
        restore(store, binned(store))
    change = relabel(store, [crop(store, 1), crop(store, 2)], "7")
    if turn % 2:
        undo(store, change)
    else:
        for number in (1, 2):
            relabel(store, [crop(store, number)], str(number))
    gone = discard(store, [crop(store, 3), crop(store, 4)])
    undo(store, gone)
    store.save(OTHER, make_reading("012345", {1: "8"} if turn % 2 else {1: "1"}))


def test_two_programs_that_move_the_same_crops_at_once(store):
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; from test_moving_faults import *\n"
        "store = CaptureStore(Path(sys.argv[1]))\n"
        "for turn in range(15):\n"
        "    for label in ('7', '1'):\n"
        "        path = next(iter(store.root.glob(f'*/{ID}_01.png')), None)\n"
        "        try:\n"
        "            path is None or relabel(store, [path], label)\n"
        "        except CaptureError as error:\n"
        "            assert 'is not there any more' in error.message\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests")))}
    command = [sys.executable, "-c", code, str(store.root), str(Path(capture_pages.__file__).parent)]
    both = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert_nothing_lost(store.root)
    assert [digit.label for digit in store.page(ID).digits] == [one.label for one in store.read(ID)]


def test_a_clock_that_was_set_back_hides_nothing(store, monkeypatch):
    assert len(load_index(store.root)) == 12
    past = time.time_ns() - 10**18
    monkeypatch.setattr(time, "time_ns", lambda: past)
    relabel(store, [crop(store, 1)], "7")
    index = load_index(store.root)
    assert index.counts()["7"] == 1
    monkeypatch.undo()
    path = crop(store, 1)
    os.utime(path.parent, (10**9, 10**9))  # the folder's time is before its files' now
    discard(store, [path])
    os.utime(path.parent, (10**9, 10**9))
    assert load_index(store.root).counts().get("7", 0) == 0


@pytest.mark.parametrize("name", ["手書き", "ciał ło", "α β", "نص", "🖐 hand"])
def test_folders_labels_and_files_of_any_script(tmp_path, name):
    store = CaptureStore(tmp_path / name / "captures")
    store.save(IMAGE, make_reading("012"), f"{name}.jpg")
    relabel(store, [crop(store, 1)], name)
    (crop(store, 0).parent / f"{name}.png").write_bytes(crop(store, 0).read_bytes())
    index = load_index(store.root)
    assert index.counts() == {"0": 2, "1": 0, "2": 1, name: 1}
    assert {index.row(row).source for row in range(len(index))} == {f"{name}.jpg"}
    assert [one.label for one in store.page(ID).digits] == ["0", name, "2"]
    relabel(store, [crop(store, 0).parent / f"{name}.png"], "2")
    discard(store, [crop(store, 1)])
    restore(store, binned(store))
    assert [one.label for one in store.page(ID).digits] == ["0", name, "2"]


def test_others_may_save_while_many_crops_are_moved(store, monkeypatch):
    monkeypatch.setattr(moving, "_AT_ONCE", 2)
    paths = [crop(store, number) for number in range(6)]
    saved = []

    def save_between(done, total):
        if done == 3:
            other = threading.Thread(target=lambda: saved.append(store.save(make_image(7), make_reading("1"))))
            other.start()
            threads.append(other)

    threads: list[threading.Thread] = []
    change = relabel(store, paths, "8", save_between)
    threads[0].join()
    assert (len(change), len(saved)) == (6, 1)
    assert len(undo(store, change)) == 6
    assert_nothing_lost(store.root)


def test_where_others_do_not_let_go_what_was_done_can_be_undone(store, monkeypatch):
    monkeypatch.setattr(moving, "_AT_ONCE", 2)
    monkeypatch.setattr(captures, "_LOCK_WAIT_S", 0.05)
    theirs = filelock.FileLock(store.root / "_pages" / ".lock")
    real, turns = CaptureStore.writing, []

    def writing(self, capture=""):
        turns.append(1)
        if len(turns) == 2:
            theirs.acquire()
        return real(self, capture)

    with monkeypatch.context() as patch:
        patch.setattr(CaptureStore, "writing", writing)
        change = relabel(store, [crop(store, number) for number in range(6)], "8")
    assert len(change) == 2
    assert "Another program" in change.failures[0][1].message
    theirs.release()
    undo(store, change)
    assert_nothing_lost(store.root)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_may_only_be_read(store):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder lets nobody in
        theirs = CaptureStore(shutil.copytree(store.root, Path(name) / "captures"))
        Path(name).chmod(0o755)
        with as_nobody():
            index = load_index(theirs.root)
            with pytest.raises(CaptureError, match="may not be written"):
                relabel(theirs, [crop(theirs, 1)], "7")
            with pytest.raises(CaptureError, match="may not be written"):
                repair(theirs, check(theirs))
        assert len(index) == 12
        assert_nothing_lost(theirs.root)


def test_a_file_that_vanishes_while_it_is_moved(store, monkeypatch):
    path = crop(store, 1)
    real = os.replace

    def vanish(source, target):
        path.unlink(missing_ok=True)
        real(source, target)

    monkeypatch.setattr(os, "replace", vanish)
    with pytest.raises(CaptureError, match="could not be written or read"):
        relabel(store, [path], "1x")
