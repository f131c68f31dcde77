"""Every error of the lesson format: the line in the Markdown, what is wrong, and what to type instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.format import lesson
from autograder.core.errors import LessonError
from autograder.course.course_toml import Course
from tests.support.lesson_edits import Case, edited, line_of, problems_of

GIVEN = "coin = np.array([0.75, 0.25])\n```\n"
SIDES = "How many sides does it have?"
SIDES_HEAD = '+++ {"id": "coin-sides", "points": 1, "role": "exercise"}'
SIDES_SOLUTION = """\
```{code-cell} ipython3
:role: solution

coin_sides = ...
### BEGIN SOLUTION
coin_sides = 2
### END SOLUTION
```

"""
SIDES_PROOF = """\
```{code-cell} ipython3
:role: proof

assert coin_sides == len(coin)
```

"""
SIDES_MISTAKES = """\
```{code-cell} ipython3
:role: mistakes

# edge: The edge does not count.
coin_sides = 3
```

"""
SIDES_MARKS = "### BEGIN SOLUTION\ncoin_sides = 2\n### END SOLUTION\n"
ENTROPY_HEAD = (
    '+++ {"id": "coin-entropy", "points": 2, "role": "exercise", "tolerance": 0.0002, "unit": "nats"}'
)
ENTROPY = "Compute the entropy of the coin."
ENTROPY_LINE = "coin_entropy = -float(np.sum(coin * np.log(coin)))"
CODE = "Write the entropy of any distribution."
FAIR = "fair = entropy(np.array([0.5, 0.5]))  # tolerance 0.000001"
CERTAIN = "certain = entropy(np.array([1.0, 0.0]))"
FIGURE = "# Figure: the entropy of a coin. Predict first: where is it largest?"
EXPLORE = 'explore(draw, heads=slider("probability of heads", 0.75, 0.0, 1.0, 0.05), size=(4, 3))'
SECOND_HINT = "There are two terms, one for heads and one for tails."
CARD = "Which coin has the largest entropy? :: The fair one. {#01-card-2}"
MEAN = "return float(-np.mean(p * np.log(p)))"
MEAN_MISTAKE = f"""\
# mean: Sum the terms, do not average them.
def entropy(p):
    p = p[p > 0]
    {MEAN}
