"""The layering rule, read off the syntax trees: imports point down, and what is heavy stays where it belongs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hdr"

# From the bottom up; what stands together may import each other only where the design says so.
LAYERS = [
    "errors",
    "geometry",
    "workspace",
    "settings",
    "vision",
    "classify",
    "reading",
    "data",
    "train",
    "bench",
    "app",
    "cli",
]
HOMES = {
    "keras": ("train", "classify/keras_backend.py"),
    "tensorflow": ("train", "classify/keras_backend.py"),
    "tkinter": ("app",),
    "ttkbootstrap": ("app",),
    "tkinterdnd2": ("app",),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    own = layer(path)
    if own in {"__init__", "__main__"}:
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "hdr" or len(parts) < 2 or parts[1] not in LAYERS:
            continue
        assert LAYERS.index(parts[1]) <= LAYERS.index(own), f"hdr/{own} imports {name}, which lies above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_stay_at_home(path: Path) -> None:
    where = str(path.relative_to(PACKAGE))
    for name in imports(path):
        homes = HOMES.get(name.split(".")[0], ("",))
        assert where.startswith(homes), f"{where} imports {name}"


def test_every_module_belongs_to_a_layer() -> None:
    assert {layer(path) for path in MODULES} - {"__init__", "__main__"} <= set(LAYERS)


@pytest.mark.parametrize("modules", ["hdr", "hdr.cli.main, hdr.reading.pipeline, hdr.classify.loading", "hdr.app"])
def test_what_starts_at_once_imports_nothing_heavy(modules: str) -> None:
    heavy = "tensorflow", "keras", "matplotlib", "sklearn", "h5py", *(("tkinter",) if "app" not in modules else ())
    code = f"import sys, {modules}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
