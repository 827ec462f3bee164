"""A model to one table of how good it is: digits, pages, honest confidence, telling what is no digit, size and time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.bench.figures import Figure, Numbers, Row, area, certain, median, share
from hdr.bench.generate import Digits, TruePage
from hdr.bench.hand import written_digits
from hdr.bench.labelling import Labeller, Told, labellers
from hdr.bench.page_rows import MEASURES, Answers, calibration, crop_honesty, page_rows, read_all
from hdr.bench.pages import OURS, Reader, generated_pages, load_pages, readers
from hdr.bench.printing import printed_page
from hdr.bench.read import dense_page
from hdr.bench.strangers import unseen_strangers
from hdr.bench.troubles import TROUBLES
from hdr.classify.classifier import Classifier
from hdr.data.dataset import Dataset
from hdr.data.load import load_dataset, told_mnist
from hdr.data.negatives import make_negatives
from hdr.data.printed import HELD_FAMILIES, find_fonts
from hdr.errors import DatasetError

_TROUBLES = TROUBLES
_STRENGTHS = (0.25, 0.5, 0.75)
_PRINT_PX = (12, 24, 48)
_NEGATIVES = 3000
_UNSEEN = 1000
_OWN = 1000
_RUNS = 15
_OTHER_HANDS = ("usps", "optdigits")
_CROPS = {"mnist": "MNIST test", "usps": "other hands: USPS", "optdigits": "other hands: Optdigits"}


@dataclass(frozen=True, eq=False)
class Material:
    """What there is to measure on.

    Parameters
    ----------
    files
        By the names in `_CROPS`, those that are there.
    photos
        The folder of pages with a `truth.json`; None where there is none.
    """

    files: dict[str, Path]
    photos: Path | None


def find_material(folder: Path | None) -> Material:
    """Return what a folder holds, and MNIST where ``HDR_MNIST`` names it.

    Raises
    ------
    DatasetError
        Where the folder is none.
    """
    if folder is not None and not folder.is_dir():
        raise DatasetError(f"{folder} is no folder.", hint="Give one with mnist.npz, usps.npz, optdigits.npz, photos/.")
    files = {name: folder / f"{name}.npz" for name in _CROPS} if folder else {}
    told = told_mnist()
    if told and not (folder and files["mnist"].is_file()):
        files["mnist"] = told
    photos = folder / "photos" if folder else None
    there = {name: path for name, path in files.items() if path.is_file()}
    return Material(there, photos if photos and (photos / "truth.json").is_file() else None)


def accuracy_rows(classifier: Classifier, model: bytes, material: Material) -> Iterator[Row]:
    """Measure everything, ours and the baselines on the same digits and pages.

    Parameters
    ----------
    classifier
        Ours.
    model
        The same model as the bytes of a `.tflite` file, for the baselines.
    material
        What there is to measure on; a row whose data is not there says so.
    """
    label, read = labellers(classifier, model, OURS), readers(classifier, model)
    crops = {name: load_dataset(path) for name, path in material.files.items()}
    told = {name: {who: one(data.crops) for who, one in label.items()} for name, data in crops.items()}
    digits = _written_with(crops.get("mnist"))
    yield from _crop_rows(crops, told)
    printed = read_all(_printed_pages(), read)
    yield from _rows_of("printed digits", printed, "this system has none of the fonts", ("found_f1",))
    photos = read_all(load_pages(material.photos) if material.photos else (), read)
    yield from _rows_of("photographs", photos, "there is no photos/truth.json")
    generated = read_all(generated_pages(digits, 1, 1, _TROUBLES, _STRENGTHS), read)
    yield from page_rows(f"generated pages ({'MNIST test' if 'mnist' in crops else 'our strokes'})", generated)
    yield from _calibration_rows(crops, told, {"photographs": photos, "generated pages": generated})
    yield from _rejection_rows(crops, told, label, digits)
    yield Row("model.tflite", "", "bytes", {who: certain(len(model)) if who == OURS else None for who in read})
    yield _time_row(read)


def _written_with(mnist: Dataset | None) -> Digits:
    if mnist is None:
        return written_digits(_OWN, np.random.default_rng(1))
    return mnist.fields(), [mnist.names[label] for label in mnist.labels]


def _absent(what: str, why: str) -> Row:
    return Row(what, "", "score", {}, absent=f"not measured: {why}")


def _rows_of(what: str, answers: dict[str, Answers], why: str, measures: Iterable[str] = MEASURES) -> Iterator[Row]:
    return page_rows(what, answers, measures) if answers else iter([_absent(what, why)])


def _crop_rows(crops: dict[str, Dataset], told: dict[str, dict[str, Told]]) -> Iterator[Row]:
    for name, what in _CROPS.items():
        if name not in crops:
            yield _absent(what, f"there is no {name}.npz")
            continue
        data = crops[name]
        figures = {who: share(int(one.right(data.labels).sum()), len(data)) for who, one in told[name].items()}
        yield Row(what, f"{len(data):,} digits", "%", dict(figures))


def _printed_pages() -> Iterator[TruePage]:
    rng = np.random.default_rng(1)
    for font in find_fonts(HELD_FAMILIES):
        for digit_px in _PRINT_PX:
            yield printed_page(font, digit_px, rng)


def _calibration_rows(
    crops: dict[str, Dataset], told: dict[str, dict[str, Told]], pages: dict[str, dict[str, Answers]]
) -> Iterator[Row]:
    """How far confidence is from being right: on other hands' digits, and on pages, where boxes must be right too."""
    what = "calibration error"
    hands = [name for name in _OTHER_HANDS if name in crops]
    if hands:
        figures = {who: calibration(_hands_honesty(crops, told, hands, who)) for who in told[hands[0]]}
        yield Row(f"{what}, digits of other hands", _digits(crops, hands), "score", dict(figures))
    else:
        yield _absent(f"{what}, digits of other hands", "there is no usps.npz and no optdigits.npz")
    for name, answers in pages.items():
        if answers:
            on = f"{len(answers[OURS].counts):,} pages"
            yield Row(f"{what}, {name}", on, "score", {who: calibration(one.honesty) for who, one in answers.items()})
        else:
            yield _absent(f"{what}, {name}", "there are no such pages")


