"""Public nbgrader courses: where they are, which folders are assignments, and copying these out of git.

Nothing of them is kept in this repository.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 20 << 20
"""Bytes of the largest file that is copied: assignments need no larger one, some courses hold films."""


@dataclass(frozen=True)
class PublicCourse:
    """A course on GitHub.

    repository: owner/name
    source:     the folder whose subfolders are assignments
    only:       the assignments that are taken; () for all
    split:      each notebook becomes an assignment of its own
    """

    repository: str
    source: str
    only: tuple[str, ...] = ()
    split: bool = False

    @property
    def name(self) -> str:
        """A short name for tables."""
        return self.repository.replace("/", "-")


COURSES = (
    PublicCourse("jupyter/nbgrader", "nbgrader/docs/source/user_guide/source", ("ps1",)),
    PublicCourse("jhamrick/nbgrader-demo", "instructor/source"),
    PublicCourse(
        "ccha23/cs1302i21a",
        "source",
        tuple("Lab1 Lab2 Lab3a Lab3b Lab4 Lab5 Lab6 Lab7 Lab8 Lab9".split()),
    ),
    PublicCourse("spanto/2021WNPhys260", "source", tuple("pf1 pf2 pf3 pf4 pf5 pf6 pf7 pf8 ps1 ps3".split())),
    PublicCourse("earthlab/nbgrader-test-course", "source", ("week1",)),
    PublicCourse("lukassnoek/introPy", "intropy/solutions", ("week_1",), split=True),
    PublicCourse("219project/num_meth_nbgrader", "TestCourse/source"),
    PublicCourse("madclam/info113", "source", ("HW1", "HW2")),
)


def repository(course: PublicCourse, folder: Path, there: Path | None) -> Path:
    """The git directory of a course: one below `there`, or cloned into `folder`.

    Raises CalledProcessError where git cannot clone it.
    """
    flat = course.repository.replace("/", "+")
    for found in (there / flat, there / course.name) if there else ():
        for git in (found / "repo" / ".git", found / "repo", found / ".git", found):
            if (git / "HEAD").is_file():
                return git
    clone = folder / "clones" / course.name
    if not clone.is_dir():
        url = f"https://github.com/{course.repository}"
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", url, str(clone)], check=True)
    return clone / ".git"


def copy_out(course: PublicCourse, git: Path, root: Path) -> list[str]:
    """Copy the assignments into root/source/; return their names."""
    for path, size in _files(git, course.source):
        below = path[len(course.source) + 1 :]
        assignment, _, inside = below.partition("/")
        if not inside or ".ipynb_checkpoints" in below or size > LARGEST:
            continue
        if course.only and assignment not in course.only:
            continue
        done = subprocess.run(["git", f"--git-dir={git}", "show", f"HEAD:{path}"], capture_output=True)
        if done.returncode == 0:
            target = root / "source" / assignment / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(done.stdout)
    if course.split:
        _split(root / "source")
    return sorted(folder.name for folder in (root / "source").glob("*") if _is_graded(folder))


def _files(git: Path, below: str) -> Iterator[tuple[str, int]]:
    command = ["git", f"--git-dir={git}", "ls-tree", "-r", "-z", "-l", "HEAD", "--", f"{below}/"]
    for line in filter(None, subprocess.check_output(command, text=True).split("\0")):
        facts, _, path = line.partition("\t")
        size = facts.split()[3]
        yield path, int(size) if size.isdigit() else 0


def _split(source: Path) -> None:
    """Each notebook of each assignment with a copy of all that is no notebook."""
    for folder in list(source.iterdir()):
        others = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ipynb"]
        for notebook in folder.glob("*.ipynb"):
            home = source / f"{folder.name}-{notebook.stem}"
            home.mkdir()
            notebook.rename(home / notebook.name)
            for other in others:
                target = home / other.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(other.read_bytes())
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def _is_graded(folder: Path) -> bool:
    """Whether a cell of the folder's notebooks earns points by a test."""
    for path in folder.glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8")).get("cells", ()):
            keys = cell.get("metadata", {}).get("nbgrader", {})
            if keys.get("grade") and not keys.get("solution"):
                return True
    return False
