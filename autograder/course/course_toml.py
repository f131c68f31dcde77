"""The course's folders: which lessons there are, in which order, and what course.toml says of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.course.time_limits import DEFAULT

BEGIN = (
    'To begin a course, write into that file: title = "My course", and below it, each on a line of its own,'
    ' [[phases]], title = "Phase 1", lessons = []'
)
LONGEST = 86_400
"""No piece of a lesson's code may take more than a day."""


@dataclass(frozen=True)
class Phase:
    """A part of the course: its title and its lessons' ids in order."""

    title: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """A course on disk.

    `prerequisites` are lesson ids by lesson id; `repository` is '' where none is public. `id` is what tells
    its flashcards from those of any other course. `seconds` is how long each piece of a lesson's code may
    take when the lesson is built.
    """

    root: Path
    title: str
    worked_open: bool
    repository: str
    phases: tuple[Phase, ...]
    prerequisites: dict[str, tuple[str, ...]]
    id: str = ""
    seconds: float = DEFAULT

    @property
    def lessons(self) -> tuple[str, ...]:
        """Every lesson id, in the order of the course."""
        return tuple(lesson for phase in self.phases for lesson in phase.lessons)

    def path(self, lesson: str) -> Path:
        """The Markdown of a lesson."""
        return self.root / "lessons" / f"{lesson}.md"

    def find(self, prefixes: Iterable[str]) -> list[str]:
        """The lesson ids that `prefixes` name, all where none is given. Raises CourseError."""
        wanted = [one_of(self.lessons, prefix, "lesson") for prefix in prefixes]
        return [lesson for lesson in self.lessons if lesson in wanted or not wanted]


def one_of(known: Iterable[str], prefix: str, what: str) -> str:
    """The one name that starts with a prefix (03 for 03-maximum…).

    Args:
        known: All names.
        prefix: The prefix, or a whole name; a folder before it and a file's ending do not count.
        what: What the names are, for the message: "lesson".

    Raises:
        CourseError: no name, or more than one, starts so.
    """
    names = list(known)
    word = Path(prefix).name.removesuffix(".md").removesuffix(".ipynb")
    found = [name for name in names if name == word] or [name for name in names if name.startswith(word)]
    if len(found) == 1 and word:
        return found[0]
    problem = "more than one" if found else "no"
    raise CourseError(
        f"{problem} {what} starts with {prefix!r}. There is: {', '.join(found or names) or 'none'}"
    )


def read(root: Path) -> Course:
    """The course in the folder `root`. Raises CourseError where course.toml is missing or says nonsense."""
    path = root / "lessons" / "course.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CourseError(
            f"no course here: {path} is missing. Run this in the course's folder, or give --course DIR."
            f" {BEGIN}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not UTF-8. Save it as UTF-8.") from error
    unknown = set(data) - set(_KEYS)
    if unknown:
        raise CourseError(
            f"{path}: unknown key {sorted(unknown)[0]!r}. The keys are {', '.join(sorted(_KEYS))}."
        )
    for key, (fits, example) in _KEYS.items():
        if key in data and not fits(data[key]):
            raise CourseError(f"{path}: {key} is {str(data[key])[:60]!r}. Write {example}")
    phases = tuple(Phase(phase["title"], tuple(phase["lessons"])) for phase in data.get("phases", ()))
    course = Course(
        root=root,
        title=data.get("title", "Untitled course"),
        worked_open=data.get("worked", "open") == "open",
        repository=data.get("repository", ""),
        phases=phases,
        prerequisites={lesson: tuple(before) for lesson, before in data.get("prerequisites", {}).items()},
        id=data.get("id") or _id_of(data.get("title", "Untitled course")),
        seconds=float(data.get("seconds", DEFAULT)),
    )
    _compare(course, path)
    return course


def _id_of(title: str) -> str:
    """A title as an id: in small letters, with hyphens between the words."""
    return "-".join(re.findall(r"\w+", title.casefold()))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_phases(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(phase, dict)
        and set(phase) == {"title", "lessons"}
        and _is_text(phase["title"])
        and _are_names(phase["lessons"])
        for phase in value
    )


_KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "title": (_is_text, 'title = "Generative models"'),
    "id": (
        lambda value: isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value)),
        'id = "generative-models", in small letters, digits and hyphens',
    ),
    "worked": (lambda value: value in ("open", "after-grading"), '"open" or "after-grading"'),
    "repository": (_is_text, 'repository = "owner/name"'),
    "seconds": (_is_duration, f"a number of seconds up to {LONGEST}: seconds = 60"),
    "phases": (_are_phases, '[[phases]], title = "Phase 1", lessons = ["01-name"]'),
    "prerequisites": (
        lambda value: isinstance(value, dict) and all(map(_are_names, value.values())),
        '[prerequisites], 02-name = ["01-name"]',
    ),
}


def _compare(course: Course, path: Path) -> None:
    """course.toml and the Markdown files name the same lessons."""
    files = {file.stem for file in (course.root / "lessons").glob("[0-9][0-9]-*.md")}
    listed = set(course.lessons)
    for lesson in sorted(listed):
        if course.lessons.count(lesson) > 1:
            raise CourseError(f"{path}: lists {lesson!r} twice. Take one away.")
    for lesson in sorted(listed - files):
        raise CourseError(f"{path}: lists {lesson!r}, but lessons/{lesson}.md is missing.")
    for lesson in sorted(files - listed):
        raise CourseError(f"{path}: does not list {lesson!r}. Add it to the lessons of its phase.")
    for folder in sorted((course.root / "lessons").glob("[0-9][0-9]-*/")):
        if folder.name not in listed and any(folder.iterdir()):
            raise CourseError(f"{folder} belongs to no lesson. Name it like the lesson whose files it holds.")
    for lesson, before in course.prerequisites.items():
        for name in (lesson, *before):
            if name not in listed:
                raise CourseError(f"{path}: prerequisites name {name!r}, which is no lesson.")
