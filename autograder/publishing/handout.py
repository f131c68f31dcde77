"""One lesson as one zip that a learner can open anywhere: the notebook, and all that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

import autograder
from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.publishing import wheel
from autograder.publishing.copies import lab
from autograder.publishing.deterministic_zip import stored

ENVIRONMENT = "environment.yml"
HOW_TO = "HOW-TO.txt"


@dataclass(frozen=True)
class Handout:
    """A lesson's zip: its lesson, and its bytes."""

    lesson: str
    data: bytes


def make(root: Path, prefix: str) -> Handout:
    """The handout of the released lesson whose name starts with `prefix`. Raises CourseError."""
    name = lab.released(root, prefix).id
    folder = root / "release" / name
    if not (folder / f"{name}.ipynb").is_file():
        raise CourseError(f"{folder} holds no {name}.ipynb. Run: autograder build {name[:2]}")
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
    environment = _environment(root)
    program = wheel.build()
    files[ENVIRONMENT] = environment
    files[program.name] = program.data
    files[HOW_TO] = how_to(name, program.name, environment).encode()
    return Handout(name, stored({f"{name}/{file}": data for file, data in files.items()}))


def write(handout: Handout, to: Path) -> None:
    """Write the zip whole or not at all; its folder is made where it is missing."""
    to.parent.mkdir(parents=True, exist_ok=True)
    write_whole(to, handout.data)


def _environment(root: Path) -> bytes:
    """The course's own environment.yml, else the one that belongs to this package's source."""
    for folder in (root, Path(autograder.__file__).parents[1]):
        if (folder / ENVIRONMENT).is_file():
            return (folder / ENVIRONMENT).read_bytes()
    raise CourseError(f"{root / ENVIRONMENT} is missing: write down there what learners install.")


def how_to(lesson: str, program: str, environment: bytes) -> str:
    """Say in three lines how to open the hand-out.

    Args:
        lesson: the lesson's id.
        program: the wheel beside it: pip gets a file, never a name.
        environment: the environment.yml beside it.

    Returns:
        The text of HOW-TO.txt.
    """
    try:
        name = yaml.safe_load(environment)["name"]
    except (yaml.YAMLError, TypeError, KeyError) as error:
        raise CourseError(f"{ENVIRONMENT} gives no name. Its first line is: name: my-course") from error
    return (
        f"Once, in this folder: conda env create -f {ENVIRONMENT} && conda run -n {name} pip install"
        f" --no-deps ./{program}   (without conda, in a virtual environment: pip install ./{program})\n"
        f"To work: conda activate {name}, then jupyter lab {lesson}.ipynb\n"
        f"To hand in: save, and upload {lesson}.ipynb, that file alone, under its own name.\n"
    )
