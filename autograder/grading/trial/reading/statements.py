"""What the statements of a cell do with the names of the notebook: now, and when their functions are called.

Seen is what stands in the text. Where it leaves a doubt, more is said to be read or changed: a test that is
shared for nothing is still fair.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from autograder.grading.trial.reading.calls import argument_changes, calls_in, chains_in
from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.imports import targets_of
from autograder.grading.trial.reading.name_needs import needs_of, reads_of, text_names

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)


@dataclass(frozen=True)
class Statement:
    """One statement at the left edge of a cell, and the names of the notebook that it touches.

    node:       its tree
    line:       its line in the cell, from 1
    bound:      names that get a value when it runs, imports included
    changed:    names that it deletes, or whose objects it changes by a store or a known method
    touched:    names whose objects some other method of theirs may change
    passed:     (function, name) for each name that it gives to a function
    read:       names that it needs when it runs
    deferred:   names that its functions need when they are called
    later:      names that its functions set or change when they are called
    later_touched: names whose objects its functions may change by some other method
    imports:    what the names that it imports stand for
    text:       its own text, by which two are known to be the same
    chains:     each dotted name in it, and whether something is stored there
    changes_arguments: whether it is a function that changes an object that it is given
    hands_on:   the functions that such a function gives its arguments to
    """

    node: ast.stmt
    line: int
    bound: frozenset[str]
    changed: frozenset[str]
    touched: frozenset[str]
    passed: frozenset[tuple[str, str]]
    read: frozenset[str]
    deferred: frozenset[str]
    later: frozenset[str]
    later_touched: frozenset[str]
    imports: Mapping[str, str]
    text: str
    chains: frozenset[tuple[str, bool]]
    changes_arguments: bool
    hands_on: frozenset[str]

    @property
    def defines(self) -> bool:
        """Whether it is a definition, of a function or class, or an import."""
        return isinstance(self.node, _DEFINITIONS)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class CellCode:
    """All of a cell. `needs` are the names that it reads before it surely gave them a value itself.

    `surely` are the names that have its own value once it ran to its end. A cell that is no Python runs
    not at all, so it touches nothing: `readable` is False.
    """

    statements: tuple[Statement, ...]
    needs: frozenset[str]
    surely: frozenset[str]
    readable: bool

    @cached_property
    def sets(self) -> frozenset[str]:
        """Every name that gets a value, is deleted, or whose object is changed for sure."""
        return frozenset().union(*(one.bound | one.changed for one in self.statements))

    @cached_property
    def deferred(self) -> frozenset[str]:
        """Every name that functions of the cell need when they are called."""
        return frozenset().union(*(one.deferred for one in self.statements))

    @cached_property
    def imports(self) -> dict[str, str]:
        """What the names that the cell imports stand for."""
        return {name: target for one in self.statements for name, target in one.imports.items()}


@lru_cache(maxsize=2048)
def code_of(source: str) -> CellCode:
    """What a cell's statements do. Most cells of a class are the same, so it is kept."""
    text = parsed(source)
    if text.tree is None:
        return CellCode((), frozenset(), frozenset(), readable=False)
    try:
        surely: set[str] = set()
        needs = needs_of(text.tree.body, surely)
        statements = tuple(_statement(node, text.before) for node in text.tree.body)
    except (SyntaxError, RecursionError, MemoryError):  # nested deeper than what can be written again
        return CellCode((), frozenset(), frozenset(), readable=False)
    return CellCode(statements, frozenset(needs), frozenset(surely), readable=True)


def _statement(node: ast.stmt, before: int) -> Statement:
    text = ast.unparse(node)
    names = text_names(text)
    touched, passed = calls_in(node)
    touched &= names.read
    everything = names.bound | names.mutated
    none: frozenset[str] = frozenset()
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    inner = is_function or any(isinstance(part, _FUNCTIONS) for part in ast.walk(node))
    changes, hands_on = argument_changes(node)
    read = names.read
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):  # nothing of its body happens yet
        read = reads_of([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
    own = frozenset([node.name]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else names.bound
    return Statement(
        node=node,
        line=node.lineno + before,
        bound=own,
        changed=none if is_function else names.mutated,
        touched=none if is_function else frozenset(touched),
        passed=frozenset() if is_function else frozenset(one for one in passed if one[1] in names.read),
        read=read,
        deferred=names.read if inner else none,
        later=(everything - own if is_function else everything) if inner else none,
        later_touched=frozenset(touched) if inner else none,
        imports=targets_of([node]),
        text=text,
        chains=chains_in(node),
        changes_arguments=changes,
        hands_on=hands_on,
    )
