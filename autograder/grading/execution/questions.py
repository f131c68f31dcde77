"""The tester's questions to the student's process, which is often busy when they come."""

from __future__ import annotations

from collections import deque

from autograder.grading.execution.student import Student
from autograder.grading.execution.tester import Tester
from autograder.grading.rpc.frames import AnswerFrame, AskFrame, Body

DIED: Body = {"error": {"kind": "RuntimeError", "message": "the student's process died", "traceback": ""}}
STUCK: Body = {
    "error": {"kind": "TimeoutError", "message": "the student's code did not stop", "traceback": ""}
}
OVER: Body = {
    "error": {
        "kind": "RuntimeError",
        "message": "a function of the tests lives for one test",
        "traceback": "",
    }
}


class Questions:
    """Passes questions and answers on between a tester and the student's process."""

    def __init__(self, student: Student, tester: Tester):
        self._student = student
        self._tester = tester
        self._waiting: deque[AskFrame] = deque()  # until the student's process would answer
        self._open = 0  # so many it was asked and has not answered
        self._stale = 0  # so many more of its answers nobody waits for

    @property
    def are_open(self) -> bool:
        """Whether the tester waits for the student's process."""
        return self._open > 0

    def ask(self, question: AskFrame) -> None:
        """Take a question of the tester's. One about an object of a process that died is answered at once."""
        ref = question["body"].get("ref")
        if type(ref) is int and ref < self._student.first_reference:
            self._tester.peer.send({"type": "answer", "body": DIED})
            return
        self._waiting.append(question)
        self.pass_on()

    def pass_on(self) -> None:
        """Put the questions that wait to the student's process, if it would answer now."""
        while self._waiting and self._student.answers:
            question = self._waiting.popleft()
            if self._student.peer.child is None:  # it died; its functions are gone with it
                self._tester.peer.send({"type": "answer", "body": DIED})
                continue
            self._open += 1
            self._student.peer.send(question)

    def ask_back(self, question: AskFrame) -> None:
        """Pass a question of the student's process on: it calls a function that it was given.

        Where no test asked it anything, the function belongs to a test that is over.
        """
        if self._open:
            self._tester.peer.send(question)
        else:
            self._student.peer.send({"type": "answer", "body": OVER})

    def answer(self, answer: AnswerFrame) -> None:
        """Pass an answer of the student's process on, if anybody waits for it."""
        if self._stale:
            self._stale -= 1
        elif self._open:
            self._open -= 1
            self._tester.peer.send(answer)

    def answer_back(self, answer: AnswerFrame) -> None:
        """Pass the tester's answer on to the student's process."""
        self._student.peer.send(answer)

    def close(self) -> None:
        """The tester waits for no answer any more, nor will it: its cell is done, or its process gone."""
        self._waiting.clear()
        self._stale += self._open
        self._open = 0

    def fail(self, body: Body) -> None:
        """Answer all that the student's process was asked: it is gone."""
        asked, self._open, self._stale = self._open, 0, 0
        for _ in range(asked):
            self._tester.peer.send({"type": "answer", "body": body})
