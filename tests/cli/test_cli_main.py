"""What every command shares: help, exit codes, errors of the user's and of ours, and nothing heavy imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cli_pictures import draw_page
from PIL import Image

import hdr
from hdr.classify.classifier import Prediction
from hdr.cli import main, output
from hdr.cli.main import COMMANDS, run
from hdr.errors import HdrError
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop

REPOSITORY = Path(__file__).resolve().parents[2]


def hdr_process(*args, **options):
    """`python -m hdr`, as a person would run it."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-m", "hdr", *map(str, args)],
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
        **options,
    )


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.png"
    Image.fromarray(draw_page()).save(path)
    return path


def test_help_lists_every_command(capsys):
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for name, (_, says) in COMMANDS.items():
        assert f"  {name} " in out
        assert " ".join(says.split()[:3]) in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_has_help(name, capsys):
    assert run([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: hdr {name}" in out
    assert "--install-completion" not in out


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"hdr {hdr.__version__}\n"


def test_an_unknown_command_is_2(capsys):
    assert run(["reed"]) == 2
    assert "No such command 'reed'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "pictures"), [([], []), (["app"], []), (["app", "a.png", "b.png"], ["a.png", "b.png"])]
)
def test_the_window_opens_with_the_pictures_that_are_named(args, pictures, monkeypatch):
    opened = []
    monkeypatch.setattr("hdr.app.run", lambda paths: opened.append([str(path) for path in paths]) or 0)
    assert run(args) == 0
    assert opened == [pictures]


def test_the_windows_exit_status_is_the_commands(monkeypatch):
    monkeypatch.setattr("hdr.app.run", lambda _: 3)
    assert run(["app"]) == 3


def fail_with(monkeypatch, error):
    def fail(_):
        raise error

    monkeypatch.setattr("hdr.app.run", fail)


def test_an_error_is_a_sentence_and_its_cure(monkeypatch, capsys):
    fail_with(monkeypatch, HdrError("The cable is out.", hint="Put it in."))
    assert run(["app"]) == 1
    assert capsys.readouterr() == ("", "hdr: The cable is out. Put it in.\n")


def test_with_debug_an_error_tells_where_it_came_from(monkeypatch, capsys):
    fail_with(monkeypatch, HdrError("The cable is out."))
    assert run(["app", "--debug"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("hdr: The cable is out.\n")


@pytest.mark.parametrize("how", ["nothing", "--debug", "HDR_DEBUG"])
def test_an_error_of_ours_asks_to_be_reported(how, monkeypatch, capsys):
    fail_with(monkeypatch, ZeroDivisionError("division by zero"))
    if how == "HDR_DEBUG":
        monkeypatch.setenv(how, "1")
    assert run(["--debug", "app"] if how == "--debug" else ["app"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "This is an error in hdr itself: ZeroDivisionError: division by zero. Please report it" in err
    assert ("Traceback" in err) == (how != "nothing")


def test_errors_are_objects_too_where_json_is_asked_for(monkeypatch, capsys, tmp_path):
    assert run(["read", "--json", "--model", "nobody", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert list(told) == ["error", "hint"]
    assert "nobody" in told["error"]
    assert "nobody" in err


def test_a_file_called_json_is_no_option(monkeypatch, capsys):
    fail_with(monkeypatch, HdrError("No."))
    assert run(["app", "--", "--json", "--debug"]) == 1
    assert capsys.readouterr().out == ""


def test_an_interrupt_is_130(monkeypatch, capsys):
    fail_with(monkeypatch, KeyboardInterrupt())
    assert run(["app"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_text_as_exit_code_is_1():
    assert main._finish("a text") == 1
    assert main._finish(None) == 0


def test_complaints_name_the_file_once(capsys):
    output.complain(HdrError("x/page.png is empty."), "x/page.png")
    output.complain(HdrError("It is empty."), "x/page.png")
    output.complain(HdrError("It is empty."))
    output.complain(HdrError("It is empty."), "-")
    assert capsys.readouterr().err.splitlines() == [
        "hdr: x/page.png is empty.",
        "hdr: x/page.png: It is empty.",
        "hdr: It is empty.",
        "hdr: standard input: It is empty.",
    ]


def test_nobody_elses_text_steers_the_terminal(capsys):
    output.complain(HdrError("a\x1b[31m.png is empty.\nIt is."), "a\x1b[31m.png")
    assert capsys.readouterr().err == "hdr: a?[31m.png is empty.\nIt is.\n"
    labels = ("\x1b]0;x\x07", "7")
    digits = [
        Digit(Crop(np.full((9, 5), 255, np.uint8), Box.from_xywh(10 * i, 5, 5, 9)), Prediction(labels, odds), 0)
        for i, odds in enumerate(np.eye(2, dtype=np.float32))
    ]
    output.TextWriter(headings=False).reading("a.png", Reading((40, 20), tuple(digits)), 1.0)
    assert capsys.readouterr().out == "?]0;x?7\n"


# From here on real processes.


def test_nothing_heavy_is_imported():
    code = (
        "import sys\n"
        "import hdr, hdr.cli.main\n"
        "print(*(name for name in ('numpy', 'cv2', 'PIL', 'rich') if name in sys.modules))\n"
        "import hdr.cli.read, hdr.cli.captures, hdr.reading.pipeline, hdr.classify.loading\n"
        "heavy = ('tensorflow', 'keras', 'tkinter', 'matplotlib', 'h5py', 'sklearn', 'rich')\n"
        "print(*(name for name in heavy if name in sys.modules))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "\n\n"


def test_help_imports_neither_numpy_nor_opencv():
    code = (
        "import sys; from hdr.cli.main import run; run(['--help'])\n"
        "assert not {'numpy', 'cv2', 'PIL', 'rich', 'pydantic'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, check=True)


def test_a_reading_imports_nothing_that_it_does_not_use(page):
    code = (
        "import sys; from hdr.cli.main import run; code = run(['read', sys.argv[1]])\n"
        "heavy = {'tensorflow', 'keras', 'tkinter', 'matplotlib', 'h5py', 'sklearn', 'rich', 'pydantic', 'tomlkit'}\n"
        "assert code == 0 and not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-c", code, str(page)], env=environment, stdout=subprocess.DEVNULL, check=True)


def test_a_picture_is_read_by_the_model_that_ships(page):
    done = hdr_process("read", page, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    told = json.loads(done.stdout)
    assert told["model"] == "default"
    assert [digit["row"] for digit in told["digits"]] == [0, 0, 0, 1, 1, 1]


def test_a_picture_piped_in(page):
    done = hdr_process("read", "-", input=page.read_bytes())
    assert done.returncode == 0
    assert len(done.stdout.decode().splitlines()) == 2


def test_a_reader_that_has_gone_away_is_no_error(page, tmp_path):
    for number in range(60):
        os.link(page, tmp_path / f"copy{number}.png")
    command = [sys.executable, "-m", "hdr", "read", "--json", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_output_that_nobody_reads_at_all(page):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "hdr", "--help"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_model_in_use_that_is_gone_is_told(page, own_workspace):
    (own_workspace / "models").mkdir(parents=True)
    (own_workspace / "models" / "current").write_text("mine\n")
    for command in (["read", page], ["models", "list"]):
        done = hdr_process(*command)
        assert done.returncode == 0
        assert b"'mine', is not there any more; default is used" in done.stderr


@pytest.fixture
def heeded_interrupts():
    """A shell's background jobs ignore them, and so would what they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.usefixtures("heeded_interrupts")
def test_ctrl_c_ends_a_long_reading_quietly(tmp_path):
    Image.fromarray(draw_page(20)).save(tmp_path / "page.png")
    for number in range(2000):  # many seconds of reading, so that it is still under way when the signal comes
        os.link(tmp_path / "page.png", tmp_path / f"copy{number}.png")
    command = [sys.executable, "-m", "hdr", "read", "--json", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        json.loads(process.stdout.readline())
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert all(json.loads(line) for line in rest.splitlines()), "every line is whole"


def test_names_that_are_no_utf_8_are_printed(page, tmp_path):
    if sys.platform != "linux":
        pytest.skip("only Linux takes any bytes as a name")
    odd = tmp_path / os.fsdecode(b"p\xff.png")
    page.rename(odd)
    done = hdr_process("read", odd, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["file"] == str(odd)
    assert hdr_process("read", odd, odd).returncode == 0


def test_an_interrupt_while_everything_is_still_imported(monkeypatch):
    from hdr import __main__

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("hdr.cli.main.run", interrupted)
    with pytest.raises(SystemExit) as leaving:
        __main__.main()
    assert leaving.value.code == 130


def test_the_shell_completes_commands():
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "_HDR_COMPLETE": "complete_bash"}
    told = {"COMP_WORDS": "hdr ", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "hdr"]
    done = subprocess.run(command, env={**environment, **told}, capture_output=True, text=True, check=False)
    assert done.stdout.split() == list(COMMANDS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("args", [["read", "PAGE"], ["read", "PAGE", "--json"], ["models", "list"], ["--help"]])
def test_output_that_finds_no_room_is_told_in_a_sentence(page, args):
    with Path("/dev/full").open("wb") as full:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "hdr", *(str(page) if one == "PAGE" else one for one in args)]
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, timeout=120)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert told.startswith("hdr: The output cannot be written")
    assert len(told.splitlines()) == 1


def test_another_refusal_of_the_system_is_an_error_of_ours(monkeypatch, capsys):
    def refuse(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(main, "open_app", refuse)
    assert run([]) == 1
    assert "error in hdr itself" in capsys.readouterr().err
