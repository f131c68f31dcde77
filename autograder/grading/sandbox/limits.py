"""What one job may use at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one job, that is, of one forked child and all that it starts.

    cell_seconds:      seconds one cell may run (kept by the worker)
    notebook_seconds:  seconds the whole notebook may run (kept by the worker; CPU seconds as a backstop)
    memory:            bytes of address space of each process
    processes:         processes and threads of one job
    disk:              bytes in the job's folder
    output:            bytes of output that one cell may send (kept by the worker)
    """

    cell_seconds: float = 30.0
    notebook_seconds: float = 300.0
    memory: int = 2 << 30
    processes: int = 64
    disk: int = 64 << 20
    output: int = 4 << 20
