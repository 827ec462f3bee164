"""`hdr bench`: what is measured, ours beside a baseline in the same run, as a table or as JSON."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_folder import folder as photographs
from hdr.cli.bench_live import live
from hdr.cli.bench_live_window import live_window
from hdr.cli.bench_options import AsJson, Mnist, digits_told, model_file, need_keras
from hdr.cli.bench_smooth import window
from hdr.cli.bench_splits import splits

if TYPE_CHECKING:
    from hdr.bench.pages import Curve, Reader
    from hdr.bench.process import Comparison
    from hdr.bench.scoring import PageScore
    from hdr.bench.zoo import ZooRow

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Measure speed and accuracy, baselines in the same run."
)

app.command("folder")(photographs)
app.command()(splits)
app.command()(live)
app.command()(live_window)
app.command()(window)

Runs = Annotated[int, typer.Option(min=1, help="How often each is measured; medians are told.")]


@app.command()
def start(
    *,
    picture: Annotated[Path | None, typer.Option(help="What is read. Without it: a page of our own hand.")] = None,
    runs: Runs = 5,
    window: Annotated[bool, typer.Option(help="Measure the window too, which needs a screen.")] = True,
    as_json: AsJson = False,
) -> None:
    """From a cold process to the first reading and to the window, against the same with Keras; and the memory."""
    need_keras()
    from hdr.bench.read import dense_page
    from hdr.bench.start import bench_start
    from hdr.vision.media import save_image

    with tempfile.TemporaryDirectory() as folder:
        if picture is None:
            picture = Path(folder) / "page.png"
            save_image(picture, dense_page())
        _tell(bench_start(picture, model_file("model.keras"), runs, window), as_json)


@app.command()
def read(*, runs: Runs = 5, as_json: AsJson = False) -> None:
    """50 digits from crops to labels, and a whole page, against `model.predict` one by one."""
    need_keras()
    from hdr.bench.read import bench_read
    from hdr.classify.loading import load_classifier

    with tempfile.TemporaryDirectory() as folder:
        _tell(bench_read(load_classifier(), model_file("model.keras"), Path(folder), runs), as_json)


@app.command()
def pages(  # noqa: PLR0913  (its options)
    folder: Annotated[
        Path | None, typer.Argument(help="Pages with a truth.json. Without it: pages are written and made worse.")
    ] = None,
    *,
    degrade: Annotated[bool, typer.Option("--degrade", help="With a folder: its pages made worse, too.")] = False,
    trouble: Annotated[list[str] | None, typer.Option(help="Only this trouble; may be given several times.")] = None,
    count: Annotated[int, typer.Option("--pages", min=1, help="Pages a trouble and strength.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same pages.")] = 1,
    mnist: Mnist = None,
    save: Annotated[
        Path | None,
        typer.Option(
            help="Write the pages as PNG, about 1 MB each, with a truth.json, to this new folder; read nothing."
        ),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the curves to this picture.")] = None,
    as_json: AsJson = False,
) -> None:
    """Digits found with the right label, ours beside two tutorials' ways of finding them, on the same pages."""
    from hdr.bench.pages import bench_degraded, bench_folder, bench_generated, generated_pages, save_pages

    if folder is not None:
        _tell_scores((bench_degraded if degrade else bench_folder)(folder, _readers()), as_json)
        return
    troubles = _troubles(trouble)
    if save is not None:
        print(f"{save_pages(generated_pages(digits_told(mnist), count, seed, troubles), save)} pages in {save}")
        return
    curves = []
    for curve in bench_generated(_readers(), count, seed, digits_told(mnist), troubles):
        curves.append(curve)
        _tell_curve(curve, as_json, first=len(curves) == 1)
    if plot:
        from hdr.bench.plot import plot_curves

        plot_curves(curves, plot)


@app.command()
def accuracy(
    *,
    data: Annotated[
        Path | None, typer.Option(help="A folder with mnist.npz, usps.npz, optdigits.npz and photos/, or some of them.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of a model; without it, the one in use.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table for a README.")] = False,
    as_json: AsJson = False,
) -> None:
    """One table: digits, pages, confidence, what is no digit, size and time, ours beside two baselines."""
    from hdr.bench import figures
    from hdr.bench.accuracy import accuracy_rows, find_material
    from hdr.bench.baselines import BASELINES
    from hdr.bench.pages import OURS
    from hdr.classify.loading import load_classifier

    names = [OURS, *BASELINES]
    weights = model_file("model.tflite", model).read_bytes()
    rows = accuracy_rows(load_classifier(model), weights, find_material(data))
    if not as_json:
        print((figures.markdown_head if markdown else figures.text_head)(names), flush=True)
    for row in rows:
        if as_json:
            output.print_json(row.as_dict())
        else:
            print(figures.markdown_line(row, len(names)) if markdown else figures.text_line(row), flush=True)


@app.command()
def mistakes(
    data: Annotated[Path, typer.Argument(help="A folder with mnist.npz, usps.npz, optdigits.npz, or some of them.")],
    *,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same labels wrong.")] = 1,
    as_json: AsJson = False,
) -> None:
    """How soon labels that are wrong on purpose (3 %) are found, beside three plainer ways of looking for them."""
    from hdr.bench.accuracy import find_material
    from hdr.bench.mistakes import SHOWN, bench_mistakes
    from hdr.classify.loading import load_classifier

    if not as_json:
        print(f"{'looked through':24} {'way':8} {'wrong':>5}  found in the first {SHOWN:.0%}  looked at to find 95 %")
    for found in bench_mistakes(find_material(data).files, load_classifier(), seed):
        told = found.figures()
        if as_json:
            output.print_json(told)
            continue
        low, high = told["interval"]
        share = f"{told['found']:7.1%} ({low:.1%} to {high:.1%})"
        print(f"{found.data:24} {found.way:8} {found.wrong:5}  {share:23}  {found.to_find_most:7.1%}", flush=True)


