"""Every export is opened by the tool that it is for; what that tool writes is imported."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from xml.etree.ElementTree import parse

import numpy as np
import pytest
from capture_pages import make_page

from hdr.data.captures import CaptureStore, capture_id
from hdr.data.formats import ExportOptions, export_store
from hdr.data.importing import import_path
from hdr.data.splitting import parse_shares, part_of
from hdr.vision.normalize import normalize_digit

LABELS = (*"0123456789", "Ünï 7", "none")
SPLIT = parse_shares("40/30/30")


@pytest.fixture
def store(tmp_path) -> CaptureStore:
    """Eight pages of four digits; a person said of each page's second that it is none, of its third another label."""
    store = CaptureStore(tmp_path / "captures")
    for number in range(8):
        image, reading = make_page(number, "4071", {1: "none", 2: "Ünï 7"})
        store.save(image, reading, f"page {number}.jpg")
    return store


def write(
    store: CaptureStore, name: str, target: Path, *, split: bool = False, labels: tuple[str, ...] = LABELS
) -> Path:
    options = ExportOptions(with_none=True, shares=SPLIT if split else None)
    problems: list = []
    report = export_store(store, name, target, options, problems)
    assert not problems
    assert report.labels == labels
    return target


def boxes_of(store: CaptureStore) -> dict[str, list[tuple[str, tuple[int, int, int, int]]]]:
    """Each page's labels and boxes as corners, sorted."""
    return {
        one.id: sorted((d.label, (d.box.x0, d.box.y0, d.box.x1, d.box.y1)) for d in store.page(one.id).digits)
        for one in store.list()
    }


def fields_of(store: CaptureStore) -> list[tuple[str, bytes]]:
    return sorted((crop.label, normalize_digit(crop.pixels).tobytes()) for crop in store.crops())


