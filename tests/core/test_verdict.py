"""An outcome is written and read in one place, and what it was comes back."""

import re
from pathlib import Path

import pytest

import autograder
from autograder.core.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Kind, Outcome

PACKAGE = Path(autograder.__file__).parent
READ_AS_TEXT = re.compile(
    r"""(verdict|outcome|said)\w*(\(\w+\))?\.(partition|split|startswith|removeprefix)\(|f?["'](wrong|error):"""
)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("right", RIGHT),
        ("not-attempted", NOT_ATTEMPTED),
        ("wrong", WRONG),
        ("wrong:bits", Outcome(Kind.WRONG, idea="bits")),
        ("wrong:~sign", Outcome(Kind.WRONG, idea="~sign")),
        ("error:NameError", Outcome(Kind.ERROR, error="NameError")),
    ],
)
def test_an_outcome_comes_back_from_its_text(text: str, outcome: Outcome) -> None:
    assert str(outcome) == text
    assert Outcome.parse(text) == outcome
    assert Outcome.of_code(f"coin-entropy {text}") == outcome


@pytest.mark.parametrize("text", ["", "nonsense", "RIGHT", " right", "cannot-check:names"])
def test_what_is_no_outcome_is_wrong(text: str) -> None:
    assert Outcome.parse(text) == WRONG


def test_nobody_else_reads_or_writes_the_text_of_an_outcome() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE) != Path("core/verdict.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if READ_AS_TEXT.search(line)
    ]
    assert found == []
