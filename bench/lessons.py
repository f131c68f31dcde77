"""How long a lesson keeps its learner waiting: its figure, its coding exercise, the whole notebook, solved.

    python bench/lessons.py [NN ...]

Prints one JSON object a lesson: seconds of the coding exercise's reference (functions and answers), the
median and the longest redraw of the figure in milliseconds over the ends of all its controls, seconds of
the solved release notebook from the kernel's start to its end, and how many words its reading has.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.authoring.roles.cell import Cell
from autograder.authoring.sample_class import filled_in, solved_source
from autograder.study.figures import Choice, Explorer
from tests.support import reading_length

ROOT = Path(__file__).resolve().parents[1]


def redraws(cell: Cell) -> list[float]:
    """Milliseconds of each redraw, with one control at a time at an end, and drawn twice there."""
    figure = evaluate.run(cell, {"__name__": "__lesson__"})
    assert isinstance(figure, Explorer)
    figure.picture(True)
    times = []
    for name, control in figure.controls.items():
        for value in control.options if isinstance(control, Choice) else (control.low, control.high):
            start = time.perf_counter()
            figure.picture(True, **{name: value})
            times.append(1e3 * (time.perf_counter() - start))
    return times


def coding(exercises: tuple[evaluate.Evaluated, ...]) -> float:
    """Seconds of the reference functions and the answers that call them."""
    start = time.perf_counter()
    for one in exercises:
        if one.text.answers:
            evaluate.solve(one.text, one.given)
    return time.perf_counter() - start


def solved(name: str, exercises: tuple[evaluate.Evaluated, ...]) -> float:
    """Seconds of the whole release notebook with every right answer in it."""
    blank = nbformat.read(ROOT / "release" / name / f"{name}.ipynb", as_version=4)
    notebook = filled_in(blank, {one.text.id: solved_source(one) for one in exercises})
    with tempfile.TemporaryDirectory() as folder:
        for path in (ROOT / "release" / name).glob("*.json"):
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        start = time.perf_counter()
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
        return time.perf_counter() - start


def measure(path: Path) -> dict[str, Any]:
    """The figures of one lesson."""
    text = lesson.read(path)
    exercises = evaluate.evaluate(text)
    cells = [block for block in text.blocks if isinstance(block, Cell) and block.role == "figure"]
    times = [one for cell in cells for one in redraws(cell)]
    return {
        "lesson": path.stem,
        "reading_words": reading_length.words(text),
        "exercises": len(exercises),
        "mistakes": sum(len(one.mistakes) for one in exercises),
        "coding_s": round(coding(exercises), 3),
        "redraw_ms_median": round(statistics.median(times), 1),
        "redraw_ms_longest": round(max(times), 1),
        "solved_notebook_s": round(solved(path.stem, exercises), 2),
    }


if __name__ == "__main__":
    for found in sorted((ROOT / "lessons").glob("??-*.md")):
        if len(sys.argv) == 1 or found.stem[:2] in sys.argv[1:]:
            print(json.dumps(measure(found)), flush=True)
