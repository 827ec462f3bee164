"""Files from other tools: recognised by what they hold; damaged or hostile ones refused in a sentence."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.data.captures import CaptureStore
from hdr.data.formats import FORMATS, ExportOptions, export_store, found, taking
from hdr.data.formats import table as table_format
from hdr.data.formats.recognizing import recognize
from hdr.data.importing import import_path
from hdr.errors import CaptureError
from hdr.geometry import Box


@pytest.fixture
def store(tmp_path) -> CaptureStore:
    return CaptureStore(tmp_path / "captures")


@pytest.fixture
def inside(tmp_path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def digits(count: int = 3) -> np.ndarray:
    """White on black, corners black."""
    fields = np.zeros((count, 28, 28), np.uint8)
    for index in range(count):
        fields[index, 4:24, 8 + index : 12 + index] = 200
    return fields


def picture(path: Path, size: tuple[int, int] = (60, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((size[1], size[0]), 255, np.uint8)
    image[10:30, 10:14] = 0
    image[10:30, 40:44] = 0
    Image.fromarray(image).save(path)
    return path


def write(root: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return root


def packed(array: np.ndarray) -> bytes:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def coco(**changes) -> dict[str, object]:
    told = {
        "images": [{"id": 3, "file_name": "a.png", "width": 60, "height": 40}],
        "categories": [{"id": 9, "name": "7"}, {"id": 4, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 3, "category_id": 9, "bbox": [8.2, 8.0, 8.1, 24]}],
    }
    return {**told, **changes}


def voc(box: str = "<xmin>9</xmin><ymin>9</ymin><xmax>16</xmax><ymax>32</ymax>", name: str = "<name>7</name>") -> str:
    size = "<size><width>60</width><height>40</height><depth>3</depth></size>"
    return f"<annotation><filename>a.png</filename>{size}<object>{name}<bndbox>{box}</bndbox></object></annotation>"


def labelme(**changes) -> dict[str, object]:
    shape = {"label": "7", "points": [[8, 8], [16, 32]], "shape_type": "rectangle", "flags": {}}
    told = {"version": "5", "flags": {}, "imagePath": "a.png", "imageData": None, "imageHeight": 40, "imageWidth": 60}
    return {**told, "shapes": [shape], **changes}


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npz_packed(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def spoilt(data: bytes) -> bytes:
    """With a hole in the packed data: the sizes are right, but nothing unpacks."""
    return data[:60] + b"\xff" * 8 + data[68:]


def csv_of(fields: np.ndarray, labels: str, *, header: bool = True) -> str:
    rows = [",".join([label, *map(str, field.ravel())]) for label, field in zip(labels, fields, strict=True)]
    return "\n".join([*(["label," + ",".join(f"pixel{n}" for n in range(784))] if header else []), *rows, ""])


THEIRS = {
    "coco": {"annotations/x.json": coco()},
    "voc": {"Annotations/a.xml": voc()},
    "yolo": {"data.yaml": "names:\n  0: '7'\n  1: cat\n", "labels/a.txt": "0 0.2 0.5 0.1333333 0.6\n"},
    "labelme": {"a.json": labelme()},
}


@pytest.mark.parametrize("name", THEIRS)
def test_what_other_programs_write_is_recognised_and_taken(store, inside, name):
    picture(inside / "images" / "a.png")
    write(inside, THEIRS[name])
    report = import_path(store, inside)
    assert (report.format, report.pages, report.added, report.problems) == (name, 1, 1, [])
    (one,) = store.crops()
    assert (one.label, one.by_person, one.origin.source) == ("7", True, "a.png")
    assert one.origin.box == Box(8, 8, 16, 32)
    assert one.pixels[2:22, 2:6].all()


@pytest.mark.parametrize("name", ["coco", "voc", "labelme", "yolo"])
def test_a_single_file_is_enough(store, inside, name):
    picture(inside / "images" / "a.png")
    write(inside, THEIRS[name])
    files = {"coco": "annotations/x.json", "voc": "Annotations/a.xml", "labelme": "a.json", "yolo": "data.yaml"}
    if name == "labelme":
        picture(inside / "a.png")
    assert import_path(store, inside / files[name]).added == 1


def test_yolo_in_its_other_ways(store, inside):
    """Names as a list, predictions with their confidence, polygons, a page without labels, labels beside."""
    picture(inside / "train" / "images" / "a.png")
    picture(inside / "b.png", (61, 40))
    picture(inside / "c.png", (62, 40))
    write(inside, {
        "data.yaml": "nc: 2\nnames: ['7', 'no']\n",
        "train/labels/a.txt": "0 0.2 0.5 0.1333333 0.6 0.93\n\n1 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5\n",
        "b.txt": "1.0 0.5 0.5 0.5 0.5\n",
    })  # fmt: skip
    report = import_path(store, inside)
    assert (report.format, report.pages, report.added, report.problems) == ("yolo", 3, 3, [])
    assert store.counts() == {"7": 1, "no": 2}


def test_yolo_with_the_plain_classes_of_label_tools(store, inside):
    picture(inside / "a.png")
    write(inside, {"classes.txt": "7\n^x\n", "a.txt": "1 0.5 0.5 0.5 0.5\n"})
    assert import_path(store, inside).format == "yolo"
    assert store.counts() == {"^x": 1}


def test_labelmes_other_shapes(store, inside):
    shapes = [
        {"label": "a", "points": [[1, 1], [9, 1], [9, 9], [1, 9]], "shape_type": "rectangle"},  # X-AnyLabeling's
        {"label": "b", "points": [[20, 5], [30, 5], [25, 15]], "shape_type": "polygon"},
        {"label": "c", "points": [[50, 20], [55, 20]], "shape_type": "circle"},
        {"label": "d", "points": [[5, 5]], "shape_type": "point"},
    ]
    data = base64.b64encode(picture(inside / "away" / "x.png").read_bytes()).decode()
    (inside / "away" / "x.png").unlink()
    write(inside, {"a.json": labelme(shapes=shapes, imageData=data)})
    assert import_path(store, inside / "a.json").problems == []
    boxes = {one.label: one.origin.box for one in store.crops()}
    assert boxes == {"a": Box(1, 1, 9, 9), "b": Box(20, 5, 30, 15), "c": Box(45, 15, 55, 25)}


def test_a_box_drawn_in_labelme_on_our_page_is_added(store, inside):
    picture(inside / "a.png")
    ours = {"number": 4, "row": 0, "predicted": "7", "confidence": 0.8, "by_person": False, "recorded": "7"}
    shapes = [{**labelme()["shapes"][0], "hdr": ours}, {**labelme()["shapes"][0], "points": [[38, 8], [46, 32]]}]
    stroke = {"points": [[1, float("inf")]], "width_px": 3, "erases": False}
    write(inside, {"a.json": labelme(shapes=shapes, hdr={"capture": "a.png", "strokes": [stroke]})})
    assert import_path(store, inside / "a.json").added == 2
    page = store.page(store.list()[0].id)
    assert [(one.number, one.by_person) for one in page.digits] == [(4, False), (5, True)]
    assert page.strokes == ()


KERAS = {
    "x_train": digits()[:2],
    "y_train": np.array([4, 0]),
    "x_test": digits()[2:, :, :, None],
    "y_test": np.array([4]),
}
CROPS = {
    "idx": {
        "t10k-images-idx3-ubyte": packed(digits()),
        "t10k-labels-idx1-ubyte.gz": gzip.compress(packed(np.array([4, 0, 4]))),
    },
    "npz": {"mnist.npz": npz(**KERAS)},
    "csv": {"train.csv": csv_of(digits(), "404")},
}


@pytest.mark.parametrize("name", CROPS)
def test_crops_of_other_programs_are_recognised_and_taken(store, inside, name):
    report = import_path(store, write(inside, CROPS[name]))
    assert (report.format, report.added, report.problems) == (name, 3, [])
    assert store.counts() == {"0": 1, "4": 2}
    assert sorted(one.pixels.tobytes() for one in store.crops()) == sorted(one.tobytes() for one in digits())


def test_a_table_without_a_header_and_with_dark_ink(store, inside):
    write(inside, {"a.csv": csv_of(255 - digits(), "404", header=False)})
    assert import_path(store, inside / "a.csv").added == 3
    assert sorted(one.pixels.tobytes() for one in store.crops()) == sorted(one.tobytes() for one in digits())


@pytest.mark.parametrize("wrapped", ["", "data", "a/b"])
def test_class_folders_of_any_kind(store, inside, wrapped):
    """In parts, with dark ink, in any script; hidden and macOS files are nothing, others are told."""
    for name, folder in (("train/7", "a"), ("train/手", "b"), ("test/7", "c"), ("test/_none", "d")):
        path = inside / wrapped / name / f"{folder}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - digits(4)["abcd".index(folder)]).save(path)
    write(inside / wrapped, {"train/7/broken.png": b"no", "train/7/.hidden.png": b"", "__MACOSX/7/._a.png": b""})
    report = import_path(store, inside)
    assert (report.format, report.added, len(report.problems)) == ("folder", 4, 1)
    assert "broken.png cannot be read as a crop" in str(report.problems[0])
    assert store.counts() == {"7": 2, "手": 1, "none": 1}
    assert all(one.pixels[0, 0] == 0 for one in store.crops())


@pytest.mark.parametrize(("label", "card", "expected"), [
    ("7", "", "7"),
    (1, "", "1"),
    (1, "---\ndataset_info:\n  features:\n  - name: label\n    dtype:\n      class_label:\n        names:\n"
        "          '0': zero\n          '1': ö\n---\n", "ö"),
    (1, "---\nconfigs: 3\n---\n", "1"),
    (1, "---\n{\n---\n", "1"),
])  # fmt: skip
def test_huggingface_labels_are_texts_or_numbers_of_declared_classes(store, inside, label, card, expected):
    Image.fromarray(255 - digits()[0]).save(inside / "a.png")
    write(inside, {"metadata.jsonl": {"file_name": "a.png", "label": label}, **({"README.md": card} if card else {})})
    report = import_path(store, inside)
    assert (report.format, report.problems, store.counts()) == ("huggingface", [], {expected: 1})
    assert np.array_equal(next(store.crops()).pixels, digits()[0])


PAGES_WITH_ONE_BAD = [
    ({"x.json": coco(images=[{"id": 3, "file_name": "a.png", "width": 9, "height": 9}])}, "for a picture of 9 x 9"),
    ({"x.json": coco(images=[{"id": 3, "file_name": "b.png"}])}, "There is no picture 'b.png'"),
    ({"x.json": coco(images=[{"id": 3, "file_name": "../../a.png\0"}])}, "There is no picture"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": 77, "bbox": [1, 1, 5, 5]}])}, "uses the category 77"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": [1], "bbox": [1, 1, 5, 5]}])}, "which has no name"),
    ({"x.json": coco(categories=[{"id": {}, "name": "7"}])}, "uses the category 9"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": 9, "bbox": [1, 1, 0, 5]}])}, "has the box"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": 9, "bbox": [1, 1, float("nan"), 5]}])}, "has the box"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": 9}])}, "has the box"),
    ({"x.json": coco(annotations=[{"image_id": 3, "category_id": 9, "bbox": [900, 1, 5, 5]}])}, "outside the picture"),
    ({"a.xml": voc(box="")}, "without a name or a box"),
    ({"a.xml": voc(name="")}, "without a name or a box"),
    ({"a.xml": voc(box=voc().partition("<bndbox>")[2].partition("</bndbox>")[0].replace("9", "x"))}, "without a name"),
    ({"a.xml": voc()[:-20]}, "is no XML, or cut off"),
    ({"a.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + voc(name="<name>&b;</name>")}, "defines entities"),
    ({"b.xml": voc().replace("a.png", "b.png")}, "There is no picture"),
    ({"a.json": labelme(shapes=[{"points": []}])}, "a shape without a label"),
    ({"a.json": labelme(shapes=[{"label": "7", "points": "x", "shape_type": "polygon"}])}, "a shape with the points"),
    ({"a.json": labelme(imagePath="b.png")}, "There is no picture"),
    ({"a.json": labelme(imagePath="b.png", imageData="x")}, "is damaged"),
    ({"a.json": labelme(imagePath="b.png", imageData="AAAA")}, "picture"),
    ({"a.json": labelme(hdr={"following": "x"})}, "is not a page's labelme file"),
    ({"a.json": labelme(), "b.json": "{"}, "is no JSON, or cut off"),
    ({"data.yaml": "names: ['7']", "a.txt": "1 0.5 0.5 0.5 0.5"}, "has a class 1, but only 1 are listed"),
    ({"data.yaml": "names: ['7']", "a.txt": "0 0.5 0.5"}, "A line is: class x y width height"),
    ({"data.yaml": "names: ['7']", "a.txt": "0 0.5 0.5 x 1"}, "A line is: class x y width height"),
    ({"data.yaml": "names: ['7']", "a.txt": "0.5 0.5 0.5 1 1"}, "A line is: class x y width height"),
    ({"data.yaml": "names: ['7']", "a.txt": "0 0.5 0.5 0 0"}, "has an empty box"),
    ({"data.yaml": "names: ['7']", "a.txt": "0 0.5 0.5 inf 1"}, "has an empty box"),
]


@pytest.mark.parametrize(("files", "says"), PAGES_WITH_ONE_BAD)
def test_a_page_that_is_wrong_is_told(store, inside, files, says):
    picture(inside / "a.png")
    report = import_path(store, write(inside, files))
    assert says in " ".join(map(str, report.problems))
    assert all(str(problem).endswith((".", "...")) for problem in report.problems)


def test_yolo_with_a_damaged_picture(store, inside):
    picture(inside / "a.png")
    (inside / "b.png").write_bytes(b"\x89PNG")
    report = import_path(store, write(inside, {"data.yaml": "names: ['7']", "a.txt": "0 0.5 0.5 0.5 0.5"}))
    assert (report.pages, report.added) == (1, 1)
    assert "b.png is not a picture" in str(report.problems[0])


def test_two_pictures_of_one_name(store, inside):
    picture(inside / "x" / "a.png")
    picture(inside / "y" / "a.png", (60, 41))
    write(inside, {"labels.json": coco()})
    assert "Several pictures are called 'a.png'" in str(import_path(store, inside).problems[0])
    write(inside, {"labels.json": coco(images=[{"id": 3, "file_name": "y\\a.png"}])})
    assert import_path(store, inside).problems == []


ROWS_WITH_ONE_BAD = [
    ({"a.csv": csv_of(digits(), "404") + "4,1,2,3\n"}, "Row 5 of", 3),
    ({"a.csv": csv_of(digits(), "404").replace(",200", ",256", 1)}, "is no digit of 28 x 28", 2),
    ({"a.csv": csv_of(digits(), "404") + "4" + ",x" * 784}, "is no digit of 28 x 28", 3),
    ({"metadata.jsonl": '{"file_name": "b.png", "label": "7"}'}, "There is no picture 'b.png'", 0),
    ({"metadata.jsonl": '{"file_name": "../a.png", "label": "7"}\n{"file_name": "a.png", "label": [1]}'}, "[1]", 1),
    ({"metadata.jsonl": '{"file_name": "a.png", "label": 2}', "classes.txt": "x\n"}, "the label 2", 0),
]


@pytest.mark.parametrize(("files", "says", "added"), ROWS_WITH_ONE_BAD)
def test_a_row_that_is_wrong_is_told_and_the_others_are_taken(store, inside, files, says, added):
    Image.fromarray(digits()[0]).save(inside / "a.png")
    report = import_path(store, write(inside, files))
    assert says in " ".join(map(str, report.problems))
    assert report.added == added


IMAGES, NAMES = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
WHOLE = [
    ({}, "holds nothing in a format that is known"),
    ({"a.txt": "x"}, "holds nothing in a format that is known"),
    ({"a.json": "{"}, "is no JSON, or cut off"),
    ({"a.json": "[" * 100_000}, "is no JSON"),
    ({"a.json": b"\xff\xfe"}, "is no UTF-8 text"),
    ({"a.csv": "a,b,c\n"}, "has 3 columns"),
    ({"a.csv": "x\n"}, "has 1 columns"),
    ({"a.csv": "number," + ",".join(f"pixel{n}" for n in range(784))}, "The first column is the label"),
    ({"a.csv": b"4,\xff\xff"}, "is no UTF-8 text"),
    ({"a.csv": "4," + "1" * 2_000_000}, "is no CSV table"),
    ({"a.csv": csv_of(digits(), "404").partition("\n")[0]}, "holds no crop and no page"),
    ({"a.npz": b"PK"}, "cannot be read as an .npz"),
    ({"a.npz": spoilt(npz_packed(x=digits(), y=np.array([4, 0, 4])))}, "cannot be read as an .npz"),
    ({"a.npz": npz(z=digits())}, "It needs x and y"),
    ({"a.npz": npz(x=digits(), y=np.array([4, 0]))}, "labels of shape"),
    ({"a.npz": npz(x=digits() / 255, y=np.array([4, 0, 4]))}, "pictures of type float64"),
    ({"a.npz": npz(x=digits(), y=np.array([4.0, 0, 4]))}, "Pictures are uint8"),
    ({"a.npz": npz(x=digits(), y=np.array([4, 0, 14]))}, "has a class 14, but only 10 are known"),
    ({"a.npz": npz(x=digits(), y=np.array([4, 0, -1]))}, "has a class -1"),
    ({"a.npz": npz(x=digits(), y=np.array([0, 0, 2]), labels=np.array(["a", "b"]))}, "only 2 are known: a, b"),
    ({"a.npz": npz(x=digits()[0], y=np.array([4, 0, 4]))}, "holds pictures of shape (28, 28)"),
    ({"a.npz": npz(x=np.zeros((1, 1, 2000), np.uint8), y=np.array([4]))}, "holds pictures of shape (1, 1, 2000)"),
    ({"a.npz": npz(x=np.array([{}]), y=np.array([4]))}, "cannot be read as an .npz"),
    ({IMAGES: packed(digits())}, "has no labels beside it"),
    ({IMAGES: packed(digits()), NAMES: packed(np.array([4, 0]))}, "Use the two files that belong together"),
    ({IMAGES: packed(digits())[:-1], NAMES: packed(np.array([4, 0, 4]))}, "says that it holds 2,352 bytes"),
    ({IMAGES: packed(digits())[:9], NAMES: packed(np.array([4, 0, 4]))}, "is no IDX file"),
    ({IMAGES: b"", NAMES: packed(np.array([4, 0, 4]))}, "is no IDX file"),
    ({IMAGES: struct.pack(">I3I", 2051, 2**32 - 1, 2**32 - 1, 28), NAMES: packed(np.array([4]))}, "says that it holds"),
    ({IMAGES: gzip.compress(packed(digits()))[:-12], NAMES: packed(np.array([4, 0, 4]))}, "is damaged or cut off"),
    ({IMAGES: packed(digits()), NAMES: packed(np.array([4, 0, 10]))}, "has a class 10"),
    ({"metadata.jsonl": '{"label": "7"}'}, "has no file_name and label"),
    ({"metadata.jsonl": '{"file_name": "a.png", "lab'}, "is no JSON, or cut off"),
    ({"x.json": coco(images=[3])}, "a list holds what is no object"),
    ({"x.json": coco(images=[{"id": [1], "file_name": "a.png"}])}, "lists a picture without an id"),
    ({"x.json": coco(annotations=[{"image_id": 5}])}, "labels a picture 5 that it does not list"),
    ({"data.yaml": "names: {1: a}", "a.txt": ""}, "lists no classes from 0 on"),
    ({"data.yaml": "names: {", "a.txt": ""}, "lists no classes from 0 on"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "says"), WHOLE)
def test_what_is_damaged_as_a_whole_is_refused_in_a_sentence(store, inside, files, says):
    if any(name.endswith(".txt") for name in files) and len(files) > 1:
        picture(inside / "a.png")
    with pytest.raises(CaptureError) as caught:
        import_path(store, write(inside, files))
    assert says in str(caught.value)
    assert not store.root.exists() or not store.counts()


@pytest.mark.parametrize(("name", "says"), [
    ("none.csv", "There is no file or folder"),
    ("a.png", "is a picture without labels"),
    ("a.doc", "is in no format that is known"),
    ("a.xml", "is in no format that is known"),
    ("a.json", "is in no format that is known"),
])  # fmt: skip
def test_single_files_that_are_none(inside, name, says):
    picture(inside / "a.png")
    write(inside, {"a.doc": "x", "a.xml": "<other/>", "a.json": "{}"})
    with pytest.raises(CaptureError, match=says):
        recognize(inside / name)


@pytest.mark.parametrize(("module", "says"), [
    ("folder", "has no class folders"),
    ("huggingface", "has no metadata.jsonl"),
    ("idx", "is no IDX file of images"),
    ("labelme", "holds no file of labelme's"),
    ("coco", "holds no COCO file"),
    ("voc", "holds no file of Pascal VOC's"),
    ("yolo", "has no list of its classes"),
])  # fmt: skip
def test_a_reader_that_is_given_nothing(inside, module, says):
    from importlib import import_module

    reader = import_module(f"hdr.data.formats.{module}")
    with pytest.raises(CaptureError, match=says):
        list(reader.read(inside, []))


def test_yolo_without_pictures(inside):
    from hdr.data.formats import yolo

    write(inside, {"data.yaml": "names: ['7']"})
    with pytest.raises(CaptureError, match="has no pictures"):
        list(yolo.read(inside, []))


def test_limits(store, inside, monkeypatch):
    write(
        inside,
        {"a.csv": csv_of(digits(), "404"), "b.json": "{}", IMAGES: packed(digits()), NAMES: packed(np.arange(3))},
    )
    with pytest.raises(CaptureError, match="has 2 bytes; 1 are allowed"):
        taking.read_text(inside / "b.json", 1)
    with pytest.raises(CaptureError, match="cannot be read"):
        taking.read_text(inside / "missing.json")
    with pytest.raises(CaptureError, match="unpacks to more than 9 bytes"):
        taking.read_gzip(inside / IMAGES, 9)
    monkeypatch.setattr(table_format, "MOST", 2)
    with pytest.raises(CaptureError, match="more than 2 rows"):
        import_path(store, inside / "a.csv")
    monkeypatch.setattr(table_format, "LARGEST_TEXT", 1)
    with pytest.raises(CaptureError, match="Divide it"):
        import_path(store, inside / "a.csv")


def test_links_are_not_followed(store, inside, tmp_path):
    picture(tmp_path / "secret" / "s.png")
    (inside / "7").symlink_to(tmp_path / "secret")
    (inside / "8").mkdir()
    (inside / "8" / "s.png").symlink_to(tmp_path / "secret" / "s.png")
    with pytest.raises(CaptureError, match="holds nothing"):
        import_path(store, inside)
    write(inside, {"x.json": coco(images=[{"id": 3, "file_name": "../secret/s.png"}])})
    assert "There is no picture" in str(import_path(store, inside).problems[0])


def test_a_file_that_may_not_be_read(store, inside, monkeypatch):
    write(inside, {"a.csv": "x"})

    def refuse(*_args, **_named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CaptureError, match=r"a\.csv cannot be read \(Permission denied\)"):
        import_path(store, inside / "a.csv")
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(CaptureError, match="cannot be read"):
        import_path(store, inside / "a.csv")


@pytest.mark.parametrize("told", ["x", None, -1, 1.5, True, 10**9, [], {}])
def test_facts_that_cannot_be_are_not_told(told):
    facts = dict.fromkeys(("number", "row", "predicted", "confidence", "capture", "page", "box", "writer"), told)
    digit = found.digit_of("7", Box(0, 0, 1, 1), facts)
    assert (digit.number, digit.row, digit.by_person) == (None, 0, True)
    assert 0 <= digit.confidence <= 1
    origin = found.origin_of(facts, "source")
    assert (origin.capture, origin.number, origin.box) == ("", 0, None)
    assert found.page_of(facts, "source", (1, 1), []).capture == ""


@pytest.mark.parametrize("label", ["a\0b", " a", "a ", "a  b", "a\nb", "\ufffe"])
@pytest.mark.parametrize("name", ["voc", "cvat", "labelstudio"])
def test_labels_that_xml_cannot_hold_are_refused(store, tmp_path, name, label):
    from capture_pages import make_page

    image, reading = make_page(1, "40", {1: label})
    store.save(image, reading)
    with pytest.raises(CaptureError, match="cannot stand in"):
        export_store(store, name, tmp_path / "out", ExportOptions(), [])
    assert not (tmp_path / "out").exists()


def test_exports_that_cannot_be(store, tmp_path):
    from capture_pages import make_page

    with pytest.raises(CaptureError, match="no page to export"):
        export_store(store, "coco", tmp_path / "out", ExportOptions(), [])
    image, reading = make_page(1, "40")
    store.save(image, reading)
    with pytest.raises(CaptureError, match="all crops have one size"):
        export_store(store, "idx", tmp_path / "out", ExportOptions(size_px=None), [])
    store.picture(store.list()[0].id).unlink()
    problems: list[CaptureError] = []
    with pytest.raises(CaptureError, match="no page to export"):
        export_store(store, "coco", tmp_path / "out", ExportOptions(), problems)
    assert "of a saved page is gone" in str(problems[0])
    assert all(one.reads or one.pages for one in FORMATS.values())
