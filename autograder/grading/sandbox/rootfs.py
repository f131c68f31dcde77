"""The small read-only tree of files that jobs in a namespace see as the root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from autograder.grading.sandbox import syscalls as sys_

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
SETTINGS = (
    "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts", "/etc/mime.types",
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
JOB = "/job"  # where every job finds its own folder
USER = 1000  # the uid and gid that a job sees

# Nothing readable lies below it, it exists on every Linux, and no job needs it.
_BASE = "/sys"


def build(readable: Sequence[str]) -> str:
    """Mount the tree in this process's own mount namespace and return where it stands.

    Raises OSError when the kernel refuses a mount.
    """
    sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
    real = [str(Path(path).resolve()) for path in readable]
    if any(Path(path).is_relative_to(_BASE) for path in real):
        raise OSError(f"a folder in {_BASE} cannot be readable in the sandbox")
    sys_.mount("tmpfs", _BASE, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "size=1m,mode=755")
    _bind_all(readable, real)
    _write_etc()
    for path in ("/dev/pts", "/proc", JOB, "/old"):
        _inside(path).mkdir(parents=True)
    _make_devices()
    for path in ("/tmp", "/dev/shm"):  # within the job's own disk limit
        if not _inside(path).exists():  # it does where Python lies in /tmp; TMPDIR leads to the job
            _inside(path).symlink_to(JOB)
    return _BASE


def _bind_all(readable: Sequence[str], real: Sequence[str]) -> None:
    """Show the system's folders, those that are to be readable (`real`: without links), and some settings."""
    for path in SYSTEM:
        if Path(path).is_symlink():
            _inside(path).symlink_to(Path(path).readlink())
        else:
            _bind(path)
    for path in outermost(real, below=SYSTEM):
        _bind(path)
    for path, target in zip(readable, real, strict=True):
        _link(path, target)
    for path in SETTINGS:
        _bind(path)


def _make_devices() -> None:
    for path in DEVICES:
        _inside(path).touch()
        sys_.mount(path, str(_inside(path)), None, sys_.MS_BIND)
    _inside("/dev/ptmx").symlink_to("pts/ptmx")
    _inside("/dev/fd").symlink_to("/proc/self/fd")


def enter(base: str) -> None:
    """Make the tree the root, with a /proc of this process's own process namespace."""
    sys_.mount(base, base, None, sys_.MS_BIND | sys_.MS_REC)
    os.chdir("/")  # or the next line would find the mount below the one just made
    os.chdir(base)
    flags = sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC
    sys_.mount("proc", base + "/proc", "proc", flags)
    sys_.pivot_root(".", "old")
    os.chdir("/")
    sys_.detach("/old")
    sys_.mount(
        None, "/", None, sys_.MS_REMOUNT | sys_.MS_BIND | sys_.MS_RDONLY | sys_.MS_NOSUID | sys_.MS_NODEV
    )


def outermost(paths: Iterable[str], below: Sequence[str] = ()) -> list[str]:
    """The paths without those that lie in another one, or in one of `below`."""
    found: list[str] = []
    for path in sorted(set(paths)):
        if not any(path == top or path.startswith(top.rstrip("/") + "/") for top in (*below, *found)):
            found.append(path)
    return found


def _inside(path: str) -> Path:
    return Path(_BASE + path)


def _there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _bind(path: str) -> None:
    """Show a file or folder of the machine at the same place, read-only."""
    target = _inside(path)
    if not Path(path).exists() or _there(target):
        return
    if Path(path).is_dir():
        target.mkdir(parents=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    sys_.mount(path, str(target), None, sys_.MS_BIND | sys_.MS_REC)
    sys_.mount_read_only(str(target))


def _link(path: str, real: str) -> None:
    """A folder that was named through a symbolic link is found by that name too."""
    if path == real or _there(_inside(path)):
        return
    with suppress(OSError):  # a parent is shown read-only and then holds the link itself
        _inside(path).parent.mkdir(parents=True, exist_ok=True)
        _inside(path).symlink_to(real)


def _write_etc() -> None:
    """Only the job's user exists; nobody learns the machine's other users."""
    etc = Path(_BASE + "/etc")
    etc.mkdir(exist_ok=True)
    (etc / "passwd").write_text(f"student:x:{USER}:{USER}::{JOB}:/bin/sh\n")
    (etc / "group").write_text(f"student:x:{USER}:\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
