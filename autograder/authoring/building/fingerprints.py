"""Fingerprints of a lesson's build, by which a later build sees that nothing has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import metadata, resources
from pathlib import Path

from autograder.authoring.building import settings
from autograder.authoring.format import lesson_files
from autograder.core.atomic_write import write_whole
from autograder.core.errors import LessonError
from autograder.course.course_toml import Course

STAMPS = ".built.json"
"""Beside nbgrader_config.py: a fingerprint by lesson. Deleting it costs one build."""

_SHAPES_THE_NOTEBOOK = ("jupytext", "matplotlib", "nbformat", "nbgrader", "numpy")
_CODE = ("core", "course", "rendering", "study", "authoring")


def fingerprint(course: Course, name: str) -> str:
    """A digest of a lesson's Markdown and files, of all else that shapes its build, and of what was built.

    '' where its files are not as they should be: the build says why.
    """
    digest = hashlib.blake2b(surroundings(course), digest_size=16)
    try:
        paths = [course.path(name), *lesson_files.files_of(course.path(name)).values()]
    except LessonError:
        return ""
    for kind in ("source", "release"):
        paths += sorted(path for path in (course.root / kind / name).rglob("*") if path.is_file())
    _add(digest, course.root, paths)
    return digest.hexdigest()


def stamps(course: Course) -> dict[str, str]:
    """The fingerprints of the last build, by lesson; none where there are none to read."""
    try:
        found = json.loads((course.root / STAMPS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def stamp(course: Course, lessons: Iterable[str]) -> None:
    """Store the fingerprints of `lessons`, which have just been built."""
    kept: Mapping[str, str] = {name: mark for name, mark in stamps(course).items() if name in course.lessons}
    fresh = {**kept, **{name: fingerprint(course, name) for name in lessons}}
    text = json.dumps(fresh, indent=1, sort_keys=True) + "\n"
    if fresh != stamps(course):
        write_whole(course.root / STAMPS, text)


def stale(course: Course, lessons: Iterable[str]) -> list[str]:
    """Those of `lessons` that must be built."""
    known = stamps(course)
    return [name for name in lessons if (fingerprint(course, name) or "?") != known.get(name)]


def surroundings(course: Course) -> bytes:
    """A digest of what all lessons share: settings, this package, the libraries that shape a notebook."""
    digest = hashlib.blake2b(f"{course.worked_open} {course.title} {course.repository}".encode())
    for library in _SHAPES_THE_NOTEBOOK:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    digest.update(settings.text_of(course))
    package = Path(str(resources.files("autograder")))
    code = (path for layer in _CODE for path in (package / layer).rglob("*") if path.suffix != ".pyc")
    _add(digest, package, sorted(path for path in code if path.is_file()))
    return digest.digest()


def _add(digest: hashlib.blake2b, root: Path, paths: Iterable[Path]) -> None:
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode())
        digest.update(content)
