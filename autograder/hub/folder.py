"""The folder of a class to try: homes, the course, the exchange, the hub's own state, class.toml."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import tomlkit

from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError, ToolError
from autograder.course import course_toml as courses
from autograder.hub import accounts
from autograder.hub.accounts import People

CLASS = "class.toml"
STATE = "state"
DEPLOY = Path("deploy") / "jupyterhub"
_COPIED = ("nbgrader_config.py", "lessons", "source", "release")


def claim(folder: Path) -> int:
    """Take the folder for one hub, as long as the returned file is open.

    Raises CourseError where another hub has it, or where it holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / STATE).exists():
        raise CourseError(
            f"{folder} is not empty, and no class of `autograder hub`. Choose another: --folder DIR"
        )
    (folder / STATE).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    lock = os.open(folder / STATE / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise CourseError(
            f"a hub runs in {folder} already. End it, or choose another folder: --folder DIR"
        ) from error
    return lock


def make(root: Path, folder: Path, people: People, port: int) -> str:
    """Lay out the folder of a class, or bring that of an earlier class up to date.

    What is in it already stays.

    Args:
        root: the course's folder.
        folder: the folder to write.
        people: who is in the class.
        port: the hub's.

    Returns:
        The course's id on the hub.

    Raises:
        CourseError: where the course is not whole.
    """
    from autograder.grading.gradebook.course_directory import Classroom

    course = courses.read(root)
    name = Classroom(root).folders.course_id
    if not name:
        raise CourseError(f"{root / 'nbgrader_config.py'} has no course_id. Add: c.CourseDirectory.course_id")
    # The hub's database and cookies, in state/, are nobody's but the hub's.
    for kind, mode in ((STATE, 0o700), ("home", 0o755), ("courses", 0o755), ("exchange", 0o777)):
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind).chmod(mode)
    _write_class(folder, people, name, port)
    if people.real:
        accounts.add_accounts(people)
        _try_reading(people)
    else:
        for person in people.all:
            (people.homes / person).mkdir(mode=0o700, exist_ok=True)
    _copy_course(course.root, folder / "courses" / name, people)
    return name


def _write_class(folder: Path, people: People, name: str, port: int) -> None:
    course = {
        "id": name,
        "folder": str(folder / "courses" / name),
        "grader": people.grader,
        "port": port,
        "instructors": [people.instructor],
        "learners": list(people.learners),
    }
    write_whole(folder / CLASS, tomlkit.dumps({"exchange": str(folder / "exchange"), "courses": [course]}))


def _copy_course(root: Path, to: Path, people: People) -> None:
    if to.exists():
        return
    for name in _COPIED:
        if not (root / name).exists():
            raise CourseError(f"{root / name} is missing. Run: autograder build")
    # Aside first, with nobody else's rights: a copy that was interrupted is begun anew.
    aside = to.with_name(f".{to.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    for name in _COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, aside / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        else:
            shutil.copyfile(root / name, aside / name)
    if people.real:
        owner = accounts.ids(people.grader)
        for path in (aside, *aside.rglob("*")):
            os.chown(path, *owner)
    aside.rename(to)


def _try_reading(people: People) -> None:
    """Raise ToolError unless a learner's account can run this Python and reach its own home."""
    uid, gid = accounts.ids(people.learners[0])
    home = people.homes / people.learners[0]
    asked = [sys.executable, "-c", "import os, sys, autograder; os.listdir(sys.argv[1])", str(home)]
    try:
        done = subprocess.run(
            asked, user=uid, group=gid, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
        )
        problem = done.stderr.strip().splitlines()[-1:] if done.returncode else None
    except OSError as error:
        problem = [str(error)]
    if problem is not None:
        raise ToolError(
            f"other accounts cannot use {sys.prefix} or reach {home} ({' '.join(problem)}). Both must lie"
            " where everybody may look, not below /root: move the repository, or choose --folder DIR."
        )
