"""A build: the same bytes everywhere, all or nothing, exactly nbgrader's release, and no secret in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.building import build as building
from autograder.authoring.building import fingerprints
from autograder.authoring.building.build import build
from autograder.authoring.building.placement import Placed
from autograder.authoring.evaluation import evaluate, value_cache
from autograder.core.errors import LessonError
from autograder.course.course_toml import Course
from tests.support.builds import change, told, tree, with_dice

FILES = [
    f"{kind}/01-coins/{name}" for kind in ("source", "release") for name in ("01-coins.ipynb", "lesson.json")
]


def notebook(course: Course, kind: str) -> nbformat.NotebookNode:
    """The built notebook of the tiny lesson."""
    return nbformat.read(course.root / kind / "01-coins" / "01-coins.ipynb", as_version=4)


def test_a_first_build_names_every_file_it_wrote(tiny: Course) -> None:
    assert build(tiny, tiny.lessons) == {"01-coins": Placed(wrote=tuple(FILES))}
    assert sorted(tree(tiny.root, "source", "release")) == sorted(FILES)


def test_a_second_build_changes_nothing(tiny_built: Course) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny_built.root.rglob("*")}
    assert build(tiny_built, tiny_built.lessons) == {"01-coins": Placed()}
    after = {path: path.stat().st_mtime_ns for path in tiny_built.root.rglob("*")}
    assert {path: after[path] for path in after if path.is_file()} == {
        path: before[path] for path in before if path.is_file()
    }
    assert set(after) == set(before)


def test_another_process_and_hash_seed_give_the_same_bytes(tiny: Course, built_once: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    command = [sys.executable, "-m", "autograder", "build", "--course", str(tiny.root)]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=tiny.root.parent)
    assert tree(tiny.root, "source", "release") == tree(built_once, "source", "release")


@pytest.mark.parametrize(
    "edit",
    [
        ('"role": "recall"', '"role": "recal"'),
        ("coin_sides = 2\n", "coin_sides = undefined\n"),
        ("coin_sides = 2\n", "coin_sides = math.nan\n"),
        ("ax = figure.subplots()", "ax = figure.subplot()"),
        ("assert coin_sides == len(coin)", "assert coin_sides != len(coin)"),
        ("What does $H(p)$", r"What does $\\begin{algned} H(p) \\end{algned}$"),
    ],
    ids=["format", "solution", "value", "figure", "proof", "formula"],
)
def test_a_failed_build_leaves_every_old_file_whole(tiny_built: Course, edit: tuple[str, str]) -> None:
    course = with_dice(tiny_built)
    build(course, course.lessons)
    # The first lesson would change, too: all or nothing.
    change(course, "01-coins.md", ("A coin shows", "This coin shows"))
    change(course, "02-dice.md", edit)
    before = tree(course.root)
    with pytest.raises(LessonError):
        build(course, course.lessons)
    assert tree(course.root) == before
    assert sorted(path.name for path in course.root.glob(".*")) == [fingerprints.STAMPS, value_cache.FOLDER]


def test_a_formula_that_cannot_be_shown_stops_a_build_with_its_line(tiny: Course) -> None:
    wrong = "A coin shows heads.\n\n$$\n\\begin{aligned}\n a &= b \\\\\n c &= \\dd\n\\end{aligned}\n$$"
    course = change(tiny, "01-coins.md", ("A coin shows heads with probability $p$.", wrong))
    with pytest.raises(LessonError) as caught:
        build(course, course.lessons)
    (problem,) = caught.value.problems
    lines = problem.path.read_text(encoding="utf-8").splitlines()
    assert lines[problem.line - 1] == r" c &= \dd"
    assert problem.problem == r"a formula cannot be shown: unknown command \dd"
    assert problem.remedy


def test_only_the_named_lesson_is_built(tiny: Course) -> None:
    course = with_dice(tiny)
    assert list(build(course, ["02-dice"])) == ["02-dice"]
    assert sorted(path.name for path in (course.root / "release").iterdir()) == ["02-dice"]


def test_a_lesson_is_built_again_only_where_something_changed(tiny_built: Course) -> None:
    course = with_dice(tiny_built)
    assert told(course) == ["02-dice"]
    assert told(course) == []
    assert told(course, force=True) == ["01-coins", "02-dice"]
    course = change(course, "01-coins.md", ("A coin shows", "This coin shows"))
    assert told(course) == ["01-coins"]
    (course.root / "release" / "02-dice" / "lesson.json").write_text("{}")
    assert told(course) == ["02-dice"]
    (course.root / "source" / "02-dice" / "02-dice.ipynb").unlink()
    assert told(course) == ["02-dice"]
    course = change(course, "course.toml", ('worked = "open"', 'worked = "after-grading"'))
    assert told(course) == ["01-coins", "02-dice"]
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\n")
    assert told(course) == ["01-coins", "02-dice"]
    (course.root / fingerprints.STAMPS).write_text("[not json")
    assert told(course) == ["01-coins", "02-dice"]
    assert told(course) == []


def test_wrong_implementations_run_again_only_where_code_changed(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    mistake = evaluate._mistake

    def noted(text, given, one):
        if text.answers:
            ran.append(one.slug)
        return mistake(text, given, one)

    # In this process, so that what ran is seen here.
    monkeypatch.setattr(building, "each_lesson", lambda make, names: [(name, make(name)) for name in names])
    monkeypatch.setattr(evaluate, "_mistake", noted)
    monkeypatch.setattr(evaluate, "in_parallel", lambda make, items: [make(item) for item in items])

    def coding(course: Course, **options: bool) -> list[str]:
        ran.clear()
        build(course, course.lessons, **options)
        return list(ran)

    kept = tiny.root / value_cache.FOLDER / "01-coins.json"
    assert coding(tiny) == ["bits", "sign", "mean"]
    first = tree(tiny.root, "source", "release")
    course = change(tiny, "01-coins.md", ("A coin shows", "This coin shows"))
    assert coding(course) == []
    course = change(course, "01-coins.md", ("-np.mean(p * np.log(p))", "-np.mean(p * np.log2(p))"))
    assert coding(course) == ["mean"]
    course = change(course, "01-coins.md", ("    p = p[p > 0]\n", "    p = p[p > 0.0]\n"))  # the solution
    assert coding(course) == ["bits", "sign", "mean"]
    undo = (("This coin", "A coin"), ("-np.mean(p * np.log2(p))", "-np.mean(p * np.log(p))"), ("0.0]", "0]"))
    course = change(course, "01-coins.md", *undo)
    kept.write_text('{"0": 3')
    assert coding(course) == ["bits", "sign", "mean"]
    assert tree(tiny.root, "source", "release") == first
    assert coding(course, force=True) == ["bits", "sign", "mean"]
    assert coding(change(course, "01-coins.md", ("A coin", "The coin"))) == []


def test_the_problems_of_all_lessons_are_told_at_once(tiny: Course) -> None:
    course = with_dice(tiny)
    for name in ("01-coins.md", "02-dice.md"):
        change(course, name, ('"role": "recall"', '"role": "recal"'))
    with pytest.raises(LessonError) as caught:
        build(course, course.lessons)
    assert [problem.path.name for problem in caught.value.problems] == ["01-coins.md", "02-dice.md"]


def test_only_what_changed_is_written(tiny_built: Course) -> None:
    course = change(tiny_built, "01-coins.md", ('"heads"\n### END', '"heads".lower()\n### END'))
    assert build(course, course.lessons) == {"01-coins": Placed(wrote=(FILES[0],))}, (
        "a solution, in the source alone"
    )
    course = change(tiny_built, "01-coins.md", ("A coin shows", "This coin shows"))
    assert build(course, course.lessons) == {"01-coins": Placed(wrote=tuple(FILES))}, (
        "a new version of the lesson"
    )


def test_the_release_is_what_plain_nbgrader_writes(tiny_built: Course) -> None:
    root = tiny_built.root
    ours = tree(root, "release")
    shutil.rmtree(root / "release")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "01-coins", f"--course-dir={root}"]
    # nbgrader calls alembic by name, which stands beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert tree(root, "release") == ours


@pytest.mark.parametrize("kind", ["source", "release"])
def test_notebooks_are_valid_and_name_their_kernel(tiny_built: Course, kind: str) -> None:
    made = notebook(tiny_built, kind)
    nbformat.validate(made)
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert made.metadata.kernelspec.name == "python3"
    assert made.metadata.kernelspec.language == "python"
    assert made.metadata.language_info.name == "python"


@pytest.mark.parametrize("kind", ["source", "release"])
def test_cell_ids_are_unique_and_well_formed(tiny_built: Course, kind: str) -> None:
    ids = [cell.id for cell in notebook(tiny_built, kind).cells]
    assert len(ids) == len(set(ids)) > 0
    assert [id for id in ids if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id)] == []
    grades = [
        cell.metadata.nbgrader.grade_id
        for cell in notebook(tiny_built, kind).cells
        if "nbgrader" in cell.metadata
    ]
    assert len(grades) == len(set(grades)) > 0


def test_cell_ids_stay_when_text_changes(tiny_built: Course) -> None:
    before = [cell.id for cell in notebook(tiny_built, "source").cells]
    course = change(
        tiny_built, "01-coins.md", ("A coin shows", "This coin shows"), ("coin_sides = 3", "coin_sides = 1")
    )
    build(course, course.lessons)
    assert [cell.id for cell in notebook(course, "source").cells] == before


@pytest.mark.parametrize("id", ["coin-entropy-answer", "coin-" + "x" * 70], ids=["like-another-cell", "long"])
def test_an_exercise_id_never_makes_two_cells_of_one_id(tiny: Course, id: str) -> None:
    course = change(tiny, "01-coins.md", ('"id": "coin-sides"', f'"id": "{id}"'))
    try:
        build(course, course.lessons)
    except LessonError as error:
        assert "id" in error.problems[0].problem
        return
    assert build(course, course.lessons) == {"01-coins": Placed()}
    cells = notebook(course, "source").cells
    assert len({cell.id for cell in cells}) == len(cells)
    grades = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    assert len(grades) == len(set(grades))


def test_worked_solutions_are_in_the_release_of_an_open_course(tiny_built: Course) -> None:
    text = (tiny_built.root / FILES[2]).read_text(encoding="utf-8")
    assert "The terms are 0.2158 and 0.3466" in text
    assert "<summary>Check your work</summary>" in text


def test_worked_solutions_are_left_out_until_after_grading(tiny: Course) -> None:
    course = change(tiny, "course.toml", ('worked = "open"', 'worked = "after-grading"'))
    build(course, course.lessons)
    for file, content in tree(course.root, "source", "release").items():
        for words in ("0.2158", "Check your work", "their limit is zero"):
            assert words not in content.decode(), file


def test_proofs_and_mistakes_are_in_no_notebook(tiny_built: Course) -> None:
    for kind in ("source", "release"):
        text = "\n".join(cell.source for cell in notebook(tiny_built, kind).cells)
        for words in ("math.log(4) - 0.75", "len(coin)", "argmax", "np.log2", "coin_sides = 3", "np.mean"):
            assert words not in text, kind


def test_the_source_holds_solutions_and_hidden_tests_and_the_release_neither(tiny_built: Course) -> None:
    texts = {
        kind: "\n".join(cell.source for cell in notebook(tiny_built, kind).cells)
        for kind in ("source", "release")
    }
    for words in (
        "### BEGIN SOLUTION",
        "coin_sides = 2",
        "### BEGIN HIDDEN TESTS",
        "assert same(",
        "np.full(8",
    ):
        assert words in texts["source"]
        assert words not in texts["release"]
    assert "coin_sides = ..." in texts["release"]


def test_the_release_stub_is_what_stands_outside_the_marks(tiny_built: Course) -> None:
    answers = {
        cell.id: cell.source for cell in notebook(tiny_built, "release").cells if cell.id.endswith("-answer")
    }
    assert answers["01-coin-sides-answer"].strip() == "coin_sides = ..."
    assert answers["01-coin-code-answer"].rstrip() == (
        'def entropy(p):\n    """Array (n,) of probabilities -> float, entropy in nats."""\n    ...'
    )


def test_lesson_json_has_its_keys_and_no_answer_in_the_clear(tiny_built: Course) -> None:
    text = (tiny_built.root / FILES[3]).read_text(encoding="utf-8")
    data = json.loads(text)
    assert list(data) == ["schema", "lesson", "exercises", "cards"]
    assert list(data["exercises"]) == ["coin-entropy", "coin-sides", "coin-likely", "coin-code"]
    assert [(card["id"], card["exercise"]) for card in data["cards"]] == [
        ("01-card-1", "coin-entropy"),
        ("01-card-2", ""),
    ]
    for answer in ("0.5623", "0.6931", "0.8112"):
        assert answer not in text
    assert (tiny_built.root / FILES[1]).read_text(encoding="utf-8") == text


def test_a_figure_shows_its_picture_and_says_what_it_shows(tiny_built: Course) -> None:
    (figure,) = [
        cell for cell in notebook(tiny_built, "release").cells if "figure" in cell.metadata.get("tags", ())
    ]
    assert figure.metadata.jupyter.source_hidden is True
    output, words = figure.outputs
    assert output.data["text/plain"] == "Two bars: heads 0.75, tails 0.25."
    assert output.metadata["image/png"]["alt"] == output.data["text/plain"]
    assert output.data["image/png"].startswith("iVBOR")
    assert words.data["text/markdown"].startswith("*Two bars: heads 0.75, tails 0.25. Run this cell")


def test_code_that_prints_or_warns_builds_alike_and_stays_silent(
    tiny_built: Course, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tree(tiny_built.root, "release")
    noise = "import sys, warnings\nprint('noise')\nprint('noise', file=sys.stderr)\nwarnings.warn('noise')\n"
    noise += "float(np.log(np.zeros(1))[0])\n"
    course = change(
        tiny_built,
        "01-coins.md",
        ("coin_sides = 2\n", f"{noise}coin_sides = 2\n"),
        ("assert coin_sides", f"{noise}assert coin_sides"),
        ("coin_sides = 3\n", f"{noise}coin_sides = 3\n"),
    )
    build(course, course.lessons)
    assert tree(course.root, "release") == before
    assert "noise" not in "".join(capfd.readouterr())


def test_exercises_do_not_see_each_other(tiny: Course) -> None:
    course = change(tiny, "01-coins.md", ("coin_sides = 2\n", "coin_sides = 2 + 0 * int(coin_entropy)\n"))
    with pytest.raises(LessonError, match=r"01-coins\.md:100: NameError: name 'coin_entropy'"):
        build(course, course.lessons)
