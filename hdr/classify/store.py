"""Model folders on disk: listed, published whole or not at all, one of them in use, and the way back.

::

    models/
    ├── <name>/      model.keras + model.tflite + card.json
    ├── current      the name in use
    └── previous     the names in use before, the last one first

The models that came with the package stand behind the workspace's own: listed, usable, never written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hdr.classify.card import ModelCard
from hdr.classify.staging import flush, said, swap, sweep, working
from hdr.errors import ModelError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace, find_workspace, shipped_models, write_atomically

DEFAULT = "default"
CARD = "card.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LARGEST_CARD = 1 << 20
_KEPT = 20  # names in `previous`
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_TAKEN = {"current", "previous"}


@dataclass(frozen=True)
class ModelEntry:
    """A model folder.

    Parameters
    ----------
    name
        Its name in the store.
    path
        The folder.
    card
        Its card; None where it cannot be read.
    fault
        Why not, as a sentence; empty where it can.
    shipped
        Whether it came with the package.
    """

    name: str
    path: Path
    card: ModelCard | None
    fault: str = ""
    shipped: bool = False


class ModelStore:
    """The models of a workspace, and those that came with the package.

    Parameters
    ----------
    workspace
        None finds the one in use.
    shipped
        Folder of the models that came with the package; None finds it.
    """

    def __init__(self, workspace: Workspace | None = None, shipped: Path | None = None) -> None:
        self.root = (workspace or find_workspace()).models
        self._shipped = shipped or shipped_models()

    def entries(self) -> list[ModelEntry]:
        """Return every model by name; one of the workspace hides a shipped one of the same name."""
        sweep(self.root)
        found = {folder.name: folder for root in (self._shipped, self.root) for folder in _folders(root)}
        return [self._entry(found[name]) for name in sorted(found)]

    def find(self, name: str) -> ModelEntry:
        """Return the model of that name.

        Raises
        ------
        ModelNotFoundError
            Where there is none.
        """
        if _NAME.fullmatch(name) and not (self.root / name).is_dir():
            sweep(self.root)
        for root in (self.root, self._shipped):
            if _NAME.fullmatch(name) and (root / name).is_dir():
                return self._entry(root / name)
        names = ", ".join(entry.name for entry in self.entries())
        raise ModelNotFoundError(
            f"There is no model {name!r}.", hint=f"There is: {names}." if names else "Train one with: hdr train"
        )

    def keeps(self, folder: Path) -> bool:
        """Whether a model's folder lies in this store, or came with the package; what a link leads to does not."""
        real, homes = folder.resolve(), {self.root.resolve(), self._shipped.resolve()}
        return real.parent in homes and bool(_NAME.fullmatch(real.name))

    def current(self) -> str:
        """Return the name in use; the shipped default where none was chosen, or the chosen one is gone."""
        chosen = self._chosen()
        return chosen if chosen and self._exists(chosen) else DEFAULT

    def gone(self) -> str:
        """Return the name that was put in use and is not there any more; empty where nothing is amiss."""
        chosen = self._chosen()
        return chosen if chosen and not self._exists(chosen) else ""

    def _chosen(self) -> str:
        return next(iter(_read_names(self.root / "current")), "")

    def use(self, name: str) -> ModelEntry:
        """Put a model in use, and remember the one before.

        Raises
        ------
        ModelNotFoundError
            Where there is none of that name.
        ModelError
            Where its card cannot be read, or the choice cannot be written.
        """
        entry = self.find(name)
        if entry.card is None:
            raise UnreadableModelError(entry.fault, hint="Train it again, or use another one.")
        before = self.current()
        if before != name:
            self._write("previous", [before, *self._previous()][:_KEPT])
        self._write("current", [name])
        return entry

    def before(self) -> str:
        """Return the name of the model that `roll_back` would put in use; empty for none."""
        return next((name for name in self._previous() if self._exists(name)), "")

    def roll_back(self) -> ModelEntry:
        """Put the model in use that was in use before, and forget the step.

        Raises
        ------
        ModelError
            Where nothing was in use before.
        """
        before = [name for name in self._previous() if self._exists(name)]
        if not before:
            raise ModelError("No model was in use before this one.", hint="Choose one with: hdr models use NAME")
        entry = self.find(before[0])
        self._write("current", [entry.name])
        self._write("previous", before[1:])
        return entry

    @contextmanager
    def publishing(self, name: str, *, replace: bool = False) -> Iterator[Path]:
        """Give a folder to fill; when the block ends well it is moved into its place in one step.

        A killed or failing block publishes nothing and leaves what was there. The model that a new one replaces is
        kept until the new one stands.

        Raises
        ------
        ModelError
            For a name that is no plain name, that is taken, or where the folder cannot be written.
        """
        target = self.root / check_name(name)
        if target.exists() and not replace:
            raise ModelError(f"There is a model {name!r} already.", hint="Give the new one another name with --name.")
        with said(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        sweep(self.root)
        with working(self.root, name) as (work, aside):
            yield work
            if target.exists() and not replace:
                raise ModelError(
                    f"There is a model {name!r} by now, made meanwhile; it stays.",
                    hint="Give its folder another name, and do this again; a training run goes on with: hdr train "
                    f"--resume {name}",
                )
            with said(self.root):
                flush(work)
                swap(work, target, aside)

    def _entry(self, folder: Path) -> ModelEntry:
        shipped = folder.parent == self._shipped and self._shipped != self.root
        try:
            return ModelEntry(folder.name, folder, read_card(folder), shipped=shipped)
        except ModelError as error:
            return ModelEntry(folder.name, folder, None, str(error), shipped)

    def _exists(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name)) and any((root / name).is_dir() for root in (self.root, self._shipped))

    def _previous(self) -> list[str]:
        return _read_names(self.root / "previous")

    def _write(self, file: str, names: list[str]) -> None:
        with said(self.root):
            write_atomically(self.root / file, "".join(f"{name}\n" for name in names).encode())


def check_name(name: str) -> str:
    """Return a name that a model's folder may have on any system.

    Raises
    ------
    ModelError
        For any other.
    """
    if not _NAME.fullmatch(name) or name.endswith(".") or _WINDOWS.fullmatch(name) or name.lower() in _TAKEN:
        raise ModelError(
            f"{name!r} cannot be a model's name.",
            hint="Use letters, digits, '.', '_' and '-', beginning with a letter or digit, 64 at most.",
        )
    return name


def read_card(folder: Path) -> ModelCard:
    """Return the card of a model folder.

    Raises
    ------
    UnreadableModelError
        Where there is none, or it is no card.
    ModelMismatchError
        Where it asks for what this version does not do.
    """
    return read_card_file(folder / CARD)


def read_card_file(path: Path) -> ModelCard:
    """Return the card of a file.

    Raises
    ------
    UnreadableModelError
        Where it cannot be read, or is no card.
    ModelMismatchError
        Where it asks for what this version does not do.
    """
    try:
        if path.stat().st_size > _LARGEST_CARD:
            raise UnreadableModelError(f"{path} is larger than a model card ever is.", hint="Train the model again.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableModelError(
            f"{path} cannot be read ({error}).", hint="Train the model again, or give the model file itself."
        ) from error
    return ModelCard.from_json(text, str(path))


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [one for one in root.iterdir() if one.is_dir() and _NAME.fullmatch(one.name)]


def _read_names(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return []
