"""Hostile notebooks made by chance, graded in a class with honest work: what held, and what did not.

    python bench/fuzz.py [--minutes 60] [--seed 1] [--batch 40]

Each attack begins with wrong answers: lines of known attacks are put into its cells and between them, cells
and the file are damaged as in the tests. Then three things must hold: an honest submission of the same class
earns what it earns alone; an attack earns no more than its wrong answers as they are, but for flagged points
and those of tests that run in the learner's own process, which nbgrader gives, too; and no autograded
notebook has more outputs than it may have.
Prints what did not hold, with the seed that makes it again, and at last one JSON object; exit code 1 if
anything did not.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.grading.dispatch.engine import Engine, Settings  # noqa: E402
from autograder.grading.execution.grade_submission import Done  # noqa: E402
from autograder.grading.gradebook.course_directory import Classroom  # noqa: E402
from autograder.grading.sandbox.limits import Limits  # noqa: E402
from tests.support import damaged_cells, damaged_files  # noqa: E402
from tests.support.attacks import corpus as attacks  # noqa: E402
from tests.support.styles import corpus, course  # noqa: E402
from tests.support.styles.notebook_text import Style  # noqa: E402

LIMITS = Limits(cell_seconds=2.0, notebook_seconds=8.0, output=1 << 16)
LARGEST = 16 * LIMITS.output
"""Bytes of all outputs of an autograded notebook, escaped as JSON."""
HONEST, WRONG = "honest", "wrong"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=40, help="attacks on a style")
    return parser.parse_args()


def styles() -> list[Style]:
    """Those that need no further library, each with a wrong answer that earns nothing."""
    found = (corpus.quicker(style) for style in (*corpus.strangers(), *corpus.further()))
    return [one for one in found if not corpus.missing(one) and _has_wrong_answers(one)]


def _has_wrong_answers(style: Style) -> bool:
    return all("wrong" in cell.instead for cell in style.cells if cell.kind == "answer")


def lines(found: Sequence[Style]) -> list[str]:
    """Pieces of hostile code: what attackers write in answers and in cells of their own."""
    pieces = [
        "import os\nwhile True:\n    print('x' * 9999)",
        "def __getattr__(name): return 1",
        "import sys\nsys.setrecursionlimit(10)",
        "raise SystemExit(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "get_ipython().display_pub.publish({'text/html': '<b>' * 99999}, None)",
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.isinstance = lambda *a: True",
        "class Yes:\n    __eq__ = lambda s, o: True\n    __hash__ = __bool__ = lambda s: True",
        "import gc\n[o for o in gc.get_objects() if isinstance(o, str) and 'assert' in o]",
    ]
    for style in found:
        for cell in style.cells:
            pieces += [text for who, text in cell.instead.items() if who == "attack"]
            pieces += [cell.source] if cell.kind == "own" else []
    return pieces


def attacked(style: Style, pieces: Sequence[str], rng: random.Random) -> bytes:
    """One hostile submission of a style."""
    sources = [cell.of("wrong") for cell in style.cells]
    book = course.notebook(style, sources, "attack")
    cells: list[Any] = book["cells"]
    for _ in range(rng.randint(1, 4)):
        piece = rng.choice(pieces)
        if rng.random() < 0.4:
            new = {"cell_type": "code", "id": f"own-{rng.randrange(10**9)}", "metadata": {}, "source": piece}
            cells.insert(rng.randint(0, len(cells)), {**new, "outputs": [], "execution_count": None})
        else:
            cell = damaged_cells.some(cells, rng)
            cell["source"] = rng.choice((f"{cell['source']}\n{piece}", f"{piece}\n{cell['source']}", piece))
    for _ in range(rng.choice((0, 0, 1, 3))):
        rng.choice(list(damaged_cells.CELL_MUTATIONS.values()))(cells, rng)
    if rng.random() < 0.2:
        data, _ = rng.choice(list(damaged_files.FILE_MUTATIONS.values()))(cells, rng)
        return data
    return json.dumps(book).encode()


def batch(style: Style, pieces: Sequence[str], seed: int, size: int) -> Iterator[tuple[str, str]]:
    """(which, what did not hold) of a class of one style."""
    rng = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        root = folder / "course"
        (assignment,) = course.write(root, [style], ["right", WRONG])
        shutil.move(root / "submitted" / "right", root / "submitted" / HONEST)
        names = [f"attack-{seed}-{number}" for number in range(size)]
        for name in names:
            home = root / "submitted" / name / assignment
            shutil.copytree(root / "submitted" / HONEST / assignment, home)
            (home / f"{style.name}.ipynb").write_bytes(attacked(style, pieces, rng))
        everybody = [WRONG, *names[: size // 2], HONEST, *names[size // 2 :]]
        with_others, plans = graded(root, assignment, everybody)
        alone, _ = graded(root, assignment, [HONEST])
        yield from judged(with_others, alone[HONEST], plans)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def graded(root: Path, assignment: str, students: Sequence[str]) -> tuple[dict[str, Done], dict[str, bool]]:
    """What became of each, and of each test whether it runs apart."""
    engine = Engine(Settings(LIMITS, workers=2, force=True), preload=[])
    try:
        classroom = Classroom(root)
        done = {who: one for who, one in engine.grade(classroom, assignment, students) if one}
        apart = {row.test: row.how.startswith("isolated") for row in engine.explain(classroom, assignment)}
        return done, apart
    finally:
        engine.close()


def judged(done: dict[str, Done], honest: Done, apart: dict[str, bool]) -> Iterator[tuple[str, str]]:
    """What did not hold in a class."""
    if points_of(done[HONEST]) != points_of(honest):
        yield HONEST, f"earned {points_of(done[HONEST])} beside attacks, {points_of(honest)} alone"
    due = points_of(done[WRONG])
    for who, one in done.items():
        if "please report this" in one.reason:
            yield who, one.reason
        for data, marks in one.notebooks.values():
            shown = len(json.dumps([cell.get("outputs", []) for cell in json.loads(data)["cells"]]))
            if shown > LARGEST:
                yield who, f"an autograded notebook with {shown} bytes of outputs"
            for mark in marks.marks if who != HONEST else ():
                more = (mark.auto_score or 0.0) > (due.get(mark.name) or 0.0)
                if more and apart.get(mark.name) and mark.name not in marks.flags:
                    yield who, f"earned {mark.auto_score:g} for {mark.name}, unflagged"


def points_of(one: Done) -> dict[str, float | None]:
    """The points of each cell."""
    return {mark.name: mark.auto_score for _, marks in one.notebooks.values() for mark in marks.marks}


def main() -> None:
    """Make and grade classes until the time is over."""
    given = arguments()
    found = styles()
    pieces = lines([*attacks.attacks(), *found])
    end, seed, failures = time.monotonic() + 60 * given.minutes, given.seed, 0
    count = 0
    while time.monotonic() < end:
        style = random.Random(seed).choice(found)
        for who, what in batch(style, pieces, seed, given.batch):
            failures += 1
            print(f"{style.name}, seed {seed}: {who} {what}", flush=True)
        count += given.batch
        seed += 1
    print(
        json.dumps(
            {"minutes": given.minutes, "classes": seed - given.seed, "attacks": count, "failed": failures}
        )
    )
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
