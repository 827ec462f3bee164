"""Whole processes to the seconds and the memory they took, two kinds of them in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hdr.errors import HdrError

_SECONDS = 300


@dataclass(frozen=True)
class ChildRun:
    """One process that ran to its end.

    Parameters
    ----------
    seconds
        From its start to its end.
    output
        What it printed.
    """

    seconds: float
    output: str


def run_python(arguments: Sequence[str], extra: dict[str, str] | None = None, limit_s: float = _SECONDS) -> ChildRun:
    """Run this Python with arguments and wait.

    Raises
    ------
    HdrError
        Where it failed, with the end of what it said; or where it takes longer than may be.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **(extra or {})}
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
    )
    with child:
        try:
            output, errors = child.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            child.kill()
            raise HdrError(f"A measured process took more than {limit_s:g} s.", hint="Measure less.") from None
    seconds = time.perf_counter() - start
    if child.returncode:
        raise HdrError(f"A measured process ended with {child.returncode}: {errors.strip()[-400:]}")
    return ChildRun(seconds, output)


def peak_memory_mb(arguments: Sequence[str]) -> float | None:
    """Return the most memory that this Python held with these arguments, in millions of bytes.

    It is read off a process in between whose only child this is, since a system counts the largest child of all.
    None on a system that does not tell.
    """
    try:
        import resource  # noqa: F401  (only whether it is there)
    except ImportError:
        return None
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    kilobytes = int(run_python(["-c", code, *arguments]).output)
    return kilobytes / 1e6 if sys.platform == "darwin" else kilobytes * 1024 / 1e6


@dataclass(frozen=True)
class Comparison:
    """What was measured of ours and of the baseline, turn by turn.

    Parameters
    ----------
    what
        What was measured, in words.
    unit
        Of the figures.
    ours, baseline
        Medians.
    ratio
        The median of the baseline's by ours, pair by pair: how many times better ours is.
    """

    what: str
    unit: str
    ours: float
    baseline: float
    ratio: float

    def figures(self) -> dict[str, float | str]:
        """For a report."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": round(self.ours, 4),
            "baseline": round(self.baseline, 4),
            "ratio": round(self.ratio, 2),
        }


def compare(what: str, unit: str, ours: Sequence[float], baseline: Sequence[float]) -> Comparison:
    """Summarise pairs of measurements that were taken in turns, so that a machine that slows down slows both."""
    ratios = [b / a for a, b in zip(ours, baseline, strict=True)]
    return Comparison(what, unit, statistics.median(ours), statistics.median(baseline), statistics.median(ratios))
