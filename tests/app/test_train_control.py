"""Training as the verbs of the screen, with children that only say what they are told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.app.jobs import Job, Jobs
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.app.train_child import Line
from hdr.app.train_control import Trainer
from hdr.app.train_facts import find_facts
from hdr.app.train_look import SAMPLES, look_at
from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.discarding import discard, restore
from hdr.classify.store import ModelStore
from hdr.errors import HdrError, ModelError
from hdr.settings import Settings
from hdr.vision.media import save_image
from hdr.workspace import Workspace

from .conftest import LABELS, FakeDialogs, finish
from .test_train_run import MEASURED, PUBLISHED, epoch, started


class Said:
    """A child without a process."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str]) -> None:
        self.arguments, self.environment = list(arguments), environment
        self.waiting: list[Line] = []
        self.asked: list[str] = []

    def say(self, *lines: str, code: int | None = None) -> None:
        self.waiting += [Line("out", one) for one in lines]
        self.waiting += [] if code is None else [Line("end", code=code)]

    def lines(self) -> list[Line]:
        said, self.waiting = self.waiting, []
        return said

    def stop(self) -> None:
        self.asked.append("stop")

    def close(self) -> None:
        self.asked.append("close")


def publish(workspace: Workspace, name: str, **more: Any) -> None:
    with ModelStore(workspace).publishing(name) as work:
        scores = {"mnist_test": {"accuracy": 0.99, "interval": [0.98, 1.0], "n": 10000}}
        told = {"scores": scores, "architecture": "tiny", "made": {"parameters": 7, "date": "2026-01-02"}, **more}
        (work / "card.json").write_text(ModelCard(name, LABELS, **told).to_json())
        (work / "model.keras").write_bytes(b"x" * 3000)
        (work / "model.tflite").write_bytes(b"x" * 1000)


class Bench:
    """A trainer and all that belongs to it."""

    def __init__(self, workspace: Workspace) -> None:
        self.state = AppState(Settings())
        self.dialogs = FakeDialogs()
        self.children: list[Said] = []
        self.now = 0.0
        self.failed: list[BaseException] = []
        self.services = Services(workspace, load_classifier=self.load)
        self.jobs = Jobs(self.failed.append)
        self.trainer = Trainer(self.state, self.services, self.jobs, self.dialogs, self.start, lambda: self.now)  # type: ignore[arg-type]  # a child that is none

    def load(self) -> Any:
        store = ModelStore(self.services.workspace)
        name = store.current()
        return StubClassifier(("7",), 0.9, ModelCard(name, LABELS))

    def start(self, arguments: Sequence[str], environment: dict[str, str]) -> Said:
        self.children.append(Said(arguments, environment))
        return self.children[-1]

    @property
    def told(self) -> str:
        """What the notice says; empty for none."""
        return self.state.notice.message if self.state.notice else ""

    def say(self, *lines: str, code: int | None = None) -> None:
        self.children[-1].say(*lines, code=code)
        assert self.trainer.pump()
        finish(self.jobs)


@pytest.fixture
def no_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture
def bench(workspace: Workspace) -> Iterator[Bench]:
    bench = Bench(workspace)
    yield bench
    bench.jobs.close()


def test_from_the_press_of_train_to_the_model_in_use(bench: Bench, workspace: Workspace) -> None:
    told: list[str] = []
    trainer = bench.trainer
    trainer.listen(told.append)
    trainer.choose(Plan(MNIST, name="tiny-1"))
    trainer.choose(Plan(MNIST, name="tiny-1"))
    trainer.train()
    child = bench.children[0]
    assert child.arguments == ["train", "--progress", "jsonl", "--arch", "default", "--name", "tiny-1"]
    assert child.environment == {"HDR_HOME": str(workspace.models.parent)}
    assert (trainer.is_live, bench.state.training, trainer.has_children) == (True, "live", True)
    trainer.train()
    assert len(bench.children) == 1, "one at a time"
    assert not trainer.pump(), "nothing was said yet"
    bench.say(started(), epoch(1, 0.9, best=True), MEASURED)
    assert trainer.seconds_left() is None
    publish(workspace, "tiny-1")
    bench.say(PUBLISHED, code=0)
    assert (bench.state.training, trainer.has_children) == ("done", False)
    assert trainer.facts is not None
    assert "tiny-1" in [one.name for one in trainer.facts.models]
    trainer.use_new()
    finish(bench.jobs)
    assert bench.state.model == "tiny-1"
    assert ModelStore(workspace).current() == "tiny-1"
    assert bench.services.classifier().card.name == "tiny-1", "the window reads with it at once"
    trainer.roll_back()
    finish(bench.jobs)
    assert bench.state.model == "default"
    assert told.count("plan") == 2, "chosen once, and its name freed for the next"
    assert {"run", "facts"} <= set(told)
    assert bench.failed == []


