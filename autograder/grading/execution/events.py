"""What happens to the children of a run, one event after another."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.grading.execution.peer import StudentPeer, TesterPeer
from autograder.grading.rpc.frames import (
    AnswerFrame,
    AskFrame,
    ChildFrame,
    DoneFrame,
    OutputFrame,
    TakenFrame,
    ValuesFrame,
)

AnyPeer = StudentPeer | TesterPeer


@dataclass(frozen=True)
class Output:
    """A child published something."""

    peer: AnyPeer
    frame: OutputFrame


@dataclass(frozen=True)
class Done:
    """A child says that a step is over."""

    peer: AnyPeer
    frame: DoneFrame


@dataclass(frozen=True)
class Values:
    """A child hands over values."""

    peer: AnyPeer
    frame: ValuesFrame


@dataclass(frozen=True)
class Taken:
    """A child took a savepoint."""

    peer: AnyPeer
    frame: TakenFrame


@dataclass(frozen=True)
class Ask:
    """A child has a question for the other end of the RPC boundary."""

    peer: AnyPeer
    frame: AskFrame


@dataclass(frozen=True)
class Answer:
    """A child answers a question."""

    peer: AnyPeer
    frame: AnswerFrame


@dataclass(frozen=True)
class Died:
    """A child's process is gone, or does not speak the protocol."""

    peer: AnyPeer


@dataclass(frozen=True)
class Timeout:
    """The first step of a child has had its time."""

    peer: AnyPeer


@dataclass(frozen=True)
class NotebookTimeout:
    """The notebook has had its time."""


Event = Output | Done | Values | Taken | Ask | Answer | Died | Timeout | NotebookTimeout


def next_events(peers: Sequence[AnyPeer], ends: float) -> Iterator[Event]:
    """Yield what has happened; where nothing has, wait until something does, or a time is over.

    Peers change while the events are handled, so each is looked at only when its turn comes.

    Args:
        peers: The children of the run, those without a process included.
        ends: When the notebook has had its time, on the monotonic clock.

    Yields:
        Events in the order of `peers`, those of one child in the order in which they came.
    """
    happened = False
    for peer in peers:
        for event in _arrived(peer):
            happened = True
            yield event
    if not happened:
        _wait(peers, ends)
    now = time.monotonic()
    if now >= ends:
        yield NotebookTimeout()
        return
    for peer in reversed(peers):  # a tester that is late may be so because of the student's function
        if peer.deadline is not None and peer.deadline <= now:
            yield Timeout(peer)


def _arrived(peer: AnyPeer) -> Iterator[Event]:
    for frame in peer.received():
        yield _event(peer, frame)
    if peer.is_dead:
        yield Died(peer)


def _event(peer: AnyPeer, frame: ChildFrame) -> Event:
    if frame["type"] == "output":
        return Output(peer, frame)
    if frame["type"] == "done":
        return Done(peer, frame)
    if frame["type"] == "values":
        return Values(peer, frame)
    if frame["type"] == "taken":
        return Taken(peer, frame)
    if frame["type"] == "ask":
        return Ask(peer, frame)
    return Answer(peer, frame)


def _wait(peers: Sequence[AnyPeer], ends: float) -> None:
    """Wait until a child sent something, takes something, or has had its time."""
    by_socket = {peer.child.channel.socket: peer for peer in peers if peer.child}
    if not by_socket:
        return
    full = [socket for socket, peer in by_socket.items() if peer.child and peer.child.channel.unsent]
    deadlines = [peer.deadline for peer in peers if peer.deadline is not None]
    left = max(0.0, min([ends, *deadlines]) - time.monotonic())
    readable, writable, _ = select.select(list(by_socket), full, [], left)
    for socket in writable:
        by_socket[socket].flush()
    for socket in readable:
        by_socket[socket].read()
