"""Strings that somebody else wrote, made harmless for a page, a spreadsheet or a file's name."""

from __future__ import annotations

import re
import unicodedata

# Signs that are not seen and change what is seen: controls, reordering of text, zero width, lone surrogates.
# Joiners (200c, 200d) stay: Persian and emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_COLOR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_LONGEST_NAME = 128  # as long as nbgrader's gradebook has room for
_IN_NAMES = re.compile(r"[^\w .()'-]+")


def shown(text: str, room: int = 0) -> str:
    """`text` with its unseen signs named, such as [U+202E]; cut where, escaped, it needs over `room` bytes.

    It still has to be escaped: this says what a reader sees, not what HTML means.
    """
    text = _COLOR.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return _cut(text, room) if room else text


def _cut(text: str, room: int) -> str:
    used = 0
    for index, sign in enumerate(text):
        used += _COST.get(sign, 1 if sign < "\x80" else 4)
        if used > room:
            return f"{text[:index]}\n… ({len(text) - index} more characters are in your notebook)"
    return text


_COST = {"<": 4, ">": 4, "&": 5, '"': 5, "'": 5}  # as MarkupSafe writes them


def name(text: str) -> str:
    """A person's name on one line, without unseen signs."""
    plain = _UNSEEN.sub("", text.replace("\t", " ").replace("\n", " ").replace("\r", " "))
    return " ".join(plain.split())[:_LONGEST_NAME]


def cell(text: str) -> str:
    """`text` for a cell of a CSV file, which no spreadsheet takes for a formula."""
    text = name(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def in_file_name(text: str) -> str:
    """`text` as part of a file's name: letters, digits and a few signs, no underscore, never empty."""
    plain = _IN_NAMES.sub(" ", unicodedata.normalize("NFC", name(text))).replace("_", " ")
    return " ".join(plain.split()).strip(". ")[:80] or "unnamed"
