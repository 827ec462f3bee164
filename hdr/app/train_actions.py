"""What can be done on the Train screen, as entries of the one table."""

from __future__ import annotations

from hdr.app.action import Action
from hdr.app.state import AppState


def _idle(state: AppState) -> bool:
    return state.training != "live"


def _live(state: AppState) -> bool:
    return state.training == "live"


TRAIN = (
    Action("train_start", "Train", "Train", lambda c: c.trainer.train(), ("Ctrl+Return",), _idle),
    Action("train_stop", "Stop training", "Train", lambda c: c.trainer.stop(), ("Ctrl+period",), _live),
    Action("train_keep", "Stop, and keep the best", "Train", lambda c: c.trainer.stop(finish=True), ("Ctrl+J",), _live),
    Action("train_look", "Look at the data", "Train", lambda c: c.trainer.look(), ("Ctrl+L",)),
    Action("train_use", "Use the new model", "Train", lambda c: c.trainer.use_new(), ("Ctrl+U",),
           lambda state: state.training == "done"),
    Action("train_back", "Roll back to the model before", "Train", lambda c: c.trainer.roll_back(), (), _idle),
    Action("train_leave", "Stop looking, or back to the page", "Train", lambda c: c.trainer.leave(), ("Escape",)),
)  # fmt: skip
