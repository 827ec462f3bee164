from __future__ import annotations

import numpy as np
import pytest

from hdr.errors import ModelError
from hdr.train.architectures import architectures, build_model, find_architecture, register_architecture

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
