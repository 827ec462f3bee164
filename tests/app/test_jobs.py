from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hdr.app.jobs import Job, Jobs

from .conftest import finish


@pytest.fixture
def failures() -> list[BaseException]:
    return []


@pytest.fixture
def jobs(failures: list[BaseException]) -> Iterator[Jobs]:
    jobs = Jobs(failures.append)
    yield jobs
    jobs.close()


def test_work_runs_elsewhere_and_its_result_comes_where_it_is_pumped(jobs: Jobs) -> None:
    got: list[Any] = []
    jobs.submit(
        "a", lambda _: threading.current_thread().name, lambda name: got.append((name, threading.current_thread()))
    )
    finish(jobs)
    assert got == [("hdr-worker", threading.main_thread())]


def test_a_newer_job_of_a_key_takes_the_place_of_the_older(jobs: Jobs) -> None:
    gate, got = threading.Event(), []
    jobs.submit("block", lambda _: gate.wait(5))
    for number in range(5):
        jobs.submit("read", lambda _, n=number: n, got.append)
    gate.set()
    finish(jobs)
    assert got == [4]


def test_a_job_that_is_running_when_a_newer_comes_gives_no_result(jobs: Jobs) -> None:
    running, gate, got = threading.Event(), threading.Event(), []

    def slow(_: Job) -> str:
        running.set()
        gate.wait(5)
        return "old"

    jobs.submit("read", slow, got.append)
    assert running.wait(5)
    jobs.submit("read", lambda _: "new", got.append)
    gate.set()
    finish(jobs)
    assert got == ["new"]


def test_a_failure_goes_to_the_jobs_own_handler_else_to_the_common_one(
    jobs: Jobs, failures: list[BaseException]
) -> None:
    own: list[BaseException] = []

    def fail(_: Job) -> None:
        raise OSError("no")

    jobs.submit("a", fail)
    jobs.submit("b", fail, failed=own.append)
    finish(jobs)
    assert [str(error) for error in (*failures, *own)] == ["no", "no"]


def test_cancelling_drops_what_waits_and_what_runs(jobs: Jobs) -> None:
    gate, got = threading.Event(), []
    seen: list[bool] = []

    def watchful(job: Job) -> None:
        job.report(0.5)
        seen.append(job.cancelled.wait(5))

    jobs.submit("warm", lambda _: gate.wait(5), got.append)
    job = jobs.submit("a", watchful, got.append, title="Working")
    jobs.submit("b", lambda _: 1, got.append, title="Waiting")
    assert jobs.current is job
    gate.set()
    while job.fraction is None:
        pass
    assert jobs.cancel()
    assert not jobs.cancel()
    finish(jobs)
    assert jobs.current is None
    assert got == [True], "work without a title is nobody's to cancel"
    jobs.submit("c", lambda _: 2, got.append)
    finish(jobs)
    assert seen == [True]
    assert got == [True, 2]


def test_after_closing_nothing_is_taken(jobs: Jobs) -> None:
    got: list[Any] = []
    jobs.close()
    jobs.submit("a", lambda _: 1, got.append)
    assert jobs.is_idle
    assert not jobs.pump()


def test_closing_leaves_a_job_behind_that_does_not_end() -> None:
    gate = threading.Event()
    jobs = Jobs(lambda _: None)
    jobs.submit("a", lambda _: gate.wait(10))
    jobs.close(timeout_s=0.01)
    gate.set()
