"""`hdr live`: a camera, a film or a stream to the digits in it, in the window or as lines, for as long as it runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hdr.cli import output
from hdr.cli.reading_options import (
    Border,
    Largest,
    MinConfidence,
    Model,
    OnlyLargest,
    Polarity,
    Region,
    Smallest,
    Tall,
    Threshold,
    settings_with,
    tell_gone,
)
from hdr.settings import ROTATIONS, parse_threshold


def _size(told: str | None) -> str | None:
    if told is not None and not re.fullmatch(r"[1-9]\d{0,3}x[1-9]\d{0,3}", told.lower()):
        raise typer.BadParameter(f"{told!r} is no size like 1280x720.")
    return told


def _rotation(told: int | None) -> int | None:
    if told is not None and told not in ROTATIONS:
        raise typer.BadParameter(f"{told} is none of {', '.join(map(str, ROTATIONS))}.")
    return told


def live(  # noqa: PLR0913  (one parameter an option)
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A camera's index or name, a video file, a folder or pattern of pictures, or an rtsp:// or http:// "
            "address. Without it, the one used last, or the first camera.",
            show_default=False,
        ),
    ] = None,
    *,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window: print what is read.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a frame, each on a line.")] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="Only where the text has changed, by digits that are settled.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the cameras of this machine, and end.")] = False,
    frames: Annotated[int | None, typer.Option(metavar="N", min=1, help="End after so many frames.")] = None,
    seconds: Annotated[float | None, typer.Option(metavar="S", min=0.0, help="End after so many seconds.")] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Record what is seen with boxes and labels: .mp4 or .mkv. A power cut leaves a .mkv that plays.",
        ),
    ] = None,
    readings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append what is printed, with the time: .jsonl or .csv.")
    ] = None,
    burst: Annotated[
        bool, typer.Option("--burst", help="Save each newly seen digit to the captures, to be confirmed, as one group.")
    ] = False,
    snapshots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save the picture there whenever the text changes.")
    ] = None,
    mirror: Annotated[
        bool | None,
        typer.Option("--mirror/--no-mirror", help="Mirror the picture; a mirrored 2 is no 2.", show_default=False),
    ] = None,
    rotate: Annotated[
        int | None, typer.Option(metavar="0|90|180|270", help="Turn the picture clockwise.", callback=_rotation)
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="The size that a camera is asked for.", callback=_size)
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            min=0.0,
            max=1000.0,
            help="Frames a second that a camera is asked for, or that pictures are taken for.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for a camera or a stream that is not there yet.")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Begin a file anew at its end.")] = False,
    pace: Annotated[
        bool, typer.Option("--pace", help="Read a file as it plays, and skip what there is no time for.")
    ] = False,
    threshold: Threshold = None,
    polarity: Polarity = None,
    smallest: Smallest = None,
    largest: Largest = None,
    tall: Tall = None,
    only_largest: OnlyLargest = None,
    border: Border = None,
    roi: Region = None,
    model: Model = None,
    min_confidence: MinConfidence = None,
) -> None:
    """Read digits live: in the window, or with --headless as lines of text or JSON.

    Text is printed where it changes, by digits that are settled; where nothing settled, at the end what was read last.
    A camera that goes away is looked for again. SIGTERM ends it with exit code 0, an interrupt with 130.
    """
    if listed:
        return _list(as_json=as_json)
    width, height = map(int, size.lower().split("x")) if size else (None, None)
    typed: dict[str, dict[str, Any]] = {
        "ink": {"threshold": None if threshold is None else parse_threshold(threshold), "polarity": polarity},
        "segment": {
            "smallest_px": smallest,
            "largest_px": largest,
            "tall": tall,
            "only_largest": only_largest,
            "border_px": border,
            "roi": roi,
        },
        "read": {"min_confidence": min_confidence},
        "live": {"mirror": mirror, "rotate": rotate, "width": width, "height": height, "fps": fps},
    }
    only_headless = {
        "--json": as_json,
        "--changes": changes,
        "--frames": frames,
        "--seconds": seconds is not None,
        "--record": record,
        "--readings": readings,
        "--burst": burst,
        "--snapshots": snapshots,
        "--pace": pace,
        "--loop": loop,
        "--wait": wait,
    }
    if not headless:
        return _open_window(source, model, typed, only_headless)
    from hdr.cli.live_run import Asked, run_headless

    settings = settings_with(typed)
    if model is None:
        tell_gone()
    asked = Asked(
        source=_source(source or settings.live.source or "0") or 0,
        model=model,
        as_json=as_json,
        changes=changes or not as_json,
        frames=frames,
        seconds=seconds,
        record=record,
        readings=readings,
        burst=burst,
        snapshots=snapshots,
        loop=loop,
        wait=wait,
        pace=pace,
    )
    if code := run_headless(asked, settings):
        raise typer.Exit(code)
    return None


def _open_window(
    source: str | None, model: str | None, typed: dict[str, dict[str, Any]], only_headless: dict[str, Any]
) -> None:
    wrong = [name for name, told in only_headless.items() if told]
    if wrong:
        raise typer.BadParameter(f"{', '.join(wrong)} needs --headless; in the window it is a button or a key.")
    from hdr.app import run_live

    if code := run_live(_source(source), settings_with(typed), model or ""):
        raise typer.Exit(code)


def _source(told: str | None) -> int | str | None:
    text = (told or "").strip()
    return int(text) if text.isdecimal() and len(text) < 4 else text or None


def _list(*, as_json: bool) -> None:
    from hdr.reading.sources_list import list_cameras

    cameras = list_cameras()
    for one in cameras:
        sizes = [list(size) for size in one.sizes]
        if as_json:
            output.print_json({"source": one.index, "name": one.name, "sizes": sizes})
        else:
            told = "  ".join(f"{width}x{height}" for width, height in one.sizes)
            output.print_line(f"{one.index}  {one.name}  {told}".rstrip())
    if not cameras:
        print("hdr: No camera was found. A video file or an address of one can be read too.", file=sys.stderr)
