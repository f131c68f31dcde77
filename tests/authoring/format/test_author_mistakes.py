"""What authors get wrong, and what `verify` says of it: the true cause, at its line, with the remedy.

The cases of `test_lesson_format` are errors of form. Here are those that Markdown and Python let through.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring.building.build import build
from autograder.authoring.checks.verify import verify
from autograder.authoring.format import lesson, markup
from autograder.cli import main
from autograder.core.errors import LessonError, Problem
from autograder.course.course_toml import Course
from tests.support.lesson_edits import Case, edited, line_of, problems_of

COIN = "A coin shows heads with probability $p$."
HINT = r"Weight $-\ln p$ by $p$."
WORKED = "The terms are 0.2158 and 0.3466, together 0.5623 nats."
SIDES = "How many sides does it have?"
SIDES_HEAD = '+++ {"id": "coin-sides", "points": 1, "role": "exercise"}'
OBJECTIVE = "- Compute the entropy of a coin"
SURPRISAL = r"The mean surprisal, $H(p) = -\sum_x p(x) \ln p(x)$."
GIVEN = "coin = np.array([0.75, 0.25])"
DATA = "```{code-cell} ipython3\nmore = np.array([0.5, 0.5])\n```\n\n"
CERTAIN = "certain = entropy(np.array([1.0, 0.0]))"
CARD = "Which coin has the largest entropy? :: The fair one."
BREAK = "Put a line +++ before the heading"
TABLE = "| side | p |\n|---|---|\n"


def faults(course: Course) -> list[Problem]:
    """What is wrong with the lesson itself."""
    return [problem for problem in problems_of(course) if "glossary" not in problem.problem]


def after(line: str, more: str) -> list[tuple[str, str]]:
    """The edit that puts a paragraph below a line."""
    return [(f"{line}\n", f"{line}\n\n{more}\n")]


def instead(line: str) -> list[tuple[str, str]]:
    """The edit that puts a line in place of the lesson's first paragraph."""
    return [(COIN, line)]


STRUCTURE = [
    # headings that vanish
    *(
        Case(
            f"a heading in a {role} cell",
            after(line, "## More"),
            "## More",
            f"'More' is inside a {role!r}",
            BREAK,
        )
        for role, line in (
            ("worked", WORKED),
            ("hint", HINT),
            ("recall", SURPRISAL),
            ("objectives", OBJECTIVE),
        )
    ),
    Case(
        "a heading in a worked cell, its +++ forgotten, and the data of the next exercise",
        [(SIDES_HEAD, f"## Sides\n\n{DATA}{SIDES_HEAD}")],
        "## Sides",
        "the heading 'Sides' is inside a 'worked' cell, which is folded away under “Check your work”",
        BREAK,
    ),
    Case("a small heading", after(WORKED, "### More"), "### More", "'More' is inside a 'worked'", BREAK),
    Case(
        "an underlined heading",
        after(WORKED, "More\n----"),
        "More",
        "'More' is inside a 'worked'",
        "write it in bold",
    ),
    Case("a heading in a quote", after(HINT, "> # More"), "> # More", "'More' is inside a 'hint'", BREAK),
    # given cells within an exercise
    Case(
        "a given cell between a prompt and its answer cell",
        [(f"{SIDES}\n\n", f"{SIDES}\n\n{DATA}")],
        "more = np.array([0.5, 0.5])",
        "this given cell stands between the prompt and the answer cell of the exercise 'coin-sides'",
        "Move it above the prompt",
    ),
    Case(
        "a given cell between an answer cell and its hint",
        [(f'+++ {{"role": "hint"}}\n\n{HINT}', f'{DATA}+++ {{"role": "hint"}}\n\n{HINT}')],
        "more = np.array([0.5, 0.5])",
        "this given cell stands among the cells of the exercise 'coin-entropy'",
        "below the exercise's last cell",
    ),
    # what only looks like a cell
    *(
        Case(
            f"{text!r} for a cell break",
            [('+++ {"role": "recall"}', text)],
            text,
            "is read as text, not as the beginning of a cell",
            '+++ {"role": "hint"}',
        )
        for text in ('++ {"role": "recall"}', '{"role": "recall"}', "++")
    ),
    Case(
        "a code cell whose name is misspelled",
        [("```{code-cell} ipython3\n:role: figure\n", "```{code-cel} ipython3\n:role: figure\n")],
        "```{code-cel} ipython3",
        "begins no code cell, so that nothing runs it",
        "```{code-cell} ipython3",
    ),
    Case(
        "a role without its colons",
        [(":role: figure\n", "role: figure\n")],
        "role: figure",
        "'role: figure' is read as code",
        ":role: proof",
    ),
    *(
        Case(
            f"a {signs} that swallows the rest",
            after(COIN, f"{signs}{word}\nx = 1"),
            f"{signs}{word}",
            "this fence is never closed",
            "after the code",
        )
        for signs, word in (("```", "python"), ("~~~", ""), ("````", ""))
    ),
    Case(
        "a fence that is never closed in the last cell",
        [(CARD, f"{CARD}\n\n+++\n\n```python\nx = 1")],
        "```python",
        "this fence is never closed",
        "after the code",
    ),
]

