"""The README and the pages of its four doors: what they name is there, and what they say is so."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import click
import pytest

from autograder.authoring.building import setup_cell
from autograder.cli import main
from autograder.core.distribution import DISTRIBUTION, WHEEL_STEM
from autograder.core.errors import CourseError
from autograder.core.judge import judge
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.publishing import handout

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOORS = {
    name: ROOT / "docs" / f"{name.lower()}.md" for name in ("Learner", "Instructor", "Author", "Operator")
}
FACTS = [ROOT / "docs" / f"{name}.md" for name in ("guarantees", "limits", "measured")]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOORS.values(), *FACTS]
FIRST_SCREEN = 30
"""Lines; with the picture they fill a window."""
ELSEWHERE = ("*.md", "docs/**/*.md", ".github/**/*.md", "lessons/[A-Z]*.md", "site/*.md")
"""Lessons are left to `autograder verify`, which knows what their links become."""
EVERY_PAGE = [*PAGES, *sorted({page for form in ELSEWHERE for page in ROOT.glob(form)} - set(PAGES))]
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def anchors(page: Path) -> set[str]:
    """What a link may name behind # in a page."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return set(map(anchor_of, heads))


def anchor_of(heading: str) -> str:
    """What a link to a heading has behind #."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def test_the_first_screen_says_what_for_whom_and_how() -> None:
    first = "\n".join(README.splitlines()[:FIRST_SCREEN])
    assert re.findall(r"!\[[^\]]+\]\(([^)]+)\)", first) == ["docs/images/feedback.png"]
    assert re.findall(r"^    (make \w+)", first, re.M) == ["make demo", "make test"]
    assert "for people who" in first and "for those who teach" in first


def test_the_picture_shows_what_the_check_says() -> None:
    """A browser test takes it; here, that the number in its description still brings those words."""
    (alternative,) = re.findall(r"!\[([^\]]+)\]\(docs/images/feedback\.png\)", README)
    folder = next((ROOT / "release").glob("03-*"))
    exercise = lesson_json.read(folder / lesson_json.FILE).exercises["kl-forward"]
    (value,) = re.findall(r"0\.\d+", alternative)
    verdict = judge(exercise, {"kl_forward": float(value)})
    said = re.sub(r"\W+", " ", exercise.feedback[verdict.idea].lower())
    assert re.sub(r"\W+", " ", alternative.split("answers: ")[1].lower()) in said


@pytest.mark.parametrize("name", DOORS)
def test_a_door_is_five_lines_and_a_page(name: str) -> None:
    (door,) = re.findall(rf"^\*\*{name}\.\*\* (?:.+\n)+", README, re.M)
    lines = door.splitlines()
    assert len(lines) == 5
    assert lines[-1] == f"[More for {name.lower()}s](docs/{name.lower()}.md)"


def test_the_gallery_shows_every_lesson_in_order() -> None:
    course = courses.read(ROOT)
    shown = re.findall(r"\*\*(\d+)\. ([^*]+)\*\*<br>!\[[^\]]+\]\(docs/images/(\d+)-figure-1\.png\)", README)
    titles = [
        json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"][0][
            "source"
        ]
        for name in course.lessons
    ]
    assert len(course.lessons) == 16 and "## The sixteen lessons" in README
    assert [(number, number.zfill(2)) for number, _, _ in shown] == [
        (str(n), picture) for n, (_, _, picture) in enumerate(shown, 1)
    ]
    for (_, title, _), source in zip(shown, titles, strict=True):
        assert "".join(source).splitlines()[0].lstrip("# ") == title


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_is_there(page: Path) -> None:
    text = re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_page_and_heading_that_the_code_names_is_there() -> None:
    """A page by its path, and a heading in quotes behind it: docs/limits.md under "Not run"."""
    named = re.compile(r'\b(docs/[\w/-]+\.md)(?:\s+under\s+"([^"]+)")?')
    files = [path for folder in ("autograder", "bench", "docs") for path in (ROOT / folder).rglob("*.py")]
    found = [(path, *one) for path in files for one in named.findall(path.read_text(encoding="utf-8"))]
    assert any(heading for _, _, heading in found)
    for path, page, heading in found:
        assert (ROOT / page).exists(), (path, page)
        assert not heading or anchor_of(heading) in anchors(ROOT / page), (path, page, heading)


@EACH_PAGE
def test_every_command_is_there(page: Path) -> None:
    """Every verb with its options, every make target."""
    text = page.read_text(encoding="utf-8")
    code = "\n".join(line.split("   #")[0] for line in re.findall(r"^ {4,}.*$|`[^`\n]+`", text, re.M))
    for verb, rest in re.findall(r"\bautograder ([a-z]+)((?: [^\n`&|]*)?)", code):
        command = main.get_command(click.Context(main), verb)
        assert command, f"autograder {verb}"
        options = {one for parameter in command.params for one in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, f"autograder {verb}{rest}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z][\w-]*)", code):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


def test_every_key_of_course_toml_is_on_the_authors_page(tmp_path: Path) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "course.toml").write_text("unheard-of = 1", encoding="utf-8")
    with pytest.raises(CourseError, match="The keys are ") as said:
        courses.read(tmp_path)
    keys = str(said.value).partition("The keys are ")[2].rstrip(".").split(", ")
    rows = re.findall(r"^\| `(?:\[+)?(\w+)", DOORS["Author"].read_text(encoding="utf-8"), re.M)
    assert sorted(rows) == keys


def test_every_guarantee_names_a_test_that_is_there() -> None:
    rows = [line for line in FACTS[0].read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    held = [line for line in rows if "test_" in line]
    assert len(held) > 15
    for line in held:
        for name in re.findall(r"`([\w/]+/test_\w+\.py)`", line):
            assert (ROOT / "tests" / name).exists(), line


def test_every_figure_names_a_bench_that_is_there() -> None:
    text = FACTS[2].read_text(encoding="utf-8")
    named = set(re.findall(r"`bench/(\w+)\.py`", text))
    there = {
        path.stem for path in (ROOT / "bench").glob("*.py") if '__name__ == "__main__"' in path.read_text()
    }
    assert named == there
    assert not re.search(r"\d (ms|s)\b", README), "times stand on docs/measured.md, with their bench"


# the name


def test_the_distribution_has_the_name_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == DISTRIBUTION


def test_the_name_stands_in_one_place() -> None:
    holders = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "autograder").rglob("*.py")
        if re.search(f"{DISTRIBUTION}|{WHEEL_STEM}", path.read_text(encoding="utf-8"))
    ]
    assert holders == ["autograder/core/distribution.py"]


def test_nobody_is_told_to_ask_pip_for_the_import_name() -> None:
    """On PyPI that is somebody else's package."""
    folders = ("docs", "lessons", "site", "deploy", ".binder", ".devcontainer", "autograder")
    files = [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*"))]
    ending = (".md", ".py", ".txt", ".yml", ".yaml", ".json", ".toml", ".mjs", "")
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="replace")
        for path in [*files, ROOT / "environment.yml", ROOT / "Makefile"]
        if path.is_file() and path.suffix in ending
    }
    texts["HOW-TO"] = handout.how_to("03-x", f"{WHEEL_STEM}-0.1.0-py3-none-any.whl", b"name: x\n")
    texts["set-up"] = setup_cell.source("03-x", "owner/name") + setup_cell.source("03-x", "")
    asked = re.compile(
        r"(?:pip|pipx|uv|conda)\s+(?:tool\s+)?(?:install|add)\b[^\n`]*?\sautograder(?![\w./-])"
    )
    assert [name for name, text in texts.items() if asked.search(text)] == []
    assert asked.search("%pip install --quiet autograder")