@pytest.mark.parametrize(
    ("line", "code", "says"), [(PUBLISHED, 0, "tiny-1 is ready."), ("", 1, "It could not be trained.")]
)
def test_whoever_looks_elsewhere_is_told_of_the_end(bench: Bench, line: str, code: int, says: str) -> None:
    bench.trainer.choose(Plan(MNIST))
    bench.trainer.train()
    bench.say(line, code=code)
    assert bench.told == says
    bench.state.hush()
    bench.state.use_screen("train")
    bench.trainer.train()
    bench.say(line, code=code)
    assert bench.told == "", "who sees it needs no notice"


def test_what_the_child_complains_of_is_shown(bench: Bench) -> None:
    bench.trainer.choose(Plan(MNIST))
    bench.trainer.train()
    bench.children[0].waiting = [Line("err", "hdr: The disk is full. Free some room.")]
    bench.say(code=1)
    assert bench.trainer.run is not None
    assert bench.trainer.run.wrong == "The disk is full. Free some room."
    assert bench.state.training == "failed"
    bench.trainer.use_new()
    assert bench.state.model == ""


def test_stop_and_take_up_again(bench: Bench) -> None:
    trainer = bench.trainer
    trainer.stop()
    trainer.choose(Plan(MNIST, name="a"))
    trainer.train()
    bench.say(started(), epoch(1, 0.9, best=True))
    trainer.stop()
    assert bench.children[0].asked == ["stop"]
    trainer.resume("a")
    assert len(bench.children) == 1
    stopped = {"event": "stopped", "name": "a", "epochs_done": 1, "epochs": 4, "resume": "hdr train --resume a"}
    bench.say(json.dumps(stopped), code=130)
    assert bench.state.training == "stopped"
    trainer.resume("a")
    assert bench.children[1].arguments == ["train", "--resume", "a", "--progress", "jsonl"]
    bench.say(started(resumed_from=1), epoch(2, 0.95, best=True))
    assert trainer.run is not None
    assert [one.number for one in trainer.run.epochs] == [1, 2]


def test_a_run_that_another_window_began_is_shown_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from hdr.app.train_told import Epoch

    known = [Epoch(1, 0.5, 0.8, 0.4, 0.85, best=True)]
    monkeypatch.setattr("hdr.app.train_control.kept_epochs", lambda *_: known)
    bench.trainer.resume("a")
    finish(bench.jobs)
    bench.say(started(resumed_from=1), epoch(2, 0.9))
    assert bench.trainer.run is not None
    assert [one.number for one in bench.trainer.run.epochs] == [1, 2]


def test_the_best_is_kept_and_made_a_model(bench: Bench) -> None:
    trainer = bench.trainer
    trainer.choose(Plan(MNIST, name="a"))
    trainer.train()
    bench.say(started())
    could = trainer.can_keep_best
    bench.say(epoch(1, 0.9, best=True))
    assert (could, trainer.can_keep_best) == (False, True)
    trainer.stop(finish=True)
    stopped = {"event": "stopped", "name": "a", "epochs_done": 1, "epochs": 4, "resume": "hdr train --resume a"}
    bench.say(json.dumps(stopped), code=130)
    assert bench.children[1].arguments == ["train", "--resume", "a", "--progress", "jsonl", "--finish"]
    assert trainer.is_live
    bench.say(PUBLISHED, code=0)
    assert bench.state.training == "done"