MARKUP = [
    Case("an unclosed formula", instead("Heads has $p."), "Heads has $p.", "a $ that opens or closes", "$…$"),
    Case(
        "an unclosed formula before a closed one",
        instead("Heads has $p, and tails $1 - p$."),
        "Heads has $p, and tails $1 - p$.",
        "a $ that opens or closes no formula",
        r"A mere dollar is \$",
    ),
    Case(
        "an unclosed formula in the second line of three",
        instead("Heads has $p$,\ntails has $q,\nand $p + q = 1$."),
        "tails has $q,",
        "a $ that opens or closes no formula",
        "$…$",
    ),
    Case(
        "two unclosed formulas",
        instead("Heads has $p, and tails has $q, as said."),
        "Heads has $p, and tails has $q, as said.",
        "a $ that opens or closes no formula",
        "no blank at the inner sides",
    ),
    Case(
        "two prices, which a notebook takes for a formula",
        instead("It costs $5, and later $6."),
        "It costs $5, and later $6.",
        "a $ that opens or closes no formula",
        r"\$",
    ),
    Case(
        "an unclosed formula that begins with a number",
        instead(r"The entropy is $2 \ln 2 nats."),
        r"The entropy is $2 \ln 2 nats.",
        "a $ that opens or closes no formula",
        "$…$",
    ),
    Case(
        "an unclosed displayed formula",
        after(COIN, "$$\np + q = 1\n\nThen $p$ is less than one.\n\n$$\nq = 1 - p\n$$"),
        "$$",
        "this $$ is not closed before the next blank line",
        "no blank line inside",
    ),
    Case(
        "an unclosed displayed formula at a cell's end",
        [(f"{COIN}\n", f"{COIN}\n\n$$\np = 1\n")],
        "$$",
        "a $$ that opens or closes no formula",
        "on a line of its own",
    ),
    Case(
        "a $$ in a line", instead("Then $$p$$ is it."), "Then $$p$$ is it.", "a $$ that", "a line of its own"
    ),
    Case(
        "a formula that ends on a card's other side",
        [(CARD, "What is $p? :: It is $q$.")],
        "What is $p? :: It is $q$. {#01-card-2}",
        "a $ that opens or closes",
        "$…$",
    ),
    Case("an unclosed formula in a hint", [(HINT, "Weight $p.")], "Weight $p.", "a $ that", "$…$"),
    Case("an unclosed formula in a prompt", [(SIDES, f"{SIDES} $n")], f"{SIDES} $n", "a $ that", "$…$"),
    Case("an unclosed formula in a term", [("$H(p)$.\n", "$H(p).\n")], 215, "a $ that", "$…$"),
    Case(
        "a formula without its dollars",
        instead(r"Heads has \ln p."),
        r"Heads has \ln p.",
        r"\ln stands outside of a formula",
        "between $ and $",
    ),
    Case("unclosed bold type", instead("A **coin is fair."), "A **coin is fair.", "a ** that", "**…**"),
    Case("unclosed code", instead("A `coin is fair."), "A `coin is fair.", "a ` that opens", "`…`"),
    Case(
        "a row that is too short",
        after(COIN, f"{TABLE}| heads | 0.75 |\n| tails |"),
        "| tails |",
        "this row of the table has 1 cells, its head has 2",
        "as many cells",
    ),
    Case(
        "a row that is too long",
        after(COIN, f"{TABLE}| heads | 0.75 | more |"),
        "| heads | 0.75 | more |",
        "this row of the table has 3 cells, its head has 2",
        "as many cells",
    ),
    Case(
        "a bar within a formula of a table",
        after(COIN, f"{TABLE}| heads | $p(x|z)$ |"),
        "| heads | $p(x|z)$ |",
        "this row of the table has 3 cells, its head has 2",
        "\\mid",
    ),
    Case(
        "a head of another width",
        after(COIN, "| side | p |\n|---|---|---|\n| heads | 0.75 |"),
        "| side | p |",
        "this is no table: 2 cells in its head, 3 in the line below",
        "as many cells",
    ),
    *(
        Case(f"HTML, {html}", instead(f"See {html}."), f"See {html}.", says, remedy)
        for html, says, remedy in (
            ('<img src="a.png">', "<img…", "![what it shows](its-file.png)"),
            ("<script>1</script>", "<script…", "in Markdown"),
            ('<a href="x">this</a>', "<a…", "in Markdown"),
            ("p<q and q>r", "<q…", "in a formula or in code"),
        )
    ),
    Case("a block of HTML", after(COIN, "<table>\n<tr></tr>\n</table>"), "<table>", "<table…", "in Markdown"),
]

