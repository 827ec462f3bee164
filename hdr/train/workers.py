"""``TF_CONFIG``, as TensorFlow's own clusters set it, to processes that learn one model together.

Every worker is started with the same command. Each takes its share of every batch; gradients are summed over all, so
that all have the same weights after every step. Worker 0, the chief, keeps and publishes.

Keras 3's own `fit` cannot average its figures over workers (keras-team/keras issue 20585), so the step is written out
in `hdr.train.steps`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.classify.quiet import first_line, quiet_stderr
from hdr.errors import ModelError

TF_CONFIG = "TF_CONFIG"
_CURE = (
    'It looks like {"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}; '
    "unset it to train alone."
)


@dataclass(frozen=True)
class Task:
    """What ``TF_CONFIG`` says.

    Parameters
    ----------
    addresses
        Of all workers, the chief's first, as ``host:port``.
    index
        Which of them this process is.
    """

    addresses: tuple[str, ...]
    index: int


def told_task(text: str | None = None) -> Task | None:
    """Return what the environment's ``TF_CONFIG`` says; None where it is unset, empty, or names one worker alone.

    Parameters
    ----------
    text
        What it says; None reads the environment.

    Raises
    ------
    ModelError
        Where it is no such description, or one of a cluster that is not made of workers.
    """
    text = os.environ.get(TF_CONFIG, "") if text is None else text
    if not text.strip() or text.strip() == "{}":
        return None
    try:
        told = json.loads(text)
        cluster, task = told["cluster"], told["task"]
        chiefs, workers = list(cluster.get("chief", [])), list(cluster.get("worker", []))
        kind, index = str(task["type"]), int(task["index"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(f"TF_CONFIG cannot be understood ({type(error).__name__}: {error}).", hint=_CURE) from error
    if set(cluster) - {"chief", "worker"} or kind not in cluster:
        kinds = ", ".join(sorted(map(str, cluster))) or "nobody"
        raise ModelError(f"TF_CONFIG names {kinds}, and a task {kind!r}; hdr knows chief and worker.", hint=_CURE)
    place = index + (len(chiefs) if kind == "worker" else 0)
    _check(chiefs + workers, place, index, len(cluster[kind]))
    return Task(tuple(chiefs + workers), place) if len(chiefs + workers) > 1 else None


def _check(addresses: list[Any], place: int, index: int, count: int) -> None:
    wrong = [one for one in addresses if not _is_address(one)]
    if wrong:
        raise ModelError(f"TF_CONFIG names a worker at {wrong[0]!r}, which is no host:port.", hint=_CURE)
    if len(set(addresses)) < len(addresses):
        raise ModelError("TF_CONFIG names one address twice.", hint="Give every worker a port of its own.")
    if not 0 <= index < count or not 0 <= place < len(addresses):
        raise ModelError(f"TF_CONFIG makes this task {index}, of {count}.", hint="Indices begin at 0.")


def _is_address(one: Any) -> bool:
    host, _, port = one.rpartition(":") if isinstance(one, str) else ("", "", "")
    return bool(host) and port.isascii() and port.isdecimal() and 0 < int(port) < 65536


class Workers:
    """The processes that learn together, as one of them sees them.

    It must be made before TensorFlow computes anything. It waits until all others are there.

    Parameters
    ----------
    task
        Which this one is.

    Raises
    ------
    ModelError
        Where its port is taken, or the others cannot be reached.
    """

    def __init__(self, task: Task) -> None:
        require_keras()
        import tensorflow as tf

        self.task, self.count, self.index = task, len(task.addresses), task.index
        gpus = tf.config.list_physical_devices("GPU")
        tf.config.set_visible_devices(gpus[:1], "GPU")  # a process a GPU: more of them are more workers
        try:
            with quiet_stderr():
                self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except Exception as error:  # TensorFlow raises its own errors, RuntimeError and more
            raise ModelError(
                f"This worker cannot join the others as {task.addresses[task.index]} ({first_line(error)}).",
                hint="Check that every worker of TF_CONFIG runs, and that its port is free and can be reached.",
            ) from error

    @property
    def is_chief(self) -> bool:
        """Whether this is the one that keeps and publishes."""
        return self.index == 0

    def share(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this worker's part of a batch."""
        return which[self.index :: self.count]

    def from_chief(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chief's numbers, whatever the others have."""
        return self._sum(values if self.is_chief else np.zeros_like(values))

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean over all workers."""
        return (self._sum(values.astype(np.float64)) / self.count).astype(values.dtype)

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        import tensorflow as tf

        mine = tf.constant(values, tf.float64)
        with nobody_lost():
            total = self.strategy.run(lambda: tf.distribute.get_replica_context().all_reduce("SUM", mine))
            return np.asarray(total)


@contextlib.contextmanager
def nobody_lost() -> Iterator[None]:
    """Have it be a sentence that another worker went away.

    Raises
    ------
    ModelError
        Where one did.
    """
    import tensorflow as tf

    known = tf.errors
    try:
        yield
    except (known.UnavailableError, known.AbortedError, known.CancelledError, known.InternalError) as error:
        raise ModelError(
            f"Another worker went away, or cannot be reached any more ({type(error).__name__}).",
            hint="Start all of them again with hdr train --resume: they go on after the last epoch.",
        ) from error
