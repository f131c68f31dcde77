"""Unknown wrong values: read without running, clustered within the tolerance, made into lines to paste."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from autograder.authoring.building import build as building
from autograder.authoring.checks.verify import verify
from autograder.classroom.analysis import answer_clusters, answer_literals, formula_guesses, unexplained
from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.core.judge import judge
from autograder.core.model import Lesson
from autograder.core.verdict import WRONG
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.course.course_toml import Course

NAME = "01-coins"
TWO_ANSWERS = """
+++ {"id": "coin-both", "points": 1, "role": "exercise"}

Give the two probabilities.

```{code-cell} ipython3
:role: solution

p_heads = ...
p_tails = ...
### BEGIN SOLUTION
p_heads = 0.75
p_tails = 0.25
### END SOLUTION
```

```{code-cell} ipython3
:role: proof

assert [p_heads, p_tails] == list(coin)
```

```{code-cell} ipython3
:role: mistakes

# swapped: You took heads for tails.
p_heads = 0.25
p_tails = 0.75
```

"""


def lesson_of(course: Course) -> Lesson:
    return lesson_json.read(course.root / "source" / NAME / lesson_json.FILE)


def class_of(course: Course, typed: dict[str, list[str]]) -> GradedClass:
    """A graded class, made without grading: by exercise, the answer cells of learner 0, 1, 2 …"""
    lesson = lesson_of(course)
    count = max(map(len, typed.values()))
    handed_in = []
    for number in range(count):
        verdicts, sources = {}, {}
        for exercise, cells in typed.items():
            if number < len(cells):
                sources[exercise] = cells[number]
                names: dict[str, object] = {"math": math}
                exec(cells[number], names)
                asked = lesson.exercises[exercise]
                verdict = judge(asked, {one.name: names[one.name] for one in asked.answers})
                verdicts[exercise] = verdict.outcome
        handed_in.append(HandedIn(f"s{number}", 0.5, 0.0, verdicts, sources))
    points = {name: lesson.exercises[name].points for name in typed}
    return GradedClass(NAME, lesson.title, points, frozenset(), lesson, tuple(handed_in), {})


def gathered(course: Course, typed: dict[str, list[str]]) -> list[answer_clusters.Unexplained]:
    known = answer_clusters.author_values(course.path(NAME))
    return answer_clusters.gather(class_of(course, typed), known)


def paste(course: Course, found: list[answer_clusters.Cluster]) -> None:
    """Paste the lines where they say, from the end of the file upwards, and build."""
    path = course.path(NAME)
    lines = path.read_text().split("\n")
    for cluster in sorted(found, key=lambda one: -int(one.paste_after.rpartition(":")[2])):
        file, _, line = cluster.paste_after.rpartition(":")
        assert course.root / file == path
        lines[int(line) : int(line)] = cluster.lines.split("\n")
    path.write_text("\n".join(lines))
    building.build(course, course.lessons)


def broken_promises(course: Course) -> list[str]:
    return [str(problem) for promise in verify(course, NAME) for problem in promise.problems]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = 0.25", {"x": 0.25}),
        ("x = -0.25", {"x": -0.25}),
        ("x = 1\nx = 2", {"x": 2}),
        ("x = ...\nx = 0.5  # at last", {"x": 0.5}),
        ('x = "heads"\ny = [0.1, -2]', {"x": "heads", "y": [0.1, -2]}),
        ('x = float("-inf")', {"x": -math.inf}),
        ("x = math.inf", {"x": math.inf}),
        ("x = 2 * 3", {}),
        ("x = 2\nx += 1", {}),
        ("x = 2\nif x: x = 3", {}),
        ("x = [1]\nx[0] = 2", {}),
        ("def f():\n    global x\n    x = 3\nx = 2\nf()", {}),
        ("x = 2\nfrom math import pi as x", {}),
        ("x = 2\nfor x in range(3): pass", {}),
        ("x = __import__('os').system('touch /tmp/never')", {}),
        ("x = 2\nthis is no Python", {}),
        ("x = " + "9" * 10_000, {}),
        ("x = 0x" + "f" * 10_000, {}),
        ("x = " + "[" * 5_000 + "]" * 5_000, {}),
        ("x = " + "-" * 15_000 + "1", {}),
        ("x = 1\0", {}),
    ],
)
def test_only_what_is_typed_once_and_for_all_is_read(source: str, wanted: dict[str, object]) -> None:
    assert answer_literals.values(source) == wanted


def test_a_literal_that_is_not_what_was_graded_is_not_believed(tiny_built: Course) -> None:
    honest = class_of(tiny_built, {"coin-entropy": ["coin_entropy = 1.5"]})
    assert unexplained.profiles(honest, "coin-entropy") == {"s0": {"coin_entropy": 1.5}}
    # The cell says 0.8113 (bits, known); what grading saw was something else, unknown.
    lying = HandedIn("s0", 0, 0, {"coin-entropy": WRONG}, {"coin-entropy": "coin_entropy = 0.8113"})
    odd = GradedClass(NAME, "", {"coin-entropy": 2}, frozenset(), honest.lesson, (lying,), {})
    assert unexplained.profiles(odd, "coin-entropy") == {}


def test_values_within_the_tolerance_are_one_cluster(tiny_built: Course) -> None:
    cells = [f"coin_entropy = {value}" for value in (1.3, 1.3001, 1.2999, 1.4, 1.4, 7, 0.5623, 0.8113)]
    (found,) = gathered(tiny_built, {"coin-entropy": cells})
    assert [(one.value, one.holders) for one in found.clusters] == [
        ("coin_entropy = 1.3", ("s0", "s1", "s2")),
        ("coin_entropy = 1.4", ("s3", "s4")),
    ]
    assert found.single == ("s5",) and found.unread == () and found.count == 6


def test_a_cluster_never_chains(tiny_built: Course) -> None:
    """Steps of one tolerance: a mistake recognizes what is one tolerance from its value, and no more."""
    cells = [f"coin_entropy = {1.3 + 0.00019 * n:.5f}" for n in range(9)]
    (found,) = gathered(tiny_built, {"coin-entropy": cells})
    assert len(found.clusters) >= 3 and all(len(one.holders) <= 3 for one in found.clusters)


def test_the_lines_pass_verify_once_pasted(tiny_built: Course) -> None:
    """Relations, a plain number, an integer; several in one exercise."""
    assert broken_promises(tiny_built) == []
    typed = {
        "coin-entropy": [
            *("coin_entropy = 1.1246", "coin_entropy = 1.1247", "coin_entropy = 1.12467"),
            *("coin_entropy = 0.4321", "coin_entropy = 0.4322"),
        ],
        "coin-sides": ["coin_sides = 40", "coin_sides = 40", "coin_sides = 17", "coin_sides = 17"],
    }
    found = [cluster for one in gathered(tiny_built, typed) for cluster in one.clusters]
    assert [one.lines.splitlines()[1] for one in found] == [
        "coin_entropy = 2 * coin_entropy",
        "coin_entropy = 0.4321",
        "coin_sides = 17",
        "coin_sides = 40",
    ]
    assert found[0].relation == "twice the answer"
    paste(tiny_built, found)
    assert broken_promises(tiny_built) == []
    # and the next class is told
    exercise = lesson_of(tiny_built).exercises["coin-entropy"]
    assert judge(exercise, {"coin_entropy": 1.1248}).idea == answer_clusters.SLUG
    assert judge(exercise, {"coin_entropy": 0.432}).idea == f"{answer_clusters.SLUG}-2"


def test_the_lines_of_two_answers_that_are_wrong_together(tiny_built: Course) -> None:
    path = tiny_built.path(NAME)
    path.write_text(
        path.read_text().replace('+++ {"id": "coin-likely"', f'{TWO_ANSWERS[1:]}+++ {{"id": "coin-likely"')
    )
    building.build(tiny_built, tiny_built.lessons)
    assert broken_promises(tiny_built) == []
    both, one = "p_heads = 0.6\np_tails = 0.4", "p_heads = 0.6\np_tails = 0.25"
    (found,) = gathered(tiny_built, {"coin-both": [both, both, one]})
    (cluster,) = found.clusters
    assert cluster.holders == ("s0", "s1", "s2"), "who has one of the two wrong holds the same idea"
    paste(tiny_built, [cluster])
    assert broken_promises(tiny_built) == []
    exercise = lesson_of(tiny_built).exercises["coin-both"]
    assert judge(exercise, {"p_heads": 0.6, "p_tails": 0.25}).idea == answer_clusters.SLUG


def test_what_cannot_be_told_apart_is_not_suggested(tiny_built: Course) -> None:
    # 1.5 tolerances from the known mistake "bits", and from each other
    cells = ["coin_entropy = 0.81158"] * 2 + ["coin_entropy = 1.3"] * 3 + ["coin_entropy = 1.3003"] * 2
    (found,) = gathered(tiny_built, {"coin-entropy": cells})
    reasons = {one.middle["coin_entropy"]: (bool(one.lines), one.why_not) for one in found.clusters}
    assert reasons[1.3] == (True, "")
    assert "the mistake bits" in reasons[0.81158][1] and not reasons[0.81158][0]
    assert "another value above" in reasons[1.3003][1] and not reasons[1.3003][0]


def test_a_lesson_without_its_markdown_has_clusters_and_no_lines(tiny_built: Course) -> None:
    graded = class_of(tiny_built, {"coin-sides": ["coin_sides = 40"] * 2})
    (found,) = answer_clusters.gather(graded, {})
    assert found.clusters[0].why_not == "the lesson's Markdown is not here" and not found.clusters[0].lines


@pytest.mark.parametrize(
    ("value", "expression"),
    [
        (2 * 0.562335, "2 * coin_entropy"),
        (math.exp(0.562335), "math.exp(coin_entropy)"),
        (0.562335**2, "coin_entropy ** 2"),
        (0.625, "np.sum(coin ** 2)"),
        (123.456, None),
    ],
)
def test_relations(tiny_built: Course, value: float, expression: str | None) -> None:
    one = answer_clusters.author_values(tiny_built.path(NAME))["coin-entropy"]
    found = formula_guesses.find(one, "coin_entropy", round(value, 5), 0.0002)
    assert (found and found.expression) == expression


def test_no_relation_where_chance_would_do(tiny_built: Course) -> None:
    one = answer_clusters.author_values(tiny_built.path(NAME))["coin-entropy"]
    assert formula_guesses.find(one, "coin_entropy", 1.12, 0.05) is None


def test_nothing_of_a_learner_can_reach_the_authors_lesson(tiny_built: Course) -> None:
    """What is pasted is run by the next build: it must be a literal, whatever was typed."""
    evil = "'heads\\n# x: y\\n__import__(\"os\").abort()'"
    graded = class_of(tiny_built, {"coin-sides": ["coin_sides = 40"] * 2})
    for text in (evil, "{'a': [1, 2]}", "['''\\n''']"):
        value = answer_literals.values(f"x = {text}")["x"]
        line = answer_clusters.Cluster(NAME, "e", {"x": value}, (), ()).value
        assert "\n" not in line and answer_literals.values(line) == {"x": value}
    assert graded.handed_in


def test_every_learner_is_counted_once(tiny_built: Course, tmp_path: Path) -> None:
    cells = [f"coin_entropy = {n % 7}.{n % 3}3" for n in range(40)] + ["coin_entropy = 10 ** 2"]
    graded = class_of(tiny_built, {"coin-entropy": cells})
    (found,) = answer_clusters.gather(graded, {})
    everybody = [s for one in found.clusters for s in one.holders] + [*found.single, *found.unread]
    assert sorted(everybody) == sorted(unexplained.students(graded, "coin-entropy"))
    assert found.unread == ("s40",)
    assert courses.read(tiny_built.root)
