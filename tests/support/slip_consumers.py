"""What everybody who speaks of a slip says of it, from the judge to the class report.

Run as a module, it says it of a copy of the package that a test has changed.
"""

import json
import sys
from typing import Any

from autograder.classroom.analysis import misconceptions
from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.classroom.feedback import learner_page
from autograder.classroom.feedback.lesson_notes import Notes
from autograder.core import messages
from autograder.core.judge import judge
from autograder.core.kinds.registry import form_of
from autograder.core.model import Answer, Exercise, Lesson
from autograder.core.seal import RIGHT, place_of, seal
from autograder.grading.gradebook.autograded_answers import Answer as Read
from autograder.grading.gradebook.submission_marks import Mark, NotebookMarks, Person, Submission

REFERENCE = 0.4321


def exercise(reference: float | str = REFERENCE, options: tuple[str, ...] = ()) -> Exercise:
    """An exercise `one` with the one answer `x`."""
    form, tolerance = form_of(reference), 0.0 if options else 0.0002
    (kind,), place = form.leaf_forms(), place_of("salt", "one", "x", 0)
    seals = (seal(place, kind, [(RIGHT, reference)], tolerance),)
    return Exercise("one", 1.0, (Answer("x", form, tolerance, options, seals),), salt="salt")


def said_of(value: Any, asked: Exercise) -> dict[str, str]:
    """What a learner who typed `value`, and the instructor, are told."""
    verdict = judge(asked, {"x": value})
    line = messages.line(asked, verdict)
    read = Read("one", verdict.outcome, said=line.removeprefix("✗ one: "))
    marks = NotebookMarks(marks={"one": Mark("one", 0.0, 1.0, False, False)})
    handed_in = Submission(Person("ann"), 0.0, {"lesson": marks})
    (item,) = learner_page.page_of(handed_in, "lesson", [read], Notes("lesson", {})).items
    lesson = Lesson("01", "lesson", 0, {"one": asked}, ())
    graded = GradedClass(
        "01",
        "lesson",
        {"one": 1.0},
        frozenset(),
        lesson,
        (HandedIn("ann", 0.0, 0.0, {"one": verdict.outcome}),),
        {},
    )
    (held,) = misconceptions.held(graded)
    return {
        "verdict": str(verdict.outcome),
        "line": line,
        "page_name": item.idea,
        "page_words": item.mend,
        "report_name": held.name,
        "report_words": held.feedback,
    }


if __name__ == "__main__":
    print(json.dumps(said_of(float(sys.argv[1]), exercise())))
