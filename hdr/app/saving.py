"""A page saved to what that moved, so that the save can be taken back, and done again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.data import staging
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.crops import read_origin
from hdr.data.moving import Change, Place
from hdr.errors import CaptureError

if TYPE_CHECKING:
    from hdr.reading.results import Reading
    from hdr.vision.strokes import Stroke


def save_as_change(
    store: CaptureStore, image: Any, reading: Reading, source: str, strokes: Sequence[Stroke] | None
) -> Change:
    """Save a page; return where its crops were before and are now, which `hdr.data.moving.undo` takes back.

    A crop that is new was in the recycle bin, so to say: that is where it goes when the save is taken back.

    Parameters
    ----------
    store
        The captures.
    image, reading, source, strokes
        As `CaptureStore.save` has them.

    Raises
    ------
    CaptureError
        Where it could not be saved.
    """
    capture = capture_id(image)
    before = _places(store.root, capture)
    store.save(image, reading, source=source, strokes=strokes)
    after = _places(store.root, capture)
    steps = []
    for number in sorted(before.keys() | after.keys()):
        was, now = before.get(number), after.get(number)
        if was is None and now is not None:
            was = Place(f"{staging.BIN}/{now.file}", now.by_person)
        elif now is None and was is not None:
            now = Place(f"{staging.BIN}/{was.file}", was.by_person)
            if not (store.root / now.file).is_file():
                continue  # a mere prediction, which is not kept
        if was is not None and now is not None and was != now:
            steps.append((was, now))
    return Change("saved", tuple(steps))


def _places(root: Path, capture: str) -> dict[int, Place]:
    """Where the crops of a page lie, by number, and on whose word."""
    return {
        number: Place(paths[0].relative_to(root).as_posix(), _by_person(paths[0]))
        for number, paths in staging.find_crops(root, capture).items()
    }


def _by_person(path: Path) -> bool:
    try:
        return read_origin(path).by_person
    except CaptureError:
        return False
