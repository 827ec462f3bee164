"""One pipeline, three mouths: a page sent through the window, the command line and the library gives the same crops."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hdr.bench.generate import compose_page
from hdr.bench.hand import written_digits
from hdr.classify.loading import load_classifier
from hdr.reading.pipeline import read_digits
from hdr.vision.media import load_image, save_image

from .conftest import Hand, Services, Workspace

pytestmark = pytest.mark.gui


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    page = compose_page(*written_digits(100, np.random.default_rng(8)), np.random.default_rng(8))
    path = tmp_path / "page.png"
    save_image(path, page.image)
    return path


def test_app_command_line_and_library_cut_identical_crops(
    open_hand: Callable[..., Hand], workspace: Workspace, picture: Path
) -> None:
    library = read_digits(load_image(picture), load_classifier())
    command = [sys.executable, "-m", "hdr", "read", str(picture), "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    hand = open_hand([picture], Services(workspace))
    hand.key("Return")
    hand.wait_until(lambda: hand.window.state.reading is not None)
    app = hand.window.state.reading

    assert len(library.digits) > 40
    assert told["text"] == library.text == app.text
    assert [tuple(digit["box"]) for digit in told["digits"]] == [digit.box.xywh for digit in library.digits]
    for ours, theirs in zip(library.digits, app.digits, strict=True):
        assert np.array_equal(ours.crop.pixels, theirs.crop.pixels)
        assert np.array_equal(ours.prediction.probabilities, theirs.prediction.probabilities)
