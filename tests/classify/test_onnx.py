"""ONNX files: ours, foreign ones, and files made to attack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify import trial
from hdr.classify.card import ModelCard
from hdr.classify.loading import load_classifier
from hdr.classify.onnx_backend import ONNXModel
from hdr.errors import ModelError, ModelMismatchError, UnreadableModelError, UnsafeModelError
from hdr.vision.normalize import Crop

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402  (only where it is installed)


def graph(
    shape: tuple[int | str, ...] = ("batch", 28, 28, 1), white: float = 1.0, classes: int = 10, kind: int | None = None
) -> Any:
    """Flatten, one dense layer, a softmax: known weights, an input of any shape."""
    pixels = int(np.prod([one for one in shape[1:] if isinstance(one, int)]))
    weights = np.random.default_rng(1).normal(0, 1, (pixels, classes)).astype(np.float32) / white / 50
    nodes = [
        helper.make_node("Cast", ["picture"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["cast"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["odds"], axis=1),
    ]
    picture = helper.make_tensor_value_info("picture", kind or TensorProto.FLOAT, shape)
    odds = helper.make_tensor_value_info("odds", TensorProto.FLOAT, (shape[0], classes))
    made = helper.make_graph(nodes, "g", [picture], [odds], [numpy_helper.from_array(weights, "weights")])
    return helper.make_model(made, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


@pytest.fixture(autouse=True)
def no_child(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a test of the trial starts a process for it."""
    if "trial" not in request.node.name:
        monkeypatch.setattr(trial, "try_onnx", lambda model, where: None)


def save(model: Any, folder: Path, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize(
    "shape", [("n", 28, 28, 1), (1, 28, 28, 1), (4, 28, 28), (1, 784), ("n", 1, 28, 28), ("n", 3, 28, 28)]
)
def test_every_usual_input_is_fed_as_it_wants(
    tmp_path: Path, bar: Crop, ring: Crop, shape: tuple[int | str, ...]
) -> None:
    classifier = load_classifier(save(graph(shape), tmp_path))
    told = classifier.classify([bar, ring, bar, ring, bar])
    assert len(told) == 5
    assert classifier.card == ModelCard("m", input_max=1, channels=3 if 3 in shape else 1)
    assert np.allclose(told[0].probabilities, told[4].probabilities, atol=1e-6)
    assert np.allclose(told[1].probabilities, classifier.classify([ring])[0].probabilities, atol=1e-6)
    assert classifier.classify([]) == []


@pytest.mark.parametrize("kind", ["FLOAT", "FLOAT16", "DOUBLE", "UINT8", "INT8"])
def test_every_usual_number_is_fed(tmp_path: Path, ring: Crop, kind: str) -> None:
    model = graph(kind=getattr(TensorProto, kind), white=255.0 if "INT" in kind else 1.0)
    assert load_classifier(save(model, tmp_path)).classify([ring])[0].probabilities.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", ["INT64", "STRING"])
def test_numbers_that_hold_no_picture_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ModelError):
        load_classifier(save(graph(kind=getattr(TensorProto, kind)), tmp_path))


def test_channels_first_are_the_picture_and_not_its_transpose(tmp_path: Path, bar: Crop) -> None:
    one, other = (load_classifier(save(graph(s), tmp_path)) for s in (("n", 1, 28, 28), ("n", 28, 28, 1)))
    assert np.allclose(one.classify([bar])[0].probabilities, other.classify([bar])[0].probabilities, atol=1e-6)


def test_labels_are_asked_for_where_the_outputs_do_not_tell(tmp_path: Path, bar: Crop) -> None:
    path = save(graph(classes=3), tmp_path)
    with pytest.raises(ModelMismatchError, match="3 outputs") as caught:
        load_classifier(path)
    assert "--labels" in caught.value.hint
    assert load_classifier(path, labels=["a", "b", "c"]).classify([bar])[0].labels == ("a", "b", "c")
    with pytest.raises(ModelMismatchError, match="outputs 3; the labels given say 2"):
        load_classifier(path, labels=["a", "b"])


def test_a_shape_that_tells_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatchError, match="takes samples of shape"):
        load_classifier(save(graph(("n", "high", "wide", 1)), tmp_path))


def test_attack_by_weights_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(784 * 10 * 4))
    model = graph()
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../secret")
    with pytest.raises(UnsafeModelError, match="'weights' kept in another file"):
        load_classifier(save(model, tmp_path))


def test_attack_by_a_constant_in_another_file(tmp_path: Path) -> None:
    model = graph()
    constant = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.zeros(3, np.float32), "c"))
    constant.attribute[0].t.external_data.add(key="location", value="/etc/passwd")
    model.graph.node.append(constant)
    with pytest.raises(UnsafeModelError, match="kept in another file"):
        load_classifier(save(model, tmp_path))


