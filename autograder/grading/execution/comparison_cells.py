"""Grade cells that only compare: what they give depends on the student's values and on nothing else.

Such cells of all submissions can share one tester, and what one of them gave for some values it gives for
the same values again. The list of what such a cell may hold is short on purpose: whatever is not on it
gets a tester of its own.
"""

from __future__ import annotations

import ast

FUNCTIONS = frozenset(
    "abs all any bool callable check complex dict enumerate float frozenset int isinstance issubclass len"
    " list max min range repr round same set sorted str sum tuple type zip".split()
)
MODULES = {
    "math": None,  # all of it
    "numpy": frozenset(
        "abs all allclose any array array_equal asarray float64 inf isclose isfinite isinf isnan linspace max"
        " mean min nan ndarray ndim pi shape size sum".split()
    ),
    "autograder": frozenset(["check"]),
    "autograder.core.values": frozenset(["same"]),
}
METHODS = frozenset(
    "all any casefold copy count endswith get index isdigit items keys lower max mean min ndim round shape"
    " size split startswith strip sum tolist upper values".split()
)
_NODES = (
    ast.Module, ast.Assert, ast.Expr, ast.Import, ast.ImportFrom, ast.alias, ast.BoolOp, ast.BinOp,
    ast.UnaryOp, ast.Compare, ast.Call, ast.keyword, ast.Name, ast.Load, ast.Store, ast.Constant,
    ast.Attribute,
    ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.IfExp, ast.Starred, ast.JoinedStr,
    ast.FormattedValue, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension,
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
# Their work can be endless for a short text; a value of the student's could ask for it.
_COSTLY = (ast.Pow, ast.LShift)


def imported(source: str) -> dict[str, tuple[str, str]] | None:
    """What the code imports: by name the (module, its member or ""). None where it is no plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    (alias.name, "") if alias.asname else (alias.name.split(".")[0], "")
                )
        elif isinstance(node, ast.ImportFrom):
            module = node.module if node.module and not node.level else ""
            found |= {alias.asname or alias.name: (module or "?", alias.name) for alias in node.names}
    return found


def only_compares(source: str, known: dict[str, tuple[str, str]], defined: frozenset[str]) -> bool:
    """Whether a grade cell is nothing but asserts, and checks of this project's, on plain values.

    Args:
        source: The cell's text.
        known: The names that the instructor's cells import, as `imported` gives them.
        defined: Those that they set otherwise, which may hide a function that is known here.
    """
    own = imported(source)
    if own is None:
        return False
    tree = ast.parse(source)
    names = {**known, **own}
    if any(not _may_import(*target) for target in own.values()):
        return False
    for node in ast.walk(tree):
        if not isinstance(node, _NODES) or isinstance(node, _COSTLY):
            return False
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            return False
        if isinstance(node, ast.Call) and not _may_call(node.func, names, defined):
            return False
    # A last expression that is shown could be anything; only `check` shows nothing of its own.
    return all(
        not isinstance(node, ast.Expr) or _is_check(node.value, names)
        for node in tree.body
        if not isinstance(node, ast.Assert)
    )


def _may_import(module: str, member: str) -> bool:
    if module not in MODULES:
        return False
    allowed = MODULES[module]
    return allowed is None or not member or member in allowed


def _may_call(function: ast.expr, names: dict[str, tuple[str, str]], defined: frozenset[str]) -> bool:
    if isinstance(function, ast.Name):
        if function.id in defined:
            return False
        if function.id not in names:
            return function.id in FUNCTIONS - {"check", "same"}
        module, member = names[function.id]
        return member != "" and module in MODULES and _may_import(module, member)
    if not isinstance(function, ast.Attribute):
        return False
    if isinstance(function.value, ast.Name) and function.value.id in names:
        if function.value.id in defined:
            return False
        module, member = names[function.value.id]
        return member == "" and module in MODULES and _may_import(module, function.attr)
    return function.attr in METHODS


def _is_check(node: ast.expr, names: dict[str, tuple[str, str]]) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and names.get(node.func.id) == ("autograder", "check")
    )
