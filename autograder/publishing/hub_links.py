"""Links that bring a lesson into a learner's server on a hub: nbgitpuller's form."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from autograder.core.errors import CourseError
from autograder.course.course_toml import Course


def git_pull(course: Course, name: str, hub: str, branch: str = "") -> str:
    """Make the link that fetches the repository on a hub, or brings it up to date, and opens a lesson.

    What a learner has changed stays.

    Args:
        course: the course, which names its public repository.
        name: the lesson's id.
        hub: the hub's address.
        branch: the branch to fetch; '' for the repository's own.

    Returns:
        The address.

    Raises:
        CourseError: where no public repository is named, or the hub's address is none.
    """
    if not course.repository:
        raise CourseError(
            f"{course.root / 'lessons' / 'course.toml'} names no repository that a hub could fetch."
            ' Add a line: repository = "owner/name"'
        )
    parts = urlsplit(hub)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CourseError(f"{hub!r} is no address of a hub. Write it with https://, as learners see it.")
    folder = course.repository.rpartition("/")[2]
    asked = {"repo": f"https://github.com/{course.repository}"}
    if branch:
        asked["branch"] = branch
    asked["urlpath"] = f"lab/tree/{folder}/release/{name}/{name}.ipynb"
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"