CODE = [
    Case(
        "a proof that fails, close",
        [("- 0.75 * math.log(3))) < 1e-12", "- 0.75 * math.log(3)) - 1e-6) < 1e-12")],
        "assert abs(coin_entropy - (math.log(4) - 0.75 * math.log(3)) - 1e-6) < 1e-12",
        "does not hold; coin_entropy - (math.log(4) - 0.75 * math.log(3)) is ",
        "the solution or the proof is wrong",
    ),
    *(
        Case(
            f"a proof that fails, {test}",
            [("assert coin_sides == len(coin)", f"assert {test}")],
            f"assert {test}",
            f"does not hold; {says}",
            "'proof' must run",
        )
        for test, says in (
            ("coin_sides == len(coin) + 1", "coin_sides is 2; len(coin) + 1 is 3"),
            (
                "abs(coin_sides - len(coin) - 1) < 1e-9",
                "coin_sides - len(coin) is 0. The solution gives coin_sides = 2",
            ),
            ("abs(coin_sides - 2.5) < 1e-9", "coin_sides is 2"),
            ("math.isclose(coin_sides, 2.5)", "coin_sides is 2"),
            ("np.allclose(coin, coin + 1)", "coin is [0.75 0.25]; coin + 1 is [1.75 1.25]"),
            ("np.abs(coin - coin[::-1]).max() < 0.1", "coin is [0.75 0.25]; coin[::-1] is [0.25 0.75]"),
            ("(coin == coin[::-1]).all()", "coin is [0.75 0.25]; coin[::-1] is [0.25 0.75]"),
            ("coin_sides == 2 and not coin_sides", "coin_sides is 2"),
            (
                "coin_sides == 3, 'count again'",
                "coin_sides is 2 (count again). The solution gives coin_sides = 2",
            ),
        )
    ),
    Case(
        "a proof that fails in a function of its own",
        [("assert coin_sides == len(coin)", "def prove(n):\n    assert n == 5\n\n\nprove(coin_sides)")],
        "assert n == 5",
        "`n == 5` does not hold; n is 2",
        "'proof' must run",
    ),
    Case(
        "an answers cell that works with what a stub returns",
        [(CERTAIN, "certain = 2 * entropy(np.array([1.0, 0.0]))")],
        "certain = 2 * entropy(np.array([1.0, 0.0]))",
        "this line fails on the untouched stub, whose functions return None: TypeError",
        "runs before a learner has written anything",
    ),
    Case(
        "a mistake of another kind than the answer",
        [("coin_sides = 3", 'coin_sides = "three"')],
        "# edge: The edge does not count.",
        "it gives coin_sides = 'three', expected one number, got text 'three'",
        "a value of the answer's kind",
    ),
    Case(
        "a mistake of another shape than the answer",
        [("coin_sides = 3", "coin_sides = [3, 4]")],
        "# edge: The edge does not count.",
        "it gives coin_sides = [3, 4], expected one number, got a list of 2 values",
        "a value of the answer's kind",
    ),
    Case(
        "a mistake that is no option",
        [('coin_likely = "tails"', 'coin_likely = "edge"')],
        "# other-side: Tails has probability one quarter.",
        "'edge' is not among the options heads, tails",
        'add it to "options"',
    ),
    Case(
        "an answer that is no option",
        [('coin_likely = "heads"', 'coin_likely = "edge"')],
        "coin_likely = ...",
        "the answer 'edge' is not among the options",
        "heads, tails. Answer with one of them",
    ),
    Case(
        "a mistake that is too large",
        [("coin_entropy = -np.sum(np.log(coin))", "coin_entropy = 1e308")],
        "# unweighted: Weight each surprisal by its probability.",
        "the mistake 'unweighted', coin_entropy: 1e+308 is too large",
        "larger tolerance",
    ),
    *(
        Case(
            f"random numbers, {draw}",
            [(f"{GIVEN}\n", f"{GIVEN}\n{draw}\n")],
            draw,
            "this given cell draws random numbers",
            "a grid of quantiles",
        )
        for draw in (
            "x = np.random.default_rng(7).normal()",
            "from random import random",
            "import random, math",
            "from numpy.random import default_rng",
            "import secrets",
        )
    ),
    *(
        Case(
            f"random numbers in a {role} cell",
            [(old, f"{draw}\n{old}")],
            draw,
            f"this {role} cell draws random numbers (np.random.rand)",
            "the same everywhere",
        )
        for draw in ("x = np.random.rand()",)
        for role, old in (
            ("solution", "coin_sides = 2\n"),
            ("proof", "assert coin_sides == len(coin)\n"),
            ("mistakes", "coin_sides = 3\n"),
            ("tests", "assert abs(entropy(np.full(8"),
        )
    ),
    Case(
        "a solution that is never twice the same",
        [
            (GIVEN, f"{GIVEN}\nturn = iter(range(2, 99))"),
            ("coin_sides = 2\n", "coin_sides = next(turn)\n"),
            ("coin_sides == len(coin)", "coin_sides > 0"),
            ("coin_sides = 3", "coin_sides = -3"),
        ],
        "coin_sides = ...",
        "run twice, it gave two values (coin_sides was 2 and then",
        "no clock",
    ),
]

