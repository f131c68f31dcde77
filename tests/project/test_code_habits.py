"""What docs/dev/style.md asks of the code, where a linter has no rule for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "autograder"
FILES = sorted(PACKAGE.rglob("*.py"))
VERBS = PACKAGE / "cli"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST, public: bool = True) -> Iterator[tuple[Function, bool]]:
    """Every function below a node, and whether all names on the way to it are public."""
    for node in ast.iter_child_nodes(tree):
        name = getattr(node, "name", "")
        seen = public and (not name.startswith("_") or name == "__init__")
        if isinstance(node, Function):
            yield node, seen
            yield from functions(node, False)
        else:
            yield from functions(node, seen)


def annotations(function: Function) -> Iterator[ast.expr]:
    """Every annotation of a signature."""
    told = function.args
    for one in (*told.posonlyargs, *told.args, *told.kwonlyargs, told.vararg, told.kwarg):
        if one is not None and one.annotation is not None:
            yield one.annotation
    if function.returns is not None:
        yield function.returns


def parameters(function: Function) -> list[str]:
    """Its parameters but for self and cls."""
    told = function.args
    names = [one.arg for one in (*told.posonlyargs, *told.args, *told.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def each(path: Path) -> Iterator[tuple[str, Function, bool]]:
    """Every function of a file, with the place to say in a message."""
    for function, public in functions(ast.parse(path.read_text(encoding="utf-8"))):
        yield f"{path.relative_to(PACKAGE.parent)}:{function.lineno} {function.name}", function, public


def test_the_reader_here_sees_functions() -> None:
    assert sum(public for file in (PACKAGE / "core").rglob("*.py") for _, _, public in each(file)) > 20


def test_no_function_is_much_longer_than_a_screen() -> None:
    """About forty lines; the docstring and the signature of a function with many parameters do not count."""
    long = []
    for path in FILES:
        for place, function, _ in each(path):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = function.end_lineno - body[0].lineno + 1 if body and function.end_lineno else 0
            if lines > 40:
                long.append(f"{place}: {lines} lines")
    assert long == []


def test_no_public_signature_says_any() -> None:
    found = [
        place
        for path in FILES
        for place, function, public in each(path)
        if public and any("Any" in re.findall(r"\w+", ast.unparse(one)) for one in annotations(function))
    ]
    assert found == []


def test_any_is_rare() -> None:
    """Its imports do not count."""
    lines = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(len(re.findall(r"\bAny\b", line)) for line in lines if "import" not in line) < 100


def test_functions_of_several_parameters_say_what_each_is() -> None:
    """A verb of the command line is apart: its docstring is its help, and its options say what they are.

    An override may name the method that it overrides. A constructor that only keeps what it is given says
    nothing.
    """
    found = []
    for path in FILES:
        for place, function, public in each(path):
            verb = path.is_relative_to(VERBS) and function.decorator_list
            told = ast.get_docstring(function) or ""
            keeps = function.name == "__init__" and not told
            if public and not verb and not keeps and len(parameters(function)) > 2 and "Args" not in told:
                found.append(place)
    assert found == []
