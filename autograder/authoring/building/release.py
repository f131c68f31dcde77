"""Instructor's notebooks -> release notebooks: nbgrader's generate_assignment, in this process."""

from __future__ import annotations

import logging
from pathlib import Path

from autograder.core.errors import BuildError
from autograder.core.lazy_imports import without_format_checks


def generate(root: Path, lesson: str) -> None:
    """Write root/release/<lesson> from root/source/<lesson> by the rules of root/nbgrader_config.py.

    No gradebook is touched. Raises BuildError with nbgrader's own words.
    """
    without_format_checks()
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config = Config(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = lesson
    # What the gradebook needs to know, `grade` tells it; a build is the same with and without one.
    config.GenerateAssignment.no_database = True
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    # SaveCells writes to the gradebook and leaves the notebook as it is.
    converter.preprocessors = [step for step in converter.preprocessors if "SaveCells" not in str(step)]
    converter.force = True
    said = _Collected()
    converter.log = logging.Logger("generate_assignment")
    converter.log.addHandler(said)
    try:
        converter.start()
    except Exception as error:
        words = "\n".join(said.lines) or str(error)
        raise BuildError(f"nbgrader could not make release/{lesson}: {words}") from error


class _Collected(logging.Handler):
    """Keeps warnings and errors, for the message of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
