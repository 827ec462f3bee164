"""What a person does with results, without a window: measured, gone through, relabelled, dropped and taken back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr.app.jobs import Jobs
from hdr.app.results import Results
from hdr.app.results_look import as_run, data_of, look, read_history_of, read_picture
from hdr.app.results_measured import Which
from hdr.app.results_work import Work
from hdr.app.state import AppState
from hdr.app.train_child import Line
from hdr.classify.card import ModelCard
from hdr.classify.store import ModelStore
from hdr.data.answers import Told
from hdr.data.evaluate import Answers, Evaluation
from hdr.data.fair import Place
from hdr.errors import DatasetError, HdrError
from hdr.settings import Settings
from hdr.train.history import History, write_history
from hdr.workspace import Workspace
from tests.app.conftest import finish, make_services
from tests.app.fake_child import FakeHdr

NAMES = ("cat", "dog", "cow")


def told_of(truth: list[int], predicted: list[int], places: list[Place]) -> Told:
    probabilities = np.full((len(truth), 3), 0.05, np.float32)
    for row, label in enumerate(predicted):
        probabilities[row, label] = 0.9 - row / 100
    return Told(Evaluation("m", NAMES, Answers(np.array(truth, np.int64), probabilities)), tuple(places))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two cats and two dogs, of which one each is taken for the other."""
    made = [tmp_path / "pets" / name for name in ("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png")]
    for file in made:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 4), "#123456").save(file)
    return made


@pytest.fixture
def pets(files: list[Path]) -> FakeHdr:
    return FakeHdr(told_of([0, 0, 1, 1], [0, 1, 1, 0], [Place(str(file)) for file in files]))


@pytest.fixture
def state() -> AppState:
    return AppState(Settings())


@pytest.fixture
def make(workspace: Workspace, state: AppState) -> Iterator[Callable[[FakeHdr], Results]]:
    def failed(error: BaseException) -> None:
        assert isinstance(error, HdrError), error
        state.say("error", error.message, error.hint)

    jobs = Jobs(failed)
    yield lambda hdr: Results(state, make_services(workspace), jobs, hdr)  # type: ignore[arg-type]  # a fake child
    jobs.close()


@pytest.fixture
def measured(make: Callable[[FakeHdr], Results], pets: FakeHdr, files: list[Path]) -> Results:
    results = make(pets)
    results.measure("m", [files[0].parents[1]])
    results.pump()
    finish(results.jobs)
    return results


def notice(state: AppState) -> str:
    assert state.notice is not None
    return f"{state.notice.message} {state.notice.hint}"


def test_a_model_is_measured_by_a_child_and_its_mistakes_shown(
    measured: Results, pets: FakeHdr, files: list[Path]
) -> None:
    typed = pets.typed[0]
    assert typed[:4] == ["evaluate", "m", "--data", str(files[0].parents[1])]
    assert "--all" not in typed
    assert pets.environment == {"HDR_HOME": str(measured.services.workspace.models.parent)}
    assert not Path(typed[typed.index("--answers") + 1]).parent.exists()  # nothing of it is left
    assert measured.count == 2
    assert [measured.cell(at).path for at in range(2)] == [files[1], files[3]]
    first = measured.cell(0)
    assert (first.label, first.other, first.index) == ("cat", "dog", None)
    assert first.sure == pytest.approx(0.89)
    assert measured.work.fraction == 0.75


def test_while_pictures_are_read_that_is_what_is_told() -> None:
    class Child:
        said = ""

        def lines(self) -> list[Line]:
            return [Line("out", self.said)]

    child = Child()
    work = Work(lambda _arguments, _environment: child, dict)  # type: ignore[arg-type, return-value]  # a child that is none
    work.begin("Measuring m", [], lambda *_: None, lambda *_: None)
    for done, step in ((1200, "Reading pictures: 1,200 of 25,000"), (25_000, "")):
        child.said = json.dumps({"event": "progress", "what": "reading", "done": done, "of": 25_000})
        work.pump()
        assert (work.step, work.fraction) == (step, done / 25_000)
    child.said = json.dumps({"event": "progress", "done": 1, "of": 4})
    work.pump()
    assert (work.step, work.fraction) == ("", 0.25)


