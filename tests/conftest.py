"""What every test shares: a workspace of its own, the data beside the repository, and a screen."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module stays with one worker; where they share a screen, which has one focus, one opens all windows."""
    for item in items:
        windows = _opens_windows(item) and "DISPLAY" in os.environ
        item.add_marker(pytest.mark.xdist_group("windows" if windows else item.nodeid.partition("::")[0]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What a window leaves is freed in this thread: Python collects in any, and Tk ends the process for that."""
    done = yield
    if _opens_windows(item):
        gc.collect()
    return done


def _opens_windows(item: pytest.Item) -> bool:
    return item.get_closest_marker("gui") is not None or "display" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that lies beside the repository where hdr is developed and in CI."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        reason = "the data beside the repository (../shared/data) is not here"
        if os.environ.get("HDR_REQUIRE_SHARED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test ever touches the captures, models or settings of the person who runs it."""
    home = tmp_path / "hdr-home"
    monkeypatch.setenv("HDR_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen: the one there is, else a virtual one."""
    there = os.environ.get("DISPLAY")
    if there:
        yield there
        return
    if shutil.which("Xvfb") is None:
        reason = "there is no display, and no Xvfb to make one"
        if os.environ.get("HDR_REQUIRE_DISPLAY"):
            pytest.fail(reason)
        pytest.skip(reason)
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as screen:
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        os.environ["DISPLAY"] = f":{number}"
        yield f":{number}"
        del os.environ["DISPLAY"]
        screen.terminate()
