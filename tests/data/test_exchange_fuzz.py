"""Whatever is spoilt in a file from outside: a sentence, and captures that are whole."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from capture_pages import assert_all_whole, make_page

from hdr.data.captures import CaptureStore
from hdr.data.formats import FORMATS, ExportOptions, export_store
from hdr.data.importing import import_path
from hdr.errors import CaptureError

TRIES = 12
JUNK: list[Any] = [None, True, -1, 0, 1e308, float("nan"), "", [], {}, "x" * 2000, [[]], 10**30, "\0", {"a": 1}, "../x"]
READ = [name for name, one in FORMATS.items() if one.reads]


def spoil_json(told: Any, chance: random.Random) -> Any:
    """Something inside left out, or replaced by what nobody expects there."""
    if isinstance(told, dict) and told and chance.random() < 0.8:
        key = chance.choice(list(told))
        kept = {name: one for name, one in told.items() if name != key}
        return kept if chance.random() < 0.3 else {**kept, key: spoil_json(told[key], chance)}
    if isinstance(told, list) and told and chance.random() < 0.8:
        index = chance.randrange(len(told))
        return [*told[:index], spoil_json(told[index], chance), *told[index + 1 :]]
    return chance.choice(JUNK)


def spoil(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if path.suffix == ".json" and chance.random() < 0.8:
        path.write_text(json.dumps(spoil_json(json.loads(data), chance)))
        return
    if chance.random() < 0.3:
        data = data[: chance.randrange(len(data) + 1)]
    for _ in range(chance.randrange(1, 5)):
        if data:
            data[chance.randrange(len(data))] = chance.choice(b'0123456789-.,: "<>{}[]\n\0e\xff')
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", READ)
def test_spoilt_files_are_told_and_spoil_nothing(name, tmp_path):
    chance = random.Random(name)
    ours = CaptureStore(tmp_path / "ours")
    image, reading = make_page(1, "4071", {1: "none"})
    ours.save(image, reading, "page.jpg")
    out = tmp_path / (f"out.{name}" if name in ("npz", "csv") else "out")
    export_store(ours, name, out, ExportOptions(with_none=True), [])
    store = CaptureStore(tmp_path / "theirs")
    for number in range(TRIES):
        spoilt = tmp_path / str(number) / out.name
        spoilt.parent.mkdir()
        shutil.copytree(out, spoilt) if out.is_dir() else shutil.copy(out, spoilt)
        files = [path for path in (spoilt.rglob("*") if spoilt.is_dir() else [spoilt]) if path.is_file()]
        labelled = [path for path in files if path.suffix != ".png"]
        spoil(chance.choice(labelled if chance.random() < 0.7 else files), chance)
        with contextlib.suppress(CaptureError):
            import_path(store, spoilt)
        assert_all_whole(store.root)
        store.counts()
        for one in store.list():
            store.read(one.id)
            assert one.page is None or len(store.page(one.id).digits) == len(one.crops)
