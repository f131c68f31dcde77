"""How wide a formula will be, in em, before any browser has seen it. Rather too wide than too narrow."""

from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import Element

_SCRIPT = 0.72
_GAPS = {"aligned": 0.1, "gathered": 0.0, "multline": 0.0, "spaced": 0.5, "cases": 1.0, "substack": 0.0}
_RELATION, _BINARY = 0.56, 0.45
_NARROW = frozenset("()[]|ijlftIr.,:;'!{}′⌈⌉⌊⌋⟨⟩‖")
_WIDE = frozenset("mwMW∑∏∫")


def width(one: Element) -> float:
    """The width of an element in em of the text around it."""
    tag = one.tag
    if tag in ("mi", "mn", "mtext"):
        return _text(one.text or "")
    if tag == "mo":
        return _operator(one)
    if tag == "mspace":
        return float(one.get("width", "0em").removesuffix("em") or 0)
    parts = [width(child) for child in one]
    if tag in ("msub", "msup", "msubsup"):
        return parts[0] + _SCRIPT * max(parts[1:]) + 0.05
    if tag in ("munder", "mover", "munderover"):
        return max(parts[0], *(_SCRIPT * part for part in parts[1:]))
    if tag == "mfrac":
        return max(parts) + 0.2
    if tag in ("msqrt", "mroot"):
        return sum(parts) + 0.8
    if tag == "mtable":
        return _table(one)
    if one.get("class") == "m-tag":
        return sum(parts) + 2.0
    return sum(parts)


def _table(table: Element) -> float:
    columns: dict[int, float] = {}
    for row in table:
        for index, cell in enumerate(row):
            columns[index] = max(columns.get(index, 0.0), width(cell))
    gap = _GAPS.get(table.get("class", "").removeprefix("m-"), 0.8)
    wide = sum("m-next" in cell.get("class", "") for cell in table[0]) if len(table) else 0
    return sum(columns.values()) + gap * len(columns) + 2.0 * wide


def _text(text: str) -> float:
    return sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    plain = unicodedata.normalize("NFKD", letter)[:1]
    if letter in _WIDE or plain in _WIDE or "\U0001d49c" <= letter <= "\U0001d56b":
        return 0.82
    if plain in _NARROW or letter == "\xa0":
        return 0.33
    return 0.66 if plain.isupper() else 0.52


def _operator(one: Element) -> float:
    text = one.text or ""
    size = float(one.get("minsize", "1em").removesuffix("em") or 1)
    if one.get("form") in ("prefix", "postfix") or len(text) > 1 or text in _NARROW:
        space = 0.28 if text == "," else 0.0
        return _text(text) * size**0.5 + space
    if unicodedata.category(text) == "Sm" if len(text) == 1 else False:
        if text in "∑∏∫":
            return 1.55
        return 0.7 + (_BINARY if text in "+−×·±∓∘⊕⊗" else _RELATION)
    return _text(text) + 0.3
