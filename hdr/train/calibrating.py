"""A model that has learned to the same model whose confidence is honest."""

from __future__ import annotations

import math
from typing import Any

from hdr.train.registry import LAST

_NONE_IN_USE = 0.025
"""Share of a page's candidates that are no digit, before anybody has looked."""


def calibrate(model: Any, temperature: float, none: tuple[int, float] | None) -> None:
    """Divide what the last layer adds up by a temperature, and give "none" the odds that it has on a page.

    Parameters
    ----------
    model
        Of the registry.
    temperature
        Above 1 it becomes less sure of itself.
    none
        The output that stands for what is no digit, and its share, 0 to 1, of what was learned from; None where there
        is none.
    """
    last = model.get_layer(LAST)
    weights, bias = (weight / temperature for weight in last.get_weights())
    if none:
        # Much less of a page is no digit than of what is learned from: the odds of Bayes' rule.
        bias[none[0]] += _log_odds(_NONE_IN_USE) - _log_odds(none[1])
    last.set_weights([weights, bias])


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share)) if 0 < share < 1 else 0.0
