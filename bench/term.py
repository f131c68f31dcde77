"""A term: a class over some lessons, generated, graded, given feedback, reported; beside stock nbgrader.

    python bench/term.py                              20 learners, the first 2 lessons
    python bench/term.py --learners 200 --lessons all

Prints one JSON object, and the same as a table on stderr. Seconds are wall clock on this machine, start-up
of every command included. Stock nbgrader grades, and writes feedback for, a sample of the same submissions
in the same run, as the course's own nbgrader_config.py has it; its imports are not counted, and its time is
multiplied up to all of them. Endless loops, and notebooks that it cannot open, are not in its sample. It has
no report.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from term_class import KINDS, Planted, people, write

from autograder.authoring import sample_class
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import default_workers
from autograder.grading.gradebook.course_directory import Classroom

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}


def timed(command: list[str], cwd: Path) -> float:
    """Seconds that a command takes. Raises SystemExit with what it said where it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start


def autograder(*words: str) -> list[str]:
    """A command of this project."""
    return [sys.executable, "-m", "autograder", *words]


def enrol(folder: Path, lessons: list[str], learners: int) -> None:
    """The roster and the due dates, as they are once a course has begun."""
    classroom = Classroom(folder)
    with classroom.gradebook() as gradebook:
        for one in people(learners):
            gradebook.update_or_create_student(one["id"], first_name=one["first"], last_name=one["last"])
        for name in lessons:
            gradebook.update_or_create_assignment(name, duedate=sample_class.DUE)


STOCK = """
import sys, time, json
from pathlib import Path
from autograder.grading.gradebook.course_directory import Classroom
room = Classroom(Path(sys.argv[1])); name = sys.argv[2]; students = sys.argv[3:]
room.register(name)
import nbgrader.converters, nbgrader.server_extensions.formgrader
from copy import deepcopy
from nbgrader.coursedir import CourseDirectory
graded, given = 0.0, 0.0
for student in students:
    start = time.perf_counter(); room.autograde(name, student); graded += time.perf_counter() - start
    start = time.perf_counter(); room._convert("GenerateFeedback", room.config, name, student)
    given += time.perf_counter() - start
print(json.dumps([graded / len(students), given / len(students)]))
"""


def stock(folder: Path, planted: list[Planted], sample: int) -> dict[str, float]:
    """Stock nbgrader's seconds a submission, over a sample of every lesson."""
    chance = random.Random(1)
    grade, feedback = [], []
    for one in planted:
        fit = [student for student in one.students[:-1] if student not in one.unreadable]
        chosen = sorted(chance.sample(fit, min(sample, len(fit))))
        with tempfile.TemporaryDirectory() as temporary:
            aside = Path(temporary)
            shutil.copy(folder / "nbgrader_config.py", aside)
            shutil.copytree(folder / "source" / one.lesson, aside / "source" / one.lesson)
            for student in chosen:
                path = Path("submitted", student, one.lesson)
                shutil.copytree(folder / path, aside / path)
            said = subprocess.run(
                [sys.executable, "-c", STOCK, str(aside), one.lesson, *chosen],
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
            )
            if said.returncode:
                raise SystemExit(said.stderr[-3000:])
            seconds = json.loads(said.stdout.splitlines()[-1])
        grade.append(seconds[0])
        feedback.append(seconds[1])
    return {"grade": sum(grade) / len(grade), "feedback": sum(feedback) / len(feedback)}


def ran_out_of_time(folder: Path, lesson: str, exercise: str, student: str) -> bool:
    """Whether the grader stopped this answer or its check: a busy machine, and no fault of the report's."""
    path = folder / "autograded" / student / lesson / f"{lesson}.ipynb"
    if not path.exists():
        return False
    cells = [
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer") == exercise
    ]
    errors = [output.get("ename") for cell in cells for output in cell.get("outputs", [])]
    return "CellTimeoutError" in errors


