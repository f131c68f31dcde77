"""What a lesson promises about its text: form, links, words, and that nothing gives an answer away."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator

from autograder.authoring.building import formulas as every_formula
from autograder.authoring.checks import answer_leaks, check_import, randomness
from autograder.authoring.checks.context import Found, Subject
from autograder.authoring.format import card_ids, glossary, lesson_files, markup
from autograder.authoring.format.cells import read_text
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.formatter import canonical
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.format.links import lesson_of, targets
from autograder.authoring.format.name_scopes import figure_needs
from autograder.authoring.roles.cards import lines as card_lines
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.authoring.roles.terms import terms_in
from autograder.core.errors import Problem
from autograder.core.lazy_imports import lean_nbformat

_DETAILS = re.compile(r"<details>\n<summary>[^\n]+</summary>\n\n[^\n](?:.*?)\n\n</details>", re.S)


def cells(s: Subject) -> Found:
    """Every cell was read; reading raises where one is not well formed."""
    yield len(s.text.cells)


def figures(s: Subject) -> Found:
    """No graded cell uses a name that only a figure defines."""
    yield sum(cell.kind == "code" and role_of(cell).is_graded for cell in s.text.cells)
    yield from figure_needs(s.text.cells)


def imports(s: Subject) -> Found:
    """The grade cells find `check`."""
    yield len(s.text.exercises)
    yield from check_import.missing(s.text)


def chances(s: Subject) -> Found:
    """No graded cell draws random numbers."""
    yield sum(cell.kind == "code" and role_of(cell).is_graded for cell in s.text.cells)
    yield from randomness.random_numbers(s.text.cells)


def form(s: Subject) -> Found:
    """The file is what `autograder format` writes."""
    yield 1
    here, wanted = read_text(s.text.path), canonical(s.text.path)
    if "\r" in here:
        line = len(here[: here.index("\r") + 1].splitlines())
        words = "the line ends are those of Windows (CR LF), from this line on"
        yield Problem(s.text.path, line, words, f"Run: autograder format {s.text.number}")
    elif here != wanted:
        pairs = itertools.zip_longest(here.splitlines(), wanted.splitlines())
        last = len(here.splitlines())
        line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), last)
        yield Problem(s.text.path, line, "not in canonical form", f"Run: autograder format {s.text.number}")


def closed(s: Subject) -> Found:
    """Formulas, code, bold type and tables are read as they were meant."""
    for cell in s.text.cells:
        if cell.kind == "markdown":
            yield len(markup.pieces(cell))
            yield from markup.faults(cell)


def hints(s: Subject) -> Found:
    """No hint, and no feedback, holds an answer."""
    problems, count = answer_leaks.in_hints_and_feedback(s.text, s.evaluated)
    yield count
    yield from problems


def references(s: Subject) -> Found:
    """No reference value stands before its own worked solution."""
    problems, count = answer_leaks.in_the_text(s.text, s.evaluated, s.pictures)
    yield count
    yield from problems


def links(s: Subject) -> Found:
    """Every link leads to a lesson or to a file beside this one, and a picture is there where it is shown."""
    files = lesson_files.files_of(s.text.path)
    for cell in _prose(s.text):
        for offset, target in targets(cell.source):
            yield 1
            lesson = lesson_of(target)
            if lesson in s.course.lessons or (target in files and not role_of(cell).away):
                continue
            if target in files:
                words = f"{target!r} is not there where this {cell.role!r} cell is shown, beside no file"
                yield cell.problem(words, "Put the link or picture into the reading.", offset)
                continue
            remedy = f"The lessons are {', '.join(s.course.lessons)}" if lesson else _remedy(target, files, s)
            yield cell.problem(f"the link {target!r} leads nowhere", remedy, offset)


def _remedy(target: str, files: lesson_files.Files, s: Subject) -> str:
    """Which file was meant, as the notebook sees it."""
    end = posixpath.normpath(target).casefold()
    for name in files:
        if end == name.casefold() or end.endswith(f"/{name.casefold()}"):
            return f"Write {name}: in the notebook the lesson's files lie beside it"
    return (
        f"Put the file into lessons/{s.text.id}/ and write its path from there, as in data/plot.png."
        " Link a lesson as ../NN-name/NN-name.ipynb"
    )


def formulas(s: Subject) -> Found:
    """Every formula becomes MathML, and nothing that looks like one stands in plain words."""
    problems, count = every_formula.problems(s.text, s.pictures)
    yield count
    yield from problems


def _prose(text: LessonText) -> Iterator[Cell]:
    for block in text.blocks:
        yield from block.prose if isinstance(block, ExerciseText) else (block,) * (block.kind == "markdown")


def cards(s: Subject) -> Found:
    """No card has the id of a card of another lesson."""
    others = card_ids.in_other_lessons(s.text.path)
    for cell, offset, match in card_lines(s.text.cells):
        yield 1
        if match[3] in others:
            remedy = "A card that was copied needs an id of its own: delete {#…}, run autograder format."
            words = f"the id {match[3]!r} is another card's as well, in {others[match[3]]}"
            yield cell.problem(words, remedy, offset)


def details(s: Subject) -> Found:
    """Every block that a click opens is written so that its math renders."""
    path = s.aside / "source" / s.text.id / f"{s.text.id}.ipynb"
    cells = lean_nbformat().read(path, as_version=4).cells
    yield sum(cell.source.count("<details") for cell in cells if cell.cell_type == "markdown")
    broken = [cell.id for cell in cells if cell.cell_type == "markdown" and not _well_formed(cell.source)]
    remedy = "Write <details>, <summary>…</summary>, a blank line, the text, a blank line, </details>."
    for cell in _prose(s.text):
        if not _well_formed(cell.source):
            lines = cell.source.splitlines()
            offset = next(n for n, line in enumerate(lines) if "<details" in line or "</details" in line)
            yield cell.problem("a <details> block is not well formed", remedy, offset)
            broken = broken[1:]
    for name in broken:  # no author wrote these
        yield Problem(s.text.path, 1, f"the <details> block of cell {name!r} is not well formed", remedy)


def _well_formed(markdown: str) -> bool:
    opened, closed = markdown.count("<details"), markdown.count("</details>")
    return opened == closed == len(_DETAILS.findall(markdown))


def terms(s: Subject) -> Found:
    """Each word stands in the lesson's own text, and no other lesson defines it."""
    prose = (cell.source for cell in _prose(s.text) if not role_of(cell).one_line_each)
    told = " ".join(prose).casefold()
    others = {term.word: lesson for lesson, term in glossary.terms_in(s.course) if lesson != s.text.id}
    for cell, term in terms_in(s.text.cells):
        yield 1
        offset = next(n for n, line in enumerate(cell.source.splitlines()) if line.startswith(term.word))
        if term.word.casefold() not in told:
            remedy = "Write the word as the lesson has it, or take it out."
            yield cell.problem(f"the term {term.word!r} stands nowhere in the lesson", remedy, offset)
        if term.word in others:
            remedy = f"Leave it to {others[term.word]}, or name what is different here."
            yield cell.problem(f"the term {term.word!r} is defined twice in the course", remedy, offset)
