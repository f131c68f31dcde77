"""What a cheat is: a submission of the tiny course, all wrong, and a trick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRONG: Mapping[str, str] = {
    "coin-entropy": "coin_entropy = 0.1",
    "coin-sides": "coin_sides = 5",
    "coin-likely": 'coin_likely = "tails"',
    "coin-code": "def entropy(p):\n    return 7.0",
}
RIGHT: Mapping[str, str] = {
    "coin-entropy": "coin_entropy = -float(np.sum(coin * np.log(coin)))",
    "coin-sides": "coin_sides = 2",
    "coin-likely": 'coin_likely = "heads"',
    "coin-code": (
        "def entropy(p):\n    p = np.asarray(p)\n    p = p[p > 0]\n    return float(-np.sum(p * np.log(p)))"
    ),
}


@dataclass(frozen=True)
class Cheat:
    """One trick.

    trick:   code at the top of the first answer cell
    answers: replaces the wrong answers, by exercise
    last:    a cell put at the end of the notebook
    files:   beside the notebook, by relative path; a Path is what a symbolic link points to
    edit:    changes the notebook (its JSON) in place
    """

    name: str
    trick: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    last: str = ""
    files: Mapping[str, str | Path] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], None] | None = None

    def sources(self) -> dict[str, str]:
        """The source of every answer cell, by exercise."""
        made = {**WRONG, **self.answers}
        made["coin-entropy"] = f"{self.trick}\n{made['coin-entropy']}".lstrip("\n")
        return made


def grading(cell: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's keys of a cell."""
    return cell["metadata"].get("nbgrader", {})


def tests_in(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The grade cells of a notebook."""
    return [cell for cell in notebook["cells"] if grading(cell).get("grade")]


def fill(notebook: dict[str, Any], cheat: Cheat) -> dict[str, Any]:
    """The release `notebook` (its JSON, changed in place) as the cheat hands it in."""
    for cell in notebook["cells"]:
        if grading(cell).get("solution"):
            cell["source"] = cheat.sources()[grading(cell)["grade_id"].removesuffix("-answer")]
    if cheat.last:
        notebook["cells"].append(code_cell(cheat.last))
    if cheat.edit:
        cheat.edit(notebook)
    return notebook


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    """A code cell that was not run."""
    return {
        "cell_type": "code",
        "id": f"own-{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
