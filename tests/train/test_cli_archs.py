from __future__ import annotations

import json

import pytest

from hdr.cli.main import run


def test_archs_are_listed_with_their_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "archs"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "224x224x3" in lines["cnn-rgb"]
    assert "the Tk tutorial, 99.26% on MNIST" in lines["cnn-93k"]
    assert lines["default"].endswith("(ours)")


def test_archs_tell_programs_their_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "archs", "--json"]) == 0
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["cnn-93k"]["recipe"]["optimizer"] == "rmsprop"
    assert told["mobilenetv2"]["recipe"]["stages"][1]["unfrozen"] == 20
    assert told["mobilenetv2"]["recipe_for_writing"]["epochs"] < told["mobilenetv2"]["recipe"]["epochs"]
    assert "recipe_for_writing" not in told["dense"]
    assert told["dense"]["source_accuracy"] == 0.98
