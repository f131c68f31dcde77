"""Privileges: no capability is left in a job, and no program can give one back."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.grading.sandbox import attacks
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class Privileges(Layer):
    """Drops every capability but those that `OwnUser` says jobs must keep."""

    name = "privileges"
    _kept: int

    def prepare(self, setup: Setup) -> None:
        """Remember what jobs keep."""
        self._kept = setup.capabilities

    def apply(self, job: Job) -> None:
        """For good; also what Landlock and seccomp ask for."""
        sys_.bound_capabilities(self._kept)
        sys_.set_capabilities(self._kept)
        sys_.no_new_privileges()

    def describe(self) -> tuple[LayerReport, ...]:
        """What is kept, and why."""
        words = "no new privileges, no capabilities"
        if self._kept:
            words = (
                "no new privileges, no capability but CAP_DAC_READ_SEARCH: Python lies in a private folder"
            )
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Have a capability, or a way to one. What could be done with it other layers refuse too."""
        return {
            "capabilities": lambda: attacks.gets_through_if(bool(sys_.capabilities() & ~self._kept)),
            "new privileges": lambda: attacks.gets_through_if(not sys_.has_no_new_privileges()),
        }
