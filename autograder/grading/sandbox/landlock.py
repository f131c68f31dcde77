"""Landlock: from now on this process and its children open only the files that are named here."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from autograder.grading.sandbox.syscalls import check, libc

# The numbers are the same on every processor.
_CREATE, _ADD, _RESTRICT = 444, 445, 446

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

TRUNCATES = 3  # the first ABI that guards truncate(2)
SCOPES_SIGNALS = 6  # the first ABI that keeps signals and abstract sockets inside


def abi() -> int:
    """Landlock's version in this kernel; 0 when it is not there or not switched on."""
    return max(0, libc.syscall(_CREATE, None, 0, 1))


def handled(version: int) -> int:
    """Every right over files that this version knows."""
    rights = (1 << 13) - 1
    for since, right in ((2, _REFER), (TRUNCATES, _TRUNCATE), (5, _IOCTL_DEV)):
        if version >= since:
            rights |= right
    return rights


def open_all(paths: Iterable[str]) -> list[int]:
    """Handles on the paths that exist, to name them again in every job without a walk through folders."""
    handles = []
    for path in paths:
        with suppress(OSError):
            handles.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
    return handles


def restrict(version: int, readable: Iterable[int], writable: Iterable[int]) -> None:
    """Restrict this process and its children, for good; needs no_new_privileges first.

    From ABI 4 no TCP; from ABI 6 no signal and no abstract socket leaves the job.

    Args:
        version: This kernel's ABI.
        readable: Descriptors (`open_all`) of what may be read and run, with all below.
        writable: Descriptors of what may be done anything with, but making devices.

    Raises:
        OSError: The kernel refuses.
    """
    rights = handled(version)
    no_tcp = 3 if version >= 4 else 0
    scoped = 3 if version >= SCOPES_SIGNALS else 0
    attributes = struct.pack("QQQ", rights, no_tcp, scoped)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = check(libc.syscall(_CREATE, attributes, len(attributes), 0), "landlock_create_ruleset")
    try:
        for handles, wanted in ((readable, _READ), (writable, rights & ~(_MAKE_CHAR | _MAKE_BLOCK))):
            for handle in handles:
                folder = os.fstat(handle).st_mode & 0o170000 == 0o040000
                allowed = wanted & rights & (-1 if folder else _OF_A_FILE)
                rule = struct.pack("=Qi", allowed, handle)
                check(libc.syscall(_ADD, ruleset, 1, rule, 0), "landlock_add_rule")
        check(libc.syscall(_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)
