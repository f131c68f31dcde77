"""Every promise of `autograder verify` holds for the tiny course, and each is seen where it is broken."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from autograder.authoring.building import build as building
from autograder.authoring.checks import machine_checks, value_checks
from autograder.authoring.checks.verify import PROMISES, Promise, verify
from autograder.authoring.evaluation import elsewhere as trembling
from autograder.authoring.evaluation.elsewhere import Elsewhere
from autograder.authoring.format.glossary import PAGE
from autograder.cli import main
from autograder.core.judge import judge
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.course.course_toml import Course

LESSON = "lessons/01-coins.md"
SOURCE = "source/01-coins/01-coins.ipynb"
RELEASE = "release/01-coins/01-coins.ipynb"

WELL_FORMED = "the lesson is well formed and its code runs"
"""The only promise of a lesson that cannot be read; it stands for the two that reading checks."""
CELLS = "each cell has a known role, its keys and its form"
CANONICAL = "the Markdown is in canonical form"
CLOSED = "formulas, code, bold type and tables are closed"
ISOLATED = "each test can run apart from the learner's process"
CHANCE = "graded cells draw no random numbers"
FIGURES = "graded cells need no figure"
IMPORTS = "a given cell above the first exercise imports check"
STUBS = "an untouched stub is not attempted"
SOLUTIONS = "the solution is right"
PROOFS = "the proof reaches the same value"
MISTAKES = "each mistake brings its own feedback"
APART = "answers and mistakes are pairwise apart"
AGREEMENT = "check and hidden test agree to the last float"
STEADY = "each value is the same on every machine"
HINTS = "no hint or feedback gives an answer away"
SPOILERS = "no reference stands before its worked solution"
RELEASED = "the release holds no solution and no test"
LINKS = "links to lessons and files resolve"
DETAILS = "<details> blocks are well formed"
CARDS = "each flashcard has an id of its own in the course"
FORMULAS = "each formula can be shown"
TERMS = "each term is used here and defined once in the course"
FRESH = "the built files are fresh"

Break = Callable[..., None]
"""Called with the course and pytest's monkeypatch."""


class Case(NamedTuple):
    """How to break a promise, and how the break must be reported.

    `at` is the text of the line reported in the file `path`, or its number. Every promise in `words` is
    broken, and no other; the first is the one that the case is about.
    """

    name: str
    words: tuple[str, ...]
    spoil: Break
    path: str
    at: str | int
    says: str
    remedy: str


def lesson(*edits: tuple[str, str], built: bool = True, beside: str = "", content: str = "x") -> Break:
    """In the lesson, the first `old` of each (old, new) becomes `new`; then the course is built again.

    `beside` is the path of a file of the lesson, if it is to have one.
    """

    def spoil(course: Course, *_: object) -> None:
        if beside:
            path = course.root / "lessons" / "01-coins" / beside
            path.parent.mkdir(parents=True)
            path.write_text(content, encoding="utf-8")
        replace(course.root / LESSON, edits)
        if built:
            building.build(course, course.lessons)

    return spoil


def file(path: str, *edits: tuple[str, str]) -> Break:
    """In a built file, the first `old` of each (old, new) becomes `new`."""
    return lambda course, *_: replace(course.root / path, edits)


def another_lesson_with_the_same_term(course: Course, *_: object) -> None:
    """A second lesson that defines entropy as well."""
    (course.root / "lessons" / "02-dice.md").write_text(
        '# Dice\n\n+++ {"role": "terms"}\n\nentropy :: Once more.\n', encoding="utf-8"
    )
    replace(course.root / "lessons" / "course.toml", [('["01-coins"]', '["01-coins", "02-dice"]')])


def another_lesson_with_the_same_card(course: Course, *_: object) -> None:
    """A second lesson into which a card was copied with its id."""
    (course.root / "lessons" / "02-dice.md").write_text(
        '# Dice\n\n+++ {"role": "cards"}\n\nAnother? :: Yes. {#01-card-2}\n', encoding="utf-8"
    )
    replace(course.root / "lessons" / "course.toml", [('["01-coins"]', '["01-coins", "02-dice"]')])


def replace(path: Path, edits: Iterable[tuple[str, str]]) -> None:
    """Edit a file; the edits must fit."""
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"the edit does not fit {path.name}: {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def cell(number: int, source: str) -> Break:
    """Put lines at the end of the release's check cell `number`."""

    def spoil(course: Course, *_: object) -> None:
        path = course.root / RELEASE
        notebook = json.loads(path.read_text(encoding="utf-8"))
        checks = [one for one in notebook["cells"] if "".join(one["source"]).find('check("') >= 0]
        checks[number]["source"] += ["\n", *source.splitlines(keepends=True)]
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    return spoil


