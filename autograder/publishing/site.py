"""`autograder site`: the reading site, made by Sphinx from release/, the glossary and the notation sheet."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.building.placement import files_in
from autograder.authoring.format import glossary
from autograder.authoring.format.links import lesson_of, moved
from autograder.core.errors import BuildError, CourseError, ToolError
from autograder.core.model import Lesson
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.grading.assignment.notebook_json import Cell
from autograder.publishing.copies import lab
from autograder.rendering.formula_html import formula_style
from autograder.rendering.inline_markdown import to_html

if TYPE_CHECKING:
    import jinja2

SITE = "site"
"""The folder of a course that holds Sphinx's settings, the templates and the style sheet."""
NOTATION = "lessons/NOTATION.md"

_RELEASE_LINK = re.compile(r"\]\(\.\./release/(\d\d-[\w-]+)/\1\.ipynb")
_SUMMARY = re.compile(r"<summary>([^\n]*?)</summary>")


@dataclass(frozen=True)
class Page:
    """A lesson on the site: what the lists and its own page say of it."""

    id: str
    number: int
    title: str
    minutes: int
    exercises: int
    lesson: Lesson


def build(root: Path, to: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Write the site. A failed build leaves `to` as it was.

    Args:
        root: the course's folder.
        to: the folder to write, replaced whole but for lite/, to which pages then link.
        say: told what is done, a line at a time.

    Raises:
        CourseError: where the course has no site/.
        ToolError: where Sphinx is not installed.
        BuildError: with Sphinx's own words where a page cannot be made.
    """
    course = courses.read(root)
    if not (root / SITE / "conf.py").exists():
        raise CourseError(f"{root / SITE / 'conf.py'} is missing: this course has no site.")
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=to.parent) as name:
        source, made = Path(name) / "source", Path(name) / "made"
        pages = lay_out(course, source, (to / "lite").exists())
        say(f"{len(pages)} lessons laid out; Sphinx makes the pages ...")
        _sphinx(course, source, made)
        for page in pages:
            _package(root, page.id, made / "downloads" / f"{page.id}.zip")
            _copy_files(course, page, made / "lessons")  # for what is HTML, at which Sphinx does not look
        for rubbish in (".doctrees", ".buildinfo", "objects.inv"):
            path = made / rubbish
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if (to / "lite").exists():
            (to / "lite").rename(made / "lite")
        old = Path(name) / "old"
        if to.exists():
            to.rename(old)
        made.rename(to)


def lay_out(course: Course, source: Path, lite: bool) -> list[Page]:
    """Write everything that Sphinx reads.

    Args:
        course: the course.
        source: the folder to write.
        lite: whether pages link to the in-browser edition.

    Returns:
        The lessons, in order.
    """
    shutil.copytree(course.root / SITE, source, ignore=shutil.ignore_patterns("lite", "__pycache__"))
    font = resources.files("autograder.rendering").joinpath("course-math.woff2").read_bytes()
    (source / "static" / "course-math.woff2").write_bytes(font)
    (source / "static" / "formulas.css").write_text(formula_style(), encoding="utf-8")
    (source / "lessons").mkdir()
    (source / "cards").mkdir()
    pages = [_page(lesson) for lesson in lab.every_released(course.root)]
    pictures = [_lesson_page(course, page, source, lite) for page in pages]
    for page in pages:
        _cards_page(source, page.id, page.title, [page])
    _cards_page(source, "all", course.title, pages)
    extra = _reference_pages(course, source)
    by_id = {page.id: page for page in pages}
    phases = [
        {"title": phase.title, "lessons": [by_id[id] for id in phase.lessons if id in by_id]}
        for phase in course.phases
    ]
    text = _template(source, "index.md.j2").render(
        course=course,
        lessons=pages,
        phases=phases,
        lite=lite,
        picture=next((found for found in pictures if found), None),
        pages=["cards/index", *extra, "about"],
    )
    (source / "index.md").write_text(text, encoding="utf-8")
    return pages


def _page(lesson: Lesson) -> Page:
    return Page(lesson.id, int(lesson.id[:2]), lesson.title, lesson.minutes, len(lesson.exercises), lesson)


def _lesson_page(course: Course, page: Page, source: Path, lite: bool) -> dict[str, str] | None:
    """A lesson's notebook as Sphinx reads it; returns its first figure's picture."""
    path = course.root / "release" / page.id / f"{page.id}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    kept: list[Cell] = []
    for cell in notebook["cells"]:
        if cell["id"].endswith(("-setup", "-review", "-progress")):
            continue  # they need a kernel; the cards have pages of their own here
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = moved(cell["source"], lambda target: _there(target, page.id))
            cell["source"] = _SUMMARY.sub(_typeset_summary, cell["source"])
        kept.append(cell)
    kept.insert(
        1, {"cell_type": "markdown", "id": "actions", "metadata": {}, "source": _actions(course, page, lite)}
    )
    notebook["cells"] = kept
    (source / "lessons" / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    _copy_files(course, page, source / "lessons")
    return _first_picture(kept, source, page)


def _copy_files(course: Course, page: Page, to: Path) -> None:
    """The lesson's own files, in a folder beside its page."""
    folder = course.root / "release" / page.id
    for file in files_in(folder):
        if file not in (f"{page.id}.ipynb", lesson_json.FILE):
            (to / page.id / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, to / page.id / file)


def _there(target: str, lesson: str) -> str:
    """Where a link of a lesson's notebook leads from its page: all pages lie in one folder."""
    other = lesson_of(target)
    return f"{other}.ipynb" if other else f"{lesson}/{target}"


def _typeset_summary(found: re.Match[str]) -> str:
    """The line that opens a block is HTML, in which Sphinx, other than JupyterLab, typesets no formula."""
    return f"<summary>{to_html(found[1])}</summary>"


def _actions(course: Course, page: Page, lite: bool) -> str:
    """What a reader can do with a lesson, as a list of links."""
    links = [("Flashcards", f"../cards/{page.id}.html"), ("Download", f"../downloads/{page.id}.zip")]
    if lite:
        links.insert(0, ("Work it in your browser", f"../lite/lab/index.html?path={page.id}/{page.id}.ipynb"))
    if course.repository:
        there = f"release/{page.id}/{page.id}.ipynb"
        links.append(
            ("Colab", f"https://colab.research.google.com/github/{course.repository}/blob/HEAD/{there}")
        )
        links.append(
            ("Binder", f"https://mybinder.org/v2/gh/{course.repository}/HEAD?urlpath=lab/tree/{there}")
        )
    items = "".join(f'<li><a href="{address}">{words}</a></li>' for words, address in links)
    return f'<ul class="actions">{items}</ul>'


def _first_picture(cells: list[Cell], source: Path, page: Page) -> dict[str, str] | None:
    for cell in cells:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                name = f"{page.id}.png"
                (source / name).write_bytes(b64decode("".join(output["data"]["image/png"])))
                words = "".join(output["data"]["text/plain"])
                alt = words.replace("[", "(").replace("]", ")")
                return {"path": name, "alt": alt, "words": f"A figure of lesson {page.number}, {page.title}."}
    return None


def _cards_page(source: Path, name: str, title: str, pages: list[Page]) -> None:
    number = 0
    lessons = []
    for page in pages:
        cards = []
        for card in page.lesson.cards:
            number += 1
            cards.append(
                {"number": number, "question": to_html(card.question), "answer": to_html(card.answer)}
            )
        lessons.append({"number": page.number, "title": page.title, "cards": cards})
    text = _template(source, "cards.md.j2").render(title=title, lessons=lessons, count=number)
    (source / "cards" / f"{name}.md").write_text(text, encoding="utf-8")
    if name == "all":
        rows = [f"- [{page.number}. {page.title}]({page.id}.md)" for page in pages]
        tree = "\n".join(["```{toctree}", ":hidden:", "", "all", *(page.id for page in pages), "```"])
        index = "# Flashcards\n\n[All cards on one page](all.md), or those of a lesson:\n\n"
        (source / "cards" / "index.md").write_text(
            index + "\n".join(rows) + f"\n\n{tree}\n", encoding="utf-8"
        )


def _reference_pages(course: Course, source: Path) -> list[str]:
    found = []
    for name, path in (("glossary", course.root / glossary.PAGE), ("notation", course.root / NOTATION)):
        if path.exists():
            text = _RELEASE_LINK.sub(r"](lessons/\1.ipynb", path.read_text(encoding="utf-8"))
            (source / f"{name}.md").write_text(text, encoding="utf-8")
            found.append(name)
    return found


def _template(source: Path, name: str) -> jinja2.Template:
    import jinja2

    loader = jinja2.FileSystemLoader(source / "templates")
    return jinja2.Environment(loader=loader, keep_trailing_newline=True).get_template(name)


def _sphinx(course: Course, source: Path, made: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    doctrees = source.parent / "doctrees"
    command += ["-j", "auto", "-d", str(doctrees), str(source), str(made)]
    environment = {**os.environ, "COURSE_TITLE": course.title, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "No module named sphinx" in done.stderr:
        raise ToolError("Sphinx is not installed. Install the site's libraries: pip install -e '.[site]'")
    if done.returncode:
        raise BuildError(f"Sphinx could not make the site:\n{done.stderr.strip()[-3000:]}")


def _package(root: Path, lesson: str, to: Path) -> None:
    """A zip of a lesson's released files, the same bytes for the same files."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files_in(root / "release" / lesson):
            entry = zipfile.ZipInfo(f"{lesson}/{file}", (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (root / "release" / lesson / file).read_bytes(), zipfile.ZIP_DEFLATED)
