"""`hdr bench live-window`: how late a frame is on the screen with its labels, and what showing it costs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_options import AsJson


def live_window(
    *,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long each film is watched.")] = 10.0,
    as_json: AsJson = False,
) -> None:
    """From the camera to the glass: frames with their labels in the window, 30 a second, newest first.

    It opens the window on the screen there is. Run it alone: what else runs makes frames late.
    """
    from hdr.app.live_drive import watch_live
    from hdr.bench.live import scene_frames
    from hdr.bench.live_scenes import FULL_HD, HARD, IN_HAND, our_digits
    from hdr.cli.bench_live import tell

    for scene, count in ((IN_HAND, 60), (HARD, 60), (FULL_HD, 20)):
        where = scene.name.replace("the same", "640x480, 10 digits")
        frames = scene_frames(scene, our_digits(), count)
        with tempfile.TemporaryDirectory() as name:
            for row in watch_live(Path(name), frames, seconds):
                if as_json:
                    output.print_json({"scene": where, **row.figures()})
                else:
                    tell(row, where)
