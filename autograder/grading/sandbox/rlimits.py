"""Resource limits: what the kernel itself counts for a job. Not on Windows."""

from __future__ import annotations

import os
import resource as r
from contextlib import suppress
from pathlib import Path

from autograder.grading.sandbox.limits import Limits


def apply(limits: Limits, processes: int) -> None:
    """Set the resource limits of this process for good.

    `processes` is RLIMIT_NPROC; it counts a user's processes, so it is more than `limits.processes` where
    jobs share a user. A limit that this system does not have is left out.
    """
    wanted = {
        r.RLIMIT_CORE: 0,
        r.RLIMIT_FSIZE: limits.disk,
        r.RLIMIT_NOFILE: 256,
        r.RLIMIT_NPROC: processes,
        r.RLIMIT_CPU: max(1, round(limits.notebook_seconds)),
        r.RLIMIT_MEMLOCK: 0,
        r.RLIMIT_AS: limits.memory,
    }
    for kind, value in wanted.items():
        hard = r.getrlimit(kind)[1]
        value = value if hard == r.RLIM_INFINITY else min(value, hard)
        with suppress(OSError, ValueError):
            r.setrlimit(kind, (value, value))


def threads_of(uid: int) -> int:
    """How many threads the user has on this machine: what RLIMIT_NPROC already counts."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, KeyError, ValueError):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if int(fields["Uid"].split()[0]) == uid:
                count += int(fields["Threads"])
    return count


def first_to_die() -> None:
    """When the machine runs out of memory, let it kill this job before anything else."""
    with suppress(OSError):
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(fd, b"1000")
        finally:
            os.close(fd)