@app.command()
def effort(
    *,
    pages: Annotated[int, typer.Option(min=1, help="Pages; the median is told, and the worst.")] = 5,
    digits: Annotated[int, typer.Option(min=1, help="Digits on each page.")] = 100,
    wrong: Annotated[int, typer.Option(min=0, help="How many of them are read wrong.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same pages.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Keystrokes from an opened page to its saved truth, without a mouse, against a tool that labels every box."""
    from hdr.app.keyboard import open_keyboard
    from hdr.bench.effort import bench_effort

    if wrong > digits:
        raise typer.BadParameter(f"no {wrong} of {digits} digits can be wrong", param_hint="--wrong")
    _tell([bench_effort(open_keyboard, pages, digits, wrong, seed)], as_json)


@app.command()
def zoo(
    *,
    data: Annotated[
        Path | None, typer.Option(help="MNIST's .npz. Without it: the environment's HDR_MNIST, else a download.")
    ] = None,
    arch: Annotated[
        list[str] | None,
        typer.Option(help="Only this architecture (`hdr models archs`); may be given several times."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data. Without it: each recipe's.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="What mobilenetv2 begins with: a file of weights (.h5), or imagenet.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same runs.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Folder to keep the models in; what stands there is not trained again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Each architecture trained on MNIST by its own recipe: accuracy, size, speed, and its source's figure beside."""
    from hdr.bench.zoo import is_done, zoo_jobs, zoo_row
    from hdr.cli.telling import show_training
    from hdr.train.publish import store_at
    from hdr.train.sources import find_mnist

    need_keras()
    with tempfile.TemporaryDirectory() as folder:
        store = store_at(out or Path(folder))
        for number, job in enumerate(zoo_jobs(find_mnist(data), arch or (), epochs, weights, seed)):
            if not is_done(job, store):
                show_training(job, store)
            _tell_zoo(zoo_row(job, store), as_json, first=not number)


def _tell_zoo(row: ZooRow, as_json: bool, *, first: bool) -> None:
    if as_json:
        output.print_json(row.figures())
        return
    if first:
        print(f"{'architecture':14} {'accuracy on MNIST (95 %)':27} {'parameters':>10} {'.tflite':>9} ", end="")
        print(f"{'ms a digit':>10} {'epochs':>6} {'seconds':>7}  its source's")
    low, high = row.accuracy.interval
    share = f"{row.accuracy.value:.2%} ({low:.2%} to {high:.2%})"
    size = f"{row.parameters:10,} {row.tflite_bytes / 1e3:6,.0f} kB {row.ms:10.3f} {row.epochs:6} {row.seconds:7,.0f}"
    theirs = f"{row.source.mnist:.2%}, " if row.source.mnist else ""
    print(f"{row.name:14} {share:27} {size}  {theirs}{row.source.name}", flush=True)


def _troubles(told: list[str] | None) -> list[str]:
    from hdr.bench.troubles import TROUBLES

    unknown = sorted(set(told or ()) - set(TROUBLES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there is {', '.join(TROUBLES)}", param_hint="--trouble")
    return list(told or TROUBLES)


def _readers() -> dict[str, Reader]:
    from hdr.bench.pages import readers
    from hdr.classify.loading import load_classifier

    return readers(load_classifier(), model_file("model.tflite").read_bytes())


def _tell(comparisons: Iterable[Comparison], as_json: bool) -> None:
    for one in comparisons:
        output.print_comparison(one, as_json=as_json)


def _tell_scores(scores: dict[str, dict[str, PageScore]], as_json: bool) -> None:
    if not as_json:
        print(f"{'reader':10} {'kind':10} {'pages':>5} {'digits':>6} {'found F1':>9} {'box F1':>7} ", end="")
        print(f"{'CER':>7} {'exact':>6}")
    for reader, kinds in scores.items():
        for kind, score in kinds.items():
            told = score.figures()
            if as_json:
                output.print_json({"reader": reader, "kind": kind, **told})
                continue
            counts = f"{reader:10} {kind:10} {told['pages']:5} {told['digits']:6}"
            shares = f"{told['found_f1']:9.4f} {told['box_f1']:7.4f} {told['character_error_rate']:7.4f}"
            print(f"{counts} {shares} {told['exact']:6.1%}")


def _tell_curve(curve: Curve, as_json: bool, *, first: bool) -> None:
    from hdr.bench.troubles import STRENGTHS

    if as_json:
        strengths = [{"strength": s, **score.figures()} for s, score in zip(STRENGTHS, curve.scores, strict=True)]
        output.print_json({"trouble": curve.trouble, "reader": curve.reader, "scores": strengths})
        return
    if first:
        print("Digits found with the right label (F1), from a good page to one that is hard for a person:")
        print(f"{'trouble':10} {'reader':10}" + "".join(f"{strength:7.0%}" for strength in STRENGTHS))
    told = "".join(f"{score.found_f1:7.3f}" for score in curve.scores)
    print(f"{curve.trouble:10} {curve.reader:10}{told}", flush=True)
