"""Forks of a student's process that answer the tests' questions, each in the state of one grade cell.

A test that calls a student's function tells it what it is called with. If the student's own process were
asked, its later cells could print that. So the process forks at the grade cell; the fork sleeps until the
student's last cell is done, answers then, and goes on sleeping: a later test may ask about an object that it
made. Every fork numbers its objects from a number of its own, by which its questions find it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from autograder.grading.forkserver.savepoints import Savepoints
from autograder.grading.rpc.channel import Broken, Channel
from autograder.grading.rpc.endpoint import body_of
from autograder.grading.rpc.frames import Body
from autograder.grading.rpc.object_endpoint import ObjectEndpoint

REFERENCES_BITS = 24
"""So many bits of an object's number are counted in one fork; those above are the fork's number."""

MOST_AWAKE = 16
"""So many forks of savepoints stay for later tests; a job may have 64 processes."""

# Taken before any of the student's code runs: a cell may replace what is in these modules.
_fork, _kill, _exit, _signal = os.fork, os.kill, os._exit, signal.signal
_getstate, _setstate = random.getstate, random.setstate

_DIED: Body = {"error": {"kind": "RuntimeError", "message": "the student's process died", "traceback": ""}}
_STUCK: Body = {
    "error": {"kind": "TimeoutError", "message": "the student's code did not stop", "traceback": ""}
}


@dataclass
class _QuestionFork:
    line: Channel
    pid: int = 0
    """0 while the savepoint has not forked it."""
    woken: bool = False
    """Whether a savepoint forked it, and it lives."""
    interrupts: int = 0


class QuestionForks:
    """The forks of one student's process that are asked, and the questions passed on to them."""

    def __init__(self, objects: ObjectEndpoint, savepoints: Savepoints, channel: Channel):
        self._objects = objects
        self._savepoints = savepoints
        self._channel = channel
        self._first = 0  # number of an object of the process itself
        self._forks: list[_QuestionFork] = []
        self._of_step: dict[str, _QuestionFork] = {}
        self._current: _QuestionFork | None = None  # that of the step which is served
        self._asked: _QuestionFork | None = None

    def number_from(self, first: int) -> None:
        """Number objects from `first` on, and those of the forks from numbers above."""
        self._first = first
        self._objects.number_from(first)

    def take(self, id: str) -> None:
        """Fork here, to answer what is asked about the objects that the step `id` hands over."""
        ours, theirs = socket.socketpair()
        state, answering = _getstate(), self.answering()
        try:
            pid = _fork()
        except OSError:  # the student's code used up the processes: this one answers itself
            ours.close()
            theirs.close()
            return
        if pid == 0:
            ours.close()
            answering(Channel(theirs), state)
        theirs.close()
        self.taken(id, Channel(ours), pid)

    def answering(self) -> Callable[[Channel, object], NoReturn]:
        """What the next fork does: (its line, the state of `random`)."""
        number = len(self._forks) + 1
        return lambda line, state: self._answer(line, state, number)

    def taken(self, id: str, line: Channel, pid: int = 0) -> None:
        """Know a fork that answers.

        Args:
            id: Of the step whose objects it is asked about.
            line: To the fork.
            pid: 0 where the step's savepoint forks it when it is served.
        """
        fork = _QuestionFork(line, pid)
        self._forks.append(fork)
        self._of_step[id] = fork

    def serve(self, id: str) -> None:
        """Answer about the step `id` until the worker says `go`; interrupts go to the fork that is asked."""
        self._current = self._awake(id)
        before = _signal(signal.SIGINT, self._pass_on)
        try:
            while (frame := self._channel.receive()).get("type") != "go":
                if frame.get("type") == "ask":
                    self.respond(frame)
        finally:
            _signal(signal.SIGINT, before)
            self._current = None

    def _awake(self, id: str) -> _QuestionFork | None:
        """The fork of a step; None where this process answers itself."""
        fork = self._of_step.get(id)
        if fork is None or fork.pid:
            return fork
        awake = [one for one in self._forks if one.woken]
        if len(awake) >= MOST_AWAKE:  # nobody is likely to ask about its objects any more
            awake[0].woken = False
            with contextlib.suppress(ProcessLookupError):
                _kill(awake[0].pid, signal.SIGKILL)
        try:
            fork.pid, fork.woken = self._savepoints.answer(id), True
        except Broken:
            return None
        return fork

    def respond(self, frame: Mapping[str, object]) -> None:
        """Answer one question, in the fork in which its object is."""
        fork = self._fork_of(body_of(frame).get("ref"))
        if fork is None:
            respond_in_time(self._objects, frame)
            return
        self._asked, fork.interrupts = fork, 0
        try:
            fork.line.send(frame)
            while (said := fork.line.receive()).get("type") == "ask":  # it calls a function of the test
                self._channel.send(said)
                fork.line.send(self._channel.receive())
            self._channel.send(said)
        except Broken:
            self._channel.send({"type": "answer", "body": _STUCK if fork.interrupts > 1 else _DIED})
        finally:
            self._asked = None

    def _fork_of(self, ref: object) -> _QuestionFork | None:
        number = (ref - self._first) >> REFERENCES_BITS if type(ref) is int else 0
        return self._forks[number - 1] if 0 < number <= len(self._forks) else self._current

    def _pass_on(self, *_: object) -> None:
        """Interrupt the fork that is asked; the second time, end it."""
        fork = self._asked
        if fork is not None and fork.pid:
            fork.interrupts += 1
            with contextlib.suppress(ProcessLookupError):
                _kill(fork.pid, signal.SIGINT if fork.interrupts == 1 else signal.SIGKILL)

    def _answer(self, line: Channel, state: object, number: int) -> NoReturn:
        """In the fork: answer until the line is closed, and end without a trace."""
        try:
            for other in self._forks:
                other.line.close()
            _signal(signal.SIGINT, signal.SIG_IGN)
            _setstate(state)  # type: ignore[arg-type]  # Python seeds `random` anew in every fork
            self._objects.channel = line
            self._objects.number_from(self._first + (number << REFERENCES_BITS))
            while True:
                respond_in_time(self._objects, line.receive())
        except BaseException:
            _exit(1)


def respond_in_time(objects: ObjectEndpoint, frame: Mapping[str, object]) -> None:
    """Answer a question of the tester's; an interrupt is an answer, too."""
    _signal(signal.SIGINT, signal.default_int_handler)
    try:
        objects.respond(frame)
    except KeyboardInterrupt:
        error = {"kind": "KeyboardInterrupt", "message": "", "traceback": ""}
        objects.channel.send({"type": "answer", "body": {"error": error}})
    finally:
        _signal(signal.SIGINT, signal.SIG_IGN)
