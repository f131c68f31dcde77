"""What one job may use at most."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """The limits of one job, that is, of one forked child and all that it starts.

    cell_seconds:      seconds one cell may run (kept by the driver)
    notebook_seconds:  seconds the whole notebook may run (kept by the driver; CPU seconds as a backstop)
    memory:            bytes of address space of each process
    processes:         processes and threads of one job
    disk:              bytes in the job's folder
    output:            bytes of output that one cell may send (kept by the driver)
    """

    cell_seconds: float = 30.0
    notebook_seconds: float = 300.0
    memory: int = 2 << 30
    processes: int = 64
    disk: int = 64 << 20
    output: int = 4 << 20


def apply(limits: Limits, processes: int) -> None:
    """Set the resource limits of this process for good.

    `processes` is RLIMIT_NPROC; it counts a user's processes, so it is more than `limits.processes` where
    jobs share a user. A limit that this system does not have is left out.
    """
    import resource as r

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
