"""`hdr bench folder`: how long a folder of photographs takes to read before anything learns from it, and its memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_options import AsJson


def folder(
    *,
    pictures: Annotated[int, typer.Option(min=2, help="How many, made by rule, JPEG.")] = 3000,
    side: Annotated[int, typer.Option(min=16, max=8000, help="Long side in pixels; a telephone's is 4032.")] = 500,
    runs: Annotated[int, typer.Option(min=1, help="How often each is measured; medians are told.")] = 3,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Read a class folder of photographs, as training does, against one after another into a list in memory.

    Each in processes of its own, in turns. Memory is what the process alone takes for it (Linux's RssAnon, the most of
    it above what was there before): pages of files are not counted, since the system takes them back when it must.
    """
    from hdr.bench.folder import bench_photographs, write_photographs

    with tempfile.TemporaryDirectory() as name:
        write_photographs(Path(name), pictures, side)
        for one in bench_photographs(Path(name), f"{pictures:,} photographs of {side} px", runs):
            output.print_comparison(one, as_json=as_json)
