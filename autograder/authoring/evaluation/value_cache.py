"""The values of wrong implementations, kept from one build to the next: to train each again takes seconds.

Kept are values of coding exercises alone, by a digest of all code that leads to them. What changed is run,
and so is everything where the file is missing or cannot be read. `verify` never asks here: it runs all.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.mistakes import MistakeText
from autograder.core.atomic_write import write_whole

FOLDER = ".evaluated"
"""Beside nbgrader_config.py, a file a lesson. Deleting it costs one build."""

Values = Mapping[str, object]


class Remembered:
    """The cached values of one lesson's wrong implementations; each lesson has a file of its own."""

    def __init__(self, root: Path, lesson: str, surroundings: bytes = b""):
        """Read what is known of one lesson.

        Args:
            root: The folder of the course.
            lesson: The name of the lesson.
            surroundings: A digest of all else that the values depend on, such as this package's code.
        """
        self._path = root / FOLDER / f"{lesson}.json"
        self._known = _read(self._path)
        self._used: dict[str, Values] = {}
        versions = f"{platform.python_version()} {metadata.version('numpy')}"
        self._start = hashlib.blake2b(versions.encode() + surroundings, digest_size=16)

    def key(self, given: list[str], text: ExerciseText, mistake: MistakeText) -> str:
        """The key under which the values of a mistake are kept.

        Args:
            given: The sources of the given cells before the exercise.
            text: The exercise.
            mistake: One of its mistakes.

        Returns:
            A digest of all code that leads to the values.
        """
        parts = [*given, text.solution.source, text.answers.source if text.answers else "", mistake.code]
        parts += [f"{name} {text.tolerances[name]!r}" for name in text.names]
        digest = self._start.copy()
        digest.update(json.dumps(parts).encode())
        return digest.hexdigest()

    def get(self, key: str) -> Values | None:
        """The values under this key, if they are known."""
        return self._known.get(key)

    def put(self, key: str, values: Values) -> None:
        """Keep values. They are plain: numbers, text, bools, and lists and dicts of these."""
        self._used[key] = values

    def save(self) -> None:
        """Write what this build asked for or made; what nobody asked for any more is forgotten."""
        if self._used != self._known:
            self._path.parent.mkdir(exist_ok=True)
            write_whole(self._path, json.dumps(self._used) + "\n")


def forget(root: Path, lesson: str) -> None:
    """Delete the cache of a lesson, so that everything is run again."""
    (root / FOLDER / f"{lesson}.json").unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Values]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sound = isinstance(found, dict) and all(isinstance(one, dict) for one in found.values())
    return found if sound else {}
