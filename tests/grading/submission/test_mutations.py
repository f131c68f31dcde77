"""Broken notebooks: whatever was done to one, it harms no other, and its answers are still graded.

A mutation is a recipe: what the student had answered, what was done to the cells, what was done to the file.
The same recipe always gives the same bytes, so that a failure names all that is needed to see it again.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import read as read_as_nbgrader

from autograder.authoring import sample_class
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.gradebook import scores
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from tests.support.damaged_cells import CELL_MUTATIONS, Cells, Random, keys
from tests.support.damaged_files import FILE_MUTATIONS, Damaged, whole

NAME = "01-coins"
EXERCISES = ("coin-entropy", "coin-sides", "coin-likely", "coin-code")
DESERVED = {
    "all-right": (2, 1, 1, 3),
    "first-half": (2, 1, 0, 0),
    "mistakes-02": (0, 1, 1, 0),
    "all-blank": (0, 0, 0, 0),
}
DIFFERENT = 500
BATCH = 100
SEED = 3
"""Another seed makes other recipes; `problems` says which of them fail."""


@dataclass(frozen=True)
class Recipe:
    """`steps` are mutations of cells, `file` is the one of the file, each with the seed of its choices."""

    answered: str
    steps: tuple[tuple[str, int], ...]
    file: tuple[str, int]


def a_recipe(rng: Random) -> Recipe:
    """Mostly a few mutations of the cells, sometimes one of the file, sometimes both."""
    steps = tuple((rng.choice(sorted(CELL_MUTATIONS)), rng.randrange(1000)) for _ in range(rng.randint(1, 4)))
    file = rng.choice(["as_it_is", "as_it_is", rng.choice(sorted(FILE_MUTATIONS))])
    answered = rng.choice(["all-right", rng.choice(sorted(DESERVED))])
    return Recipe(answered, steps, (file, rng.randrange(1000)))


def mutate(recipe: Recipe, original: Cells) -> Damaged:
    """The damaged file."""
    cells = copy.deepcopy(original)
    for name, seed in recipe.steps:
        CELL_MUTATIONS[name](cells, Random(seed))
    name, seed = recipe.file
    return FILE_MUTATIONS[name](cells, Random(seed))


def recognisable(cells: Cells | None, original: Cells) -> set[str]:
    """The exercises whose answer is still there under its grade id, and undone by no other cell of theirs.

    Copies do not matter, as long as each is the same or the stub.
    """
    found = set()
    for exercise in EXERCISES:
        answers = {text_of(cell) for cell in cells or () if name_of(cell) == f"{exercise}-answer"}
        wanted = {text_of(cell) for cell in original if name_of(cell) == f"{exercise}-answer"}
        others = (text_of(cell) for cell in cells or () if name_of(cell) != f"{exercise}-answer")
        word = "def entropy" if exercise == "coin-code" else f"{exercise.replace('-', '_')} ="
        if wanted == answers - {STUBS[exercise]} and not any(word in other for other in others):
            found.add(exercise)
    return found


STUBS: dict[str, str] = {}  # by exercise; filled where the course is built


def name_of(cell: Any) -> str | None:
    name = (keys(cell) or {}).get("grade_id")
    return name if isinstance(name, str) else None


def text_of(cell: Any) -> str:
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source if isinstance(source, str) else ""


@pytest.fixture(scope="module")
def room(built_once, tmp_path_factory):
    """A class with only the course in it, and the cells of what could be submitted."""
    folder = tmp_path_factory.mktemp("mutations")
    sample_class.write(courses.read(built_once), NAME, folder / "class")
    read = {
        student: json.loads((folder / "class" / "submitted" / student / NAME / f"{NAME}.ipynb").read_text())
        for student in DESERVED
    }
    originals = {student: content["cells"] for student, content in read.items()}
    for cells in originals.values():
        for cell in cells:
            cell["source"] = "".join(cell["source"])
    for cell in originals["all-blank"]:
        if (name_of(cell) or "").endswith("-answer"):
            STUBS[str(name_of(cell)).removesuffix("-answer")] = text_of(cell)
    shutil.rmtree(folder / "class" / "submitted")
    return folder / "class", originals


def grade(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Grade notebooks by student with one engine."""
    for student, data in files.items():
        home = folder / "submitted" / student / NAME
        home.mkdir(parents=True)
        (home / f"{NAME}.ipynb").write_bytes(data)
    return grade_folders(folder, list(files))


