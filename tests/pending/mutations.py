"""Broken notebooks: whatever was done to one, it harms no other, and its answers are still graded.

A mutation is a recipe: what the student had answered, what was done to the cells, what was done to the file.
The same recipe always gives the same bytes, so that a failure names all that is needed to see it again.
"""

from __future__ import annotations

import copy
import json
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import read as read_as_nbgrader

from autograder.authoring import course as courses
from autograder.classroom import demo
from autograder.grading import results
from autograder.grading.engine import Engine, Settings
from autograder.grading.limits import Limits
from autograder.grading.stock import Classroom

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

Cells = list[Any]
Random = random.Random


# What was done to the cells, in place. A cell may be anything after it.


def keys(cell: Any) -> dict[str, Any] | None:
    """nbgrader's metadata of a cell, where there still is such a thing."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else None


def some(cells: Cells, rng: Random) -> dict[str, Any]:
    """A cell that is one; graded and answer cells three times as often as text."""
    sound = [cell for cell in cells if isinstance(cell, dict) and isinstance(cell.get("source"), str)]
    if not sound:
        cells.append({"cell_type": "code", "metadata": {}, "source": "", "outputs": []})
        return cells[-1]
    return rng.choice(sound + 2 * [cell for cell in sound if keys(cell)])


def where(cells: Cells, cell: Any) -> int:
    return next(index for index, one in enumerate(cells) if one is cell)


def duplicate(cells: Cells, rng: Random) -> None:
    cells.insert(rng.randint(0, len(cells)), copy.deepcopy(some(cells, rng)))


def duplicate_all(cells: Cells, rng: Random) -> None:
    cells += copy.deepcopy(cells)


def delete(cells: Cells, rng: Random) -> None:
    del cells[where(cells, some(cells, rng))]


def split(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cut = rng.randint(0, len(cell["source"]))
    new = {**copy.deepcopy(cell), "metadata": {}, "id": f"split-{rng.randrange(10**6)}"}
    new["source"], cell["source"] = cell["source"][cut:], cell["source"][:cut]
    cells.insert(where(cells, cell) + 1, new)


def merge(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    index = where(cells, cell) + 1
    if index < len(cells) and isinstance(cells[index], dict):
        cell["source"] += "\n" + str(cells.pop(index).get("source"))


def move(cells: Cells, rng: Random) -> None:
    cell = cells.pop(where(cells, some(cells, rng)))
    cells.insert(rng.randint(0, len(cells)), cell)


def reverse(cells: Cells, rng: Random) -> None:
    cells.reverse()


def shuffle(cells: Cells, rng: Random) -> None:
    rng.shuffle(cells)


def retype(cells: Cells, rng: Random) -> None:
    some(cells, rng)["cell_type"] = rng.choice(["code", "markdown", "raw", "heading", "", None, 3, ["code"]])


def retype_all(cells: Cells, rng: Random) -> None:
    kind = rng.choice(["code", "markdown", "raw"])
    for cell in cells:
        if isinstance(cell, dict):
            cell["cell_type"] = kind


def lose_keys(cells: Cells, rng: Random) -> None:
    some(cells, rng)["metadata"] = {}


def lose_all_keys(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if keys(cell) is not None:
            del cell["metadata"]["nbgrader"]


def lose_one_key(cells: Cells, rng: Random) -> None:
    found = keys(some(cells, rng))
    if found:
        del found[rng.choice(sorted(found))]


ODD = (None, "", "odd", 0, 1, -1, 1e308, float("nan"), True, False, [], ["a"], {}, {"a": 1}, "x" * 5000)


def alter_key(cells: Cells, rng: Random) -> None:
    found = keys(some(cells, rng))
    if found is not None:
        name = ("grade_id", "points", "locked", "grade", "solution", "task", "schema_version", "checksum")
        found[rng.choice((*name, "cell_type"))] = rng.choice((*ODD, 1000, 1, 2, 3, 4, "3", "coin-sides"))


def alter_versions(cells: Cells, rng: Random) -> None:
    version = rng.choice([1, 2, 4, 99, "3", None])
    for cell in cells:
        if keys(cell):
            cell["metadata"]["nbgrader"]["schema_version"] = version


def swap_names(cells: Cells, rng: Random) -> None:
    one, other = keys(some(cells, rng)), keys(some(cells, rng))
    if one and other:
        one["grade_id"], other["grade_id"] = other.get("grade_id"), one.get("grade_id")


def odd_metadata(cells: Cells, rng: Random) -> None:
    some(cells, rng)["metadata"] = rng.choice(ODD)


def odd_extra_metadata(cells: Cells, rng: Random) -> None:
    metadata = some(cells, rng).get("metadata")
    if isinstance(metadata, dict):
        name = rng.choice(["tags", "name", "collapsed", "scrolled", "jupyter", "execution", "deletable", "x"])
        metadata[name] = rng.choice(ODD)


def odd_grading_metadata(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    if isinstance(cell.get("metadata"), dict):
        cell["metadata"]["nbgrader"] = rng.choice(ODD)


def tag(cells: Cells, rng: Random) -> None:
    tags = ["skip-execution", "figure", "raises-exception", "injected-parameters"]
    for cell in cells:
        if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["tags"] = [rng.choice(tags)]


def odd_source(cells: Cells, rng: Random) -> None:
    some(cells, rng)["source"] = rng.choice([*ODD, ["a\n", 3, None], [["a"]], "\ud800", "\0", "\r"])


def source_as_lines(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if isinstance(cell, dict) and isinstance(cell.get("source"), str):
            cell["source"] = cell["source"].splitlines(True)


def no_source(cells: Cells, rng: Random) -> None:
    some(cells, rng).pop("source", None)


def odd_cell(cells: Cells, rng: Random) -> None:
    cells.insert(rng.randint(0, len(cells)), rng.choice(ODD))


def odd_fields(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cell[rng.choice(["outputs", "execution_count", "attachments", "id", "input", "unknown"])] = rng.choice(
        ODD
    )


def odd_ids(cells: Cells, rng: Random) -> None:
    for index, cell in enumerate(cells):
        if isinstance(cell, dict):
            cell["id"] = rng.choice(["same", "", "with space", "x" * 200, 7, None, f"other-{index}"])


def no_ids(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if isinstance(cell, dict):
            cell.pop("id", None)


def shift_ids(cells: Cells, rng: Random) -> None:
    sound = [cell for cell in cells if isinstance(cell, dict)]
    ids = [cell.get("id") for cell in sound]
    for cell, name in zip(sound, ids[1:] + ids[:1], strict=True):
        cell["id"] = name


def forge_outputs(cells: Cells, rng: Random) -> None:
    number = {"output_type": "execute_result", "data": {"text/plain": "1000.0"}, "metadata": {}}
    forged = [{**number, "execution_count": 1}, {"output_type": "stream", "name": "stdout", "text": "right"}]
    odd = rng.choice([forged, [{"output_type": "nonsense"}], [3], {"a": 1}, "text", [{"data": 3}]])
    for cell in cells:
        if isinstance(cell, dict):
            cell["outputs"] = copy.deepcopy(odd)


def ease_checks(cells: Cells, rng: Random) -> None:
    for cell in cells:
        found = keys(cell)
        if found and found.get("grade"):
            cell["source"] = rng.choice(
                ["pass", "1000.0", "", "def check(*a, **k): pass", "raise SystemExit"]
            )


def ease_keys(cells: Cells, rng: Random) -> None:
    for cell in cells:
        found = keys(cell)
        if found:
            found.update(grade=True, solution=rng.random() < 0.5, locked=False, points=1000)


def hide(cells: Cells, rng: Random) -> None:
    """Comment a cell out, as somebody does who searches an error."""
    cell = some(cells, rng)
    cell["source"] = "\n".join(f"# {line}" for line in cell["source"].splitlines())


def other_line_ends(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cell["source"] = cell["source"].replace("\n", rng.choice(["\r\n", "\r", "\u2028", "\x0c"]))


def many_cells(cells: Cells, rng: Random) -> None:
    more = [{"cell_type": "markdown", "metadata": {}, "source": f"{n}", "id": f"m{n}"} for n in range(3000)]
    index = rng.randint(0, len(cells))
    cells[index:index] = more


def big_text(cells: Cells, rng: Random) -> None:
    big = {"cell_type": rng.choice(["markdown", "code"]), "metadata": {}, "source": "# " + "x" * (2 << 20)}
    cells.insert(rng.randint(0, len(cells)), {**big, "outputs": []})


def deep_metadata(cells: Cells, rng: Random) -> None:
    deep: Any = "x"
    for _ in range(rng.choice([60, 300])):
        deep = {"x": deep}
    cell = some(cells, rng)
    cell["metadata"] = {**(cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}), "deep": deep}


def accents(cells: Cells, rng: Random) -> None:
    index = rng.randint(0, len(cells))
    words = "Größe: é, ∑ p(x), 数, 🙂, \ud83d\n`" + rng.choice(["\\ud800", "\\", '\\"', "{", "%%bash"])
    cells.insert(index, {"cell_type": "markdown", "metadata": {}, "source": words, "id": "words"})


def own_cells(cells: Cells, rng: Random) -> None:
    source = rng.choice(
        ["1 / 0", "this is = not Python", "%%html\n<b>", "!true", "%matplotlib inline", "?len"]
    )
    new = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    cells.insert(rng.randint(0, len(cells)), new)


CELL_MUTATIONS: dict[str, Callable[[Cells, Random], None]] = {
    one.__name__: one
    for one in (
        *(duplicate, duplicate_all, delete, split, merge, move, reverse, shuffle, retype, retype_all),
        *(lose_keys, lose_all_keys, lose_one_key, alter_key, alter_versions, swap_names, tag),
        *(odd_metadata, odd_extra_metadata, odd_grading_metadata, odd_source, source_as_lines, no_source),
        *(odd_cell, odd_fields, odd_ids, no_ids, shift_ids, forge_outputs, ease_checks, ease_keys, hide),
        *(other_line_ends, many_cells, big_text, deep_metadata, accents, own_cells),
    )
}

# What was done to the file. Each takes the cells and gives the bytes and the cells that are still whole in
# them; None instead of the cells: nobody can say.

Damaged = tuple[bytes, Cells | None]


def whole(cells: Any, **other: Any) -> bytes:
    """The file as Jupyter writes it."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({**content, **other}, indent=1).encode()


