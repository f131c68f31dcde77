"""Public nbgrader courses graded by stock nbgrader and by the engine, cell by cell.

    python bench/public_courses.py FOLDER [--from FOLDER] [--only WORD ...] [--python PYTHON] [--singles 3]

FOLDER, outside this repository, keeps clones, courses and stock's marks. `--from` names a folder of git
directories that are there already (owner+name/ in it). `--python` is an interpreter of another environment,
with this package and with what courses import: pandas, scipy, scikit-learn, sympy, seaborn. Prints a table,
and writes all of it as JSON to FOLDER/results.json. The submissions: the teacher's own solution, the release
untouched, and single answers left blank.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "| assignment | cells | equal | lower | higher | full | stock | engine | s stock | s engine | |\n"
HEAD += "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="there", type=Path, help="git directories that are there already")
    parser.add_argument("--only", nargs="*", default=[], help="words of courses or assignments")
    parser.add_argument("--python", help="the interpreter of another environment")
    parser.add_argument("--singles", type=int, default=3, help="submissions with one blank answer")
    return parser.parse_args()


def rows(given: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Each assignment's row, as it is graded."""
    import public_sources as sources

    for course in sources.COURSES:
        root = given.folder / "courses" / course.name
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        try:
            found = sources.copy_out(course, sources.repository(course, given.folder, given.there), root)
        except (subprocess.CalledProcessError, OSError) as error:
            yield {"name": course.name, "problem": f"not fetched: {error}"}
            continue
        for assignment in found:
            name = f"{course.name}/{assignment}"
            if not given.only or any(word in name for word in given.only):
                yield {"name": name, **row(root, assignment, given)}


def row(root: Path, assignment: str, given: argparse.Namespace) -> dict[str, object]:
    """Grade one assignment; what hinders is its `problem`, and stops no other."""
    import public_grading as grading
    import public_submissions as submissions

    (root / "nbgrader_config.py").write_text(submissions.CONFIG)
    missing: list[str] = []
    try:
        with contextlib.redirect_stdout(sys.stderr):
            submissions.mend(root / "source" / assignment)
            missing = submissions.missing_modules(root / "source" / assignment)
            submissions.release(root, assignment)
            students = submissions.hand_in(root, assignment, given.singles)
            found = grading.compared(root, assignment, students, given.folder / "stock")
            return {"missing": missing, **found}
    except Exception as error:  # a course that nbgrader itself cannot read stops no other
        return {"missing": missing, "problem": f"{type(error).__name__}: {error}"[:300]}


def line(found: dict[str, object]) -> str:
    """A row of the table."""
    remarks = []
    if found.get("missing"):
        remarks.append("without " + ", ".join(map(str, found["missing"])))  # type: ignore[call-overload]
    for grader, refused in dict(found.get("not_graded") or {}).items():  # type: ignore[call-overload]
        if refused:
            remarks.append(f"{grader} refused {len(refused)}")
    if found.get("problem"):
        remarks.append(re.sub(r"\s+", " ", str(found["problem"]))[:120])
    keys = "cells equal lower higher full teacher_stock teacher_engine stock_seconds engine_seconds".split()
    return (
        " | ".join(
            ["| " + str(found["name"]), *(str(found.get(key, "")) for key in keys), "; ".join(remarks)]
        )
        + " |"
    )


def main() -> None:
    """Fetch, grade, print."""
    given = arguments()
    # nbgrader asks for programs on PATH
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if given.python and Path(given.python).absolute() != Path(sys.executable).absolute():
        words = [word for word in sys.argv[1:] if word not in ("--python", given.python)]
        python = str(Path(given.python).absolute())
        os.execv(python, [python, str(Path(__file__).resolve()), *words])
    given.folder.mkdir(parents=True, exist_ok=True)
    print(HEAD, flush=True)
    results = []
    for found in rows(given):
        results.append(found)
        print(line(found), flush=True)
        (given.folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    sums = {
        key: sum(int(str(one.get(key, 0))) for one in results)
        for key in ("cells", "equal", "lower", "higher")
    }
    print(json.dumps({**sums, "assignments": len(results)}))


if __name__ == "__main__":
    main()
