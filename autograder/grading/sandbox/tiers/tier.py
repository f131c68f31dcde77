"""A tier at work: its layers, prepared once and applied to every job in one order."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress

from autograder.grading.sandbox.layer import Job, Layer, Setup
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import LayerReport
from autograder.grading.sandbox.tiers.tier_layers import TIERS


class Tier:
    """The layers of one tier that this machine has. `applied` holds them in their order."""

    def __init__(self, number: int, limits: Limits, readable: Iterable[str]):
        """Prepare the layers; in tier 1 another process returns than the one that called.

        Args:
            number: Which tier, 1 to 3.
            limits: What one job may use.
            readable: Folders that jobs may read besides the system's.

        Raises:
            OSError: This machine lacks a layer that the tier cannot do without, or refuses one.
        """
        if sys.platform != "linux" and number < 3:
            raise OSError(f"it needs Linux, and this is {sys.platform}")
        self.number = number
        self.applied: list[Layer] = []
        self._off: dict[Layer, str] = {}
        self._layers = TIERS[number]()
        for layer in self._layers:
            if missing := layer.available():
                if not layer.optional:
                    raise OSError(f"{layer.name}: {missing}")
                self._off[layer] = missing
        setup = Setup(limits, tuple(readable))
        try:
            for layer in self._layers:
                if layer not in self._off:
                    layer.prepare(setup)
                    self.applied.append(layer)
        except BaseException:
            self.close()
            raise

    def describe(self) -> tuple[LayerReport, ...]:
        """What each layer says of itself, in the order in which they are applied."""
        found: list[LayerReport] = []
        for layer in self._layers:
            off = layer in self._off
            found += (LayerReport(layer.name, False, self._off[layer]),) if off else layer.describe()
        return tuple(found)

    def before_fork(self) -> None:
        """In the fork server, right before the fork of a job."""
        for layer in self.applied:
            layer.before_fork()

    def after_fork(self, pid: int) -> None:
        """In the fork server, right after it; -1 where the fork failed."""
        for layer in self.applied:
            layer.after_fork(pid)

    def apply(self, slot: int) -> str:
        """In the job: put it behind every layer, and return its working directory. Raises OSError."""
        job = Job(slot)
        for layer in self.applied:
            layer.apply(job)
        if not job.folder:
            raise OSError("no layer made a folder for the job")
        return job.folder

    def end(self, pid: int, slot: int) -> None:
        """In the fork server, when the job's first process is gone."""
        for layer in reversed(self.applied):
            layer.end(pid, slot)

    def close(self) -> None:
        """In the fork server, at its end: remove what is outside."""
        for layer in reversed(self.applied):
            with suppress(OSError):
                layer.close()
