"""What a piece of text changes beyond values of its own: modules, built-in names, the student's functions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from autograder.core.python_names import names_in
from autograder.grading.trial.reading.calls import root_of
from autograder.grading.trial.reading.reaching_uses import Found

_LISTS = (ast.Tuple, ast.List)
BUILTIN_NAMES = frozenset(dir(builtins)) - {"_"}


@dataclass(frozen=True)
class Known:
    """Whose names are whose in an assignment.

    imports:    what imported names stand for
    given:      functions and classes of the teacher's given cells and tests
    answers:    names that an answer sets at module scope, imports apart
    callables:  functions and classes among them
    answering:  of `answers`, those that lead to a class which answers operators itself
    """

    imports: Mapping[str, str]
    given: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    callables: frozenset[str] = frozenset()
    answering: frozenset[str] = frozenset()


def stores(node: ast.AST, known: Known, imports: Mapping[str, str], own: Collection[str]) -> Found:
    """What a node stores into or deletes.

    Args:
        node: A piece of the test, or of what it calls.
        known: The names of the notebook.
        imports: What imported names stand for.
        own: The names that the test itself sets.

    Yields:
        (line, what it does in words)
    """
    yield from _names(node, known, own)
    modules = _modules(node, imports)
    arguments = _arguments(node)
    for target, verb in _targets(node):
        words = _of_whom(target, known, modules, arguments)
        if words:
            yield target.lineno, f"{verb} {_short(target)}{words}"


def _names(node: ast.AST, known: Known, own: Collection[str]) -> Found:
    """Built-in names that get another value, and names of others that are deleted."""
    whole = node.body if isinstance(node, ast.Module) else [node] if isinstance(node, ast.stmt) else []
    for statement in whole:
        # Of a function that is the text of another's: only what it declares global.
        for name in sorted(names_in(ast.unparse(statement)).bound & BUILTIN_NAMES):
            yield statement.lineno, f"gives the built-in name {name} another value"
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for statement in whole:
        if isinstance(statement, scopes):
            continue
        for one in ast.walk(statement):
            if not isinstance(one, ast.Name) or not isinstance(one.ctx, ast.Del):
                continue
            if one.id in known.answers or one.id not in own:
                yield one.lineno, f"deletes {one.id}"


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every attribute and item that is stored into or deleted, with the verb for it."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute | ast.Subscript) and not isinstance(one.ctx, ast.Load):
            yield one, "sets" if isinstance(one.ctx, ast.Store) else "deletes"
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and len(one.args) >= 2:
            name = one.args[1]
            if one.func.id in ("setattr", "delattr") and isinstance(name, ast.Constant):
                target = ast.Attribute(one.args[0], str(name.value), ast.Store())
                yield ast.copy_location(target, one), "sets" if one.func.id == "setattr" else "deletes"


def _of_whom(target: ast.expr, known: Known, modules: Collection[str], arguments: Collection[str]) -> str:
    """Words for whose the changed thing is, '' where it is a value."""
    root = root_of(target)
    if not root:
        return "" if isinstance(_start(target), ast.List | ast.Dict) else ", which cannot be read"
    if root in modules or root in BUILTIN_NAMES:
        return ", of a module" if root in modules else ", of a built-in"
    if not isinstance(target, ast.Attribute) or any(isinstance(one, ast.Call) for one in ast.walk(target)):
        return ""
    if root in known.callables:
        return ", of the learner's"
    if root in known.given:
        return ", of a given function or class"
    return ", of an argument" if root in arguments else ""


def _start(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _modules(node: ast.AST, imports: Mapping[str, str]) -> set[str]:
    """The names that stand for a module or something in one: imports, and `nl = np.linalg`."""
    found = set(imports)
    for one in ast.walk(node):
        if isinstance(one, ast.Assign) and _is_chain(one.value) and root_of(one.value) in found:
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
        if not isinstance(one, ast.For) or not isinstance(one.iter, _LISTS):
            continue
        if any(_is_chain(item) and root_of(item) in found for item in one.iter.elts):
            found |= {part.id for part in ast.walk(one.target) if isinstance(part, ast.Name)}
    return found


def _is_chain(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _arguments(node: ast.AST) -> set[str]:
    """The parameters of all functions in `node`, but for the `self` of methods."""
    methods = {id(part) for one in ast.walk(node) if isinstance(one, ast.ClassDef) for part in one.body}
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            names = [part.arg for part in ast.walk(one.args) if isinstance(part, ast.arg)]
            found |= set(names[1:] if id(one) in methods else names)
    return found


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."
