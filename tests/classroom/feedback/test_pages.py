"""Feedback pages: what they say, what they never say, and that nothing that a learner writes runs."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from click.testing import CliRunner
from markupsafe import Markup
from nbformat.v4 import new_output

from autograder.authoring import sample_class
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.classroom.feedback import learner_page, lesson_notes
from autograder.classroom.feedback import pages as feedback
from autograder.cli.instructor import feedback as feedback_verb
from autograder.core import messages as words
from autograder.core.errors import CourseError
from autograder.core.judge import judge
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook import autograded_answers
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.submission_marks import Mark, NotebookMarks, Person, Submission
from autograder.grading.sandbox.limits import Limits
from autograder.rendering import block_markdown, mathml_sanitizer, untrusted_text
from autograder.rendering.mathml_sanitizer import formula
from tests.support.injections import CALL, PAGES
from tests.support.small_class import first

NAME = "01-coins"
REFERENCES = ("0.5623", "0.562335", "0.6931", "0.693147")
TINY_PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
).decode()


class Parsed(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data):
        if self.tags[-1:] and self.tags[-1][0] != "style":
            self.texts.append(data)

    def handle_decl(self, decl):
        assert decl == "doctype html"

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data[:80]}")

    def unknown_decl(self, data):
        raise AssertionError(f"a declaration: {data[:80]}")

    @property
    def text(self):
        return "".join(self.texts)

    @property
    def skeleton(self):
        """The page without its words."""
        return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in self.tags]


def check_inert(page: str) -> Parsed:
    parsed = Parsed(page)
    known = set(
        "html head meta title style body header h1 h2 h3 p bdi main table thead tbody tr th td a section div"
        " span pre figure img details summary strong em ul ol li code math mrow mi mn mo msup msub msubsup"
        " mfrac mtext mspace munder mover munderover mstyle mtable mtr mtd msqrt mpadded blockquote br wbr hr"
        "".split()
    )
    for tag, attrs in parsed.tags:
        assert tag.removeprefix("/") in known, tag
        for name, value in attrs:
            assert not name.startswith("on") and name != "style", (tag, name)
            assert name not in ("srcdoc", "action", "formaction", "xlink:href", "srcset", "background"), (
                tag,
                name,
            )
            if name == "href":
                assert value.startswith(("#", "https://", "http://")), value
            if name == "src":
                assert value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")), value
    names = [tag for tag, _ in parsed.tags]
    assert names.count("style") == names.count("title") == names.count("main") == 1
    assert "script" not in names
    assert not re.search("[\0\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", page)
    return parsed


@pytest.fixture(scope="module")
def graded(built_once, tmp_path_factory):
    """The sample class of the tiny course, graded, with lessons/ beside it; copy it, never change it."""
    root = tmp_path_factory.mktemp("graded") / "class"
    sample_class.write(courses.read(built_once), NAME, root)
    shutil.copytree(built_once / "lessons", root / "lessons")
    shutil.rmtree(root / "submitted" / "endless-loop")
    settings = Settings(Limits(cell_seconds=10), workers=2)
    grade_course(root, "01", (), settings, due=sample_class.DUE)
    return root


@pytest.fixture
def room(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "class")


def give(root, *options):
    done = CliRunner().invoke(feedback_verb.feedback, ["01", "--course", str(root), *options])
    assert not done.exception or isinstance(done.exception, (CourseError, SystemExit)), done.exception
    return done


def page_of(root, student):
    return (root / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def given(graded, tmp_path_factory):
    """The same, with its pages."""
    root = shutil.copytree(graded, tmp_path_factory.mktemp("given") / "class")
    give(root)
    return root


# What a page says


def test_a_page_for_every_graded_submission_and_the_others_are_named(room):
    done = give(room)
    assert done.exit_code == 0
    assert "8 pages in feedback/*/01-coins/, with worked solutions." in done.output
    assert "missing-notebook: no page, because it was not graded, or could not be" in done.stderr
    assert sorted(path.name for path in (room / "feedback").iterdir()) == sorted(
        path.name for path in (room / "autograded").iterdir()
    )


def test_the_wrong_idea_and_how_to_mend_it(given):
    text = " ".join(Parsed(page_of(given, "mistakes-01")).text.split())
    assert "0 of 7 points" in text
    assert "coin_entropy = 0.81128" in text
    assert "The idea to mend: bits" in text
    assert "You used log base 2, so this is the entropy in bits. Use the natural log." in text
    assert "The idea to mend: other-side" in text
    assert "Right: certain; not right: fair. You used log base 2; the course works in nats." in text
    assert "Hint 1 of 2 for coin-entropy" in text
    assert "Cards to review" in text and "What is the entropy of a coin?" in text
    assert "Which coin has the largest entropy?" not in text  # no wrong answer brings this card up


def test_the_other_outcomes(given):
    right = " ".join(Parsed(page_of(given, "all-right")).text.split())
    assert "7 of 7 points" in right and right.count("✓ right") == 8
    assert "mend" not in right and "Hint" not in right and "Cards to review" not in right
    blank = " ".join(Parsed(page_of(given, "all-blank")).text.split())
    assert blank.count("○ not attempted") == 8 and "still to be filled in" in blank
    stopped = " ".join(Parsed(page_of(given, "syntax-error")).text.split())
    assert "✗ stopped with an error" in stopped
    assert "SyntaxError: invalid syntax (line 2) Your cell has to run before its answer can count." in stopped
    assert "Handed in 1 day, 6:00:00 late; no points were taken off." in Parsed(page_of(given, "late")).text


def test_points_are_nbgraders(given):
    with Classroom(given).gradebook() as gradebook:
        for one in gradebook.assignment_submissions(NAME):
            wanted = f"{max(0, one.score - one.late_submission_penalty):g} of {one.max_score:g} points"
            assert f'<p class="total">{wanted}</p>' in page_of(given, one.student_id)


def test_late_penalties_are_said_and_counted(room):
    config = room / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    grade_course(room, "01", ("late",), Settings(Limits(), workers=1, force=True))
    give(room, "--student", "late")
    page = page_of(room, "late")
    assert "0 of 7 points" in page and "6:00:00 late: 7 of 7 points were taken off." in page


def test_a_persons_points_and_comments(room):
    with Classroom(room).gradebook() as gradebook:
        grade = gradebook.find_grade("coin-entropy", NAME, NAME, "mistakes-01")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.25, False
        waits = gradebook.find_grade("coin-sides", NAME, NAME, "mistakes-01")
        waits.needs_manual_grade = True
        comment = gradebook.find_comment("coin-entropy-answer", NAME, NAME, "mistakes-01")
        comment.manual_comment = "See me <b>today</b>.\nBring paper."
        student = gradebook.find_student("mistakes-01")
        student.first_name, student.last_name = "Zoë", "O'Neil"
        gradebook.db.commit()
    give(room)
    page = page_of(room, "mistakes-01")
    text = Parsed(page).text
    assert "Zoë O'Neil" in text and "(mistakes-01)" in text
    assert "1.75 of 7 points" in text and "marked by a person" in text
    assert "See me <b>today</b>.\nBring paper." in text and "<b>" not in page
    assert "A person still has to look at 1 of these answers" in text


def test_worked_solutions_only_where_they_are_allowed(room):
    assert "Worked solution" in (give(room), page_of(room, "mistakes-01"))[1]
    done = give(room, "--no-worked")
    assert "without worked solutions (--no-worked)" in done.output
    page = page_of(room, "mistakes-01")
    assert "Worked solution" not in page and "0.3466" not in page
    toml = room / "lessons" / "course.toml"
    toml.write_text(toml.read_text().replace('"open"', '"after-grading"'))
    assert "Worked solution" in (give(room), page_of(room, "mistakes-01"))[1]
    shutil.rmtree(room / "lessons")
    done = give(room)
    assert "without worked solutions (lessons/01-coins.md is not here)" in done.output
    assert "Worked solution" not in page_of(room, "mistakes-01")
    done = give(room, "--worked")
    assert isinstance(done.exception, (CourseError, SystemExit)) and done.exit_code == 1


def test_the_same_page_again_and_nothing_else_in_its_folder(room):
    give(room)
    folder = room / "feedback" / "late" / NAME
    before = page_of(room, "late")
    (folder / "old.html").write_text("x")
    give(room)
    assert page_of(room, "late") == before
    assert sorted(path.name for path in folder.iterdir()) == [f"{NAME}.html", "timestamp.txt"]
    assert (folder / f"{NAME}.html").stat().st_mode & 0o777 == 0o644


def test_a_damaged_notebook_is_its_own_students_problem(room):
    (room / "autograded" / "late" / NAME / f"{NAME}.ipynb").write_text('{"cells": [3]}')
    (room / "autograded" / "all-right" / NAME / f"{NAME}.ipynb").write_bytes(b"\xff{")
    done = give(room)
    assert "6 pages" in done.output
    assert "late: no page, because 01-coins.ipynb is damaged" in done.stderr
    assert "all-right: no page, because" in done.stderr


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own API
def test_an_id_that_leads_out_of_the_folder_gets_no_page(room):
    with Classroom(room).gradebook() as gradebook:
        for name in ("..", "../../out"):
            gradebook.add_student(name)
            gradebook.add_submission(NAME, name)
    done = give(room)
    assert "8 pages" in done.output and done.stderr.count("cannot name a folder") == 2
    assert not (room.parent / "out").exists() and not (room / NAME).exists()


def test_an_unknown_student_and_a_lesson_that_was_not_graded(room, tiny_built):
    with pytest.raises(CourseError, match="'nemo' did not submit 01-coins"):
        feedback.prepare(room, "01", ("nemo",))
    with pytest.raises(CourseError, match=r"01-coins is not graded yet. Run: autograder grade 01"):
        feedback.prepare(tiny_built.root, "01")


def test_nbgrader_releases_the_pages(room, tmp_path):
    (room / "autograded" / "late" / NAME / "submission_secret.txt").write_text("secret")
    give(room, "--student", "late")
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = room / "nbgrader_config.py"
    config.write_text(config.read_text() + f'\nc.Exchange.root = "{exchange}"\n')
    command = [sys.executable, "-m", "nbgrader", "release_feedback", NAME]
    places = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=room, env=places, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (released,) = (exchange / "generative-models" / "feedback").glob("*.html")
    assert released.read_text(encoding="utf-8") == page_of(room, "late")


# What a page never says


def held_back(text):
    return re.findall(r"BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS", text, re.S)


def test_no_hidden_test_and_no_reference_in_a_page_for_wrong_answers(room):
    give(room, "--no-worked")
    for student in ("mistakes-01", "all-blank", "mistakes-02"):
        page = page_of(room, student)
        assert "HIDDEN" not in page and "assert" not in page and "same(" not in page
    wrong = page_of(room, "mistakes-01")
    assert not any(reference in wrong for reference in REFERENCES)
    give(room)
    assert "0.5623" in page_of(room, "mistakes-01")  # so the test above can fail


def test_a_page_does_not_depend_on_the_hidden_tests(room):
    """Other tests, other tracebacks, other output of the checks: the same page, byte for byte."""
    give(room)
    students = ("mistakes-01", "mistakes-03", "all-right", "syntax-error")
    before = {student: page_of(room, student) for student in students}
    for student in students:
        path = room / "autograded" / student / NAME / f"{NAME}.ipynb"
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.source = re.sub(
                    r"(?s)(BEGIN HIDDEN TESTS\n).*(### END)",
                    r"\1assert canary(1, 2, 3) == 4711\n\2",
                    cell.source,
                )
                cell.outputs.insert(0, new_output("stream", name="stdout", text="canary printed 4711"))
                for output in cell.outputs:
                    if output.output_type == "error":
                        output.traceback += ["----> 7 assert canary(1, 2, 3) == 4711"]
        nbformat.write(notebook, path)
    give(room)
    for student in students:
        assert page_of(room, student) == before[student]


def checked(ename, evalue="", traceback=(), before=()):
    """A page of one coding exercise whose check ended so."""
    cells = [
        code("coin-code-answer", "def entropy(p): ...", before, solution=True),
        code(
            "coin-code",
            "check()\n### BEGIN HIDDEN TESTS\n"
            "assert entropy(secret_argument) == 0.123456\n### END HIDDEN TESTS",
            [new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))] if ename else [],
            grade=True,
        ),
    ]
    return rendered(cells, {"coin-code": Mark("coin-code", 0, 3, False, False)})


def code(name, source, outputs=(), **keys):
    flags = {"grade_id": name, "grade": False, "solution": False, "task": False, **keys}
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": {"nbgrader": flags}}


def rendered(cells, marks, person=None, comments=None, made=None):
    submission = Submission(person or Person("ann"), 0.0, {"one": NotebookMarks(0.0, marks, comments or {})})
    found = list(autograded_answers._answers(cells))
    return learner_page.render(
        learner_page.page_of(submission, "one", found, made or lesson_notes.Notes("T", {}))
    )


def test_a_held_back_test_that_failed_is_said_without_it():
    trace = ["Traceback", "----> 3 assert entropy(secret_argument) == 0.123456"]
    page = checked("AssertionError", "0.123456", trace)
    assert "A test of this answer failed." in page
    assert "secret_argument" not in page and "0.123456" not in page


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (lesson_notes.Note(hints=(Markup("One."),)), "the text of the lesson; a hint is below."),
        (
            lesson_notes.Note(hints=(Markup("One."), Markup("Two."))),
            "the text of the lesson; hints are below.",
        ),
        (lesson_notes.Note(worked=Markup("So.")), "the text of the lesson; the worked solution is below."),
        (lesson_notes.Note(), "the text of the lesson."),
    ],
    ids=["a hint", "two hints", "a worked solution", "nothing"],
)
def test_a_page_says_of_no_hint_that_it_is_below_where_none_is(note, words):
    line = "✗ coin-code: not yet. Compare each step with the text."
    cells = [
        code("coin-code-answer", "x = 1", solution=True),
        code(
            "coin-code",
            'check("coin-code", x=x)',
            [new_output("error", ename="NotYet", evalue="coin-code wrong", traceback=[line])],
            grade=True,
        ),
    ]
    marks = {"coin-code": Mark("coin-code", 0, 3, False, False)}
    page = rendered(cells, marks, made=lesson_notes.Notes("T", {"coin-code": note}))
    assert words in page
    assert page.count("<summary>Hint") == len(note.hints)


def test_an_error_in_the_check_says_its_kind_only():
    page = checked("ValueError", "secret_argument was [0.5, 0.5]", ["assert entropy(secret_argument)"])
    assert "ValueError" in page and "secret_argument" not in page and "[0.5" not in page
    page = checked("Secret_0_123456", "", [])
    assert "an error of your own" in page and "0_123456" not in page


def test_an_output_that_quotes_a_test_is_left_out():
    quote = "assert entropy(secret_argument) == 0.123456"
    error = new_output("error", ename="KeyError", evalue=f"In[2]: {quote}", traceback=[])
    page = checked("NameError", before=[error])
    assert "it quotes the tests" in page and "secret_argument" not in page
    page = checked("NotYet", "coin-code wrong", [f"✗ coin-code: {quote}"])
    assert "secret_argument" not in page
    hand = code("essay", "x", [new_output("stream", name="stdout", text=quote)], grade=True, solution=True)
    secret = code("c", f"### BEGIN HIDDEN TESTS\n{quote}\n### END HIDDEN TESTS", grade=True)
    page = rendered([hand, secret], {"essay": Mark("essay", 0, 3, True, False)})
    assert "it quotes the tests" in page and "secret_argument" not in page


def test_what_an_answer_prints_is_shown_only_where_a_person_marks():
    printed = [new_output("stream", name="stdout", text="called with 4711")]
    assert "4711" not in checked("NotYet", "coin-code wrong", ["✗ coin-code: no"], before=printed)
    hand = code("program", "print(1)", printed, grade=True, solution=True)
    assert "called with 4711" in rendered([hand], {"program": Mark("program", 0, 3, True, False)})


def test_a_course_that_is_not_of_ours_with_essays_tasks_and_pictures():
    notebook = json.loads(nbformat.writes(first()))
    cells = notebook["cells"]
    for cell in cells:
        keys = cell["metadata"].get("nbgrader", {})
        if keys.get("grade_id") == "essay":
            cell["source"] = "# My *essay*\n<b>words</b>"
        if keys.get("grade_id") == "program":
            cell["outputs"] = [
                {"output_type": "display_data", "data": {"image/png": TINY_PNG, "text/plain": "<Figure>"}},
                {"output_type": "display_data", "data": {"image/png": "PHN2Zz4=", "text/plain": "<fake>"}},
                {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload=x>"}},
                {
                    "output_type": "execute_result",
                    "data": {"text/html": "<b>x</b>", "text/plain": ["4", "2"]},
                },
            ]
    marks = {
        name: Mark(name, score, 4, manual, waits)
        for name, score, manual, waits in (
            ("a", 4, False, False),
            ("b", 2, False, False),
            ("essay", 3, True, False),
            ("chore", 0, False, True),
            ("program", 1, True, False),
        )
    }
    page = rendered(cells, marks, comments={"essay": "Good.", "chore": "Later."})
    parsed = check_inert(page)
    text = parsed.text
    assert "# My *essay*\n<b>words</b>" in text and "Good." in text and "Later." in text
    assert "◐ right in part" in text and "a person still has to look" in text
    assert page.count("<img") == 1 and f"data:image/png;base64,{TINY_PNG}" in page
    assert "<fake>" in text and "(not shown here: image/svg+xml)" in text and "42" in text


# The course's own lessons: small pages, no references


LESSONS = ("01-what-a-generative-model-is", "03-maximum-likelihood-and-the-kl-view")
COURSE = Path(__file__).parents[3]


def simulated(name, number):
    """The page data of somebody with the `number`-th mistake of every exercise, without a kernel."""
    known = lesson_json.read(COURSE / "release" / name / lesson_json.FILE)
    cells, marks = [], {}
    values = evaluate.evaluate(lesson.read(COURSE / "lessons" / f"{name}.md"))
    for one in values:
        exercise = known.exercises[one.text.id]
        mistake, wrong = one.mistakes[min(number, len(one.mistakes) - 1)]
        verdict = judge(exercise, dict(wrong))
        said = [words.line(exercise, verdict)]
        error = new_output("error", ename="NotYet", evalue=verdict.code, traceback=said)
        cells.append(
            code(
                f"{one.text.id}-answer",
                sample_class.mistaken_source(one, one.mistakes.index((mistake, wrong))),
                solution=True,
            )
        )
        cells.append(code(one.text.id, "check()", [error], grade=True))
        marks[one.text.id] = Mark(one.text.id, 0, exercise.points, False, False)
    return values, cells, marks


@pytest.mark.parametrize("name", LESSONS)
def test_pages_of_the_course_are_small_and_keep_the_answers(name):
    values, cells, marks = simulated(name, 0)
    closed = rendered(cells, marks, made=lesson_notes.read(COURSE, name, False))
    page = rendered(cells, marks, made=lesson_notes.read(COURSE, name, None))
    check_inert(page)
    assert len(page.encode()) < 64_000 and "Worked solution" in page
    shown = Parsed(closed).text
    for cell in cells:
        shown = shown.replace(cell["source"], "")
    for one in values:
        assert f"The idea to mend: {one.mistakes[0][0].slug}" in shown
        for reference in one.references.values():
            if isinstance(reference, float) and len(f"{abs(reference) % 1:.4f}".strip("0.")) > 2:
                assert f"{reference:.4f}" not in shown, (one.text.id, reference)
    for cell in cells:
        cell["source"] += "\n<&>'é" * 2000  # nor does whoever writes much get a large one
    assert len(rendered(cells, marks, made=lesson_notes.read(COURSE, name, None)).encode()) < 64_000


# Whatever a learner writes stays text


HARMLESS = "harmless"


def injected(text):
    """A page with `text` in every place that a learner, or an instructor, can write to."""
    error = new_output("error", ename="NotYet", evalue="a wrong:x", traceback=[text])
    error.update(evalue=f"a wrong:{text}")
    broken = {"output_type": "error", "ename": "KeyError", "evalue": text, "traceback": [text]}
    shown = [
        {"output_type": "stream", "name": "stdout", "text": text},
        {
            "output_type": "display_data",
            "data": {"text/html": text, "text/plain": text, "image/svg+xml": text},
        },
        {"output_type": "display_data", "data": {"image/png": text, "text/plain": text}},
        {"output_type": "display_data", "data": {"text/html": text, text: text}},
        broken,
    ]
    cells = [
        code("a-answer", text, [broken], solution=True),
        code("a", text, [error], grade=True),
        code("b-answer", text, [broken], solution=True),
        code("b", text, [{**broken, "ename": text}], grade=True),
        code("c", text, shown, grade=True, solution=True),
        {**code("d", text, grade=True, solution=True), "cell_type": "markdown"},
    ]
    marks = {name: Mark(name, 0, 1, False, False) for name in "abcd"}
    comments = {"a-answer": text, "c": text}
    return rendered(cells, marks, Person(text, "Ann", text, text, text), comments)


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES.keys())
def test_an_injection_is_text_and_changes_no_tag(text):
    page = injected(text)
    parsed = check_inert(page)
    assert parsed.skeleton == check_inert(injected(HARMLESS)).skeleton
    assert len(page.encode()) < 64_000
    wanted = untrusted_text.shown(text, learner_page.ROOM[1] // 4 // 6)
    assert parsed.text.count(wanted.strip()[:300]) >= 4
    page.encode("utf-8")


def test_markdown_of_the_course_runs_nothing_either():
    for text in PAGES.values():
        if len(text) < 10_000 and "\ud83d" not in text:
            made = block_markdown.to_html(text)
            parsed = Parsed(f"<!doctype html>{made}")
            assert not {"script", "img", "svg", "iframe", "style"} & {tag for tag, _ in parsed.tags}
            for _, attrs in parsed.tags:
                assert not any(
                    name.startswith("on") or "javascript" in (value or "") for name, value in attrs
                )


def test_formulas_hold_mathml_only():
    """Whatever stands in a formula comes out as text, and what cannot be shown as code."""
    for text in PAGES.values():
        if len(text) < 10_000 and not set("\0{}\\$\ud83d") & set(text):
            for latex in (rf"x + \text{{{text}}}", rf"\href{{{text}}}{{x}}", text):
                tags = Parsed(f"<!doctype html>{formula(latex)}").tags
                assert {tag.removeprefix("/") for tag, _ in tags} <= {
                    *mathml_sanitizer.TAGS,
                    "span",
                    "wbr",
                    "code",
                }
                assert {name for _, attrs in tags for name, _ in attrs} <= mathml_sanitizer.ATTRIBUTES
    assert formula(r"\text{<b>&amp;}") == "<math><mtext>&lt;b&gt;&amp;amp;</mtext></math>"
    assert formula(r"\href{x}{<b>}") == r"<code>\href{x}{&lt;b&gt;}</code>"
    assert formula(r"\frac{1}{2}", True) == (
        '<span class="formula"><math display="block"><mfrac><mn>1</mn><mn>2</mn></mfrac></math></span>'
    )


def test_what_a_converter_might_let_through_is_text():
    """The second wall: whatever stands in a tree, the page gets MathML with known attributes alone."""
    row = ElementTree.fromstring(
        '<math onclick="x()" class="m-aligned evil" style="a"><mi href="javascript:x()">x</mi>'
        '<script src="y">alert(1)</script><mtable class="m-cases"/><semantics><img/>z</semantics></math>'
    )
    made = ElementTree.tostring(mathml_sanitizer.clean(row), encoding="unicode")
    assert made == (
        '<math class="m-aligned"><mi>x</mi><mtext>alert(1)</mtext>'
        '<mtable class="m-cases" /><mtext>z</mtext></math>'
    )


def test_links_and_pictures_of_the_course_need_no_neighbors():
    made = block_markdown.to_html("# Head\n\n[a](../x.ipynb) [b](https://x.invalid/) ![a *dot*](dot.png)")
    assert (
        "<th></th>" not in block_markdown.to_html("| | a |\n|---|---|\n| b | c |")
        and block_markdown.line_to_html("") == ""
    )
    assert '<p class="heading">Head</p>' in made and "<span>a</span>" in made
    assert '<a href="https://x.invalid/">b</a>' in made and "<em>a dot</em>" in made and "<img" not in made


def test_unseen_signs_are_named():
    assert untrusted_text.shown("a\u202eb\0c\x1b[31md\x1b[0m\ud800") == "a[U+202E]b[U+0000]cd[U+D800]"
    assert untrusted_text.shown("a\r\nb\tc\u200dd") == "a\nb\tc\u200dd"
    assert untrusted_text.name(" Zo\u202eë\n\tO'Neil ") == "Zoë O'Neil"
    assert untrusted_text.shown("<" * 10, 20) == "<<<<<\n… (5 more characters are in your notebook)"


# Zips


def lms(root, **numbers):
    with Classroom(root).gradebook() as gradebook:
        for student, (number, first, last) in numbers.items():
            row = gradebook.find_student(student.replace("_", "-"))
            row.lms_user_id, row.first_name, row.last_name = number, first, last
        gradebook.db.commit()


def moodle_takes(names, participants):
    """What Moodle makes of the names in a zip, by importziplib.php: (participant, plugin, file)."""
    taken = {}
    for name in names:
        parts = ("import/" + name).split("/")
        if parts[-1].startswith((".", "~")):
            continue
        while parts:
            info = parts.pop(0).split("_", 4)
            if len(info) < 4 or not info[1].isdigit() or int(info[1]) not in participants:
                continue
            assert (info[2], info[3]) == ("assignsubmission", "file")
            rest = [info[4] if len(info) > 4 else "", *parts]
            taken[name] = (int(info[1]), "/".join(rest).strip("/"))
            break
    return taken


def canvas_takes(names, submissions):
    """What Canvas makes of them, by Assignment#infer_comment_context_from_filename: (user, attachment)."""
    taken = {}
    for name in names:
        base = name.rpartition("/")[2]
        user, attachment = ([part for part in base.split("_") if re.fullmatch(r"\d+", part)] + [None, None])[
            :2
        ]
        if submissions.get(user) == attachment and attachment and not base.startswith("._"):
            taken[name] = user
    return taken


