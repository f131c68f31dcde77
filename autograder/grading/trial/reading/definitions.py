"""The text that a test runs: its own, and that of all given functions, classes and local modules it calls.

A name is followed through everything that gives it a value, so `checks = [near_to]` leads to `near_to`.
What an answer defines is not followed: it is the student's, and runs in the student's process.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.imports import Import, imports_in, targets_of
from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.statements import Statement, code_of

_COMPILED = (".so", ".pyd", ".pyc")


@dataclass(frozen=True)
class Piece:
    """Text that a test runs. `where` is '' for its own, else words that end before the line's number."""

    where: str
    node: ast.AST
    before: int
    imports: Mapping[str, str]


@dataclass(frozen=True)
class Unread:
    """Something that a test runs and that cannot be read: the place, and what it is in words."""

    where: str
    line: int
    words: str


@dataclass
class Reading:
    """All that a test runs."""

    pieces: list[Piece] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


class Library:
    """All of an assignment that a test may call. Made once a notebook.

    Args:
        cells: The teacher's cells.
        files: What stands beside the notebook, by relative path.
        kept: The files that the learner hands in (nbgrader's exclude_overwriting), also if absent.
    """

    def __init__(
        self, cells: Iterable[CodeCell], files: Mapping[str, bytes], kept: Collection[str] = frozenset()
    ):
        self._files = files
        self._kept = kept
        self._cells = tuple(cells)
        self.imports = targets_of(parsed(cell.source).tree for cell in self._cells)
        self._given = [
            (cell, one)
            for cell in self._cells
            if cell.kind is not Kind.ANSWER
            for one in cell.code.statements
        ]

    def reading(self, test: CodeCell) -> Reading:
        """What the test runs."""
        text = parsed(test.source)
        found = Reading()
        if text.tree is None:
            found.unread.append(Unread("", 1, f"is no Python ({text.problem})"))
            return found
        imports = {**self.imports, **targets_of([text.tree])}
        found.pieces.append(Piece("", text.tree, text.before, imports))
        search = _Search(self, found)
        search.follow_imports(text.tree, "", text.before, package="")
        search.names("", test.code.needs | test.code.deferred, test)
        search.run()
        return found

    def statements(self, module: str, name: str, test: CodeCell) -> Iterable[tuple[str, Statement]]:
        """What gives a name its value, and changes it, with the place.

        Args:
            module: The local module that it is of; '' for the notebook.
            name: The name.
            test: The test that reads it, whose own cell is left out.
        """
        if module:
            where = f"in {module} "
            sources = [(where, one) for one in self.module_code(module)]
        else:
            sources = [(_where(cell, one), one) for cell, one in self._given if cell is not test]
        for where, one in sources:
            if name in one.bound | one.changed | one.touched | one.later or _is_star(one):
                yield where, one

    def module_code(self, path: str) -> tuple[Statement, ...]:
        """The statements of a local module; none where it cannot be read."""
        return code_of(self._text(path)).statements

    def is_readable(self, path: str) -> bool:
        """Whether a local module is Python."""
        return code_of(self._text(path)).readable

    def tree(self, path: str) -> ast.Module | None:
        """The tree of a local module."""
        return parsed(self._text(path)).tree

    def _text(self, path: str) -> str:
        return self._files[path].decode("utf-8-sig", "replace").replace("\r\n", "\n")

    def find(self, dotted: str) -> tuple[str, str]:
        """The file of a local module and '', or '' and what is the matter; both '' for a library's."""
        first, _, _ = dotted.partition(".")
        base = dotted.replace(".", "/")
        for path in (f"{base}/__init__.py", f"{base}.py"):
            if path in self._kept:
                return "", f"imports {dotted}, which the learner hands in"
            if path in self._files:
                return path, ""
        for file in map(PurePosixPath, self._files):
            if file.name.split(".")[0] == base.rpartition("/")[2] and file.suffix in _COMPILED:
                return "", f"imports {dotted}, which is compiled and cannot be read"
        if "." in dotted and self.find(first) != ("", ""):
            return self.find(dotted.rpartition(".")[0])
        return "", ""


