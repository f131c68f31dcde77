"""The error that a cell gets where it did not end, or where its outputs do not show how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.rpc.frames import Reply

TIMEOUT: Reply = {
    "status": "error",
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}
DEAD: Reply = {"status": "error", "ename": "DeadKernelError", "evalue": "Kernel died", "traceback": []}


def fail(cell: NotebookNode, name: str, words: str, lines: Sequence[str] = ()) -> None:
    """Append an error to the outputs of `cell`.

    Args:
        cell: A code cell.
        name: The name of the exception's class.
        words: Its message.
        lines: The lines of its traceback; without any, name and message are shown.
    """
    traceback = list(lines) or [f"{name}: {words}"]
    cell.outputs.append(new_output("error", ename=name, evalue=words, traceback=traceback))


def conclude(cell: NotebookNode, reply: Reply) -> None:
    """Append the error that the cell ended with, where its outputs do not show it."""
    if reply["status"] != "error":
        return
    shown = [output.ename for output in cell.outputs if output.output_type == "error"]
    if reply["ename"] not in shown:
        fail(cell, reply["ename"], reply["evalue"], reply["traceback"])
