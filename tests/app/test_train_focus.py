"""Where the keys go on the Train screen: in the reading order, and never to what is not seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdr.app.train_plan import FOLDERS, MNIST, Plan
from hdr.app.train_tab import TrainTab

from .conftest import Hand
from .test_train_run import PUBLISHED, epoch, started
from .test_train_tab import CONTROL, publish, say, tab_of

pytestmark = pytest.mark.gui


def focus_of(hand: Hand) -> Any:
    hand.window.root.update()
    return hand.window.root.focus_get()


def walk(hand: Hand, start: Any, steps: int) -> list[Any]:
    start.focus_force()
    found = [focus_of(hand)]
    for _ in range(steps):
        found[-1].event_generate("<Tab>")
        found.append(focus_of(hand))
    return found


def test_a_shortcut_with_return_does_not_press_the_button_that_has_the_focus(
    shown: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    asked: list[str] = []
    monkeypatch.setattr(shown.window.dialogs, "open_file", lambda *_: asked.append("file"))
    say(shown, started(3), code=None)
    trainer.choose(Plan(MNIST))
    button = tab.form.sources.mnist_button
    shown.key("Return", CONTROL, button)
    assert asked == []
    assert trainer.is_live
    shown.key("Return", 0, button)
    assert asked == ["file"]


def test_tab_goes_by_the_reading_order(shown: Hand) -> None:
    tab = tab_of(shown)
    shown.window.controller.trainer.choose(Plan(MNIST))
    assert walk(shown, tab.form.more_button, 2)[1:] == [tab.train_button, tab.panes]
    tab.panes.select(tab.models_pane.frame)
    shown.settle()
    found = walk(shown, tab.panes, 2)
    assert found[1] is tab.models_pane.list
    assert found[2] in tab.models_pane.buttons.values()


def panes_of(tab: TrainTab) -> list[Callable[[], Any]]:
    return [
        lambda: tab.data_pane.canvas,
        lambda: tab.results.choice.model if tab.results else None,
        lambda: tab.models_pane.list,
        lambda: tab.form.sources.buttons[MNIST],
    ]


def test_from_pane_to_pane_the_keys_never_go_to_what_is_not_seen(shown: Hand) -> None:
    tab = tab_of(shown)
    shown.window.controller.trainer.choose(Plan(MNIST))
    tab.run_pane.log.focus_force()
    for keyboard in panes_of(tab):
        focus_of(shown).event_generate("<KeyPress>", keysym="Tab", state=CONTROL)
        shown.settle()
        assert focus_of(shown) is keyboard()
    tab.panes.focus_force()
    for _ in range(4):  # along the tabs themselves
        tab.panes.event_generate("<Right>")
        shown.settle()
        assert focus_of(shown) is tab.panes


def test_whoever_comes_back_has_the_keys_where_something_is_seen(shown: Hand) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    say(shown, started(3), epoch(1, 0.5, best=True), code=None)
    trainer.choose(Plan(MNIST))
    trainer.train()
    for pane, keyboard in ((tab.run_pane.frame, lambda: tab.stop_button), (tab._of_results, panes_of(tab)[1])):
        tab.panes.select(pane)
        shown.settle()
        shown.window.state.use_screen("pages")
        shown.settle()
        shown.window.state.use_screen("train")
        shown.settle()
        assert focus_of(shown) is keyboard()


def test_the_ring_follows_a_column_that_scrolls(shown: Hand) -> None:
    tab, ring = tab_of(shown), shown.window.ring
    shown.window.root.geometry("780x500")
    tab.form.toggle_more()
    shown.settle()
    tab.form.sources.buttons[MNIST].focus_force()
    for _ in range(12):
        focus_of(shown).event_generate("<Tab>")
        shown.window.root.update()
        focus = focus_of(shown)
        bar = ring.bars[0]
        if bar.winfo_manager():
            assert 0 < focus.winfo_rooty() - bar.winfo_rooty() < 10, focus


def test_what_was_chosen_is_there_again_in_the_next_window(
    shown: Hand, open_hand: Callable[..., Hand], tmp_path: Path
) -> None:
    folders = tmp_path / "one" / "data", tmp_path / "two" / "data"
    for folder in folders:
        folder.mkdir(parents=True)
    form = tab_of(shown).form
    form.sources.add(folders)
    form.fields.entries["epochs"].insert(0, "3")
    form.fields.entries["name"].insert(0, "mine")
    shown.settle()
    assert form.sources.remove_button.instate(["disabled"]), "which of the two?"
    shown.window.controller.keeper.quit()
    other = open_hand()
    other.key("F7")
    other.settle()
    plan = other.window.controller.trainer.plan
    assert (plan.source, plan.folders, plan.epochs, plan.name) == (FOLDERS, folders, "3", "")
    listed = tab_of(other).form.sources.folders
    assert listed.get(0, "end") == tuple(f"data   {folder.parent}" for folder in folders)
    listed.selection_set(1)
    listed.event_generate("<<ListboxSelect>>")
    tab_of(other).form.sources.remove_button.invoke()
    tab_of(other).form.sources.remove_button.invoke()
    assert other.window.controller.trainer.plan.folders == (), "one alone needs no mark"


def test_a_model_that_reads_no_pages_is_not_offered_for_use(shown: Hand) -> None:
    tab, trainer = tab_of(shown), shown.window.controller.trainer
    publish(shown.window.services.workspace, "tiny-1", geometry="picture-1")
    say(shown, started(3), epoch(1, 0.8, best=True), PUBLISHED)
    trainer.choose(Plan(MNIST, name="tiny-1"))
    trainer.train()
    shown.wait_until(lambda: not trainer.is_live)
    shown.settle()
    assert not tab.run_pane.use_button.winfo_manager()
    assert tab.run_pane.result_button.winfo_ismapped()
    tab.panes.select(tab.models_pane.frame)
    tab.models_pane.list.selection_set("tiny-1")
    shown.settle()
    assert tab.models_pane.buttons["use"].instate(["disabled"])
    assert "reads no pages" in tab.models_pane.told.cget("text")
    for _ in range(2):
        tab.models_pane.list.event_generate("<ButtonPress-1>", x=30, y=30)
    shown.settle()
    assert trainer.facts.current == "default"
