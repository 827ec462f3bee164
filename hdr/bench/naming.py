"""A recipe and its data to a short text that names what comes of them: what a folder holds is not trained again."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from hdr.train.recipe import Recipe

_FROM_THE_START = frozenset(
    (
        *("architecture", "epochs", "batch", "learning_rate", "weight_decay", "smoothing", "validation", "seed"),
        *("warp", "mild", "mixed", "optimizer", "schedule", "stages", "weights", "size"),
    )
)


def recipe_digest(recipe: Recipe, data: str) -> str:
    """Return eight characters that another recipe, or other data, does not have.

    A field that came later counts only where it is not as usual, so that what was trained before keeps its name.

    Parameters
    ----------
    recipe
        How.
    data
        The data's own digest.
    """
    values = dataclasses.asdict(recipe)
    told = {
        one.name: values[one.name]
        for one in dataclasses.fields(recipe)
        if one.name in _FROM_THE_START or values[one.name] != one.default
    }
    return hashlib.sha256(json.dumps([told, data]).encode()).hexdigest()[:8]
