from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import ai_edge_litert
import numpy as np
import pytest

from hdr.classify import litert
from hdr.classify.card import ModelCard
from hdr.classify.litert import LiteRTClassifier, TFLiteModel
from hdr.classify.loading import load_classifier
from hdr.classify.shapes import ModelFacts, check_shapes, probe_pictures
from hdr.classify.tflite_check import rescales
from hdr.errors import ModelMismatchError, UnreadableModelError
from hdr.geometry import Box
from hdr.vision.normalize import Crop
from hdr.workspace import shipped_models

DEFAULT = shipped_models() / "default" / "model.tflite"


def test_the_shipped_model_reads_a_bar_and_a_ring(bar: Crop, ring: Crop) -> None:
    one, nought = load_classifier().classify([bar, ring])
    assert (one.label, nought.label) == ("1", "0")
    assert one.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_page_without_digits_costs_nothing() -> None:
    assert load_classifier().classify([]) == []


def test_a_batch_answers_as_one_by_one_whatever_its_size(
    bar: Crop, ring: Crop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litert, "_BATCH", 3)
    classifier = load_classifier()
    alone = {id(crop): classifier.classify([crop])[0].probabilities for crop in (bar, ring)}
    for page in ([bar] * 7, [ring, bar], [bar, ring] * 3):
        for crop, got in zip(page, classifier.classify(page), strict=True):
            assert np.allclose(got.probabilities, alone[id(crop)], atol=1e-5)


def test_two_threads_may_share_a_classifier(bar: Crop, ring: Crop) -> None:
    classifier, wrong = load_classifier(), []

    def read(crop: Crop, label: str, count: int) -> None:
        for _ in range(30):
            wrong.extend(p.label for p in classifier.classify([crop] * count) if p.label != label)

    threads = [threading.Thread(target=read, args=args) for args in ((bar, "1", 3), (ring, "0", 5))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"no model at all, only text", "lacks the mark TFL3"),
        (b"\xff\xff\xff\x7fTFL3 far beyond its end", "cut off or damaged"),
        (b"\x1c\x00\x00\x00TFL3" + bytes(range(64)), "LiteRT cannot run|damaged"),
    ],
)
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(content)
    with pytest.raises(UnreadableModelError, match=what) as caught:
        load_classifier(path)
    assert "mine.tflite" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("seed", range(25))
def test_random_bytes_behind_the_right_mark_are_refused_and_nothing_crashes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    junk = DEFAULT.read_bytes()[:8] + rng.bytes(int(rng.integers(1, 3000)))
    with pytest.raises(UnreadableModelError):
        TFLiteModel(junk)


def test_outputs_that_are_not_one_row_a_sample_are_refused() -> None:
    model = TFLiteModel(DEFAULT.read_bytes())
    model._output = {**model._output, "shape": np.array([1, 12])}
    with pytest.raises(UnreadableModelError, match="gave outputs of shape"):
        model(np.zeros((1, 28, 28, 1), np.uint8))


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_a_model_cut_off_is_refused(share: float) -> None:
    whole = DEFAULT.read_bytes()
    with pytest.raises(UnreadableModelError):
        TFLiteModel(whole[: int(len(whole) * share)])


def test_a_card_of_other_labels_is_a_mismatch() -> None:
    model = TFLiteModel(DEFAULT.read_bytes())
    with pytest.raises(ModelMismatchError, match="outputs 11; its card says 3"):
        LiteRTClassifier(model, ModelCard("m", labels=("a", "b", "c")))
    with pytest.raises(ModelMismatchError, match="input size 28; its card says 32"):
        LiteRTClassifier(model, ModelCard("m", (*"0123456789", "none"), input_size=32))


def test_a_batch_of_another_shape_is_a_sentence() -> None:
    with pytest.raises(UnreadableModelError, match="LiteRT cannot run"):
        TFLiteModel(DEFAULT.read_bytes())(np.zeros((2, 9, 9, 1), np.uint8))


# The converter hides the rescaling of flat floats in the weights: a test of its own, below, is about that.
USUAL = [
    (shape, dtype, scale)
    for shape in [(28, 28, 1), (28, 28), (784,), (20, 20, 3)]
    for dtype, scale in [("uint8", 1 / 255), ("float32", 1 / 255), ("float32", None)]
    if not (shape == (784,) and dtype == "float32" and scale)
]


