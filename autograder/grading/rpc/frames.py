"""The frames between a worker and the children that it had forked, and the check of what a child sent.

A frame is a JSON object whose `type` says which of these it is. A child runs a student's code, so its
frames are hostile until `checked` has looked at them; a worker's frames are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

Body = dict[str, object]
"""A question or an answer between two endpoints. Each endpoint looks at it again when it reads it."""


# Steps: what the student's child is told to do, one after another.


class RunRequest(TypedDict):
    """Run a cell of the notebook."""

    kind: Literal["run"]
    id: str
    code: str
    count: int


class ValuesRequest(TypedDict):
    """Hand over what `names` hold now; where one of them is no plain value, fork, to be asked about it.

    `savepoint` says whether to take one as well: for the same test, in nbgrader's meaning.
    """

    kind: Literal["values"]
    id: str
    names: Sequence[str]
    savepoint: Literal["never", "inexact", "always"]
    copy_files: bool


class SavepointRequest(TypedDict):
    """Fork, and let the fork sleep until it gets a test; with `copy_files` it has the folder as it is now."""

    kind: Literal["savepoint"]
    id: str
    copy_files: bool


class ResumeRequest(TypedDict):
    """Wake the savepoint `id`: it runs the tests `before` unseen, for their names, then `code`."""

    kind: Literal["resume"]
    id: str
    code: str
    count: int
    before: Sequence[str]


class ServeRequest(TypedDict):
    """Answer questions about what the step `id` handed over, in the state of then, until `go`."""

    kind: Literal["serve"]
    id: str


StepRequest = RunRequest | ValuesRequest | SavepointRequest | ResumeRequest | ServeRequest


# From the worker to a child.


class FilesFrame(TypedDict):
    """Files to write into the job's folder (base64 by relative path), and variables of the environment."""

    type: Literal["files"]
    files: Mapping[str, str]
    environment: Mapping[str, str]


class FirstFrame(TypedDict):
    """The number of the first object that the student's child refers to."""

    type: Literal["first"]
    ref: int


class StepsFrame(TypedDict):
    """The next steps of the student's child, in order."""

    type: Literal["steps"]
    steps: Sequence[StepRequest]


class GoFrame(TypedDict):
    """The grade cell is done for which the student's child answers questions."""

    type: Literal["go"]


class PrepareFrame(TypedDict):
    """The instructor's cells, which make a child the tester; `student_names` are never the tester's own."""

    type: Literal["prepare"]
    cells: Sequence[str]
    student_names: Sequence[str]


class GradeFrame(TypedDict):
    """A grade cell to run, with the student's `values` for the names `wanted`.

    With `alone` the names are put back afterwards: the next cell may be another submission's.
    With `may_ask` it may ask about the student's objects, also about those that an earlier test made.
    `classes` are those that the student was asked to write, so that their operators count.
    """

    type: Literal["grade"]
    id: str
    code: str
    count: int
    alone: bool
    values: Body
    wanted: Sequence[str]
    may_ask: bool
    classes: Sequence[str]


# From either side, and passed on by the worker.


class AskFrame(TypedDict):
    """A question to the other endpoint."""

    type: Literal["ask"]
    body: Body


class AnswerFrame(TypedDict):
    """The answer to the last question that is open."""

    type: Literal["answer"]
    body: Body


# From a child to the worker.


class Reply(TypedDict):
    """How a cell ended, in the words of a kernel's reply."""

    status: str
    ename: str
    evalue: str
    traceback: list[str]


class OutputFrame(TypedDict):
    """What a kernel publishes; `parent` is the id of the step that it belongs to, '' where none is named."""

    type: Literal["output"]
    kind: str
    content: Body
    parent: str


class DoneFrame(TypedDict):
    """The step `id` is over."""

    type: Literal["done"]
    id: str
    reply: Reply


class ValuesFrame(TypedDict):
    """What the names of a `ValuesRequest` hold: an entry of the codec's by name."""

    type: Literal["values"]
    id: str
    values: Body


class TakenFrame(TypedDict):
    """The savepoint of the step `id` is taken."""

    type: Literal["taken"]
    id: str


WorkerFrame = (
    FilesFrame | FirstFrame | StepsFrame | GoFrame | PrepareFrame | GradeFrame | AskFrame | AnswerFrame
)
ChildFrame = OutputFrame | DoneFrame | ValuesFrame | TakenFrame | AskFrame | AnswerFrame


def checked(frame: Mapping[str, object]) -> ChildFrame | None:
    """Return the frame that a child sent, in its right shape, or None where no child of ours sends such.

    Only the keys of the shape are kept. What a later reader checks for itself (an output's content, the
    values, the body of a question) is only made sure to be an object.
    """
    kind = frame.get("type")
    if kind == "output":
        return _output(frame)
    if kind == "ask":
        return {"type": "ask", "body": _object(frame.get("body"))}
    if kind == "answer":
        return {"type": "answer", "body": _object(frame.get("body"))}
    step = frame.get("id")
    if type(step) is not str:
        return None
    if kind == "done":
        return {"type": "done", "id": step, "reply": _reply(_object(frame.get("reply")))}
    if kind == "values":
        return {"type": "values", "id": step, "values": _object(frame.get("values"))}
    if kind == "taken":
        return {"type": "taken", "id": step}
    return None


def _output(frame: Mapping[str, object]) -> OutputFrame | None:
    kind, content, parent = frame.get("kind"), frame.get("content"), frame.get("parent") or ""
    if type(kind) is not str or type(content) is not dict or type(parent) is not str:
        return None
    return {"type": "output", "kind": kind, "content": content, "parent": parent}


def _reply(data: Body) -> Reply:
    return {
        "status": str(data.get("status")),
        "ename": str(data.get("ename")),
        "evalue": str(data.get("evalue")),
        "traceback": lines_of(data.get("traceback")),
    }


def lines_of(data: object) -> list[str]:
    """Return a traceback's lines; none where `data` is no list."""
    return [str(line) for line in data] if type(data) is list else []


def _object(data: object) -> Body:
    return data if type(data) is dict else {}
