"""`check` and `hint` as a learner meets them: one line each, whatever is thrown at them."""

import json
import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder import check, hint
from autograder.core.errors import CannotCheck, NotYet
from autograder.core.slips import GENERIC
from autograder.study import check as desk

TRUE = 0.562335  # the entropy of the tiny course's coin, in nats


@pytest.fixture(autouse=True)
def in_the_release(tiny_built, monkeypatch):
    """Every test runs where the tiny course's notebook would."""
    monkeypatch.chdir(tiny_built.root / "release" / "01-coins")
    monkeypatch.setattr(desk, "_hints_shown", {})
    return tiny_built


def said(exercise, **answers):
    """The code and the line of a check that is not right."""
    with pytest.raises(NotYet) as caught:
        check(exercise, **answers)
    assert caught.value._render_traceback_() == [caught.value.line]
    assert "\n" not in caught.value.line and len(caught.value.line) < 300
    return str(caught.value), caught.value.line


@pytest.mark.parametrize(
    "value",
    [
        0.5623,
        TRUE,
        np.float64(0.5623),
        np.float32(0.5623),
        np.array(0.5623),
        Fraction(5623, 10000),
        Decimal("0.5623"),
    ],
)
def test_right(value, capsys):
    assert check("coin-entropy", coin_entropy=value) is None
    assert capsys.readouterr().out == "✓ coin-entropy: right.\n"


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (..., "not-attempted", "not attempted yet"),
        (None, "not-attempted", "not attempted yet"),
        ([...], "not-attempted", "not attempted yet"),
        ("0.5623", "wrong:~type", "got text '0.5623'. Type it without quotes."),
        ("abc", "wrong:~type", "got text 'abc'. Type a number, without quotes."),
        ("0.5623 nats", "wrong:~type", "the number alone, without its unit and without quotes: 0.5623."),
        ("3/7 nats", "wrong:~type", "without its unit and without quotes: 3/7."),
        ("5 eV", "wrong:~type", "without its unit and without quotes: 5."),
        ("3 x 10^5", "wrong:~type", "Type a number, without quotes."),
        ("0,5623", "wrong:~type", "Did you mean 0.5623? Type it with a decimal point, without quotes."),
        ("0,56 nats", "wrong:~type", "Did you mean 0.56? Type it with a decimal point, without the unit"),
        ("1,250", "wrong:~type", "Did you mean 1.250 or 1250?"),
        ("−0.5", "wrong:~type", "with a keyboard's minus: -0.5."),
        ("56.23 %", "wrong:~type", "without % and quotes (56.23 percent is 0.5623)."),
        ("∞", "wrong:~type", 'Type it as float("inf"), without quotes around it.'),
        ("9" * 5000, "wrong:~type", "Type a number, without quotes."),
        ((35, 3), "wrong:~type", "Did you mean 35.3? The decimal sign is a point: a comma makes a pair."),
        ((-35, 3), "wrong:~type", "Did you mean -35.3?"),
        ((1, 250), "wrong:~type", "Did you mean 1.250 or 1250?"),
        ((35, -3), "wrong:~type", "got a tuple of 2 values."),
        ((True, 3), "wrong:~type", "got a tuple of 2 values."),
        (math.nan, "wrong:~type", "got nan"),
        (Decimal("sNaN"), "wrong:~type", "got nan"),
        (np.nan, "wrong:~type", "got nan"),
        (True, "wrong:~type", "got the truth value True"),
        (np.bool_(True), "wrong:~type", "got the truth value True"),
        (0.5623 + 0j, "wrong:~type", "got a complex number"),
        ([0.5623], "wrong:~type", "got a list of 1 value"),
        ((0.5623, 0.1), "wrong:~type", "got a tuple of 2 values"),
        (np.array([0.5623]), "wrong:~type", "got a list of 1 value"),
        (np.zeros((3, 2)), "wrong:~type", "got a list of 3 values"),
        (math.log, "wrong:~type", "got a function"),
        (object(), "wrong:~type", "got a value of type object"),
        (math.inf, "wrong", "not yet"),
        (-math.inf, "wrong", "not yet"),
        (10**400, "wrong", "not yet"),
        (0.8113, "wrong:bits", "You used log base 2"),
        (1.674, "wrong:unweighted", "Weight each surprisal"),
        (0.5640, "wrong:~close", "keep 4 decimals"),
        (-0.5623, "wrong:~sign", "wrong sign"),
        (TRUE / math.log(10), "wrong:~base-10", "base-10"),
        (56.2335, "wrong:~percent", "hundred times"),
        (1 - TRUE, "wrong:~complement", "one minus"),
        (7.0, "wrong", 'hint("coin-entropy")'),
    ],
)
def test_not_right(value, code, words):
    got, line = said("coin-entropy", coin_entropy=value)
    assert got == f"coin-entropy {code}"
    assert words in line
    assert line.startswith("○ coin-entropy: " if code == "not-attempted" else "✗ coin-entropy: ")


