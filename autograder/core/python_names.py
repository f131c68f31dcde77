"""Which names of its namespace a piece of Python sets, changes and needs, by its text.

Scopes are Python's own, from `symtable`: a parameter, a function's local, a class's attribute and the
variable of a comprehension are no names of the cell. What is done through strings (`exec`, `globals()`) and
by `from module import *` cannot be seen.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MUTATORS = frozenset(
    "add append clear discard extend fill insert itemset partition pop popitem put remove resize reverse"
    " setdefault setfield setflags sort update".split()
)
"""Methods that change the object they belong to, of Python's and of NumPy's types."""

_SCOPES = {
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True)
class Names:
    """The names of a namespace that code may touch when it runs, functions that it defines included.

    `assigned` are set by anything but an import, `imported` by an import, also where Python takes the name
    away again (`except E as f`). `mutated` are deleted, or their objects changed in place. `read` are those
    that the code needs, its own and Python's built-in names among them; what is deleted or added to is
    needed as well.
    """

    assigned: frozenset[str]
    imported: frozenset[str]
    mutated: frozenset[str]
    read: frozenset[str]

    @property
    def bound(self) -> frozenset[str]:
        """Every name that the code gives a value."""
        return self.assigned | self.imported


def names_in(source: str) -> Names:
    """The names of a cell or statement. Raises SyntaxError where it is no plain Python."""
    tree = ast.parse(source)
    deleted: set[str] = set()
    if any(isinstance(node, ast.Delete | ast.AnnAssign | ast.AugAssign) for node in ast.walk(tree)):
        plain = _Plain()
        source = ast.unparse(ast.fix_missing_locations(plain.visit(tree)))
        deleted = plain.deleted
        tree = ast.parse(source)
    top = symtable.symtable(source, "cell", "exec")
    tables = list(_tables(top))
    ours = [(table, symbol) for table in tables for symbol in table.get_symbols()]
    set_here = [symbol for table, symbol in ours if table is top or symbol.is_declared_global()]
    changes = _Changes(top, tables)
    changes.visit(tree)
    return Names(
        frozenset(symbol.get_name() for symbol in set_here if symbol.is_assigned()),
        frozenset(symbol.get_name() for symbol in set_here if symbol.is_imported()),
        frozenset(deleted | changes.found),
        frozenset(symbol.get_name() for table, symbol in ours if _is_needed(table, symbol, top)),
    )


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _is_needed(table: symtable.SymbolTable, symbol: symtable.Symbol, top: symtable.SymbolTable) -> bool:
    if not symbol.is_referenced():
        return False
    # The body of a class finds outside what it has not set yet: `class A: n = n`.
    return table is top or symbol.is_global() or (table.get_type() == "class" and symbol.is_assigned())


class _Plain(ast.NodeTransformer):
    """Code with the same names, without the statements of which `symtable` does not say what they do.

    To it `del f` sets f, `f: int` does too, and `f += 1` does not need f.
    """

    def __init__(self) -> None:
        self.deleted: set[str] = set()
        self._depth = 0

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or what stands in its place."""
        inner = isinstance(node, _Scope)
        self._depth += inner
        made: ast.AST = super().visit(node)
        self._depth -= inner
        return made

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        if self._depth:
            return node
        self.deleted = self.deleted.union(*map(_deleted, node.targets))
        return ast.Expr(ast.parse(ast.unparse(ast.Tuple(node.targets, ast.Load())), mode="eval").body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return node if self._depth or node.value else ast.Expr(node.annotation)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return node
        both = ast.Tuple([ast.Name(node.target.id, ast.Load()), node.value], ast.Load())
        return ast.Assign([node.target], both)


class _Changes:
    """Finds the names of the outermost scope whose objects are changed in place."""

    def __init__(self, top: symtable.SymbolTable, tables: Iterable[symtable.SymbolTable]) -> None:
        self.found: set[str] = set()
        self._top = top
        self._known: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        for table in tables:
            self._known.setdefault((table.get_name().strip("<>"), table.get_lineno()), []).append(table)
        self._here = [top]  # several, where a line has several lambdas: then whichever says it is ours

    def _change(self, node: ast.expr) -> None:
        self.found |= {name for name in _base(node) if any(self._is_ours(name, one) for one in self._here)}

    def _is_ours(self, name: str, table: symtable.SymbolTable) -> bool:
        return table is self._top or (name in table.get_identifiers() and table.lookup(name).is_global())

    def visit(self, node: ast.AST) -> None:
        """Look at a node and all below it, each in its own scope."""
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            self._change(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            self._change(node.func.value)
        outside = _outside(node)
        for part in outside:
            self.visit(part)
        before = self._here
        if isinstance(node, _Scope | _Comprehension):
            name = _SCOPES.get(type(node), getattr(node, "name", ""))
            self._here = self._known.get((name, node.lineno), before)
        for child in ast.iter_child_nodes(node):
            if child not in outside:
                self.visit(child)
        self._here = before


def _outside(node: ast.AST) -> list[ast.AST]:
    """What runs before the scope of `node` is entered."""
    found: list[ast.AST | None] = []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        found += node.decorator_list
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        found += [*node.args.defaults, *node.args.kw_defaults]
    elif isinstance(node, ast.ClassDef):
        found += [*node.bases, *node.keywords]
    elif isinstance(node, _Comprehension):
        found.append(node.generators[0].iter)
    return [part for part in found if part is not None]


def _base(node: ast.expr) -> set[str]:
    """The name at whose object an expression begins: f of `f`, and of `f.x[0]`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _deleted(target: ast.expr) -> set[str]:
    """The names of a target of `del`, which may be in brackets."""
    if isinstance(target, ast.Tuple | ast.List):
        return set().union(*map(_deleted, target.elts))
    return _base(target)
