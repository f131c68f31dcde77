"""Verbs run as a person types them, and what they must say."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course


def run(root: Path, *words: str) -> Result:
    """Run a verb on the course in `root`."""
    return CliRunner().invoke(main, [*words, "--course", str(root)])


def says_one_line(result: Result, *words: str) -> None:
    """The verb failed with one line on stderr that holds `words`, and no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.stderr


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root`, by relative path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def with_lesson(course: Course, name: str) -> Course:
    """The course with one more lesson, the first under another name."""
    text = course.path("01-coins").read_text(encoding="utf-8")
    course.path(name).write_text(text, encoding="utf-8")
    table = course.root / "lessons" / "course.toml"
    table.write_text(
        table.read_text(encoding="utf-8").replace('-coins"', f'-coins", "{name}"'), encoding="utf-8"
    )
    return courses.read(course.root)