def found_again(folder: Path, planted: list[Planted]) -> dict[str, Any]:
    """How much of what was planted the report found."""
    facts = json.loads((folder / "term.json").read_text())
    ideas = unknown = wrong_ideas = missed = timed_out = 0
    for one, lesson in zip(planted, facts["lessons"], strict=True):
        told = {(idea["exercise"], idea["idea"]): idea["learners"] for idea in lesson["ideas"]}
        for key, students in one.ideas.items():
            ideas += bool(students)
            late = {who for who in students if ran_out_of_time(folder, one.lesson, key[0], who)}
            timed_out += len(late)
            wrong_ideas += told.get(key, []) != sorted(set(students) - late)
        clusters = [(cluster["exercise"], set(cluster["learners"])) for cluster in lesson["clusters"]]
        for (exercise, _), students in one.unknown.items():
            if len(students) > 1:
                unknown += 1
                missed += not any(exercise == where and set(students) <= who for where, who in clusters)
    return {
        "ideas_planted": ideas,
        "ideas_with_other_holders": wrong_ideas,
        "holders_whose_code_ran_out_of_time": timed_out,
        "unknown_mistakes_planted": unknown,
        "unknown_mistakes_not_clustered": missed,
        "pairs_alike": len(facts["alike"]["pairs"]),
    }


def measure(folder: Path, lessons: list[str], timeout: int) -> dict[str, float]:
    """Seconds of each thing that an instructor does, over all lessons."""
    grade = autograder("grade", "all", "--timeout", str(timeout))
    seconds = {"grade": timed(grade, folder), "grade again, nothing changed": timed(grade, folder)}
    seconds["feedback"] = sum(timed(autograder("feedback", name), folder) for name in lessons)
    seconds["report, lesson by lesson"] = sum(timed(autograder("report", name), folder) for name in lessons)
    seconds["report term"] = timed(autograder("report", "term", "--json", "term.json"), folder)
    return seconds


def pages(folder: Path) -> dict[str, Any]:
    """How many feedback pages there are, and the size of the largest in KB."""
    sizes = [path.stat().st_size for path in folder.glob("feedback/*/*/*.html")]
    return {"count": len(sizes), "largest_kb": round(max(sizes) / 1024, 1)}


def table(measured: dict[str, Any]) -> str:
    """The seconds as a table in Markdown."""
    stock = measured.get("stock", {})
    lines = [
        "| | seconds | ms a submission | stock nbgrader, seconds | times faster |",
        "|---|---|---|---|---|",
    ]
    for name, seconds in measured["seconds"].items():
        other = stock.get("extrapolated", {}).get(name)
        faster = f"{other:,.0f} | {other / seconds:.0f}" if other else "- | -"
        each = 1000 * seconds / measured["submissions"]
        lines.append(f"| {name} | {seconds:.1f} | {each:.0f} | {faster} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--lessons", default="2", help="how many, or all")
    parser.add_argument("--sample", type=int, default=3, help="stock's submissions a lesson; 0: no stock")
    parser.add_argument("--timeout", type=int, default=10, help="seconds a cell may take")
    parser.add_argument("--course", type=Path, default=ROOT)
    parser.add_argument("--keep", type=Path, help="a folder to leave the class in")
    arguments = parser.parse_args()
    course = courses.read(arguments.course.resolve())
    lessons = list(course.lessons)
    if arguments.lessons != "all":
        lessons = lessons[: int(arguments.lessons)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep.resolve() if arguments.keep else Path(temporary, "class")
        start = time.perf_counter()
        planted = write(course, lessons, folder, arguments.learners)
        generated = time.perf_counter() - start
        enrol(folder, lessons, arguments.learners)
        load = os.getloadavg()[1]
        seconds = measure(folder, lessons, arguments.timeout)
        submissions = len(lessons) * arguments.learners
        measured: dict[str, Any] = {
            "cores": default_workers(),
            "load_before": round(load, 1),
            "learners": arguments.learners,
            "lessons": len(lessons),
            "submissions": submissions,
            "kinds": {kind: sum(one.kinds[kind] for one in planted) for kind in KINDS},
            "generated_seconds": round(generated, 2),
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "feedback_pages": pages(folder),
            "found": found_again(folder, planted),
        }
        if arguments.sample:
            each = stock(folder, planted, arguments.sample)
            measured["stock"] = {
                "sample": arguments.sample * len(lessons),
                "seconds_a_submission": {name: round(value, 3) for name, value in each.items()},
                "extrapolated": {name: round(value * submissions, 1) for name, value in each.items()},
                "times_faster": {
                    name: round(value * submissions / seconds[name], 1) for name, value in each.items()
                },
            }
        print(json.dumps(measured, indent=1))
        print(table(measured), file=sys.stderr)


if __name__ == "__main__":
    main()
