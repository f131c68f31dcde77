"""What can still be read of a notebook file that is no JSON: cut off, glued together, edited by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeGuard

from autograder.grading.assignment.notebook_json import Cell, Json

_SOURCES = {"source", "input", "code", "text"}  # how the source is called in format 4, 3 and 2, 1
_DECODER = json.JSONDecoder()
_CELL_START = re.compile(r'\{\s*"(?:attachments|cell_type|execution_count|id|input|metadata|outputs|source)"')
# The closing quote is optional: a string without an end must not be looked at again from each of its quotes.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_OUTPUTS = re.compile(r'"outputs"\s*:\s*\[')
_EFFORT = 300 << 20  # characters looked at in vain before giving up


def notebook(text: str) -> Json | None:
    """The notebook at the start of `text`, else one of all cells in it; None where there is no cell."""
    start = len(text) - len(text.lstrip())
    try:
        whole, _ = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict) and isinstance(whole.get("cells"), list):
        return whole
    found = list(_cells(text))
    if not found:
        return None
    return {"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def cells_within(value: object, depth: int = 6) -> Iterator[Cell]:
    """Every cell anywhere in parsed JSON, down to a depth of `depth` levels."""
    if is_cell(value):
        yield value
    elif depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from cells_within(inner, depth - 1)


def is_cell(value: object) -> TypeGuard[Cell]:
    """Whether a parsed value is a cell of a notebook, and not the grading keys of one."""
    return isinstance(value, dict) and "cell_type" in value and not _SOURCES.isdisjoint(value)


def without_outputs(text: str) -> str:
    """The text of a notebook with every list of outputs emptied, parsed or not."""
    kept: list[str] = []
    start = 0
    while match := _OUTPUTS.search(text, start):
        kept.append(text[start : match.end()])
        start = _end_of_list(text, match.end())
    kept.append(text[start:])
    return "".join(kept)


def _end_of_list(text: str, start: int) -> int:
    """Where the closing bracket stands of the list that is open at `start`."""
    depth = 1
    for token in _TOKEN.finditer(text, start):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth == 0:
            return token.start()
    return len(text)


def _cells(text: str) -> Iterator[Cell]:
    effort, start = _EFFORT, 0
    while effort > 0 and (match := _CELL_START.search(text, start)):
        start = match.start() + 1
        try:
            value, end = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            effort -= len(text) - start
            continue
        if is_cell(value):
            yield value
            start = end
