"""A course begun by hand: new, format, build, verify in any order; `format` erases nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from autograder.authoring.building import settings
from autograder.authoring.building.new_lesson import create
from autograder.authoring.format import formatter
from autograder.authoring.format.formatter import tidied
from autograder.authoring.format.lesson import read
from autograder.core.errors import CourseError, LessonError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support.round_trips import open_and_save
from tests.support.verbs import run, says_one_line, tree

ROOT = Path(__file__).parents[3]
TABLE = 'title = "Introductory statistics"\n\n[[phases]]\ntitle = "Phase 1"\nlessons = []\n'
VERBS = {
    "new": ("new", "01-means", "--title", "Means: what they hide"),
    "format": ("format",),
    "build": ("build",),
    "verify": ("verify",),
}
TITLES = [
    "Means: what they hide",
    "'quoted'",
    '"double" and it\'s',
    "yes",
    "null",
    "2024",
    "3.14",
    "12:30",
    "2024-01-31",
    "1e3",
    "- a dash",
    "-- two",
    "--- three",
    "---",
    "# a heading",
    "a # comment?",
    "C#",
    "[brackets](link)",
    "{braces}",
    "{{braces}}",
    "*stars* and _lines_",
    "`code`",
    "$x_i$ and \\frac{1}{2}",
    "& anchors * ! | > % @ ~",
    "a :: card",
    "+++",
    "Über Größe, 漢字, عربي, 😀",
    "a\u00a0space that does not break",
    "word " * 40 + "end",
    "x" * 200,
    "<b>bold</b> &amp; more",
    "EXERCISE and ANSWER",
]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A course that is nothing but its course.toml."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "course.toml").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_folder_is_told_what_to_write(tmp_path: Path, verb: str) -> None:
    says_one_line(run(tmp_path, *VERBS[verb]), "no course here", "lessons/course.toml", "[[phases]]")
    assert tree(tmp_path) == {}


def test_what_is_said_to_write_begins_a_course(tmp_path: Path) -> None:
    lines = courses.BEGIN.split("write into that file: ")[1].replace(
        ", and below it, each on a line of its own, ", "\n"
    )
    (tmp_path / "lessons").mkdir()
    text = lines.replace("[[phases]], ", "[[phases]]\n").replace('", lessons', '"\nlessons')
    (tmp_path / "lessons" / "course.toml").write_text(text, encoding="utf-8")
    assert courses.read(tmp_path).title == "My course"


@pytest.mark.parametrize("verb", ["format", "build", "verify"])
def test_a_course_without_a_lesson_is_told_how_to_begin_one(empty: Path, verb: str) -> None:
    result = run(empty, verb)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("The course has no lesson yet. Begin one: autograder new 01-")


@pytest.mark.parametrize("order", list(itertools.permutations(VERBS)), ids="-".join)
def test_every_order_of_verbs_ends_in_a_whole_course(empty: Path, order: tuple[str, ...]) -> None:
    for verb in order:
        lesson = empty / "lessons" / "01-means.md"
        before = lesson.read_bytes() if lesson.exists() else b""
        result = run(empty, *VERBS[verb])
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        built = (empty / "release" / "01-means").exists()
        late = verb == "verify" and lesson.exists() and not built
        assert result.exit_code == (1 if late else 0), result.output
        if late:
            assert (
                "the built file is missing" in result.output and "Run: autograder build 01" in result.output
            )
        if before:
            assert lesson.read_bytes() == before, "what new writes is canonical at once"
    for verb in ("format", "build", "verify"):
        result = run(empty, verb)
        assert result.exit_code == 0, result.output
    assert "is fresh" in result.output or "are fresh" in result.output
    assert (empty / settings.CONFIG).exists()
    assert read(empty / "lessons" / "01-means.md").title == "Means: what they hide"


@pytest.mark.parametrize("title", TITLES)
def test_what_new_writes_is_canonical_at_once(empty: Path, title: str) -> None:
    path = create(empty, "01-means", title)
    text = path.read_text(encoding="utf-8")
    assert read(path).title == title.strip()
    assert tidied(text, path) == text
    open_and_save(path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "title", ["", "  ", "a\nb", "a\rb", "a\u2028b", "a\x85b", "a\x00b", "tab\there", "\ud800"]
)
def test_new_refuses_what_is_no_line(empty: Path, title: str) -> None:
    before = tree(empty)
    with pytest.raises(CourseError, match="title"):
        create(empty, "01-means", title)
    assert tree(empty) == before


def test_new_writes_what_jupyterlab_needs_and_leaves_what_is_there(empty: Path) -> None:
    create(empty, "01-means", "Means")
    path = empty / "lessons" / "jupytext.toml"
    assert path.read_text() == formatter.SETTINGS
    path.write_text("# mine\n")
    create(empty, "02-more", "More")
    assert path.read_text() == "# mine\n"


def test_a_new_lesson_that_cannot_be_listed_is_not_left_behind(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.authoring.building import new_lesson as new

    before = tree(empty)
    whole = new.write_whole

    def failing(path: Path, content: str) -> None:
        if path.name == "course.toml":
            raise OSError(28, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(new, "write_whole", failing)
    with pytest.raises(OSError, match="No space"):
        create(empty, "01-means", "Means")
    assert tree(empty) == before


def test_one_place_for_each_setting() -> None:
    assert (ROOT / "lessons" / "jupytext.toml").read_text(encoding="utf-8") == formatter.SETTINGS
    own = (ROOT / settings.CONFIG).read_text(encoding="utf-8")
    course = courses.read(ROOT)
    usual = settings._usual(course)
    assert usual.replace(f'"{settings._id_of(course.title)}"', '"generative-models"') == own


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Generative models", "generative-models"),
        ("Größe & Maß!", "groe-ma"),
        ("統計", "course"),
        ("A" * 90, "a" * 60),
    ],
)
def test_a_course_id_is_a_plain_word(title: str, wanted: str) -> None:
    assert settings._id_of(title) == wanted


# format


FILTERS = {
    "none": None,
    "empty": "",
    "keeps nothing": 'notebook_metadata_filter = "-all"\ncell_metadata_filter = "-all"\n',
    "keeps all": 'notebook_metadata_filter = "all"\nformats = "ipynb,py:percent"\n',
    "no TOML": "[[[",
}


@pytest.mark.parametrize("content", FILTERS.values(), ids=FILTERS)
def test_format_is_the_same_whatever_stands_in_jupytext_toml(tiny: Course, content: str | None) -> None:
    path, file = tiny.path("01-coins"), tiny.root / "lessons" / "jupytext.toml"
    wanted = path.read_text(encoding="utf-8")
    file.unlink() if content is None else file.write_text(content)
    for place in ("pyproject.toml", "jupytext.toml"):
        (tiny.root / place).write_text('[tool.jupytext]\nnotebook_metadata_filter = "-all"\n')
    path.write_text(
        wanted.replace("minutes: 5\ntitle: Coins", "title:   Coins\nminutes: 5"), encoding="utf-8"
    )
    assert run(tiny.root, "format").exit_code == 0
    assert path.read_text(encoding="utf-8") == wanted


LOST = [
    ("minutes: 5\n", "minutes: 5\nauthor: me\n", 1, "unknown front matter 'author', which would be lost"),
    ("minutes: 5\n", "minutes: 5\n# about an hour\n", 3, "a comment here would be lost"),
    ("title: Coins\n", "title: Coins  # a working title\n", 3, "a comment here would be lost"),
    ("title: Coins\n", "title: Cents\ntitle: Coins\n", 4, "'title' stands here twice"),
    (":role: proof\n", ":role: proof  # the second way\n", None, "a comment here would be lost"),
    (":role: proof\n", "---\nrole: proof\n# the second way\n---\n", None, "a comment here would be lost"),
    ('+++ {"role": "hint"}', '+++ {"role": "worked", "role": "hint"}', None, "'role' stands here twice"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), LOST)
def test_format_refuses_to_lose_anything(
    tiny: Course, old: str, new: str, line: int | None, words: str
) -> None:
    path = tiny.path("01-coins")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = path.read_bytes()
    result = run(tiny.root, "format")
    assert result.exit_code == 1
    assert words in result.stderr and "Traceback" not in result.output
    if line:
        assert f"01-coins.md:{line}: {words}" in result.stderr
    assert path.read_bytes() == before


def test_format_takes_out_what_jupyter_wrote(tiny: Course) -> None:
    """What JupyterLab puts in where no jupytext.toml is: nobody's words, and it stops a build."""
    path = tiny.path("01-coins")
    wanted = path.read_text(encoding="utf-8")
    header = "kernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\njupytext:\n  x: 1\n"
    path.write_text(wanted.replace("minutes: 5", f"{header}minutes: 5", 1), encoding="utf-8")
    with pytest.raises(LessonError, match="unknown front matter 'kernelspec'") as caught:
        read(path)
    assert "autograder format 01, which takes it out" in caught.value.problems[0].remedy
    assert run(tiny.root, "format").exit_code == 0
    assert path.read_text(encoding="utf-8") == wanted


def test_a_converter_that_drops_a_cell_is_found_out(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    import jupytext

    path = tiny.path("01-coins")
    text = path.read_text(encoding="utf-8")
    writes = jupytext.writes

    def dropping(notebook: object, **options: object) -> str:
        notebook.cells.pop(3)  # type: ignore[attr-defined]
        return str(writes(notebook, **options))

    monkeypatch.setattr(jupytext, "writes", dropping)
    with pytest.raises(LessonError, match=r"01-coins\.md:\d+: this cell would be lost"):
        tidied(text, path)