def grade_folders(folder: Path, students: list[str]) -> dict[str, Any]:
    engine = Engine(Settings(Limits(cell_seconds=5), workers=2))
    try:
        return dict(engine.grade(Classroom(folder), NAME, students))
    finally:
        engine.close()


def marks_in(folder: Path) -> dict[str, dict[str, float | None]]:
    """By student and exercise what the gradebook holds; it has each row once."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "generative-models") as gradebook:
        found = {}
        for one in gradebook.assignment_submissions(NAME):
            assert one.student_id not in found and len(one.notebooks) == 1
            grades = one.notebooks[0].grades
            assert sorted(grade.name for grade in grades) == sorted(EXERCISES)
            assert len(one.notebooks[0].comments) == len(EXERCISES)
            found[one.student_id] = {grade.name: grade.auto_score for grade in grades}
        return found


def recorded(folder: Path) -> int:
    with sqlite3.connect(folder / "gradebook.db") as database:
        return database.execute("SELECT count(*) FROM autograder_ledger").fetchone()[0]


def unfit(reason: str) -> str:
    """What is wrong with a sentence that is to tell a person what to do; '' where nothing is."""
    if len(reason) >= 300 or len(reason.splitlines()) != 1:
        return "not one short line"
    if re.search(r"Traceback|\w+(Error|Exception)\b|please report|0x[0-9a-f]{6}", reason):
        return "a programmer's words"
    return ""


def problems(folder: Path, mutants: dict[str, Recipe], originals: dict[str, Cells]) -> list[str]:
    """Grade the mutants and some honest submissions in one run; what is not as it should be."""
    damaged = {student: mutate(recipe, originals[recipe.answered]) for student, recipe in mutants.items()}
    honest = {f"honest-{student}": whole(originals[student]) for student in DESERVED}
    files = {student: data for student, (data, _) in damaged.items()}
    # Among the others, as in a class.
    done = grade(folder, dict(sorted({**files, **honest}.items(), key=lambda item: item[0][-3:])))
    marks = marks_in(folder)
    graded = {student for student, one in done.items() if not one.reason}
    assert set(done) == {*files, *honest} and set(marks) == graded
    assert recorded(folder) == len(done)
    for student in DESERVED:
        assert marks[f"honest-{student}"] == dict(zip(EXERCISES, DESERVED[student], strict=True))
    found = []
    for student, recipe in mutants.items():
        said = done[student].reason
        if said and (problem := unfit(said)):
            found.append(f"{recipe}: {problem}: {said}")
        safe = recognisable(damaged[student][1], originals[recipe.answered])
        if said and safe:
            found.append(f"{recipe}: not graded ({said}), but {sorted(safe)} could be")
        for exercise, most in zip(EXERCISES, DESERVED[recipe.answered], strict=True):
            score = marks[student][exercise] if student in marks else 0
            if score is None or score > most or (exercise in safe and not said and score < most):
                found.append(f"{recipe}: {exercise} earned {score}, deserved {most}; {done[student].notes}")
        if student in graded:
            path = folder / "autograded" / student / NAME / f"{NAME}.ipynb"
            try:
                nbformat.validate(read_as_nbgrader(str(path), as_version=4))
                dict(scores.verdicts_in(path.parent))
            except Exception as error:
                found.append(f"{recipe}: nbgrader cannot read the result: {error!r:.300}")
    return found


def fresh(room: tuple[Path, dict[str, Cells]], folder: Path) -> Path:
    return shutil.copytree(room[0], folder / "class")


def test_each_mutation_by_itself(room, tmp_path):
    each = [Recipe("all-right", ((name, 1),), ("as_it_is", 0)) for name in CELL_MUTATIONS]
    each += [Recipe("all-right", (), (name, 1)) for name in FILE_MUTATIONS]
    mutants = {f"mutant-{number:03d}": recipe for number, recipe in enumerate(each)}
    found = problems(fresh(room, tmp_path), mutants, room[1])
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_five_hundred_mutations(room, tmp_path):
    rng, found = Random(SEED), []
    recipes = list({a_recipe(rng): None for _ in range(DIFFERENT + BATCH)})
    assert len(recipes) >= DIFFERENT
    for start in range(0, len(recipes), BATCH):
        folder = fresh(room, tmp_path / str(start))
        mutants = {
            f"mutant-{start + number:03d}": one for number, one in enumerate(recipes[start : start + BATCH])
        }
        found += problems(folder, mutants, room[1])
        shutil.rmtree(folder)
    assert not found, "\n".join(found)


# Folders that are not as nbgrader's exchange leaves them.


def test_odd_folders_harm_nobody(room, tmp_path):
    folder, submitted = fresh(room, tmp_path), tmp_path / "class" / "submitted"
    right = whole(room[1]["all-right"])

    def hand_in(student: str, name: str | bytes, data: bytes = right) -> None:
        home = os.fsencode(submitted / student / NAME)
        os.makedirs(home, exist_ok=True)  # noqa: PTH103
        Path(os.fsdecode(os.path.join(home, os.fsencode(name)))).write_bytes(data)  # noqa: PTH118

    hand_in("right", f"{NAME}.ipynb")
    hand_in("other-name", f"{NAME} (1).ipynb")
    hand_in("odd-name", b"caf\xe9.ipynb")
    hand_in("odd-file", f"{NAME}.ipynb")
    hand_in("odd-file", b"caf\xe9.csv")
    hand_in("odd-stamp", f"{NAME}.ipynb")
    hand_in("odd-stamp", "timestamp.txt", b"yesterday\0\xff")
    hand_in("far-stamp", f"{NAME}.ipynb")
    hand_in("far-stamp", "timestamp.txt", b"0001-01-01 00:00:00 +14:00")
    hand_in("line\nbreak", f"{NAME} (1).ipynb")
    hand_in("name-with-break", "a\nb.txt")
    hand_in("pipe", f"{NAME}.ipynb")
    os.mkfifo(submitted / "pipe" / NAME / "data.csv")
    (submitted / "empty" / NAME).mkdir(parents=True)
    (submitted / "file").mkdir()
    (submitted / "file" / NAME).write_bytes(right)
    (submitted / "folder" / NAME / f"{NAME}.ipynb").mkdir(parents=True)
    (submitted / "link" / NAME).mkdir(parents=True)
    (submitted / "link" / NAME / f"{NAME}.ipynb").symlink_to(submitted / "right" / NAME / f"{NAME}.ipynb")
    done = grade_folders(folder, sorted(os.listdir(submitted)))  # noqa: PTH208
    graded = {student for student, one in done.items() if not one.reason}
    assert graded == {"right", "odd-file", "odd-stamp", "far-stamp", "pipe"}
    assert [(name, one.reason) for name, one in done.items() if one.reason and unfit(one.reason)] == []
    assert {student: sum(marks.values()) for student, marks in marks_in(folder).items()} == dict.fromkeys(
        graded, 7
    )


def test_a_name_that_is_no_text_harms_nobody(room, tmp_path):
    folder = fresh(room, tmp_path)
    odd = os.fsdecode(b"caf\xe9")
    done = grade(folder, {"a": whole(room[1]["all-right"]), odd: whole(room[1]["all-right"])})
    assert not done["a"].reason and sum(marks_in(folder)["a"].values()) == 7
    assert not unfit(done[odd].reason)


@pytest.mark.slow
def test_pictures_of_written_work_cut_nothing_off(room, tmp_path):
    cells = copy.deepcopy(room[1]["all-right"])
    for number in range(4):
        picture = {"photo.png": {"image/png": "iVBORw0KGgo" * 600_000}}
        cells.insert(
            1,
            {
                "cell_type": "markdown",
                "id": f"photo-{number}",
                "metadata": {},
                "source": "![](attachment:photo.png)",
                "attachments": picture,
            },
        )
    done = grade(fresh(room, tmp_path), {"photos": whole(cells)})
    assert not done["photos"].reason
    assert sum(marks_in(tmp_path / "class")["photos"].values()) == 7
