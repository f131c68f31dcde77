"""Output frames of a cell -> the cell's outputs, by nbclient's rules, with a cap on their size."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from autograder.grading.rpc.channel import Frame

_EACH = 100  # characters that an output costs besides what it shows
CUT = "\n... more output than a cell may have ...\n"


class Outputs:
    """Collects the outputs of a notebook, cell by cell."""

    def __init__(self, most: int):
        """`most` is in characters a cell."""
        self.most = most
        self._cell: NotebookNode = NotebookNode(outputs=[])
        self._size = 0
        self._clear_next = False
        self._displays: dict[str, list[NotebookNode]] = {}

    def start(self, cell: NotebookNode) -> None:
        """Collect into `cell` from now on."""
        cell.outputs = []
        self._cell, self._size, self._clear_next = cell, 0, False

    def add(self, frame: Frame) -> None:
        """Take in one frame. What a kernel would not send is passed over."""
        content, kind = frame.get("content"), frame.get("kind")
        if type(content) is not dict:
            return
        transient = content.get("transient")
        display = str(transient.get("display_id") or "") if type(transient) is dict else ""
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
            else:
                self._cell.outputs = []
            return
        if display and kind in ("display_data", "execute_result", "update_display_data"):
            for shown in self._displays.get(display, ()):
                if self._is_too_much(content):
                    return
                shown.data, shown.metadata = _data(content.get("data")), _json(content.get("metadata"))
        made = self._make(kind, content)
        if made is None or self._is_too_much(content):
            return
        if self._clear_next:
            self._cell.outputs, self._clear_next = [], False
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if kind == "stream" and last and last.output_type == "stream" and last.name == made.name:
            last.text += made.text
            return
        self._cell.outputs.append(made)
        if display:
            self._displays.setdefault(display, []).append(made)

    def _make(self, kind: Any, content: dict[str, Any]) -> NotebookNode | None:
        if kind == "stream" and content.get("name") in ("stdout", "stderr"):
            return new_output("stream", name=content["name"], text=str(content.get("text", "")))
        if kind == "display_data":
            return new_output(kind, data=_data(content.get("data")), metadata=_json(content.get("metadata")))
        if kind == "execute_result":
            return new_output(
                kind,
                data=_data(content.get("data")),
                metadata=_json(content.get("metadata")),
                execution_count=count if type(count := content.get("execution_count")) is int else None,
            )
        if kind == "error":
            lines = content.get("traceback")
            return new_output(
                kind,
                ename=str(content.get("ename")),
                evalue=str(content.get("evalue")),
                traceback=[str(line) for line in lines] if type(lines) is list else [],
            )
        return None

    def _is_too_much(self, content: dict[str, Any]) -> bool:
        before = self._size
        self._size += _length(content) + _EACH
        if self._size <= self.most:
            return False
        if before <= self.most:
            self._cell.outputs.append(new_output("stream", name="stdout", text=CUT))
        # The error at the end of a flood is what says that the cell failed: it always counts.
        return "ename" not in content


def _data(value: Any) -> NotebookNode:
    """A bundle of representations: text by its kind, and JSON only where the kind says so."""
    if type(value) is not dict:
        return NotebookNode()
    fits = {kind: item for kind, item in value.items() if type(item) is str or kind.endswith("json")}
    return from_dict(fits)


def _json(value: Any) -> NotebookNode:
    return from_dict(value) if type(value) is dict else NotebookNode()


def _length(value: Any, depth: int = 0) -> int:
    if isinstance(value, str):
        return len(value)
    if depth > 20:
        return 1
    if isinstance(value, dict):
        return sum(_length(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return sum(_length(item, depth + 1) for item in value)
    return 8