"""


def keys(head: str, new: str) -> list[tuple[str, str]]:
    """The edit that replaces the metadata line of an exercise."""
    return [(head, f"+++ {new}")]


def code(old: str, new: str) -> list[tuple[str, str]]:
    """The edit that replaces one line of code."""
    return [(f"{old}\n", f"{new}\n")]


CASES = [
    # roles and keys
    Case(
        "unknown role",
        [('{"role": "hint"}\n\nThere', '{"role": "hnit"}\n\nThere')],
        SECOND_HINT,
        "unknown role 'hnit'",
        "Did you mean 'hint'?",
    ),
    Case(
        "unknown role of a code cell",
        [(":role: figure", ":role: figuer")],
        FIGURE,
        "unknown role 'figuer'",
        "Did you mean 'figure'?",
    ),
    Case(
        "unknown role like no other",
        [('{"role": "hint"}\n\nThere', '{"role": "zzz"}\n\nThere')],
        SECOND_HINT,
        "unknown role 'zzz'",
        "The roles are answers, cards",
    ),
    Case(
        "a role that is no word",
        [('{"role": "hint"}\n\nThere', '{"role": 3}\n\nThere')],
        SECOND_HINT,
        "unknown role 3",
        "The roles are",
    ),
    Case(
        "unknown key",
        [('{"for": "coin-entropy", "role"', '{"fro": "coin-entropy", "role"')],
        r"What is the entropy of a coin? :: $H(p) = -\sum_x p(x) \ln p(x)$ {#01-card-1}",
        "unknown key 'fro'",
        "Did you mean 'for'?",
    ),
    Case(
        "a key without a role",
        [("+++\n\n## Try", '+++ {"points": 2}\n\n## Try')],
        "## Try it yourself",
        "unknown key 'points' on a cell without a role",
        "The keys here are role",
    ),
    Case(
        "unknown key of a code cell",
        [(":role: figure\n", ":role: figure\n:size: 4\n")],
        FIGURE,
        "unknown key 'size'",
        "The keys here are role",
    ),
    Case(
        "a Markdown role on a code cell",
        [(":role: figure", ":role: hint")],
        FIGURE,
        "'hint' is on a code cell",
        '+++ {"role": "hint"}',
    ),
    Case(
        "a code role on a Markdown cell",
        [('{"role": "hint"}\n\nThere', '{"role": "proof"}\n\nThere')],
        SECOND_HINT,
        "'proof' is on a markdown cell",
        "```{code-cell} ipython3, then :role: proof",
    ),
    Case(
        "metadata that is not JSON",
        [(SIDES_HEAD, SIDES_HEAD[:-1])],
        SIDES_HEAD[:-1],
        "metadata cannot be read",
        "JSON on one line",
    ),
    Case(
        "metadata of a code cell that is not YAML",
        [(":role: figure", ":role: [figure")],
        23,
        "metadata cannot be read",
        ":role: figure",
    ),
    Case(
        "a hint outside an exercise",
        [("+++\n\n## Try", '+++ {"role": "hint"}\n\nWeigh it.\n\n+++\n\n## Try')],
        "Weigh it.",
        "'hint' cell outside an exercise",
        "Put it after",
    ),
    # fences
    Case(
        "an unclosed fence in the middle",
        [("coin_sides = 2\n### END SOLUTION\n```\n", "coin_sides = 2\n### END SOLUTION\n")],
        "coin_sides = ...",
        "never closed",
        "Put ``` on a line of its own",
    ),
    Case(
        "an unclosed fence to the end",
        [(f"{MEAN}\n```\n", f"{MEAN}\n")],
        183,
        "never closed",
        "Put ``` on a line",
    ),
    Case(
        "a code cell swallowed by a list",
        [("A coin shows heads", "- One:\n\n  ```{code-cell} ipython3\n  x = 1\n  ```\n\nA coin shows heads")],
        "```{code-cell} ipython3",
        "swallowed by the list",
        "in column 0",
    ),
    Case(
        "a code cell swallowed by a quote",
        [("A coin shows heads", "> ```{code-cell} ipython3\n> x = 1\n> ```\n\nA coin shows heads")],
        "> ```{code-cell} ipython3",
        "swallowed",
        "in column 0",
    ),
    # front matter, title
    Case(
        "no front matter",
        [("---\nminutes: 5\ntitle: Coins\n---\n\n", "")],
        1,
        "the front matter has no title",
        "Start the file with ---",
    ),
    Case("no title", [("title: Coins\n", "")], 1, "the front matter has no title", "title: …"),
    Case("a title of another kind", [("title: Coins", "title: 3")], 1, "no title", "title: …"),
    Case("no minutes", [("minutes: 5\n", "")], 1, "the front matter has no minutes", "minutes: 60"),
    Case("minutes in words", [("minutes: 5", "minutes: five")], 1, "no minutes", "minutes: 60"),
    Case("minutes below one", [("minutes: 5", "minutes: -5")], 1, "minutes", "minutes: 60"),
    Case(
        "unknown front matter",
        [("minutes: 5", "author: me\nminutes: 5")],
        1,
        "unknown front matter 'author'",
        "The keys are minutes and title",
    ),
    Case(
        "front matter that is not YAML",
        [("title: Coins", "title: [Coins")],
        1,
        "front matter",
        "Start the file",
    ),
    Case("another title", [("# Coins", "# Dice")], "# Dice", "does not start with its title", "# Coins"),
    Case(
        "a longer title",
        [("# Coins", "# Coins and dice")],
        "# Coins and dice",
        "does not start with its title",
        "# Coins",
    ),
    # recall and cards
    Case(
        "recall without an answer",
        [("measure?\n\n---\n\n", "measure?\n\n")],
        "What does $H(p)$ measure?",
        "no `---`",
        "a blank line, ---, a blank line",
    ),
    Case(
        "recall with two answers",
        [("measure?\n\n---\n", "measure?\n\n---\n\nOne.\n\n---\n")],
        "What does $H(p)$ measure?",
        "2 `---` lines",
        "a blank line, ---, a blank line",
    ),
    Case(
        "recall without blank lines",
        [("measure?\n\n---\n\nThe", "measure?\n---\nThe")],
        42,
        "must stand between blank lines",
        "one blank line before and one after",
    ),
    Case(
        "recall with nothing below",
        [("\n---\n\nThe mean surprisal, $H(p) = -\\sum_x p(x) \\ln p(x)$.\n", "\n---\n")],
        43,
        "a question above and an answer below",
        "blank line",
    ),
    Case(
        "a card without its divider",
        [(CARD, "Which coin?")],
        "Which coin?",
        "without ` :: `",
        "question :: answer",
    ),
    Case(
        "the second card without its divider",
        [(CARD, f"{CARD}\nWhich coin?")],
        "Which coin?",
        "without ` :: `",
        "question :: answer",
    ),
    Case(
        "cards for an unknown exercise",
        [('"for": "coin-entropy"', '"for": "coin"')],
        r"What is the entropy of a coin? :: $H(p) = -\sum_x p(x) \ln p(x)$ {#01-card-1}",
        "cards for an unknown exercise 'coin'",
        "The exercises are coin-entropy, coin-sides",
    ),
    # the exercise's own keys
    Case(
        "no id",
        keys(SIDES_HEAD, '{"points": 1, "role": "exercise"}'),
        SIDES,
        "id is missing",
        '"id": "kl-forward"',
    ),
    Case(
        "a bad id",
        keys(SIDES_HEAD, '{"id": "Coin_Sides", "points": 1, "role": "exercise"}'),
        SIDES,
        "id is missing or of the wrong form",
        '"id": "kl-forward"',
    ),
    Case(
        "an id twice",
        [('"coin-sides"', '"coin-entropy"')],
        SIDES,
        "the id 'coin-entropy' is taken (line 53)",
        "its own id",
    ),
    *(
        Case(
            f"points {bad}",
            [('"points": 1, "role": "exercise"}\n\nHow', f'"points": {bad}, "role": "exercise"}}\n\nHow')],
            SIDES,
            "points is missing or of the wrong form",
            '"points": 2',
        )
        for bad in ("0", "-1", '"2"', "true", "1e999")
    ),
    Case(
        "no points",
        keys(SIDES_HEAD, '{"id": "coin-sides", "role": "exercise"}'),
        SIDES,
        "points",
        '"points": 2',
    ),
    *(
        Case(
            f"tolerance {bad}",
            [('"tolerance": 0.0002', f'"tolerance": {bad}')],
            ENTROPY,
            "tolerance is missing or of the wrong form",
            '"tolerance": 0.0002',
        )
        for bad in ("-1", '"0.1"', "true", '{"coin_entropy": "x"}', "NaN", "1e999")
    ),
    Case(
        "a tolerance for no answer",
        [('"tolerance": 0.0002', '"tolerance": {"coin": 0.1}')],
        ENTROPY,
        "a tolerance for 'coin'",
        "The answers are coin_entropy",
    ),
    *(
        Case(
            f"options {bad}",
            [('"options": ["heads", "tails"]', f'"options": {bad}')],
            "Which side is more likely?",
            "options is missing or of the wrong form",
            '"options": ["forward"',
        )
        for bad in ("null", '"heads"', '["heads"]', "[1, 2]", '["heads", "Heads "]')
    ),
    Case("a unit that is no word", [('"unit": "nats"', '"unit": 3')], ENTROPY, "unit", '"unit": "nats"'),
    Case(
        "optional in words",
        [(SIDES_HEAD, SIDES_HEAD.replace('"points"', '"optional": "yes", "points"'))],
        SIDES,
        "optional",
        '"optional": true',
    ),
    # the exercise's cells
    Case("no solution", [(SIDES_SOLUTION, "")], SIDES, "no solution cell", ":role: solution"),
    Case("no proof", [(SIDES_PROOF, "")], SIDES, "no proof cell", ":role: proof"),
    Case("no mistakes", [(SIDES_MISTAKES, "")], SIDES, "no mistakes cell", ":role: mistakes"),
    Case(
        "two proofs",
        [(SIDES_PROOF, SIDES_PROOF + SIDES_PROOF.replace("==", ">="))],
        "assert coin_sides >= len(coin)",
        "a second proof cell",
        "Join the two",
    ),
    Case(
        "a stub of another form",
        code("coin_sides = ...", "coin_sides = None"),
        "coin_sides = None",
        "stub",
        "= ...",
    ),
    Case(
        "a stub of another form, further down",
        code("coin_sides = ...", "coin_sides = ...\nprint(coin_sides)"),
        "print(coin_sides)",
        "stub line 'print(coin_sides)'",
        "= ...",
    ),
    Case("no stub", code("coin_sides = ...", "# your turn"), "# your turn", "no stub", "name = ..."),
    Case(
        "no marks in a coding exercise",
        [("    ### BEGIN SOLUTION\n    p = np", "    p = np"), ("(p)))\n    ### END SOLUTION\n", "(p)))\n")],
        "def entropy(p):",
        "not between its marks",
        "### BEGIN SOLUTION",
    ),
    Case(
        "marks in the wrong order",
        [(SIDES_MARKS, "### END SOLUTION\n### BEGIN SOLUTION\n")],
        "coin_sides = ...",
        "not between its marks",
        "### BEGIN SOLUTION",
    ),
    Case(
        "a function's stub with code in it",
        [("    ...\n    ### BEGIN", "    total = 0\n    ...\n    ### BEGIN")],
        "def entropy(p):",
        "the stub of entropy has code",
        "a docstring and `...`",
    ),
    Case(
        "a function's stub with code in it, below a solution",
        [
            (
                'def entropy(p):\n    """Array',
                '### BEGIN SOLUTION\nSCALE = 1\n### END SOLUTION\ndef entropy(p):\n    """Array',
            ),
            ("    ...\n    ### BEGIN", "    total = 0\n    ...\n    ### BEGIN"),
        ],
        "def entropy(p):",
        "the stub of entropy has code",
        "a docstring and `...`",
    ),
    Case(
        "an answers cell that prints",
        code(FAIR, f"{FAIR}\nprint(fair)"),
        "print(fair)",
        "answers cell holds statements of the form",
        "one a line",
    ),
    Case(
        "an answers cell with two targets",
        code(CERTAIN, f"also = {CERTAIN}"),
        f"also = {CERTAIN}",
        "answers cell",
        "one a line",
    ),
    *(
        Case(
            f"the comment # {bad}",
            code(FAIR, FAIR.replace("tolerance 0.000001", bad)),
            FAIR.replace("tolerance 0.000001", bad),
            "tolerance",
            "0.000001",
        )
        for bad in ("tolerance small", "tolerance", "tolerance: 0.01", "tolerance -1", "tolerance nan")
    ),
    # mistakes
    Case(
        "a mistake without a slug",
        code("# edge: The edge does not count.", "# The edge does not count."),
        "# The edge does not count.",
        "not the form of a mistake",
        "# slug: feedback",
    ),
    Case(
        "a mistake with a bad slug",
        code("# edge: The edge does not count.", "# The edge: It does not count."),
        "# The edge: It does not count.",
        "not the form of a mistake",
        "lower-case",
    ),
    Case(
        "a mistake without code",
        code("coin_sides = 3", "coin_sides = 3\n# rim: Nor the rim."),
        "# rim: Nor the rim.",
        "'rim' has no code",
        "name = ...",
    ),
    Case(
        "two mistakes of one name",
        code("coin_sides = 3", "coin_sides = 3\n# edge: Nor the rim.\ncoin_sides = 4"),
        "# edge: Nor the rim.",
        "two mistakes are called 'edge'",
        "its own slug",
    ),
    Case(
        "code before the first mistake",
        code("# edge: The edge does not count.", "x = 1\n# edge: The edge does not count."),
        "x = 1",
        "code before the first mistake",
        "# bits:",
    ),
    Case(
        "an empty mistakes cell",
        [
            ("# edge: The edge does not count.\ncoin_sides = 3\n```\n\n+++", "x\n```\n\n+++"),
            ("\nx\n```", "\n```"),
        ],
        113,
        "no mistakes",
        "at least one",
    ),
    Case(
        "two wrong implementations",
        [
            (
                MEAN_MISTAKE,
                "",
            )
        ],
        "# bits: You used log base 2; the course works in nats.",
        "2 wrong implementations",
        "at least three",
    ),
    # code that does not parse
    *(
        Case(
            f"a syntax error in a {role} cell",
            code(line, f"{line}\nx = = 1"),
            "x = = 1",
            "invalid syntax",
            word,
        )
        for role, line, word in (
            ("given", "coin = np.array([0.75, 0.25])", "'given' must run"),
            ("figure", FIGURE, "'figure' must run"),
            ("solution", ENTROPY_LINE, "Mend the Python"),
            ("answers", FAIR, "Mend the Python"),
            ("tests", "assert abs(entropy(np.full(8, 1 / 8)) - math.log(8)) < 1e-9", "Mend the Python"),
            ("proof", "assert coin_sides == len(coin)", "Mend the Python"),
            ("mistakes", "coin_sides = 3", "Mend the Python"),
        )
    ),
    # code that does not run
    *(
        Case(f"{what} in a {role} cell", code(line, f"{line}\n{bad}"), bad, word, f"'{role}' must run")
        for what, bad, word in (
            ("an exception", "x = undefined", "NameError: name 'undefined'"),
            ("an exit", "x = exit(0)", "SystemExit"),
        )
        for role, line in (
            ("given", "coin = np.array([0.75, 0.25])"),
            ("figure", FIGURE),
            ("solution", ENTROPY_LINE),
            ("answers", FAIR),
            ("proof", "assert coin_sides == len(coin)"),
            ("mistakes", "coin_entropy = -np.sum(np.log(coin))"),
        )
    ),
    Case(
        "a proof that fails",
        code("assert coin_sides == len(coin)", "assert coin_sides != len(coin)"),
        "assert coin_sides != len(coin)",
        "`coin_sides != len(coin)` does not hold; coin_sides is 2; len(coin) is 2",
        "proof",
    ),
    Case(
        "a figure's name in a graded cell",
        code(ENTROPY_LINE, f"{ENTROPY_LINE[:-1]} + len(BLUE) - 7)"),
        f"{ENTROPY_LINE[:-1]} + len(BLUE) - 7)",
        "needs 'BLUE'",
        "in a given cell",
    ),
    # values that cannot be answers
    Case(
        "a name that the solution never sets",
        code("coin_sides = 2", "sides = 2"),
        "coin_sides = ...",
        "never sets coin_sides",
        "coin_sides = …",
    ),
    *(
        Case(
            f"the reference {value}",
            code("coin_sides = 2", f"coin_sides = {value}"),
            "coin_sides = ...",
            says,
            "An answer is",
        )
        for value, says in (
            ("math.nan", "nan cannot be an answer"),
            ("2j", "complex"),
            ("[1.0, 2j]", "complex"),
            ("None", "cannot be an answer"),
            ("{2}", "cannot be an answer"),
            ("object()", "cannot be an answer"),
            ("[]", "cannot be an answer"),
        )
    ),
    Case(
        "the reference 1e308",
        code("coin_sides = 2", "coin_sides = 1e308"),
        "coin_sides = ...",
        "too large",
        "larger tolerance",
    ),
    *(
        Case(
            f"a mistake that gives {value}",
            code("coin_sides = 3", f"coin_sides = {value}"),
            113,
            "edge",
            "number",
        )
        for value in ("None", "2j", "object()")
    ),
    Case(
        "a number with tolerance 0",
        [('"tolerance": 0.0002', '"tolerance": 0')],
        ENTROPY,
        "coin_entropy is a number and has tolerance 0",
        "above 0",
    ),
    Case(
        "text without options",
        [('"options": ["heads", "tails"], ', "")],
        "Which side is more likely?",
        "coin_likely is text and has no options",
        '"options": [',
    ),
    Case(
        "text that is no option",
        code('coin_likely = "heads"', 'coin_likely = "edge"'),
        "coin_likely = ...",
        "'edge'",
        "options",
    ),
    # figures
    Case(
        "a figure that shows nothing",
        code(EXPLORE, f"shown = {EXPLORE}"),
        FIGURE,
        "shows nothing",
        "explore(draw, ...)",
    ),
    Case(
        "a figure that does not draw",
        code("    ax = figure.subplots()", "    ax = figure.subplot()"),
        FIGURE,
        "AttributeError",
        "start values",
    ),
    Case(
        "a figure without a text alternative",
        [('    return f"Two bars: heads {heads:.2f}, tails {1 - heads:.2f}."\n', "")],
        FIGURE,
        "text alternative",
        "figure must draw",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_error_names_its_line_and_its_remedy(tiny: Course, case: Case) -> None:
    text = edited(tiny, case.edits)
    problems = problems_of(tiny)
    found = [problem for problem in problems if case.says in problem.problem]
    assert found, [str(problem) for problem in problems]
    assert found[0].path == tiny.path("01-coins")
    assert found[0].line == line_of(text, case.at)
    assert case.remedy in found[0].remedy
    assert "\n" not in found[0].problem + found[0].remedy


def test_every_case_is_named_once() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


def test_the_lesson_as_it_is_has_no_error(tiny: Course) -> None:
    assert [exercise.id for exercise in lesson.read(tiny.path("01-coins")).exercises] == [
        "coin-entropy",
        "coin-sides",
        "coin-likely",
        "coin-code",
    ]


def test_a_problem_reads_as_path_line_problem_and_below_it_the_remedy(tiny: Course) -> None:
    edited(tiny, [("# Coins", "# Dice")])
    with pytest.raises(LessonError) as caught:
        lesson.read(tiny.path("01-coins"))
    assert str(caught.value) == (
        f"{tiny.path('01-coins')}:6: the lesson does not start with its title\n    Write: # Coins"
    )


def test_a_problem_below_the_current_folder_is_named_from_there(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.root)
    edited(tiny, [("# Coins", "# Dice")])
    with pytest.raises(LessonError, match=r"^lessons.01-coins\.md:6: "):
        lesson.read(tiny.path("01-coins"))


def test_errors_in_two_exercises_are_reported_at_once(tiny: Course) -> None:
    text = edited(tiny, [(SIDES_PROOF, ""), *code("coin_likely = ...", "coin_likely = None")])
    assert [(problem.line, problem.problem.split()[0]) for problem in problems_of(tiny)] == [
        (line_of(text, SIDES), "the"),
        (line_of(text, "coin_likely = None"), "the"),
    ]


def test_unknown_roles_in_two_cells_are_reported_at_once(tiny: Course) -> None:
    edited(tiny, [(":role: figure", ":role: figuer"), ('{"role": "recall"}', '{"role": "recal"}')])
    assert [problem.problem for problem in problems_of(tiny)] == [
        "unknown role 'figuer'",
        "unknown role 'recal'",
    ]


@pytest.mark.parametrize("name", ["coins", "1-coins", "01_coins", "01-Coins", "01-", "01-coins-"])
def test_a_lesson_file_is_called_number_and_slug(tiny: Course, name: str) -> None:
    path: Path = tiny.path("01-coins").rename(tiny.path(name))
    with pytest.raises(LessonError) as caught:
        lesson.read(path)
    problem = caught.value.problems[0]
    assert (problem.path, problem.line) == (path, 1)
    assert f"'{name}.md' is not a lesson's name" in problem.problem
    assert "03-maximum-likelihood.md" in problem.remedy
