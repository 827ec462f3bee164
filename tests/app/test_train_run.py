"""A training run as it is followed, without a process: the lines that come in, and what is shown of them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.app.train_run import Run
from hdr.app.train_told import called, in_words, percent


def line(event: str, **told: Any) -> str:
    return json.dumps({"event": event, **told})


def started(epochs: int = 4, steps: int = 10, **more: Any) -> str:
    return line(
        "started", architecture="tiny", parameters=1234, train=1000, validation=100, epochs=epochs, steps=steps, **more
    )


def epoch(number: int, right: float, *, best: bool = False) -> str:
    return line(
        "epoch", epoch=number, loss=0.5 / number, accuracy=0.8, validation_loss=0.4 / number,
        validation_accuracy=right, warped_accuracy=0.7, seconds=1.0, best=best,
    )  # fmt: skip


MEASURED = line("measured", data="mnist_test", accuracy=0.9926, interval=[0.9907, 0.9941], n=10000, disagreements=0)
PUBLISHED = line("published", name="tiny-1", path="/models/tiny-1", tflite_bytes=1000)


def feed(run: Run, *lines: str) -> Run:
    for at, one in enumerate(lines):
        run.feed(one, float(at))
    return run


def test_a_whole_run() -> None:
    run = Run("tiny-1")
    assert (run.state, run.fraction) == ("starting", None)
    feed(run, started(2))
    assert (run.state, run.headline()) == ("learning", "Learning: epoch 1 of 2")
    feed(run, line("step", epoch=1, step=5, loss=2.0))
    assert run.fraction == 0.25
    assert run.steps == [(0.5, 2.0)]
    feed(run, epoch(1, 0.9, best=True), epoch(2, 0.85))
    assert [one.number for one in run.epochs] == [1, 2]
    assert run.best is not None
    assert run.best.number == 1
    feed(run, line("trained", epochs=2, best=1, weights="0", worker=0), MEASURED)
    assert run.state == "finishing"
    feed(run, line("compared", data="captures_held_out", before=0.8, after=0.95, n=100, p=0.001), PUBLISHED)
    run.end(0)
    assert (run.state, run.published, run.is_live) == ("done", "tiny-1", False)
    assert run.headline() == "tiny-1 is ready"
    told = "\n".join(run.log)
    assert "Epoch 1 of 2: 90.00 % of what was held out is right, the best so far." in told
    assert "Right on MNIST's test part: 99.26 % (95 % interval 99.07 % to 99.41 %, n = 10,000)." in told
    assert "held out: 80.00 % before, 95.00 % now: better, and not by chance (n = 100, p = 0.001)." in told


@pytest.mark.parametrize(
    ("after", "p", "says"),
    [(0.9, 0.5, "90.00 % before, 90.00 % now (n"), (0.91, 0.4, "may be chance"), (0.5, 0.01, "worse, and not")],
)
def test_a_difference_is_told_as_what_it_is(after: float, p: float, says: str) -> None:
    run = feed(Run(), line("compared", data="known before", before=0.9, after=after, n=10, p=p))
    assert says in str(run.comparisons[0])


def test_pictures_are_read_before_it_starts() -> None:
    run = feed(Run(), line("reading", done=1200, of=25_000))
    assert (run.state, run.headline()) == ("starting", "Reading pictures: 1,200 of 25,000")
    feed(run, line("reading", done=25_000, of=25_000))
    assert run.headline().startswith("Starting: TensorFlow")
    feed(run, line("reading", done="many"))
    assert "was not understood" in run.log[-1]


def test_a_run_that_is_asked_to_stop_and_does() -> None:
    run = feed(Run("a"), started())
    run.stop()
    assert (run.state, run.is_live) == ("stopping", True)
    feed(run, epoch(1, 0.5, best=True))
    assert run.state == "stopping", "an epoch that still ends takes nothing back"
    feed(run, line("stopped", name="a", epochs_done=1, epochs=4, resume="hdr train --resume a"))
    assert run.is_live, "nobody can go on with it before its process has ended"
    run.end(130)
    assert (run.state, run.resumable) == ("stopped", True)
    assert "1 of 4 epochs are kept" in run.log[-1]
    run.stop()
    assert run.state == "stopped"


def test_a_run_stopped_before_its_first_epoch_keeps_nothing() -> None:
    run = feed(Run("a"), started())
    run.stop()
    run.end(130)
    assert (run.state, run.resumable) == ("stopped", False)
    assert "before anything was learned" in run.log[-1]
    other = feed(Run("a"), line("stopped", name="a", epochs_done=0, epochs=4, resume=""))
    assert not other.resumable


def test_what_was_learned_before_stays_on_the_curves_of_a_run_that_goes_on() -> None:
    run = feed(Run("a"), started(), epoch(1, 0.5), epoch(2, 0.6), line("step", epoch=3, step=5, loss=1.0))
    feed(run, started(resumed_from=1, total=40))
    assert [one.number for one in run.epochs] == [1]
    assert run.steps == []
    assert "It goes on after epoch 1." in run.log[-1]
    feed(run, line("step", epoch=2, step=5, loss=1.0, done=15, seconds_left=60.0))
    assert run.fraction == 15 / 40
    assert run.seconds_left(5.0) == 55.0, "as it says, less what went by since"


def test_epochs_of_before_are_recalled_whenever_they_are_known() -> None:
    before = feed(Run(), started(), epoch(1, 0.5), epoch(2, 0.6)).epochs
    run = feed(Run(), started(resumed_from=2), epoch(3, 0.7))
    run.recall(before)
    run.recall(before)
    assert [one.number for one in run.epochs] == [1, 2, 3]
    late = Run()
    late.recall(before)
    assert [one.number for one in feed(late, started(resumed_from=1)).epochs] == [1]


def test_the_time_left_is_told_by_the_pace() -> None:
    run = Run()
    assert run.seconds_left(0.0) is None
    run.feed(started(10), 0.0)
    assert run.seconds_left(0.0) is None
    run.feed(line("step", epoch=1, step=5, loss=1.0), 10.0)
    assert run.seconds_left(10.0) is None, "one moment is no pace"
    run.feed(epoch(1, 0.5), 15.0)
    assert run.seconds_left(15.0) == pytest.approx(90.0)
    assert run.seconds_left(20.0) == pytest.approx(85.0)
    assert run.seconds_left(500.0) == 0.0


@pytest.mark.parametrize(
    ("code", "says", "why"),
    [
        (1, ["hdr: There is no architecture 'x'. Use one of a, b."], "There is no architecture 'x'. Use one of a, b."),
        (1, ["Traceback", "  ", "MemoryError"], "MemoryError"),
        (-9, ["hdr: something"], "by signal 9"),
        (3, [], "with status 3"),
    ],
)
def test_a_child_that_fails_says_why(code: int, says: list[str], why: str) -> None:
    run = Run("a")
    for one in says:
        run.complain(one)
    run.end(code)
    assert run.state == "failed"
    assert why in run.wrong
    assert run.log[-1] == run.wrong


def test_a_model_that_is_made_is_made_however_its_process_ends() -> None:
    run = feed(Run(), PUBLISHED)
    run.end(-9)
    assert run.state == "done"


def test_many_steps_are_thinned_out() -> None:
    run = feed(Run(), started(1, 5000))
    for step in range(1, 5001):
        run.feed(line("step", epoch=1, step=step, loss=1.0), 0.0)
    assert 200 < len(run.steps) <= 601
    assert run.steps == sorted(run.steps)
    run.feed(line("step", epoch=1, step=1, loss=math.nan), 0.0)
    assert all(math.isfinite(loss) for _, loss in run.steps)


def test_a_loss_that_is_not_told_leaves_a_gap() -> None:
    run = feed(Run(), started(), line("epoch", epoch=1, loss=None, validation_accuracy=0.5))
    assert math.isnan(run.epochs[0].loss)
    assert percent(run.epochs[0].accuracy) == "?"


@given(st.text() | st.dictionaries(st.text(), st.integers() | st.text() | st.none()).map(json.dumps))
def test_any_line_is_taken(text: str) -> None:
    run = Run()
    run.feed(text, 0.0)
    assert run.state == "starting"


@given(st.sampled_from(["started", "step", "epoch", "note", "trained", "stopped", "measured", "compared", "published"]))
def test_an_event_without_its_numbers_is_only_told(event: str) -> None:
    run = Run()
    run.feed(line(event), 0.0)
    assert event == "stopped" or "not understood" in run.log[-1]


def test_words() -> None:
    assert [in_words(seconds) for seconds in (0.2, 89, 120, 5400, 7260)] == [
        "1 s",
        "89 s",
        "2 min",
        "1 h 30 min",
        "2 h 01 min",
    ]
    assert called("mnist_test") == "MNIST's test part"
    assert called("my_data") == "my data"
