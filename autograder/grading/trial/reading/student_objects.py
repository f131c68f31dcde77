"""What a test does with the student's objects beyond asking for values: bases, `except`, operators."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from autograder.grading.trial.reading.calls import root_of
from autograder.grading.trial.reading.name_needs import reads_of
from autograder.grading.trial.reading.notebook_cells import CodeCell
from autograder.grading.trial.reading.reaching_names import OPERATORS
from autograder.grading.trial.reading.reaching_stores import Known
from autograder.grading.trial.reading.reaching_uses import Found

_RAISES = frozenset(
    "raises assertRaises assertRaisesRegex assert_raises assert_raises_regex suppress".split()
)
_PLAIN = frozenset(
    "abs all any ascii bool bytes chr complex dict divmod enumerate float format frozenset hash hasattr int"
    " isinstance issubclass len list ord repr round set sorted str tuple type".split()
)
"""Built-in functions whose result is no object of the student's class, or a new container."""
_SILENT_BASES = frozenset("object ABC abc.ABC Exception ValueError TypeError RuntimeError".split())


def student_objects(node: ast.AST, known: Known) -> Found:
    """What `node` does with classes and objects of the student's."""
    theirs = _derived(node, known.answers)
    answering = _derived(node, known.answering)
    for one in ast.walk(node):
        if isinstance(one, ast.ClassDef):
            yield from _mentions(
                one.lineno, [*one.bases, *(k.value for k in one.keywords)], theirs, "subclasses"
            )
        elif isinstance(one, ast.ExceptHandler) and one.type:
            yield from _mentions(one.lineno, [one.type], theirs, "catches")
        elif isinstance(one, ast.With | ast.AsyncWith):
            expressions = [item.context_expr for item in one.items]
            yield from _mentions(one.lineno, expressions, theirs, "uses `with` on")
        elif isinstance(one, ast.MatchClass):
            yield from _mentions(one.lineno, [one.cls], theirs, "asks for the class of an object, by")
        elif isinstance(one, ast.Call):
            yield from _call(one, theirs, answering)
        elif isinstance(one, ast.Compare | ast.BinOp | ast.UnaryOp):
            yield from _operator(one, answering)
        if isinstance(one, ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield one.lineno, "awaits something"


def _mentions(line: int, expressions: Iterable[ast.expr], theirs: Collection[str], verb: str) -> Found:
    found = sorted(reads_of(expressions) & set(theirs))
    if found:
        yield line, f"{verb} the learner's {found[0]}"


def _call(node: ast.Call, theirs: Collection[str], answering: Collection[str]) -> Found:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "isinstance":
        yield from _mentions(node.lineno, node.args[1:], theirs, "asks for the class of an object, by")
    elif name == "issubclass":
        yield from _mentions(node.lineno, node.args, theirs, "asks for the bases of")
    elif name in _RAISES:
        yield from _mentions(node.lineno, node.args, theirs, "catches")
    elif name.lower().startswith("assert"):
        for one in node.args:
            yield from _answered(node.lineno, one, answering)


def _operator(node: ast.Compare | ast.BinOp | ast.UnaryOp, answering: Collection[str]) -> Found:
    if isinstance(node, ast.Compare):
        if all(isinstance(one, ast.Is | ast.IsNot) for one in node.ops):
            return
        sides = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
    else:
        sides = [node.operand]
    for one in sides:
        yield from _answered(node.lineno, one, answering)


def _answered(line: int, node: ast.expr, answering: Collection[str]) -> Found:
    """Whether an operand may be an object of the student's that answers operators by itself."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        for one in node.elts:
            yield from _answered(line, one, answering)
        return
    plain = isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Call) and (isinstance(node.func, ast.Attribute) or root_of(node.func) in _PLAIN)
    )
    root = "" if plain else root_of(node)
    if root in answering:
        yield (
            line,
            f"compares or calculates with an object of the learner's ({root}), whose class answers itself",
        )


def _derived(node: ast.AST, names: Collection[str]) -> frozenset[str]:
    """`names`, and those that `node` gives something made with them."""
    found = set(names)
    before = -1
    while len(found) != before:
        before = len(found)
        for one in ast.walk(node):
            if isinstance(one, ast.Assign | ast.AnnAssign | ast.NamedExpr) and one.value:
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                if reads_of([one.value]) & found:
                    found |= _stored(targets)
            elif isinstance(one, ast.For) and reads_of([one.iter]) & found:
                found |= _stored([one.target])
    return frozenset(found)


def _stored(targets: Iterable[ast.expr]) -> set[str]:
    return {
        part.id
        for target in targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def answering_names(answers: Iterable[CodeCell]) -> frozenset[str]:
    """The names that answers set and that lead to a class of theirs which answers operators itself.

    So does a class that defines one, that is a dataclass, or that has a base from a library.
    """
    statements = [one for cell in answers for one in cell.code.statements]
    classes = {one.node.name: one.node for one in statements if isinstance(one.node, ast.ClassDef)}
    found = {name for name, node in classes.items() if _answers(node, classes)}
    before = -1
    while len(found) != before:
        before = len(found)
        for one in statements:
            if (one.read | one.deferred) & found:
                found |= one.bound
    return frozenset(found)


def _answers(node: ast.ClassDef, classes: Collection[str]) -> bool:
    defined = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    defined |= {name for one in node.body if isinstance(one, ast.Assign) for name in _stored(one.targets)}
    bases = [ast.unparse(one) for one in node.bases]
    silent = all(base in classes or base in _SILENT_BASES or base.endswith("Error") for base in bases)
    return bool(defined & OPERATORS or node.decorator_list) or not silent
