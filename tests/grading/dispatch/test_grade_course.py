"""A course is graded from Python: results and events, and nothing is printed."""

import re
import shutil
from pathlib import Path

import pytest

from autograder.core.verdict import RIGHT
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import (
    AssignmentBegun,
    AssignmentResult,
    CourseFound,
    Event,
    SubmissionDone,
    grade_course,
    preview_course,
)

NAME = "01-coins"
ONE = Settings(workers=1)
PAGE = Path(__file__).parents[3] / "docs" / "instructor.md"


@pytest.fixture
def course(built_once: Path, tmp_path: Path) -> Path:
    """The tiny course; Ann handed in the solution, Bob what he was given, Cy nothing that can be graded."""
    root = shutil.copytree(built_once, tmp_path / "course")
    for student, stage in (("ann", "source"), ("bob", "release"), ("cy", "release")):
        shutil.copytree(root / stage / NAME, root / "submitted" / student / NAME)
    (root / "submitted" / "cy" / NAME / f"{NAME}.ipynb").unlink()
    return root


def test_it_returns_what_everybody_earned_and_prints_nothing(
    course: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = grade_course(course, "01", settings=ONE)
    assert tuple(capfd.readouterr()) == ("", "")
    (graded,) = result.assignments
    ann, bob, cy = graded.submissions
    assert (graded.assignment, ann.student, bob.student, cy.student) == (NAME, "ann", "bob", "cy")
    assert (ann.score, ann.max_score, set(ann.verdicts.values())) == (7, 7, {RIGHT})
    assert (bob.score, bob.mistakes, bob.reason) == (0, [], "")
    assert cy.reason.startswith(f"{NAME}.ipynb is missing")
    assert "7.0" in result.grades_csv.read_text(encoding="utf-8")
    assert result.gradebook == f"sqlite:///{course / 'gradebook.db'}"


def test_it_tells_events_in_their_order(course: Path) -> None:
    told: list[Event] = []
    result = grade_course(course, settings=ONE, tell=told.append)
    assert told[:2] == [CourseFound({NAME: ["ann", "bob", "cy"]}), AssignmentBegun(NAME, 3)]
    done = {event.student: event.done for event in told if isinstance(event, SubmissionDone)}
    assert len(told) == 6
    assert set(done) == {"ann", "bob", "cy"}
    assert all(done.values())
    assert told[-1] == result.assignments[0]


def test_a_second_call_runs_nothing_and_returns_the_same(course: Path) -> None:
    first = grade_course(course, students=("ann", "bob"), settings=ONE)
    told: list[Event] = []
    second = grade_course(course, students=("ann", "bob"), settings=ONE, tell=told.append)
    assert [event.done for event in told if isinstance(event, SubmissionDone)] == [None, None]
    assert second == first


def test_what_tell_raises_ends_the_call_and_what_was_graded_stays(course: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, SubmissionDone):
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        grade_course(course, students=("ann", "bob"), settings=ONE, tell=stop)
    told: list[Event] = []
    grade_course(course, students=("ann", "bob"), settings=ONE, tell=told.append)
    done = [event.done for event in told if isinstance(event, SubmissionDone)]
    assert None in done
    assert isinstance(told[-1], AssignmentResult)


def test_a_preview_names_changes_and_writes_nothing(course: Path) -> None:
    (preview,) = preview_course(course, "01", settings=ONE)
    assert (preview.assignment, preview.submissions) == (NAME, 3)
    assert {change.new for change in preview.changes["ann"]} >= {1.0, 2.0}
    assert not (course / "gradebook.db").exists()
    assert not (course / "grades.csv").exists()


def test_the_page_for_instructors_runs(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    monkeypatch.chdir(course)
    exec(code, {})
    said = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{NAME} [1-3] submissions would change", said[0])
    assert said[1] == "ann 7 of 7"
    assert said[2] == "bob 0 of 7"
    assert said[3].startswith(f"cy {NAME}.ipynb is missing")
