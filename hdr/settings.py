"""Every tunable of the tool with its default, unit and range, as one frozen tree; kept sparse in `settings.toml`."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hdr.errors import SettingsError

THRESHOLDS = ("auto", "otsu", "sauvola")
POLARITIES = ("auto", "dark", "light")
TURNS = ("auto", "off")
THEMES = ("light", "dark")
ORDERS = ("doubt", "reading")
ROTATIONS = (0, 90, 180, 270)
Roi = tuple[float, float, float, float]


def _tunable(default: Any, doc: str, *, unit: str = "", low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "unit": unit, "low": low, "high": high})


def _choice(default: str, doc: str, choices: tuple[str, ...]) -> Any:
    return field(default=default, metadata={"doc": doc, "choices": choices})


@dataclass(frozen=True)
class InputSettings:
    """What pictures are accepted."""

    largest_pixels: int = _tunable(120_000_000, "More than this is refused before it is decoded", unit="px", low=1)


@dataclass(frozen=True)
class InkSettings:
    """How a gray page becomes an ink mask."""

    threshold: str | int = field(
        default="auto",
        metadata={"doc": "auto, otsu, sauvola, or a fixed gray level 0 to 255", "choices": THRESHOLDS, "high": 255},
    )
    polarity: str = _choice(
        "auto", "Whether the ink is dark on light paper, light on dark, or decided per page", POLARITIES
    )


@dataclass(frozen=True)
class SegmentSettings:
    """Which ink is a digit."""

    smallest_px: int = _tunable(6, "Ink lower and narrower than this is a speck", unit="px", low=1, high=10_000)
    largest_px: int = _tunable(
        0, "Ink higher or wider than this is no digit; 0 for any size", unit="px", low=0, high=100_000
    )
    tall: bool = _tunable(False, "Only ink at least as high as it is wide is a digit")
    only_largest: int = _tunable(0, "Only so many, those with the largest boxes; 0 for all", low=0, high=10_000)
    border_px: int = _tunable(
        0, "Ink nearer to the edge of the picture than this is left out", unit="px", low=0, high=10_000
    )
    roi: str = field(
        default="",
        metadata={"doc": "Only this part of the picture: x, y, width, height, in pixels or all as parts of it up to 1"},
    )
    join: bool = _tunable(True, "Join the broken strokes of one digit")
    split: bool = _tunable(True, "Divide digits that touch")


@dataclass(frozen=True)
class ReadSettings:
    """What is kept of what was read."""

    min_confidence: float = _tunable(0.0, "Digits below this are left out", low=0.0, high=1.0)
    turn: str | float = field(
        default="auto",
        metadata={
            "doc": "auto, off, or by how much the page is turned clockwise before it is read",
            "choices": TURNS,
            "unit": "degrees",
            "low": -180,
            "high": 180,
        },
    )


@dataclass(frozen=True)
class LiveSettings:
    """What a camera or a video is asked for, and how what is read off it is shown over time."""

    source: str = _tunable("", "The camera, file or address last used")
    recent: str = _tunable("", "Files and addresses used before, a line each, without passwords")
    mirror: bool = _tunable(False, "Mirror the picture left to right; a mirrored 2 is no 2")
    rotate: int = field(
        default=0,
        metadata={"doc": "By how much the picture is turned clockwise", "choices": ROTATIONS, "unit": "degrees"},
    )
    width: int = _tunable(
        0, "Width that the camera is asked for; 0 leaves it to the camera", unit="px", low=0, high=16_384
    )
    height: int = _tunable(
        0, "Height that the camera is asked for; 0 leaves it to the camera", unit="px", low=0, high=16_384
    )
    fps: float = _tunable(
        0.0,
        "Frames a second that the camera is asked for; 0 leaves it to the camera",
        unit="frames/s",
        low=0,
        high=1000,
    )
    steady: bool = _tunable(True, "Follow digits from frame to frame, and change a label only on evidence")


@dataclass(frozen=True)
class AppSettings:
    """What the window remembers."""

    theme: str = _choice("light", "Colours of the window", THEMES)
    geometry: str = _tunable("", "Size and place of the window as Tk writes it")
    pen_width_px: int = _tunable(14, "Width of the pen on the pad", unit="px", low=1, high=80)
    auto_recognize: bool = _tunable(False, "Recognize by itself after each stroke")
    next_by: str = _choice("doubt", "After a label: the least certain digit next, or the next in reading order", ORDERS)
    camera: int = _tunable(0, "Index of the camera last used", low=0, high=63)
    last_folder: str = _tunable("", "Folder of the picture last opened")
    live_hidden: str = _tunable("controls", "Panels of the live screen that are not shown, blanks between")
    train: str = _tunable("", "What was chosen last on the Train screen, as JSON")


@dataclass(frozen=True)
class Settings:
    """The whole tree."""

    input: InputSettings = field(default_factory=InputSettings)
    ink: InkSettings = field(default_factory=InkSettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    read: ReadSettings = field(default_factory=ReadSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
    app: AppSettings = field(default_factory=AppSettings)

    def __post_init__(self) -> None:
        for section in dataclasses.fields(self):
            part = getattr(self, section.name)
            for one in dataclasses.fields(part):
                _check(f"{section.name}.{one.name}", getattr(part, one.name), one)

    def replace(self, section: str, **values: Any) -> Settings:
        """Return a copy with some values of one section changed.

        Raises
        ------
        SettingsError
            For a value outside its range.
        """
        return dataclasses.replace(self, **{section: dataclasses.replace(getattr(self, section), **values)})


_OR_A_NUMBER: dict[str, float] = {"ink.threshold": 0, "read.turn": 0.0}
"""What may be a number as well as one of some words, with a number of its kind."""


def _check(name: str, value: Any, one: dataclasses.Field[Any]) -> None:
    meta, default = one.metadata, one.default
    if name in _OR_A_NUMBER and not isinstance(value, str):
        default = _OR_A_NUMBER[name]
    if isinstance(default, bool) is not isinstance(value, bool) or not isinstance(value, _accepted(default)):
        raise SettingsError(f"{name} is {value!r}.", hint=f"It must be like {one.default!r}: {meta['doc']}.")
    choices = meta.get("choices")
    if choices and isinstance(value, type(choices[0])):
        if value not in choices:
            told = ", ".join(map(str, choices))
            raise SettingsError(f"{name} is {value!r}.", hint=f"Use one of {told}: {meta['doc']}.")
        return
    if isinstance(value, str):
        if name == "segment.roi":
            parse_roi(value)
        return
    low, high = meta.get("low", 0), meta.get("high")
    if (low is not None and not value >= low) or (high is not None and not value <= high):  # `not`: NaN is neither
        limits = f"from {low}" if high is None else f"from {low} to {high}"
        raise SettingsError(f"{name} is {value!r}.", hint=f"It must be {limits} {meta.get('unit', '')}".rstrip() + ".")


def _accepted(default: Any) -> tuple[type, ...]:
    return (int, float) if isinstance(default, float) else (type(default),)


def parse_threshold(text: str) -> str | int:
    """Turn what a user typed, ``auto``, ``otsu``, ``sauvola`` or ``0`` to ``255``, into `InkSettings.threshold`.

    Raises
    ------
    SettingsError
        For anything else.
    """
    text = text.strip()  # also of what `int` does not take for white space, such as a unit separator
    value: str | int = int(text) if re.fullmatch(r"-?\d+", text) else text.lower()
    return Settings().replace("ink", threshold=value).ink.threshold


def parse_turn(text: str) -> str | float:
    """Turn what a user typed, ``auto``, ``off`` or degrees clockwise, into `ReadSettings.turn`.

    Raises
    ------
    SettingsError
        For anything else.
    """
    value: str | float = text.strip().lower()
    with contextlib.suppress(ValueError):
        value = float(text)
    return Settings().replace("read", turn=value).read.turn


def parse_roi(text: str) -> Roi | None:
    """Turn a region of interest as typed, ``x, y, width, height``, into numbers; None for an empty text.

    Returns
    -------
    In pixels; or, where none is above 1, as parts of the picture's width and height.

    Raises
    ------
    SettingsError
        For anything but four numbers from 0 on, the last two above it.
    """
    if not text.strip():
        return None
    try:
        x, y, width, height = map(float, text.replace(",", " ").split())
    except ValueError:
        x = y = width = height = math.nan
    if not (min(x, y) >= 0 and 0 < width < math.inf and 0 < height < math.inf and max(x, y) < math.inf):
        raise SettingsError(
            f"The region {text!r} is none.",
            hint="Give x, y, width and height: 100,50,320,240 in pixels, or 0.25,0.25,0.5,0.5 as parts of the picture.",
        )
    return x, y, width, height


def load_settings(path: Path) -> tuple[Settings, str]:
    """Read a settings file; what it does not say, or says wrongly, keeps its default.

    Returns
    -------
    The settings, and a sentence on what was wrong with the file (empty where nothing was). A file that cannot be read
    at all gives the defaults: a broken settings file must never keep the tool from starting.
    """
    import tomllib

    settings = Settings()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return settings, ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return settings, f"The settings in {path} could not be read ({error}); the defaults are used."
    wrong: list[str] = []
    for section in dataclasses.fields(Settings):
        values = told.get(section.name)
        if not isinstance(values, dict):
            continue
        known = {one.name for one in dataclasses.fields(getattr(settings, section.name))}
        for name in known & values.keys():
            try:
                settings = settings.replace(section.name, **{name: values[name]})
            except SettingsError as error:
                wrong.append(str(error))
    return settings, " ".join(wrong)


def save_settings(path: Path, settings: Settings) -> None:
    """Write what differs from the defaults, keeping keys and comments that this version does not know.

    A file that is no TOML, most likely by a slip of its writer's, is kept beside the new one with ``.bak`` at its end.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    import tomlkit
    import tomlkit.exceptions

    from hdr.workspace import write_atomically

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (UnicodeDecodeError, tomlkit.exceptions.ParseError):
        write_atomically(path.with_name(f"{path.name}.bak"), path.read_bytes())
        document = tomlkit.document()
    for section in dataclasses.fields(Settings):
        table = document.get(section.name)
        table = table if isinstance(table, dict) else tomlkit.table()
        _note(table, getattr(settings, section.name))
        if table:
            document[section.name] = table
        else:
            document.pop(section.name, None)
    write_atomically(path, tomlkit.dumps(document).encode("utf-8"))


def _note(table: dict[str, Any], part: Any) -> None:
    """Write what differs from the defaults into a table; what does not goes from it."""
    for one in dataclasses.fields(part):
        value = getattr(part, one.name)
        if value != one.default:
            table[one.name] = value
        else:
            table.pop(one.name, None)