class _Search:
    """Follows names from one test."""

    def __init__(self, library: Library, found: Reading):
        self._library = library
        self._found = found
        self._test: CodeCell | None = None
        self._todo: list[tuple[str, str]] = []
        self._seen: set[tuple[str, str]] = set()
        self._modules: set[str] = set()
        self._taken: dict[int, Statement] = {}  # held, so that no other gets the same number

    def names(self, module: str, names: Iterable[str], test: CodeCell | None = None) -> None:
        """Put names of a module on the list."""
        self._test = test or self._test
        new = {(module, name) for name in names} - self._seen
        self._seen |= new
        self._todo += sorted(new)

    def run(self) -> None:
        """Follow names until none is left."""
        assert self._test is not None
        while self._todo:
            module, name = self._todo.pop()
            for where, one in self._library.statements(module, name, self._test):
                self._take(module, where, one)

    def _take(self, module: str, where: str, one: Statement) -> None:
        if id(one) in self._taken:
            return
        self._taken[id(one)] = one
        package = _package(module)
        before = one.line - getattr(one.node, "lineno", 1)
        self.follow_imports(one.node, where, before, package)
        imports = self._library.imports if not module else targets_of([self._library.tree(module)])
        for node in _functions(one.node):
            self._found.pieces.append(Piece(where, node, before, imports))
        self.names(module, one.read | one.deferred)

    def follow_imports(self, tree: ast.AST, where: str, before: int, package: str) -> None:
        """Read the local modules that a piece of code imports."""
        for one in imports_in(tree, package):
            path, problem = self._library.find(one.module)
            if problem:
                self._found.unread.append(Unread(where, one.line + before, problem))
            elif path:
                self._module(path, one, where, before)

    def _module(self, path: str, one: Import, where: str, before: int) -> None:
        library = self._library
        if not library.is_readable(path):
            problem = f"imports {one.module}, and {path} is no Python"
            self._found.unread.append(Unread(where, one.line + before, problem))
            return
        code = library.module_code(path)
        every = frozenset().union(*(statement.bound for statement in code))
        if path not in self._modules:
            self._modules.add(path)
            self._found.pieces += self._at_import(path)
            for statement in code:  # a module that it imports is run as well
                if not isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    line = statement.line - statement.node.lineno
                    self.follow_imports(statement.node, f"in {path} ", line, _package(path))
        if not one.names or "*" in one.names:
            self.names(path, every)
            return
        for name in one.names:
            inner, problem = library.find(f"{one.module}.{name}")
            if inner and inner != path:
                self._module(inner, Import(f"{one.module}.{name}", (), one.line), where, before)
            elif name in every or any(map(_is_star, code)):
                self.names(path, [name])
            else:
                words = problem or f"takes {name} from {path}, where it was not found"
                self._found.unread.append(Unread(where, one.line + before, words))

    def _at_import(self, path: str) -> Iterable[Piece]:
        """What a module does when it is imported."""
        imports = targets_of([self._library.tree(path)])
        for one in self._library.module_code(path):
            if not one.defines and not _is_main(one.node):
                yield Piece(f"in {path} ", one.node, one.line - one.node.lineno, imports)


def _functions(node: ast.stmt) -> list[ast.AST]:
    """What of a statement runs when its functions are called."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node]
    found: list[ast.AST] = []
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        inner = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        (found if inner else todo).extend([one] if inner else ast.iter_child_nodes(one))
    return found


def _where(cell: CodeCell, one: Statement) -> str:
    name = getattr(one.node, "name", "") or ", ".join(sorted(one.bound)) or "a statement"
    return f"{name} in {cell.words}, "


def _package(path: str) -> str:
    """The dotted package that a module of that path lies in."""
    return str(PurePosixPath(path).parent).replace("/", ".").strip(".") if path else ""


def _is_star(one: Statement) -> bool:
    return isinstance(one.node, ast.ImportFrom) and one.node.names[0].name == "*"


def _is_main(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, which an import leaves out."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) and not node.orelse