def _digits(crops: dict[str, Dataset], names: Iterable[str]) -> str:
    return f"{sum(len(crops[name]) for name in names):,} digits"


def _hands_honesty(
    crops: dict[str, Dataset], told: dict[str, dict[str, Told]], names: Iterable[str], who: str
) -> Numbers:
    return np.concatenate(
        [crop_honesty(told[name][who].confidence, told[name][who].right(crops[name].labels)) for name in names]
    )


def _rejection_rows(
    crops: dict[str, Dataset], told: dict[str, dict[str, Told]], label: dict[str, Labeller], digits: Digits
) -> Iterator[Row]:
    """How well what is no digit is told from digits: all of those above, or our own hand's where there are none."""
    if told:
        known = {who: [told[name][who] for name in told] for who in label}
        many = _digits(crops, crops)
    else:
        known = {who: [one(digits[0])] for who, one in label.items()}
        many = f"{len(digits[0]):,} digits of our own hand"
    lost = {who: _rejected(np.concatenate([one.rejected for one in known[who]]), known[who][0]) for who in label}
    yield Row("digits taken for none", many, "%", lost)
    plain = {who: np.concatenate([one.strange for one in known[who]]) for who in label}
    fonts = find_fonts(HELD_FAMILIES)
    learned = make_negatives(_NEGATIVES, 1, fonts, digits[0])
    yield from _stranger_rows("not a digit", learned, label, plain)
    yield from _stranger_rows("not a digit, kinds never learned", unseen_strangers(_UNSEEN, 1, fonts), label, plain)


def _stranger_rows(
    what: str, strangers: Dataset, label: dict[str, Labeller], plain: dict[str, NDArray[np.float64]]
) -> Iterator[Row]:
    strange = {who: one(strangers.crops) for who, one in label.items()}
    areas = {who: area(one.strange, plain[who]) for who, one in strange.items()}
    yield Row(f"{what}: AUROC", f"{len(strangers):,} against {len(plain[OURS]):,} digits", "score", dict(areas))
    through = {who: _rejected(~one.rejected, one) for who, one in strange.items()}
    yield Row(f"{what}: taken for one", f"{len(strangers):,}", "%", through, _by_kind(strangers, strange[OURS]))


def _rejected(which: NDArray[np.bool_], told: Told) -> Figure | None:
    return share(int(which.sum()), len(which)) if told.can_reject else None


def _by_kind(negatives: Dataset, told: Told) -> dict[str, Figure]:
    if not told.can_reject:
        return {}
    through = {kind: ~told.rejected[negatives.groups == kind] for kind in np.unique(negatives.groups)}
    return {str(kind): share(int(one.sum()), len(one)) for kind, one in through.items()}


def _time_row(read: dict[str, Reader]) -> Row:
    """Everybody in turns, so that a machine that slows down slows all of them."""
    page = dense_page()
    took: dict[str, list[float]] = {who: [] for who in read}
    for turn in range(_RUNS + 1):
        for who, reader in read.items():
            start = time.perf_counter()
            reader(page)
            if turn:  # the first is not warm
                took[who].append(1e3 * (time.perf_counter() - start))
    on = f"{page.shape[0] * page.shape[1] / 1e6:.1f} megapixels, 50 digits, warm"
    return Row("time for a page", on, "ms", {who: median(one) for who, one in took.items()})
