"""What the statements of a cell do with the names of the notebook: now, and when their functions are called.

Seen is what stands in the text. Where it leaves a doubt, more is said to be read or changed: a test that is
shared for nothing is still fair.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from autograder.core.python_names import names_in
from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.name_needs import needs_of, reads_of

PURE_METHODS = frozenset(
    "all any argmax argmin astype capitalize casefold copy count cumsum decode describe diagonal difference"
    " dot encode endswith equals find flatten format get head index intersection is_integer isalpha isdigit"
    " islower isna isnull isspace isupper issubset issuperset item items join keys ljust lower lstrip max"
    " mean median min nonzero notna nunique prod ravel replace reshape rjust round rstrip split splitlines"
    " squeeze startswith std strip sum swapcase tail title to_dict to_numpy to_list tolist transpose union"
    " unique upper value_counts values var zfill".split()
)
"""Methods that leave their object as it is, of Python's, NumPy's and pandas' types."""
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

    @property
    def sets(self) -> frozenset[str]:
        """Every name that gets a value, is deleted, or whose object is changed for sure."""
        return frozenset().union(*(one.bound | one.changed for one in self.statements))

    @property
    def deferred(self) -> frozenset[str]:
        """Every name that functions of the cell need when they are called."""
        return frozenset().union(*(one.deferred for one in self.statements))


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
    names = names_in(ast.unparse(node))
    touched, passed = _calls(node)
    line = node.lineno + before
    everything = names.bound | names.mutated
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        # Nothing of its body happens yet.
        now = reads_of([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
        name = frozenset([node.name])
        none: frozenset[str] = frozenset()
        later = everything - name
        return Statement(
            node, line, name, none, none, frozenset(), now, names.read, later, frozenset(touched & names.read)
        )
    inner = any(isinstance(part, _FUNCTIONS) for part in ast.walk(node))
    return Statement(
        node,
        line,
        names.bound,
        names.mutated,
        frozenset(touched & names.read),
        frozenset((function, name) for function, name in passed if name in names.read),
        names.read,
        names.read if inner else frozenset(),
        everything if inner else frozenset(),
        frozenset(touched & names.read) if inner else frozenset(),
    )


def _calls(node: ast.AST) -> tuple[set[str], set[tuple[str, str]]]:
    """Names whose objects a method of theirs may change, and names that are given to functions."""
    touched: set[str] = set()
    passed: set[tuple[str, str]] = set()
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        given = [root_of(one) for one in (*call.args, *(keyword.value for keyword in call.keywords))]
        if isinstance(call.func, ast.Attribute) and call.func.attr not in PURE_METHODS:
            touched.add(root_of(call.func))
        if isinstance(call.func, ast.Name) and call.func.id == "next":
            touched |= set(filter(None, given))
        function = root_of(call.func)
        passed |= {(function, name) for name in given if function and name}
    return touched - {""}, passed


def root_of(node: ast.expr) -> str:
    """The name at which an expression begins: f of `f`, of `f.x[0]` and of `f(1).x`; '' for none."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred | ast.Call | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def changes_arguments(node: ast.stmt, others: Iterable[str] = ()) -> bool:
    """Whether a function changes an object that it is given, itself or by one of the functions `others`."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    theirs = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    for _ in range(2):  # y = x; z = y
        for part in ast.walk(node):
            if isinstance(part, ast.Assign) and not isinstance(part.value, ast.Call):
                if root_of(part.value) in theirs:
                    theirs |= {one.id for one in part.targets if isinstance(one, ast.Name)}
            elif isinstance(part, ast.For) and reads_of([part.iter]) & theirs:
                theirs |= {one.id for one in ast.walk(part.target) if isinstance(one, ast.Name)}
    for part in ast.walk(node):
        stored = isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load)
        if (stored or isinstance(part, ast.AugAssign)) and _target(part) in theirs:
            return True
    touched, passed = _calls(node)
    known = set(others)
    return bool(touched & theirs) or any(one in known and name in theirs for one, name in passed)


def _target(node: ast.AST) -> str:
    if isinstance(node, ast.AugAssign):
        return root_of(node.target)
    return root_of(node) if isinstance(node, ast.expr) else ""
