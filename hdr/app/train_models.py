"""The models of the store: put in use, rolled back, put aside, exported by a child. It imports no Tk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.app.asking import Dialogs
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.app.train_child import Child, Line
from hdr.errors import HdrError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hdr.app.jobs import Jobs
    from hdr.classify.store import ModelStore

EXPORTS = {
    "tflite-float32": ("LiteRT, whole precision", ".tflite"),
    "tflite-float16": ("LiteRT, half precision", ".tflite"),
    "tflite-dynamic": ("LiteRT, small", ".tflite"),
    "tflite-int8": ("LiteRT, 8 bits throughout", ".tflite"),
    "keras": ("Keras", ".keras"),
    "h5": ("Keras, HDF5", ".h5"),
    "json": ("Keras, architecture and weights apart", ".json"),
    "onnx": ("ONNX", ".onnx"),
}
"""By the names that `hdr models export` takes: what to call each, and how its file ends."""
Start = Callable[["Sequence[str]", "dict[str, str]"], Child]


class ModelVerbs(ABC):
    """What can be done with models, and who hears of changes.

    Parameters
    ----------
    state, services, jobs, dialogs
        As the controller's.
    start
        Starts a command of hdr.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs, dialogs: Dialogs, start: Start) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.dialogs = dialogs
        self._start = start
        self._export: Child | None = None
        self._exported: list[Line] = []
        self._removed: list[tuple[str, str]] = []
        self._listeners: list[Callable[[str], None]] = []

    @abstractmethod
    def refresh(self) -> None:
        """Look again what there is."""

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have a function called with what changed: ``facts``, ``plan``, ``run``, ``looked`` or ``models``."""
        self._listeners.append(listener)

    def _tell(self, what: str) -> None:
        for listener in list(self._listeners):
            listener(what)

    @property
    def exports(self) -> bool:
        """Whether a model is being exported."""
        return self._export is not None

    def _store(self) -> ModelStore:
        from hdr.classify.store import ModelStore

        return ModelStore(self.services.workspace)

    def use(self, name: str) -> None:
        """Put a model in use: from now on this window reads with it."""

        def act(store: ModelStore) -> None:
            from hdr.vision.normalize import PICTURE

            card = store.find(name).card
            if card is not None and card.geometry == PICTURE:
                raise ModelError(
                    f"{name} tells whole pictures apart and reads no pages.",
                    hint="Measure it under Results, or export it.",
                )
            store.use(name)

        self._exchange(act)

    def roll_back(self) -> None:
        """Go back to the model in use before."""
        self._exchange(lambda store: store.roll_back())

    def _exchange(self, act: Callable[[ModelStore], object]) -> None:
        services = self.services

        def work(_: object) -> str:
            store = self._store()
            before = store.current()
            act(store)
            try:
                return services.reload().card.name
            except HdrError:
                store.use(before)  # what cannot be read with is not left in use
                raise

        def done(name: str) -> None:
            self.state.set_model(name)
            self.state.say("done", f"From now on {name} reads.", "A page that was read before is read anew with R.")
            self.refresh()

        self.jobs.submit("use model", work, done)

    def remove(self, name: str) -> None:
        """Ask, then put a model out of sight."""
        asked = self.dialogs.choose(
            f"Remove {name}?", "It is put aside, not deleted, and can be brought back.",
            ("stay", "Keep it"), ("remove", "Remove"),
        )  # fmt: skip
        if asked != "remove":
            return

        def done(kept: str) -> None:
            self._removed.append((kept, name))
            self.state.say("done", f"{name} was put aside.", f"It is in {self._store().root / '.removed' / kept}.")
            self.refresh()

        from hdr.classify.discarding import discard

        self.jobs.submit(f"remove {name}", lambda _: discard(self._store(), name), done)

    @property
    def removed(self) -> str:
        """The model that was removed last in this window; empty for none."""
        return self._removed[-1][1] if self._removed else ""

    def bring_back(self) -> None:
        """Bring the model back that was removed last."""
        if not self._removed:
            return
        from hdr.classify.discarding import restore

        kept, name = self._removed.pop()

        def done(_: None) -> None:
            self.state.say("done", f"{name} is back.")
            self.refresh()

        self.jobs.submit(f"restore {name}", lambda _: restore(self._store(), kept, name), done)

    def export(self, name: str, form: str, target: Path) -> None:
        """Have a model written in another format, proven to answer alike, by a child."""
        if self._export is not None:
            self.state.say("info", "Another model is still being exported.")
            return
        tried_with = self._tried_with(name)
        if tried_with is None:
            return
        typed = ["models", "export", name, "--format", form, "--out", str(target), "--replace", *tried_with]
        self._exported = []
        self._export = self._start(typed, self.services.child_environment())
        self.state.say(
            "info", f"{name} is being exported to {target}.", "It is compared with the original before it is written."
        )
        self._tell("models")

    def _tried_with(self, name: str) -> list[str] | None:
        """What else a copy is to be tried with: digits are at hand, other pictures are not. None to let it be."""
        from hdr.app.results_look import data_of
        from hdr.vision.normalize import PICTURE

        card = self._store().find(name).card
        if card is None or card.geometry != PICTURE:
            return []
        data = data_of(str(card.made.get("command", "")), self.services.workspace, None)
        folder = data[0] if data else self._ask_for_pictures(name)
        return ["--data", str(folder)] if folder else None

    def _ask_for_pictures(self, name: str) -> Path | None:
        asked = self.dialogs.choose(
            "With which pictures is the copy to be tried?",
            f"What {name} learned from is not there any more, and no copy is written that was not tried.",
            ("stay", "Cancel"), ("choose", "Choose a folder…"),
        )  # fmt: skip
        return self.dialogs.open_folder(self.state.settings.app.last_folder) if asked == "choose" else None

    def _pump_export(self) -> bool:
        lines = self._export.lines() if self._export is not None else []
        self._exported += lines
        if lines and lines[-1].kind == "end":
            self._export = None
            self._tell_export(lines[-1].code)
        return bool(lines)

    def _tell_export(self, code: int) -> None:
        told = [line.text.strip() for line in self._exported if line.text.strip()]
        if code == 0 and told:
            self.state.say("done", f"Exported: {told[0]}", "; ".join(told[1:]))
        else:
            self.state.say("error", told[-1].removeprefix("hdr: ") if told else f"The export ended with status {code}.")
        self._tell("models")
