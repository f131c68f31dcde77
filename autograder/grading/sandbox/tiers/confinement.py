"""The sandbox that jobs run in: the best of three tiers that works here, and a report that says which.

1  namespaces, a tree of its own, Landlock, seccomp, limits, no capabilities
2  no namespaces (usual in containers): Landlock, seccomp, limits, as root another user for every job
3  nothing but limits and a temporary folder; never without being asked for
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress

from autograder.core.errors import GradingError
from autograder.grading.sandbox import environment
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import LayerReport, Report, refused
from autograder.grading.sandbox.tiers.selftest import attempts
from autograder.grading.sandbox.tiers.tier import Tier
from autograder.grading.sandbox.tiers.tier_layers import TIERS

_TRIAL_SECONDS = 20.0


class SandboxError(GradingError):
    """No tier that is allowed works on this machine, or a layer has a hole."""


class Sandbox:
    """Around every job of one fork server. See `enter`."""

    def __init__(self, tier: Tier, lost: Iterable[LayerReport] = ()):
        """`lost` says why each better tier was not to be had."""
        self.tier = tier
        self.report = Report(tier.number, (*tier.describe(), *lost))

    @classmethod
    def enter(
        cls, limits: Limits, readable: Sequence[str], lowest: int = 2, force: int | None = None
    ) -> Sandbox:
        """Enter the best tier that works; call it once, in a single-threaded process that has imported all.

        Each tier is first tried in a child that attacks it (`self_test`). In tier 1 another process returns
        than the one that called: the caller's only waits for it, and each ends with the other. From then on
        the environment, also the one in /proc, holds nothing but `environment.environment`.

        Args:
            limits: What one job may use.
            readable: Folders that jobs may read besides the system's and this Python's.
            lowest: The worst tier allowed; 3 is `--no-sandbox`.
            force: This tier and no other, for tests.

        Raises:
            SandboxError: No allowed tier works, with the reason for each.
        """
        folders = tuple(dict.fromkeys((*map(str, readable), sys.prefix, sys.base_prefix)))
        lost: list[LayerReport] = []
        for number in (force,) if force else sorted(TIERS)[:lowest]:
            reason = "" if number == 3 else trial(number, limits, folders)
            if reason:
                lost.append(refused(number, reason))
                continue
            try:
                tier = Tier(number, limits, folders)
            except OSError as error:
                raise SandboxError(f"Tier {number} worked in a trial but not in earnest: {error}") from error
            environment.scrub_environment()
            return cls(tier, lost)
        reasons = "\n".join(f"    {layer.name}: {layer.detail}" for layer in lost)
        raise SandboxError(f"No sandbox works here; --no-sandbox grades without one.\n{reasons}")

    def before_fork(self) -> None:
        """Call it in the fork server, right before the fork of a job."""
        self.tier.before_fork()

    def after_fork(self, pid: int) -> None:
        """Call it in the fork server right after the fork, also when the fork failed (then with pid -1)."""
        self.tier.after_fork(pid)

    def confine(self, slot: int, keep: Iterable[int] | None = None) -> None:
        """Put this freshly forked child behind every layer.

        Afterwards the current folder is the job's, empty and writable; HOME and TMPDIR point to it, the
        environment holds nothing else of use, and of the open descriptors only 0, 1, 2 and `keep` are left
        (None keeps all but the sandbox's own). `slot` tells jobs that run at the same time apart, 0 to 63.
        Raises OSError when a layer cannot be applied: the child must then end at once.
        """
        with suppress(PermissionError):
            os.setsid()
        environment.hide_terminals(keep or ())
        folder = self.tier.apply(slot)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder  # the rest is scrubbed since `enter`
        tempfile.tempdir = None  # forget that of the fork server
        if keep is not None:
            environment.close_all_but(keep)

    def end(self, pid: int, slot: int) -> int | None:
        """Call it in the fork server when a job is over: end all that is left of it and remove its folder.

        The wait status of the job if this call was the one that reaped it, else None.
        """
        status = None
        with suppress(ChildProcessError):
            os.waitid(
                os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
            )  # still ours, so the pid is not reused
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
        self.tier.end(pid, slot)
        return status

    def close(self) -> None:
        """Call it when the fork server ends: removes what the sandbox keeps outside."""
        self.tier.close()


def trial(number: int, limits: Limits, readable: Sequence[str]) -> str:
    """Enter a tier in a child and attack it there.

    Args:
        number: The tier.
        limits: What a job may use.
        readable: Folders that jobs may read.

    Returns:
        "" where it holds, else why it cannot be used.
    """
    with Outside.prepare() as outside:
        answer, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(answer)
            try:
                os.write(tell, _try(number, limits, readable, outside).encode()[:4000])
            finally:
                os._exit(0)
        os.close(tell)
        text = b""
        with os.fdopen(answer, "rb") as answers:
            if select.select([answers], [], [], _TRIAL_SECONDS)[0]:
                text = answers.read()
            else:
                os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if not text:
            return "entering it ended the process or took too long"
        damage = outside.damage()
        reason = json.loads(text)
        return reason or ("the self-test got through: " + ", ".join(damage) if damage else "")


def _try(number: int, limits: Limits, readable: Sequence[str], outside: Outside) -> str:
    """In the trial's child: JSON of the reason, "" when all is well."""
    try:
        tier = Tier(number, limits, readable)
        try:
            environment.scrub_environment()
            leaks = self_test(Sandbox(tier), outside)
        finally:
            tier.close()
    except (OSError, SandboxError) as error:
        return json.dumps(str(error))
    return json.dumps("the self-test got through: " + ", ".join(leaks) if leaks else "")


def self_test(sandbox: Sandbox, outside: Outside | None = None) -> list[str]:
    """Attack the sandbox from a job of its own; what got through, [] when nothing did.

    `outside` (attacks.Outside) names things that were put outside before the sandbox was entered.
    Raises SandboxError when the job could not even start.
    """
    slot = 0
    answer, tell = os.pipe()
    sandbox.before_fork()
    pid = os.fork()
    if pid == 0:
        try:
            sandbox.confine(slot, keep=(tell,))
            os.write(tell, json.dumps(attempts(sandbox.tier.applied, outside)).encode())
        except Exception as error:
            os.write(tell, json.dumps(f"{type(error).__name__}: {error}").encode())
        finally:
            os._exit(0)
    sandbox.after_fork(pid)
    os.close(tell)
    text = b""
    with os.fdopen(answer, "rb") as answers:
        if select.select([answers], [], [], _TRIAL_SECONDS / 2)[0]:
            text = answers.read()
    sandbox.end(pid, slot)
    result = json.loads(text) if text else "it ended without an answer"
    if isinstance(result, str):
        raise SandboxError(f"no job could start: {result}")
    return list(result)
