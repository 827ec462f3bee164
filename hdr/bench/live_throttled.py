"""Live reading at the pace of a small computer: a child process held to one core, of which it gets a quarter.

The child is stopped and let go again by signals, ten milliseconds of every forty: whatever it does, it has a quarter of
a core's time, as a core of a quarter of the speed would have given it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hdr.bench.generate import Digits
from hdr.bench.live import Row, scene_frames
from hdr.bench.live_scenes import IN_HAND
from hdr.errors import HdrError

_SHARE = 0.25
_PERIOD_S = 0.04
_LONGEST_S = 120
_FRAMES, _COUNT = 30, 90
_GOAL = 15

# Ours or the loop over the same frames: says when it begins, waits for a line, and tells seconds and processor seconds.
_CHILD = """
import os, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before any library has begun threads of its own
from pathlib import Path
import numpy as np
from hdr.bench.live import reading_loop, the_loop
from hdr.classify.loading import load_classifier
from hdr.reading.live import LiveReader
which, film, count, model = sys.argv[1], np.load(sys.argv[2], allow_pickle=False), int(sys.argv[3]), sys.argv[4]
classifier = load_classifier()
loop = reading_loop(LiveReader(classifier)) if which == "ours" else the_loop(Path(model).read_bytes(), classifier)
for frame in film[:5]:
    loop(frame)
print("ready", flush=True)
sys.stdin.readline()
start, used = time.monotonic(), time.process_time()
for number in range(count):
    loop(film[number % len(film)])
print(time.monotonic() - start, time.process_time() - used, flush=True)
"""


def bench_throttled(digits: Digits, model: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Time ours and the loop on a quarter of one core, in turns; nothing where a process cannot be held to a core."""
    if not hasattr(os, "sched_setaffinity"):
        return
    film = folder / "film.npy"
    np.save(film, np.stack(scene_frames(IN_HAND, digits, _FRAMES)), allow_pickle=False)
    told = [[throttled(which, film, model) for which in ("ours", "loop")] for _ in range(runs)]
    speeds = [statistics.median(pair[i][0] for pair in told) for i in range(2)]
    share = statistics.median(pair[0][1] for pair in told)
    what = f"640x480, 10 digits in a hand, one core, stopped but for {share:.0%} of the time"
    ratio = statistics.median(ours[0] / loop[0] for ours, loop in told)
    yield Row(what, "frames/s", speeds[0], f"at least {_GOAL}", speeds[1], "the live-detection loop", ratio)


def throttled(which: str, film: Path, model: Path) -> tuple[float, float]:
    """Run one of the two on a quarter of a core.

    Returns
    -------
    Frames a second, and the share of a core's time that it was given.

    Raises
    ------
    HdrError
        Where it failed.
    """
    command = [sys.executable, "-c", _CHILD, which, str(film), str(_COUNT), str(model)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    pipes = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipes, stdout=pipes, env=environment, text=True, encoding="utf-8") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        if child.stdout.readline().strip() == "ready":
            child.stdin.write("go\n")
            child.stdin.flush()
            _hold_back(child)
        told = child.stdout.readline().split()
    if child.returncode or len(told) != 2:
        raise HdrError(f"The throttled process ended with {child.returncode}.")
    seconds, used = map(float, told)
    return _COUNT / seconds, used / seconds


def _hold_back(child: subprocess.Popen[str]) -> None:
    """Stop the child for three quarters of every moment until it has ended."""
    end = time.monotonic() + _LONGEST_S
    while child.poll() is None:
        with contextlib.suppress(ProcessLookupError):  # it may end at any time
            child.send_signal(signal.SIGSTOP)
            time.sleep(_PERIOD_S * (1 - _SHARE))
            child.send_signal(signal.SIGCONT)
        if time.monotonic() > end:
            child.kill()
        time.sleep(_PERIOD_S * _SHARE)