@pytest.mark.train
class TestForeign:
    """Files that somebody else made, without a card."""

    @pytest.mark.parametrize(("shape", "dtype", "scale"), USUAL)
    def test_every_usual_input_gives_what_keras_gives(
        self, zoo: Any, bar: Crop, ring: Crop, shape: tuple[int, ...], dtype: str, scale: float | None
    ) -> None:
        model = zoo.model(shape, dtype, scale=scale)
        light = load_classifier(zoo.save(model, "foreign.tflite"))
        heavy = load_classifier(zoo.save(model, "foreign.keras"))
        assert light.card.labels == tuple("0123456789")
        assert light.card.name == "foreign"
        for a, b in zip(light.classify([bar, ring]), heavy.classify([bar, ring]), strict=True):
            assert np.allclose(a.probabilities, b.probabilities, atol=1e-5)
            assert a.confidence < 0.9  # an untrained model fed 255 where it wants 1 would be sure of itself

    @pytest.mark.parametrize("white", [1.0, 255.0])
    def test_the_range_of_a_model_that_does_not_tell_is_found_by_asking_it(self, zoo: Any, white: float) -> None:
        kind = check_shapes("m", ModelFacts((784,), np.dtype(np.float32), 10), None)
        prints = probe_pictures(kind).reshape(10, 784).astype(np.float32) / 255
        templates = prints - prints.mean(axis=0)
        layers = zoo.keras.layers
        picture = layers.Input((784,))
        dense = layers.Dense(10, activation="softmax")
        model = zoo.keras.Model(picture, dense(picture))
        # Too weak an input leaves only the bias, which says 0 to everything.
        dense.set_weights([templates.T / white, np.where(np.arange(10) == 0, 3.0, 0.0)])
        crops = [Crop(one.reshape(28, 28), Box(0, 0, 28, 28)) for one in (prints * 255).astype(np.uint8)]
        told = [p.label for p in load_classifier(zoo.save(model, "quiet.tflite")).classify(crops)]
        assert told == list("0123456789")

    def test_a_litert_without_its_schema_tells_nothing_of_the_range(
        self, zoo: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = zoo.save(zoo.model((28, 28, 1), "float32"), "rescales.tflite")
        assert rescales(path.read_bytes())
        monkeypatch.setitem(sys.modules, "ai_edge_litert.schema_py_generated", None)
        monkeypatch.delattr(ai_edge_litert, "schema_py_generated", raising=False)
        assert not rescales(path.read_bytes())

    def test_a_model_fixed_to_one_sample_is_asked_one_by_one(self, zoo: Any, bar: Crop, ring: Crop) -> None:
        layers = zoo.keras.layers
        picture = layers.Input((28, 28, 1), batch_size=1)
        output = layers.Dense(10, activation="softmax")(layers.Flatten()(picture))
        fixed = load_classifier(zoo.save(zoo.keras.Model(picture, output), "fixed.tflite"))
        both = fixed.classify([bar, ring, bar])
        assert np.allclose(both[0].probabilities, both[2].probabilities)
        assert np.allclose(both[1].probabilities, fixed.classify([ring])[0].probabilities)

    def test_a_model_that_would_mix_its_samples_is_asked_one_by_one(self, zoo: Any, bar: Crop, ring: Crop) -> None:
        layers = zoo.keras.layers
        picture = layers.Input((28, 28, 1), batch_size=1)
        mixed = zoo.keras.ops.mean(layers.Flatten()(picture), axis=0, keepdims=True)
        path = zoo.save(zoo.keras.Model(picture, layers.Dense(10, activation="softmax")(mixed)), "mixed.tflite")
        both = load_classifier(path).classify([bar, ring])
        assert np.allclose(both[1].probabilities, load_classifier(path).classify([ring])[0].probabilities)
        assert not np.allclose(both[0].probabilities, both[1].probabilities)

    @pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
    def test_int8_in_and_out_keeps_the_labels(self, zoo: Any, bar: Crop, ring: Crop) -> None:
        import tensorflow as tf

        model = zoo.model((28, 28, 1), "float32", scale=None)
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        rng = np.random.default_rng(0)
        converter.representative_dataset = lambda: ([rng.random((1, 28, 28, 1), np.float32)] for _ in range(20))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        path = zoo.folder / "int8.tflite"
        path.write_bytes(converter.convert())
        heavy = load_classifier(zoo.save(model, "float.keras")).classify([bar, ring])
        for a, b in zip(load_classifier(path).classify([bar, ring]), heavy, strict=True):
            assert np.allclose(a.probabilities, b.probabilities, atol=0.05)

    def test_outputs_that_nobody_named_are_refused(self, zoo: Any) -> None:
        with pytest.raises(ModelMismatchError, match="26 outputs"):
            load_classifier(zoo.save(zoo.model(classes=26), "letters.tflite"))

    def test_two_inputs_are_no_classifier(self, zoo: Any) -> None:
        layers = zoo.keras.layers
        a, b = layers.Input((28, 28, 1)), layers.Input((28, 28, 1))
        model = zoo.keras.Model([a, b], layers.Dense(10)(layers.Flatten()(layers.Add()([a, b]))))
        for name in ("two.tflite", "two.keras"):
            with pytest.raises(UnreadableModelError, match="2 inputs and 1 outputs"):
                load_classifier(zoo.save(model, name))
