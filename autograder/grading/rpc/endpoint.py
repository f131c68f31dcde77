"""What both ends of the RPC boundary share: questions and answers over a channel, nested as calls are.

The student's process holds whatever the student made (`object_endpoint`). The tester's process runs the
tests and sees plain values, and for functions and objects proxies, each use of which is a question to the
student's process (`proxy_endpoint`). The student's process never holds the tests; the tester's never runs
the student's code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from autograder.grading.rpc.channel import Channel
from autograder.grading.rpc.codec import CannotCross
from autograder.grading.rpc.frames import Body


class Endpoint(ABC):
    """One end of the RPC boundary."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def ask(self, question: Body) -> Body:
        """Ask the other end, and answer what it asks meanwhile."""
        self.channel.send({"type": "ask", "body": question})
        while True:
            frame = self.channel.receive()
            if frame.get("type") == "answer":
                return body_of(frame)
            if frame.get("type") == "ask":
                self.respond(frame)

    def respond(self, frame: Mapping[str, object]) -> None:
        """Answer one question."""
        self.channel.send({"type": "answer", "body": self.answer(body_of(frame))})

    @abstractmethod
    def answer(self, question: Body) -> Body:
        """Return the answer to a question of the other end."""


def body_of(frame: Mapping[str, object]) -> Body:
    """Return the body of a question or an answer; an empty one where it is no object."""
    body = frame.get("body")
    return body if type(body) is dict else {}


def integer_of(data: object) -> int:
    """Return the number in a body. Raises CannotCross or ValueError where it is none."""
    if isinstance(data, int | float | str):
        return int(data)
    raise CannotCross("no number where one is wanted")


def items_of(data: object) -> Sequence[object]:
    """Return the list in a body. Raises CannotCross where it is none."""
    if type(data) is list:
        return data
    raise CannotCross("no list where one is wanted")


def entries_of(data: object) -> Mapping[str, object]:
    """Return the object in a body. Raises CannotCross where it is none."""
    if type(data) is dict:
        return data
    raise CannotCross("no object where one is wanted")