def test_csv_by_pandas(store, tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(write(store, "csv", tmp_path / "out.csv"), dtype={"label": str})
    assert list(table.columns) == ["label", *(f"pixel{number}" for number in range(784))]
    found = [(row[0], np.array(row[1:], np.uint8).tobytes()) for row in table.itertuples(index=False)]
    assert sorted(found) == fields_of(store)
    table.to_csv(tmp_path / "back.csv", index=False)
    other = CaptureStore(tmp_path / "other")
    assert import_path(other, tmp_path / "back.csv").added == 32
    assert fields_of(other) == fields_of(store)


def test_huggingface_by_datasets(store, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    target = write(store, "huggingface", tmp_path / "out", split=True)
    told = datasets.load_dataset(str(target), cache_dir=str(tmp_path / "cache"))
    assert set(told) == {"train", "validation", "test"}
    assert told["train"].features["label"].names == list(LABELS)
    pages = {one.id: store.page(one.id) for one in store.list()}
    places = {
        name: [(LABELS.index(digit.label), list(digit.box.xywh)) for digit in page.digits]
        for name, page in pages.items()
    }
    found = []
    for part in told.values():
        for row in part:
            found.append((LABELS[row["label"]], np.asarray(row["image"]).tobytes()))
            assert (row["label"], row["box"]) in places[row["page"]]
            assert row["confirmed"] == (row["number"] in (1, 2))
    assert sorted(found) == fields_of(store)


@pytest.mark.parametrize("part", ["train", "val", "test", ""])
def test_coco_by_pycocotools_and_supervision(store, tmp_path, part, capsys):
    coco = pytest.importorskip("pycocotools.coco")
    supervision = pytest.importorskip("supervision")
    target = write(store, "coco", tmp_path / "out", split=bool(part))
    path = target / "annotations" / f"instances_{part or 'all'}.json"
    told = coco.COCO(str(path))
    assert [one["name"] for one in told.loadCats(told.getCatIds())] == list(LABELS)
    names = {one["id"]: one["name"] for one in told.loadCats(told.getCatIds())}
    truth = boxes_of(store)
    for image in told.loadImgs(told.getImgIds()):
        found = [
            (names[one["category_id"]], (x, y, x + w, y + h))
            for one in told.loadAnns(told.getAnnIds(imgIds=image["id"]))
            for x, y, w, h in [one["bbox"]]
        ]
        assert sorted(found) == truth[Path(image["file_name"]).stem]
    data = supervision.DetectionDataset.from_coco(str(target / "images" / part), str(path))
    check_supervision(data, truth, len(told.getImgIds()))


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_yolo_by_supervision(store, tmp_path, part):
    supervision = pytest.importorskip("supervision")
    target = write(store, "yolo", tmp_path / "out", split=True)
    data = supervision.DetectionDataset.from_yolo(
        str(target / "images" / part), str(target / "labels" / part), str(target / "data.yaml")
    )
    check_supervision(data, boxes_of(store), len(list((target / "images" / part).iterdir())))


def test_yolo_lists_no_part_without_pictures(store, tmp_path):
    options = ExportOptions(with_none=True, shares=(0.0, 1.0, 0.0))
    export_store(store, "yolo", tmp_path / "out", options, [])
    told = (tmp_path / "out" / "data.yaml").read_text(encoding="utf-8").splitlines()
    assert told[:2] == ["train: images/val", "val: images/val"]


def test_voc_by_supervision(store, tmp_path):
    supervision = pytest.importorskip("supervision")
    target = write(store, "voc", tmp_path / "out", split=True)
    data = supervision.DetectionDataset.from_pascal_voc(str(target / "JPEGImages"), str(target / "Annotations"))
    check_supervision(data, boxes_of(store), 8)
    listed = [path.read_text().split() for path in (target / "ImageSets" / "Main").iterdir()]
    assert sorted(name for names in listed for name in names) == sorted(boxes_of(store))


def check_supervision(data, truth, count: int) -> None:
    assert len(data) == count
    for path, _, found in data:
        boxes = [tuple(round(float(side)) for side in box) for box in found.xyxy]
        labels = [data.classes[index] for index in found.class_id]
        assert sorted(zip(labels, boxes, strict=True)) == truth[Path(path).stem]


@pytest.mark.parametrize("kind", ["coco", "yolo", "voc"])
def test_what_supervision_writes_is_imported(store, tmp_path, kind):
    supervision = pytest.importorskip("supervision")
    first = write(store, "voc", tmp_path / "voc")
    data = supervision.DetectionDataset.from_pascal_voc(str(first / "JPEGImages"), str(first / "Annotations"))
    target = tmp_path / "theirs"
    target.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "coco":
            data.as_coco(str(target / "images"), str(target / "labels.json"))
        elif kind == "yolo":
            data.as_yolo(str(target / "images"), str(target / "labels"), str(target / "data.yaml"))
        else:
            data.as_pascal_voc(str(target / "images"), str(target / "labels"))
    other = CaptureStore(tmp_path / "other")
    report = import_path(other, target)
    assert (report.format, report.pages, report.added, report.problems) == (kind, 8, 32, [])
    assert boxes_of(other) == boxes_of(store)
    assert all(crop.by_person for crop in other.crops())


def test_npz_has_keras_layout_where_it_is_divided(store, tmp_path):
    with np.load(write(store, "npz", tmp_path / "out.npz", split=True), allow_pickle=False) as file:
        told = dict(file)
    assert {"x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "labels"} <= told.keys()
    found = []
    for part in ("train", "val", "test"):
        assert told[f"x_{part}"].shape[1:] == (28, 28)
        labels = told["labels"][told[f"y_{part}"]].tolist()
        found += [(label, x.tobytes()) for label, x in zip(labels, told[f"x_{part}"], strict=True)]
    assert sorted(found) == fields_of(store)
    groups = [set(told[f"groups_{part}"].tolist()) for part in ("train", "val", "test")]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


@pytest.mark.parametrize("name", ["folder", "coco"])
def test_pages_of_one_view_are_never_divided(tmp_path, name):
    """Taken twice in a row; by their own names these two would go to different parts."""
    store = CaptureStore(tmp_path / "captures")
    seed = next(seed for seed in range(99) if len({part_of(one, SPLIT) for one in twice(seed)}) == 2)
    for number, (capture, image) in enumerate(twice(seed).items()):
        reading = make_page(seed, "40712")[1]
        assert store.save(image, reading, f"{number}.jpg").capture == capture
    target = write(store, name, tmp_path / "out", split=True, labels=tuple("0123456789"))
    parts = {path.relative_to(target).parts[0 if name == "folder" else 1] for path in target.rglob("*.png")}
    assert len(parts) == 1


def twice(seed: int) -> dict[str, np.ndarray]:
    image = make_page(seed, "40712")[0]
    again = image.copy()
    again[1, 1] = 250
    return {capture_id(one): one for one in (image, again)}


@pytest.mark.train
def test_class_folders_by_keras(store, tmp_path):
    keras = pytest.importorskip("keras")
    target = write(store, "folder", tmp_path / "out", split=True)
    names = (target / "classes.txt").read_text(encoding="utf-8").splitlines()
    found = []
    for part in ("train", "val", "test"):
        data = keras.utils.image_dataset_from_directory(
            str(target / part), class_names=names, color_mode="grayscale", image_size=(28, 28), batch_size=None,
            interpolation="nearest", shuffle=False, verbose=False,
        )  # fmt: skip
        found += [(LABELS[int(index)], image.numpy().astype(np.uint8).tobytes()) for image, index in data]
    assert sorted(found) == fields_of(store)


def test_labelme_by_the_rules_of_its_reader(store, tmp_path):
    """What `labelme._label_file` of 6.3 checks. It was run on such files too, but needs 700 MB of Qt and models."""
    target = write(store, "labelme", tmp_path / "out")
    assert (target / "labels.txt").read_text(encoding="utf-8").splitlines() == list(LABELS)
    for path in target.glob("????????????????.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        assert {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"} <= told.keys()
        assert (path.parent / told["imagePath"]).is_file()
        shapes = [(one["label"], tuple(round(c) for point in one["points"] for c in point)) for one in told["shapes"]]
        assert sorted(shapes) == boxes_of(store)[path.stem]
        for shape in told["shapes"]:
            assert isinstance(shape["label"], str)
            assert all(len(point) == 2 for point in shape["points"])
            assert shape["shape_type"] == "rectangle"
            assert isinstance(shape["group_id"], int)
            assert (shape["mask"], shape["flags"], shape["description"]) == (None, {}, "")


def test_label_studio_by_its_documented_format(store, tmp_path):
    """As https://labelstud.io/guide/tasks.html has it: percent of the picture; predictions carry a score.

    label-studio-sdk 2.1 found such a configuration, tasks, annotations and predictions valid.
    """
    target = write(store, "labelstudio", tmp_path / "out")
    config = parse(target / "label_config.xml").getroot()
    assert (target / "label_config.xml").read_bytes().startswith(b"<View>")  # its SDK takes no declaration of encodings
    assert [one.get("value") for one in config.iter("Label")] == list(LABELS)
    control, image = config.find("RectangleLabels"), config.find("Image")
    assert control is not None
    assert image is not None
    truth = boxes_of(store)
    for task in json.loads((target / "tasks.json").read_text()):
        place = task["data"][image.get("value").removeprefix("$")].partition("?d=")[2]
        assert (target / place).is_file()
        found = []
        for group in (*task["annotations"], *task["predictions"]):
            for one in group["result"]:
                assert (one["type"], one["from_name"], one["to_name"]) == (
                    "rectanglelabels", control.get("name"), control.get("toName"),
                )  # fmt: skip
                value, size = one["value"], (one["original_width"], one["original_height"])
                x, w = (value[key] * size[0] / 100 for key in ("x", "width"))
                y, h = (value[key] * size[1] / 100 for key in ("y", "height"))
                found.append((value["rectanglelabels"][0], tuple(round(side) for side in (x, y, x + w, y + h))))
        assert sorted(found) == truth[Path(place).stem]
        assert [len(task["annotations"][0]["result"]), len(task["predictions"][0]["result"])] == [2, 2]
        assert 0 < task["predictions"][0]["score"] <= 1


def test_cvat_by_its_documented_format(store, tmp_path):
    """As https://docs.cvat.ai/docs/manual/advanced/formats/format-cvat/ has "CVAT for images 1.1".

    datumaro 1.13, which CVAT itself reads data sets with, read such a file.
    """
    target = write(store, "cvat", tmp_path / "out", split=True)
    root = parse(target / "annotations.xml").getroot()
    assert root.findtext("version") == "1.1"
    assert [one.findtext("name") for one in root.iterfind("meta/task/labels/label")] == list(LABELS)
    images = root.findall("image")
    assert [one.get("id") for one in images] == [str(number) for number in range(8)]
    for image in images:
        assert (target / "images" / image.get("name")).is_file()
        assert image.get("name").startswith(image.get("subset") + "/")
        found = [
            (box.get("label"), tuple(round(float(box.get(side))) for side in ("xtl", "ytl", "xbr", "ybr")))
            for box in image.iter("box")
        ]
        assert sorted(found) == boxes_of(store)[Path(image.get("name")).stem]
        assert {box.get("source") for box in image.iter("box")} == {"manual", "auto"}