CASES = [*STRUCTURE, *MARKUP, *CODE]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_told_at_its_line(tiny: Course, case: Case) -> None:
    text = edited(tiny, case.edits)
    problems = problems_of(tiny)
    found = [problem for problem in problems if case.says in problem.problem]
    assert found, [str(problem) for problem in problems]
    assert (found[0].path, found[0].line) == (tiny.path("01-coins"), line_of(text, case.at))
    assert case.remedy in found[0].remedy
    assert "\n" not in found[0].problem + found[0].remedy


@pytest.mark.parametrize("case", STRUCTURE, ids=[case.name for case in STRUCTURE])
def test_a_build_refuses_what_hides_a_part_of_the_lesson(tiny: Course, case: Case) -> None:
    edited(tiny, case.edits)
    with pytest.raises(LessonError) as caught:
        build(tiny, tiny.lessons)
    assert any(case.says in problem.problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5.",
        "It costs $5.20, which is little, and 5 in words.",
        r"It costs \$5, and later \$6, of $n$ coins.",
        "Type `$HOME` and `a ** b`, and `` ` ``.",
        '```python\nprice = "$5"  # ** and `\n```',
        "~~~\n$\n~~~",
        "$$\np + q = 1\n$$",
        "$$p + q = 1$$",
        "Between $p$ and $q$: $p$, ($q$), **$p$** and *$q$*.",
        "Over two lines $p +\nq$ goes on.",
        r"| a | b |" "\n|---|---|\n" r"| $p\,\Vert\,q$ | `x` |",
        r"| a | b |" "\n|:--|--:|\n" r"| one \| two | three |",
        "a | b\n---|---\n1 | 2",
        "A rule\n\n---\n\nand an end.",
        "Line<br>break, H<sub>2</sub>O, <kbd>Enter</kbd>. <!-- a remark -->",
        "<details>\n<summary>More</summary>\n\nIt is $p$.\n\n</details>",
        "If $a<b$ and 3 < 4, then a < b.",
        r"A backslash \* and \_ and C:\new, `C:\new`.",
        "2 * 3 * 4 and snake_case_name",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |",
        "- $p$\n- $q$\n\n  $$\n  p\n  $$",
    ],
)
def test_what_is_right_is_no_fault(text: str) -> None:
    assert markup.faults_of(text) == []


