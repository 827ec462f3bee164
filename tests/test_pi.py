"""What hdr needs without TensorFlow can be installed on a Raspberry Pi from wheels alone: nothing is compiled there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A Pi's 64-bit system: Debian 12 has glibc 2.36 and Python 3.11, Debian 13 has glibc 2.41 and Python 3.13.
GLIBC = {"3.11": 36, "3.13": 41}
COMPILED = {"numpy", "pillow", "opencv-python", "ai-edge-litert", "pyyaml"}
NO_INDEX = ("NewConnectionError", "NameResolutionError", "Max retries", "Could not fetch URL", "Temporary failure")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[subprocess.Popen[str], Path]]]:
    """For each Python what pip would do, asked at once."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    folder = tmp_path_factory.mktemp("pi")
    asked = {}
    for python in GLIBC:
        report = folder / f"{python}.json"
        asked[python] = subprocess.Popen(pip(python, report, needs), stderr=subprocess.PIPE, text=True), report
    yield asked
    for process, _ in asked.values():
        process.kill()
        process.communicate()


@pytest.mark.parametrize("python", GLIBC)
def test_the_light_core_installs_on_a_pi_from_wheels_alone(
    python: str, reports: dict[str, tuple[subprocess.Popen[str], Path]]
) -> None:
    process, report = reports[python]
    _, said = process.communicate(timeout=250)
    if process.returncode and any(sign in said for sign in NO_INDEX):
        reason = "no index of packages can be reached"
        if os.environ.get("HDR_REQUIRE_INDEX"):
            pytest.fail(reason)
        pytest.skip(reason)
    assert process.returncode == 0, said
    wheels = {
        one["metadata"]["name"].lower(): one["download_info"]["url"].rpartition("/")[2]
        for one in json.loads(report.read_text(encoding="utf-8"))["install"]
    }
    assert all(name.endswith(("aarch64.whl", "-any.whl")) for name in wheels.values())
    assert {name for name in wheels if "aarch64" in wheels[name]} >= COMPILED
    assert not {"tensorflow", "keras", "matplotlib", "pandas"} & wheels.keys()


def pip(python: str, report: Path, needs: list[str]) -> list[str]:
    """The command that works out, and does no more, what pip would install there."""
    platforms = ["manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in range(17, GLIBC[python] + 1))]
    return [
        *(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            "--only-binary=:all:",
            "--retries=1",
        ),
        *("--disable-pip-version-check", "--quiet", "--report", str(report), "--target", str(report.parent / "none")),
        *("--implementation", "cp", "--python-version", python),
        *(word for platform in platforms for word in ("--platform", platform)),
        *needs,
    ]
