"""KerasTuner's oracles to the next settings to try, and what came of them back to it.

Only its choice is used: training, and what is kept on disk, are ours. What was tried before is told to a new oracle at
the start, so that nothing of KerasTuner's own files is ever read.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

from hdr.errors import ModelError, install_hint
from hdr.train.search_journal import Trial
from hdr.train.search_space import ARCHITECTURE, SETTINGS, Space, Value

Method = Literal["bayesian", "hyperband", "random"]
METHODS: tuple[str, ...] = get_args(Method)
_BY_CHANCE = 6  # trials before there is enough for a model of what is good
_EPOCHS = "tuner/epochs"
_NOBODY_SAID = "hdr"  # the only worker


def require_tuner() -> Any:
    """Return KerasTuner.

    Raises
    ------
    ModelError
        Where it, or what it draws on, is not installed.
    """
    try:
        with _quiet():
            import_module("sklearn.gaussian_process")
            return import_module("keras_tuner")
    except ImportError as error:
        raise ModelError(
            f"A search needs KerasTuner and scikit-learn, of which {error.name or 'one'} is not installed.",
            hint=install_hint("tune"),
        ) from error


@dataclass(frozen=True)
class Proposal:
    """Settings to try."""

    values: dict[str, Value]
    epochs: int


class Oracle:
    """What tells the next settings.

    Parameters
    ----------
    space
        What is chosen among.
    method
        ``bayesian`` (a Gaussian process tells where it is worth looking, after some trials by chance), ``random``, or
        ``hyperband`` (many short trials, the best of which are repeated with more epochs).
    epochs
        Of a trial; of the longest ones with Hyperband.
    seed
        Of its choices.
    tried
        What was tried before, in that order.

    References
    ----------
    J. Snoek, H. Larochelle, R. P. Adams, "Practical Bayesian optimization of machine learning algorithms", 2012,
    arXiv:1206.2944. L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband", JMLR 18, 2018.
    """

    def __init__(self, space: Space, method: Method, epochs: int, seed: int, tried: tuple[Trial, ...] = ()) -> None:
        self._space, self._epochs, self._method = space, epochs, method
        self._chance = random.Random(seed)  # noqa: S311  (chooses what to try, keeps no secret)
        self._scratch = tempfile.TemporaryDirectory(prefix="hdr-")
        self._oracle = _oracle(space, method, epochs, seed)
        self._oracle.verbose = 0
        self._oracle._set_project_dir(self._scratch.name, "oracle")  # its own files, which nobody will read
        self._tried: set[tuple[tuple[str, Value], ...]] = set()
        self._asked: Any = None
        for one in tried:
            self._replay(one)

    def close(self) -> None:
        """Remove its files."""
        self._scratch.cleanup()

    def next(self) -> Proposal | None:
        """Return what to try next; None where nothing is left."""
        with _quiet():
            self._asked = self._oracle.create_trial(_NOBODY_SAID)
        if self._asked.status != "RUNNING":
            return None
        told = dict(self._asked.hyperparameters.values)
        values = {key: told[key] for key in (ARCHITECTURE, *SETTINGS) if key in told}
        epochs = int(told.get(_EPOCHS, self._epochs))
        if not self._tried:
            values = self._space.usual()  # whatever wins is no worse than what everybody gets
        elif self._method == "bayesian" and _key(values) in self._tried:
            other = self._neighbour(values)
            if other is None:
                return None
            values = other
        return Proposal(values, epochs)

    def tell(self, done: Trial) -> None:
        """Take in what came of the last proposal.

        Raises
        ------
        ModelError
            Where several trials one after the other failed.
        """
        told = dict(self._asked.hyperparameters.values)
        extra = {key: value for key, value in told.items() if key.startswith("tuner/")}
        self._asked.hyperparameters.values = {**done.values, **extra}
        self._tried.add(_key(done.values))
        try:
            with _quiet():
                if not done.failed:
                    self._oracle.update_trial(self._asked.trial_id, {"accuracy": done.accuracy})
                self._asked.status = "FAILED" if done.failed else "COMPLETED"
                self._oracle.end_trial(self._asked)
        except RuntimeError as error:  # KerasTuner's own limit of failures in a row
            raise ModelError(
                f"Three trials failed, one after the other; the last one: {done.failed}",
                hint="Leave out what cannot be trained, with --arch or --try.",
            ) from error

    def _replay(self, done: Trial) -> None:
        """Have the oracle ask, as it did then, but without a costly look at what is best; then answer."""
        careful = getattr(self._oracle, "num_initial_points", None)
        if careful is not None:
            self._oracle.num_initial_points = done.number + 1
        with _quiet():
            self._asked = self._oracle.create_trial(_NOBODY_SAID)
        if careful is not None:
            self._oracle.num_initial_points = careful
        if self._asked.status == "RUNNING":
            self.tell(done)

    def _neighbour(self, values: dict[str, Value]) -> dict[str, Value] | None:
        """A Gaussian process asks again for what it likes best; here one setting of it is another."""
        others = [
            {**values, key: other} for key in values if key != ARCHITECTURE for other in self._space.settings[key]
        ]
        new = [one for one in others if _key(one) not in self._tried]
        return self._chance.choice(new) if new else None


def _oracle(space: Space, method: Method, epochs: int, seed: int) -> Any:
    tuner = require_tuner()
    told = {
        "objective": tuner.Objective("accuracy", "max"),
        "seed": seed + 1,  # 0 would be any
        "hyperparameters": _parameters(tuner, space),
        "allow_new_entries": False,
    }
    match method:
        case "bayesian":
            return tuner.oracles.BayesianOptimizationOracle(max_trials=None, num_initial_points=_BY_CHANCE, **told)
        case "hyperband":
            return tuner.oracles.HyperbandOracle(max_epochs=max(2, epochs), hyperband_iterations=100, **told)
        case "random":
            return tuner.oracles.RandomSearchOracle(max_trials=None, **told)


def _parameters(tuner: Any, space: Space) -> Any:
    found, usual = tuner.HyperParameters(), space.usual()
    found.Choice(ARCHITECTURE, list(space.architectures), default=usual[ARCHITECTURE])
    for name, values in space.settings.items():
        able = [one for one in space.architectures if name in space.applicable(one)]
        if able:
            with found.conditional_scope(ARCHITECTURE, able):
                found.Choice(name, list(values), ordered=name != "optimizer")
    return found


def _key(values: Any) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted(values.items()))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """KerasTuner calls what Python has renamed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
