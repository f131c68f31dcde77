"""Makes the cells of a notebook. Every id comes from the lesson, the role and an index, never from chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autograder.core.lazy_imports import lean_nbformat

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode


class NotebookWriter:
    """A notebook's cells as they are added, and what a cell must know of the lesson around it."""

    def __init__(
        self,
        number: str,
        minutes: int,
        worked_open: bool,
        roles: Iterable[str],
        pictures: Iterable[tuple[bytes, str]],
    ):
        """Begin a notebook.

        Args:
            number: The two digits of the lesson, with which every cell id begins.
            minutes: How long the lesson takes, as its front matter says.
            worked_open: Whether worked solutions are shown in the notebook.
            roles: The role of each cell outside of exercises.
            pictures: A PNG and its text alternative for each figure, in the order of their cells.
        """
        self.number = number
        self.minutes = minutes
        self.worked_open = worked_open
        self.cells: list[NotebookNode] = []
        self._counts: Counter[str] = Counter()
        self._left = Counter(roles)
        self._pictures = iter(pictures)

    def numbered(self, role: str) -> str:
        """The id of the next cell of this role: hint-1, hint-2, …"""
        self._counts[role] += 1
        return f"{role}-{self._counts[role]}"

    def begins(self, role: str) -> None:
        """Call before the cells of a lesson's cell of this role are added."""
        self._left[role] -= 1

    def is_last(self, role: str) -> bool:
        """Whether no cell of this role follows."""
        return self._left[role] <= 0

    def picture(self) -> tuple[bytes, str]:
        """The picture of the next figure, a PNG, and its text alternative."""
        return next(self._pictures)

    def markdown(self, id: str, source: str) -> None:
        """Add text."""
        nbformat = lean_nbformat()
        self.cells.append(nbformat.v4.new_markdown_cell(source, id=self._id(id)))

    def code(
        self, id: str, source: str, metadata: dict[str, object], outputs: Sequence[NotebookNode] = ()
    ) -> None:
        """Add code.

        Args:
            id: What the cell is called in this lesson.
            source: Its Python.
            metadata: The cell's metadata, `{}` for none.
            outputs: What stands below it until a kernel runs it.
        """
        nbformat = lean_nbformat()
        cell = nbformat.v4.new_code_cell(
            source, id=self._id(id), metadata=nbformat.from_dict(metadata), outputs=list(outputs)
        )
        self.cells.append(cell)

    def _id(self, id: str) -> str:
        return f"{self.number}-{id}"[:64]


def folded(summary: str, body: str) -> str:
    """A block that a click opens. The blank lines let math and Markdown in `body` render everywhere."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def nbgrader(id: str, **keys: object) -> dict[str, object]:
    """The metadata by which nbgrader knows a cell; `keys` are those that are not as in most cells."""
    base = {
        "grade": False,
        "grade_id": id,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return {"nbgrader": {**base, **keys}}
