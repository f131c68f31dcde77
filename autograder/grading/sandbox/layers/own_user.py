"""Users in tier 2: graded as root, each job is a user that nobody else is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autograder.grading.sandbox import attacks, uid_pool
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class OwnUser(Layer):
    """Takes a block of uids, one a slot. An ordinary user's jobs run as that user."""

    name = "users"
    _setup: Setup

    def prepare(self, setup: Setup) -> None:
        """Claim the users, and say to the other layers what follows."""
        self._setup = setup
        if os.geteuid() != 0 or not sys_.has_capability(sys_.CAP_SETUID):
            return
        setup.users = uid_pool.claim()
        Path(setup.folders).chmod(0o711)  # each user walks to the own folder
        setup.counted_apart = setup.signals_guarded = True
        # Python in a folder of root's (uv and pyenv do that): other users reach it with this one capability.
        # Landlock, which no capability lifts, still says what they may open.
        if not all(open_to_all(path) for path in setup.readable):
            setup.capabilities = 1 << sys_.CAP_DAC_READ_SEARCH

    def apply(self, job: Job) -> None:
        """Be the slot's user, who owns the job's folder."""
        uid = self._setup.uid(job.slot)
        if uid is None:
            return
        os.chown(job.folder, uid, uid)
        sys_.bound_capabilities(self._setup.capabilities)
        sys_.keep_over_setuid()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        sys_.own_proc()

    def describe(self) -> tuple[LayerReport, ...]:
        """On where this process may give users."""
        users = self._setup.users
        if users is None:
            words = "jobs run as you; graded as root, each would be a user of its own"
            return (LayerReport(self.name, False, words),)
        return (LayerReport(self.name, True, f"each job is a user of its own, from {users.first}"),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Be the grader."""
        users = self._setup.users
        if users is None:
            return {}
        block = range(users.first, users.first + uid_pool.BLOCK)
        return {"being the grader's user": lambda: attacks.gets_through_if(os.getuid() not in block)}


def open_to_all(path: str) -> bool:
    """May every user read the folder and walk to it."""
    place = Path(path).resolve()
    return place.stat().st_mode & 0o5 == 0o5 and all(parent.stat().st_mode & 0o1 for parent in place.parents)
