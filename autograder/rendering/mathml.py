r"""LaTeX -> MathML that browsers show by themselves. The one converter of the course's pages.

latex2mathml converts what stands in one line. Apart from it, and put into its places afterwards:
environments, words (`\text`), names (`\operatorname`), lengths and big delimiters, which it knows by halves.
"""

from __future__ import annotations

import html
from xml.etree.ElementTree import Element, tostring

from autograder.rendering import latex_words as words
from autograder.rendering import mathml_table, mathml_words
from autograder.rendering.latex import FIRST_PLACE, Source, Stream, Token, Tokens
from autograder.rendering.mathml_layouts import ENVIRONMENTS
from autograder.rendering.mathml_mend import mend

_EXTENSIBLE = {"<": r"\langle", ">": r"\rangle"}
_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "mover", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_REASONS = {
    "": ("a command has no argument here", "Give each command what it needs, in braces."),
    "ExtraLeftOrMissingRightError": (r"a \left without its \right, or the other way round", "Write both."),
    "DoubleSubscriptsError": ("two subscripts on one sign", "Put braces around the first: {x_a}_b."),
    "DoubleSuperscriptsError": ("two superscripts on one sign", "Put braces around the first: {x^a}^b."),
    "LimitsMustFollowMathOperatorError": (r"\limits follows no operator", r"Write \sum\limits_{...}."),
}


def mathml(latex: str, display: str = "inline") -> str:
    """A formula as a MathML element; `display` is "inline" or "block". Raises FormulaError."""
    return tostring(element(latex, display), encoding="unicode")


def element(latex: str, display: str = "inline") -> Element:
    """A formula as a MathML element, a new one at each call. Raises FormulaError where it cannot be shown."""
    made = Element("math", {"display": "block"} if display == "block" else {})
    made.extend(Converter(latex, display).convert())
    return made


_MISPLACED = {
    r"\\": (r"a line ends with \\ outside of an environment", words.INSTEAD[r"\\"]),
    "&": (
        "an & outside of an environment with columns",
        r"Put the columns into \begin{aligned} ... \end{aligned}, or write \& for the sign.",
    ),
    "$": ("a $ inside of a formula", r"Take it out, or write \$."),
    **{
        text: (
            f"{text} stands where no line is numbered",
            "Use it in a line of align, gather or equation, or of a displayed formula.",
        )
        for text in words.MARKS
    },
    **{text: (f"{text} outside of an array", r"Use it in \begin{array}.") for text in words.LINES},
}
"""What may not stand where it was found, and what to do instead."""


class Converter:
    """The conversion of one formula."""

    def __init__(self, latex: str, display: str):
        self.source = Source(latex, ENVIRONMENTS)
        self.display = display

    def convert(self) -> list[Element]:
        """The formula's elements. Raises FormulaError."""
        tokens = self.source.tokens()
        if all(token.kind == "space" for token in tokens):
            raise self.source.error("the formula is empty", "Write it, or take the $ signs out.")
        tokens, tags = mathml_table.without_marks(self.source, tokens, tagged=self.display == "block")
        made = self.row(tokens, self.display)
        for tag in tags:
            made += [Element("mspace", width="2em"), tag]
        return made

    def row(self, tokens: Tokens, display: str) -> list[Element]:
        """Tokens of one line, or of one cell, as elements."""
        line: list[str] = []
        places: list[Element] = []
        stream = Stream(self.source, tokens)
        while (token := stream.next()) is not None:
            if token.kind == "space":
                continue
            if token.text == "'":
                self._primes(stream, line, places)
            elif (apart := self._apart(token, stream, display, line[-1] if line else "")) is not None:
                line.append(chr(FIRST_PLACE + len(places)))
                places.append(apart)
            else:
                _keep(token, line, places)
        if not line:
            return []
        made = self._convert_line(" ".join(line), display, tokens)
        _fill(made, places)
        self._check(made, tokens)
        mend(made, display)
        return list(made)

    def _primes(self, stream: Stream, line: list[str], places: list[Element]) -> None:
        """Primes, and an exponent that follows them, as one exponent."""
        count, exponent = stream.primes()
        line += ["^", "{", *[r"\prime"] * (1 + count)]
        if exponent is not None:
            line.append(chr(FIRST_PLACE + len(places)))
            places.append(Element("mrow"))
            places[-1].extend(self.row(exponent, "inline"))
        line.append("}")

    def _apart(self, token: Token, stream: Stream, display: str, after: str) -> Element | None:
        """The element of what latex2mathml is not asked for, None for all else; `after` stands before it."""
        text = token.text
        if token.kind == "command" and text in mathml_words.FENCES and after not in words.FENCES:
            return mathml_words.fence(token)
        if text == r"\begin":
            name = stream.name_of(token)
            return mathml_table.environment(self, name, token, stream)
        if text == r"\substack":
            return mathml_table.rows(self, "substack", stream.group(token), token)
        if text in words.TEXTS:
            return mathml_words.text(self, token, stream.group(token))
        if text in words.NAMES:
            return mathml_words.name(self.source, token, stream.group(token))
        if text in words.FUNCTIONS:
            made = Element("mi")
            made.text = text[1:]
            return made
        if text in words.LENGTHS:
            return mathml_words.space(self.source, token, stream)
        if text in words.SIZES:
            return mathml_words.delimiter(self.source, token, stream)
        misplaced = _MISPLACED.get(text)
        if misplaced:
            raise self.source.error(*misplaced, token.at)
        return None

    def _convert_line(self, line: str, display: str, tokens: Tokens) -> Element:
        from latex2mathml.converter import convert_to_element

        try:
            made: Element = convert_to_element(line, display=display)
        except Exception as error:  # it raises whatever its walk through the tokens meets
            name = type(error).__name__
            raise self.source.error(*_REASONS.get(name, _REASONS[""]), tokens[0].at) from error
        (row,) = made
        for one in row.iter():
            one.text = html.unescape(one.text) if one.text else one.text
        return row

    def _check(self, row: Element, tokens: Tokens) -> None:
        """Nothing is left as LaTeX, and each element has the parts that it needs."""
        for one in row.iter():
            text = one.text or ""
            if one.tag in ("mi", "mo", "mn") and len(text) > 1 and text.startswith("\\"):
                raise self.source.error(f"{text} cannot be shown here", "Write it another way.", tokens[0].at)
            if any("\ue000" <= letter < "\uf900" for letter in text):
                raise self.source.error(
                    "a part of it cannot be shown here",
                    "Put braces around each \\text and each name.",
                    tokens[0].at,
                )
            if len(one) != _PARTS.get(one.tag, len(one)):
                raise self.source.error(*_REASONS[""], tokens[0].at)


def _keep(token: Token, line: list[str], places: list[Element]) -> None:
    """Write a token into the line that latex2mathml converts, in the spelling that it knows."""
    after = line[-1] if line else ""
    if after in words.FENCES and token.text in _EXTENSIBLE:
        line.append(_EXTENSIBLE[token.text])
    elif token.text not in (r"\limits", r"\nolimits") or after < chr(FIRST_PLACE):
        line.append(token.text)
    elif token.text == r"\nolimits":
        places[-1].attrib.pop("movablelimits", None)


def _fill(row: Element, places: list[Element]) -> None:
    """Put what was converted apart where its letter stands."""
    for parent in row.iter():
        for index, child in enumerate(parent):
            if child.text and len(child.text) == 1 and 0 <= ord(child.text) - FIRST_PLACE < len(places):
                parent[index] = places[ord(child.text) - FIRST_PLACE]
