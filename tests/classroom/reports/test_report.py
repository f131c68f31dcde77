"""`autograder report` on a class whose every wrong idea, value and word was planted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.util
import json
import math
import random
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner, Result

from autograder.authoring import sample_class
from autograder.authoring.building import build as building
from autograder.authoring.checks.verify import verify
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.classroom.analysis import class_report as reports
from autograder.classroom.analysis import early_alerts, item_analysis, misconceptions
from autograder.classroom.analysis.early_alerts import Earlier
from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.classroom.reports import pseudonyms, report_html
from autograder.cli.instructor.report import report as verb
from autograder.core.model import Exercise, Lesson
from autograder.core.verdict import NOT_ATTEMPTED, RIGHT, WRONG
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from autograder.rendering import svg_charts

ROOT = Path(__file__).parents[3]
NAME = "01-coins"
SETTINGS = Settings(Limits(cell_seconds=10), workers=2)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

SCRIPT = "<script>document.title='owned'</script>"
CLOSE_STYLE = "</style></svg></pre><h1>owned</h1>"
HOSTILE_ERROR = f"raise type({CLOSE_STYLE!r}, (Exception,), {{}})({SCRIPT!r})"
TYPED = {  # what is planted in coin-entropy and coin-sides, and by how many
    "bits": ("coin_entropy = 0.8113", 5),
    "unweighted": ("coin_entropy = 1.674", 2),
    "twice": ("coin_entropy = 1.1247", 3),
    "alone": ("coin_entropy = 0.4321", 1),
    "text": (f"coin_entropy = {SCRIPT!r}", 1),
    "hostile": (HOSTILE_ERROR, 1),
}


def planted() -> dict[str, dict[str, str]]:
    """The answer cells that are not right, by learner."""
    made: dict[str, dict[str, str]] = {}
    for cell, count in TYPED.values():
        for _ in range(count):
            made[f"s{len(made):02}"] = {"coin-entropy": cell}
    for number, student in enumerate(made):
        if number < 4:
            made[student]["coin-sides"] = "coin_sides = 3"
    made["s00"]["coin-code"] = "def entropy(p):\n    p = p[p > 0]\n    return float(-np.sum(p * np.log2(p)))"
    made["s06"]["coin-code"] = made["s00"]["coin-code"]
    made["s12"] |= {"coin-sides": "1 / 0", "coin-likely": "nonsense +"}
    made["right"], made["late"] = {}, {}
    return made


@pytest.fixture(scope="module")
def graded(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded: the planted learners, one blank, one without a notebook, one who is absent."""
    root = tmp_path_factory.mktemp("report") / "class"
    shutil.copytree(built_once, root)
    evaluated = evaluate.evaluate(lesson.read(root / "lessons" / f"{NAME}.md"))
    right = {one.text.id: sample_class.solved_source(one) for one in evaluated}
    notebook = nbformat.read(root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for student, answers in {**{s: {**right, **a} for s, a in planted().items()}, "blank": {}}.items():
        home = root / "submitted" / student / NAME
        home.mkdir(parents=True)
        late = dt.timedelta(hours=50 if student == "late" else -2)
        (home / "timestamp.txt").write_text(f"{sample_class.DUE + late:%Y-%m-%d %H:%M:%S} UTC\n")
        shutil.copy(root / "release" / NAME / lesson_json.FILE, home)
        nbformat.write(sample_class.filled_in(notebook, answers), home / f"{NAME}.ipynb")
    (root / "submitted" / "lost" / NAME).mkdir(parents=True)
    (root / "submitted" / "lost" / NAME / "notes.txt").write_text("sorry")
    with Classroom(root).gradebook() as gradebook:
        gradebook.update_or_create_student("absent", first_name="Ab", last_name="Sent")
        gradebook.update_or_create_student("s12", first_name="Bobby", last_name=SCRIPT)
        gradebook.update_or_create_student(
            "blank", first_name='"><img src=x onerror=alert(1)>', last_name="{{ 7 * 7 }}"
        )
    grade_course(root, "01", (), SETTINGS, due=sample_class.DUE)
    return root


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(verb, [*words, "--course", str(root)])


@pytest.fixture(scope="module")
def facts(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("facts") / "facts.json"
    done = run(graded, "01", "--json", str(path))
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture(scope="module")
def page(graded: Path, facts: dict[str, Any]) -> str:
    return (graded / "reports" / f"{NAME}.html").read_text()


# What was planted is found


def test_every_planted_idea_is_counted_exactly(facts: dict[str, Any]) -> None:
    found = {(one["exercise"], one["idea"]): one["learners"] for one in facts["ideas"]}
    assert found == {
        ("coin-entropy", "bits"): ["s00", "s01", "s02", "s03", "s04"],
        ("coin-entropy", "unweighted"): ["s05", "s06"],
        ("coin-entropy", "~type"): ["s11"],
        ("coin-sides", "edge"): ["s00", "s01", "s02", "s03"],
        ("coin-code", "bits"): ["s00", "s06"],
    }
    first = facts["ideas"][0]
    assert (first["count"], first["attempted"], first["wrong"]) == (5, 15, 13)


def test_an_idea_over_exercises_counts_each_learner_once(facts: dict[str, Any]) -> None:
    (bits,) = facts["ideas_in_several_exercises"]
    assert (bits["idea"], bits["count"], bits["answers"]) == ("bits", 6, 7)


def test_items_are_counted_exactly(facts: dict[str, Any]) -> None:
    found = {one["exercise"]: one for one in facts["exercises"]}
    assert list(found) == ["coin-entropy", "coin-sides", "coin-likely", "coin-code"]
    entropy = found["coin-entropy"]
    wanted = {
        "learners": 16,
        "attempted": 15,
        "right": 2,
        "wrong_named": 8,
        "wrong_unexplained": 4,
        "stopped": 1,
    }
    assert {key: entropy[key] for key in wanted} == wanted
    assert entropy["share_right"] == 2 / 16 and entropy["share_right_of_attempted"] == 2 / 15


def test_the_planted_unknown_mistake_is_found_pasted_and_verified(
    graded: Path, facts: dict[str, Any], tmp_path: Path
) -> None:
    (cluster,) = facts["clusters"]
    assert cluster["learners"] == ["s07", "s08", "s09"]
    assert cluster["relation"] == "twice the answer"
    root = tmp_path / "course"
    shutil.copytree(graded, root, ignore=shutil.ignore_patterns("submitted", "autograded", "gradebook.db"))
    file, _, line = cluster["paste_after"].rpartition(":")
    lines = (root / file).read_text().split("\n")
    lines[int(line) : int(line)] = cluster["lines"].split("\n")
    (root / file).write_text("\n".join(lines))
    course = courses.read(root)
    building.build(course, course.lessons)
    assert [str(p) for promise in verify(course, NAME) for p in promise.problems] == []
    assert "slug-to-name" in (root / "release" / NAME / lesson_json.FILE).read_text()


def test_learners_who_need_a_word(facts: dict[str, Any]) -> None:
    found = {(one["learner"], one["kind"]) for one in facts["learners_who_may_need_a_word"]}
    assert found == {
        ("blank", "blank"),
        ("late", "late"),
        ("s12", "stopped"),
        ("absent", "absent"),
        ("lost", "refused"),
    }
    late = next(one for one in facts["learners_who_may_need_a_word"] if one["kind"] == "late")
    assert late["words"].startswith("handed in 2 days late.")


def test_the_generator_of_a_term_is_recovered(built_once: Path, tmp_path: Path) -> None:
    """Whatever seed: each planted idea with exactly its holders, each unknown mistake in one cluster."""
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        spec = importlib.util.spec_from_file_location("term_class", ROOT / "bench" / "term_class.py")
        assert spec and spec.loader
        generator = importlib.util.module_from_spec(spec)
        sys.modules["term_class"] = generator
        spec.loader.exec_module(generator)
    finally:
        sys.path.pop(0)
    folder = tmp_path / "class"
    (made,) = generator.write(courses.read(built_once), [NAME], folder, 24, seed=11)
    short = Settings(Limits(cell_seconds=2), workers=2)
    grade_course(folder, "01", (), short, due=sample_class.DUE)
    found = reports.of_lesson(folder, "01")
    told = {(one.exercise, one.slug): list(one.holders) for one in found.misconceptions}
    planted_ideas = {key: sorted(those) for key, those in made.ideas.items() if those}
    assert len(planted_ideas) > 3 and {key: told.get(key) for key in planted_ideas} == planted_ideas
    assert {one.exercise: one.right for one in found.items} == {
        name: len(made.right.get(name, ())) for name in found.graded.points
    }
    several = {key: set(those) for key, those in made.unknown.items() if len(those) > 1}
    assert several, "the seed plants one"
    for (exercise, _), those in several.items():
        assert any(one.exercise == exercise and those == set(one.holders) for one in found.clusters)


# The numbers, by a second route


def test_discrimination_against_pearson_by_hand() -> None:
    scores, rests = [1.0, 1, 1, 0, 0], [5.0, 4, 3, 2, 1]
    # means 4 and 1.5, deviation sqrt(2), p = 3/5: 2.5 / sqrt(2) * sqrt(0.24)
    assert item_analysis.point_biserial(scores, rests) == pytest.approx(math.sqrt(0.75), abs=1e-12)


def test_discrimination_against_numpy() -> None:
    chance = random.Random(3)
    for _ in range(50):
        n = chance.randint(10, 60)
        scores = [1.0, 0.0, *(float(chance.random() < 0.6) for _ in range(n - 2))]
        rests = [chance.randint(0, 9) + 2 * score for score in scores]
        if len(set(rests)) > 1:
            wanted = float(np.corrcoef(scores, rests)[0, 1])
            assert item_analysis.discrimination(scores, rests)[0] == pytest.approx(wanted, abs=1e-12)


def test_discrimination_of_a_class_against_numpy(graded: Path) -> None:
    """The whole way: verdicts, weights by points, the blank notebook left out."""
    found = reports.of_lesson(graded, "01")
    read = [one for one in found.graded.handed_in if one.student != "blank"]
    right = np.array([[one.kind(name) == "right" for name in found.graded.points] for one in read], float)
    points = np.array(list(found.graded.points.values()))
    for column, item in enumerate(found.items):
        rest = right @ points - right[:, column] * points[column]
        if 0 < right[:, column].mean() < 1:
            assert item.discrimination == pytest.approx(np.corrcoef(right[:, column], rest)[0, 1], abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "rests", "why"),
    [
        ([1.0] * 9, list(range(9)), "fewer than 10 learners"),
        ([1.0] * 12, list(range(12)), "everybody right"),
        ([0.0] * 12, list(range(12)), "nobody right"),
        ([1.0, 0.0] * 6, [3.0] * 12, "all alike in the other exercises"),
    ],
)
def test_no_discrimination_where_there_is_none(scores: list[float], rests: list[float], why: str) -> None:
    assert item_analysis.discrimination(scores, rests) == (None, why)


def test_wilson_solves_its_own_equation() -> None:
    """Its ends are the shares p from which the observed one is 1.96 standard errors away."""
    for right, of in ((0, 7), (3, 10), (10, 10), (57, 200)):
        for end in item_analysis.wilson(right, of):
            error = math.sqrt(end * (1 - end) / of)
            assert abs(right / of - end) == pytest.approx(1.959964 * error, abs=1e-9)


def test_fisher_covers_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        x = chance.normal(size=30)
        y = 0.5 * x + math.sqrt(0.75) * chance.normal(size=30)
        low, high = item_analysis.fisher(float(np.corrcoef(x, y)[0, 1]), 30) or (0, 0)
        inside += low <= 0.5 <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_optional_exercises_are_no_rest_and_count_among_their_takers() -> None:
    made = [
        HandedIn(f"s{n}", 0, 0, {"a": RIGHT if n % 2 else WRONG, "b": RIGHT, "o": NOT_ATTEMPTED})
        for n in range(12)
    ]
    lesson_of = Lesson(NAME, "", 0, {name: Exercise(name, 1, ()) for name in "abo"}, ())
    group = GradedClass(NAME, "", {"a": 1, "b": 1, "o": 5}, frozenset("o"), lesson_of, tuple(made), {})
    a, b, o = item_analysis.analyse(group)
    assert a.why == "all alike in the other exercises" and b.why == "everybody right"
    assert o.why == "fewer than 10 learners" and o.blank == 12
    assert item_analysis.rest(group, made[1], "b") == 1


# The words


@pytest.mark.parametrize(
    ("feedback", "count", "wanted"),
    [
        ("You used log base 2. Use ln.", 7, "Seven of you used log base 2. Use ln."),
        ("You used log base 2.", 40, "40 of you used log base 2."),
        ("This is the KL in bits.", 2, "For two of you, the answer is the KL in bits."),
        ("These are the odds.", 3, "For three of you, the answers are the odds."),
        ("Your evidence is the mean.", 3, "For three of you: your evidence is the mean."),
        ("Weight each surprisal.", 12, "A word for twelve of you: Weight each surprisal."),
        ("You used log base 2.", 1, "A word that may help everybody: You used log base 2."),
        ("You\\g<0> did {} it.", 2, "A word for two of you: You\\g<0> did {} it."),
    ],
)
def test_feedback_is_turned_to_the_class(feedback: str, count: int, wanted: str) -> None:
    assert misconceptions.to_the_class(feedback, count) == wanted


def a_class(shares: dict[str, float]) -> GradedClass:
    made = [HandedIn(student, share, 0, {"a": RIGHT}) for student, share in sorted(shares.items())]
    return GradedClass("03-x", "", {"a": 1}, frozenset(), Lesson("03-x", "", 0, {}, ()), tuple(made), {})


def test_a_fall_is_measured_against_oneself_and_the_class() -> None:
    usual = Earlier(({"down": 0.9, "low": 0.2, "even": 0.6}, {"down": 0.9, "low": 0.2, "even": 0.6}))
    seen = early_alerts.alerts_of(a_class({"down": 0.3, "low": 0.2, "even": 0.6}), usual)
    assert [(one.student, one.kind) for one in seen] == [("down", "fall")]
    assert "earned 30% of the points here and 90% on average before" in seen[0].words
    # A lesson in which everybody falls is a hard lesson.
    assert early_alerts.alerts_of(a_class({"down": 0.5, "low": 0.1, "even": 0.2}), usual) == []
    # One earlier lesson does not say what is usual.
    assert early_alerts.alerts_of(a_class({"down": 0.3, "even": 0.6}), Earlier(usual.shares[:1])) == []


def test_the_page_has_the_alerts_by_kind_in_the_order_of_their_table(
    facts: dict[str, Any], page: str
) -> None:
    kinds = list(dict.fromkeys(one["kind"] for one in facts["learners_who_may_need_a_word"]))
    assert kinds == [kind for kind in early_alerts.ALERTS if kind in kinds] and len(kinds) > 3
    heads = [head for head in re.findall(r"<h3>(.+?)</h3>", page) if head in early_alerts.ALERTS.values()]
    assert heads == [early_alerts.ALERTS[kind] for kind in kinds]


def test_words_are_kind(facts: dict[str, Any]) -> None:
    for one in facts["learners_who_may_need_a_word"]:
        assert not re.search(r"weak|poor|bad|lazy|fail|cheat|worst", one["words"])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(30, "less than a minute"), (90, "2 minutes"), (7200, "2 hours"), (90_000, "1 day")],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert early_alerts.how_long(seconds) == words


