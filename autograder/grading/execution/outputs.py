"""Output frames of a cell -> the cell's outputs, by nbclient's rules, with a cap on their size."""

from __future__ import annotations

import re
from collections.abc import Callable

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from autograder.grading.rpc.frames import Body, OutputFrame, lines_of

_EACH = 100  # characters that an output costs besides what it shows
_MIME_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}", re.ASCII).fullmatch
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.ASCII).fullmatch  # where the format allows JSON
_PART = 8  # and each of its parts
CELLS = 8
"""A notebook may have as much output as so many cells that are full."""
CUT = "\n... more output than a cell may have ...\n"


class Outputs:
    """Collects the outputs of a notebook, cell by cell."""

    def __init__(self, most: int):
        """`most` is in characters a cell; all cells together may have some times that."""
        self.most = most
        self._left = CELLS * most
        self._cell: NotebookNode = NotebookNode(outputs=[])
        self._size = 0
        self._cut = False
        self._clear_next = False
        self._displays: dict[str, list[NotebookNode]] = {}

    def start(self, cell: NotebookNode) -> None:
        """Collect into `cell` from now on."""
        cell.outputs = []
        self._cell, self._size, self._cut, self._clear_next = cell, 0, False, False

    def add(self, frame: OutputFrame) -> None:
        """Take in one frame. What a kernel would not send is passed over."""
        content, kind = frame["content"], frame["kind"]
        if kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
            return
        display = _display_id(content) if kind in _DISPLAYS else ""
        if display and not self._update(display, content):
            return
        make = _MAKERS.get(kind)
        made = make(content) if make else None
        if made is None or self._is_too_much(content):
            return
        self._append(made)
        if display:
            self._displays.setdefault(display, []).append(made)

    def _clear(self, wait: bool) -> None:
        if wait:
            self._clear_next = True
        else:
            self._cell.outputs = []

    def _update(self, display: str, content: Body) -> bool:
        """Change what was shown under this display id; False where it is more than a cell may have."""
        for shown in self._displays.get(display, ()):
            if self._is_too_much(content):
                return False
            shown.data, shown.metadata = _data(content.get("data")), _json(content.get("metadata"))
        return True

    def _append(self, made: NotebookNode) -> None:
        if self._clear_next:
            self._cell.outputs, self._clear_next = [], False
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if made.output_type == "stream" and last and last.output_type == "stream" and last.name == made.name:
            last.text += made.text
        else:
            self._cell.outputs.append(made)

    def _is_too_much(self, content: Body) -> bool:
        length = _length(content) + _EACH
        if not self._cut and self._size + length <= self.most and length <= self._left:
            self._size += length
            self._left -= length
            return False
        if not self._cut:
            self._cut = True
            self._cell.outputs.append(new_output("stream", name="stdout", text=CUT))
        # The error at the end of a flood is what says that the cell failed: its name always counts.
        if "ename" in content and not any(one.output_type == "error" for one in self._cell.outputs):
            self._cell.outputs.append(_error({"ename": str(content["ename"])[:_EACH], "evalue": "..."}))
        return True


def _stream(content: Body) -> NotebookNode | None:
    if content.get("name") not in ("stdout", "stderr"):
        return None
    return new_output("stream", name=content["name"], text=str(content.get("text", "")))


def _display_data(content: Body) -> NotebookNode:
    data, metadata = _data(content.get("data")), _json(content.get("metadata"))
    return new_output("display_data", data=data, metadata=metadata)


def _execute_result(content: Body) -> NotebookNode:
    return new_output(
        "execute_result",
        data=_data(content.get("data")),
        metadata=_json(content.get("metadata")),
        execution_count=_count(content.get("execution_count")),
    )


def _error(content: Body) -> NotebookNode:
    return new_output(
        "error",
        ename=str(content.get("ename")),
        evalue=str(content.get("evalue")),
        traceback=lines_of(content.get("traceback")),
    )


_MAKERS: dict[str, Callable[[Body], NotebookNode | None]] = {
    "stream": _stream,
    "display_data": _display_data,
    "execute_result": _execute_result,
    "error": _error,
}
_DISPLAYS = ("display_data", "execute_result", "update_display_data")


def _display_id(content: Body) -> str:
    transient = content.get("transient")
    return str(transient.get("display_id") or "") if type(transient) is dict else ""


def _data(value: object) -> NotebookNode:
    """A bundle of representations by MIME type: text, and JSON where the format has it."""
    if type(value) is not dict:
        return NotebookNode()
    fits = {kind: item for kind, item in value.items() if _fits(kind, item)}
    return from_dict(fits)


def _fits(kind: str, item: object) -> bool:
    return bool(_JSON_TYPE(kind) or (type(item) is str and _MIME_TYPE(kind)))


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _json(value: object) -> NotebookNode:
    return from_dict(value) if type(value) is dict else NotebookNode()


def _length(content: Body) -> int:
    """The characters of a frame, keys included, however deep they lie."""
    found = 0
    waiting: list[object] = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found += len(value)
        elif isinstance(value, dict):
            found += sum(map(len, value)) + _PART * len(value)
            waiting += value.values()
        elif isinstance(value, list):
            found += _PART * len(value)
            waiting += value
        else:
            found += _PART
    return found
