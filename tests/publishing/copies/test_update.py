"""`autograder lab 03 --update`: what a learner wrote is in the new version, each thing in its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from autograder import check
from autograder.authoring.building.build import build
from autograder.cli import main
from autograder.core.errors import CourseError, NotYet
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.grading.submission import lesson_version as versioned
from autograder.publishing.copies import jupyterlab, lab
from tests.support.lab_copies import (
    NAME,
    NEW_TEXT,
    answer,
    cell_of,
    edit_notebook,
    opened,
    rebuilt,
    versions,
    without_versions,
)
from tests.support.verbs import run, tree

NOTE = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "A note of mine."}
TRIAL = {
    "cell_type": "code", "id": "trial", "metadata": {}, "source": "0.75 * 0.2877", "execution_count": 7,
    "outputs": [{"output_type": "execute_result", "execution_count": 7, "metadata": {},
                 "data": {"text/plain": "0.215775"}}],
}  # fmt: skip
SHOWN = [{"output_type": "stream", "name": "stdout", "text": "✓ coin-sides: right.\n"}]
NEW_NUMBERS = (
    ("coin = np.array([0.75, 0.25])", "coin = np.array([0.9, 0.1])"),
    ("(math.log(4) - 0.75 * math.log(3))", "(-0.9 * math.log(0.9) - 0.1 * math.log(0.1))"),
    ("The terms are 0.2158 and 0.3466, together 0.5623 nats.", "The terms are 0.0948 and 0.2303."),
)


def load(path: Path) -> dict[str, Any]:
    """The learner's notebook, proved to be one that every tool takes."""
    nbformat.validate(nbformat.read(path / f"{NAME}.ipynb", as_version=4))
    found: dict[str, Any] = json.loads((path / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for cell in found["cells"]:
        cell["source"] = "".join(cell["source"])
    return found


def texts(notebook: dict[str, Any]) -> list[str]:
    """What the cells say, in order."""
    return [cell["source"] for cell in notebook["cells"]]


def behind(notebook: dict[str, Any], id: str) -> str:
    """The text of the cell after the one of that id."""
    ids = [cell["id"] for cell in notebook["cells"]]
    return str(notebook["cells"][ids.index(id) + 1]["source"])


def updated(course: Course, prefix: str | None = "01") -> list[str]:
    """What an update says."""
    said: list[str] = []
    lab.update(course.root, prefix, said.append)
    return said


def write(work: Path, *edits: Any) -> None:
    """Change the learner's notebook by each of the edits."""
    for edit in edits:
        edit_notebook(work / NAME / f"{NAME}.ipynb", edit)


def put_behind(id: str, cell: dict[str, Any]) -> Any:
    """An edit that puts a cell behind another."""

    def edit(notebook: dict[str, Any]) -> None:
        ids = [one["id"] for one in notebook["cells"]]
        notebook["cells"].insert(ids.index(id) + 1, dict(cell))

    return edit


@pytest.fixture
def work(tiny_built: Course) -> Path:
    """The learner's folder, just copied out."""
    return lab.copy_out(tiny_built.root)


def without_sides(text: str) -> str:
    """The lesson without its second exercise."""
    start = text.index('+++ {"id": "coin-sides"')
    return text[:start] + text[text.index('+++ {"id": "coin-likely"') :]


def test_answers_notes_and_own_cells_come_to_their_places(tiny_built: Course, work: Path) -> None:
    answer(work, "coin-sides", "coin_sides = 2  # heads, tails")
    write(
        work,
        put_behind("01-coin-entropy-prompt", TRIAL),
        put_behind("01-reading-1", NOTE),
        lambda one: cell_of(one, "01-coin-sides-check").update(outputs=SHOWN, execution_count=3),
        lambda one: cell_of(one, "01-recall-1").update(source="My own words for the surprisal."),
    )
    before = tree(work / NAME)
    course = rebuilt(tiny_built, NEW_TEXT)
    said = updated(course)
    assert said[0].startswith("Lesson 1, Coins: your work is in the new version. Your old copy is whole in ")
    assert said[1:] == [
        "  1 answer carried: coin-sides",
        "  2 cells of your own carried",
        "  1 cell of the lesson with your changes carried",
    ]
    new = load(work / NAME)
    assert "A bent coin" in cell_of(new, "01-reading-1")["source"]
    assert behind(new, "01-reading-1") == "A note of mine."
    assert behind(new, "01-coin-entropy-prompt") == TRIAL["source"]
    assert cell_of(new, "trial")["outputs"][0]["data"]["text/plain"] in ("0.215775", ["0.215775"])
    assert cell_of(new, "01-coin-sides-answer")["source"] == "coin_sides = 2  # heads, tails"
    assert cell_of(new, "01-coin-sides-check")["outputs"][0]["name"] == "stdout"
    assert cell_of(new, "01-recall-1")["source"] == "My own words for the surprisal."
    assert cell_of(new, "01-coin-entropy-answer")["source"].strip() == "coin_entropy = ..."
    released = json.loads((course.root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for cell in released["cells"]:
        assert cell_of(new, cell["id"])["metadata"] == cell["metadata"]
    assert new["metadata"]["autograder"] == released["metadata"]["autograder"]
    mine, data = versions(work / NAME)
    assert mine == data
    (kept,) = (work / "before").iterdir()
    assert kept.name.startswith(f"{NAME}-") and tree(kept) == before
    assert str(kept.relative_to(course.root)) in said[0]
    # once more: nothing is to do, and nothing changes
    after = tree(work)
    assert updated(course) == ["Lesson 1, Coins: your copy is of the newest version already."]
    assert updated(course, None) == [] and opened(course) == [] and tree(work) == after


def test_a_second_update_keeps_all_of_the_first(tiny_built: Course, work: Path) -> None:
    answer(work, "coin-sides", "coin_sides = 2")
    write(work, put_behind("01-reading-1", NOTE))
    updated(rebuilt(tiny_built, NEW_TEXT))
    once = texts(load(work / NAME))
    course = rebuilt(tiny_built, ("A bent coin", "An honest coin"))
    updated(course)
    twice = texts(load(work / NAME))
    assert [text.replace("An honest", "A bent") for text in twice] == once
    assert len(list((work / "before").iterdir())) == 2


def test_a_changed_exercise_keeps_the_answer_and_is_told(tiny_built: Course, work: Path) -> None:
    for name in ("coin-entropy", "coin-sides"):
        answer(work, name, f"{name.replace('-', '_')} = 0.5623")
        write(work, lambda one, id=f"01-{name}-check": cell_of(one, id).update(outputs=SHOWN))  # type: ignore[misc]
    said = updated(rebuilt(tiny_built, *NEW_NUMBERS))
    assert "  look again at coin-entropy: the exercise has changed. Run its cells and its check." in said
    new = load(work / NAME)
    assert cell_of(new, "01-coin-entropy-answer")["source"] == "coin_entropy = 0.5623"
    assert cell_of(new, "01-coin-entropy-check")["outputs"] == []
    assert cell_of(new, "01-coin-sides-check")["outputs"] != []


def test_an_exercise_that_asks_in_other_words_has_changed(tiny_built: Course, work: Path) -> None:
    """Also where its answer is the same, and lesson.json judges it as before."""
    answer(work, "coin-sides", "coin_sides = 2")
    answer(work, "coin-likely", 'coin_likely = "heads"')
    said = updated(rebuilt(tiny_built, ("How many sides does it have?", "How many faces has the coin?")))
    assert "  2 answers carried: coin-sides, coin-likely" in said
    assert "  look again at coin-sides: the exercise has changed. Run its cells and its check." in said


def test_a_figure_shows_its_picture_and_not_a_lost_widget(tiny_built: Course, work: Path) -> None:
    """What its sliders showed ended with the kernel; the release has a picture of it."""
    answer(work, "coin-sides", "coin_sides = 2")
    lost = [{"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}}}]
    write(work, lambda one: cell_of(one, "01-figure-1").update(outputs=lost, execution_count=2))
    course = rebuilt(tiny_built, NEW_TEXT)
    updated(course)
    released = json.loads((course.root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    assert cell_of(load(work / NAME), "01-figure-1")["outputs"] == cell_of(released, "01-figure-1")["outputs"]


def test_an_answer_whose_stub_asks_for_another_name_stands_below_it(tiny_built: Course, work: Path) -> None:
    answer(work, "coin-sides", "coin_sides = 2")
    path = tiny_built.path(NAME)
    path.write_text(path.read_text(encoding="utf-8").replace("coin_sides", "sides"), encoding="utf-8")
    course = courses.read(tiny_built.root)
    build(course, course.lessons)
    assert any("look again at coin-sides" in line for line in updated(course))
    found = cell_of(load(work / NAME), "01-coin-sides-answer")["source"]
    assert found.startswith("sides = ...\n") and found.endswith("exercise changed:\ncoin_sides = 2")


def test_what_has_no_place_any_more_comes_at_the_end(tiny_built: Course, work: Path) -> None:
    answer(work, "coin-sides", 'coin_sides = 2\nwhy = """\n```\nheads, tails\n```\n"""')
    answer(work, "coin-likely", 'coin_likely = "heads"')
    write(work, put_behind("01-coin-sides-check", NOTE))
    path = tiny_built.path(NAME)
    path.write_text(without_sides(path.read_text(encoding="utf-8")), encoding="utf-8")
    course = courses.read(tiny_built.root)
    build(course, course.lessons)
    said = updated(course)
    assert "  at the notebook's end, for want of a place: the answer to coin-sides" in said
    new = load(work / NAME)
    heading, quoted = new["cells"][-2:]
    assert heading["source"].startswith("## From the lesson as you began it")
    assert quoted["cell_type"] == "markdown" and "````python\ncoin_sides = 2\n" in quoted["source"]
    assert "`coin-sides`, an exercise that is gone" in quoted["source"]
    assert "A note of mine." in texts(new)
    assert cell_of(new, "01-coin-likely-answer")["source"] == 'coin_likely = "heads"'
    updated(rebuilt(course, NEW_TEXT))
    assert "coin_sides = 2" in texts(load(work / NAME))[-1]


def test_a_cell_that_both_changed_is_new_with_the_old_words_below(tiny_built: Course, work: Path) -> None:
    write(
        work,
        lambda one: cell_of(one, "01-reading-1").update(source="# Coins\n\nA coin shows heads. My note."),
        lambda one: cell_of(one, "01-given-1").update(source="coin = np.array([0.5, 0.5])  # tried"),
    )
    updated(rebuilt(tiny_built, NEW_TEXT, *NEW_NUMBERS))
    new = load(work / NAME)
    assert "A bent coin" in cell_of(new, "01-reading-1")["source"]
    assert behind(new, "01-reading-1").endswith("A coin shows heads. My note.")
    assert "[0.9, 0.1]" in cell_of(new, "01-given-1")["source"]
    assert "```python\ncoin = np.array([0.5, 0.5])  # tried\n```" in behind(new, "01-given-1")


def test_readings_that_come_and_go_leave_the_neighbours_right(tiny_built: Course, work: Path) -> None:
    """Cells are numbered, so a new one gives all behind it another id."""
    write(
        work,
        put_behind("01-reading-2", {**NOTE, "source": "Below the heading of the exercises."}),
        lambda one: cell_of(one, "01-reading-3").update(source="## Flashcards\n\nI know them by heart."),
    )
    course = rebuilt(
        tiny_built, ('+++ {"role": "objectives"}', '+++\n\nA new page.\n\n+++ {"role": "objectives"}')
    )
    updated(course)
    new = load(work / NAME)
    assert behind(new, "01-reading-3") == "Below the heading of the exercises."
    assert cell_of(new, "01-reading-3")["source"] == "## Try it yourself"
    assert cell_of(new, "01-reading-4")["source"] == "## Flashcards\n\nI know them by heart."


def test_copies_deletions_and_changed_types_lose_nothing(tiny_built: Course, work: Path) -> None:
    def damage(notebook: dict[str, Any]) -> None:
        sides = cell_of(notebook, "01-coin-sides-answer")
        index = notebook["cells"].index(sides)
        copy = json.loads(json.dumps({**sides, "id": "copied", "source": "coin_sides = 3  # first try"}))
        notebook["cells"].insert(index, copy)
        sides["source"] = "coin_sides = 2"
        del cell_of(notebook, "01-coin-likely-answer")["metadata"]["nbgrader"]
        cell_of(notebook, "01-coin-likely-answer")["source"] = 'coin_likely = "heads"'
        notebook["cells"].remove(cell_of(notebook, "01-coin-entropy-check"))
        attached = {"picture.png": {"image/png": "iVBOR"}}
        notebook["cells"].append({**NOTE, "source": "![](attachment:picture.png)", "attachments": attached})

    write(work, damage)
    course = rebuilt(tiny_built, NEW_TEXT)
    updated(course)
    new = load(work / NAME)
    assert cell_of(new, "01-coin-sides-answer")["source"] == "coin_sides = 2"
    assert cell_of(new, "01-coin-likely-answer")["source"] == 'coin_likely = "heads"'
    (copied,) = [cell for cell in new["cells"] if "first try" in cell["source"]]
    assert "nbgrader" not in copied["metadata"]
    assert cell_of(new, "01-coin-entropy-check")
    assert cell_of(new, "note")["attachments"] == {"picture.png": {"image/png": "iVBOR"}}
    ids = [cell["id"] for cell in new["cells"]]
    assert len(set(ids)) == len(ids)


def test_files_are_the_learners_where_only_they_changed_them(tiny_built: Course) -> None:
    lesson = tiny_built.root / "lessons" / NAME
    lesson.mkdir()
    for name in ("both.csv", "mine.csv", "theirs.csv", "gone.csv"):
        (lesson / name).write_text("1\n", encoding="utf-8")
    build(tiny_built, tiny_built.lessons)
    work = lab.copy_out(tiny_built.root)
    for name in ("both.csv", "mine.csv"):
        (work / NAME / name).write_text("2, mine\n", encoding="utf-8")
    (work / NAME / "own.txt").write_text("my own\n", encoding="utf-8")
    (lesson / "gone.csv").unlink()
    for name in ("both.csv", "theirs.csv"):
        (lesson / name).write_text("3\n", encoding="utf-8")
    course = rebuilt(tiny_built, NEW_TEXT)
    assert any(line.startswith("  both.csv: you had changed it") for line in updated(course))
    found = {path.name: path.read_text(encoding="utf-8") for path in (work / NAME).glob("*.[ct][sx][vt]")}
    assert found == {"both.csv": "3\n", "mine.csv": "2, mine\n", "theirs.csv": "3\n", "own.txt": "my own\n"}
    (kept,) = (work / "before").iterdir()
    assert (kept / "both.csv").read_text(encoding="utf-8") == "2, mine\n" and (kept / "own.txt").exists()


def test_a_copy_from_before_versions_is_carried_and_what_is_unknown_is_said(
    tiny_built: Course, work: Path
) -> None:
    shutil.rmtree(work / ".begun")
    without_versions(work / NAME)
    answer(work, "coin-sides", "coin_sides = 2")
    answer(work, "coin-likely", 'coin_likely = "heads"')
    write(work, put_behind("01-reading-1", NOTE))
    path = tiny_built.path(NAME)
    path.write_text(without_sides(path.read_text(encoding="utf-8")), encoding="utf-8")
    course = rebuilt(courses.read(tiny_built.root), NEW_TEXT)
    said = updated(course)
    assert "  1 answer carried: coin-likely" in said and "  1 cell of your own carried" in said
    assert any("1 cell of the lesson not as in your copy" in line for line in said)
    assert "  at the notebook's end, for want of a place: the answer to coin-sides" in said
    new = load(work / NAME)
    assert "A bent coin" in texts(new)[0] and texts(new)[1] == "A note of mine."
    assert "coin_sides = 2" in texts(new)[-1]
    assert (work / "before" / f"{NAME}-unversioned" / f"{NAME}.ipynb").exists()


def test_a_damaged_notebook_is_refused_and_a_half_one_is_carried(tiny_built: Course, work: Path) -> None:
    answer(work, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    path = work / NAME / f"{NAME}.ipynb"
    whole = path.read_text(encoding="utf-8")
    path.write_text("no notebook", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read"):
        updated(course)
    assert path.read_text(encoding="utf-8") == "no notebook" and not (work / "before").exists()
    path.write_text(whole[: whole.index('"01-coin-code-answer"')], encoding="utf-8")
    assert any("the notebook file is damaged" in line for line in updated(course))
    assert cell_of(load(work / NAME), "01-coin-sides-answer")["source"] == "coin_sides = 2"


def test_a_notebook_open_in_jupyterlab_is_refused(
    tiny_built: Course, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(work, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    before = tree(work)
    monkeypatch.setattr(jupyterlab, "open_at", lambda path: "http://localhost:8888/")
    result = CliRunner().invoke(main, ["lab", "01", "--update", "--course", str(course.root)])
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert "is open in JupyterLab (http://localhost:8888/). Save it, close it there" in result.stderr
    assert tree(work) == before


def test_a_server_is_asked_what_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.server
    import threading

    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps([{"path": f"{NAME}/{NAME}.ipynb"}]).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    address = f"http://127.0.0.1:{server.server_port}/"
    notebook = tmp_path / "work" / NAME / f"{NAME}.ipynb"
    try:
        (tmp_path / "jpserver-0.json").write_text("damaged", encoding="utf-8")
        entry = {"url": "http://127.0.0.1:1/", "root_dir": str(tmp_path / "work"), "token": ""}
        (tmp_path / "jpserver-1.json").write_text(json.dumps(entry), encoding="utf-8")
        assert jupyterlab.open_at(notebook) == "", "who does not answer has nothing open"
        entry |= {"url": address, "token": "secret"}
        (tmp_path / "jpserver-2.json").write_text(json.dumps(entry), encoding="utf-8")
        assert jupyterlab.open_at(notebook) == address
        assert asked == [("/api/sessions", "token secret")]
        assert jupyterlab.open_at(notebook.with_name("other.ipynb")) == ""
    finally:
        server.shutdown()


# the whole way, step by step


def test_a_learner_who_had_answered_half(tiny_built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lab`, `check`, `lab --update`, `check`, `grade`: nothing is lost, and right stays right."""
    monkeypatch.setattr(jupyterlab, "serve", lambda *_: 0)
    root = tiny_built.root

    # 1. They begin: two answers, a note, a trial of their own.
    assert run(root, "lab", "01").output == ""
    work = root / "work"
    answer(work, "coin-entropy", "coin_entropy = 0.5623")
    answer(work, "coin-sides", "coin_sides = 2")
    write(work, put_behind("01-reading-1", NOTE), put_behind("01-coin-entropy-prompt", TRIAL))
    mine = tree(work / NAME)

    # 2. The course changes: another text, other numbers in one exercise.
    course = rebuilt(tiny_built, NEW_TEXT, *NEW_NUMBERS)

    # 3. `lab` opens what they have, whole, and says so in one line.
    result = run(root, "lab", "01")
    assert result.exit_code == 0 and result.output.count("\n") == 1
    assert "it opens as you began it" in result.output and "autograder lab 01 --update" in result.output
    assert tree(work / NAME) == mine

    # 4. What was right is right.
    monkeypatch.chdir(work / NAME)
    assert check("coin-entropy", coin_entropy=0.5623) is None
    assert check("coin-sides", coin_sides=2) is None

    # 5. Handed in as it is, it is graded, and the grader says that it is of another version.
    def graded(version: str) -> Any:
        folder = root / "submitted" / version / NAME
        shutil.copytree(work / NAME, folder)
        return run(root, "grade", "01")

    monkeypatch.chdir(root)
    result = graded("ann")
    assert result.exit_code == 0, result.output
    assert "another version of the lesson" in " ".join(result.output.split())
    assert marks(root, "ann") == {
        "coin-entropy": 0.0,
        "coin-sides": 1.0,
        "coin-likely": 0.0,
        "coin-code": 0.0,
    }

    # 6. They ask for the new version: all of theirs is in it.
    result = run(root, "lab", "01", "--update")
    assert result.exit_code == 0, result.output
    assert "2 answers carried: coin-entropy, coin-sides" in result.output
    assert "look again at coin-entropy" in result.output and "2 cells of your own" in result.output
    new = load(work / NAME)
    assert texts(new)[1] == "A note of mine." and TRIAL["source"] in texts(new)
    (kept,) = (work / "before").iterdir()
    assert tree(kept) == mine

    # 7. The check judges by the new numbers, and what did not change is still right.
    monkeypatch.chdir(work / NAME)
    with pytest.raises(NotYet):
        check("coin-entropy", coin_entropy=0.5623)
    assert check("coin-entropy", coin_entropy=0.3251) is None
    assert check("coin-sides", coin_sides=2) is None

    # 8. They mend it, hand in, and are graded on the new version, without a remark.
    answer(work, "coin-entropy", "coin_entropy = 0.3251")
    monkeypatch.chdir(root)
    result = graded("bob")
    assert marks(root, "bob") == {
        "coin-entropy": 2.0,
        "coin-sides": 1.0,
        "coin-likely": 0.0,
        "coin-code": 0.0,
    }
    assert "another version" not in " ".join(
        run(root, "grade", "01", "--force").output.split("bob")[-1].split()
    )
    assert course.lessons == (NAME,)


def marks(root: Path, student: str) -> dict[str, float]:
    """What the gradebook holds of a student's exercises."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        notebook = book.find_submission_notebook(NAME, NAME, student)
        return {grade.name: grade.score for grade in notebook.grades}


@pytest.mark.parametrize(
    "metadata",
    [{}, {"autograder": None}, {"autograder": "x"}, {"autograder": {"version": 7}}, {"autograder": {}}],
)
def test_a_notebook_that_names_no_version_gets_no_remark(metadata: dict[str, Any]) -> None:
    assert versioned.remark(metadata, "abc") == ()
    assert versioned.remark({"autograder": {"version": "abc"}}, "abc") == ()
    assert versioned.remark({"autograder": {"version": "abd"}}, "") == ()
    assert versioned.remark({"autograder": {"version": "abd"}}, "abc") != ()
    assert versioned.version_of({}) == versioned.version_of({"lesson.json": b"{"}) == ""
