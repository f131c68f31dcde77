r"""Reads the formulas of built pages: each `<math>` is whole, and no LaTeX stands in the text around it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

_MATH = re.compile(r"<math\b.*?</math>", re.S)
_UNREAD = re.compile(r"<(script|style|code|pre|head)\b.*?</\1>", re.S)
_TAG = re.compile(r"<[^>]+>")
_LATEX = re.compile(
    r"\$[^$\n]{1,200}\$|\$\$|\\(?:begin|end|frac|text|log|ln|mathbb|mathrm|mathcal|alpha|sigma|sum|left|right)\b"
)


def formulas_of(page: str) -> list[str]:
    """The MathML of a page."""
    return _MATH.findall(page)


def bad_formulas(site: Path) -> tuple[int, list[str]]:
    """How many formulas the pages below `site` hold, and what is wrong, as "page: what"."""
    count, wrong = 0, []
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if name.startswith("lite/"):
            continue
        page = path.read_text(encoding="utf-8")
        made = formulas_of(page)
        count += len(made)
        wrong += [f"{name}: {told}" for one in made for told in _faults(one)]
        around = _TAG.sub(" ", _UNREAD.sub(" ", _MATH.sub(" ", page)))
        wrong += [f"{name}: {match[0]} in the text" for match in _LATEX.finditer(around)]
    return count, wrong


def _faults(made: str) -> list[str]:
    try:
        tree = ElementTree.fromstring(made)
    except ElementTree.ParseError as error:
        return [f"no XML, {error}: {made[:200]}"]
    said = "".join(
        text for one in tree.iter() if one.tag != "mtext" for text in (one.text or "", one.tail or "")
    )
    found = re.search(r"&|\\[a-zA-Z]|[\ue000-\uf8ff]", said)
    return [f"{found[0]} in {said[:80]}"] if found else []
