"""The verbs as a person types them: help that teaches, one clear line for a mistake, no file harmed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support.verbs import run, says_one_line, tree, with_lesson

VERBS = tuple(
    "build cards collect demo doctor export feedback format grade"
    " handout history hub lab links new preview report roster site verify worker".split()
)


# help


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "autograder", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage:" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "autograder.cli" in imported
    assert not imported & {"numpy", "nbformat", "nbgrader", "jupytext", "matplotlib", "rich", "IPython"}


def test_help_teaches() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for words in (
        "A learner",
        "An instructor",
        "An author",
        "autograder lab 03",
        "autograder new 04-",
        "03 is enough",
    ):
        assert words in text
    for verb in VERBS:
        assert f"\n  {verb} " in text


def test_no_verb_shows_the_help() -> None:
    assert "A learner" in CliRunner().invoke(main, []).output


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(main, [verb, "--help"])
    assert result.exit_code == 0
    context = click.Context(main)
    assert main.list_commands(context) == sorted(VERBS)
    command = main.get_command(context, verb)
    assert len(command.help or "") > 30
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name


# naming a lesson


@pytest.mark.parametrize(
    "name",
    ["01", "01-c", "01-coins", "lessons/01-coins.md", "01-coins.md", "release/01-coins/01-coins.ipynb"],
)
def test_a_lesson_is_named_by_any_unique_start(tiny: Course, name: str) -> None:
    course = with_lesson(tiny, "02-dice")
    assert course.find([name]) == ["01-coins"]


def test_an_exact_name_wins_over_a_longer_one(tiny: Course) -> None:
    assert with_lesson(tiny, "01-coins-again").find(["01-coins"]) == ["01-coins"]


def test_lessons_come_in_the_order_of_the_course(tiny: Course) -> None:
    course = with_lesson(tiny, "02-dice")
    assert course.find(["02", "01", "02-dice"]) == ["01-coins", "02-dice"]
    assert course.find([]) == ["01-coins", "02-dice"]


@pytest.mark.parametrize("verb", ["build", "verify", "format"])
@pytest.mark.parametrize(
    ("name", "words"), [("07", "no lesson starts with '07'"), ("0", "more than one lesson"), ("", "")]
)
def test_an_unknown_or_ambiguous_name_is_one_line(tiny: Course, verb: str, name: str, words: str) -> None:
    with_lesson(tiny, "02-dice")
    before = tree(tiny.root)
    says_one_line(run(tiny.root, verb, name), words, "01-coins, 02-dice")
    assert tree(tiny.root) == before


@pytest.mark.parametrize("verb", ["cards", "lab"])
def test_a_name_that_is_not_released_is_one_line(tiny_built: Course, verb: str) -> None:
    says_one_line(run(tiny_built.root, verb, "07"), "no lesson in release/ starts with '07'", "01-coins")


# course.toml


@pytest.mark.parametrize("verb", ["build", "verify", "format"])
def test_no_course_is_one_line(tmp_path: Path, verb: str) -> None:
    says_one_line(run(tmp_path, verb), "no course here", "course.toml is missing", "--course DIR")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('title = "A', "course.toml: "),
        ('colour = "red"', "unknown key 'colour'. The keys are id, phases"),
        ('worked = "never"', 'worked is \'never\'. Write "open" or "after-grading"'),
        ('title = 3\n[[phases]]\ntitle = "One"\nlessons = ["01-coins"]', "title"),
        ("phases = 3", "phases"),
        ('phases = ["01-coins"]', "phases"),
        ('[[phases]]\nlessons = ["01-coins"]', "title"),
        ('[[phases]]\ntitle = "One"', "lessons"),
        ('[[phases]]\ntitle = "One"\nlessons = "01-coins"', "lessons"),
        ('[[phases]]\ntitle = "One"\nlessons = ["01-coins", "01-coins"]', "'01-coins'"),
        ('[[phases]]\ntitle = "One"\nlessons = ["01-coins"]\n[prerequisites]\n01-coins = 3', "prerequisites"),
        (
            '[[phases]]\ntitle = "One"\nlessons = ["01-coins"]\n[prerequisites]\n01-coins = ["00-none"]',
            "00-none",
        ),
        (
            '[[phases]]\ntitle = "One"\nlessons = ["01-coins", "02-dice"]',
            "lists '02-dice', but lessons/02-dice.md",
        ),
        ('[[phases]]\ntitle = "One"\nlessons = []', "does not list '01-coins'. Add it"),
    ],
)
def test_a_wrong_course_toml_is_one_line(tiny: Course, text: str, words: str) -> None:
    (tiny.root / "lessons" / "course.toml").write_text(f"{text}\n", encoding="utf-8")
    says_one_line(run(tiny.root, "format"), str(tiny.root / "lessons" / "course.toml"), words)


@pytest.mark.parametrize("name", ["course.toml", "01-coins.md"])
def test_a_file_that_is_not_utf_8_is_one_line(tiny: Course, name: str) -> None:
    path = tiny.root / "lessons" / name
    path.write_bytes(path.read_bytes().replace(b"oin", b"o\xefn"))
    result = run(tiny.root, "format")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert name in result.stderr
    assert "UTF-8" in result.stderr


def test_a_course_without_nbgrader_config_gets_the_usual_one(tiny: Course) -> None:
    path = tiny.root / "nbgrader_config.py"
    usual = path.read_text(encoding="utf-8")
    path.unlink()
    assert run(tiny.root, "verify").exit_code == 1  # nothing is built yet
    assert not path.exists(), "verify changes no file"
    result = run(tiny.root, "build")
    assert result.exit_code == 0, result.output
    assert "  wrote nbgrader_config.py\n" in result.output
    assert path.read_text(encoding="utf-8") == usual.replace('"generative-models"', '"a-tiny-course"')
    assert (
        run(tiny.root, "build").output
        == "0 lessons built, 0 files changed, 1 left alone: nothing has changed.\n"
    )


# new


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("02-dice", "Dice"),
        ("03-the-kl-view", "Maximum likelihood and the KL view"),
        ("04-odd", "Flows: what the Jacobian's for"),
        ("05-quotes", '"Bits" & \\backslashes # 1'),
        ("06-words", "THE TITLE, AN ANSWER AND AN EXERCISE"),
        ("07-2-coins", "Two coins"),
        ("08-a-name-that-goes-on-and-on-and-on-until-it-is-longer-than-any-cell-id-may-be", "Long"),
    ],
)
def test_a_new_lesson_builds_verifies_and_is_canonical(tiny: Course, name: str, title: str) -> None:
    result = run(tiny.root, "new", name, "--title", title)
    assert result.exit_code == 0, result.output
    assert f"Wrote lessons/{name}.md" in result.output
    assert courses.read(tiny.root).lessons == ("01-coins", name)
    assert f"\n# {title}\n" in tiny.path(name).read_text(encoding="utf-8")
    for words in (["format", name, "--check"], ["build", name], ["verify", name]):
        result = run(tiny.root, *words)
        assert result.exit_code == 0, result.output


def test_new_keeps_the_comments_of_course_toml(tiny: Course) -> None:
    table = tiny.root / "lessons" / "course.toml"
    table.write_text("# keep me\n" + table.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(tiny.root, "new", "02-dice", "--title", "Dice").exit_code == 0
    assert table.read_text(encoding="utf-8").startswith("# keep me\n")


@pytest.mark.parametrize(
    ("name", "title", "words"),
    [
        ("dice", "Dice", "not a lesson's name"),
        ("2-dice", "Dice", "not a lesson's name"),
        ("02_dice", "Dice", "not a lesson's name"),
        ("02-Dice", "Dice", "not a lesson's name"),
        ("02-dice.md", "Dice", "not a lesson's name"),
        ("../02-dice", "Dice", "not a lesson's name"),
        ("02-dice\n", "Dice", "not a lesson's name"),
        ("01-coins", "Coins", "exists already"),
        ("02-dice", "", "title"),
        ("02-dice", "Dice\nand more", "title"),
    ],
)
def test_new_refuses_and_changes_nothing(tiny: Course, name: str, title: str, words: str) -> None:
    before = tree(tiny.root)
    says_one_line(run(tiny.root, "new", name, "--title", title), words)
    assert tree(tiny.root) == before


def test_new_without_a_course_is_one_line(tmp_path: Path) -> None:
    says_one_line(run(tmp_path, "new", "02-dice", "--title", "Dice"), "course.toml is missing")
    assert tree(tmp_path) == {}


def test_new_in_a_broken_course_is_one_line(tiny: Course) -> None:
    (tiny.root / "lessons" / "course.toml").write_text('title = "A', encoding="utf-8")
    before = tree(tiny.root)
    says_one_line(run(tiny.root, "new", "02-dice", "--title", "Dice"), "course.toml")
    assert tree(tiny.root) == before


# format


def test_format_check_changes_nothing_and_fails_where_format_would_change(tiny: Course) -> None:
    path = tiny.path("01-coins")
    tidy = path.read_text(encoding="utf-8")
    untidy = tidy.replace('{"id": "coin-sides", "points": 1,', '{"points": 1, "id": "coin-sides",')
    path.write_text(untidy, encoding="utf-8")

    result = run(tiny.root, "format", "--check")
    assert (result.exit_code, result.output) == (1, "would change lessons/01-coins.md\n")
    assert path.read_text(encoding="utf-8") == untidy

    result = run(tiny.root, "format")
    assert (result.exit_code, result.output) == (0, "changed lessons/01-coins.md\n")
    assert path.read_text(encoding="utf-8") == tidy

    result = run(tiny.root, "format", "--check")
    assert (result.exit_code, result.output) == (0, "Nothing to change.\n")


def test_format_leaves_a_lesson_that_it_cannot_read(tiny: Course) -> None:
    path = tiny.path("01-coins")
    path.write_text(
        path.read_text(encoding="utf-8").replace(":role: figure", ":role: figuer"), encoding="utf-8"
    )
    before = tree(tiny.root)
    result = run(tiny.root, "format")
    assert result.exit_code == 1
    assert "01-coins.md:26: unknown role 'figuer'\n    Did you mean 'figure'?" in result.stderr
    assert tree(tiny.root) == before


# build


def test_build_names_what_it_wrote(tiny: Course) -> None:
    result = run(tiny.root, "build")
    assert result.exit_code == 0, result.output
    for kind in ("source", "release"):
        for name in ("01-coins.ipynb", "lesson.json"):
            assert f"  wrote {kind}/01-coins/{name}\n" in result.output
            assert (tiny.root / kind / "01-coins" / name).exists()
    assert "  wrote docs/glossary.md\n" in result.output
    assert "1 lesson built, 5 files changed." in result.output
    again = run(tiny.root, "build", "01").output
    assert again == "0 lessons built, 0 files changed, 1 left alone: nothing has changed.\n"
    assert "1 lesson built, 0 files changed." in run(tiny.root, "build", "01", "--force").output


def test_build_prints_every_error_and_fails(tiny: Course) -> None:
    path = tiny.path("01-coins")
    text = path.read_text(encoding="utf-8").replace("coin_sides = ...", "coin_sides = None")
    path.write_text(text.replace("coin_likely = ...", "coin_likely = None"), encoding="utf-8")
    result = run(tiny.root, "build")
    assert result.exit_code == 1
    assert f"{path}:98: the stub line 'coin_sides = None'" in result.stderr
    assert f"{path}:124: the stub line 'coin_likely = None'" in result.stderr
    assert not (tiny.root / "release").exists()


# cards


@pytest.mark.parametrize("words", [["--print"], []])
def test_cards_writes_the_page(tiny_built: Course, words: list[str]) -> None:
    result = run(tiny_built.root, "cards", "01", *words)
    assert result.exit_code == 0, result.output
    page = tiny_built.root / "cards" / "01-coins.html"
    assert f"Wrote {page} (2 cards)" in result.output
    text = page.read_text(encoding="utf-8")
    for part in ("Coins", "What is the entropy of a coin?", "The fair one.", "<math", "window.print"):
        assert part in text
    assert "http:" not in text.replace("http://www.w3.org/", "")
    assert "https:" not in text


def test_cards_goes_where_it_is_told(tiny_built: Course, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "cards.html"
    assert run(tiny_built.root, "cards", "01", "--print", "--to", str(target)).exit_code == 0
    assert "The fair one." in target.read_text(encoding="utf-8")
    assert not (tiny_built.root / "cards").exists()


def test_cards_of_the_course_are_a_page_a_lesson_and_one_of_all(tiny_built: Course) -> None:
    result = run(tiny_built.root, "cards")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tiny_built.root / "cards").iterdir())
    assert names == ["01-coins.html", "all.html"]
    assert "The fair one." in (tiny_built.root / "cards" / "all.html").read_text(encoding="utf-8")


def test_cards_to_a_file_wants_a_lesson(tiny_built: Course, tmp_path: Path) -> None:
    result = run(tiny_built.root, "cards", "--to", str(tmp_path / "x.html"))
    assert result.exit_code == 2 and "Name the lesson" in result.output


def test_cards_of_a_damaged_release_is_one_line(tiny_built: Course) -> None:
    path = tiny_built.root / "release" / "01-coins" / "lesson.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["cards"]
    path.write_text(json.dumps(data), encoding="utf-8")
    says_one_line(run(tiny_built.root, "cards", "01"), "lesson.json is damaged", "again")