def test_given_cells_after_an_exercise_are_a_block_of_their_own(tiny: Course) -> None:
    edited(tiny, [(SIDES_HEAD, f"{DATA}{SIDES_HEAD}")])
    blocks = lesson.read(tiny.path("01-coins")).blocks
    at = next(n for n, block in enumerate(blocks) if getattr(block, "id", "") == "coin-sides")
    assert blocks[at - 1].source == "more = np.array([0.5, 0.5])"  # type: ignore[union-attr]
    assert faults(tiny) == []


def test_a_fence_may_show_a_lessons_own_form(tiny: Course) -> None:
    edited(tiny, after(COIN, "````\n```{code-cell} ipython3\nx = 1\n```\n````"))
    assert not [one for one in problems_of(tiny) if "fence" in one.problem]


def test_a_half_is_a_mistake_that_a_whole_number_knows(tiny: Course) -> None:
    from autograder.authoring.building import sealing
    from autograder.authoring.evaluation import evaluate
    from autograder.core.judge import judge

    edited(tiny, [("coin_sides = 3\n", "coin_sides = 0.5\n# third: Not that.\ncoin_sides = 1 / 3\n")])
    assert faults(tiny) == []
    text = lesson.read(tiny.path("01-coins"))
    exercise = sealing.seal_lesson(text, evaluate.evaluate(text)).exercises["coin-sides"]
    said = {value: judge(exercise, {"coin_sides": value}).code for value in (0.5, 0.3333, 0.34, 2, 1.9999)}
    assert said == {
        0.5: "coin-sides wrong:edge",
        0.3333: "coin-sides wrong:third",
        0.34: "coin-sides wrong",
        2: "coin-sides right",
        1.9999: "coin-sides wrong",
    }


@pytest.mark.parametrize(
    ("spoil", "line", "says", "remedy"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), 1, "line ends are those of Windows", "format 01"),
        (lambda text: text.replace("$p$.\n", "$p$.\r\n", 1).encode(), 8, "those of Windows", "format 01"),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), 1, "begins with a byte order mark", "without BOM"),
    ],
    ids=["CRLF", "one CRLF", "BOM"],
)
def test_how_a_file_is_saved(
    tiny_built: Course, spoil: Callable[[str], bytes], line: int, says: str, remedy: str
) -> None:
    path = tiny_built.path("01-coins")
    text = path.read_text(encoding="utf-8")
    path.write_bytes(spoil(text))
    problem = next(one for promise in verify(tiny_built, "01-coins") for one in promise.problems)
    assert (problem.path, problem.line) == (path, line)
    assert says in problem.problem and remedy in problem.remedy
    if "format" in remedy:
        assert CliRunner().invoke(main, ["format", "--course", str(tiny_built.root)]).exit_code == 0
        assert path.read_text(encoding="utf-8") == text


