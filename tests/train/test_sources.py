from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hdr.data.drawn import draw_digits
from hdr.errors import DatasetError
from hdr.train import sources
from hdr.train.sources import extra_digits, find_mnist

pytestmark = pytest.mark.train


def test_what_is_told_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_MNIST", "env.npz")
    assert find_mnist(Path("told.npz")) == Path("told.npz")
    assert find_mnist() == Path("env.npz")


def test_without_a_network_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def offline(*args: object, **more: object) -> str:
        raise OSError("Name or service not known")

    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setattr(keras.utils, "get_file", offline)
    with pytest.raises(DatasetError, match="could not be downloaded") as caught:
        find_mnist()
    assert "--data" in caught.value.hint


def test_a_download_is_checked_by_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    asked: dict[str, object] = {}
    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setattr(keras.utils, "get_file", lambda name, **more: asked.update(more) or f"cache/{name}")
    assert find_mnist() == Path("cache/mnist.npz")
    assert len(str(asked["file_hash"])) == 64


def test_where_there_are_no_fonts_the_recipe_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_fonts", list)
    digits = draw_digits(550, 1)
    data, words = extra_digits(1, digits)
    assert words == "36 digits drawn by rule, 150 letters, signs and scribbles that are none"
    assert data.count()["none"] == 150
    assert len(data) == len(extra_digits(1, digits, printed=False)[0]) == 186
    assert len(np.unique(data.groups)) == len(data)  # so that a part of every kind can be held out
