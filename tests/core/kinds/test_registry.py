"""A kind of answer is one file and one row, and everybody who asks a form knows every kind."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.core.kinds import registry
from autograder.core.kinds.registry import KINDS, form_from_json, form_of
from autograder.core.python_literals import literal
from autograder.core.values import graded, plain, same
from tests.support.ordering_lesson import KIND

ROOT = Path(__file__).parents[3]
PACKAGE = Path(autograder.__file__).parent
ROW = "    ChoiceForm,\n"
VALUES = {
    "bool": True,
    "integer": 3,
    "number": 0.5,
    "choice": "Heads",
    "sequence": [1, 2.5, "a", [True, float("-inf")]],
    "mapping": {"a": 1, "b": (0.000001, 2)},
}


def test_every_kind_is_tried_here() -> None:
    assert {type(form_of(value)) for value in VALUES.values()} == set(KINDS)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_form_survives_json(value: object) -> None:
    form = form_of(value)
    assert form_from_json(json.loads(json.dumps(form.to_json()))) == form


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_written_down_is_known_again(value: object) -> None:
    """By JSON, as between processes, and as Python source, as in a hidden test."""
    form = form_of(value)
    assert form_of(json.loads(json.dumps(plain(value)))).leaf_forms() == form.leaf_forms()
    source = literal(graded(value, 0.0002))
    back = eval(source, {"float": float})
    assert form_of(back) == form and same(back, graded(value, 0.0002)) and type(back) is type(value)


@pytest.mark.parametrize("data", ["date", 7, None, ["number", "date"], {"a": None}])
def test_an_unknown_form_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="no kind of answer"):
        form_from_json(data)


def test_what_an_answer_may_be_is_said_from_the_table() -> None:
    assert registry.may_be() == "a bool, an integer, a number, a choice, or a list or dict of these"


def test_a_new_kind_is_one_file_and_one_row(tmp_path: Path) -> None:
    copy = tmp_path / "package" / "autograder"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    table = copy / Path(registry.__file__).relative_to(PACKAGE)
    table.with_name("ordering.py").write_text(KIND, encoding="utf-8")
    source = table.read_text(encoding="utf-8")
    assert source.count(ROW) == 1
    source = source.replace(ROW, f"    OrderingForm,\n{ROW}")
    first = "from autograder.core.kinds.choice"
    source = source.replace(first, f"from autograder.core.kinds.ordering import OrderingForm\n{first}", 1)
    table.write_text(source, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.ordering_lesson", str(tmp_path / "course")],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(copy.parent), str(ROOT))),
            "PYTHONSAFEPATH": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == {
        "form": "ordering",
        "tolerance": 0.0,
        "tested": True,
        "verdicts": ["right", "right", "wrong:largest-first", "wrong", "wrong:~type", "not-attempted"],
        "misfit": "✗ coin-order: expected words with commas between them, got a value of type int.",
        "problems": [],
        "spoilt": ["this hint of 'coin-order' gives an answer away: dime, cent, euro"],
    }


def test_no_other_module_knows_a_kind_by_name() -> None:
    """But those that ask of a number: the spelling of a tolerance, and whether two numbers are near."""
    names = {kind.__name__ for kind in KINDS}
    holders = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in names
    }
    outside = {path for path in holders if not path.startswith("core/kinds/")}
    assert outside == {"core/python_literals.py", "core/values.py"}
