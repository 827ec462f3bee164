"""The epochs of a run to a log that TensorBoard shows: ``tensorboard --logdir DIR``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hdr.errors import ModelError
from hdr.train.events import EpochDone

_SCALARS = {
    "train": {"epoch_loss": "loss", "epoch_accuracy": "accuracy", "epoch_learning_rate": "learning_rate"},
    "validation": {
        "epoch_loss": "validation_loss",
        "epoch_accuracy": "validation_accuracy",
        "epoch_warped_accuracy": "warped_accuracy",
    },
}
"""By part, the name that Keras's own callback gives a curve, and the field of `EpochDone`."""


class TensorBoardLog:
    """Writes every epoch of a run into ``folder/name/train`` and ``folder/name/validation``.

    Parameters
    ----------
    folder
        Where TensorBoard looks.
    name
        Of the run.

    Raises
    ------
    ModelError
        Where it cannot be written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        import tensorflow as tf

        self._tf = tf
        try:
            (folder / name).mkdir(parents=True, exist_ok=True)
            self._writers = {part: tf.summary.create_file_writer(str(folder / name / part)) for part in _SCALARS}
        except (OSError, tf.errors.OpError) as error:
            raise ModelError(
                f"TensorBoard's log cannot be written to {folder} ({error}).", hint="Give another folder."
            ) from error

    def write(self, done: EpochDone) -> None:
        """Write what is known of an epoch, and have it on the disk."""
        for part, curves in _SCALARS.items():
            with self._writers[part].as_default(step=done.epoch):
                for name, field in curves.items():
                    # What tf.summary.scalar does, which needs the package of TensorBoard itself.
                    self._tf.summary.write(name, np.float32(getattr(done, field)), metadata=self._scalar())
            self._writers[part].flush()

    def close(self) -> None:
        """End both files."""
        for writer in self._writers.values():
            writer.close()

    def _scalar(self) -> Any:
        metadata = self._tf.compat.v1.SummaryMetadata()
        metadata.plugin_data.plugin_name = "scalars"
        return metadata


@contextlib.contextmanager
def logging_to(folder: Path | None, name: str) -> Iterator[TensorBoardLog | None]:
    """Give a log that is closed afterwards; None where nobody wants one."""
    log = TensorBoardLog(folder, name) if folder else None
    try:
        yield log
    finally:
        if log:
            log.close()
