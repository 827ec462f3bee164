"""The Train screen in a real window: a real run, stopped and taken up again; and everything by keys."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.app.jobs import Job
from hdr.app.train_child import Child
from hdr.app.train_curves import accuracy_axis, epoch_axis, loss_axis, nice_step
from hdr.app.train_facts import kept_epochs
from hdr.app.train_look import Looked
from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan
from hdr.app.train_tab import TrainTab
from hdr.classify.store import ModelStore
from hdr.data.drawn import draw_digits
from hdr.workspace import Workspace

from .conftest import Hand
from .test_train_control import publish
from .test_train_run import MEASURED, PUBLISHED, epoch, started

pytestmark = pytest.mark.gui
CONTROL = 0x4


def tab_of(hand: Hand) -> TrainTab:
    tab: TrainTab = hand.window.screens.tabs["train"]
    return tab


def say(hand: Hand, *lines: str, code: int | None = 0, wait: str = "") -> None:
    """Have a child of the next run say this, then end; or stay."""
    script = f"import sys, time\nfor line in {list(lines)!r}: print(line, flush=True)\n"
    script += "time.sleep(60)" if code is None else f"print({wait!r}, file=sys.stderr)\nsys.exit({code})"
    trainer = hand.window.controller.trainer
    trainer._start = lambda *_: Child((), program=(sys.executable, "-c", script))


def digits_folder(folder: Path) -> Path:
    """Some of two digits, as pictures by label: little to learn, and nothing is made up beside it."""
    from hdr.vision.media import save_image

    drawn = draw_digits(500, 7)
    for label in (1, 7):
        (folder / str(label)).mkdir(parents=True)
        for index in np.flatnonzero(drawn.labels == label)[:40]:
            save_image(folder / str(label) / f"{index}.png", drawn.take(np.array([index])).fields(28)[0])
    return folder


def digits_file(path: Path, count: int = 300) -> Path:
    drawn = draw_digits(2 * count, 7)
    pixels, labels = drawn.fields(28), drawn.labels
    np.savez(path, x_train=pixels[:count], y_train=labels[:count], x_test=pixels[count:], y_test=labels[count:])
    return path


def test_a_run_is_stopped_taken_up_again_used_and_read_with(shown: Hand, workspace: Workspace, tmp_path: Path) -> None:
    """With the real commands: two processes that load TensorFlow."""
    window, tab = shown.window, tab_of(shown)
    trainer = window.controller.trainer
    folder = digits_folder(tmp_path / "digits")
    trainer.choose(Plan(FOLDERS, (folder,), arch="tiny", epochs="5", batch="8", name="mine"))
    shown.key("Return", CONTROL, tab.frame)
    assert trainer.is_live
    assert tab.train_button.instate(["disabled"])
    shown.wait_until(lambda: trainer.run.epochs or not trainer.is_live, 120)
    shown.key("period", CONTROL, tab.frame)
    shown.wait_until(lambda: not trainer.is_live, 60)
    assert trainer.run.state == "stopped", trainer.run.log
    shown.wait_until(lambda: bool(trainer.facts.unfinished))
    shown.settle()
    assert tab.unfinished.get().startswith("mine: ")
    assert [entry.name for entry in ModelStore(workspace).entries()] == ["default"], "nothing is half made"
    before = len(trainer.run.epochs)
    assert [one.number for one in kept_epochs(workspace, "mine")] == list(range(1, before + 1))
    tab.resume_button.invoke()
    shown.wait_until(lambda: not trainer.is_live, 120)
    assert trainer.run.state == "done", trainer.run.log
    assert trainer.run.done_before <= before <= len(trainer.run.epochs)
    assert ModelStore(workspace).find("mine").card is not None
    shown.settle()
    assert "Right on" in tab.run_pane.says.cget("text")
    assert not tab.unfinished_row.winfo_manager()
    window.services.load_classifier = __import__("hdr.classify.loading", fromlist=["x"]).load_classifier
    tab.run_pane.use_button.invoke()
    shown.wait_until(lambda: window.state.model == "mine")
    assert window.services.classifier().card.name == "mine"


def test_what_a_run_tells_is_shown_as_it_comes(shown: Hand) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    assert "press Train" in tab.run_pane.says.cget("text")
    lines = [
        started(3), json.dumps({"event": "step", "epoch": 1, "step": 5, "loss": 2.0}), epoch(1, 0.8, best=True),
        epoch(2, 0.9, best=True), epoch(3, 0.85),
    ]  # fmt: skip
    say(shown, *lines, code=None)
    trainer.choose(Plan(MNIST, name="tiny-1"))
    tab.train_button.invoke()
    shown.wait_until(lambda: len(trainer.run.epochs) == 3)
    shown.wait_until(lambda: tab.run_pane.headline.cget("text") == "Learning: epoch 3 of 3")
    shown.window.root.update()
    canvas: Any = tab.run_pane.curves.canvas
    items = canvas.find_all()
    line = tab.run_pane.curves.accuracy._lines[1]
    assert len(canvas.coords(line)) == 6
    assert canvas.itemcget(tab.run_pane.curves.accuracy._best, "state") == "normal"
    tab.run_pane.refresh()
    assert canvas.find_all() == items, "nothing is made anew"
    assert tab.run_pane.log.get("1.0", "end").count("Epoch") == 3
    shown.window.controller.toggle_theme()
    shown.window.root.update()
    assert canvas.cget("background") == "#1f2329"
    tab.stop_button.invoke()
    shown.wait_until(lambda: not trainer.is_live)
    assert trainer.run.state == "stopped"


def test_nothing_right_is_a_point_of_the_curve_too(shown: Hand) -> None:
    trainer, curves = shown.window.controller.trainer, tab_of(shown).run_pane.curves
    say(shown, started(2), epoch(1, 0.0, best=True), epoch(2, 0.5))
    trainer.choose(Plan(MNIST))
    trainer.train()
    shown.wait_until(lambda: not trainer.is_live)
    shown.settle()
    canvas: Any = curves.canvas
    held = canvas.coords(curves.accuracy._lines[1])
    dot = canvas.coords(curves.accuracy._dot)
    assert len(held) == 4
    assert held[1] == pytest.approx((dot[1] + dot[3]) / 2), "the best epoch lies on its curve"


def test_a_run_that_has_no_epochs_is_a_curve_of_its_steps(shown: Hand) -> None:
    trainer, curves = shown.window.controller.trainer, tab_of(shown).run_pane.curves
    say(shown, started(1, 10), *(json.dumps({"event": "step", "epoch": 1, "step": s, "loss": 2.0}) for s in (5, 10)))
    trainer.choose(Plan(MNIST))
    trainer.train()
    shown.wait_until(lambda: not trainer.is_live)
    shown.settle()
    assert curves.loss._box[2] > curves.canvas.winfo_width() * 0.9
    assert curves.accuracy._box[0] > curves.canvas.winfo_width(), "out of sight"
    curves.show(None)
    assert curves.accuracy._box[0] < curves.canvas.winfo_width()


def test_a_child_that_breaks_is_told_in_its_place(shown: Hand) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    say(shown, "no event", code=1, wait="hdr: There is no room left on the disk. Free some.")
    trainer.choose(Plan(MNIST))
    tab.train_button.invoke()
    shown.wait_until(lambda: not trainer.is_live)
    shown.settle()
    assert tab.run_pane.says.cget("text") == "There is no room left on the disk. Free some."
    assert tab.run_pane.headline.cget("text") == "It could not be trained"
    assert tab.train_button.instate(["!disabled"])


def test_a_window_that_closes_asks_and_then_ends_the_run(shown: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    window, trainer = shown.window, shown.window.controller.trainer
    say(shown, started(3), code=None)
    trainer.choose(Plan(MNIST))
    trainer.train()
    shown.wait_until(lambda: trainer.run.state == "learning")
    child = trainer._child
    answers = ["stay", "stop"]
    monkeypatch.setattr(window.dialogs, "choose", lambda *_: answers.pop(0))
    window.controller.keeper.quit()
    assert child.is_alive
    window.controller.keeper.quit()
    assert window._closed
    assert not child.is_alive


def test_the_result_stands_beside_the_one_in_use(shown: Hand, workspace: Workspace) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    publish(workspace, "tiny-1")
    say(shown, started(3), epoch(1, 0.8, best=True), MEASURED, PUBLISHED)
    trainer.choose(Plan(MNIST, name="tiny-1"))
    trainer.train()
    shown.wait_until(lambda: not trainer.is_live)
    shown.settle()
    told = tab.run_pane.says.cget("text").splitlines()
    assert told[0].startswith("Right on MNIST's test part: 99.26 %")
    assert told[1].startswith("The model in use, default, on the same: ")
    shown.key("u", CONTROL, tab.frame)
    shown.settle()
    assert ModelStore(workspace).current() == "tiny-1"
    tab.run_pane.result_button.invoke()
    shown.settle()
    assert tab.results is not None
    assert tab.keys == tab.results.keys
    assert isinstance(tab.status(), str)


def test_the_form_writes_the_plan(shown: Hand, tmp_path: Path) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    form = tab.form
    assert trainer.plan.source == MNIST, "there are no captures"
    assert "downloads" in form.sources.mnist_told.cget("text")
    form.sources.buttons[OWN].invoke()
    assert trainer.plan.source == OWN
    assert "saved no digits" in tab.wrong.cget("text")
    assert tab.train_button.instate(["disabled"])
    assert form.fields.entries["arch"].instate(["disabled"])
    form.sources.buttons[FOLDERS].invoke()
    assert "Choose a folder" in tab.wrong.cget("text")
    form.sources.add([tmp_path, tmp_path, tmp_path / "no.txt"])
    assert trainer.plan.folders == (tmp_path,)
    assert form.sources.folders.get(0) == f"{tmp_path.name}   {tmp_path.parent}"
    form.fields.values["arch"].set("cnn-93k")
    form.fields.entries["arch"].event_generate("<<ComboboxSelected>>")
    assert trainer.plan.arch == "cnn-93k"
    assert form.fields.hints["epochs"].cget("text") == "recipe: 5"
    form.fields.entries["epochs"].insert(0, "x")
    assert "Epochs: give a whole number" in tab.wrong.cget("text")
    form.fields.entries["epochs"].delete(0, "end")
    form.more_button.invoke()
    shown.settle()
    assert form.more.winfo_ismapped()
    form.fields.values["class_weights"].set("count more")
    form.fields.entries["class_weights"].event_generate("<<ComboboxSelected>>")
    assert trainer.plan.class_weights == "balanced"
    form.sources.folders.selection_set(0)
    form.sources.folders.focus_force()
    form.sources.folders.event_generate("<Delete>")
    assert trainer.plan.folders == ()
    form.more_button.invoke()
    assert not form.more.winfo_manager()


def test_files_and_folders_are_asked_for(shown: Hand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    form, dialogs = tab_of(shown).form, shown.window.dialogs
    monkeypatch.setattr(dialogs, "open_file", lambda *_: tmp_path / "a.h5")
    monkeypatch.setattr(dialogs, "open_folder", lambda _: tmp_path)
    for choose in (form.choose_weights, form.choose_log, form.sources.choose_mnist, form.sources.add_folder):
        choose()
    plan = shown.window.controller.trainer.plan
    assert (plan.weights, plan.tensorboard) == (str(tmp_path / "a.h5"), str(tmp_path))
    assert (plan.mnist, plan.folders, plan.source) == (tmp_path / "a.h5", (tmp_path,), FOLDERS)
    monkeypatch.setattr(dialogs, "open_file", lambda *_: tmp_path / "mnist.npz")
    form.sources.file_button.invoke()
    assert shown.window.controller.trainer.plan.folders == (tmp_path, tmp_path / "mnist.npz")
    monkeypatch.setattr(dialogs, "open_file", lambda *_: None)
    form.sources.file_button.invoke()
    assert len(shown.window.controller.trainer.plan.folders) == 2


def test_while_it_is_looked_at_it_is_told_how_far_that_is_and_escape_stops_it(
    shown: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    go_on, report = threading.Event(), Job.report

    def slow(job: Job, fraction: float) -> None:
        report(job, fraction)
        assert fraction < 0.5 or go_on.wait(20)

    monkeypatch.setattr(Job, "report", slow)
    trainer.choose(Plan(FOLDERS, (digits_folder(tmp_path / "digits"),)))
    shown.key("l", CONTROL, tab.frame)
    shown.wait_until(lambda: "40 of 80" in tab.data_pane.told.cget("text"))
    assert tab.data_pane.told.cget("text") == "Reading pictures: 40 of 80 … Esc stops it."
    shown.key("Escape", 0, tab.frame)
    go_on.set()
    shown.wait_until(lambda: tab.data_pane.told.cget("text").startswith("Look at the data shows"))
    assert trainer.looked is None


def test_of_very_many_labels_the_first_are_shown(shown: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr.app.train_data_pane.MOST_LABELS", 2)
    pane = tab_of(shown).data_pane
    for labels, told in ((2, []), (1202, ["and 1,200 more labels"])):
        pane.trainer.looked = Looked({f"label {n}": (5, 2) for n in range(labels)}, (), {}, "7 each.")
        pane.refresh()
        texts = [
            pane.canvas.itemcget(item, "text") for item in pane.canvas.find_all() if pane.canvas.type(item) == "text"
        ]
        assert [text for text in texts if text.startswith("label")] == ["label 0", "label 1"]
        assert [text for text in texts if "more" in text] == told


def test_the_data_is_looked_at(shown: Hand, tmp_path: Path) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    trainer.choose(Plan(MNIST, mnist=digits_file(tmp_path / "digits.npz", 60)))
    shown.key("l", CONTROL, tab.frame)
    shown.wait_until(lambda: trainer.looked is not None)
    shown.settle()
    assert "60 to learn from" in tab.data_pane.told.cget("text")
    assert "Add more" in tab.data_pane.warnings.cget("text")
    assert len(tab.data_pane._pictures) > 20
    tab.data_pane.canvas.focus_force()
    tab.data_pane.canvas.event_generate("<Next>")


def test_data_fits_into_whatever_width_there_is(shown: Hand) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    name = "a rather long label, number 12"
    white = b"P5 32 32 255 " + bytes(32 * 32)
    trainer.looked = Looked({name: (5, 2), "b": (1, 0)}, ("It will hurt.",), {name: [white] * 8}, "So many.")
    shown.window.root.geometry("780x500")
    tab.panes.select(tab.data_pane.frame)
    trainer._tell("looked")
    shown.settle()
    canvas: Any = tab.data_pane.canvas

    def seen(kind: str) -> list[int]:
        return [item for item in canvas.find_all() if canvas.type(item) == kind]

    def texts() -> list[str]:
        return [canvas.itemcget(item, "text") for item in seen("text")]

    shown.wait_until(lambda: 0 < len(seen("image")) < 8)
    assert name not in texts()
    assert {"to learn from", "to test on", "5 + 2", "1 + 0"} <= set(texts())
    assert all(canvas.bbox(item)[2] <= canvas.winfo_width() for item in canvas.find_all())
    shown.window.root.geometry("1240x800")
    shown.wait_until(lambda: len(seen("image")) == 8)
    assert name in texts()


def test_the_list_of_models(shown: Hand, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    publish(workspace, "other")
    (workspace.models / "broken").mkdir()
    trainer.refresh()
    shown.settle()
    pane = tab.models_pane
    assert pane.list.get_children() == ("broken", "default", "other")
    assert pane.list.set("default", "name") == "✓ default"
    assert pane.list.set("other", "accuracy") == "99.00 %"
    pane.list.selection_set("broken")
    shown.settle()
    assert pane.told.cget("text")
    assert pane.buttons["use"].instate(["disabled"])
    tab.panes.select(pane.frame)
    shown.settle()
    over = tab.notices_over()
    assert over.winfo_rooty() + over.winfo_height() <= pane.buttons["use"].winfo_rooty(), "a notice hides no button"
    pane.list.selection_set("other")
    shown.settle()
    exported: list[Any] = []
    monkeypatch.setattr(trainer, "export", lambda *told: exported.append(told))
    monkeypatch.setattr(shown.window.dialogs, "choose_one", lambda *_: "onnx")
    monkeypatch.setattr(shown.window.dialogs, "save_file", lambda *_: tmp_path / "m.onnx")
    pane.buttons["export"].invoke()
    assert exported == [("other", "onnx", tmp_path / "m.onnx")]
    monkeypatch.setattr(shown.window.dialogs, "choose_one", lambda *_: "")
    pane.buttons["export"].invoke()
    assert len(exported) == 1
    assert pane.buttons["back"].instate(["disabled"]), "there is none to go back to"
    pane.buttons["use"].invoke()
    shown.settle()
    assert ModelStore(workspace).current() == "other"
    pane.buttons["back"].invoke()
    shown.settle()
    assert ModelStore(workspace).current() == "default"
    monkeypatch.setattr(shown.window.dialogs, "choose", lambda *_: "remove")
    pane.buttons["remove"].invoke()
    shown.settle()
    assert "other" not in pane.list.get_children()
    pane.buttons["restore"].invoke()
    shown.settle()
    assert "other" in pane.list.get_children()


def test_every_control_is_reached_by_tab_and_comes_into_sight(shown: Hand) -> None:
    tab = tab_of(shown)
    shown.window.root.geometry("780x500")
    shown.settle()
    tab.form.toggle_more()
    shown.settle()
    tab.form.sources.buttons[OWN].focus_force()
    wanted = {
        tab.form.fields.entries["tensorboard"],
        tab.form.fields.entries["class_weights"],
        tab.form.sources.look_button,
        tab.train_button,
    }
    for _ in range(80):
        focus = shown.window.root.focus_lastfor()  # whichever window the screen itself gives its keys to
        assert focus is not None
        if focus in wanted:
            wanted.discard(focus)
            if focus is not tab.train_button:
                canvas = tab.form.column.canvas
                assert canvas.winfo_rooty() <= focus.winfo_rooty() < canvas.winfo_rooty() + canvas.winfo_height()
        focus.event_generate("<Tab>")
        shown.window.root.update()
    assert wanted in (set(), {tab.train_button}), "it is disabled without captures"


def test_from_pane_to_pane_by_keys(shown: Hand) -> None:
    tab = tab_of(shown)

    def pane() -> str:
        panes: Any = tab.panes
        return str(panes.tab("current", "text"))

    def turn(state: int) -> str:
        widget = tab.form.sources.look_button if tab.form.sources.look_button.winfo_ismapped() else tab.panes
        shown.key("Tab", state, widget)
        shown.settle()
        return pane()

    assert [turn(CONTROL) for _ in range(4)] == ["Data", "Results", "Models", "Run"]
    assert turn(CONTROL | 1) == "Models"
    shown.window.controller.toggle_screen("pages")
    shown.key("Tab", CONTROL)
    assert pane() == "Models"


def test_questions_and_choices(shown: Hand) -> None:
    from hdr.app.questions import ChoiceDialog, QuestionDialog

    root = shown.window.root
    question = QuestionDialog(root, "Really?", "Nothing is lost.", (("no", "No"), ("yes", "Yes")))
    root.after(50, question.window.focus_get().invoke if question.window.focus_get() else question.window.destroy)
    question.show()
    question.finish("yes")
    assert question.answer == "yes"
    choice = ChoiceDialog(root, "Which?", {"a": "A", "b": "B"})
    choice.chosen.set("b")
    choice.show()
    choice.finish(choice.chosen.get())
    assert choice.answer == "b"


# Axes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "most", "step"), [(1, 5, 0.2), (40, 8, 5), (40, 4, 10), (3, 10, 0.5), (0.01, 5, 0.002)]
)
def test_steps_are_round(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)


def test_axes_are_named_sensibly() -> None:
    assert [text for _, text in epoch_axis(40, 5).ticks] == ["0", "10", "20", "30", "40"]
    assert [text for _, text in epoch_axis(1, 8).ticks] == ["0", "1"]
    assert [text for _, text in accuracy_axis([0.62, 0.99], 6).ticks] == ["60 %", "70 %", "80 %", "90 %", "100 %"]
    assert accuracy_axis([0.991], 6).ticks[0][1] == "99.0 %"
    assert accuracy_axis([], 5).ticks[0][1] == "0 %"
    assert [text for _, text in loss_axis([0.02, 2.0], 4).ticks] == ["0.03", "0.1", "0.3", "1"]
    assert loss_axis([0.5], 5).share(0.5) == pytest.approx(0.5)
    assert loss_axis([1.0, 0.1], 5).share(100.0) == 1.0
