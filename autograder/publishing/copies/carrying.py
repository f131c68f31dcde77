"""A learner's work carried from the lesson as they began it into a newer version: what they wrote is kept.

The new version gives the cells and their order. Into it come

- answers, by their grade id; under the new stub where that asks for other names;
- cells that the learner changed (a note in a reading), where the lesson itself has not changed them, and
  else as a quotation below the new cell;
- cells of the learner's own, after the neighbour that they had.

What has no place any more comes at the end, below a heading that says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import grade_id
from autograder.grading.submission import cell_order, normalize, notebook_file
from autograder.publishing.copies.aligning import Aligned, align
from autograder.publishing.copies.learner_copy import Notebook, source

_HEADING = """\
## From the lesson as you began it

The new version has no place for what follows. It is as you left it, and it is not run."""


@dataclass(frozen=True)
class Carried:
    """The new notebook (a file's content), and what became of the learner's work.

    `answers` are the grade ids of the answers that were carried, `again` those of them whose exercise has
    changed, `left_over` what has no place any more, in words. `own` and `edited` count cells. `unsure` counts
    cells of the lesson that differ, where nobody can tell whether the learner changed them.
    """

    content: bytes
    answers: tuple[str, ...]
    again: tuple[str, ...]
    left_over: tuple[str, ...]
    own: int
    edited: int
    unsure: int
    notes: tuple[str, ...]


def carry(data: bytes, new: Notebook, base: Notebook | None, changed: Collection[str]) -> Carried:
    """Carry a learner's work into a new release of the lesson.

    Args:
        data: the bytes of the learner's notebook.
        new: the new release.
        base: the release that they began with; None where it is not known.
        changed: the exercises that lesson.json judges otherwise than before.

    Returns:
        The new notebook, and what to tell the learner.

    Raises:
        Unreadable: where `data` is no notebook.
    """
    content, notes = notebook_file.read(data)
    cells = []
    for old in content["cells"]:
        cell = normalize.tidy_cell(old, notes)
        if cell["cell_type"] == "code":
            found = old.get("outputs")
            count = old.get("execution_count")
            cell["execution_count"] = count if type(count) is int else None
            if isinstance(found, list):
                cell["outputs"] = [one for one in found if isinstance(one, dict)]
        cells.append(cell)
    fresh = [{**cell, "source": source(cell)} for cell in new["cells"]]
    work = _Work(align(cells, fresh, base), fresh, set(changed))
    made = work.notebook()
    metadata = {key: value for key, value in content["metadata"].items() if key not in _THEIRS}
    whole = {**new, "cells": made, "metadata": {**metadata, **new["metadata"]}}
    return Carried(
        notebook_file.write(whole),
        tuple(work.answers),
        tuple(name for name in work.answers if name in work.again),
        tuple(work.left_over),
        work.own,
        work.edited,
        work.unsure,
        tuple(notes),
    )


_THEIRS = ("widgets", "signature", "orig_nbformat", "orig_nbformat_minor")
"""Metadata that does not outlive the notebook that it describes."""


class _Work:
    """Where the new notebook is put together, cell by cell of the learner's."""

    def __init__(self, aligned: Aligned, fresh: list[Cell], changed: set[str]):
        self.aligned = aligned
        self.fresh = fresh
        self.changed = changed | aligned.changed
        self.made = [dict(cell) for cell in fresh]
        self.after: dict[int, list[Cell]] = defaultdict(list)
        self.end: list[Cell] = []
        self.answers: list[str] = []
        self.again: set[str] = set()
        self.left_over: list[str] = []
        self.own = self.edited = self.unsure = 0

    def notebook(self) -> list[Cell]:
        """The cells of the new notebook."""
        anchor = -1
        for index, cell in enumerate(self.aligned.mine):
            before = self.aligned.before.get(index)
            if before is None:
                if self._is_written(cell):
                    self.own += 1
                    self.after[anchor].append(_disowned(cell))
                continue
            place = self.aligned.place.get(index)
            if place is None:
                self._has_no_place(cell, before)
            else:
                anchor = place
                self._settle(cell, before, place)
        if self.end:
            self.end.insert(0, _words(_HEADING))
        made = list(self.after[-1])
        for index, cell in enumerate(self.made):
            made += [cell, *self.after[index]]
        taken = {cell.get("id") for cell in self.fresh}
        ours = {id(cell) for cell in self.made}
        for cell in made:
            if id(cell) not in ours and cell.get("id") in taken:
                del cell["id"]  # the lesson's own cell keeps it
        made += self.end
        normalize.give_ids(made)
        return made

    def _is_written(self, cell: Cell) -> bool:
        """Whether a cell of their own holds something; a second, untouched stub does not."""
        stub = self.aligned.stubs.get(grade_id(cell) or "")
        return bool(cell["source"].strip() or cell.get("attachments")) and cell["source"].strip() != stub

    def _settle(self, cell: Cell, before: Cell, place: int) -> None:
        """What becomes of a cell of the lesson that the new version has as well."""
        new = self.made[place]
        mine, old, now = (one["source"].strip() for one in (cell, before, new))
        stays = new["cell_type"] == "code" and self.aligned.exercise.get(place) not in self.changed
        if _is_answer(new):
            if mine and mine not in (old, now):
                self._answer(cell, place, stays, as_it_is=old == now)
            elif stays:
                _keep_outputs(new, cell)
        elif mine == now or not self.aligned.is_certain:
            self.unsure += mine != now
            if stays and mine == now:
                _keep_outputs(new, cell)
        elif mine != old:
            self.edited += 1
            if old == now:
                new["source"] = cell["source"]
                if "attachments" in cell and new["cell_type"] != "code":
                    new["attachments"] = cell["attachments"]
                if stays:
                    _keep_outputs(new, cell)
            else:
                lead = "What you had here when the lesson changed:"
                self.after[place].append(_quoted(lead, cell))

    def _answer(self, cell: Cell, place: int, stays: bool, as_it_is: bool) -> None:
        new = self.made[place]
        name = grade_id(new) or ""
        exercise = self.aligned.exercise.get(place) or name
        self.answers.append(exercise)
        wanted = cell_order.defined(new["source"])
        if as_it_is or wanted <= cell_order.defined(cell["source"]) or cell["cell_type"] != "code":
            new["source"] = cell["source"]
        else:
            lead = "# Your answer, from before this exercise changed:"
            new["source"] = f"{new['source'].rstrip()}\n\n{lead}\n{cell['source']}"
            stays = False
        if stays:
            _keep_outputs(new, cell)
        else:
            self.again.add(exercise)

    def _has_no_place(self, cell: Cell, before: Cell) -> None:
        name = grade_id(before) or ""
        if cell["source"].strip() in ("", before["source"].strip()):
            return
        if _is_answer(before):
            exercise = name.removesuffix("-answer")
            self.left_over.append(f"the answer to {exercise}")
            lead = f"Your answer to `{exercise}`, an exercise that is gone:"
        elif self.aligned.is_certain:
            self.left_over.append("a text that you had changed")
            lead = "A part of the lesson that you had changed, and that is gone:"
        else:
            self.unsure += 1
            return
        self.end.append(_quoted(lead, cell))


def _is_answer(cell: Cell) -> bool:
    keys = cell["metadata"].get("nbgrader")
    return isinstance(keys, dict) and bool(keys.get("solution") or keys.get("task"))


def _keep_outputs(new: Cell, cell: Cell) -> None:
    """What the cell showed, but for figures: a figure's sliders end with the kernel that drew them."""
    if cell.get("outputs") and "figure" not in new["metadata"].get("tags", ()):
        new.update(outputs=cell["outputs"], execution_count=cell.get("execution_count"))


def _disowned(cell: Cell) -> Cell:
    """A cell of the learner's own, also where it began as a copy of one of the lesson's."""
    locks = ("nbgrader", "deletable", "editable")
    return {**cell, "metadata": {key: one for key, one in cell["metadata"].items() if key not in locks}}


def _words(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _quoted(lead: str, cell: Cell) -> Cell:
    """A cell as text below a line that says where it is from; code in a fence, so that it is not run."""
    text: str = cell["source"]
    if cell["cell_type"] == "code":
        ticks = max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1
        text = f"{'`' * ticks}python\n{text}\n{'`' * ticks}"
    made: Cell = _words(f"*{lead}*\n\n{text}")
    if "attachments" in cell:
        made["attachments"] = cell["attachments"]
    return made
