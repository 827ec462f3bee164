"""What a captures folder holds at one moment to a list with a name, so that a model can say what it learned from.

``captures/_frozen/<name>.json`` lists every crop by file, label and the hash of its picture. The hash is of the pixels:
a label that is confirmed later changes the file, and not what a model learns from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.captures import CaptureStore
from hdr.data.labels import sort_key
from hdr.data.refusals import explain
from hdr.data.wording import counted
from hdr.errors import CaptureError
from hdr.workspace import write_atomically

FOLDER = "_frozen"
_VERSION = 1
_NAME = re.compile(r"\w[\w.+-]{0,63}")
_LARGEST_BYTES = 256_000_000


@dataclass(frozen=True)
class FrozenCrop:
    """One crop of a frozen version.

    Parameters
    ----------
    file
        Below the captures folder, with slashes.
    label
        Its label.
    sha256
        Of its picture, as `picture_hash` gives it.
    group
        What is never divided between train and test: a writer or a page.
    """

    file: str
    label: str
    sha256: str
    group: str


@dataclass(frozen=True)
class Frozen:
    """A frozen version.

    Parameters
    ----------
    name
        What it is called.
    made
        When, ISO 8601 with the zone.
    crops
        Every crop, by its file.
    """

    name: str
    made: str
    crops: tuple[FrozenCrop, ...]

    @property
    def digest(self) -> str:
        """The same for the same pictures with the same labels, wherever they lie: 64 hexadecimal digits."""
        told = sorted((one.sha256, one.label) for one in self.crops)
        return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """How many crops each label has, 0 to 9 first."""
        counts = Counter(one.label for one in self.crops)
        return {label: counts[label] for label in sorted(counts, key=sort_key)}

    def card(self) -> dict[str, Any]:
        """As it stands in the card of a model that learned from it, in ``made["captures"]``."""
        return {"frozen": self.name, "made": self.made, "digest": self.digest, "crops": len(self.crops)}

    def to_json(self) -> str:
        """As the text of its file."""
        crops = [vars(one) for one in self.crops]
        told = {"version": _VERSION, "name": self.name, "made": self.made, "digest": self.digest}
        return json.dumps({**told, "counts": self.counts, "crops": crops}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "the file") -> Frozen:
        """From the text of its file.

        Raises
        ------
        CaptureError
            Where it is no such file, or was changed by hand.
        """
        try:
            told = json.loads(text)
            keys = ("file", "label", "sha256", "group")
            crops = tuple(FrozenCrop(*(str(one[key]) for key in keys)) for one in told["crops"])
            frozen = cls(str(told["name"]), str(told["made"]), crops)
            whole = told["digest"] == frozen.digest
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise CaptureError(f"{where} is no frozen version.", hint="Freeze the captures again.") from error
        if not whole:
            raise CaptureError(f"{where} was changed after it was frozen.", hint="Put the right file back.")
        return frozen


@dataclass(frozen=True)
class Drift:
    """What is otherwise now than in a frozen version, by file.

    Parameters
    ----------
    gone
        Pictures that are no longer there.
    added
        Pictures that are new.
    relabelled
        Pictures that have another label now.
    """

    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    relabelled: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.added or self.relabelled)


def picture_hash(pixels: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of a picture: of its shape and its pixels, as 64 hexadecimal digits."""
    told = hashlib.sha256(repr(pixels.shape).encode())
    told.update(np.ascontiguousarray(pixels).data)
    return told.hexdigest()


def freeze(store: CaptureStore, name: str) -> Frozen:
    """List what the captures hold now under a name. One that is there is never written over.

    Raises
    ------
    CaptureError
        Where the name is taken by another content or is none, a crop cannot be read, or nothing can be written.
    """
    path = _path(store.root, name)
    frozen = snapshot(store, name)
    if path.exists():
        before = load_frozen(store.root, name)
        if before.digest == frozen.digest:
            return before
        raise CaptureError(
            f"{name} is frozen already, with {counted(len(before.crops), 'crop')} of {before.made[:10]}.",
            hint="Choose another name: what a model learned from must stay what it was.",
        )
    if not frozen.crops:
        raise CaptureError(f"There is nothing to freeze in {store.root}.", hint="Save some crops first.")
    try:
        write_atomically(path, frozen.to_json().encode("ascii"))
    except OSError as error:
        raise explain(store.root, error) from error
    return frozen


def snapshot(store: CaptureStore, name: str = "") -> Frozen:
    """Return what the captures hold now, without writing it down.

    Raises
    ------
    CaptureError
        Where a crop cannot be read.
    """
    crops = []
    for crop in store.crops():
        assert crop.path is not None
        file = crop.path.relative_to(store.root).as_posix()
        crops.append(FrozenCrop(file, crop.label, picture_hash(crop.pixels), crop.group))
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Frozen(name, now, tuple(sorted(crops, key=lambda one: one.file)))


def load_frozen(root: Path, name: str) -> Frozen:
    """Return a frozen version.

    Raises
    ------
    CaptureError
        Where there is none of that name, or it is damaged.
    """
    path = _path(root, name)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise CaptureError(f"{path} is larger than any frozen version.", hint="Freeze the captures again.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        there = ", ".join(frozen_names(root)) or "there is none yet"
        raise CaptureError(f"Nothing is frozen as {name} in {root}.", hint=f"See what is: {there}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureError(f"{path} cannot be read ({error}).", hint="Check that it may be.") from error
    return Frozen.from_json(text, str(path))


def frozen_names(root: Path) -> list[str]:
    """Return the names of the frozen versions, in order."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.json") if _NAME.fullmatch(path.stem))


def frozen_now(store: CaptureStore) -> Frozen | None:
    """Return the frozen version that the captures are now, picture by picture and label by label; None for none.

    What a model that was trained from the folder says in its card: ``made["captures"] = frozen.card()``.

    Raises
    ------
    CaptureError
        Where a crop or a version cannot be read.
    """
    names = frozen_names(store.root)
    if not names:
        return None
    now = snapshot(store)
    versions = [load_frozen(store.root, name) for name in names]
    return next((one for one in versions if one.digest == now.digest), None)


def drift(frozen: Frozen, now: Frozen) -> Drift:
    """Return what has changed since a version was frozen. A picture that only moved to another file has not."""
    before, after = _labels(frozen), _labels(now)
    return Drift(
        gone=tuple(one.file for one in frozen.crops if one.sha256 not in after),
        added=tuple(one.file for one in now.crops if one.sha256 not in before),
        relabelled=tuple(one.file for one in now.crops if one.sha256 in before and one.label not in before[one.sha256]),
    )


def _labels(version: Frozen) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in version.crops:
        found.setdefault(one.sha256, set()).add(one.label)
    return found


def _path(root: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise CaptureError(
            f"{name!r} cannot be the name of a frozen version.",
            hint="Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.",
        )
    return root / FOLDER / f"{name}.json"
