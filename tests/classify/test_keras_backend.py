"""Attack files and broken files: refused before Keras sees them, and nothing of them is ever run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hdr.classify import files, keras_check, trial
from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import load_keras_model, require_keras
from hdr.classify.keras_check import check_config
from hdr.classify.loading import load_classifier
from hdr.errors import ModelError, ModelMismatchError, UnreadableModelError, UnsafeModelError
from hdr.vision.normalize import Crop

pytestmark = pytest.mark.train


@pytest.fixture(autouse=True)
def never_loaded(request: pytest.FixtureRequest, keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a test of an attack Keras must not even be asked."""
    if "attack" in request.node.name:

        def loaded(*args: object, **more: object) -> None:
            pytest.fail("Keras was given the file")

        monkeypatch.setattr(keras.models, "load_model", loaded)


def _lambda(keras: Any) -> Any:
    return keras.layers.Lambda(lambda x: x, output_shape=(10,))


def _plain(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10), _lambda(keras)])


def _functional(keras: Any) -> Any:
    layers = keras.layers
    picture = layers.Input((28, 28, 1))
    return keras.Model(picture, _lambda(keras)(layers.Dense(10)(layers.Flatten()(picture))))


def _nested(keras: Any) -> Any:
    layers = keras.layers
    inner = keras.Sequential([layers.Input((784,)), layers.Dense(10), _lambda(keras)])
    outer = keras.Sequential([inner])
    return keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), outer])


def _wrapped(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [layers.Input((28, 28)), layers.TimeDistributed(_lambda(keras)), layers.Flatten(), layers.Dense(10)]
    )


def _custom(keras: Any) -> Any:
    @keras.saving.register_keras_serializable(package="evil")
    class Custom(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x

    return keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), Custom(), keras.layers.Dense(10)])


@pytest.mark.filterwarnings("ignore")  # saving such a model as .h5 warns that this is out of fashion
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("build", [_plain, _functional, _nested, _wrapped, _custom])
def test_attack_by_a_layer_that_carries_code(
    keras: Any, tmp_path: Path, build: Callable[[Any], Any], ending: str
) -> None:
    path = tmp_path / f"attack.{ending}"
    build(keras).save(path)
    with pytest.raises(UnsafeModelError, match="was not opened") as caught:
        load_classifier(path)
    assert "attack" in str(caught.value)
    assert caught.value.hint


