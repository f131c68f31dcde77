"""Each formula of every lesson, hint, card and message, read back from its MathML."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.authoring.building import formulas
from autograder.authoring.format import lesson
from autograder.rendering import block_markdown
from autograder.rendering.inline_markdown import to_html
from autograder.rendering.mathml import mathml
from tests.support.read_back import faults

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "lessons").glob("??-*.md"))
_MATH = re.compile(r"<math\b.*?</math>", re.S)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_every_formula_of_a_lesson_is_whole(path: Path) -> None:
    found = list(formulas.formulas(lesson.read(path)))
    assert len(found) > 200
    wrong = [
        (one.cell.line + one.offset, one.latex, told)
        for one in found
        if (told := faults(one.latex, mathml(one.latex, "block" if one.display else "inline")))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_every_line_of_a_formula_is_where_the_file_has_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for one in formulas.formulas(lesson.read(path)):
        start = one.cell.line + one.offset - 1
        text = "\n".join(lines[start : start + one.latex.count("\n") + 1])
        assert re.sub(r"(?m)^[\s>-]*", "", one.latex) in re.sub(r"(?m)^[\s>-]*", "", text)


@pytest.mark.parametrize("name", [path.stem for path in LESSONS])
def test_hints_cards_and_messages_of_the_release_show_theirs(name: str) -> None:
    told = json.loads((ROOT / "release" / name / "lesson.json").read_text(encoding="utf-8"))
    texts = [card[side] for card in told["cards"] for side in ("question", "answer")]
    for exercise in told["exercises"].values():
        texts += exercise["hints"]
        assert "\\" not in "".join(exercise.get("feedback", {}).values())
    pages = [(text, to_html(text)) for text in texts] + [
        (text, block_markdown.to_html(text)) for text in texts
    ]
    assert pages
    for text, page in pages:
        assert "$" not in re.sub(r"<code>.*?</code>", "", page), text
        assert page.count("<code>") == len(re.findall(r"`[^`]+`", text)), text
        for made in _MATH.findall(page):
            assert not re.search(r"&amp;|\\[a-z]", made)
