"""What the fork server and its clients agree on: short JSON messages, each one packet of a socket.

A worker sends an order; `fork` comes with one end of a socket pair as a file descriptor, and is answered
with `Forked`, `reset` with `{"reset": true}`. No cell, test or answer goes this way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

MESSAGE = 1 << 16
"""Bytes of the largest message between a worker and the fork server."""


class Fork(TypedDict):
    """Fork a child that speaks over the descriptor sent along."""

    op: Literal["fork"]


class Interrupt(TypedDict):
    """Raise KeyboardInterrupt in the cell that a child runs."""

    op: Literal["interrupt"]
    child: int


class End(TypedDict):
    """End a child and all that it started."""

    op: Literal["end"]
    child: int


class Reset(TypedDict):
    """End every child of this connection."""

    op: Literal["reset"]


Order = Fork | Interrupt | End | Reset


class Forked(TypedDict):
    """The process id of the child, as the fork server sees it."""

    child: int


class Settings(TypedDict):
    """What the fork server is started with, as its one argument.

    `sockets` and `ready` are numbers of inherited descriptors: one socket for each worker, and the pipe to
    which it writes one line when it is warm. `readable` are folders that children may read.
    """

    sockets: Sequence[int]
    ready: int
    limits: Mapping[str, float]
    lowest_tier: int
    force_tier: int | None
    preload: Sequence[str]
    readable: Sequence[str]
