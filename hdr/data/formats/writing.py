"""Bytes to a file, or many to a folder, whole or not at all, and never over what is not an earlier export."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hdr
from hdr.data.formats.samples import Samples
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


@contextlib.contextmanager
def new_folder(target: Path, samples: Samples, format_name: str, *, replace: bool) -> Iterator[Path]:
    """Give a folder to fill, which becomes the target when that went well and vanishes when it did not.

    The order of the classes is written into it: a folder's name a line in `classes.txt`, all else in the manifest.

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
            told = {
                "hdr": hdr.__version__,
                "format": format_name,
                "labels": list(samples.labels),
                "size_px": samples.fields.shape[1],
                "samples": len(samples),
            }
            (work / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")
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
