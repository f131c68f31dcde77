"""What an autograded notebook holds of each graded cell: the learner's answer and what became of it.

Never anything of the tests: of a check cell only the verdict and the check's own line are read. Its source,
its traceback and its printed output hold, or can hold, what is held back.
"""

from __future__ import annotations

import base64
import binascii
import builtins
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.core.cell_tags import AFTER_HIDDEN_TESTS
from autograder.core.messages import said_of_wrong
from autograder.core.verdict import Kind, Outcome
from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.verdicts import verdicts_of

_HELD_BACK = re.compile(
    r"BEGIN (?:HIDDEN TESTS|MARK SCHEME)(.*?)(?:END (?:HIDDEN TESTS|MARK SCHEME)|\Z)", re.S
)
_TELLING = 12  # characters from which on a line of a test is told from ordinary code
_PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_CELL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")  # a cell's name while it runs says nothing to a reader
_LARGEST = 300_000  # bytes of one picture
_QUOTES = "(left out: it quotes the tests)"
_HELD = "(held back until your instructor releases it: a hidden test ran before it)"


@dataclass(frozen=True)
class Output:
    """Something that an answer showed: text, or a picture as a data: address of PNG or JPEG."""

    text: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Answer:
    """One graded cell. `verdict` is what its check said, None where a person marks.

    `sources` and `cells` are the sources and names of the cells that answer it. `said` is the check's own
    line, `error` how the answer, or the check, stopped. `outputs` are read of what a person marks only: what
    any other answer prints may hold what the tests called it with.
    """

    name: str
    verdict: Outcome | None = None
    sources: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    said: str = ""
    error: str = ""
    outputs: tuple[Output, ...] = ()


def read(path: Path, released: bool = False) -> list[Answer]:
    """The graded cells of an autograded notebook, in order.

    Args:
        path: The notebook.
        released: Whether an instructor looked at outputs that may hold what a hidden test asked, since it
            ran in the process itself before them, and lets learners see them.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged.
    """
    try:
        return list(_answers(json.loads(path.read_text(encoding="utf-8"))["cells"], released))
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is damaged ({type(error).__name__}: {error})") from error


def _answers(cells: list[Cell], released: bool = False) -> Iterator[Answer]:
    verdicts = dict(verdicts_of(cells))
    secrets = _held_back(cells)
    before: list[Cell] = []  # answer cells since the last check
    for cell in cells:
        keys = cell["metadata"].get("nbgrader", {})
        if keys.get("solution") and keys.get("grade"):
            held = _is_held(cell, released) and cell.get("outputs")
            outputs = (Output(_HELD),) if held else tuple(_without(secrets, _outputs(cell)))
            yield Answer(
                keys["grade_id"], None, (_joined(cell["source"]),), (keys["grade_id"],), outputs=outputs
            )
        elif keys.get("task"):
            yield Answer(keys["grade_id"], cells=(keys["grade_id"],))
        elif keys.get("solution"):
            before.append(cell)
        elif keys.get("grade"):
            told = [one for one in before if not _is_held(one, released)]
            yield _checked(cell, before, told, verdicts.get(keys["grade_id"]), secrets)
            before = []


def _is_held(cell: Cell, released: bool) -> bool:
    return AFTER_HIDDEN_TESTS in cell["metadata"] and not released


def _checked(
    check: Cell, before: list[Cell], told: list[Cell], verdict: Outcome | None, secrets: frozenset[str]
) -> Answer:
    """What a check said of the answers before it, and of `told` the errors as well."""
    name = check["metadata"]["nbgrader"]["grade_id"]
    errors = [output for cell in told for output in cell.get("outputs", ()) if "ename" in output]
    said = error = ""
    for output in check.get("outputs", ()):
        if output.get("ename") == "NotYet" and output.get("traceback"):
            said = said_of_wrong(_joined(output["traceback"][0]), name)
    if verdict and verdict.kind is Kind.ERROR:
        error = f"{errors[0]['ename']}: {errors[0].get('evalue', '')}" if errors else ""
        error = _CELL_FILE.sub(r"(line \1)", error) or _kind(verdict.error)
    return Answer(
        name,
        verdict,
        tuple(_joined(cell["source"]) for cell in before),
        tuple(cell["metadata"]["nbgrader"]["grade_id"] for cell in before),
        _QUOTES if _quotes(secrets, said) else said,
        _QUOTES if _quotes(secrets, error) else error,
    )


def _kind(name: str) -> str:
    """The name of an error that a check ended with; one of the learner's own making could say anything."""
    known = hasattr(builtins, name) or name in ("CannotCheck", "CellTimeoutError", "DeadKernelError")
    return name if known else "an error of your own"


def _held_back(cells: Iterable[Cell]) -> frozenset[str]:
    """The lines of the tests that learners do not see."""
    texts = (
        part
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("grade")
        for part in _HELD_BACK.findall(_joined(cell["source"]))
    )
    lines = (line.strip() for text in texts for line in text.splitlines())
    return frozenset(line for line in lines if len(line) >= _TELLING and " import " not in line)


def _quotes(secrets: frozenset[str], text: str) -> bool:
    return any(secret in text for secret in secrets)


def _without(secrets: frozenset[str], outputs: Iterable[Output]) -> Iterator[Output]:
    for output in outputs:
        yield Output(_QUOTES) if _quotes(secrets, output.text) else output


def _outputs(cell: Cell) -> Iterator[Output]:
    """Text as text and true pictures. HTML, SVG and the like are named, not shown: they can hold scripts."""
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            yield Output(_joined(output["text"]))
        elif output["output_type"] == "error":
            yield Output(f"{output['ename']}: {output.get('evalue', '')}")
        else:
            data = output.get("data", {})
            picture = next(filter(None, (_picture(kind, data.get(kind)) for kind in _PICTURES)), "")
            if picture:
                yield Output(picture=picture)
            elif "text/plain" in data:
                yield Output(_joined(data["text/plain"]))
            elif data:
                yield Output(f"(not shown here: {', '.join(sorted(map(str, data)))})")


def _picture(kind: str, data: object) -> str:
    if data is None:
        return ""
    try:
        raw = base64.b64decode("".join(_joined(data).split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not raw.startswith(_PICTURES[kind]) or len(raw) > _LARGEST:
        return ""
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