def test_what_was_seen_and_left_out_is_told(make: Callable[[FakeHdr], Results], pets: FakeHdr) -> None:
    pets.answer, pets.errors = {"told": "Of these 9 pictures ..."}, ["left out: a.png is torn", "Of these 9 ..."]
    results = make(pets)
    results.measure("m", [Path("x"), Path("y")], everything=True)
    assert results.empty_words() == "Measuring m …"
    results.pump()
    finish(results.jobs)
    assert results.told == "Of these 9 pictures ..."
    assert results.left_out == ["left out: a.png is torn"]
    assert pets.typed[0].count("--data") == 2
    assert "--all" in pets.typed[0]


@pytest.mark.parametrize(
    ("answer", "errors", "wrong"),
    [
        ({"error": "There is no model.", "hint": "Train one."}, [], ("There is no model.", "Train one.")),
        ({}, ["It broke."], ("It broke.", "")),
        ({}, [], ("It ended with status 1.", "")),
    ],
)
def test_what_went_wrong_is_told(
    make: Callable[[FakeHdr], Results], answer: dict[str, Any], errors: list[str], wrong: tuple[str, str]
) -> None:
    hdr = FakeHdr(answer=answer)
    hdr.errors, hdr.code = errors, 1
    results = make(hdr)
    results.measure("m", [Path("x")])
    results.pump()
    assert results.wrong == wrong
    assert not results.work.is_live
    assert results.measured is None


