"""The words of LaTeX that a formula may hold: shown here, and by the MathJax of a notebook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.core.errors import FormulaError
from autograder.rendering import latex_words as words
from autograder.rendering.mathml import mathml
from autograder.rendering.mathml_layouts import ENVIRONMENTS
from tests.support.read_back import faults


def test_jupyterlabs_mathjax_knows_every_command_too() -> None:
    """In the notebook the same formula is typeset by MathJax: what it does not know would be red there."""
    labs = (
        Path(pytest.importorskip("jupyterlab").__file__).parents[4] / "share" / "jupyter" / "lab" / "static"
    )
    bundles = [path.read_text(encoding="utf-8", errors="replace") for path in labs.glob("*.js")]
    mathjax = "".join(text for text in bundles if "EnvironmentMap" in text or "CharacterMap" in text)
    if not mathjax:
        pytest.skip("this JupyterLab's MathJax is not where it was")

    def known(name: str) -> bool:
        name = re.escape(name)
        return bool(re.search(rf'[{{,]"?(?:\\\\)*{name}"?:', mathjax))

    commands = [word[1:] for word in words.KNOWN if word[1:].isalpha()]
    assert len(commands) > 250 and not known("foobar")
    assert sorted(name for name in commands if not known(name)) == []
    assert [name for name in ENVIRONMENTS if not known(name)] == []


def written(word: str) -> list[str]:
    """Formulas that hold a word, one of which is as it should be."""
    if word in (r"\limits", r"\nolimits"):
        return [rf"\sum{word}_x y"]
    if word in (r"\left", r"\right", r"\middle"):
        return [r"\left( x \middle| y \right)"]
    return [f"{word}{argument}" for argument in ("", "{x}", "{x}{y}")]


@pytest.mark.parametrize("word", sorted(frozenset().union(*words.PASSED_ON)))
def test_every_word_that_is_let_through_is_shown(word: str) -> None:
    told = []
    for latex in written(word):
        try:
            told.append(faults(latex, mathml(latex, "block")))
        except FormulaError as error:
            told.append([str(error)])
    assert [] in told, told
