"""What hdr needs without TensorFlow can be installed on a Raspberry Pi from wheels alone: nothing is compiled there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A Pi's 64-bit system: Debian 12 has glibc 2.36 and Python 3.11, Debian 13 has glibc 2.41 and Python 3.13.
GLIBC = {"3.11": 36, "3.13": 41}
COMPILED = {"numpy", "pillow", "opencv-python", "ai-edge-litert", "pyyaml"}
NO_INDEX = ("NewConnectionError", "NameResolutionError", "Max retries", "Could not fetch URL", "Temporary failure")


@pytest.mark.parametrize("python", GLIBC)
def test_the_light_core_installs_on_a_pi_from_wheels_alone(python: str, tmp_path: Path) -> None:
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    report = tmp_path / "report.json"
    done = subprocess.run(pip(python, report, needs), capture_output=True, text=True, check=False, timeout=250)
    if done.returncode and any(sign in done.stderr for sign in NO_INDEX):
        reason = "no index of packages can be reached"
        if os.environ.get("HDR_REQUIRE_INDEX"):
            pytest.fail(reason)
        pytest.skip(reason)
    assert done.returncode == 0, done.stderr
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
