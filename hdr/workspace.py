"""Where `models/`, `captures/` and the settings are, and how a file there is written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workspace:
    """The folders that the learning loop closes through.

    Parameters
    ----------
    models
        Where trained models are published: a folder each, and the file `current`.
    captures
        Where labelled crops and pages are saved.
    settings
        The settings file.
    """

    models: Path
    captures: Path
    settings: Path

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """All three below one folder."""
        return cls(root / "models", root / "captures", root / "settings.toml")


def find_workspace() -> Workspace:
    """Return the workspace in use: the environment's ``HDR_HOME``, else this checkout, else the user's data folder."""
    home = os.environ.get("HDR_HOME")
    if home:
        return Workspace.at(Path(home))
    import platformdirs

    settings = platformdirs.user_config_path("hdr", appauthor=False) / "settings.toml"
    root = _PACKAGE.parent if is_checkout() else platformdirs.user_data_path("hdr", appauthor=False)
    return Workspace(root / "models", root / "captures", settings)


def is_checkout() -> bool:
    """Whether this package runs from its repository and not from an installed wheel."""
    root = _PACKAGE.parent
    return (root / "pyproject.toml").is_file() and (root / "models").is_dir()


def shipped_models() -> Path:
    """Return the folder of the models that came with the package: inside a wheel, or the checkout's `models/`."""
    inside = _PACKAGE / "_models"
    return inside if inside.is_dir() else _PACKAGE.parent / "models"


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that at any moment it is whole: the old one, the new one, or none.

    A temporary file beside the target is written, flushed to the disk, then moved over it.

    Raises
    ------
    OSError
        Where it cannot be written; what was there before is untouched and no temporary file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".hdr-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file private; a file in the workspace is as readable as any other of its owner's.
        os.chmod(name, 0o666 & ~umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def free_path(path: Path) -> Path:
    """Return the path, or where that is taken the first of ``<stem>-2``, ``<stem>-3``, ... that is not."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate


def umask() -> int:
    """Return the permissions that this process gives nobody."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
