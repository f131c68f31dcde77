"""Markdown of a submission that does nothing on an instructor's page but show itself.

Whether it is harmless is asked of the page itself: it is rendered as nbgrader's formgrader renders it. Most
is, and stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from autograder.grading.assignment.notebook_json import Json
from autograder.grading.submission.inert_html import (
    TAG,
    is_inert,
    is_inert_tag,
    leads_somewhere_harmless,
    plain_entities,
    shows_a_picture,
    without_active_tex,
)

_SUSPICIOUS = re.compile(r"[<\\&\[]|```|~~~|formgrader", re.I)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_OPENS = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"(!?)(\[[^\[\]]*\])\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)")
_REFERENCE = re.compile(r"^( {0,3}\[[^\[\]]+\]):(\s*<?)([^\s<>]*)", re.M)
_FENCE = re.compile(r"^([ >]*(?:`{3,}|~{3,})) *mermaid.*", re.M)


def inert_markdown(source: str, attachments: Mapping[str, Json] | None = None) -> str:
    """The source as it is where its page is harmless; else with what is not spelled out as text.

    Args:
        source: Of a Markdown cell or an output.
        attachments: The cell's pictures, by name.
    """
    if not _SUSPICIOUS.search(source):
        return source
    if attachments:
        return _inert(source, attachments)
    return _inert_and_kept(source)


@lru_cache(4096)
def _inert_and_kept(source: str) -> str:
    return _inert(source, {})


def _inert(source: str, attachments: Mapping[str, Json]) -> str:
    mended = _mended(source)
    for made in (source, mended, _OPENS.sub("< ", mended), _quoted(source)):
        if _is_inert(made, attachments):
            return made
    return "(left out: it could not be made harmless for this page)"


def _is_inert(source: str, attachments: Mapping[str, Json]) -> bool:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    try:
        renderer = IPythonRenderer(escape=False, attachments=dict(attachments))
        return is_inert(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # an attachment that is missing, or a page that cannot be made: not for the formgrader
        return False


def _mended(source: str) -> str:
    """Tags, links, pictures and commands that may not stay, each spelled out where it stands."""
    text = plain_entities(_CONTROLS.sub("", source))
    text = _FENCE.sub(r"\1text", text)
    text = _with_tags_spelled_out(text)
    text = _LINK.sub(_link, text)
    text = _REFERENCE.sub(
        lambda it: it[0] if leads_somewhere_harmless(it[3]) else f"{it[1]} :{it[2]}{it[3]}", text
    )
    return without_active_tex(text)


def _with_tags_spelled_out(text: str) -> str:
    """A space behind every `<` that begins a tag which may not stay: no browser takes `< b>` for one."""
    parts, end = [], 0
    for opening in _OPENS.finditer(text):
        tag = TAG.match(text, opening.start())
        if not (tag and is_inert_tag(tag[0])):
            parts += [text[end : opening.end()], " "]
            end = opening.end()
    return "".join([*parts, text[end:]])


def _link(found: re.Match[str]) -> str:
    picture, _, address = found.groups()
    if picture and (address.startswith("attachment:") or shows_a_picture(address)):
        return found[0]
    if leads_somewhere_harmless(address):  # a picture elsewhere would be fetched: it becomes a link
        return found[0].removeprefix("!") if picture else found[0]
    return found[0].replace("](", "] (", 1)


def _quoted(source: str) -> str:
    """All of it as a block of code."""
    text = without_active_tex(_OPENS.sub("< ", plain_entities(_CONTROLS.sub("", source))))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"
