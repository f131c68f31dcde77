r"""Reads a formula's MathML back, and what its LaTeX says by itself, without the converter's own tables.

`faults` names everything that is not as it was meant: letters and digits that were lost, a raw `&` or
`\word`, another number of rows, an element without its parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from xml.etree import ElementTree

TABLES = (
    "aligned|align|alignedat|alignat|flalign|split|gathered|gather|multline|eqnarray|equation|cases|"
    "matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix|smallmatrix|array|subarray"
)
_SILENT = re.compile(
    rf"\\(?:begin|end)\{{(?:{TABLES})\*?\}}(?:\[[tbc]\])?|\\label\{{[^}}]*\}}|\\\\\*?(?:\[[\d.]+(?:pt|em|ex)\])?"
    r"|\\(?:hspace|hskip|kern|mkern|mskip|mspace)\s*\{?-?[\d.]+\s*(?:em|ex|mu|pt)\}?"
    r"|(?<=\})\{[lcr|]+\}|\\(?:nonumber|notag|hline|left|right|middle)(?![a-zA-Z])"
)
_ARGUMENT = re.compile(r"(\\begin\{(?:array|subarray|alignedat|alignat\*?)\}(?:\[[tbc]\])?)\{[^}]*\}")
_WORD = re.compile(r"\\([a-zA-Z]+)\*?")
_SPELLED = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln"
    " log max min Pr sec sin sinh sup tan tanh".split()
)
_OTHER_NAMES = {"varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho"}
_OTHER_NAMES |= {"varsigma": "final sigma", "varpi": "pi", "bmod": "", "pmod": ""}
_LETTERS = {"ell": "l", "Re": "R", "Im": "I"}
_PARTS = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}


def faults(latex: str, mathml: str) -> list[str]:
    """What is wrong with the MathML of a formula; [] where it says what the LaTeX says."""
    try:
        tree = ElementTree.fromstring(mathml)
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    said = [one.text for one in tree.iter() if one.text and one.tag != "mtext"]
    found = [f"raw LaTeX: {text}" for text in said if re.search(r"\\[a-zA-Z]", text)]
    ampersands = latex.count(r"\&") + len(re.findall(r"\\text\{[^}]*[^\\]&", latex))
    if sum(text.count("&") for text in tree.itertext()) != ampersands:
        found.append("an & as content")
    private = [letter for text in tree.itertext() for letter in text if "\ue000" <= letter <= "\uf8ff"]
    found += [f"a place that was not filled: {letter!a}" for letter in private]
    found += [
        f"{one.tag} with {len(one)} parts" for one in tree.iter() if len(one) != _PARTS.get(one.tag, len(one))
    ]
    found += [f"an unknown element {one.tag}" for one in tree.iter() if not one.tag.startswith("m")]
    rows = sum(1 for _ in tree.iter("mtr"))
    if rows != (wanted := rows_in(latex)):
        found.append(f"{rows} rows, not {wanted}")
    letters, meant = letters_of("".join(tree.itertext())), letters_in(latex)
    if letters != meant:
        found.append(f"lost {dict(meant - letters)}, gained {dict(letters - meant)}")
    return found


def rows_in(latex: str) -> int:
    r"""The rows of all tables: an environment has one more than it has \\, but for one at its end."""
    text = re.sub(r"\\text\{[^}]*\}", "t", latex)
    text = re.sub(r"\\\\\s*(?:\\hline\s*)*(?=\\end\{)", "", text)
    tables = len(re.findall(rf"\\begin\{{(?:{TABLES})\*?\}}", text)) + text.count(r"\substack")
    return tables + len(re.findall(r"\\\\", text))


def letters_in(latex: str) -> Counter[str]:
    """The letters and digits that a formula must show, Greek ones under their Unicode names."""
    text = _SILENT.sub(" ", _ARGUMENT.sub(r"\1", latex))
    found: Counter[str] = Counter()
    for match in _WORD.finditer(text):
        word = match[1]
        if word in _SPELLED:
            found.update(word)
        elif (name := _greek(word)) is not None:
            found[name] += 1
        elif word in ("bmod", "pmod"):
            found.update("mod")
        elif word in _LETTERS:
            found[_LETTERS[word]] += 1
    rest = _WORD.sub(" ", text)
    found.update(letter for letter in rest if letter.isascii() and letter.isalnum())
    return found


def _greek(word: str) -> str | None:
    size = "CAPITAL" if word[0].isupper() else "SMALL"
    name = _OTHER_NAMES.get(word, word).upper().replace("LAMBDA", "LAMDA")
    try:
        unicodedata.lookup(f"GREEK {size} LETTER {name}")
    except KeyError:
        return None
    return f"{size} {name}"


def letters_of(shown: str) -> Counter[str]:
    """The letters and digits of a text, whatever font Unicode gives them."""
    found: Counter[str] = Counter()
    for letter in shown:
        plain = unicodedata.normalize("NFKC", letter)
        if letter in "…′″":
            continue
        for one in plain:
            if one.isascii() and one.isalnum():
                found[one] += 1
            elif (name := unicodedata.name(one, "")).startswith("GREEK") and "LETTER" in name:
                found[name.removeprefix("GREEK ").replace(" LETTER", "")] += 1
    return found
