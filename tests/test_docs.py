"""What the README says is so: its commands print what stands there, and every command stands there."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from hdr.cli.main import COMMANDS, run

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def consoles() -> list[tuple[str, str]]:
    """Each command of a console block with what the README says that it prints."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command.strip(), output))
    return found


def printed(command: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(shlex.split(command)[1:]) == 0
    return out.getvalue()


def steady(text: str) -> str:
    """Without what differs from run to run: milliseconds; and without what was left out for `...`."""
    return re.sub(r'"ms": [0-9.]+', '"ms": 0', text).strip()


@pytest.mark.parametrize(("command", "output"), consoles(), ids=lambda value: str(value)[:40])
def test_the_readmes_commands_print_what_stands_there(
    command: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    said = steady(output)
    told = steady(printed(command))
    if "..." in said:
        parts = [re.escape(part) for part in said.split("...")]
        assert re.fullmatch(".*".join(parts), told, re.DOTALL)
    else:
        assert told == said


def test_the_readmes_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith(consoles()[0][1])


def test_there_are_consoles() -> None:
    assert len(consoles()) >= 4


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"`hdr {name}" in README
    assert run([name, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_every_link_and_picture_is_there() -> None:
    for document in ROOT / "README.md", ROOT / "hdr" / "README.md":
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_package_map_names_every_package() -> None:
    text = (ROOT / "hdr" / "README.md").read_text(encoding="utf-8")
    for folder in (ROOT / "hdr").iterdir():
        if (folder / "__init__.py").is_file():
            assert f"{folder.name}/" in text
