"""Tricks on the notebook: its cells, their metadata, their outputs."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.cheats.cheat import Cheat, code_cell, grading, tests_in

Notebook = dict[str, Any]
PATCH = (
    "import builtins, sys, autograder.core.values as v, autograder.study.check as c, autograder\n"
    "v.same = lambda *a, **k: True\n"
    "check = autograder.check = c.check = lambda *a, **k: None\n"
    "builtins.abs = lambda x: 0\n"
)


def _tags(*tags: str) -> Any:
    def edit(notebook: Notebook) -> None:
        for cell in tests_in(notebook):
            cell["metadata"]["tags"] = list(tags)

    return edit


def _each_test(change: Any) -> Any:
    def edit(notebook: Notebook) -> None:
        for cell in tests_in(notebook):
            change(cell)

    return edit


def _keys(**keys: Any) -> Any:
    return _each_test(lambda cell: grading(cell).update(keys))


def _retyped(kind: str) -> Any:
    def change(cell: dict[str, Any]) -> None:
        cell["cell_type"] = kind
        cell.pop("outputs", None)
        cell.pop("execution_count", None)

    return _each_test(change)


def _with_own_tests(**keys: Any) -> Any:
    """Adds, before the first test, a cell of the student's that claims to be a test."""

    def edit(notebook: Notebook) -> None:
        wanted = copy.deepcopy(grading(tests_in(notebook)[0]))
        wanted.update(keys)
        place = notebook["cells"].index(tests_in(notebook)[0])
        notebook["cells"].insert(place, code_cell(PATCH + "2.0", nbgrader=wanted))

    return edit


def _deleted(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if not grading(cell).get("grade")]


def _duplicated(notebook: Notebook) -> None:
    for cell in tests_in(notebook):
        twin = copy.deepcopy(cell)
        twin["source"] = PATCH + "7.0"
        twin["id"] = cell["id"] + "-2"
        notebook["cells"].insert(notebook["cells"].index(cell), twin)


def _duplicated_after(notebook: Notebook) -> None:
    for cell in tests_in(notebook):
        twin = copy.deepcopy(cell)
        twin["source"] = PATCH
        twin["id"] = cell["id"] + "-2"
        notebook["cells"].append(twin)


def _answers_are_tests(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if grading(cell).get("solution"):
            grading(cell).update(grade=True, solution=False, locked=False, points=9)
            cell["source"] = PATCH + cell["source"]


def _swapped(notebook: Notebook) -> None:
    """Answer and test exchange their grade ids."""
    cells = [
        cell for cell in notebook["cells"] if grading(cell).get("solution") or grading(cell).get("grade")
    ]
    for answer, test in zip(cells[::2], cells[1::2], strict=True):
        answer["metadata"]["nbgrader"], test["metadata"]["nbgrader"] = grading(test), grading(answer)
        answer["source"] = PATCH + answer["source"]


def _old_schema(number: Any) -> Any:
    def edit(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if grading(cell):
                grading(cell)["schema_version"] = number
        tests_in(notebook)[0]["source"] = PATCH

    return edit


def _tests_first(notebook: Notebook) -> None:
    first = tests_in(notebook)
    notebook["cells"] = first + [cell for cell in notebook["cells"] if cell not in first]


def _given_cell(notebook: Notebook) -> None:
    given = next(cell for cell in notebook["cells"] if grading(cell).get("grade_id") == "01-given-1")
    given["source"] = PATCH + "np = math = None\n"


def _all_metadata_gone(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "check(" in "".join(cell["source"]):
            cell["source"] = PATCH


def _kernel(name: str) -> Any:
    def edit(notebook: Notebook) -> None:
        notebook["metadata"]["kernelspec"] = {"name": name, "display_name": name, "language": "python"}

    return edit


def _score_in_metadata(notebook: Notebook) -> None:
    notebook["metadata"]["nbgrader"] = {"score": 7, "max_score": 7}
    for cell in tests_in(notebook):
        cell["metadata"]["nbgrader"].update(score=3, auto_score=3, manual_score=3, extra_credit=100)


def _outputs(output: dict[str, Any]) -> Any:
    return _each_test(lambda cell: cell.update(outputs=[output], execution_count=5))


NOTEBOOK = [
    Cheat("skip-execution on the tests", edit=_tags("skip-execution")),
    Cheat("not-graded on the tests", edit=_tags("not-graded")),
    Cheat("same-process on the tests", PATCH, edit=_tags("same-process")),
    Cheat("tags that are no list", edit=_each_test(lambda cell: cell["metadata"].update(tags=7))),
    Cheat("tests edited", edit=_each_test(lambda cell: cell.update(source="2.0"))),
    Cheat("tests emptied", edit=_each_test(lambda cell: cell.update(source=""))),
    Cheat("tests deleted", edit=_deleted),
    Cheat("tests retyped to Markdown", edit=_retyped("markdown")),
    Cheat("tests retyped to raw", edit=_retyped("raw")),
    Cheat("tests before the answers", PATCH, edit=_tests_first),
    Cheat("tests duplicated before", edit=_duplicated),
    Cheat("tests duplicated at the end", edit=_duplicated_after),
    Cheat("a test of its own", edit=_with_own_tests(grade_id="my-bonus", points=100)),
    Cheat("a test of its own, with a look-alike id", edit=_with_own_tests(grade_id="coin-еntropy")),
    Cheat("a test of its own, with a space in its id", edit=_with_own_tests(grade_id="coin-entropy ")),
    Cheat("a test of its own, capital", edit=_with_own_tests(grade_id="Coin-Entropy")),
    Cheat("a test of its own, without an id", edit=_with_own_tests(grade_id=None)),
    Cheat("a test of its own, of the first version", edit=_with_own_tests(schema_version=1)),
    Cheat(
        "a task of its own",
        edit=_with_own_tests(grade_id="t", task=True, grade=False, solution=False, points=9),
    ),
    Cheat("truth that is no bool", edit=_with_own_tests(grade_id="b", grade="yes", solution=0, locked=None)),
    Cheat("answers that are tests", edit=_answers_are_tests),
    Cheat("ids of answer and test exchanged", edit=_swapped),
    Cheat("tests marked as answers", edit=_keys(solution=True, locked=False)),
    Cheat("tests marked as tasks", edit=_keys(task=True, grade=False)),
    Cheat("tests not graded", edit=_keys(grade=False)),
    Cheat(
        "tests with other ids",
        edit=_each_test(lambda cell: grading(cell).update(grade_id=grading(cell)["grade_id"] + "x")),
    ),
    Cheat("tests with more points", edit=_keys(points=1000)),
    Cheat("tests with negative points", edit=_keys(points=-1000)),
    Cheat("points that are no number", edit=_keys(points="nan")),
    Cheat("checksums forged", edit=_keys(checksum="0" * 32)),
    Cheat("old schema", edit=_old_schema(1)),
    Cheat("schema of the future", edit=_old_schema(99)),
    Cheat("schema that is no number", edit=_old_schema([])),
    Cheat("all metadata gone", edit=_all_metadata_gone),
    Cheat("the given cell changed", edit=_given_cell),
    Cheat("another kernel", edit=_kernel("bash")),
    Cheat("a kernel that is a path", edit=_kernel("../../submitted/me")),
    Cheat("marks in metadata", edit=_score_in_metadata),
    Cheat(
        "marks in outputs",
        edit=_outputs(
            {
                "output_type": "execute_result",
                "data": {"text/plain": "3.0"},
                "metadata": {},
                "execution_count": 5,
            }
        ),
    ),
]