def spans(cells: Cells) -> tuple[str, list[tuple[int, int]]]:
    """The text of the file and where in it each cell begins and ends."""
    text, found = '{"cells": [', []
    for index, cell in enumerate(cells):
        text += ",\n " if index else "\n "
        start = len(text)
        text += json.dumps(cell)
        found.append((start, len(text)))
    return text + '\n], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n', found


def as_it_is(cells: Cells, rng: Random) -> Damaged:
    return whole(cells), cells


def cut(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    return text[:at].encode(), [cell for cell, (_, end) in zip(cells, ends, strict=True) if end <= at]


def lose_start(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    return text[at:].encode(), [cell for cell, (start, _) in zip(cells, ends, strict=True) if start >= at]


def lose_middle(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    end = min(len(text), at + rng.choice([1, 30, 1000]))
    kept = [cell for cell, span in zip(cells, ends, strict=True) if span[1] <= at or span[0] >= end]
    return (text[:at] + text[end:]).encode(), kept


def insert(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    odd = rng.choice(["\0", '"', "}", "]", "{", ",", "\\", "<<<<<<< HEAD\n", "\0" * 1000, "\x1a", "[" * 2000])
    kept = [cell for cell, (start, end) in zip(cells, ends, strict=True) if end <= at or start >= at]
    return (text[:at] + odd + text[at:]).encode(), kept


def trailing(cells: Cells, rng: Random) -> Damaged:
    return whole(cells) + rng.choice([b"}", b"\0" * 4096, b"\n<html>", b'{"cells": []}', b"\xff\xfe"]), cells


def leading(cells: Cells, rng: Random) -> Damaged:
    return rng.choice([b"\xef\xbb\xbf", b"\n\n", b"garbage ", b"<pre>", b"\xef\xbb\xbf" * 2]) + whole(
        cells
    ), cells


def utf16(cells: Cells, rng: Random) -> Damaged:
    text = whole(cells).decode()
    return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be"])), cells


def latin1(cells: Cells, rng: Random) -> Damaged:
    text = json.dumps(json.loads(whole([*cells, {**ACCENTED}])), ensure_ascii=False)
    return text.encode("latin-1", "replace"), None if re.search(r"[^\x00-\xff]", text) else cells


ACCENTED = {"cell_type": "markdown", "metadata": {}, "source": "Größe é", "id": "accented"}


def windows(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b"\n", b"\r\n"), cells


def nulls_between(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b"\n", b"\n\0", rng.choice([1, 100000])), cells


def other_format(cells: Cells, rng: Random) -> Damaged:
    version = rng.choice([(4, 0), (4, 4), (4, 9), (4, "5"), (5, 0), (99, 0), (None, None), ("4", 5), (4, -1)])
    return whole(cells, nbformat=version[0], nbformat_minor=version[1]), cells


def format_three(cells: Cells, rng: Random) -> Damaged:
    """The same cells as IPython 2 stored them: code is "input"."""
    old = []
    for cell in copy.deepcopy(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["input"] = cell.pop("source", "")
            cell.update(language="python", collapsed=False, prompt_number=None)
        old.append(cell)
    sheets = {"worksheets": [{"cells": old, "metadata": {}}], "metadata": {"name": ""}, "nbformat_minor": 0}
    return json.dumps({**sheets, "nbformat": rng.choice([3, 3, 3, 2])}).encode(), cells


def claims_three(cells: Cells, rng: Random) -> Damaged:
    return whole(cells, nbformat=rng.choice([1, 2, 3])), None


def odd_frame(cells: Cells, rng: Random) -> Damaged:
    name = rng.choice(["metadata", "nbformat", "nbformat_minor", "unknown"])
    return whole(cells, **{name: rng.choice(ODD)}), None if name == "nbformat" else cells


def cells_only(cells: Cells, rng: Random) -> Damaged:
    return json.dumps(cells).encode(), cells


def odd_cells(cells: Cells, rng: Random) -> Damaged:
    named = {str(index): cell for index, cell in enumerate(cells)}
    return whole(rng.choice([*ODD, named, [cells]])), None


def empty(cells: Cells, rng: Random) -> Damaged:
    return rng.choice([b"", b" \n", b"\0" * 100, b"null", b"{}", b"[]", b"3", b'"x"', b"\xef\xbb\xbf"]), None


def no_notebook(cells: Cells, rng: Random) -> Damaged:
    return rng.choice(
        [
            b"PK\x03\x04" + bytes(range(256)) * 20,
            b"%PDF-1.7\n" + bytes(range(255, -1, -1)) * 20,
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            b"x = 2\nprint(x)\n",
            b"[" * 200_000,
            b'{"a":' * 200_000,
            b'{"cells": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
            b'"' * 100_000,
            b'{"cell_type": ' * 20_000,
            bytes(random.Random(rng.random()).randbytes(20_000)),
        ]
    ), None


def repeated_keys(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b'"cell_type"', b'"cell_type": "raw", "cell_type"'), cells


def twice(cells: Cells, rng: Random) -> Damaged:
    return whole(cells) + whole(cells), cells


FILE_MUTATIONS: dict[str, Callable[[Cells, Random], Damaged]] = {
    one.__name__: one
    for one in (
        *(as_it_is, cut, lose_start, lose_middle, insert, trailing, leading, utf16, latin1, windows),
        *(nulls_between, other_format, format_three, claims_three, odd_frame, cells_only, odd_cells, empty),
        *(no_notebook, repeated_keys, twice),
    )
}


@dataclass(frozen=True)
class Recipe:
    """`steps` are mutations of cells, `file` is the one of the file, each with the seed of its choices."""

    answered: str
    steps: tuple[tuple[str, int], ...]
    file: tuple[str, int]


@st.composite
def recipes(draw: Any) -> Recipe:
    """Mostly a few mutations of the cells, sometimes one of the file, sometimes both."""
    seeds = st.integers(0, 999)
    steps = st.lists(st.tuples(st.sampled_from(sorted(CELL_MUTATIONS)), seeds), min_size=1, max_size=4)
    files = st.one_of(st.just("as_it_is"), st.just("as_it_is"), st.sampled_from(sorted(FILE_MUTATIONS)))
    answered = st.one_of(st.just("all-right"), st.sampled_from(sorted(DESERVED)))
    return Recipe(draw(answered), tuple(draw(steps)), (draw(files), draw(seeds)))


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
    demo.write(courses.read(built_once), NAME, folder / "class")
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
                dict(results.verdicts_in(path.parent))
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
    seen: set[Recipe] = set()
    found: list[str] = []

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],  # a recipe that fails is small as it is; to shrink a batch takes hours
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(recipes(), min_size=BATCH // 2, max_size=BATCH, unique=True))
    def collect(batch: list[Recipe]) -> None:
        seen.update(batch)

    collect()
    different = sorted(seen, key=repr)
    Random(0).shuffle(different)
    assert len(different) >= DIFFERENT
    different = different[: DIFFERENT + BATCH]
    for start in range(0, len(different), BATCH):
        folder = fresh(room, tmp_path / str(start))
        batch = different[start : start + BATCH]
        mutants = {f"mutant-{start + number:03d}": recipe for number, recipe in enumerate(batch)}
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