def _member(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = change(members.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in members.items():
            archive.writestr(one, content)


def _first_dense(config: dict[str, Any]) -> dict[str, Any]:
    layer: dict[str, Any] = next(one for one in config["config"]["layers"] if one["class_name"] == "Dense")
    return layer


@pytest.mark.parametrize(
    "change",
    [
        {"module": "os", "class_name": "system"},
        {"module": "keras.utils", "class_name": "get_file"},
        {"class_name": "Dense", "module": "evil.layers"},
        {"class_name": "TFSMLayer"},
        {"class_name": "StringLookup"},
        {"class_name": ["Dense"]},
        {"registered_name": "evil>Dense"},
        {"module": 7},
    ],
)
def test_attack_by_a_name_in_the_configuration(zoo: Any, change: dict[str, Any]) -> None:
    path = zoo.save(zoo.model(), "attack.keras")

    def edit(content: bytes) -> bytes:
        config = json.loads(content)
        _first_dense(config).update(change)
        return json.dumps(config).encode()

    _member(path, "config.json", edit)
    with pytest.raises(UnsafeModelError, match="was not opened"):
        load_classifier(path)


@pytest.mark.parametrize(
    "activation",
    [
        {"class_name": "function", "module": "os", "config": "system", "registered_name": "function"},
        {"class_name": "__lambda__", "config": {"value": "bytecode"}},
        {"module": "builtins", "class_name": "eval", "config": "1"},
    ],
)
def test_attack_by_an_activation(zoo: Any, activation: dict[str, Any]) -> None:
    path = zoo.save(zoo.model(), "attack.keras")

    def edit(content: bytes) -> bytes:
        config = json.loads(content)
        _first_dense(config)["config"]["activation"] = activation
        return json.dumps(config).encode()

    _member(path, "config.json", edit)
    with pytest.raises(UnsafeModelError):
        load_classifier(path)


class Boom:
    ran = False

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return _boom, ("ran",)


def _boom(_: str) -> None:
    Boom.ran = True


@pytest.mark.parametrize("ending", ["keras", "h5", "hdf5"])
@pytest.mark.parametrize(
    "content", [b"", b"a text", pickle.dumps(Boom()), b"PK\x03\x04" + bytes(40), b"\x89HDF\r\n\x1a\n" + bytes(99)]
)
def test_attack_or_accident_by_a_file_of_another_kind(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"attack.{ending}"
    path.write_bytes(content)
    with pytest.raises(UnreadableModelError, match="attack"):
        load_classifier(path)
    assert not Boom.ran


def test_attack_by_another_file_in_the_archive(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    _member(path, "../../evil.py", lambda _: b"import os")
    with pytest.raises(UnsafeModelError, match="evil"):
        load_classifier(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_attack_by_two_members_of_one_name(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(UnsafeModelError, match="two members of one name"):
        load_classifier(path)


def test_attack_by_a_bomb(zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    _member(path, "config.json", lambda content: content + b" " * (17 << 20))
    assert path.stat().st_size < 200_000
    with pytest.raises(UnreadableModelError, match="unpacks to"):
        load_classifier(path)
    monkeypatch.setattr(files, "LARGEST_BYTES", 10)
    with pytest.raises(UnreadableModelError, match="The limit is 10"):
        load_classifier(path)


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_attack_by_a_member_that_is_unpacked_all_at_once(zoo: Any, way: int) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(path, "w", way) as archive:
        for one, content in members.items():
            archive.writestr(one, content)
    with pytest.raises(UnreadableModelError, match="not read here"):
        load_classifier(path)


def test_attack_by_a_member_longer_than_the_archive_says(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    _member(path, "config.json", lambda content: content + b" " * (4 << 20))
    content = bytearray(path.read_bytes())
    told = content.index(b"PK\x01\x02", content.rindex(b"config.json") - 46) + 24
    content[told : told + 4] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(UnreadableModelError, match="CRC"):
        load_classifier(path)


def test_what_keras_is_given_is_what_was_looked_at(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "m.keras")
    _member(path, "metadata.json", lambda _: b"not even JSON")
    with zipfile.ZipFile(io.BytesIO(keras_check.check_keras(path.read_bytes(), "m")[1])) as archive:
        assert {one.filename: one.compress_type for one in archive.infolist()}.keys() == keras_check._MEMBERS
        assert "compile_config" not in json.loads(archive.read("config.json"))
        assert archive.read("metadata.json") == b"{}"


def test_attack_by_a_function_among_the_arguments_of_a_layer() -> None:
    layer = {"class_name": "Dense", "config": {"function": ["bytecode", None, None]}}
    with pytest.raises(UnsafeModelError, match="a function"):
        check_config({"class_name": "Sequential", "config": {"layers": [layer]}}, "m")


@pytest.mark.filterwarnings("ignore")
def test_attack_by_a_configuration_that_fills_the_memory(zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zoo.save(zoo.model(), "attack.h5")
    monkeypatch.setattr(keras_check, "_LARGEST_CONFIG", 100)
    with pytest.raises(UnreadableModelError, match="too large"):
        load_classifier(path)


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_h5_is_checked_or_refused_in_words(zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_SECONDS", 3)
    whole = zoo.save(zoo.model(), "m.h5").read_bytes()
    refused = 0
    for seed in range(24):
        rng, damaged = np.random.default_rng(seed), bytearray(whole)
        for at in rng.integers(8, 12_000, 12):
            damaged[at] = int(rng.integers(0, 256))
        try:
            keras_check.check_h5(bytes(damaged), "m.h5")
        except ModelError:
            refused += 1
    assert refused


@pytest.mark.parametrize("end", ["os._exit(11)", "__import__('time').sleep(60)"])
@pytest.mark.filterwarnings("ignore")
def test_a_file_on_which_the_library_of_hdf5_never_ends_is_refused(
    zoo: Any, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    path = zoo.save(zoo.model(), "endless.h5")
    monkeypatch.setattr(keras_check, "_TRIED", set())
    monkeypatch.setattr(trial, "_START", f"import os; {end}")
    monkeypatch.setattr(trial, "_SECONDS", 1)
    with pytest.raises(UnreadableModelError, match=r"failed there: it (ended with code|did not answer)"):
        load_classifier(path)


@pytest.mark.filterwarnings("ignore")
def test_a_file_is_tried_once(zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, tried = zoo.save(zoo.model(), "m.h5").read_bytes(), []
    monkeypatch.setattr(keras_check, "_TRIED", set())
    monkeypatch.setattr(trial, "try_hdf5", lambda data, where: tried.append(where))
    for name in ("first", "second"):
        keras_check.check_h5(whole, name)
    assert tried == ["first"]


def test_the_trial_follows_no_link_and_ends_where_groups_hold_each_other(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["a"] = "b"
        file["weights"] = np.zeros(3)
        file["group"] = h5py.ExternalLink(str(tmp_path / "elsewhere.h5"), "/")
        inner = file.create_group("inner")
        inner["outer"] = file["/"]
    trial.try_hdf5((tmp_path / "m.h5").read_bytes(), "m.h5")


def test_attack_by_depth() -> None:
    deep: Any = {}
    for _ in range(100):
        deep = {"config": deep}
    with pytest.raises(UnreadableModelError, match="nested too deeply"):
        check_config({"class_name": "Sequential", "config": deep}, "m")


def test_attack_by_json_so_deep_that_it_cannot_be_parsed(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    _member(path, "config.json", lambda _: b"[" * 500_000)
    with pytest.raises(UnreadableModelError, match=r"no JSON|nested too deeply"):
        load_classifier(path)


def _weights(path: Path, change: Callable[[Any], None]) -> None:
    import h5py

    def edit(content: bytes) -> bytes:
        file = io.BytesIO(content)
        with h5py.File(file, "r+") as weights:
            change(weights)
        return file.getvalue()

    _member(path, "model.weights.h5", edit)


def test_attack_by_a_link_to_another_file(zoo: Any, tmp_path: Path) -> None:
    import h5py

    def link(file: Any) -> None:
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")

    path = zoo.save(zoo.model(), "attack.keras")
    _weights(path, link)
    with pytest.raises(UnsafeModelError, match="link 'elsewhere'"):
        load_classifier(path)


def test_attack_by_data_kept_in_another_file(zoo: Any, tmp_path: Path) -> None:
    def outside(file: Any) -> None:
        file.create_dataset("secret", (4,), "u1", external=[(str(tmp_path / "secret"), 0, 4)])

    path = zoo.save(zoo.model(), "attack.keras")
    _weights(path, outside)
    with pytest.raises(UnsafeModelError, match="kept in another file"):
        load_classifier(path)


def test_attack_by_weights_that_fill_the_memory(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "attack.keras")
    _weights(path, lambda file: file.create_dataset("huge", (1 << 40,), "u1", chunks=(1 << 20,)))
    with pytest.raises(UnreadableModelError, match="too large"):
        load_classifier(path)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_model_cut_off_is_refused(zoo: Any, ending: str) -> None:
    path = zoo.save(zoo.model(), f"cut.{ending}")
    whole = path.read_bytes()
    for share in (0.01, 0.5, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableModelError, match="cut"):
            load_classifier(path)


@pytest.mark.filterwarnings("ignore")
def test_h5_gives_what_keras_gives(zoo: Any, bar: Crop, ring: Crop) -> None:
    model = zoo.model()
    a = load_classifier(zoo.save(model, "m.h5")).classify([bar, ring])
    b = load_classifier(zoo.save(model, "m.keras")).classify([bar, ring])
    assert np.allclose([p.probabilities for p in a], [p.probabilities for p in b], atol=1e-6)
    assert load_classifier(zoo.folder / "m.h5").classify([]) == []


def test_every_layer_that_calculates_passes(zoo: Any) -> None:
    layers = zoo.keras.layers
    picture = layers.Input((28, 28, 1), dtype="uint8")
    x = layers.Normalization(mean=33.0, variance=6000.0)(layers.RandomRotation(0.1)(picture))
    x = layers.SeparableConv2D(4, 3, activation="relu", depthwise_regularizer="l2", pointwise_constraint="max_norm")(x)
    x = layers.Add()([layers.LeakyReLU()(x), layers.Dropout(0.1)(layers.BatchNormalization()(x))])
    x = layers.TimeDistributed(layers.LSTM(3))(x)
    inner = zoo.keras.Sequential([layers.Input((26, 3)), layers.Bidirectional(layers.GRU(4)), layers.Dense(10)])
    path = zoo.save(zoo.keras.Model(picture, layers.Softmax()(inner(x))), "many.keras")
    assert load_classifier(path).card.input_size == 28


def test_weights_alone_are_no_model(zoo: Any) -> None:
    path = zoo.folder / "only.weights.h5"
    zoo.model().save_weights(path)
    with pytest.raises(UnreadableModelError, match="weights only"):
        load_classifier(path)


def test_a_configuration_that_keras_cannot_build_is_a_sentence(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "odd.keras")

    def edit(content: bytes) -> bytes:
        config = json.loads(content)
        _first_dense(config)["config"]["units"] = -4
        return json.dumps(config).encode()

    _member(path, "config.json", edit)
    with pytest.raises(UnreadableModelError, match=r"cannot load .*odd\.keras"):
        load_keras_model(path)


@pytest.mark.parametrize("config", [None, [], {}, {"class_name": "Dense"}, {"class_name": "Lambda"}])
def test_a_configuration_of_no_model_is_refused(config: Any) -> None:
    with pytest.raises(UnreadableModelError, match="no model's"):
        check_config(config, "m")


def test_a_card_of_other_labels_is_a_mismatch(zoo: Any) -> None:
    path = zoo.save(zoo.model(), "model.keras")
    (zoo.folder / "card.json").write_text(ModelCard("m", input_size=32).to_json())
    with pytest.raises(ModelMismatchError, match="input size 28; its card says 32"):
        load_classifier(path)


def test_without_tensorflow_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ModelError) as caught:
        require_keras()
    assert caught.value.hint == 'Install it, in the folder of hdr: pip install ".[train]"'


def test_a_file_that_may_not_be_read_is_named(zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zoo.save(zoo.model(), "closed.keras")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableModelError, match="Permission denied"):
        load_classifier(path)


def test_the_lists_name_nothing_that_carries_code() -> None:
    assert not keras_check.LAYERS & {"Lambda", "TFSMLayer", "StringLookup", "TextVectorization", "TorchModuleWrapper"}
