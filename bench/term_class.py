"""A made-up class of a whole term, with what was planted in it: who is right, who holds which wrong idea.

Learners have an ability and exercises a difficulty (a Rasch model: the odds to be right are e to their
difference), so that the class looks like one: who is right here is more often right there. Who is not right
makes a mistake that the lesson knows, or one that it does not, leaves the answer blank, or has code that does
not run. A few notebooks are blank, missing, damaged or hostile. The same seed gives the same class.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import sample_class
from autograder.authoring.evaluation import evaluate
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format import lesson
from autograder.core.judge import judge
from autograder.core.model import Exercise
from autograder.core.python_literals import literal
from autograder.core.values import graded
from autograder.core.verdict import WRONG as UNEXPLAINED
from autograder.course import lesson_json
from autograder.course.course_toml import Course

KINDS = {"honest": 0.90, "blank": 0.03, "broken": 0.03, "damaged": 0.01, "missing": 0.01, "hostile": 0.02}
"""Shares of the submissions; broken: one cell on top does not run."""
WRONG = {"known": 0.62, "planted": 0.12, "own": 0.08, "blank": 0.13, "error": 0.05}
"""Shares of what is not right: a known mistake, the planted unknown one, a value of one's own, …"""
LATE = 0.08
INJECTIONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><h1>owned</h1>",
    '=HYPERLINK("http://evil.example")',
    "{{ 7 * 7 }}",
    "\x1b[31mred\u202egnp.exe",
)
"""Names of learners that a page, a spreadsheet, a template or a terminal must show as they are."""
HOSTILE = (
    "import os\nos._exit(0)",
    "print('x' * 10_000_000)",
    "raise type('</pre><script>alert(1)</script>', (Exception,), {})('<b>bold</b>')",
    "import pathlib\nprint(pathlib.Path('/etc/passwd').read_text())",
)
ENDLESS = "while True:\n    pass"
"""One learner of each lesson has it; it costs a grader its whole time limit."""


@dataclass
class Planted:
    """What was put into one lesson. `ideas` and `unknown` are learners' ids by (exercise, slug or value)."""

    lesson: str
    students: list[str] = field(default_factory=list)
    ideas: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unknown: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    right: dict[str, list[str]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)


def write(
    course: Course, lessons: Sequence[str], folder: Path, learners: int, seed: int = 7
) -> list[Planted]:
    """Write an nbgrader course with a class of `learners` in `folder`; returns what was planted."""
    chance = random.Random(seed)
    names = [f"student-{number:04d}" for number in range(1, learners + 1)]
    ability = {name: chance.gauss(0.6, 1.0) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.root / "nbgrader_config.py", folder)
    shutil.copytree(course.root / "lessons", folder / "lessons", dirs_exist_ok=True)
    return [
        _lesson(course, name, folder, names, ability, random.Random(f"{seed} {name}")) for name in lessons
    ]


def people(learners: int, seed: int = 7) -> list[dict[str, str]]:
    """The roster: ids and names, a few of them injections."""
    chance = random.Random(f"{seed} names")
    first = (
        "Ada Bao Chidi Dana Emre Farah Goran Hana Ines Jun Kofi Lena Mina Noor Omar Pia Quinn Rosa".split()
    )
    last = "Abe Berg Cruz Diallo Eze Fox Gupta Haas Ito Khan Lopez Moreau Novak Okoro Petit Rossi".split()
    made = []
    for number in range(1, learners + 1):
        one = {"id": f"student-{number:04d}", "first": chance.choice(first), "last": chance.choice(last)}
        if number <= len(INJECTIONS):
            one["last"] = INJECTIONS[number - 1]
        made.append(one)
    return made


