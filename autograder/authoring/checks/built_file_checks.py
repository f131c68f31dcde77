"""What a lesson promises about its built files: no secret in the release, and nothing out of date."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path

from autograder.authoring.building.placement import Made, files_in
from autograder.authoring.checks.context import Found, Subject
from autograder.authoring.format import glossary
from autograder.authoring.format.solution_stub import stub_of
from autograder.core.errors import Problem
from autograder.course import lesson_json

MARKS = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "core.values import same")


def release(s: Subject) -> Found:
    """The release on disk (or, where none is, the fresh one) holds no solution."""
    path = s.course.root / "release" / s.text.id / f"{s.text.id}.ipynb"
    path = path if path.exists() else s.aside / path.relative_to(s.course.root)
    secret = [
        line.strip()
        for one in s.evaluated
        for line in one.text.solution.source.splitlines()
        if len(line.strip()) > 12 and line not in stub_of(one.text.solution).splitlines()
    ]
    yield from _in_files(path.parent, secret)
    written = path.read_text(encoding="utf-8")
    for number, cell in enumerate(json.loads(written)["cells"], 1):
        yield 1
        source = "".join(cell["source"])
        for mark in (*MARKS, *secret):
            if mark in source and (cell["cell_type"] == "code" or mark not in secret):
                words = f"cell {number} of the release holds {mark[:60]!r}"
                yield Problem(path, _line_in(written, cell["id"], mark), words, "Run: autograder build")
                break


def _in_files(folder: Path, secret: list[str]) -> Found:
    """What of the solutions the files beside the notebook hold: lines that no two people write by chance."""
    told = [line for line in secret if len(line) > 24 and not line.startswith(("import ", "from "))]
    for name in files_in(folder):
        if name in (f"{folder.name}.ipynb", lesson_json.FILE):
            continue
        yield 1
        lines = (folder / name).read_bytes().decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            if any(mark in line for mark in (*MARKS, *told)):
                words = f"this file of the release holds {line.strip()[:60]!r}, which is of a solution"
                remedy = f"Take it out of lessons/{folder.name}/{name}: learners get the file as it is"
                yield Problem(folder / name, number, words, remedy)
                break


def _line_in(notebook: str, cell: str, mark: str) -> int:
    """The line of a notebook's JSON where `mark` stands, in the cell of that id."""
    lines = notebook.splitlines()
    start = next((n for n, line in enumerate(lines) if f'"id": "{cell}"' in line), 0)
    inside = json.dumps(mark, ensure_ascii=False)[1:-1]
    return next((n for n, line in enumerate(lines[start:], start + 1) if inside in line), start + 1)


def fresh(s: Subject) -> Found:
    """source/, release/ and the glossary are what the lessons give."""
    for kind in ("source", "release"):
        new, old = s.aside / kind / s.text.id, s.course.root / kind / s.text.id
        made = Made(old)
        for file in files_in(new):
            yield 1
            here = old / file
            if not here.exists() or not filecmp.cmp(new / file, here, shallow=False):
                state = "differs from what the lesson gives" if here.exists() else "is missing"
                yield Problem(here, 1, f"the built file {state}", f"Run: autograder build {s.text.number}")
        for file in files_in(old):
            if not (new / file).exists():
                remedy = f"Run: autograder build {s.text.number}, which removes it"
                if file not in made:
                    remedy = f"Move it to lessons/{s.text.id}/ or away: build does not touch it"
                yield Problem(old / file, 1, "this file is not built from the lesson", remedy)
    yield 1
    if not glossary.is_fresh(s.course):
        path = s.course.root / glossary.PAGE
        yield Problem(path, 1, "the glossary differs from what the lessons give", "Run: autograder build")