def test_a_build_that_fails_says_of_no_lesson_that_it_was_built(tiny: Course) -> None:
    edited(tiny, [("coin_sides == len(coin)", "coin_sides != len(coin)")])
    result = CliRunner().invoke(main, ["build", "--course", str(tiny.root)])
    assert result.exit_code == 1
    assert "built" not in result.output.replace(str(tiny.root), "")
    assert not (Path(tiny.root) / "release").exists()


# An exercise on data: 171.5 is one of them, and the mean is 171.55.
HEIGHTS = "heights = [171.2, 171.5, 171.95]"
MEAN = """\
+++ {"id": "mean-height", "points": 1, "role": "exercise", "tolerance": 0.005}

The heights are 171.2, 171.5 and 171.95 cm. Compute their mean.

```{code-cell} ipython3
:role: solution

mean_height = ...
### BEGIN SOLUTION
mean_height = sum(heights) / 3
### END SOLUTION
```

```{code-cell} ipython3
:role: proof

assert abs(3 * mean_height - 171.2 - 171.5 - 171.95) < 1e-9
```

```{code-cell} ipython3
:role: mistakes

# total: That is the sum.
mean_height = sum(heights)
```

+++ {"role": "hint"}

Add 171.2, 171.5 and 171.95.

"""
MIDDLE = (
    MEAN.replace("mean-height", "middle-height")
    .replace("their mean", "their median")
    .replace("mean_height = sum(heights) / 3", "mean_height = sorted(heights)[1]")
    .replace("assert abs(3 * mean_height - 171.2 - 171.5 - 171.95) < 1e-9", "assert mean_height == 171.5")
    .replace("Add 171.2, 171.5 and 171.95.", "Put them in order.")
    .replace("mean_height", "middle_height")
)


def data(*more: str, middle: bool = False) -> list[tuple[str, str]]:
    """The edits that add the exercises on heights, and lines to the given cell."""
    given = "\n".join([GIVEN, HEIGHTS, *more])
    return [(GIVEN, given), (SIDES_HEAD, f"{MIDDLE if middle else MEAN}{SIDES_HEAD}")]


@pytest.mark.parametrize("middle", [False, True], ids=["mean", "median"])
def test_data_give_no_answer_away(tiny: Course, middle: bool) -> None:
    edited(tiny, data(middle=middle))
    assert faults(tiny) == []


@pytest.mark.parametrize(
    ("middle", "edits", "line"),
    [
        (False, [(HEIGHTS, f"{HEIGHTS}\nlater = 171.55")], "later = 171.55"),
        (False, [(HEIGHTS, f"{HEIGHTS}  # 171.55")], f"{HEIGHTS}  # 171.55"),
        (False, [(HEIGHTS, f"{HEIGHTS}\n# about 171.6")], "# about 171.6"),
        (False, [("their mean.", "their mean, 171.55.")], 93),
        (False, [("Add 171.2", "It is 171.55. Add 171.2")], "It is 171.55. Add 171.2, 171.5 and 171.95."),
        (False, [("# total: That is the sum.", "# total: It is 171.55.")], "# total: It is 171.55."),
        (False, [(COIN, f"{COIN} Not 171.55.")], f"{COIN} Not 171.55."),
        (True, [("Put them in order.", "It is 171.5.")], "It is 171.5."),
        (True, [("# total: That is the sum.", "# total: It is 171.5.")], "# total: It is 171.5."),
        (True, [(HEIGHTS, f"{HEIGHTS}\nlater = (171.5, 3)\nheights = heights[:]")], None),
    ],
)
def test_a_leak_is_found_among_data(
    tiny: Course, middle: bool, edits: list[tuple[str, str]], line: str | int | None
) -> None:
    text = edited(tiny, [*data(middle=middle), *edits])
    found = [one for one in problems_of(tiny) if "answer" in one.problem]
    if line is None:  # the same number, of which it cannot be told what it is there for
        assert found == []
        return
    assert found
    at = line_of(text, line) if isinstance(line, str) else text[: text.index("171.55.")].count("\n") + 1
    assert {problem.line for problem in found} == {at}