def _lesson(
    course: Course,
    name: str,
    folder: Path,
    names: list[str],
    ability: Mapping[str, float],
    chance: random.Random,
) -> Planted:
    for kind in ("source", "release"):
        shutil.copytree(course.root / kind / name, folder / kind / name, dirs_exist_ok=True)
    release = course.root / "release" / name
    notebook = nbformat.read(release / f"{name}.ipynb", as_version=4)
    known = lesson_json.read(release / lesson_json.FILE)
    exercises = evaluate.evaluate(lesson.read(course.path(name)))
    difficulty = {one.text.id: chance.gauss(0.0, 0.9) for one in exercises}
    planted = Planted(name, list(names))
    unknown = {one.text.id: unknown_values(one, known.exercises[one.text.id]) for one in exercises}
    for number, student in enumerate(names):
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        late = dt.timedelta(
            hours=chance.choice((2, 20, 50)) if chance.random() < LATE else -chance.randint(1, 90)
        )
        planted.kinds[kind] += 1
        home = folder / "submitted" / student / name
        home.mkdir(parents=True)
        (home / "timestamp.txt").write_text(f"{sample_class.DUE + late:%Y-%m-%d %H:%M:%S} UTC\n")
        if kind == "missing":
            (home / "notes.txt").write_text("I lost my notebook.\n")
            planted.unreadable.add(student)
            continue
        if kind == "damaged":
            (home / f"{name}.ipynb").write_text('{"cells": [')
            planted.unreadable.add(student)
            continue
        sources: dict[str, str] = {}
        if kind != "blank":
            sources = _answers(student, ability[student], exercises, difficulty, unknown, planted, chance)
        if kind in ("broken", "hostile"):
            # In place of the answer: some of these let an answer beside them stand.
            bad = "this is = not Python" if kind == "broken" else HOSTILE[number % len(HOSTILE)]
            _spoil(student, exercises[-1].text.id, bad, sources, planted)
        if number == len(names) - 1:
            _spoil(student, exercises[0].text.id, ENDLESS, sources, planted)
        nbformat.write(sample_class.filled_in(notebook, sources), home / f"{name}.ipynb")
        shutil.copy(release / lesson_json.FILE, home)
    return planted


def _spoil(student: str, exercise: str, source: str, sources: dict[str, str], planted: Planted) -> None:
    """Put another source in an answer, and take back what was said to be planted there."""
    sources[exercise] = source
    for (where, _), students in (*planted.ideas.items(), *planted.unknown.items()):
        if where == exercise and student in students:
            students.remove(student)
    if student in planted.right.get(exercise, []):
        planted.right[exercise].remove(student)


def _answers(
    student: str,
    ability: float,
    exercises: Sequence[Evaluated],
    difficulty: Mapping[str, float],
    unknown: Mapping[str, list[dict[str, Any]]],
    planted: Planted,
    chance: random.Random,
) -> dict[str, str]:
    sources: dict[str, str] = {}
    for one in exercises:
        id_ = one.text.id
        if one.text.optional and chance.random() < 0.6:
            continue
        if chance.random() < 1 / (1 + math.exp(difficulty[id_] - ability)):
            sources[id_] = sample_class.solved_source(one)
            planted.right.setdefault(id_, []).append(student)
            continue
        kind = chance.choices(list(WRONG), list(WRONG.values()))[0]
        if kind == "known" or (kind in ("planted", "own") and len(unknown[id_]) < 2):
            # The first mistakes of a lesson are the frequent ones.
            weights = [1 / (n + 1) for n in range(len(one.mistakes))]
            number = chance.choices(range(len(one.mistakes)), weights)[0]
            sources[id_] = sample_class.mistaken_source(one, number)
            planted.ideas.setdefault((id_, one.mistakes[number][0].slug), []).append(student)
        elif kind == "planted":
            sources[id_] = _typed(one, unknown[id_][0])
            planted.unknown.setdefault((id_, literal(unknown[id_][0])), []).append(student)
        elif kind == "own":
            sources[id_] = _typed(one, chance.choice(unknown[id_][1:]))
        elif kind == "error":
            sources[id_] = f"{one.text.names[0]} = undefined_name + 1"
    return sources


def unknown_values(one: Evaluated, exercise: Exercise) -> list[dict[str, Any]]:
    """Wrong values that no mistake of the exercise explains; the first is the one that is planted."""
    if one.text.answers:
        return []
    found = []
    name = one.text.names[0]
    reference = one.references[name]
    if type(reference) not in (int, float) or not math.isfinite(reference):
        return []
    factors = [2.0, 0.5, 3.0] + [1.17 + 0.093 * n for n in range(30)]
    for factor in factors:
        value: Any = reference * factor + (0 if factor in (2.0, 0.5, 3.0) else 0.0137)
        value = int(value) if type(reference) is int else graded(value, one.text.tolerances[name] * 10)
        values = {**one.references, name: value}
        verdict = judge(exercise, values)
        if verdict.outcome == UNEXPLAINED and values not in found:
            found.append(values)
    return found


def _typed(one: Evaluated, values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {literal(values[name])}" for name in one.text.names)
