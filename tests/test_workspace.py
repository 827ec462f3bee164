from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hdr import workspace
from hdr.workspace import Workspace, find_workspace, is_checkout, shipped_models, write_atomically


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HDR_HOME", str(tmp_path))
    assert find_workspace() == Workspace(tmp_path / "models", tmp_path / "captures", tmp_path / "settings.toml")


def test_a_checkout_is_its_own_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDR_HOME")
    assert is_checkout()
    assert find_workspace().captures == Path(__file__).resolve().parents[1] / "captures"


def test_installed_the_users_data_folder_is_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HDR_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(workspace, "is_checkout", lambda: False)
    found = find_workspace()
    assert found.models.name == "models"
    assert Path(__file__).resolve().parents[1] not in found.models.parents


def test_the_default_model_is_shipped() -> None:
    assert (shipped_models() / "default" / "model.tflite").is_file()


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b.txt", b"x")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"x"


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_at_any_step_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    code = (
        "import sys; from pathlib import Path; from hdr.workspace import write_atomically\n"
        "n = 0\n"
        "while True: n += 1; write_atomically(Path(sys.argv[1]), bytes([n % 256]) * 200_000)"
    )
    for delay in (0.0, 0.01, 0.02, 0.03):
        with subprocess.Popen([sys.executable, "-c", code, str(path)]) as child:
            while not path.exists():
                time.sleep(0.01)
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
        data = path.read_bytes()
        assert len(data) == 200_000
        assert len(set(data)) == 1
