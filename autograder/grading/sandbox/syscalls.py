"""The few system calls that Python has no function for. Linux only when called; importable anywhere.

Each raises OSError with the call's name when the kernel refuses.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from pathlib import Path

NEWNS = 0x00020000
NEWCGROUP = 0x02000000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

CAP_DAC_READ_SEARCH = 2
CAP_SETUID = 7

_PR_SET_PDEATHSIG = 1
_PR_GET_PDEATHSIG = 2
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_CAPBSET_DROP = 24
_PR_SET_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_AMBIENT_RAISE = 2
_AMBIENT_CLEAR = 4
_SYS_MOUNT_SETATTR = 442  # the same number on every processor
_MNT_DETACH = 2

libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    for _name in ("capset", "mount", "prctl", "setns", "syscall", "unshare"):
        getattr(libc, _name)  # looked up once here, and not in every child


def check(result: int, what: str) -> int:
    """The result of a C call, or OSError with errno's text."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0, *more: int) -> None:
    """prctl(2); unused arguments are 0, as the kernel wants them."""
    words = [ctypes.c_ulong(word) for word in (value, *more, 0, 0, 0)[:4]]
    check(libc.prctl(option, *words), f"prctl {option}")


def unshare(flags: int) -> None:
    """Move this process (for NEWPID: its next children) into new namespaces."""
    check(libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace that `fd` is open on."""
    check(libc.setns(fd, kind), "setns")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2).

    Args:
        source: A device or folder; None where the call takes none.
        target: The folder that it is mounted on.
        kind: The kind of file system; None to bind or remount.
        flags: Of MS_*.
        data: Options of the file system.
    """
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    check(libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), f"mount {kind or 'bind'} on {target}")


def mount_read_only(target: str) -> None:
    """Make a mount, and all mounts below it, read-only, nosuid, nodev (Linux 5.12)."""
    attributes = struct.pack("QQQQ", 1 | 2 | 4, 0, 0, 0)
    at_fdcwd, at_recursive = -100, 0x8000
    path = os.fsencode(target)
    check(libc.syscall(_SYS_MOUNT_SETATTR, at_fdcwd, path, at_recursive, attributes, 32), "mount_setattr")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root; the old one is then mounted on `old`."""
    check(libc.pivot_root(os.fsencode(new), os.fsencode(old)), "pivot_root")


def detach(target: str) -> None:
    """Unmount a tree now, even when it is in use."""
    check(libc.umount2(os.fsencode(target), _MNT_DETACH), f"umount {target}")


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """The kernel sends this process signal `number` when its parent ends. Changing the uid forgets it."""
    prctl(_PR_SET_PDEATHSIG, number)


def dies_with_parent() -> bool:
    """Whether `die_with_parent` holds in this process."""
    number = ctypes.c_int()
    check(libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0), "prctl PDEATHSIG")
    return number.value == signal.SIGKILL


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process, and not of init."""
    prctl(_PR_SET_SUBREAPER, 1)


def own_proc() -> None:
    """After a change of uid, give /proc/self back to this process."""
    prctl(_PR_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    """From now on set-uid programs and file capabilities give nothing."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def bound_capabilities(keep: int = 0) -> None:
    """Capabilities that are not in the mask `keep` can never come back, whatever is executed."""
    for capability in range(41):
        if not keep >> capability & 1:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # EPERM when there is nothing to drop


def keep_over_setuid() -> None:
    """The next change of uid leaves the capabilities at hand, for `set_capabilities`."""
    prctl(_PR_SET_KEEPCAPS, 1)


def set_capabilities(keep: int = 0) -> None:
    """Have the capabilities of the mask `keep`, also in programs that are started, and no other."""
    libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR, 0, 0, 0)
    header = struct.pack("Ii", 0x20080522, 0)
    low, high = keep & 0xFFFFFFFF, keep >> 32
    check(libc.capset(header, struct.pack("6I", low, low, low, high, high, high)), "capset")
    for capability in range(41):
        if keep >> capability & 1:
            prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, capability)


def has_capability(number: int) -> bool:
    """Is this capability in force in this process."""
    return bool(int(_status("CapEff"), 16) >> number & 1)


def capabilities() -> int:
    """The mask of the capabilities that this process has or could take."""
    return int(_status("CapEff"), 16) | int(_status("CapPrm"), 16)


def has_no_new_privileges() -> bool:
    """Whether `no_new_privileges` holds in this process."""
    return _status("NoNewPrivs") == "1"


def map_user(inside: int, uid: int, gid: int) -> None:
    """In a new user namespace, be an ordinary user.

    Args:
        inside: The uid and the gid that the process sees.
        uid: The user that this is outside.
        gid: The group that this is outside.
    """
    write_proc("/proc/self/uid_map", f"{inside} {uid} 1")
    write_proc("/proc/self/gid_map", f"{inside} {gid} 1")


def write_proc(path: str, text: str) -> None:
    """Write a file in /proc, in one call, as the kernel wants it."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _status(field: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))
