from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hdr.errors import SettingsError
from hdr.settings import Settings, load_settings, parse_threshold, parse_turn, save_settings


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    told = Settings().replace("ink", threshold=120).replace("app", theme="dark", pen_width_px=9)
    save_settings(path, told)
    assert load_settings(path) == (told, "")


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings().replace("app", theme="dark"))
    assert path.read_text().split() == ["[app]", "theme", "=", '"dark"']
    save_settings(path, Settings())
    assert path.read_text().strip() == ""


def test_keys_and_comments_of_another_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\n[app]\nfuture = 3\n[future]\nx = "y"\n')
    save_settings(path, Settings().replace("app", theme="dark"))
    text = path.read_text()
    assert "# mine" in text
    assert "future = 3" in text
    assert 'x = "y"' in text
    assert load_settings(path)[0].app.theme == "dark"


def test_no_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == (Settings(), "")


@pytest.mark.parametrize("content", [b"[app\ntheme", b"\xff\xfe\x00", b"theme = "])
def test_a_broken_file_gives_the_defaults_and_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    settings, wrong = load_settings(path)
    assert settings == Settings()
    assert "could not be read" in wrong


def test_a_wrong_value_keeps_its_default_and_the_others_count(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('app = 3\n[ink]\nthreshold = 999\npolarity = "light"\n')
    settings, wrong = load_settings(path)
    assert (settings.ink.threshold, settings.ink.polarity) == ("auto", "light")
    assert "ink.threshold is 999" in wrong


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("ink", {"threshold": "otzu"}),
        ("ink", {"threshold": 256}),
        ("ink", {"threshold": -1}),
        ("ink", {"threshold": True}),
        ("ink", {"polarity": "both"}),
        ("segment", {"smallest_px": 0}),
        ("segment", {"join": 1}),
        ("segment", {"only_largest": -1}),
        ("segment", {"roi": "1,2"}),
        ("live", {"rotate": 45}),
        ("live", {"rotate": "90"}),
        ("live", {"fps": -1.0}),
        ("read", {"min_confidence": 1.5}),
        ("read", {"min_confidence": "high"}),
        ("app", {"pen_width_px": 2.5}),
    ],
)
def test_a_value_outside_its_range_is_refused_with_the_range(section: str, values: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings().replace(section, **values)
    assert repr(next(iter(values.values()))) in caught.value.message
    assert caught.value.hint


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    assert Settings().replace("read", min_confidence=1).read.min_confidence == 1


@pytest.mark.parametrize(("text", "value"), [("auto", "auto"), ("OTSU", "otsu"), ("0", 0), ("255", 255), (" 17 ", 17)])
def test_thresholds_as_typed(text: str, value: object) -> None:
    assert parse_threshold(text) == value


@given(st.text(max_size=6))
@example("0\x1f")
@example("--5")
def test_any_other_threshold_is_refused_in_a_sentence(text: str) -> None:
    try:
        value = parse_threshold(text)
    except SettingsError:
        return
    assert value in {"auto", "otsu", "sauvola"} or value in range(256)


def test_a_failed_save_leaves_the_old_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings().replace("app", theme="dark"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        save_settings(path, Settings().replace("app", theme="light"))
    assert load_settings(path)[0].app.theme == "dark"
    assert [file.name for file in tmp_path.iterdir()] == ["settings.toml"]


def test_a_file_that_is_no_toml_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[ink]\nthreshold = "otsu  # mine\n', encoding="utf-8")
    save_settings(path, Settings().replace("app", theme="dark"))
    assert load_settings(path)[0].app.theme == "dark"
    assert "# mine" in (tmp_path / "settings.toml.bak").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[app]\ntheme = "dark"\n', encoding="utf-8")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", refuse)
        with pytest.raises(PermissionError):
            save_settings(path, Settings())
    assert load_settings(path)[0].app.theme == "dark"


@pytest.mark.parametrize(("text", "value"), [("auto", "auto"), (" OFF ", "off"), ("90", 90.0), ("-12.5", -12.5)])
def test_a_turn_is_a_word_or_degrees(text: str, value: str | float) -> None:
    assert parse_turn(text) == value


@pytest.mark.parametrize("text", ["", "left", "181", "-180.5", "nan", "inf"])
def test_any_other_turn_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"read\.turn"):
        parse_turn(text)


@pytest.mark.parametrize("turn", ["off", 90, 12.5])
def test_a_turn_comes_back_from_the_file(tmp_path: Path, turn: str | float) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings().replace("read", turn=turn))
    assert load_settings(path)[0].read.turn == turn
