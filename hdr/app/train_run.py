"""The lines of a training run to what is shown of it: state, curves, time left, and what happened in sentences.

It imports neither Tk nor NumPy nor anything of `hdr.train`: lines of a newer or an older `hdr train` are understood as
far as they go.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from hdr.app.train_told import Comparison, Epoch, Result, percent

STATES = ("starting", "learning", "finishing", "stopping", "done", "stopped", "failed")
_MOST_STEPS = 600


@dataclass
class Run:
    """One run as it is followed.

    Parameters
    ----------
    name
        Of the model to be; empty where `hdr train` chooses it.
    began
        When, in seconds of a clock that only goes on.
    """

    name: str = ""
    began: float = 0.0
    state: str = "starting"
    title: str = ""
    total_epochs: int = 0
    steps_an_epoch: int = 0
    epochs: list[Epoch] = field(default_factory=list)
    steps: list[tuple[float, float]] = field(default_factory=list)
    """The loss after so many epochs, thinned out where there are many."""
    results: list[Result] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    published: str = ""
    wrong: str = ""
    log: list[str] = field(default_factory=list)
    fraction: float | None = None
    done_before: int = 0
    """Epochs that were done by the run that this one goes on with."""
    resumable: bool = False
    """Whether it can be taken up again, now that it has ended."""
    _total_steps: int = 0
    _told_left: float | None = None
    _first: tuple[float, float] | None = None
    _last: tuple[float, float] = (0.0, 0.0)
    _every: int = 1
    _seen: int = 0
    _said: list[str] = field(default_factory=list)
    _reading: str = ""
    _told_stop: bool = False

    # What comes in ---------------------------------------------------------------------------------------------------

    def feed(self, line: str, now: float) -> None:
        """Take a line of the child's output; one that is no event is only told."""
        try:
            told = json.loads(line)
            kind = told["event"]
            take = getattr(self, f"_on_{kind}", None)
        except (ValueError, TypeError, KeyError, RecursionError):
            self._tell(line)
            return
        try:
            if take is not None:
                take(told, now)
        except (ValueError, TypeError, KeyError):
            self._tell(f"A line was not understood: {line[:200]}")

    def complain(self, line: str) -> None:
        """Take a line of the child's errors."""
        said = line.removeprefix("hdr: ").strip()
        if said:
            self._said = [*self._said, said][-20:]
            if line.startswith("hdr: "):
                self._tell(said)

    def recall(self, before: list[Epoch]) -> None:
        """Take the epochs that were done before this window followed it."""
        first = min((one.number for one in self.epochs), default=math.inf)
        self.epochs = [one for one in before if one.number < first] + self.epochs

    def stop(self) -> None:
        """Say that it was asked to end."""
        if self.is_live:
            self.state = "stopping"
            self._tell("Asked to stop. What was learned up to the last epoch is kept.")

    def end(self, code: int) -> None:
        """Take the child's exit status."""
        if self.published:
            self.state = "done"
        elif self.state == "stopping" or code == 130:
            if not self._told_stop:
                self._tell("Stopped before anything was learned that could be kept.")
            self.state = "stopped"
        else:
            self.state = "failed"
            self.wrong = self._why(code)
            if self.wrong not in self.log[-1:]:
                self._tell(self.wrong)

    def _why(self, code: int) -> str:
        if code < 0 or not self._said:
            ended = f"by signal {-code}" if code < 0 else f"with status {code}"
            return (
                f"Training was ended from outside ({ended}); often the memory was full. "
                "A smaller batch needs less. Nothing is half made."
            )
        return self._said[-1]

    # Events ----------------------------------------------------------------------------------------------------------

    def _on_reading(self, told: dict[str, Any], _: float) -> None:
        done, of = int(told["done"]), int(told["of"])
        self._reading = f"Reading pictures: {done:,} of {of:,}" if done < of else ""

    def _on_started(self, told: dict[str, Any], now: float) -> None:
        self.state = self.state if self.state == "stopping" else "learning"
        self.title = str(told["architecture"])
        self.total_epochs, self.steps_an_epoch = int(told["epochs"]), int(told["steps"])
        self._total_steps, self.done_before = int(told.get("total", 0)), int(told.get("resumed_from", 0))
        self._last = (now, float(self.done_before))
        self.epochs = [one for one in self.epochs if one.number <= self.done_before]
        self.steps = [one for one in self.steps if one[0] <= self.done_before]
        where = f" It runs on {told['device']}." if told.get("device") else ""
        again = f" It goes on after epoch {self.done_before}." if self.done_before else ""
        self._tell(
            f"{self.title} with {told['parameters']:,} numbers learns from {told['train']:,} samples; "
            f"{told['validation']:,} more are held out for every choice.{again}{where}"
        )

    def _on_step(self, told: dict[str, Any], now: float) -> None:
        at = int(told["epoch"]) - 1 + min(1.0, int(told["step"]) / max(1, self.steps_an_epoch))
        self._advance(at, now, told)
        self._seen += 1
        loss = _number(told, "loss")
        if self._seen % self._every == 0 and math.isfinite(loss):
            self.steps.append((at, loss))
        if len(self.steps) > _MOST_STEPS:
            self.steps, self._every = self.steps[::2], self._every * 2

    def _on_epoch(self, told: dict[str, Any], now: float) -> None:
        epoch = Epoch(
            int(told["epoch"]),
            _number(told, "loss"),
            _number(told, "accuracy"),
            _number(told, "validation_loss"),
            _number(told, "validation_accuracy"),
            bool(told.get("best")),
        )
        # An epoch that is told again, as after a resumption, takes the place of what was told of it.
        self.epochs = [one for one in self.epochs if one.number < epoch.number] + [epoch]
        self._advance(epoch.number, now, told)
        best = ", the best so far" if epoch.best else ""
        self._tell(
            f"Epoch {epoch.number} of {self.total_epochs}: {percent(epoch.validation_accuracy)} of what was held out "
            f"is right{best}."
        )

    def _on_note(self, told: dict[str, Any], _: float) -> None:
        self._tell(str(told["text"]))

    def _on_trained(self, told: dict[str, Any], _: float) -> None:
        self._finishing()
        self._tell(f"Learned {told['epochs']} epochs; the model is that of epoch {told['best']}. Now it is measured.")

    def _on_stopped(self, told: dict[str, Any], _: float) -> None:
        # Its process still runs: until that has ended nobody can go on with it.
        self.state, self.resumable, self._told_stop = "stopping", bool(told.get("resume")), True
        self.name = str(told.get("name") or self.name)
        kept = f"{told['epochs_done']} of {told['epochs']} epochs are kept: Resume goes on from there."
        self._tell(f"Stopped. {kept}" if self.resumable else "Stopped before anything was learned that could be kept.")

    def _on_measured(self, told: dict[str, Any], _: float) -> None:
        self._finishing()
        low, high = told["interval"]
        result = Result(str(told["data"]), float(told["accuracy"]), float(low), float(high), int(told["n"]))
        self.results.append(result)
        self._tell(str(result))

    def _on_compared(self, told: dict[str, Any], _: float) -> None:
        self._finishing()
        numbers = float(told["before"]), float(told["after"]), int(told["n"]), float(told["p"])
        self.comparisons.append(Comparison(str(told["data"]), *numbers))
        self._tell(str(self.comparisons[-1]))

    def _on_published(self, told: dict[str, Any], _: float) -> None:
        self.published = self.name = str(told["name"])
        self.fraction = 1.0
        self._tell(f"The model {self.published} is made. It is in {told['path']}.")

    def _finishing(self) -> None:
        self.state = self.state if self.state == "stopping" else "finishing"
        self.fraction = 1.0

    def _advance(self, at: float, now: float, told: dict[str, Any]) -> None:
        if self._first is None:
            self._first = (now, at)
        self._last = (now, at)
        left = _number(told, "seconds_left")
        self._told_left = left if left > 0 else None
        if self._total_steps and told.get("done"):
            self.fraction = min(1.0, int(told["done"]) / self._total_steps)
        else:
            self.fraction = min(1.0, at / self.total_epochs) if self.total_epochs else None

    def _tell(self, sentence: str) -> None:
        self.log.append(sentence)

    # What goes out ---------------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """Whether its process runs."""
        return self.state in STATES[:4]

    @property
    def best(self) -> Epoch | None:
        """The epoch that is kept."""
        return next((one for one in reversed(self.epochs) if one.best), None)

    def seconds_left(self, now: float) -> float | None:
        """Return how long it will still learn, as it says or by how fast it has learned; None before that is known."""
        if self._first is None or self.state != "learning" or not self.total_epochs:
            return None
        (start, at), (then, by_then) = self._first, self._last
        if self._told_left is not None:
            return max(0.0, self._told_left - (now - then))
        if by_then <= at or then <= start:
            return None
        an_epoch = (then - start) / (by_then - at)
        return max(0.0, (self.total_epochs - by_then) * an_epoch - (now - then))

    def headline(self) -> str:
        """Return in a few words what is going on."""
        name = self.name or self.title or "The model"
        epoch = min(self.total_epochs, math.floor(self._last[1]) + 1)
        return {
            "starting": self._reading or "Starting: TensorFlow and the data are being loaded",
            "learning": f"Learning: epoch {epoch} of {self.total_epochs}",
            "finishing": "Measuring what it learned",
            "stopping": "Stopping",
            "done": f"{name} is ready",
            "stopped": "Stopped",
            "failed": "It could not be trained",
        }[self.state]


def _number(told: dict[str, Any], name: str) -> float:
    value = told.get(name)
    return float(value) if isinstance(value, int | float) else math.nan
