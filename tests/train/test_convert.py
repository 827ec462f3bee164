from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hdr.classify.litert import run_tflite
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError
from hdr.train.architectures import build_model, find_architecture
from hdr.train.convert import PRECISIONS, Precision, compare, to_tflite

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")]


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.asarray(draw_digits(40, 1).crops)[..., None]


@pytest.fixture(scope="module")
def model(pictures: np.ndarray) -> Any:
    import keras

    keras.utils.set_random_seed(1)
    model = build_model(find_architecture("tiny"), 10)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(pictures, draw_digits(40, 1).labels, epochs=3, verbose=0)
    return model


@pytest.mark.parametrize(
    ("precision", "bound"), [("float32", 1e-5), ("float16", 5e-3), ("dynamic", 0.05), ("int8", 0.15)]
)
def test_every_precision_answers_as_the_original(
    model: Any, pictures: np.ndarray, precision: Precision, bound: float
) -> None:
    light = run_tflite(to_tflite(model, precision, pictures), pictures)
    parity = compare(model.predict(pictures, verbose=0), light)
    assert parity.largest < bound
    assert parity.n == 40
    if precision == "float32":
        assert parity.changed == ()


def test_all_precisions_were_tried() -> None:
    assert set(PRECISIONS) == {"float32", "float16", "dynamic", "int8"}


def test_parity_counts_the_labels_that_changed() -> None:
    before = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    after = np.array([[0.8, 0.2], [0.6, 0.4], [0.2, 0.8]])
    parity = compare(before, after)
    assert parity.changed == (1,)
    assert parity.largest == pytest.approx(0.2)
    assert parity.share == pytest.approx(1 / 3)
    assert parity.as_score() == {"n": 3, "largest_difference": 0.2, "changed": [1]}
    assert compare(before[:0], after[:0]).share == 0


def test_what_cannot_be_done_is_a_sentence(model: Any) -> None:
    with pytest.raises(ModelError, match="no precision 'int4'"):
        to_tflite(model, "int4")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="needs samples"):
        to_tflite(model, "int8")


def test_a_model_with_an_operation_that_litert_lacks_is_a_sentence() -> None:
    import keras

    picture = keras.layers.Input((8,))
    odd = keras.ops.svd(keras.ops.reshape(picture, (-1, 2, 4)), compute_uv=False)
    with pytest.raises(ModelError, match="cannot be converted"):
        to_tflite(keras.Model(picture, odd), "float32")
