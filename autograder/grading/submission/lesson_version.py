"""Whether a submission was begun on another version of the lesson than the one it is graded by.

The build writes the version into the notebook's metadata and into lesson.json beside it. A course that was
not built here has none, and nothing is said of its submissions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping


def version_of(files: Mapping[str, bytes]) -> str:
    """The version in the lesson.json among an assignment's files; '' where there is none."""
    try:
        found = json.loads(files["lesson.json"])["lesson"]["version"]
    except (ValueError, LookupError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def remark(metadata: Mapping[str, object], graded_by: str) -> tuple[str, ...]:
    """A note where a notebook's metadata names another version than `graded_by`; else none."""
    keys = metadata.get("autograder")
    begun = keys.get("version") if isinstance(keys, Mapping) else None
    if not graded_by or not isinstance(begun, str) or not begun or begun == graded_by:
        return ()
    return ("begun on another version of the lesson, and graded by the present one",)
