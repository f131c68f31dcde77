"""A content security policy for nbgrader's formgrader: a Jupyter server extension, beside nbgrader's own.

The browser runs no script but nbgrader's own, and asks no other server but for MathJax. nbgrader's pages
have scripts in their text, so the policy names the hash of each; those of a submission's page are read off
the page of an empty notebook. MathJax 2 needs `unsafe-eval`, and would run a learner's configuration of it.
So notebooks are also shown through `inert_notebook`: what nbgrader itself graded did not go through it yet.
Only the formgrader's pages may be framed, by JupyterLab's panel.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from autograder.core.errors import GradingError
from autograder.grading.assignment.snapshot import NotebookSnapshot
from autograder.grading.submission import notebook_file
from autograder.grading.submission.inert_notebook import inert_notebook
from autograder.grading.submission.normalize import tidy_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbgrader.coursedir import CourseDirectory

MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.7/"
"""From where nbconvert's page loads it."""
OF_FILES = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""For what stands beside an autograded notebook."""

_HEADER = "Content-Security-Policy"
_SCRIPT = re.compile(r"<script\b(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S | re.I)
_HANDLER = re.compile(r"""\son[a-z]+="([^"]*)\"""", re.I)
_ODD = re.compile(r'["<>\\\n]')  # no assignment, notebook or student has it; nbgrader writes it into a script


class _Exporter(Protocol):
    def from_file(self, file_stream: TextIO, resources: dict[str, object]) -> tuple[str, object]: ...

    def from_notebook_node(self, nb: object, resources: dict[str, object]) -> tuple[str, object]: ...


class _Handler(Protocol):
    path_args: Iterable[str]
    coursedir: CourseDirectory

    def set_header(self, name: str, value: str) -> None: ...

    def get_status(self) -> int: ...


def policy(page: str) -> str:
    """The policy that lets the scripts in the text of `page` run, and those that it loads from here."""
    texts = [*_SCRIPT.findall(page), *map(unescape, _HANDLER.findall(page))]
    hashes = dict.fromkeys(f"'sha256-{_digest(text)}'" for text in texts)
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", MATHJAX, "'unsafe-eval'", "'unsafe-hashes'", *hashes]),
        "style-src": f"'self' 'unsafe-inline' {MATHJAX}",
        "font-src": f"'self' data: {MATHJAX}",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class GuardedExporter:
    """nbgrader's exporter for one request: it cleans the notebook and sets the policy of its page."""

    def __init__(self, exporter: _Exporter, handler: _Handler):
        self._exporter, self._handler = exporter, handler

    def from_filename(self, filename: str, resources: dict[str, object]) -> tuple[str, object]:
        """The page of a notebook file, and its resources."""
        from nbformat.v4 import new_notebook

        nameless = dict.fromkeys(("student", "last_name", "first_name", "notebook_path"), "")
        own, _ = self._exporter.from_notebook_node(new_notebook(), resources={**resources, **nameless})
        self._handler.set_header(_HEADER, policy(own))
        shown = inert_notebook(Path(filename).read_bytes(), self._instructors(resources))
        return self._exporter.from_file(io.StringIO(shown.decode()), resources=resources)

    def _instructors(self, resources: dict[str, object]) -> NotebookSnapshot | None:
        """The instructor's notebook, whose texts are shown as they are; None where it is not to be had."""
        folders, name = self._handler.coursedir, str(resources["notebook_id"])
        source = folders.format_path(folders.source_directory, ".", str(resources["assignment_id"]))
        try:
            notebook, _ = notebook_file.read((Path(source) / f"{name}.ipynb").read_bytes())
            cells = (tidy_cell(cell, []) for cell in notebook["cells"])
            return NotebookSnapshot(name, None, (), tuple(cells))
        except (OSError, GradingError):
            return None


def _load_jupyter_server_extension(app: object) -> None:
    """Put the policy on every page of nbgrader's formgrader in this process."""
    from nbgrader.server_extensions.formgrader import base, handlers
    from tornado.web import HTTPError

    plain_render, plain_exporter = base.BaseHandler.render, base.BaseHandler.exporter

    def render(self: _Handler, name: str, **given: object) -> str:
        if self.get_status() < 400 and any(map(_ODD.search, filter(None, self.path_args))):
            raise HTTPError(404)
        page: str = plain_render(self, name, **given)
        self.set_header(_HEADER, policy(page))
        return page

    def set_extra_headers(self: _Handler, path: str) -> None:
        self.set_header(_HEADER, OF_FILES)

    base.BaseHandler.render = render
    handlers.SubmissionHandler.exporter = property(
        lambda self: GuardedExporter(plain_exporter.fget(self), self)
    )
    handlers.SubmissionFilesHandler.set_extra_headers = set_extra_headers


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
