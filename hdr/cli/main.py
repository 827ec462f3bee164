"""What was typed after `hdr` to the command that does it, and what went wrong to a sentence and an exit code.

Exit codes: 0 done, 1 something that the user can cure, 2 not understood, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

import hdr
from hdr.cli import output
from hdr.errors import HdrError

COMMANDS = {
    "read": ("hdr.cli.read:read", "Read the digits of pictures."),
    "live": ("hdr.cli.live:live", "Read digits live: off a camera, a film or a stream."),
    "app": ("hdr.cli.main:open_app", "Open the window, with pictures if any are named."),
    "captures": ("hdr.cli.captures:app", "List, check, mend, freeze, import and export the labelled crops."),
    "models": ("hdr.cli.models:app", "List, show and choose models."),
    "train": ("hdr.cli.train:train", "Train a model."),
    "tune": ("hdr.cli.tune:tune", "Search for the best architecture and settings, and train them."),
    "evaluate": ("hdr.cli.evaluate:evaluate", "Measure a model on labelled data."),
    "compare": ("hdr.cli.compare:compare", "Tell which of several models is better on the same data."),
    "bench": ("hdr.cli.bench:app", "Measure speed and accuracy, baselines in the same run."),
}
"""Where each command lives and what it does. Only the one that is called is imported."""


_COMPLETION = ("install_completion", "show_completion")


class LazyGroup(TyperGroup):
    """A group that imports a command when it is called, and ends in our exit codes.

    Its methods are Typer's, whose own context class is private (hence the ignored types), and need no context (ARG002).
    """

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """In the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(module), name)
        app = found if isinstance(found, typer.Typer) else _single(found)
        app.rich_markup_mode = None  # importing rich doubles the time that help takes
        command = get_command(app)
        command.name = cmd_name
        command.params = [one for one in command.params if one.name not in _COMPLETION]  # those are the whole tool's
        return command

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])

    def make_context(self, *args: Any, **values: Any) -> Any:
        """Understand what was typed, which is where help is printed."""
        with _nobody_reads():
            return super().make_context(*args, **values)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command."""
        try:
            with _nobody_reads():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


@contextlib.contextmanager
def _nobody_reads() -> Iterator[None]:
    """A reader that has gone away, as `head` does, is no error."""
    try:
        yield
    except BrokenPipeError:
        output.hush()
        raise typer.Exit(0) from None


def _single(function: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return app


app = typer.Typer(
    cls=LazyGroup,
    name="hdr",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"hdr {hdr.__version__}")
        raise typer.Exit


@app.callback()
def start(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show where in the code an error came from.")] = False,
) -> None:
    """Reads handwritten digits, and learns its user's hand. Without a command, opens the window."""
    if ctx.invoked_subcommand is None:
        open_app([])


def open_app(
    pictures: Annotated[
        list[Path] | None, typer.Argument(metavar="[PICTURE]...", help="Opened at once.", show_default=False)
    ] = None,
) -> None:
    """Open the window, with pictures if any are named."""
    from hdr.app import run as run_app

    code = run_app(pictures or [])
    if code:
        raise typer.Exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        What was typed after `hdr`.

    Returns
    -------
    The exit code.
    """
    args = list(arguments)
    options = args[: args.index("--")] if "--" in args else args
    debug = "--debug" in options or bool(os.environ.get("HDR_DEBUG"))
    if "--debug" in options:
        args.remove("--debug")  # it may stand anywhere
    output.prepare_streams()
    try:
        get_command(app).main(args=args, prog_name="hdr")
    except SystemExit as leaving:
        return _finish(leaving.code)
    except HdrError as error:
        if debug:
            output.traceback()
        output.fatal(error, as_json="--json" in options)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            output.bug(error, debug=debug, as_json="--json" in options)
        else:
            output.no_room(error)
    except Exception as error:  # noqa: BLE001  (whatever is left is a bug, and is reported as one)
        output.bug(error, debug=debug, as_json="--json" in options)
    return _finish(1)


def _finish(code: Any) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        output.hush()
    except OSError as error:
        output.no_room(error)
        return 1
    return code if isinstance(code, int) else int(code is not None)