def test_closing_asks_only_while_something_runs(bench: Bench) -> None:
    assert bench.trainer.may_close()
    bench.trainer.close()
    bench.trainer.choose(Plan(MNIST))
    bench.trainer.train()
    assert not bench.trainer.may_close()
    bench.dialogs.closing = "stop"
    assert bench.trainer.may_close()
    bench.trainer.close()
    assert bench.children[0].asked == ["close"]


def test_a_child_that_cannot_be_started_is_a_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(bench.trainer, "_start", start)
    bench.trainer.choose(Plan(MNIST))
    with pytest.raises(HdrError, match="could not be started"):
        bench.trainer.train()
    assert not bench.trainer.is_live


def test_what_is_missing_is_said_with_its_cure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "saved no digits" in bench.trainer.wrong()[0]
    bench.trainer.train()
    assert bench.children == []
    bench.state.set_counts({"1": 4})
    assert bench.trainer.wrong() == []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    bench.trainer.refresh()
    finish(bench.jobs)
    assert 'pip install ".[train]"' in bench.trainer.wrong()[0]


def test_without_captures_mnist_is_what_is_offered(bench: Bench) -> None:
    bench.trainer.refresh()
    finish(bench.jobs)
    assert bench.trainer.plan.source == MNIST


def test_facts(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_MNIST", "/somewhere/mnist.npz")
    publish(workspace, "mine", parent="default")
    (workspace.models / "broken").mkdir()
    facts = find_facts(workspace)
    assert facts.mnist == Path("/somewhere/mnist.npz")
    choices = {one.name: one for one in facts.choices}
    assert choices["cnn-93k"].usual["epochs"] == "5"
    assert "99.26" in choices["cnn-93k"].source
    rows = {row.name: row for row in facts.models}
    mine = rows["mine"]
    assert (mine.accuracy, mine.n, mine.data) == (0.99, 10000, "mnist_test")
    assert (mine.size_bytes, mine.parameters, mine.parent, mine.trainable) == (1000, 7, "default", True)
    assert rows["broken"].fault
    assert not rows["broken"].trainable
    assert facts.unfinished == ()


def test_a_card_may_say_anything(workspace: Workspace) -> None:
    publish(workspace, "odd", scores={"a": 3, "b": {"accuracy": "high"}}, made={})
    row = next(row for row in find_facts(workspace).models if row.name == "odd")
    assert (row.n, row.data, row.parameters) == (0, "", 0)


# Looking at the data --------------------------------------------------------------------------------------------------


def look(bench: Bench, plan: Plan) -> Any:
    bench.trainer.choose(plan)
    bench.trainer.look()
    finish(bench.jobs)
    return bench.trainer.looked


def test_folders_are_looked_at(bench: Bench, shared_data: Path, tmp_path: Path) -> None:
    import shutil

    for label in ("football", "rugby_ball"):
        (tmp_path / label).mkdir()
        for picture in sorted((shared_data / "balls" / label).iterdir())[:12]:
            shutil.copy(picture, tmp_path / label)
    looked = look(bench, Plan(FOLDERS, (tmp_path,)))
    assert [sum(both) for both in looked.counts.values()] == [12, 12]
    assert len(looked.samples["football"]) == SAMPLES
    assert looked.samples["football"][0].startswith(b"P6 32 32 255 ")
    assert "to learn from" in looked.told
    assert looked.warnings[-1] == (
        "These pictures have colours, and default sees them in gray: cnn-rgb and mobilenetv2 see colours."
    )
    assert "gray" not in str(look(bench, Plan(FOLDERS, (tmp_path,), arch="cnn-rgb")).warnings)


def test_what_cannot_be_looked_at_says_why(bench: Bench, tmp_path: Path, no_mnist: None) -> None:
    assert look(bench, Plan(MNIST)) is None
    assert look(bench, Plan(OWN)) is None
    assert look(bench, Plan(FOLDERS, (tmp_path,))) is None
    assert all(isinstance(error, HdrError) for error in bench.failed)
    assert "MNIST is not on this computer yet" in str(bench.failed[0])
    assert "holds no crops" in str(bench.failed[1])


def _pictures(root: Path, count: int) -> Path:
    for number in range(count):
        folder = root / f"label {number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (9, 9, 3), np.uint8)
        save_image(folder / f"{number}.png", pixels)
    return root


def test_it_is_told_how_many_pictures_are_read(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, go_on, half = list[str](), threading.Event(), threading.Event()
    report = Job.report

    def slow(job: Job, fraction: float) -> None:
        report(job, fraction)
        told.append(bench.trainer.looking)
        if len(told) == 20:
            half.set()
            assert go_on.wait(20)

    monkeypatch.setattr(Job, "report", slow)
    bench.trainer.choose(Plan(FOLDERS, (_pictures(tmp_path, 40),)))
    bench.trainer.look()
    assert half.wait(20)
    assert bench.trainer.looking == "Reading pictures: 20 of 40"
    go_on.set()
    finish(bench.jobs)
    assert told[-1] == "Looking at the data"
    assert bench.trainer.looking == ""
    assert bench.trainer.looked is not None


def test_reading_is_stopped_at_once(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    report = Job.report

    def stopped(job: Job, fraction: float) -> None:
        report(job, fraction)
        told.append(fraction)
        job.cancelled.set()

    monkeypatch.setattr(Job, "report", stopped)
    plan = Plan(FOLDERS, (_pictures(tmp_path, 40),))
    job = Job("look at data", "Looking at the data", print, print, print)
    with pytest.raises(HdrError, match="Stopped"):
        look_at(plan, bench.services.workspace, None, job)
    assert told == [1 / 40]


def test_of_very_many_labels_the_first_have_samples(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hdr.app.train_look.MOST_LABELS", 1)
    looked = look(bench, Plan(FOLDERS, (_pictures(tmp_path, 20),)))
    assert list(looked.counts) == ["label 0", "label 1"]
    assert list(looked.samples) == ["label 0"]


def test_looking_is_stopped(bench: Bench) -> None:
    bench.trainer.choose(Plan(MNIST))
    bench.trainer.look()
    bench.trainer.leave()
    assert bench.told.startswith("Stopped")
    bench.trainer.leave()
    assert bench.told == ""
    bench.state.use_screen("train")
    bench.trainer.leave()
    assert bench.state.screen == "pages"


# The models -----------------------------------------------------------------------------------------------------------


def test_a_model_is_put_aside_and_comes_back(bench: Bench, workspace: Workspace) -> None:
    publish(workspace, "old")
    store = ModelStore(workspace)
    bench.trainer.remove("old")
    finish(bench.jobs)
    assert store.find("old")
    bench.dialogs.closing = "remove"
    bench.trainer.remove("old")
    finish(bench.jobs)
    assert "old" not in [entry.name for entry in store.entries()]
    assert bench.trainer.removed == "old"
    bench.trainer.bring_back()
    bench.trainer.bring_back()
    finish(bench.jobs)
    assert store.find("old").card is not None
    assert bench.trainer.removed == ""


def test_what_cannot_read_is_not_put_in_use(bench: Bench, workspace: Workspace) -> None:
    from hdr.vision.normalize import PICTURE

    publish(workspace, "balls", geometry=PICTURE)
    publish(workspace, "damaged")
    bench.trainer.use("balls")
    finish(bench.jobs)
    assert "reads no pages" in str(bench.failed.pop())

    def fail() -> Any:
        raise ModelError("It is damaged.")

    bench.services.load_classifier = fail
    bench.trainer.use("damaged")
    finish(bench.jobs)
    assert str(bench.failed.pop()) == "It is damaged."
    assert ModelStore(workspace).current() == "default"


def test_discarding_keeps_everything_and_refuses_what_is_needed(workspace: Workspace) -> None:
    store = ModelStore(workspace)
    for _ in range(2):
        publish(workspace, "old")
        kept = discard(store, "old")
    assert kept == "old.2"
    publish(workspace, "old")
    with pytest.raises(ModelError, match="another model 'old' by now"):
        restore(store, "old.2", "old")
    store.use("old")
    with pytest.raises(ModelError, match="is in use"):
        discard(store, "old")
    with pytest.raises(ModelError, match="came with the program"):
        discard(store, "default")
    with pytest.raises(ModelError, match="cannot be brought back"):
        restore(store, "nothing", "new")


def test_a_model_that_cannot_be_moved_is_a_sentence(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(workspace, "old")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(ModelError, match="Read-only"):
        discard(ModelStore(workspace), "old")


def test_export_by_a_child(bench: Bench, tmp_path: Path) -> None:
    trainer, target = bench.trainer, tmp_path / "m.onnx"
    trainer.export("default", "onnx", target)
    exported = trainer.exports
    trainer.export("default", "onnx", target)
    assert len(bench.children) == 1
    assert bench.children[0].arguments[:4] == ["models", "export", "default", "--format"]
    bench.say("m.onnx: onnx, 1,000 bytes", "  100 samples: 0 labels changed", code=0)
    assert bench.told == "Exported: m.onnx: onnx, 1,000 bytes"
    assert (exported, trainer.exports) == (True, False)
    trainer.export("default", "onnx", target)
    bench.children[-1].waiting = [Line("err", "hdr: It answers differently.")]
    bench.say(code=1)
    assert bench.told == "It answers differently."
    trainer.export("default", "onnx", target)
    bench.say(code=-9)
    assert "status -9" in bench.told
    trainer.export("default", "onnx", target)
    trainer.close()
    assert bench.children[-1].asked == ["close"]


def test_a_copy_of_a_model_of_pictures_is_tried_with_what_it_learned_from(
    bench: Bench, workspace: Workspace, tmp_path: Path
) -> None:
    folder, target = tmp_path / "my balls", tmp_path / "m.onnx"
    folder.mkdir()
    publish(workspace, "balls", geometry="picture-1", made={"command": f"hdr train --arch dense --data '{folder}'"})
    bench.trainer.export("balls", "onnx", target)
    assert bench.children[-1].arguments[-3:] == ["--replace", "--data", str(folder)]
    bench.say("m.onnx", code=0)
    folder.rmdir()
    bench.trainer.export("balls", "onnx", target)
    assert len(bench.children) == 1, "nobody said with which pictures"
    bench.dialogs.closing, bench.dialogs.pictures = "choose", [tmp_path]
    bench.trainer.export("balls", "onnx", target)
    assert bench.children[-1].arguments[-2:] == ["--data", str(tmp_path)]


def test_a_name_that_is_taken_is_said_before_anything_is_loaded(bench: Bench, workspace: Workspace) -> None:
    bench.trainer.choose(Plan(MNIST, name="tiny-1"))
    bench.trainer.train()
    publish(workspace, "tiny-1")
    bench.say(started(3), PUBLISHED, code=0)
    assert bench.trainer.plan.name == "", "it is the new model's now"
    assert bench.trainer.wrong() == []
    bench.trainer.choose(Plan(MNIST, name="tiny-1"))
    assert bench.trainer.wrong() == ["There is a model called tiny-1 already: give another name, or none."]
    bench.trainer.train()
    assert len(bench.children) == 1


def test_an_unfinished_run_is_thrown_away_when_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []
    monkeypatch.setattr("hdr.train.runs.discard_run", lambda name, _: gone.append(name))
    bench.trainer.discard("a")
    bench.dialogs.closing = "discard"
    bench.trainer.discard("a")
    finish(bench.jobs)
    assert gone == ["a"]


def test_a_result_is_shown_on_what_it_was_tested_on(bench: Bench, workspace: Workspace, tmp_path: Path) -> None:
    expected: list[tuple[Plan, Callable[[], list[Path]]]] = [
        (Plan(MNIST, mnist=tmp_path / "m.npz"), lambda: [tmp_path / "m.npz"]),
        (Plan(FOLDERS, (tmp_path,)), lambda: [tmp_path]),
        (Plan(OWN), lambda: [workspace.captures]),
    ]
    bench.state.set_counts({"1": 1})
    for plan, data in expected:
        bench.trainer.choose(plan)
        bench.trainer.train()
        bench.say(PUBLISHED, code=0)
        assert bench.trainer.tested_on("tiny-1") == data()
        assert bench.trainer.tested_on("other") == []
