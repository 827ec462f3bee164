"""Bytes to a file, or many to a folder, whole or not at all, and never over what is not an earlier export."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hdr
from hdr.data.formats.samples import Samples
from hdr.data.labels import folder_name
from hdr.errors import CaptureError
from hdr.workspace import umask, write_atomically

CLASSES = "classes.txt"
MANIFEST = "hdr-export.json"
_OTHER = "Name another one, or remove it first."


def write_file(target: Path, data: bytes, *, replace: bool) -> None:
    """Write one file.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    if target.is_dir():
        raise CaptureError(f"{target} is a folder.", hint="Name a file for this format.")
    if target.exists() and not replace:
        raise CaptureError(f"{target} is there already.", hint="Name another file, or add --force to replace it.")
    with _in_sentences(target):
        write_atomically(target, data)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return what the manifest of an export tells; nothing where there is none, or a damaged one."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="ascii"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def told_of(samples: Samples) -> dict[str, Any]:
    """Return what the manifest of an export of crops tells."""
    counts = {name: len(part) for name, part in samples.parts() if name}
    return {"size_px": samples.size_px, "samples": len(samples), **({"parts": counts} if counts else {})}


def write_classes(folder: Path, labels: tuple[str, ...]) -> None:
    """Write the order of the classes: the name of a class's folder a line."""
    (folder / CLASSES).write_text("".join(f"{folder_name(label)}\n" for label in labels), encoding="utf-8")


@contextlib.contextmanager
def new_folder(
    target: Path, format_name: str, labels: tuple[str, ...], told: Mapping[str, Any], *, replace: bool
) -> Iterator[Path]:
    """Give a folder to fill, which becomes the target when that went well and vanishes when it did not.

    The manifest is written into it, with the order of the classes and whatever else is told.

    Parameters
    ----------
    target
        Where it will be.
    format_name
        As the manifest names it.
    labels
        In the order of the classes.
    told
        What else the manifest tells.
    replace
        Whether an earlier export may be replaced.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    _check_free(target, replace)
    with _in_sentences(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".hdr-export-"))
        try:
            yield work
            manifest = {"hdr": hdr.__version__, "format": format_name, "labels": list(labels), **told}
            (work / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="ascii")
            work.chmod(0o777 & ~umask())  # a temporary folder is private; an export is like any other of its owner's
            _put_in_place(work, target)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise


def _check_free(target: Path, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise CaptureError(f"{target} is a file; this format writes a folder.", hint=_OTHER)
    if not any(target.iterdir()):
        return
    if not (target / MANIFEST).is_file():
        raise CaptureError(f"The folder {target} is in use and is no earlier export.", hint=_OTHER)
    if not replace:
        raise CaptureError(
            f"The folder {target} holds an earlier export.", hint="Name another one, or add --force to replace it."
        )


def _put_in_place(work: Path, target: Path) -> None:
    """The old export steps aside first, and comes back if the new one cannot take its place."""
    if not target.exists():
        os.replace(work, target)
        return
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".hdr-old-"))
    os.replace(target, aside / target.name)
    try:
        os.replace(work, target)
    except OSError:
        os.replace(aside / target.name, target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _in_sentences(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CaptureError(
            f"The export to {target} could not be written ({error.strerror or error}); nothing of it is left.",
            hint="Free some space, or name a place that you may write to.",
        ) from error
