"""What somebody may have meant who typed text, or a pair, where one number is asked."""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST = 60
"""Longer text is no number with something around it."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_PLAIN = re.compile(rf"{_NUMBER}(?:\s*/\s*{_NUMBER})?", re.I)
_COMMA = re.compile(r"([+-]?\d+),(\d+)(\D.*)?", re.S)
_PERCENT = re.compile(rf"({_NUMBER})\s*(?:%|percent)", re.I)
# Letters, and at most a power at the end: what is more is arithmetic, as 3 x 10^5.
_UNIT = re.compile(
    rf"({_NUMBER}(?:\s*/\s*{_NUMBER})?)\s*(?!x\s)(?:[^\W\d_]|°)[^\d,;:=+*()]*(?:\^?-?\d)?", re.I
)
_INFINITE = re.compile(r"([+-]?)(?:∞|inf|infinity)", re.I)


def advice(value: object) -> str:
    """A sentence, without its full stop, on a value that is no number; '' where nothing is to be said."""
    if type(value) is str:
        return _on_text(value)
    if type(value) is tuple and len(value) == 2 and all(type(part) is int for part in value):
        whole, decimals = value
        meant = _meant(str(whole), str(decimals))
        return (
            f"Did you mean {meant}? The decimal sign is a point: a comma makes a pair"
            if decimals >= 0
            else ""
        )
    return ""


def _on_text(value: str) -> str:
    text = value.strip().replace("−", "-") if len(value) <= LONGEST else ""
    if infinite := _INFINITE.fullmatch(text):
        return f'Type it as {infinite[1]}float("inf"), without quotes around it'
    if _PLAIN.fullmatch(text) and text.isascii():
        return "Type it without quotes" + ("" if "−" not in value else f", with a keyboard's minus: {text}")
    if comma := _COMMA.fullmatch(text):
        without = "the unit and quotes" if (comma[3] or "").strip() else "quotes"
        return f"Did you mean {_meant(comma[1], comma[2])}? Type it with a decimal point, without {without}"
    if percent := _PERCENT.fullmatch(text):
        share = format((Decimal(percent[1]) / 100).normalize(), "f")
        return f"Type the number alone, without % and quotes ({percent[1]} percent is {share})"
    if (unit := _UNIT.fullmatch(text)) and unit[1].isascii():
        return f"Type the number alone, without its unit and without quotes: {unit[1]}"
    return "Type a number, without quotes"


def _meant(whole: str, decimals: str) -> str:
    """The number around a comma. With three digits after it, it may be thousands."""
    return f"{whole}.{decimals}" + (f" or {whole}{decimals}" if len(decimals) == 3 else "")