def test_a_hint_is_offered_only_where_there_is_one():
    assert said("coin-sides", coin_sides=7)[1] == "✗ coin-sides: not yet. Compare each step with the text."


def test_no_generic_slip_is_tried_on_an_integer():
    for word, undo in GENERIC.items():
        slipped = next(
            x
            for x in (TRUE / math.log(2), -TRUE, TRUE / math.log(10), 100 * TRUE, 1 - TRUE)
            if abs(undo(x) - TRUE) < 1e-9
        )
        code, line = said("coin-sides", coin_sides=slipped)
        assert code == "coin-sides wrong"
        assert word not in line


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (2.0, None),
        (np.int64(2), None),
        (3, "wrong:edge"),
        (2.5, "wrong"),
        (True, "wrong:~type"),
        ("2", "wrong:~type"),
    ],
)
def test_integers(value, code):
    if code is None:
        check("coin-sides", coin_sides=value)
    else:
        assert said("coin-sides", coin_sides=value)[0] == f"coin-sides {code}"


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (" HEADS", None, ""),
        ("tails", "wrong:other-side", "one quarter"),
        ("edge", "wrong:~option", "choose one of: heads, tails"),
        (1, "wrong:~type", "one of the options in quotes"),
    ],
)
def test_choices(value, code, words):
    if code is None:
        check("coin-likely", coin_likely=value)
        return
    got, line = said("coin-likely", coin_likely=value)
    assert got == f"coin-likely {code}" and words in line


def test_several_answers_say_which_are_right():
    code, line = said("coin-code", fair=1.0, certain=0.0)
    assert code == "coin-code wrong:bits"
    assert (
        line == "✗ coin-code: right: certain; not right: fair. You used log base 2; the course works in nats."
    )
    code, line = said("coin-code", fair=0.69, certain=None)
    assert code == "coin-code wrong"
    assert "not right: fair; not attempted: certain" in line
    assert said("coin-code", fair=None, certain=None)[0] == "coin-code not-attempted"


def test_in_ipython_the_whole_traceback_is_that_line(in_the_release, capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from autograder import check; x = 0.8113")
    result = shell.run_cell('check("coin-entropy", coin_entropy=x)')
    assert isinstance(result.error_in_exec, NotYet)
    out = capsys.readouterr().out.strip().splitlines()
    InteractiveShell.clear_instance()
    assert len(out) == 1 and out[0].startswith("✗ coin-entropy: You used log base 2")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check("coin-entropy"), 'check("coin-entropy", coin_entropy=coin_entropy)'),
        (lambda: check("coin-entropy", wrong_name=1), 'check("coin-entropy", coin_entropy=coin_entropy)'),
        (lambda: check("coin", coin=1), "no exercise 'coin'. It has: coin-entropy"),
        (lambda: hint("coin"), "no exercise 'coin'"),
        (lambda: check([1], a=1), "no exercise [1]"),
    ],
)
def test_a_check_that_cannot_run_says_so_and_judges_nothing(call, words):
    with pytest.raises(CannotCheck) as caught:
        call()
    assert words in caught.value.line and "\n" not in caught.value.line
    assert not isinstance(caught.value, NotYet)


def test_without_lesson_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotCheck, match="no-lesson") as caught:
        check("coin-entropy", coin_entropy=1)
    assert "lesson.json is missing. It belongs beside the lesson's notebook." in caught.value.line


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"lesson": 1}', "\ud800".encode("utf-8", "surrogatepass").decode("latin1")]
)
def test_with_a_damaged_lesson_json(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lesson.json").write_text(text, encoding="utf-8")
    with pytest.raises(CannotCheck) as caught:
        check("coin-entropy", coin_entropy=1)
    assert "damaged" in caught.value.line and "\n" not in caught.value.line


def test_a_warning_inside_a_check_stays_inside():
    class Warns(float):
        def __float__(self):
            warnings.warn("loud", stacklevel=1)
            return 0.5623

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check("coin-entropy", coin_entropy=Warns(0.5623))
    assert not caught


def test_hints_come_one_more_each_time(capsys):
    for shown in (1, 2, 2):
        hint("coin-entropy")
        out = capsys.readouterr().out
        assert out.count("**Hint ") == shown and "Hint 1 of 2" in out
    hint("coin-sides")
    assert "no hint" in capsys.readouterr().out


def test_lesson_json_gives_no_answer_away(in_the_release):
    text = (in_the_release.root / "release" / "01-coins" / "lesson.json").read_text()
    assert set(json.loads(text)) == {"schema", "lesson", "exercises", "cards"}
    for answer in ("0.562", "0.811", "0.693"):
        assert answer not in text
