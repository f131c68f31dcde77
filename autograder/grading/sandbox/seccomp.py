"""seccomp: the system calls that no notebook needs are refused. x86-64 only."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from dataclasses import dataclass

from autograder.grading.sandbox.syscalls import check, libc

ALLOW = 0x7FFF0000
KILL = 0x80000000
EPERM = 0x00050000 | errno.EPERM
ENOSYS = 0x00050000 | errno.ENOSYS
ENOTSUP = 0x00050000 | errno.ENOTSUP
PRETEND = 0x00050000  # errno 0: the call does nothing and says that it worked

_X86_64 = 0xC000003E
_X32 = 0x40000000  # the first number of the other calling convention, which would slip past the table
_AF_UNIX, _STREAM, _SEQPACKET = 1, 1, 5
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type into the terminal that started us
_NAMESPACES = 0x7E020000  # every CLONE_NEW* that clone(2) takes

# Never: looking into other processes, namespaces and mounts, the machine itself, identities, the kernel.
DENIED = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "pidfd_send_signal": 424, "process_madvise": 440, "process_mrelease": 448, "migrate_pages": 256,
    "move_pages": 279,
    "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "open_tree": 428,
    "open_tree_attr": 467, "mount_setattr": 442, "statmount": 457, "listmount": 458,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "fanotify_init": 300,
    "swapon": 167, "swapoff": 168, "reboot": 169, "init_module": 175, "finit_module": 313,
    "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320, "quotactl": 179, "quotactl_fd": 443,
    "acct": 163, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305,
    "iopl": 172, "ioperm": 173, "modify_ldt": 154, "syslog": 103, "sethostname": 170, "setdomainname": 171,
    "vhangup": 153, "lookup_dcookie": 212, "personality": 135,
    "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setgroups": 116, "setresuid": 117,
    "setresgid": 119, "capset": 126,
    "bpf": 321, "perf_event_open": 298, "keyctl": 250, "add_key": 248, "request_key": 249,
    "setpriority": 141, "ioprio_set": 251,
    "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "mq_open": 240,
}  # fmt: skip

# Not there: programs then fall back on the older way.
MISSING = {
    "clone3": 435, "memfd_create": 319, "memfd_secret": 447, "userfaultfd": 323, "pidfd_open": 434,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
}  # fmt: skip

# Their first argument is a process; 0 means the caller.
ON_A_PROCESS = {
    "prlimit64": 302, "sched_setaffinity": 203, "sched_setscheduler": 144, "sched_setparam": 142,
    "sched_setattr": 314,
}  # fmt: skip

# Landlock does not guard these. Where a job runs as the instructor, they would reach every file of theirs.
ATTRIBUTES = {
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94,
    "fchownat": 260,
}  # fmt: skip
EXTENDED = {
    "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198,
    "fremovexattr": 199, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip

TIMES = {"utime": 132, "utimes": 235, "futimesat": 261}
_UTIMENSAT = 280

SIGNALLING = {"kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297}


@dataclass(frozen=True)
class Strictness:
    """What a filter refuses beyond the tables.

    all_sockets:     also AF_UNIX (but socketpair): without a tree of its own a job could reach the sockets
                     of services, the session bus for one
    attributes:      chmod, chown and setting a time pretend to work; extended attributes do not exist
    own_signals_of:  signals go only to this process (its pid); None where something better guards them
    """

    all_sockets: bool = False
    attributes: bool = False
    own_signals_of: int | None = None


def supported() -> bool:
    """The tables are for 64-bit programs on x86-64."""
    return platform.machine() in ("x86_64", "AMD64") and sys.maxsize > 1 << 32


def _line(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _load(offset: int) -> bytes:
    return _line(0x20, 0, 0, offset)


def _argument(index: int) -> bytes:
    return _load(16 + 8 * index)  # the low word: every argument looked at is an int


def _skip_unless(value: int, lines: int) -> bytes:
    return _line(0x15, 0, lines, value)


def _answer(action: int) -> bytes:
    return _line(0x06, 0, 0, action)


def _by_argument(
    index: int, values: tuple[int, ...], then: int, otherwise: int, mask: int | None = None
) -> bytes:
    """Answer `then` when the argument (and `mask`) is one of the values, else `otherwise`."""
    body = [_argument(index)]
    if mask is not None:
        body.append(_line(0x54, 0, 0, mask))
    for value in values:
        body += [_skip_unless(value, 1), _answer(then)]
    return b"".join(body) + _answer(otherwise)


def rules(strictness: Strictness) -> dict[int, bytes]:
    """For each system call that is not simply allowed, the lines that answer it."""
    clone, ioctl, socket, connect, socketpair = 56, 16, 41, 42, 53
    found = dict.fromkeys(DENIED.values(), _answer(EPERM))
    found |= dict.fromkeys(MISSING.values(), _answer(ENOSYS))
    found |= dict.fromkeys(ON_A_PROCESS.values(), _by_argument(0, (0,), ALLOW, EPERM))
    found[ioctl] = _by_argument(1, (_TIOCSTI, _TIOCLINUX), EPERM, ALLOW)
    found[clone] = _by_argument(0, (0,), ALLOW, EPERM, mask=_NAMESPACES)
    if strictness.all_sockets:
        found |= {socket: _answer(EPERM), connect: _answer(EPERM)}
        # A datagram socket of a pair can still send to any address.
        found[socketpair] = _by_argument(1, (_STREAM, _SEQPACKET), ALLOW, EPERM, mask=0xF)
    else:
        found[socket] = _by_argument(0, (_AF_UNIX,), ALLOW, EPERM)
    if strictness.attributes:
        found |= dict.fromkeys(ATTRIBUTES.values(), _answer(PRETEND))
        found |= dict.fromkeys(EXTENDED.values(), _answer(ENOTSUP))
        found |= dict.fromkeys(TIMES.values(), _answer(EPERM))
        # "Now" (NULL) is refused and not pretended, or Path.touch would believe that the file exists.
        found[_UTIMENSAT] = _by_argument(2, (0,), EPERM, PRETEND)
    if strictness.own_signals_of is not None:
        own = _by_argument(0, (0, strictness.own_signals_of), ALLOW, EPERM)
        found |= dict.fromkeys(SIGNALLING.values(), own)
    return found


def build(strictness: Strictness) -> bytes:
    """The filter, as the kernel's BPF program."""
    native = _line(0x15, 1, 0, _X86_64) + _answer(KILL)
    no_x32 = _line(0x35, 0, 1, _X32) + _answer(ENOSYS)
    return _load(4) + native + _load(0) + no_x32 + _search(sorted(rules(strictness).items()))


def _search(rules: list[tuple[int, bytes]]) -> bytes:
    """Find the system call by halving: the kernel walks the filter for each of them when it is installed."""
    if len(rules) <= 2:
        found = [_skip_unless(number, len(lines) // 8) + lines for number, lines in rules]
        return b"".join(found) + _answer(ALLOW)
    middle = len(rules) // 2
    below, above = _search(rules[:middle]), _search(rules[middle:])
    jump = _line(0x05, 0, 0, len(below) // 8)
    return _line(0x35, 0, 1, rules[middle][0]) + jump + below + above


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(filter: bytes) -> None:
    """Put this process and its children under the filter for good. Needs no_new_privileges first."""
    lines = ctypes.create_string_buffer(filter, len(filter))
    program = _Program(len(filter) // 8, ctypes.addressof(lines))
    set_seccomp, filter_mode = 22, 2
    done = libc.prctl(set_seccomp, filter_mode, ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0))
    check(done, "seccomp")
