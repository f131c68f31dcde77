"""A course directory as nbgrader sees it, and nbgrader's own converters, driven in this process."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import copy as shallow
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.errors import GradingError
from autograder.core.lazy_imports import without_format_checks

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from traitlets.config import Config

CONFIG = "nbgrader_config.py"


class Classroom:
    """A course directory as nbgrader sees it: its configuration, its folders, its gradebook."""

    def __init__(self, root: Path, timeout: int | None = None):
        """`timeout` is in seconds a cell; None keeps what nbgrader_config.py says."""
        without_format_checks()
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config
        from traitlets.config.loader import PyFileConfigLoader

        if not (root / CONFIG).exists():
            raise GradingError(
                f"{root} is no nbgrader course: {CONFIG} is missing. Give its folder as --course DIR."
            )
        self.root = root
        self.config: Config = Config(PyFileConfigLoader(CONFIG, path=str(root)).load_config())
        self.config.CourseDirectory.root = str(root)
        # nbgrader's own arguments for a Python kernel, and no chatter of each kernel on the terminal.
        self.config.Execute.extra_arguments = [
            "--HistoryManager.hist_file=:memory:",
            "--IPKernelApp.log_level=40",
        ]
        if timeout is not None:
            self.config.Execute.timeout = timeout
        self.folders = CourseDirectory(config=self.config)
        if self.folders.db_url.startswith("postgresql+psycopg:") and find_spec("psycopg") is None:
            raise GradingError(
                "the gradebook is in PostgreSQL, and its driver is not installed. Run:"
                " pip install 'psycopg[binary]'"
            )

    def path(self, step: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's.

        Args:
            step: "source", "submitted" or "autograded".
            student: The student's id; "." for the instructor's.
            assignment: By its whole name.
        """
        return Path(self.folders.format_path(getattr(self.folders, f"{step}_directory"), student, assignment))

    def assignments(self) -> list[str]:
        """Every assignment that has a source."""
        folder = self.path("source", ".", "x").parent
        return sorted(path.name for path in folder.glob("*") if any(path.glob("*.ipynb")))

    def students(self, assignment: str) -> list[str]:
        """Every student whose submitted folder for `assignment` exists."""
        folders = self.path("submitted", "*", assignment)
        return sorted(path.parent.name for path in self.root.glob(str(folders.relative_to(self.root))))

    @contextmanager
    def trial(self) -> Iterator[Classroom]:
        """The same course with a copy of its gradebook that is thrown away: nothing that is written stays.

        Raises GradingError where the gradebook is no SQLite file.
        """
        scheme, _, path = self.folders.db_url.partition(":///")
        if scheme != "sqlite":
            raise GradingError("a preview needs a gradebook in an SQLite file")
        with tempfile.TemporaryDirectory() as aside:
            copy = Path(aside, "gradebook.db")
            if Path(path).exists():
                with closing(sqlite3.connect(path, timeout=60)) as old, closing(sqlite3.connect(copy)) as new:
                    old.backup(new)
            other = shallow(self)
            other.config = deepcopy(self.config)
            other.config.CourseDirectory.db_url = f"sqlite:///{copy}"
            other.folders = type(self.folders)(config=other.config)
            yield other

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """nbgrader's gradebook, open."""
        from nbgrader import api

        api.get_alembic_version = _newest_schema
        with api.Gradebook(_patient(self.folders.db_url), self.folders.course_id) as gradebook:
            yield gradebook

    def complete_new(self) -> None:
        """Give the gradebook the version of its tables, where nobody did.

        nbgrader does so for a new one only: killed after the first table, it never would, and `nbgrader db
        upgrade` would fail for ever. Tables of an older nbgrader are left alone: they lack columns.
        """
        import sqlalchemy as sql
        from nbgrader import api

        version = sql.table("alembic_version", sql.column("version_num"))
        with self.gradebook() as gradebook:
            look = sql.inspect(gradebook.engine)
            there = look.has_table(version.name)
            if there and gradebook.db.execute(sql.select(version)).first():
                return
            for table in api.Base.metadata.sorted_tables:
                if set(table.columns.keys()) - {column["name"] for column in look.get_columns(table.name)}:
                    return
            if not there:
                gradebook.db.execute(
                    sql.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
                )
            gradebook.db.execute(version.insert().values(version_num=_newest_schema()))
            gradebook.db.commit()

    def register(self, assignment: str) -> None:
        """Make the gradebook know the assignment as its source is now. Raises GradingError.

        This is `nbgrader generate_assignment` with its notebooks thrown away.
        """
        with tempfile.TemporaryDirectory() as aside:
            config = deepcopy(self.config)
            config.CourseDirectory.release_directory = aside
            self._convert("GenerateAssignment", config, assignment, ".")

    def autograde(self, assignment: str, student: str) -> None:
        """Grade one submission, also if it was graded before. Raises GradingError with the reason."""
        self._convert("Autograde", self.config, assignment, student)

    def _convert(self, kind: str, config: Config, assignment: str, student: str) -> None:
        from nbgrader import api, converters
        from nbgrader.coursedir import CourseDirectory

        api.get_alembic_version = _newest_schema
        config = deepcopy(config)
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = student
        config.CourseDirectory.db_url = _patient(self.folders.db_url)
        converter = getattr(converters, kind)(coursedir=CourseDirectory(config=config), config=config)
        converter.force = True
        log = _Warnings()
        converter.log = logging.Logger(kind)
        converter.log.addHandler(log)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # SQLAlchemy's, of nbgrader's own making
                converter.start()
        except Exception as error:
            raise GradingError(log.last_error() or str(error)) from error


def _patient(url: str) -> str:
    """The gradebook, for one that waits until others have written; nbgrader gives up after five seconds.

    In the configuration itself `nbgrader db upgrade` would stumble over it.
    """
    return f"{url}?timeout=60" if url.startswith("sqlite:///") and "?" not in url else url


def _newest_schema() -> str:
    """The version of nbgrader's tables, for a new gradebook.

    nbgrader asks the program `alembic` for it, which takes two seconds, and fails where no venv is active.
    """
    import nbgrader
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head() or ""


class _Warnings(logging.Handler):
    """Keeps what nbgrader complains of, for the reason of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())

    def last_error(self) -> str:
        """The last line of the first traceback, or the first complaint."""
        for text in self.said:
            if "Traceback (most recent call last)" in text:
                return text.strip().splitlines()[-1]
        return self.said[0] if self.said else ""