def test_where_no_child_can_be_started_that_is_told(make: Callable[[FakeHdr], Results]) -> None:
    def refuse(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    results = make(refuse)  # type: ignore[arg-type]  # what a system without memory does
    results.measure("m", [Path("x")])
    assert results.wrong[0] == "It could not be started (Cannot allocate memory)."


def test_answers_that_cannot_be_read_are_told(make: Callable[[FakeHdr], Results], state: AppState) -> None:
    results = make(FakeHdr())  # which writes none
    results.measure("m", [Path("x")])
    results.pump()
    finish(results.jobs)
    assert "no file" in notice(state)


def test_measuring_can_be_stopped_and_nothing_more_is_heard_of_it(
    make: Callable[[FakeHdr], Results], pets: FakeHdr
) -> None:
    pets.hangs = True
    results = make(pets)
    results.measure("m", [Path("x")])
    results.pump()
    assert results.stop()
    assert pets.children[0].stopped
    assert results.work.wants_pumping  # until it has gone
    results.pump()
    assert not results.work.wants_pumping
    assert not results.stop()
    assert results.wrong == ("", "")
    results.measure("m", [Path("x")])
    folder = Path(pets.typed[-1][pets.typed[-1].index("--answers") + 1]).parent
    assert folder.exists()
    results.close()
    assert pets.children[1].closed
    assert not folder.exists()


def test_mistakes_are_gone_through(measured: Results) -> None:
    measured.step(5)
    assert measured.cursor == 1
    measured.step(-9, reach=True)
    assert measured.chosen == {0, 1}
    measured.pick(1, add=True)
    assert measured.chosen == {0}
    measured.pick(7)
    assert measured.cursor == 1
    measured.pick_all()
    assert measured.chosen == {0, 1}
    measured.show_only(Which(1, 0))
    assert measured.count == 1
    measured.show_only(Which(2, 2))
    assert measured.empty_words() == "No picture is like this."
    measured.step(1)
    assert measured.row is None


def test_a_picture_that_is_relabelled_leaves_the_mistakes_and_comes_back(
    measured: Results, files: list[Path], state: AppState
) -> None:
    measured.relabel("dog")
    finish(measured.jobs)
    assert notice(state).startswith("1 picture relabelled.")
    assert measured.measured is not None
    assert (measured.count, measured.measured.wrong) == (1, 1)
    assert not files[1].exists()
    measured.undo()
    finish(measured.jobs)
    assert notice(state).startswith("Taken back: 1 picture")
    assert (measured.count, files[1].exists()) == (2, True)
    measured.redo()
    finish(measured.jobs)
    assert (measured.count, files[1].exists()) == (1, False)
    measured.redo()  # there is no more
    assert measured.jobs.is_idle


def test_all_that_are_selected_are_dropped_and_then_nothing_is_wrong(measured: Results, files: list[Path]) -> None:
    measured.pick_all()
    measured.discard()
    finish(measured.jobs)
    assert measured.empty_words() == "Nothing is wrong: all 2 right."
    assert (files[0].parents[1] / "_bin" / "cat" / "2.png").is_file()
    measured.discard()  # nothing is selected
    measured.show_only(Which(0, 0))
    measured.discard()
    finish(measured.jobs)
    measured.show_only(Which(1, 1))
    measured.discard()
    finish(measured.jobs)
    measured.show_only(Which())
    assert measured.empty_words() == "Nothing is left to measure on."


def test_some_that_cannot_be_moved_are_told(measured: Results, files: list[Path], state: AppState) -> None:
    files[1].unlink()
    measured.pick_all()
    measured.relabel("cow")
    finish(measured.jobs)
    assert "1 could not be" in notice(state)
    measured.pick(0)
    measured.relabel("cow")
    finish(measured.jobs)
    assert "is not there any more" in notice(state)


def test_a_label_that_the_model_does_not_know_is_not_given(
    measured: Results, files: list[Path], state: AppState
) -> None:
    measured.relabel("7")
    assert "'7' is no label of m. It knows cat, dog, cow." in notice(state)
    measured.relabel("none")
    finish(measured.jobs)
    assert (files[0].parents[1] / "_none" / "2.png").is_file()


def test_pictures_in_an_array_stay_as_they_are(make: Callable[[FakeHdr], Results], state: AppState) -> None:
    results = make(FakeHdr(told_of([0, 1], [1, 1], [Place("x.npz", 0), Place("x.npz", 1)])))
    results.relabel("dog")
    results.discard()
    results.undo()
    results.measure("m", [Path("x.npz")])
    results.pump()
    finish(results.jobs)
    results.relabel("dog")
    assert "cannot be changed here" in notice(state)
    assert results.cell(0).index == 0


def test_a_label_that_is_given_once_more_is_confirmed_and_the_next_shown(measured: Results, state: AppState) -> None:
    measured.relabel("cat")
    finish(measured.jobs)
    assert notice(state).startswith("1 picture confirmed.")
    assert (measured.count, measured.cursor) == (2, 1)


def test_where_nothing_was_saved_that_is_said_at_once(make: Callable[[FakeHdr], Results], pets: FakeHdr) -> None:
    results = make(pets)
    captures = results.services.workspace.captures
    results.measure("m", [captures])
    assert results.wrong[0] == "You have saved no digits yet."
    results.compare(["a", "b"], [captures])
    assert pets.typed == []
    captures.mkdir(parents=True)
    results.measure("m", [captures])
    assert results.wrong == ("", "")


def test_models_are_compared_and_reported(make: Callable[[FakeHdr], Results], state: AppState, tmp_path: Path) -> None:
    hdr = FakeHdr(answer={"models": [{"model": "a"}, {"model": "b"}], "told": "seen"})
    results = make(hdr)
    results.compare(["a", "b"], [tmp_path])
    results.pump()
    assert [row["model"] for row in results.compared] == ["a", "b"]
    assert hdr.typed[0][:3] == ["compare", "a", "b"]
    results.report(tmp_path / "r.html", comparison=True)
    results.pump()
    assert hdr.typed[1][:3] == ["compare", "a", "b"]
    assert hdr.typed[1][-2:] == ["--report", str(tmp_path / "r.html")]
    assert "The report is in" in notice(state)
    results.model = "a"
    results.report(tmp_path / "r.html", comparison=False)
    assert hdr.typed[2][:2] == ["evaluate", "a"]


def test_what_there_is_to_measure(own_workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workspace = Workspace.at(own_workspace)
    monkeypatch.setenv("HDR_MNIST", str(tmp_path / "mnist.npz"))
    found = look(workspace)
    assert found.models == ("default",)
    assert found.current == "default"
    assert found.data == {"My captures": workspace.captures, "MNIST's test part": tmp_path / "mnist.npz"}
    assert read_history_of(workspace, "nobody") is None
    with ModelStore(workspace).publishing("mine") as work:
        (work / "card.json").write_text(ModelCard("mine").to_json(), encoding="utf-8")
        write_history(work, [{"epoch": 1, "loss": 2.0, "best": True}, {"epoch": 2, "loss": 3.0, "best": False}])
    run = read_history_of(workspace, "mine")
    assert run is not None
    assert run.epochs[0].loss == 2
    assert [one.best for one in run.epochs] == [True, False]


def test_what_a_model_was_made_from_is_told_by_its_card(own_workspace: Path, tmp_path: Path) -> None:
    workspace, mnist = Workspace.at(own_workspace), tmp_path / "mnist.npz"
    here = tmp_path / "a b"
    here.mkdir()

    def of(command: str) -> tuple[Path, ...]:
        return data_of(command, workspace, mnist)

    assert of(f"hdr train --arch dense --data '{here}' --data {tmp_path}") == (here, tmp_path)
    assert of("hdr train --arch dense --seed 7") == (mnist,)
    assert data_of("hdr train --arch dense", workspace, None) == ()
    assert of("hdr train --captures") == ()
    workspace.captures.mkdir(parents=True)
    assert of("hdr train --captures") == (workspace.captures,)
    assert of(f"hdr train --captures-in '{here}'") == (here,)
    for hostile in ("", "rm -rf /", "hdr train --data 'x", "hdr train --data relative", "hdr train --data //server/x",
                    f"hdr train --data {tmp_path} --data /not/there"):  # fmt: skip
        assert of(hostile) == ()


def test_recorded_numbers_become_curves() -> None:
    run = as_run(History({"loss": (2.0, 1.0), "validation_accuracy": (0.9, 0.8)}))
    assert [(one.number, one.loss, one.validation_accuracy, one.best) for one in run.epochs] == [
        (1, 2.0, 0.9, True), (2, 1.0, 0.8, False),
    ]  # fmt: skip
    assert np.isnan(run.epochs[0].accuracy)
    kept = as_run(History({"loss": (2.0, 1.0), "validation_accuracy": (0.9, 0.8)}, kept=2))
    assert [one.best for one in kept.epochs] == [False, True], "the run knows best which one it kept"
    assert as_run(History({}, (3.0, 2.0))).steps == [(0.5, 3.0), (1.0, 2.0)]
    assert dataclasses.asdict(as_run(History({})))["epochs"] == []


def test_pictures_by_their_places(files: list[Path], tmp_path: Path) -> None:
    assert read_picture(files[0], None).shape == (4, 6, 3)
    np.savez(tmp_path / "x.npz", x=np.arange(8, dtype=np.uint8).reshape(2, 2, 2), y=np.zeros(2, int))
    assert read_picture(tmp_path / "x.npz", 1).tolist() == [[4, 5], [6, 7]]
    with pytest.raises(DatasetError, match="no picture 2"):
        read_picture(tmp_path / "x.npz", 2)
    with pytest.raises(DatasetError, match="no file"):
        read_picture(tmp_path / "gone.npz", 0)
