from __future__ import annotations

import numpy as np
import pytest

from hdr.errors import ModelError
from hdr.train.architectures import (
    LAST,
    Architecture,
    architectures,
    build_model,
    find_architecture,
    register_architecture,
)
from hdr.train.material import side_of

pytestmark = pytest.mark.train


@pytest.mark.parametrize("name", [one.name for one in architectures()])
def test_each_takes_bytes_and_gives_probabilities(name: str) -> None:
    architecture = find_architecture(name)
    model = build_model(architecture, 7)
    assert str(model.inputs[0].dtype) == "uint8"
    assert model.input_shape == (None, architecture.size, architecture.size, architecture.channels)
    assert any(type(layer).__name__ == "Rescaling" for layer in model.layers)
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (2, *model.input_shape[1:]), np.uint8)
    assert np.allclose(np.asarray(model(pictures)).sum(axis=1), 1, atol=1e-5)
    assert architecture.summary


def test_the_default_fits_the_size_that_was_set() -> None:
    assert build_model(find_architecture("default"), 10).count_params() < 446_972  # a byte a weight when quantised


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="default, tiny"):
        find_architecture("resnet-9000")


def test_a_builder_is_never_replaced_in_silence() -> None:
    with pytest.raises(ValueError, match="already registered"):
        register_architecture("default", "another")(lambda x, _: x)


@pytest.mark.parametrize("architecture", architectures(), ids=lambda one: one.name)
def test_each_can_be_wider_and_drop_less_and_says_whether_it_drops(architecture: Architecture) -> None:
    size = 32 if architecture.channels == 3 else 0
    own = build_model(architecture, 3, size)
    wide = build_model(architecture, 3, size, width=1.5, dropout=0.5)
    drops = [[layer.rate for layer in model.layers if hasattr(layer, "rate")] for model in (own, wide)]
    assert drops[1] == [rate / 2 for rate in drops[0]]
    assert bool(drops[0]) == architecture.dropout
    assert own.input_shape == wide.input_shape
    assert own.output_shape == wide.output_shape == (None, 3)
    if architecture.recipe.weights:  # the weights that its base begins with fit no other width
        assert wide.count_params() == own.count_params()
    else:
        assert wide.count_params() > 1.2 * own.count_params()
    assert [type(layer) for layer in wide.layers] == [type(layer) for layer in own.layers]


def test_no_more_than_nine_tenths_are_dropped() -> None:
    model = build_model(find_architecture("cnn-dropout"), 3, dropout=4)
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.9, 0.9, 0.9]
    assert build_model(find_architecture("tiny"), 3, width=1e-9).get_layer(LAST).input.shape[-1] > 0


def test_writing_may_have_a_recipe_of_its_own() -> None:
    learned = find_architecture("mobilenetv2")
    digits, pictures = learned.recipe_for(("3", "8", "none")), learned.recipe_for(("football", "rugby_ball"))
    assert digits == learned.writing
    assert pictures == learned.recipe
    assert side_of(digits) == 96 < side_of(pictures) == 224
    dense = find_architecture("dense")
    assert dense.recipe_for(("3", "8")) == dense.recipe
