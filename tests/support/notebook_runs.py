"""A small notebook, run in forked processes: what its cells said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.execution.comparison_cache import ComparisonCache
from autograder.grading.execution.plan import plan_of
from autograder.grading.execution.run_notebook import RunFiles, RunReport, run_notebook
from autograder.grading.forkserver.client import Connection
from autograder.grading.sandbox.limits import Limits
from autograder.grading.trial.ways import Way

LIMITS = Limits(cell_seconds=4.0, notebook_seconds=60.0)


@dataclass
class Ran:
    """A notebook that was run."""

    notebook: NotebookNode
    report: RunReport

    def said(self, place: int) -> str:
        """What a cell printed or showed, and the names of its errors."""
        words = []
        for output in self.notebook.cells[place].outputs:
            if output.output_type == "stream":
                words.append(output.text)
            elif output.output_type == "error":
                words.append(output.ename)
            else:
                words.append(output.data.get("text/plain", ""))
        return "".join(words)


def answer(source: str) -> NotebookNode:
    return new_code_cell(source)


def check(name: str, source: str) -> NotebookNode:
    keys = {"grade": True, "solution": False, "grade_id": name, "points": 1, "locked": True}
    return new_code_cell(source, metadata={"nbgrader": keys})


def run(connection: Connection, ways: Mapping[str, Way], *cells: NotebookNode, solutions: str = "") -> Ran:
    notebook = new_notebook(cells=list(cells))
    given = [cell for cell in cells if cell.metadata.get("nbgrader")]
    keys = {"grade": False, "solution": True, "grade_id": "answer"}
    plan = plan_of([new_code_cell(solutions, metadata={"nbgrader": keys}), *given])
    report = run_notebook(
        notebook, connection, plan, LIMITS, RunFiles(student={}, instructor={}), ComparisonCache(), ways
    )
    return Ran(notebook, report)