def zipped(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_moodle_takes_the_zip(room, tmp_path):
    lms(room, all_right=("901", "Zoë_Ann", "O'Neil/Ré"), late=("", "", ""))
    done = give(room, "--zip", "moodle", str(tmp_path / "back.zip"))
    made = zipped(tmp_path / "back.zip")
    assert moodle_takes(made, {901}) == {
        "Zoë Ann O'Neil Ré_901_assignsubmission_file_/01-coins.html": (901, "01-coins.html")
    }
    assert list(made.values()) == [page_of(room, "all-right").encode()]
    assert "late: left out, Moodle's number for them is not known" in done.stderr
    assert "compare the names" in done.stderr
    before = (tmp_path / "back.zip").read_bytes()
    give(room, "--zip", "moodle", str(tmp_path / "back.zip"))
    assert (tmp_path / "back.zip").read_bytes() == before


def test_moodles_numbers_come_from_its_own_zip(room, tmp_path):
    lms(room, all_right=("7", "Zoë", "Ré"), late=("8", "Bo", "Li"), first_half=("9", "Ty", "Xu"))
    with zipfile.ZipFile(tmp_path / "subs.zip", "w") as archive:
        archive.writestr("Zoe Ré_8_assignsubmission_file_/01-coins.ipynb", "{}")
        archive.writestr("Bo Li_7_assignsubmission_file_/01-coins.ipynb", "{}")
        archive.writestr("Who Else_9_assignsubmission_file_/01-coins.ipynb", "{}")
    done = give(room, "--zip", "moodle", str(tmp_path / "b.zip"), "--downloaded", str(tmp_path / "subs.zip"))
    made = zipped(tmp_path / "b.zip")
    # The gradebook's numbers are another assignment's: 7 is not Zoë here.
    assert {number for number, _ in moodle_takes(made, {7, 8, 9}).values()} == {7, 8}
    assert made["Zoë Ré_8_assignsubmission_file_/01-coins.html"] == page_of(room, "all-right").encode()
    assert made["Bo Li_7_assignsubmission_file_/01-coins.html"] == page_of(room, "late").encode()
    assert "Ty Xu: left out" in done.stderr and "Who Else (9) is in the downloaded zip" in done.stderr


def test_canvas_takes_the_zip(room, tmp_path):
    lms(room, all_right=("55", "Zoë", "O'Neil"), late=("", "Bo", "Li"))
    with zipfile.ZipFile(tmp_path / "subs.zip", "w") as archive:
        archive.writestr("oneilzoe_55_7001_01-coins.ipynb", "{}")
        archive.writestr("libo_LATE_56_7002_01-coins-1.ipynb", "{}")
        archive.writestr("else_57_7003_01-coins.ipynb", "{}")
    done = give(room, "--zip", "canvas", str(tmp_path / "b.zip"), "--downloaded", str(tmp_path / "subs.zip"))
    made = zipped(tmp_path / "b.zip")
    assert canvas_takes(made, {"55": "7001", "56": "7002", "57": "7003"}) == {
        "oneilzoe_55_7001_01-coins.html": "55",
        "libo_LATE_56_7002_01-coins.html": "56",
    }
    assert made["libo_LATE_56_7002_01-coins.html"] == page_of(room, "late").encode()
    assert "else (57) is in the downloaded zip and has no page" in done.stderr
    done = give(room, "--zip", "canvas", str(tmp_path / "c.zip"))
    assert isinstance(done.exception, (CourseError, SystemExit)) and not (tmp_path / "c.zip").exists()


# In a browser


@pytest.mark.browser
def test_no_injection_runs_in_chromium(browser, tmp_path):
    """Without the page's own policy, so that it is the escaping that is tested; links are clicked too."""
    texts = [text for text in PAGES.values() if len(text) < 10_000]
    pages = [injected(text) for text in texts]
    bare = [re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page) for page in pages]
    assert all("Content-Security-Policy" not in page for page in bare)
    window = browser.new_context()
    opened, dialogs, asked = window.new_page(), [], []
    opened.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    opened.on(
        "request", lambda one: asked.append(one.url) if not one.url.startswith(("file:", "data:")) else None
    )
    path = tmp_path / "page.html"
    for page in bare:
        path.write_text(page, encoding="utf-8")
        opened.goto(path.as_uri())
        if page is bare[0]:
            for link in opened.locator("a").all():
                link.click()
        opened.mouse.move(200, 200)
        assert opened.evaluate("window.pwned || 0") == 0
        assert opened.evaluate("document.scripts.length") == 0
    path.write_text(bare[0].replace("</main>", f"<script>{CALL}</script></main>"), encoding="utf-8")
    opened.goto(path.as_uri())
    assert opened.evaluate("window.pwned") == 1 and dialogs == ["1"] and asked == []  # the test can fail
    path.write_text(pages[0].replace("</main>", f"<script>{CALL}</script></main>"), encoding="utf-8")
    opened.goto(path.as_uri())
    assert opened.evaluate("window.pwned || 0") == 0  # and the policy holds where escaping would not
    window.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, given, scheme, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    _, cells, marks = simulated(LESSONS[1], 0)  # tables and long formulas
    long = tmp_path / "long.html"
    long.write_text(
        rendered(cells, marks, made=lesson_notes.read(COURSE, LESSONS[1], None)), encoding="utf-8"
    )
    students = ("mistakes-01", "late", "syntax-error", "all-blank")
    for path in (long, *(given / "feedback" / student / NAME / f"{NAME}.html" for student in students)):
        window = browser.new_context(color_scheme=scheme, viewport={"width": 400, "height": 800})
        opened = window.new_page()
        opened.goto(path.as_uri())
        for fold in opened.locator("summary").all():
            fold.click()
        # Every rule but one, to which a head of a table that is a formula is empty.
        found = Axe().run(opened, options={"rules": {"empty-table-header": {"enabled": False}}}).response
        assert found["passes"] and [one["id"] for one in found["violations"]] == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= 400
        window.close()


@pytest.mark.browser
def test_it_works_without_scripts_and_prints_what_is_folded_away(browser, given):
    from pypdf import PdfReader

    window = browser.new_context(java_script_enabled=False)
    opened = window.new_page()
    opened.goto((given / "feedback" / "mistakes-01" / NAME / f"{NAME}.html").as_uri())
    hint = opened.locator("details", has_text="Hint 1 of 2").first
    assert not hint.locator("math").first.is_visible()
    hint.locator("summary").click()
    assert hint.locator("math").first.is_visible()
    window.close()
    window = browser.new_context(color_scheme="dark")
    opened = window.new_page()
    opened.goto((given / "feedback" / "mistakes-01" / NAME / f"{NAME}.html").as_uri())
    sheets = PdfReader(io.BytesIO(opened.pdf())).pages
    text = " ".join(" ".join(sheet.extract_text().split()) for sheet in sheets)
    assert "There are two terms, one for heads and one for tails." in text
    assert "Leave out the terms with" in text and len(sheets) <= 3
    window.close()


def test_dates_do_not_creep_in(given):
    assert not re.search(rf"{dt.date.today().year}-\d\d-\d\d", page_of(given, "late"))
