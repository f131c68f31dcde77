"""Which names code needs before it gave them a value itself: `x = 1; y = x` needs nothing of x."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from autograder.core.python_names import Names, names_in


@lru_cache(maxsize=1024)
def text_names(text: str) -> Names:
    """`names_in`, kept: the same statement is asked for several times. Raises SyntaxError."""
    return names_in(text)


def reads_of(expressions: Iterable[ast.expr]) -> frozenset[str]:
    """The names that expressions need."""
    found = [text_names(ast.unparse(ast.Expr(one))).read for one in expressions]
    return frozenset().union(*found)


def needs_of(statements: Iterable[ast.stmt], surely: set[str]) -> set[str]:
    """The names that statements need from before.

    Args:
        statements: In their order.
        surely: Names that have a value of the code's own already. Those that the statements surely give
            one are added.

    Raises:
        SyntaxError: The statements are a tree but no program.
    """
    needs: set[str] = set()
    for node in statements:
        needs |= _needs(node, surely) - surely
        surely |= _set_by(node)
    return needs


def _set_by(node: ast.stmt) -> set[str]:
    """The names that one statement surely sets. What a branch or a loop sets is not sure."""
    if isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Try | ast.TryStar | ast.Match):
        return set()
    if isinstance(node, ast.With | ast.AsyncWith):
        inner: set[str] = _targets(item.optional_vars for item in node.items)
        return inner.union(*map(_set_by, node.body))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    return set() if isinstance(node, ast.Delete) else set(text_names(ast.unparse(node)).bound)


def _needs(node: ast.stmt, surely: set[str]) -> set[str]:
    if isinstance(node, ast.If | ast.While):
        return set(reads_of([node.test])) | _branches(surely, node.body, node.orelse)
    if isinstance(node, ast.For | ast.AsyncFor):
        target = _targets([node.target])
        places = text_names(ast.unparse(ast.Assign([node.target], ast.Constant(0), lineno=1))).read
        return set(reads_of([node.iter]) | places) | _branches(surely | target, node.body, node.orelse)
    if isinstance(node, ast.With | ast.AsyncWith):
        targets = _targets(item.optional_vars for item in node.items)
        return set(reads_of(item.context_expr for item in node.items)) | _branches(
            surely | targets, node.body
        )
    if isinstance(node, ast.Try | ast.TryStar):
        caught = {one.name for one in node.handlers if one.name}
        kinds = reads_of(one.type for one in node.handlers if one.type)
        handlers = [one.body for one in node.handlers]
        inner = _branches(surely | caught, *handlers)
        # The last part may run after any line of the first: nothing in it is sure.
        body = _branches(surely, [*node.body, *node.orelse], node.finalbody)
        return set(kinds) | inner | body
    return set(text_names(ast.unparse(node)).read)


def _branches(surely: set[str], *bodies: Iterable[ast.stmt]) -> set[str]:
    """What any of the bodies needs, each for itself."""
    return set().union(*(needs_of(body, set(surely)) for body in bodies))


def _targets(nodes: Iterable[ast.expr | None]) -> set[str]:
    """The plain names that a target sets."""
    return {
        part.id
        for node in nodes
        if node is not None
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
