"""Which objects a call may change: by a method of theirs, or as an argument."""

from __future__ import annotations

import ast

from autograder.grading.trial.reading.name_needs import reads_of

PURE_METHODS = frozenset(
    "all any argmax argmin astype capitalize casefold copy count cumsum decode describe diagonal difference"
    " dot encode endswith equals find flatten format get head index intersection is_integer isalpha isdigit"
    " islower isna isnull isspace isupper issubset issuperset item items join keys ljust lower lstrip max"
    " mean median min nonzero notna nunique prod ravel replace reshape rjust round rstrip split splitlines"
    " squeeze startswith std strip sum swapcase tail title to_dict to_numpy to_list tolist transpose union"
    " unique upper value_counts values var zfill".split()
)
"""Methods that leave their object as it is, of Python's, NumPy's and pandas' types."""


def root_of(node: ast.expr) -> str:
    """The name at which an expression begins: f of `f`, of `f.x[0]` and of `f(1).x`; '' for none."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred | ast.Call | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def calls_in(node: ast.AST) -> tuple[set[str], set[tuple[str, str]]]:
    """Names whose objects a method of theirs may change, and (function, name) for each name that is given."""
    touched: set[str] = set()
    passed: set[tuple[str, str]] = set()
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        given = [root_of(one) for one in (*call.args, *(keyword.value for keyword in call.keywords))]
        if isinstance(call.func, ast.Attribute) and call.func.attr not in PURE_METHODS:
            touched.add(root_of(call.func))
        if isinstance(call.func, ast.Name) and call.func.id == "next":
            touched |= set(given)
        function = root_of(call.func)
        passed |= {(function, name) for name in given if function and name}
    return touched - {""}, passed


def argument_changes(node: ast.stmt) -> tuple[bool, frozenset[str]]:
    """Whether a function changes an object that it is given, and the functions that it hands one on to."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False, frozenset()
    theirs = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    for _ in range(2):  # y = x; z = y
        for part in ast.walk(node):
            if isinstance(part, ast.Assign) and not isinstance(part.value, ast.Call):
                if root_of(part.value) in theirs:
                    theirs |= {one.id for one in part.targets if isinstance(one, ast.Name)}
            elif isinstance(part, ast.For) and reads_of([part.iter]) & theirs:
                theirs |= {one.id for one in ast.walk(part.target) if isinstance(one, ast.Name)}
    touched, passed = calls_in(node)
    stored = any(_target(part) in theirs for part in ast.walk(node))
    return stored or bool(touched & theirs), frozenset(one for one, name in passed if name in theirs)


def _target(node: ast.AST) -> str:
    """The name at whose object something is stored or deleted, '' for any other code."""
    if isinstance(node, ast.AugAssign):
        return root_of(node.target)
    stored = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    return root_of(node) if stored and isinstance(node, ast.expr) else ""


def chains_in(node: ast.AST) -> frozenset[tuple[str, bool]]:
    """Every dotted name in the code, at its full length, and whether something is stored there."""
    inner = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute | ast.Name) and id(one) not in inner:
            parts: list[str] = []
            start: ast.expr = one
            while isinstance(start, ast.Attribute):
                parts.insert(0, start.attr)
                start = start.value
            # What begins with a call or an item has no name: `f().x` is ".x".
            parts.insert(0, start.id if isinstance(start, ast.Name) else "")
            found.add((".".join(parts), not isinstance(one.ctx, ast.Load)))
    return frozenset(found)