# The page


class Elements(HTMLParser):
    """Every element's name and attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def inert(page: str) -> None:
    elements = Elements(page).found
    names = {name for name, _ in elements}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "a:href"}
    assert sum(name == "h1" for name, _ in elements) == 1, "no heading was smuggled in"
    for _, attributes in elements:
        assert not any(key.startswith("on") or key == "style" for key in attributes)
        assert not re.match(r"\s*(https?|javascript|data):", attributes.get("href") or "")
    assert "49" not in re.findall(r"\{\{.*?\}\}|(?<=Learner )49", page)


def test_strings_of_learners_are_inert(page: str) -> None:
    inert(page)
    assert "&lt;script&gt;document.title=" in page, "the name is there, as text"
    assert "{{ 7 * 7 }}" in page, "a template in a name is not run"
    assert "<img" not in page and "onerror=alert(1)&gt;" in page


def test_the_page_stands_alone(page: str) -> None:
    assert "default-src 'none'" in page and "http" not in page.replace("http-equiv", "")
    assert len(page) < 100_000


def test_every_plot_has_words_and_a_table(page: str) -> None:
    shown = [
        attributes for name, attributes in Elements(page).found if name == "svg" and "role" in attributes
    ]
    assert len(shown) == 4 and all(one["role"] == "img" for one in shown)
    assert "coin-entropy: bits: 5 of 15" in (shown[0]["aria-label"] or "")
    assert "2 right, 8 a known wrong idea, 4 wrong, idea unknown" in (shown[1]["aria-label"] or "")
    assert page.count("<table>") >= 6


def test_labels_of_plots_are_escaped() -> None:
    drawn = str(svg_charts.bars(SCRIPT, [svg_charts.Bar(CLOSE_STYLE, 1, 2)])) + str(
        svg_charts.dots(SCRIPT, [svg_charts.Dot(SCRIPT, None, None, CLOSE_STYLE)])
    )
    drawn += str(svg_charts.stacks("", [svg_charts.Stack(SCRIPT, dict.fromkeys(svg_charts.KINDS, 1))]))
    drawn += str(svg_charts.spreads("", [svg_charts.Spread(SCRIPT, (0, 0.1, 0.2, 0.3, 1))]))
    assert {name for name, _ in Elements(drawn).found} <= {"svg", "rect", "text", "line", "circle"}


def test_anonymous_hides_names_and_ids(graded: Path, tmp_path: Path) -> None:
    done = run(
        graded, "01", "--anonymous", "--to", str(tmp_path / "a.html"), "--json", str(tmp_path / "a.json")
    )
    assert done.exit_code == 0, done.output
    shown = (tmp_path / "a.html").read_text() + (tmp_path / "a.json").read_text() + done.output
    for word in ("Bobby", "Ab Sent", "onerror", *planted()):
        assert not re.search(rf"\b{word}\b(?! that| with)", shown.replace("late.", "")) or word in (
            "right",
            "late",
        )
    assert "Learner " in shown and "learner-" in shown
    inert((tmp_path / "a.html").read_text())


def test_numbers_of_anonymous_learners_follow_the_shuffle() -> None:
    def backwards(order: list[str]) -> None:
        order.reverse()

    hidden = pseudonyms.hidden({"a": "Ada", "b": "Bo"}, ["c"], backwards)
    assert [hidden(one) for one in "abc"] == ["Learner 3", "Learner 2", "Learner 1"]
    assert hidden.key("a") == "learner-3"


def test_the_same_class_gives_the_same_page(graded: Path, page: str, tmp_path: Path) -> None:
    assert run(graded, "01", "--to", str(tmp_path / "again.html")).exit_code == 0
    assert (tmp_path / "again.html").read_text() == page


def test_the_summary_has_the_lines_to_paste(graded: Path, tmp_path: Path) -> None:
    said = run(graded, "01", "--to", str(tmp_path / "x.html")).output
    assert "coin-entropy, bits (5 of 15): Five of you used log base 2" in said
    assert "    # slug-to-name: " in said and "    coin_entropy = 2 * coin_entropy" in said


def test_json_to_stdout_is_only_json(graded: Path, tmp_path: Path) -> None:
    done = run(graded, "01", "--to", str(tmp_path / "x.html"), "--json", "-")
    assert json.loads(done.stdout)["lesson"] == NAME


def test_a_term(graded: Path, tmp_path: Path) -> None:
    done = run(graded, "term", "--to", str(tmp_path / "t.html"), "--json", str(tmp_path / "t.json"))
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "t.json").read_text())
    assert [one["lesson"] for one in found["lessons"]] == [NAME]
    assert found["ideas"][0]["idea"] == "bits" and found["ideas"][0]["count"] == 6
    text = (tmp_path / "t.html").read_text()
    inert(text)
    assert "1 lesson, 16 learners" in text and "coin_entropy = 2 * coin_entropy" in text


def test_a_long_term_folds_rows_away_and_loses_none(graded: Path) -> None:
    found = reports.of_term(graded)
    (first, *_) = found.shared
    many = tuple(dataclasses.replace(first, slug=f"idea-{number}") for number in range(50))
    page = report_html.term_page(dataclasses.replace(found, shared=many), pseudonyms.Labels({}))
    assert "<summary>30 more ideas</summary>" in page
    assert [page.count(f'<th scope="row">idea-{number}</th>') for number in range(50)] == [1] * 50


def test_nothing_is_graded_yet(tiny_built: courses.Course) -> None:
    for word, said in (
        ("01", "01-coins is not graded yet. Run: autograder grade 01"),
        ("term", "no lesson is graded yet"),
    ):
        done = run(tiny_built.root, word)
        assert done.exit_code == 1 and said in str(done.exception)


def test_a_damaged_autograded_notebook_is_its_own_learners_problem(graded: Path, tmp_path: Path) -> None:
    root = shutil.copytree(graded, tmp_path / "class")
    (root / "autograded" / "s00" / NAME / f"{NAME}.ipynb").write_text('{"cells": [{}]}')
    found = reports.of_lesson(root, "01")
    assert [one.student for one in found.alerts if one.kind == "refused"] == ["lost", "s00"]
    assert found.items[0].learners == 15
    inert(report_html.lesson_page(found, pseudonyms.Labels(found.graded.names)))


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, graded: Path, page: str, tmp_path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert run(graded, "term", "--to", str(tmp_path / "term.html")).exit_code == 0
    said, noise = [], []
    for path in (graded / "reports" / f"{NAME}.html", tmp_path / "term.html"):
        for width in (1280, 360):
            window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            opened = window.new_page()
            opened.on("console", lambda message: noise.append(message.text))
            opened.goto(path.as_uri())
            opened.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert opened.title().startswith("Report"), "no script of a learner ran"
            assert opened.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            result = axe.Axe().run(opened, options={"runOnly": {"type": "tag", "values": WCAG}})
            assert result.response["passes"], "axe looked at something"
            said += [
                f"{one['id']}: {one['help']}: {node['html'][:120]}"
                for one in result.response["violations"]
                for node in one["nodes"]
            ]
            window.close()
    assert said == [] and noise == []
