r"""Words, names, lengths and delimiters of a formula -> MathML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from autograder.rendering import latex_words as words
from autograder.rendering.latex import Converter, Source, Stream, Token, Tokens

NO_BREAK = "\xa0"
_SPACES = {
    r"\,": "\u2009",
    r"\:": "\u2005",
    r"\>": "\u2005",
    r"\;": "\u2004",
    r"\!": "",
    r"\quad": "\u2003",
    r"\qquad": "\u2003\u2003",
    r"\thinspace": "\u2009",
    r"\enspace": "\u2002",
    "\\ ": NO_BREAK,
    r"\-": "",
    "~": NO_BREAK,
}
_SIGNS = {sign: sign[1:] for sign in words.SIGNS} | {r"\|": "\u2016"}
_DELIMITERS = {
    **{one: one for one in "()[]|/."},
    **{r"\{": "{", r"\}": "}", r"\lbrace": "{", r"\rbrace": "}", r"\lbrack": "[", r"\rbrack": "]"},
    **{r"\|": "\u2016", r"\Vert": "\u2016", r"\lVert": "\u2016", r"\rVert": "\u2016"},
    **{r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|", r"\backslash": "\\"},
    **{"<": "\u27e8", ">": "\u27e9", r"\langle": "\u27e8", r"\rangle": "\u27e9"},
    **{r"\lceil": "\u2308", r"\rceil": "\u2309", r"\lfloor": "\u230a", r"\rfloor": "\u230b"},
    **{r"\uparrow": "\u2191", r"\downarrow": "\u2193", r"\updownarrow": "\u2195"},
}
FENCES = {
    **dict.fromkeys((r"\{", r"\lbrace", r"\lbrack", r"\langle", r"\lceil", r"\lfloor"), "prefix"),
    **dict.fromkeys((r"\}", r"\rbrace", r"\rbrack", r"\rangle", r"\rceil", r"\rfloor"), "postfix"),
    **dict.fromkeys((r"\lvert", r"\lVert", "(", "[", "<"), "prefix"),
    **dict.fromkeys((r"\rvert", r"\rVert", ")", "]", ">"), "postfix"),
}
"""Delimiters that say on which side they stand."""
_SIZES = {"big": "1.2em", "Big": "1.623em", "bigg": "2.047em", "Bigg": "2.47em"}
_FORMS = {"l": "prefix", "r": "postfix", "m": "infix"}
_LENGTH = re.compile(r"(-?)\s*(\d+(?:\.\d+)?|\.\d+)\s*(em|ex|mu|pt|px|mm|cm|in)")
_EMS = {"em": 1.0, "ex": 0.45, "mu": 1 / 18, "pt": 0.1, "px": 0.0625, "mm": 0.2845, "cm": 2.845, "in": 7.227}


def text(converter: Converter, command: Token, tokens: Tokens) -> Element:
    r"""Convert \text{...}: its words as they are, with the formulas between $ signs among them.

    Args:
        converter: converts these formulas.
        command: the command's token.
        tokens: what stands in its braces.

    Returns:
        The element.
    """
    parts: list[Element | str] = [""]
    stream = Stream(converter.source, tokens)
    while (token := stream.next()) is not None:
        if token.text == "$":
            parts += [_between_dollars(converter, token, stream), ""]
        elif token.text in words.TEXTS:
            parts += [text(converter, token, stream.group(token)), ""]
        else:
            parts[-1] = f"{parts[-1]}{_plain(converter.source, token)}"
    style = words.TEXTS[command.text]
    made = [part if isinstance(part, Element) else _mtext(part, style) for part in parts if part != ""]
    if len(made) == 1:
        return made[0]
    row = Element("mrow")
    row.extend(made)
    return row


def _mtext(words_in_it: str, style: str) -> Element:
    made = Element("mtext", {"class": f"m-{style}"} if style else {})
    made.text = re.sub(r"\s+", NO_BREAK, words_in_it)
    return made


def _between_dollars(converter: Converter, opening: Token, stream: Stream) -> Element:
    inside: Tokens = []
    while (token := stream.next()) is not None and token.text != "$":
        inside.append(token)
    if token is None:
        raise converter.source.error(
            r"a $ inside of \text is never closed", r"Write its second $, or \$ for the sign.", opening.at
        )
    row = Element("mrow")
    row.extend(converter.row(inside, "inline"))
    return row


def _plain(source: Source, token: Token) -> str:
    """A token among words."""
    if token.text in _SPACES:
        return _SPACES[token.text]
    if token.text in _SIGNS:
        return _SIGNS[token.text]
    if token.kind == "command":
        remedy = r"End the \text before it, or put $ signs around the formula."
        raise source.error(rf"{token.text} among words", remedy, token.at)
    return "" if token.text in "{}" else token.text


def name(source: Source, command: Token, tokens: Tokens) -> Element:
    r"""Convert \operatorname{...}, upright; with an asterisk its index goes below it in a displayed formula.

    Args:
        source: the formula, for errors.
        command: the command's token.
        tokens: what stands in its braces.

    Returns:
        The element.
    """
    stream = Stream(source, tokens)
    told = ""
    while (token := stream.next()) is not None:
        if token.text in (r"\mathrm", r"\text", r"\textrm"):
            continue
        told += "" if token.kind == "space" else "-" if token.text == "-" else _plain(source, token)
    if not told:
        raise source.error(f"{command.text} has no name", r"Write \operatorname{name}.", command.at)
    starred = command.text.endswith("*")
    made = Element("mo", {"movablelimits": "true"} if starred else {})
    made.attrib.update(lspace="0", rspace="0", form="prefix")
    made.text = told
    return made


def space(source: Source, command: Token, stream: Stream) -> Element:
    r"""Convert \hspace{1em} or \kern3mu.

    Args:
        source: the formula, for errors.
        command: the command's token.
        stream: the tokens after it, from which its length is taken.

    Returns:
        The empty space.
    """
    told = ""
    first = stream.group(command)
    told = "".join(token.text for token in first)
    while not _LENGTH.fullmatch(told) and len(told) < 12 and (token := stream.next()) is not None:
        told += token.text
    return Element("mspace", width=length(source, told, command))


def length(source: Source, told: str, command: Token) -> str:
    """Convert a length of LaTeX to one of MathML.

    Args:
        source: the formula, for errors.
        told: the length, as 3mu or -1.5em.
        command: the command's token, for the line of an error.

    Returns:
        The length in em.

    Raises:
        FormulaError: where it is no length.
    """
    found = _LENGTH.fullmatch(told.strip())
    if not found:
        raise source.error(
            f"{command.text} has no length", rf"Write {command.text}{{1em}}, or \quad.", command.at
        )
    ems = float(found[2]) * _EMS[found[3]]
    return f"{found[1] if ems else ''}{ems:.3f}".rstrip("0").rstrip(".") + "em"


def fence(token: Token) -> Element:
    r"""\lvert, \{, \rangle as they stand, of their own size."""
    made = Element("mo", {"form": FENCES.get(token.text, "infix"), "stretchy": "false"})
    if token.text not in FENCES:
        made.attrib.update(lspace="0", rspace="0")
    made.text = _DELIMITERS[token.text]
    return made


def delimiter(source: Source, command: Token, stream: Stream) -> Element:
    r"""Convert \big( and its kin: a delimiter of a fixed size.

    Args:
        source: the formula, for errors.
        command: the command's token.
        stream: the tokens after it, from which the delimiter is taken.

    Returns:
        The operator.
    """
    tokens = stream.group(command)
    sign = _DELIMITERS.get(tokens[0].text) if len(tokens) == 1 else None
    if sign is None:
        raise source.error(
            f"{command.text} stands before no delimiter",
            rf"Write {command.text}( or another one.",
            command.at,
        )
    bare = command.text[1:]
    form = _FORMS.get(bare[-1]) if bare not in _SIZES else None
    size = _SIZES[bare if form is None else bare[:-1]]
    made = Element("mo", {"minsize": size, "maxsize": size, "stretchy": "true"})
    made.set("form", form or FENCES.get(tokens[0].text, "prefix"))
    if form != "infix":
        made.attrib.update(lspace="0", rspace="0")
    made.text = "" if sign == "." else sign
    return made