def test_attack_by_a_sparse_constant_in_another_file(tmp_path: Path) -> None:
    model = graph()
    sparse = model.graph.sparse_initializer.add()
    sparse.values.external_data.add(key="location", value="/etc/passwd")
    with pytest.raises(UnsafeModelError, match="kept in another file"):
        load_classifier(save(model, tmp_path))


def test_attack_by_a_library_of_operations(tmp_path: Path) -> None:
    model = graph()
    model.graph.node[3].domain = "com.evil"
    with pytest.raises(UnsafeModelError, match=r"'Softmax' of 'com\.evil'"):
        load_classifier(save(model, tmp_path))


def test_attack_by_a_loop_without_end(tmp_path: Path) -> None:
    model = graph()
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["never"], body=body))
    with pytest.raises(UnsafeModelError, match="a loop or a branch, 'Loop'"):
        load_classifier(save(model, tmp_path))


def test_attack_by_functions(tmp_path: Path) -> None:
    model = graph()
    model.functions.add(name="f")
    with pytest.raises(UnsafeModelError, match="functions of its own"):
        load_classifier(save(model, tmp_path))


def test_attack_by_a_graph_that_goes_round(tmp_path: Path) -> None:
    model = graph()
    model.graph.node[0].input[0] = "odds"
    with pytest.raises(UnreadableModelError, match="ONNX Runtime cannot run"):
        load_classifier(save(model, tmp_path))


def test_attack_by_huge_weights_that_are_not_there(tmp_path: Path) -> None:
    model = graph()
    model.graph.initializer[0].dims[:] = [1 << 40, 10]
    with pytest.raises(UnreadableModelError, match="ONNX Runtime cannot run"):
        load_classifier(save(model, tmp_path))


@pytest.mark.parametrize("numbers", [1 << 40, 1 << 32])  # the second, 16 GB, may well be there without a limit
def test_attack_by_a_result_that_fills_the_memory_fails_in_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: int
) -> None:
    def opened(*args: object) -> None:
        pytest.fail("our own process opened it")

    monkeypatch.setattr("hdr.classify.onnx_backend._session", opened)
    model = graph()
    size = numpy_helper.from_array(np.array([numbers], np.int64), "size")
    model.graph.initializer.append(size)
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"]),
        helper.make_node("Add", ["scores", "sum"], ["more"]),
    ]
    for at, node in enumerate(nodes):
        model.graph.node.insert(3 + at, node)
    model.graph.node[-1].input[0] = "more"
    with pytest.raises(UnreadableModelError, match=r"tried in a process of its own|cannot run .*m\.onnx"):
        load_classifier(save(model, tmp_path))


def test_the_trial_lets_a_whole_model_pass(tmp_path: Path, bar: Crop) -> None:
    assert load_classifier(save(graph(), tmp_path)).classify([bar])


@pytest.mark.parametrize("content", [b"", b"a text that is no model", b"\x80\x04\x95 pickle", bytes(300)])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "attack.onnx"
    path.write_bytes(content)
    with pytest.raises(UnreadableModelError, match=r"attack\.onnx"):
        load_classifier(path)


def test_a_model_cut_off_or_damaged_is_refused_or_runs(tmp_path: Path) -> None:
    whole = graph().SerializeToString()
    for share in (0.01, 0.5, 0.95):
        with pytest.raises(UnreadableModelError):
            ONNXModel(whole[: int(len(whole) * share)])


def test_a_model_that_is_refused_prints_nothing_among_the_results(capfd: pytest.CaptureFixture[str]) -> None:
    model = graph()
    model.graph.node[3].op_type = "NoSuchOperation"
    with pytest.raises(UnreadableModelError, match="cannot run"):
        ONNXModel(model.SerializeToString())
    model = graph()
    model.graph.node[3].name = "n"
    with pytest.raises(UnreadableModelError):
        ONNXModel(model.SerializeToString().replace(b"Softmax", b"\xff\xffftmax"))
    assert capfd.readouterr() == ("", "")


def test_two_outputs_are_no_classifier(tmp_path: Path) -> None:
    model = graph()
    model.graph.output.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, ("batch", 10)))
    with pytest.raises(UnreadableModelError, match="1 inputs and 2 outputs"):
        load_classifier(save(model, tmp_path))


def test_a_batch_of_another_shape_is_a_sentence() -> None:
    model = ONNXModel(graph().SerializeToString())
    assert model(np.zeros((0, 28, 28, 1), np.float32)).shape == (0, 10)
    with pytest.raises(UnreadableModelError, match="cannot run"):
        model(np.zeros((2, 9, 9, 1), np.float32))


def test_without_onnx_runtime_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(graph(), tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match="not installed") as caught:
        load_classifier(path)
    assert 'pip install ".[onnx]"' in caught.value.hint


def test_a_read_without_an_onnx_file_loads_nothing_of_it() -> None:
    code = (
        "import sys; from hdr.classify.loading import load_classifier; load_classifier(); "
        "print([one for one in ('onnx', 'onnxruntime', 'tensorflow', 'h5py') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
