"""What a sandbox layer is: one way in which a job is held, with words for `doctor` and attacks of its own."""

# ruff: noqa: B027 (a hook that a layer does not need does nothing)

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.grading.sandbox import uid_pool
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import LayerReport

Attack = Callable[[], object]
"""Tried inside a job. It raises OSError, MemoryError or ValueError where the layer holds."""


@dataclass
class Setup:
    """What the layers of one fork server tell each other while they are prepared, in the tier's order.

    limits, readable: as `Sandbox.enter` was given them
    tree:             where the read-only tree is mounted until it becomes the root
    folders:          where the folders of jobs lie, where they are folders of the machine
    users:            the uids of the jobs, one a slot, where each job is a user of its own
    counted_apart:    the kernel counts each job's processes by themselves
    capabilities:     the mask of those that jobs keep
    signals_guarded:  something better than the system call filter keeps signals inside
    """

    limits: Limits
    readable: tuple[str, ...]
    tree: str = ""
    folders: str = ""
    users: uid_pool.Block | None = None
    counted_apart: bool = False
    capabilities: int = 0
    signals_guarded: bool = False

    def uid(self, slot: int) -> int | None:
        """The user of a slot's jobs; None where they run as this process does."""
        return None if self.users is None else self.users.first + slot


@dataclass
class Job:
    """One forked child that is being confined: its slot, and its working directory once a layer made it."""

    slot: int
    folder: str = ""


class Layer(ABC):
    """One way in which a job is held: a `name`, words, attacks, and those of the hooks that it needs."""

    name: str
    optional: bool = False
    """A tier may be used without it where it is not available."""

    def available(self) -> str:
        """Why this machine does not have the layer, and what would turn it on; "" where it does."""
        return ""

    def prepare(self, setup: Setup) -> None:
        """Called once in the fork server. Raises OSError where the kernel refuses; then no job is run."""

    def before_fork(self) -> None:
        """Called in the fork server right before the fork of a job."""

    def after_fork(self, pid: int) -> None:
        """Called in the fork server right after it; `pid` is -1 where the fork failed."""

    def apply(self, job: Job) -> None:
        """Called in the forked child, for good. Raises OSError where it cannot; the child then ends."""

    def end(self, pid: int, slot: int) -> None:
        """Called in the fork server when the job's first process is gone; the tier's last layer first."""

    def close(self) -> None:
        """Called in the fork server at its end: removes what the layer keeps outside."""

    @abstractmethod
    def describe(self) -> tuple[LayerReport, ...]:
        """What the layer does here, for `doctor`; called after `prepare`."""

    @abstractmethod
    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """By a name for people, what works without the layer and not with it; harmless where it works.

        `outside` is None where nothing was put outside for the attack. Empty only where `describe` says off.
        """


class Absent(Layer):
    """Stands in a tier for a layer that it lacks, so that `doctor` says what that means."""

    def __init__(self, name: str, meaning: str):
        self.name, self._meaning = name, meaning

    def describe(self) -> tuple[LayerReport, ...]:
        """Off, and what that means."""
        return (LayerReport(self.name, False, self._meaning),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """None: nothing is claimed."""
        return {}
