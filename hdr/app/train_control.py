"""What the Train screen does: runs in a child process followed, the store of models kept, the new model put in use.

It imports no Tk. Whoever has a clock calls `Trainer.pump` some times a second; nothing here ever waits.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.app.asking import Dialogs
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.app.train_child import Child
from hdr.app.train_facts import Facts, find_facts, kept_epochs
from hdr.app.train_look import Looked, look_at
from hdr.app.train_models import ModelVerbs, Start
from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan
from hdr.app.train_run import Run
from hdr.app.train_told import Epoch
from hdr.errors import HdrError, install_hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hdr.app.jobs import Jobs


class Trainer(ModelVerbs):
    """The run that is followed, and the verbs.

    Parameters
    ----------
    state, services, jobs, dialogs
        As the controller's.
    start
        Starts a command of hdr; tests give another.
    clock
        Seconds, going on only.
    """

    def __init__(
        self,
        state: AppState,
        services: Services,
        jobs: Jobs,
        dialogs: Dialogs,
        start: Start = Child,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(state, services, jobs, dialogs, start)
        self.plan = Plan.recalled(state.settings.app.train)
        self.facts: Facts | None = None
        self.looked: Looked | None = None
        self.run: Run | None = None
        self._clock = clock
        self._trained: Plan | None = None
        self._child: Child | None = None
        self._finish = False

    # Choosing --------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again what there is."""
        workspace = self.services.workspace
        self.jobs.submit("training facts", lambda _: find_facts(workspace), self._take)

    def _take(self, facts: Facts) -> None:
        first = self.facts is None
        self.facts = facts
        if first and self.plan == Plan() and not sum(self.state.counts.values()):
            self.plan = dataclasses.replace(self.plan, source=MNIST)
        self._tell("facts")

    def choose(self, plan: Plan) -> None:
        """Take what was chosen."""
        if plan != self.plan:
            self.plan = plan
            self._tell("plan")

    def remember(self) -> None:
        """Have what is chosen come back the next time."""
        text = self.plan.remembered()
        if text != self.state.settings.app.train:
            self.state.set_settings(self.state.settings.replace("app", train=text))

    def wrong(self) -> list[str]:
        """Return what keeps the plan from being trained, a sentence each with its cure."""
        told = self.plan.wrong()
        if self.facts is not None and not self.facts.can_train:
            told.insert(0, f"Training needs TensorFlow, which is not installed. {install_hint('train')}")
        if self.facts is not None and self.plan.name in [row.name for row in self.facts.models] and not self.is_live:
            told.append(f"There is a model called {self.plan.name} already: give another name, or none.")
        if self.plan.source == OWN and not sum(self.state.counts.values()):
            told.append("You have saved no digits yet. Read a page, correct it and save it (Ctrl+S); or choose MNIST.")
        return told

    def look(self) -> None:
        """Load the data and show what would be learned from."""
        plan, facts, workspace = self.plan, self.facts, self.services.workspace
        mnist = plan.mnist or (facts.mnist if facts else None)
        self.looked = None

        def done(looked: Looked) -> None:
            self.looked = looked
            self._tell("looked")

        self.jobs.submit(
            "look at data", lambda job: look_at(plan, workspace, mnist, job), done, title="Looking at the data"
        )
        self._tell("looked")

    @property
    def looking(self) -> str:
        """How far it is with looking at the data; empty where it is not about that."""
        job = self.jobs.current
        return job.title if job is not None and job.key == "look at data" else ""

    # Running ---------------------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """Whether a run is under way."""
        return self.run is not None and self.run.is_live

    def train(self) -> None:
        """Begin what was chosen."""
        if not self.is_live and not self.wrong():
            self._trained = self.plan
            self.remember()
            self._begin(self.plan.arguments(), Run(self.plan.name, self._clock()))

    def resume(self, name: str, *, finish: bool = False) -> None:
        """Go on with an unfinished run; what this window saw of it stays on the curves.

        Parameters
        ----------
        name
            Of the model that it is to become.
        finish
            Whether nothing more is learned, and the best so far becomes the model.
        """
        if self.is_live:
            return
        run, before = Run(name, self._clock()), self.run
        if before is not None and before.name == name:
            run.epochs, run.steps, run.log = list(before.epochs), list(before.steps), list(before.log)
        else:
            self._trained = None  # by another window, or by hand
        if not run.epochs:
            self._recall(run)
        more = ["--finish"] if finish else []
        self._begin(["train", "--resume", name, "--progress", "jsonl", *more], run)

    def _recall(self, run: Run) -> None:
        """Have the epochs that another window saw on the curves, too."""
        workspace = self.services.workspace

        def done(before: list[Epoch]) -> None:
            run.recall(before)
            self._tell("run")

        # Where it cannot be read, the child says so in words.
        self.jobs.submit("recall run", lambda _: kept_epochs(workspace, run.name), done, failed=lambda _: None)

    def discard(self, name: str) -> None:
        """Ask, then throw away an unfinished run."""
        asked = self.dialogs.choose(
            f"Throw the unfinished run {name} away?", "What it has learned so far is lost. No model changes.",
            ("stay", "Keep it"), ("discard", "Throw away"),
        )  # fmt: skip
        if asked != "discard":
            return
        from hdr.train.runs import discard_run

        models = self.services.workspace.models
        self.jobs.submit(f"discard {name}", lambda _: discard_run(name, models), lambda _: self.refresh())

    def _begin(self, arguments: Sequence[str], run: Run) -> None:
        try:
            self._child = self._start(arguments, self.services.child_environment())
        except OSError as error:
            raise HdrError(
                f"The training could not be started ({error.strerror or error}).",
                hint="Free some memory, and try again.",
            ) from error
        self.run, self._finish = run, False
        self.state.set_training("live")
        self._tell("run")

    @property
    def has_children(self) -> bool:
        """Whether `pump` has anybody to listen to."""
        return self._child is not None or self._export is not None

    @property
    def can_keep_best(self) -> bool:
        """Whether the run has a best epoch that could become a model now."""
        return self.run is not None and self.run.state == "learning" and self.run.best is not None

    def stop(self, *, finish: bool = False) -> None:
        """Ask the run to end; it can be taken up again.

        Parameters
        ----------
        finish
            Whether the best of what it has learned so far is to become a model.
        """
        if self.run is not None and self._child is not None and self.is_live:
            self._finish = finish
            self.run.stop()
            self._child.stop()
            self._tell("run")

    def pump(self) -> bool:
        """Take what the children said; whether there was anything."""
        took = self._pump_run()
        return self._pump_export() or took

    def _pump_run(self) -> bool:
        child, run = self._child, self.run
        lines = child.lines() if child is not None else []
        if not lines or run is None:
            return False
        for line in lines:
            if line.kind == "out":
                run.feed(line.text, self._clock())
            elif line.kind == "err":
                run.complain(line.text)
            else:
                self._ended(run, line.code)
        self._tell("run")
        return True

    def _ended(self, run: Run, code: int) -> None:
        self._child = None
        run.end(code)
        if run.published and run.published == self.plan.name:
            self._free_name()
        self.state.set_training(run.state)
        if self.state.screen != "train" and run.state in ("done", "failed"):
            kind, shows = ("info", "shows how it did") if run.state == "done" else ("error", "shows why")
            self.state.say(kind, f"{run.headline()}.", f"F7 {shows}.")
        if self._finish and run.resumable:
            self.resume(run.name, finish=True)
        else:
            self.refresh()

    def _free_name(self) -> None:
        """The name is the new model's from now on: the next run needs another one."""
        same = self._trained == self.plan
        self.choose(dataclasses.replace(self.plan, name=""))
        if same:
            self._trained = self.plan

    def tested_on(self, name: str) -> list[Path]:
        """Return what a model that was just made was tested on; nothing for another."""
        run, plan = self.run, self.plan
        if run is None or run.published != name or self._trained != plan:
            return []
        if plan.source == OWN:
            return [self.services.workspace.captures]
        mnist = plan.mnist or (self.facts.mnist if self.facts else None)
        return list(plan.folders) if plan.source == FOLDERS else [mnist] if mnist else []

    def can_use(self, name: str) -> bool:
        """Whether pages can be read with a model, as far as is known."""
        row = next((one for one in self.facts.models if one.name == name), None) if self.facts else None
        return row is None or (row.reads and not row.fault)

    def use_new(self) -> None:
        """Put the model in use that the run made."""
        if self.run is not None and self.run.published:
            self.use(self.run.published)

    def leave(self) -> None:
        """Look no longer at data; where nothing is looked at, put the notice away, then go back to the page."""
        if self.jobs.cancel("look at data"):
            self.state.say("info", "Stopped. Nothing was changed.")
            self._tell("looked")
        elif self.state.notice is not None:
            self.state.hush()
        else:
            self.state.use_screen("pages")

    def seconds_left(self) -> float | None:
        """Return how long the run will still learn; None where nobody can tell."""
        return self.run.seconds_left(self._clock()) if self.run else None

    def may_close(self) -> bool:
        """Ask whether a run may be stopped for the window's end."""
        self.remember()
        if not self.is_live:
            return True
        kept = "What was learned up to the last epoch is kept, and can be taken up again."
        short = "So short a run is not kept: begin it again when you come back. No model changes."
        own = self._trained is not None and not self._trained.from_scratch
        return self.dialogs.choose(
            "Stop training and close?", short if own else kept,
            ("stay", "Go on training"), ("stop", "Stop and close"),
        ) == "stop"  # fmt: skip

    def close(self) -> None:
        """End the children."""
        for child in (self._child, self._export):
            if child is not None:
                child.close()
