"""A worker that lives long keeps what it prepared of a few versions of lessons, and of no more."""

import dataclasses
import gc
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.assignment.snapshot import NotebookSnapshot, Snapshot
from autograder.grading.execution import grade_submission
from autograder.grading.execution.grade_submission import Job
from autograder.grading.execution.run_notebook import RunReport
from autograder.grading.execution.worker_cache import MOST_LESSONS, PreparedLesson, WorkerCache
from autograder.grading.sandbox.limits import Limits
from autograder.grading.trial.assigned import Assigned

VERSIONS = 40
NOTEBOOK = nbformat.writes(new_notebook(cells=[new_code_cell("x = 1")])).encode()


def version(number: int) -> Assigned:
    """A version of a lesson with 64 KiB of data beside it."""
    notebook = NotebookSnapshot("one", None, (), ())
    data = number.to_bytes(4, "big") * 16 * 1024
    snapshot = Snapshot("01", {"one": notebook}, {"data": data}, frozenset(), -1, -1, "", f"{number:08x}")
    return Assigned(snapshot)


def nothing_runs(*given: object) -> RunReport:
    """In place of a run."""
    return RunReport([], {})


def prepared() -> int:
    """How many prepared lessons this process holds."""
    gc.collect()
    return sum(isinstance(one, PreparedLesson) for one in gc.get_objects())


def test_a_worker_that_saw_many_versions_holds_the_last_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grade_submission, "run_notebook", nothing_runs)
    cache, before = WorkerCache(), prepared()
    for number in range(VERSIONS):
        job = Job("ann", {"one": NOTEBOOK})
        done = grade_submission.grade(job, version(number), Limits(), None, cache)  # type: ignore[arg-type]
        assert done.reason == ""
    assert len(cache) == prepared() - before == MOST_LESSONS < VERSIONS
    cache.clear()
    assert prepared() == before


def test_a_lesson_in_use_stays() -> None:
    cache = WorkerCache(most=2)
    first = cache.lesson(version(1))
    cache.lesson(version(2))
    assert cache.lesson(version(1)) is first
    cache.lesson(version(3))
    assert cache.lesson(version(1)) is first


def test_what_is_kept_is_made_once() -> None:
    cache = WorkerCache()
    lesson = cache.lesson(version(1))
    again = cache.lesson(dataclasses.replace(version(1)))
    assert again.files is lesson.files
    assert again.plan("one") is lesson.plan("one")
    assert again.comparisons("one") is lesson.comparisons("one")


def test_the_testers_of_a_forgotten_lesson_are_ended() -> None:
    ended = []
    cache = WorkerCache(most=1)
    cache.lesson(version(1)).comparisons("one").child = SimpleNamespace(end=lambda: ended.append("one"))  # type: ignore[assignment]
    cache.lesson(version(2))
    assert ended == ["one"]
