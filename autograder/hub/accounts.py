"""Who is in a class to try; as root each is a real Unix account, made for it and removed after it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import CourseError, ToolError

# Apart from the accounts of people and from the uids that graded jobs run under.
_UIDS = ("-K", "UID_MIN=50000", "-K", "UID_MAX=59999", "-K", "GID_MIN=50000", "-K", "GID_MAX=59999")


@dataclass(frozen=True)
class People:
    """The names of a class, and the folder of their homes."""

    prefix: str
    homes: Path

    @property
    def instructor(self) -> str:
        """Opens the formgrader."""
        return f"{self.prefix}-instructor"

    @property
    def learners(self) -> tuple[str, ...]:
        """Fetch, work, submit."""
        return tuple(f"{self.prefix}-learner{number}" for number in (1, 2, 3))

    @property
    def grader(self) -> str:
        """Owns the course, and logs in nowhere."""
        return f"{self.prefix}-grader"

    @property
    def real(self) -> bool:
        """Whether each has a Unix account; only root can make them."""
        return os.geteuid() == 0

    @property
    def all(self) -> tuple[str, ...]:
        """Everybody."""
        return (self.instructor, *self.learners, self.grader)


def add_accounts(people: People) -> None:
    """Make a Unix account for everybody. Raises CourseError where a name is somebody else's.

    An account that an earlier class of the same folder left behind is taken over. A home that is there keeps
    its owner's number, so that a class goes on where it was.
    """
    for tool in ("useradd", "userdel"):
        if not shutil.which(tool):
            raise ToolError(
                f"{tool} is missing. Install it (Debian: passwd), or run this as an ordinary user."
            )
    for name in people.all:
        home = people.homes / name
        try:
            known = pwd.getpwnam(name).pw_dir
        except KeyError:
            known = ""
        if known and known != str(home):
            raise CourseError(
                f"the account {name} exists already (home {known}). Choose other names: --prefix NAME"
            )
        if not known:
            number = ("--uid", str(home.stat().st_uid)) if home.exists() else ()
            _run("useradd", *_UIDS, *number, "--home-dir", str(home), "--shell", "/bin/bash", name)
        if not home.exists():
            home.mkdir(mode=0o700)
            os.chown(home, *ids(name))


def remove_accounts(people: People) -> None:
    """Remove every account that add_accounts made; their homes stay."""
    for name in people.all:
        try:
            ours = pwd.getpwnam(name).pw_dir == str(people.homes / name)
        except KeyError:
            continue
        if ours:
            _run("userdel", name)


def ids(name: str) -> tuple[int, int]:
    """The uid and gid of an account."""
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"{' '.join(command)} failed: {done.stderr.strip()}")