def a_lying_test(_: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hidden test takes twice the tolerance."""
    monkeypatch.setattr(value_checks, "same", _twice_as_patient)


def _twice_as_patient(value: object, reference: object, within: float = 0.0) -> bool:
    from autograder.core.values import same

    return same(value, reference, 2 * within)


def removed(path: str) -> Break:
    """A built file is gone."""
    return lambda course, *_: (course.root / path).unlink()


def added(path: str) -> Break:
    """A file stands among the built ones that the lesson does not give."""

    def spoil(course: Course, *_: object) -> None:
        (course.root / path).write_text("old", encoding="utf-8")

    return spoil


COIN = "A coin shows heads with probability $p$."
PROMPT = "Compute the entropy of the coin."
HINT = r"Weight $-\ln p$ by $p$."
WEIGH = "# unweighted: Weight each surprisal by its probability."
ANSWERS = "certain = entropy(np.array([1.0, 0.0]))"
TESTED = "assert abs(entropy(np.full(8, 1 / 8)) - math.log(8)) < 1e-9"
TERM = "entropy :: The mean surprisal of a distribution, $H(p)$."
GIVEN = "coin = np.array([0.75, 0.25])"

LAST_MISTAKE = "coin_entropy = -np.sum(np.log(coin))"
CHAOS = "# chaos: This is no model of a coin.\nx = 0.3\nfor _ in range(400):\n    x = 3.9 * x * (1 - x)"


def a_machine_of_another_mind(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere, the figure's words are others; all values are the same."""

    def elsewhere(path: Path, seconds: float) -> list[Elsewhere]:
        return [replace_words(one) for one in trembling.elsewhere(path, seconds)]

    def replace_words(one: Elsewhere) -> Elsewhere:
        return dataclasses.replace(one, how="elsewhere", words=["Other words." for _ in one.words])

    monkeypatch.setattr(machine_checks, "elsewhere", elsewhere)


CASES = [
    Case(
        "an unknown role",
        (WELL_FORMED,),
        lesson(('{"role": "recall"}', '{"role": "recal"}'), built=False),
        LESSON,
        "What does $H(p)$ measure?",
        "unknown role 'recal'",
        "Did you mean 'recall'?",
    ),
    Case(
        "keys out of order",
        (CANONICAL,),
        lesson(('{"id": "coin-sides", "points": 1,', '{"points": 1, "id": "coin-sides",')),
        LESSON,
        '+++ {"points": 1, "id": "coin-sides", "role": "exercise"}',
        "not in canonical form",
        "autograder format 01",
    ),
    Case(
        "a blank line too many at the end",
        (CANONICAL,),
        lesson((f"{TERM}\n", f"{TERM}\n\n")),
        LESSON,
        216,
        "not in canonical form",
        "autograder format 01",
    ),
    Case(
        "no line end at the end",
        (CANONICAL,),
        lesson((f"{TERM}\n", TERM)),
        LESSON,
        TERM,
        "not in canonical form",
        "autograder format 01",
    ),
    Case(
        "a graded cell that needs a figure",
        (WELL_FORMED,),
        lesson(("coin_sides == len(coin)", "coin_sides == len(coin) and BLUE"), built=False),
        LESSON,
        "assert coin_sides == len(coin) and BLUE",
        "needs 'BLUE', which only a figure cell defines",
        "Define the name in a given cell",
    ),
    Case(
        "an unclosed formula",
        (CLOSED,),
        lesson((COIN, "A coin shows heads with probability $p.")),
        LESSON,
        "A coin shows heads with probability $p.",
        "a $ that opens or closes no formula",
        "Write $…$ around the whole formula",
    ),
    Case(
        "random numbers in a given cell",
        (CHANCE,),
        lesson((GIVEN, f"{GIVEN}\nnoise = np.random.default_rng(7).normal(size=3)")),
        LESSON,
        "noise = np.random.default_rng(7).normal(size=3)",
        "this given cell draws random numbers (np.random.default_rng",
        "a grid of quantiles",
    ),
    Case(
        "a test that patches",
        (ISOLATED,),
        lesson((TESTED, f"np.abs = np.abs\n{TESTED}")),
        LESSON,
        "np.abs = np.abs",
        "this test cannot run apart: line",
        "Compare values only",
    ),
    Case(
        "check is not imported",
        (IMPORTS, ISOLATED),
        lesson(("from autograder import check, hint\n", "")),
        LESSON,
        "Compute the entropy of the coin.",
        "no given cell above this first exercise imports check",
        "from autograder import check, hint",
    ),
    Case(
        "check is imported by a figure, which no grader runs",
        (IMPORTS, ISOLATED),
        lesson(
            ("from autograder import check, hint\n", ""),
            ("from autograder.study.figures", "from autograder import check\nfrom autograder.study.figures"),
        ),
        LESSON,
        "Compute the entropy of the coin.",
        "no given cell above this first exercise imports check",
        "from autograder import check, hint",
    ),
    Case(
        "a heading in a worked cell",
        (WELL_FORMED,),
        lesson(("together 0.5623 nats.", "together 0.5623 nats.\n\n## Sides"), built=False),
        LESSON,
        "## Sides",
        "the heading 'Sides' is inside a 'worked' cell",
        "Put a line +++ before the heading",
    ),
    Case(
        "a stub that is an answer",
        (STUBS,),
        lesson((ANSWERS, "certain = entropy(np.array([1.0, 0.0])) is None"), ("certain == 0", "not certain")),
        LESSON,
        "def entropy(p):",
        "the untouched stub of 'coin-code' is judged",
        "`...`",
    ),
    Case(
        "a solution that is never twice the same",
        (SOLUTIONS,),
        lesson(
            (GIVEN, f"{GIVEN}\nturn = iter(range(2, 99))"),
            ("coin_sides = 2\n", "coin_sides = next(turn)\n"),
            ("coin_sides == len(coin)", "coin_sides > 0"),
            ("coin_sides = 3", "coin_sides = -3"),
        ),
        LESSON,
        "coin_sides = ...",
        "the solution of 'coin-sides' is judged",
        "Mend the solution",
    ),
    Case(
        "a hidden test that the solution fails",
        (SOLUTIONS,),
        lesson(
            ("assert abs(entropy(np.full(8, 1 / 8)) - math.log(8))", "assert abs(entropy(np.full(8, 1 / 8)))")
        ),
        LESSON,
        "assert abs(entropy(np.full(8, 1 / 8))) < 1e-9",
        "abs(entropy(np.full(8, 1 / 8))) is 2.07944154168",
        "'tests' must run",
    ),
    Case(
        "a proof that fails",
        (PROOFS,),
        lesson(("0.75 * math.log(3)", "0.75 * math.log(2)"), built=False),
        LESSON,
        "assert abs(coin_entropy - (math.log(4) - 0.75 * math.log(2))) < 1e-12",
        "coin_entropy is 0.562335144619; math.log(4) - 0.75 * math.log(2) is 0.866433975",
        "'proof' must run",
    ),
    Case(
        "two mistakes of which one brings the other's feedback",
        (MISTAKES, APART),
        lesson(("coin_sides = 3\n", "coin_sides = 3\n# rim: Nor does the rim.\ncoin_sides = 3\n")),
        LESSON,
        "# rim: Nor does the rim.",
        "the mistake 'rim' is judged coin-sides wrong:edge",
        "its own feedback",
    ),
    Case(
        "a mistake that is out of reach of its feedback",
        (MISTAKES,),
        lesson(("coin_sides = 3\n", 'coin_sides = "three"\n')),
        LESSON,
        "# edge: The edge does not count.",
        "the mistake 'edge' is judged coin-sides wrong:~type",
        "a value of the answer's kind",
    ),
    Case(
        "a mistake near the answer",
        (APART,),
        lesson(
            ("coin_entropy = -np.sum(np.log(coin))", "coin_entropy = -np.sum(coin * np.log(coin)) + 0.0003")
        ),
        LESSON,
        WEIGH,
        "the mistake 'unweighted' of 'coin-entropy' equals the answer",
        "Change the numbers",
    ),
    Case(
        "a mistake equal to the answer",
        (APART, MISTAKES),
        lesson(("coin_sides = 3\n", "coin_sides = 2\n")),
        LESSON,
        "# edge: The edge does not count.",
        "the mistake 'edge' of 'coin-sides' equals the answer",
        "Change the numbers",
    ),
    Case(
        "two equal mistakes",
        (APART, MISTAKES),
        lesson(("coin_entropy = -np.sum(np.log(coin))", "coin_entropy = -np.sum(coin * np.log2(coin))")),
        LESSON,
        WEIGH,
        "the mistake 'unweighted' of 'coin-entropy' equals the mistake 'bits'",
        "join the two mistakes",
    ),
    Case(
        "a check and a hidden test that disagree",
        (AGREEMENT,),
        a_lying_test,
        LESSON,
        PROMPT,
        "check and hidden test disagree on coin_entropy = 0.56",
        "report it",
    ),
    Case(
        "a chaotic mistake",
        (STEADY,),
        lesson((LAST_MISTAKE, f"{LAST_MISTAKE}\n{CHAOS}\ncoin_entropy = 5 + x")),
        LESSON,
        "# chaos: This is no model of a coin.",
        "the mistake 'chaos' of 'coin-entropy', coin_entropy: 5.",
        "(not by NAME)",
    ),
    Case(
        "a mistake on an edge of the grid",
        (STEADY,),
        lesson((LAST_MISTAKE, f"{LAST_MISTAKE}\n# edge: No.\ncoin_entropy = 70000006180339887 / 10**16")),
        LESSON,
        "# edge: No.",
        "lies on an edge of the grid",
        "Change the numbers or the tolerance",
    ),
    Case(
        "a figure whose words hang on the last bits",
        (STEADY,),
        a_machine_of_another_mind,
        LESSON,
        "# Figure: the entropy of a coin. Predict first: where is it largest?",
        "this figure describes itself otherwise when computed elsewhere",
        "more coarsely",
    ),
    Case(
        "a tolerance finer than rounding",
        (WELL_FORMED,),
        lesson(("# tolerance 0.000001", "# tolerance 0.00000001"), built=False),
        LESSON,
        "def entropy(p):",
        "fair: a tolerance of 1e-08 is too fine for 0.693147; the finest is 1e-07",
        "larger tolerance",
    ),
    Case(
        "a hint with the answer in it",
        (HINTS, SPOILERS),
        lesson((HINT, f"{HINT}\nIt is 0.5623.")),
        LESSON,
        "It is 0.5623.",
        "this hint of 'coin-entropy' gives an answer away: 0.5623",
        "Name the idea",
    ),
    Case(
        "a hint with the answer in fewer digits",
        (HINTS,),
        lesson(
            (HINT, "It is 0.5624 - 0.0001."), ('"tolerance": 0.0002', '"tolerance": 0.01'), ("0.5624", "0.56")
        ),
        LESSON,
        "It is 0.56 - 0.0001.",
        "gives an answer away: 0.56",
        "Name the idea",
    ),
    Case(
        "a hint with another exercise's answer in it",
        (HINTS, SPOILERS),
        lesson(('+++ {"id": "coin-sides"', '+++ {"role": "hint"}\n\nNot 0.6931.\n\n+++ {"id": "coin-sides"')),
        LESSON,
        "Not 0.6931.",
        "this hint of 'coin-entropy' gives an answer away: 0.6931",
        "Name the idea",
    ),
    Case(
        "feedback with the answer in it",
        (HINTS,),
        lesson((WEIGH, f"{WEIGH} It is 0.5623.")),
        LESSON,
        f"{WEIGH} It is 0.5623.",
        "this feedback of 'coin-entropy' gives an answer away: 0.5623",
        "Name the idea",
    ),
    *(
        Case(
            f"the answer in prose, written {written}",
            (SPOILERS,),
            lesson((COIN, f"{COIN}\nThe entropy is {written} of ours.")),
            LESSON,
            f"The entropy is {written} of ours.",
            "is the answer of 'coin-entropy' and stands before its worked solution",
            '{"role": "worked"}',
        )
        for written in ("0.5623", "$0.56234$", ".5623", r"$0.5623\,\text{nats}$", "0.5623nats", "5.623e-1")
    ),
    Case(
        "the answer in an objective",
        (SPOILERS,),
        lesson(("- Compute the entropy of a coin\n", "- Compute 0.5623, the entropy of a coin\n")),
        LESSON,
        "- Compute 0.5623, the entropy of a coin",
        "0.5623 is the answer of 'coin-entropy'",
        '{"role": "worked"}',
    ),
    Case(
        "the answer in a prompt",
        (SPOILERS,),
        lesson((PROMPT, f"{PROMPT} It is 0.5623.")),
        LESSON,
        f"{PROMPT} It is 0.5623.",
        "0.5623 is the answer of 'coin-entropy'",
        '{"role": "worked"}',
    ),
    Case(
        "a later answer in an earlier worked solution",
        (SPOILERS,),
        lesson(("together 0.5623 nats.", "together 0.5623 nats. Not 0.6931.")),
        LESSON,
        "The terms are 0.2158 and 0.3466, together 0.5623 nats. Not 0.6931.",
        "0.6931 is the answer of 'coin-code'",
        '{"role": "worked"}',
    ),
    Case(
        "the answer in a given cell",
        (SPOILERS,),
        lesson((GIVEN, f"{GIVEN}\nlater = 0.5623")),
        LESSON,
        "later = 0.5623",
        "0.5623 is the answer of 'coin-entropy'",
        "fewer digits",
    ),
    Case(
        "the answer in an answers cell",
        (SPOILERS,),
        lesson((ANSWERS, f"{ANSWERS}  # not 0.5623")),
        LESSON,
        f"{ANSWERS}  # not 0.5623",
        "0.5623 is the answer of 'coin-entropy'",
        "fewer digits",
    ),
    Case(
        "the answer in a figure's text alternative",
        (SPOILERS,),
        lesson(
            (
                'return f"Two bars: heads {heads:.2f}',
                'return f"Entropy {heads * 0.74978:.4f}, heads {heads:.2f}',
            )
        ),
        LESSON,
        "# Figure: the entropy of a coin. Predict first: where is it largest?",
        "0.5623 is the answer of 'coin-entropy'",
        "fewer digits",
    ),
    Case(
        "a solution in the release",
        (RELEASED, FRESH),
        cell(0, "coin_entropy = -float(np.sum(coin * np.log(coin)))"),
        RELEASE,
        '"coin_entropy = -float(np.sum(coin * np.log(coin)))"',
        "of the release holds 'coin_entropy = -float(np.sum(coin * np.log(coin)))'",
        "autograder build",
    ),
    Case(
        "a hidden test in the release",
        (RELEASED, FRESH),
        cell(1, "### BEGIN HIDDEN TESTS\nassert same(coin_sides, 2)"),
        RELEASE,
        '"### BEGIN HIDDEN TESTS\\n",',
        "of the release holds 'HIDDEN TESTS'",
        "autograder build",
    ),
    Case(
        "a hidden test in the release, its marks gone",
        (RELEASED, FRESH),
        cell(1, "from autograder.core.values import same\nassert same(coin_sides, 2)"),
        RELEASE,
        '"from autograder.core.values import same\\n",',
        "of the release holds 'core.values import same'",
        "autograder build",
    ),
    Case(
        "a link to a lesson that is not there",
        (LINKS,),
        lesson((COIN, f"{COIN}\nSee [dice](../02-dice/02-dice.ipynb).")),
        LESSON,
        "See [dice](../02-dice/02-dice.ipynb).",
        "the link '../02-dice/02-dice.ipynb' leads nowhere",
        "The lessons are 01-coins",
    ),
    Case(
        "a link to a lesson's Markdown",
        (LINKS,),
        lesson((COIN, f"{COIN}\nSee [coins](01-coins.md).")),
        LESSON,
        "See [coins](01-coins.md).",
        "the link '01-coins.md' leads nowhere",
        "../NN-name/NN-name.ipynb",
    ),
    Case(
        "a dead link in a recall's answer",
        (LINKS,),
        lesson(("The mean surprisal,", "See [dice](../02-dice/02-dice.ipynb).\nThe mean surprisal,")),
        LESSON,
        "See [dice](../02-dice/02-dice.ipynb).",
        "leads nowhere",
        "The lessons are 01-coins",
    ),
    Case(
        "<details> without blank lines",
        (DETAILS,),
        lesson((COIN, f"{COIN}\n\n<details>\n<summary>More</summary>\nIt is $p$.\n</details>")),
        LESSON,
        "<details>",
        "a <details> block",
        "a blank line",
    ),
    Case(
        "<details> that never closes",
        (DETAILS,),
        lesson((COIN, f"{COIN}\n\n<details>\n<summary>More</summary>\n\nIt is $p$.")),
        LESSON,
        "<details>",
        "a <details> block",
        "</details>",
    ),
    *(
        Case(
            f"{name}, which no page can show",
            (FORMULAS, *others),
            lesson((old, new), built=False),
            LESSON,
            at,
            says,
            remedy,
        )
        for name, others, old, new, at, says, remedy in (
            (
                "an environment in a displayed formula",
                (FRESH,),
                COIN,
                f"{COIN}\n\n$$\n\\begin{{aligned}}\n a &= b \\\\\n  &= \\wrong\n\\end{{aligned}}\n$$",
                "&= \\wrong",
                "a formula cannot be shown: unknown command \\wrong",
                "\\operatorname",
            ),
            (
                "an unknown environment on the last line of a paragraph",
                (FRESH,),
                COIN,
                f"{COIN}\nA list:\n\n- of $a$\n  and $\\begin{{algned}} b \\end{{algned}}$.",
                "and $\\begin{algned} b \\end{algned}$.",
                "unknown environment 'algned'",
                "Did you mean aligned?",
            ),
            (
                "a stray & in a hint",
                (FRESH,),
                HINT,
                f"{HINT}\n\n| a | b |\n|---|---|\n| c | $x & y$ |",
                "| c | $x & y$ |",
                "an & outside",
                "\\begin{aligned}",
            ),
            (
                "a brace in a recall's answer",
                (FRESH,),
                "The mean surprisal,",
                "The mean $\\frac{a}{b$ surprisal,",
                "The mean $\\frac{a}{b$ surprisal, $H(p) = -\\sum_x p(x) \\ln p(x)$.",
                "a { is never closed",
                "Write the }",
            ),
            (
                "a command on a card",
                (FRESH,),
                ":: The fair one.",
                ":: The fair one, $p = \\half$.",
                "Which coin has the largest entropy? :: The fair one, $p = \\half$. {#01-card-2}",
                "unknown command \\half",
                "plain LaTeX",
            ),
            (
                "a command in a term",
                (FRESH,),
                "distribution, $H(p)$.",
                "distribution, $\\Entropy(p)$.",
                "entropy :: The mean surprisal of a distribution, $\\Entropy(p)$.",
                "unknown command \\Entropy",
                "\\operatorname",
            ),
            (
                "an environment without its dollars",
                (CLOSED, FRESH),
                COIN,
                f"{COIN}\n\n\\begin{{align}} a \\end{{align}}",
                "\\begin{align} a \\end{align}",
                "\\begin stands outside of a formula",
                "between $ signs",
            ),
            (
                "a formula in feedback",
                (FRESH,),
                WEIGH,
                "# unweighted: Weight each $\\ln p$ by its probability.",
                "# unweighted: Weight each $\\ln p$ by its probability.",
                "the feedback of 'unweighted' holds a formula",
                "plain text",
            ),
            (
                "a formula in a test's message",
                (FRESH,),
                "math.log(8)) < 1e-9",
                'math.log(8)) < 1e-9, r"$\\ln p$ is wrong"',
                'assert abs(entropy(np.full(8, 1 / 8)) - math.log(8)) < 1e-9, r"$\\ln p$ is wrong"',
                "the message of this test holds a formula",
                "plain text",
            ),
            (
                "a formula in a figure's words",
                (FRESH,),
                'return f"Two bars: heads',
                'return f"Two bars $\\\\sigma_1$: heads',
                "# Figure: the entropy of a coin. Predict first: where is it largest?",
                "this figure's text alternative holds a formula",
                "plain text",
            ),
        )
    ),
    Case(
        "a term that the lesson never uses",
        (TERMS, FRESH),
        lesson(("entropy :: The mean", "perplexity :: The mean")),
        LESSON,
        "perplexity :: The mean surprisal of a distribution, $H(p)$.",
        "'perplexity' stands nowhere in the lesson",
        "take it out",
    ),
    Case(
        "a term that another lesson defines",
        (TERMS, FRESH),
        another_lesson_with_the_same_term,
        LESSON,
        TERM,
        "'entropy' is defined twice",
        "Leave it to 02-dice",
    ),
    Case(
        "a stale glossary",
        (FRESH,),
        file(PAGE, ("The mean surprisal", "The median surprisal")),
        PAGE,
        1,
        "the glossary differs",
        "autograder build",
    ),
    Case(
        "a stale source",
        (FRESH,),
        file(SOURCE, ("A coin shows heads", "A coin shows tails")),
        SOURCE,
        1,
        "differs from what the lesson gives",
        "autograder build 01",
    ),
    Case(
        "a card copied with its id",
        (CARDS,),
        another_lesson_with_the_same_card,
        LESSON,
        "Which coin has the largest entropy? :: The fair one. {#01-card-2}",
        "the id '01-card-2' is another card's as well, in 02-dice",
        "delete {#…}, run autograder format",
    ),
    Case(
        "a stale release",
        (FRESH,),
        file(RELEASE, ("A coin shows heads", "A coin shows tails")),
        RELEASE,
        1,
        "differs from what the lesson gives",
        "autograder build 01",
    ),
    Case(
        "a lesson edited since it was built",
        (FRESH,),
        lesson((":: The fair one.", ":: A fair one."), built=False),
        SOURCE,
        1,
        "differs from what the lesson gives",
        "autograder build 01",
    ),
    Case(
        "a missing notebook",
        (FRESH,),
        removed(RELEASE),
        RELEASE,
        1,
        "is missing",
        "autograder build 01",
    ),
    Case(
        "a missing lesson.json",
        (FRESH,),
        removed("source/01-coins/lesson.json"),
        "source/01-coins/lesson.json",
        1,
        "is missing",
        "autograder build 01",
    ),
    Case(
        "a file too many",
        (FRESH,),
        added("release/01-coins/old.png"),
        "release/01-coins/old.png",
        1,
        "this file is not built from the lesson",
        "Move it to lessons/01-coins/ or away",
    ),
    Case(
        "a picture that is not there",
        (LINKS,),
        lesson((COIN, f"{COIN}\n![a plot](plot.png)")),
        LESSON,
        "![a plot](plot.png)",
        "the link 'plot.png' leads nowhere",
        "Put the file into lessons/01-coins/",
    ),
    Case(
        "a picture in HTML that is not there",
        (LINKS, CLOSED),
        lesson((COIN, f'{COIN}\n<img alt="a plot" src="data/plot.png">')),
        LESSON,
        '<img alt="a plot" src="data/plot.png">',
        "the link 'data/plot.png' leads nowhere",
        "Put the file into lessons/01-coins/",
    ),
    Case(
        "a file by the author's path instead of the notebook's",
        (LINKS,),
        lesson((COIN, f"{COIN}\n![a plot](01-coins/data/plot.png)"), beside="data/plot.png"),
        LESSON,
        "![a plot](01-coins/data/plot.png)",
        "leads nowhere",
        "Write data/plot.png",
    ),
    Case(
        "a link that leads out of the folder",
        (LINKS,),
        lesson((COIN, f"{COIN}\n[a table](../01-coins/plot.png)"), beside="plot.png"),
        LESSON,
        "[a table](../01-coins/plot.png)",
        "leads nowhere",
        "Write plot.png",
    ),
    Case(
        "a picture on a card",
        (LINKS,),
        lesson((":: The fair one.", ":: The fair one. ![a plot](plot.png)"), beside="plot.png"),
        LESSON,
        "Which coin has the largest entropy? :: The fair one. ![a plot](plot.png) {#01-card-2}",
        "is not there where this 'cards' cell is shown",
        "Put the link or picture into the reading",
    ),
    Case(
        "a solution in a module beside the lesson",
        (RELEASED,),
        lesson(
            (COIN, COIN),
            beside="my.py",
            content="import numpy as np\n    return float(-np.sum(p * np.log(p)))\n",
        ),
        "release/01-coins/my.py",
        2,
        "this file of the release holds 'return float(-np.sum(p",
        "Take it out of lessons/01-coins/my.py",
    ),
]


def broken(promises: Iterable[Promise]) -> set[str]:
    """The words of the promises that are broken."""
    return {promise.words for promise in promises if promise.problems}


def line_of(path: Path, at: str | int) -> int:
    """The 1-based number of the first line of a file that is `at`, leading blanks aside."""
    if isinstance(at, int):
        return at
    return [line.lstrip() for line in path.read_text(encoding="utf-8").splitlines()].index(at) + 1


def test_the_tiny_course_keeps_every_promise(tiny_built: Course) -> None:
    promises = verify(tiny_built, "01-coins")
    assert broken(promises) == set()
    assert [promise.words for promise in promises] == [words for words, _ in PROMISES]


def test_every_promise_is_checked_on_something(tiny_built: Course) -> None:
    lesson((COIN, f"{COIN}\nSee [coins](../01-coins/01-coins.ipynb)."))(tiny_built)
    promises = verify(tiny_built, "01-coins")
    assert broken(promises) == set()
    assert [promise.words for promise in promises if promise.count <= 0] == []


def test_verify_changes_no_file(tiny_built: Course) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny_built.root.rglob("*") if path.is_file()}
    verify(tiny_built, "01-coins")
    assert {path: path.stat().st_mtime_ns for path in tiny_built.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_broken_promise_is_seen(case: Case, tiny_built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.words[0] != STEADY:  # a second computation costs seconds, and no other case is about it
        monkeypatch.setattr(machine_checks, "elsewhere", lambda path, seconds: [])
    case.spoil(tiny_built, monkeypatch)
    promises = verify(courses.read(tiny_built.root), "01-coins")
    said = [str(problem) for promise in promises for problem in promise.problems]
    assert broken(promises) == set(case.words), said
    about = next(promise for promise in promises if promise.words == case.words[0])
    problem = about.problems[0]
    assert case.says in problem.problem, said
    path = tiny_built.root / case.path
    assert (problem.path, case.remedy in problem.remedy) == (path, True), said
    assert problem.line == (1 if not path.exists() else line_of(path, case.at)), said


def test_every_promise_has_a_breaking_case() -> None:
    covered = {case.words[0] for case in CASES}
    # What reading a lesson checks is reported by reading it, before any promise is looked at.
    by_reading = {CELLS, FIGURES}
    assert WELL_FORMED in covered
    assert {words for words, _ in PROMISES} == (covered - {WELL_FORMED}) | by_reading


def test_the_command_line_prints_what_is_broken_and_fails(tiny_built: Course) -> None:
    lesson((HINT, f"{HINT}\nIt is 0.56234."))(tiny_built)
    result = CliRunner().invoke(main, ["verify", "01", "--course", str(tiny_built.root)])
    assert result.exit_code == 1
    where = f"{tiny_built.root / LESSON}:82: this hint of 'coin-entropy' gives an answer away: 0.56234"
    assert f"{where}\n    Name the idea, not the number.\n" in result.output
    assert f"{len(PROMISES) - 2} of {len(PROMISES)} promises kept." in result.output


def test_the_command_line_prints_every_promise_with_its_count(tiny_built: Course) -> None:
    result = CliRunner().invoke(main, ["verify", "--course", str(tiny_built.root)])
    assert result.exit_code == 0, result.output
    for words, _ in PROMISES:
        assert any(words in line and line.split()[-1].isdigit() for line in result.output.splitlines())
    assert f"{len(PROMISES)} of {len(PROMISES)} promises kept." in result.output


def test_a_broken_lesson_does_not_hide_the_next(tiny_built: Course) -> None:
    root = tiny_built.root
    text = (root / LESSON).read_text(encoding="utf-8")
    (root / "lessons" / "02-dice.md").write_text(
        text.replace('"role": "recall"', '"role": "x"').replace(TERM, "").replace("{#01", "{#02"),
        encoding="utf-8",
    )
    replace(root / "lessons" / "course.toml", [('["01-coins"]', '["02-dice", "01-coins"]')])
    result = CliRunner().invoke(main, ["verify", "--course", str(root)])
    assert result.exit_code == 1
    assert "unknown role 'x'" in result.output
    assert f"{len(PROMISES)} of {len(PROMISES)} promises kept." in result.output


def test_a_mistake_whose_value_trembles_in_one_answer_is_told_by_the_others(tiny_built: Course) -> None:
    chaos = CHAOS.partition("\n")[2].replace("\n", "\n    ")
    wrong = f"def entropy(p):\n    {chaos}\n    return 3.0 if p[1] == 0 else x"
    code = f"# runaway (not by fair): It diverges.\n{wrong}\n# bits: You used log base 2; the course"
    lesson(("# bits: You used log base 2; the course", code))(tiny_built)
    assert broken(verify(tiny_built, "01-coins")) == set()
    exercise = lesson_json.read(tiny_built.root / "release/01-coins/lesson.json").exercises["coin-code"]
    for fair in (0.1, 17.0, math.inf):
        assert judge(exercise, {"fair": fair, "certain": 3.0}).idea == "runaway"
    assert judge(exercise, {"fair": 0.1, "certain": 2.0}).idea == ""
    assert judge(exercise, {"fair": 0.1, "certain": 0.0}).idea == "", "silence alone is no evidence"


@pytest.mark.parametrize(
    ("names", "says"),
    [("fare", "(not by fare), which is no answer"), ("fair, certain", "is recognized by no answer")],
)
def test_the_answers_that_do_not_tell_a_mistake_are_some_of_its_own(
    names: str, says: str, tiny_built: Course
) -> None:
    lesson(("# sign: Entropy is", f"# sign (not by {names}): Entropy is"), built=False)(tiny_built)
    (promise,) = verify(tiny_built, "01-coins")
    assert says in promise.problems[0].problem
    told = f"# sign (not by {names}): Entropy is minus the sum."
    assert promise.problems[0].line == line_of(tiny_built.root / LESSON, told)
