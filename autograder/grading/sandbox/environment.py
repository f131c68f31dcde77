"""What a job must not inherit: environment, descriptors, terminals."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path


def environment(folder: str) -> dict[str, str]:
    """The whole environment of a job whose folder is given."""
    return {
        "PATH": os.pathsep.join((f"{sys.prefix}/bin", "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": os.environ.get("MPLBACKEND", "agg"),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def scrub_environment() -> None:
    """Forget this process's environment, also the copy that the kernel shows in /proc/self/environ.

    Forked children would show the environment that it was started with, tokens and all.
    """
    kept = environment(tempfile.gettempdir())
    if "PYTHONHASHSEED" in os.environ:
        kept["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
    os.environ.clear()
    os.environ.update(kept)
    if sys.platform != "linux":
        return
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start, env_end; see proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)


def hide_terminals(keep: Iterable[int]) -> None:
    """Where 0, 1 or 2 is a terminal, make it /dev/null: one could read what is typed there."""
    terminals = [fd for fd in (0, 1, 2) if fd not in keep and os.isatty(fd)]
    if terminals:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in terminals:
            os.dup2(null, fd)
        os.close(null)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor above 2 that is not to be kept."""
    first = 3
    for fd in sorted({fd for fd in keep if fd > 2}):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, 1 << 16)
