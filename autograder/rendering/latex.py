"""A formula's LaTeX -> tokens that are known to nest: braces, environments, and nothing unknown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol
from xml.etree.ElementTree import Element

from autograder.core.errors import FormulaError
from autograder.rendering import latex_words as words

# An asterisk belongs to two commands; elsewhere it is a sign.
_TOKEN = re.compile(
    r"(?P<command>\\(?:(?:operatorname|tag)\*|[a-zA-Z]+|.))|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<space>\s+)|(?P<sign>.)",
    re.S,
)
FIRST_PLACE = 0xE000
"""Letters from here on stand for what is converted apart; no formula may hold one itself."""


class Token(NamedTuple):
    """A command, a number, a sign, or the space before one of them. `at` is its place in the formula."""

    kind: str
    text: str
    at: int


Tokens = list[Token]


class Source:
    """The LaTeX of one formula, which its errors quote."""

    def __init__(self, latex: str, environments: Iterable[str]):
        self.latex = latex
        self.environments = frozenset(environments)

    def error(self, problem: str, remedy: str, at: int = 0) -> FormulaError:
        """Make the error for a place of the formula, for the caller to raise.

        Args:
            problem: what is wrong.
            remedy: what to write instead.
            at: offset of the place in the formula's text.

        Returns:
            A FormulaError that knows its line.
        """
        return FormulaError(self.latex, problem, remedy, self.latex.count("\n", 0, at))

    def tokens(self) -> Tokens:
        """All tokens. Raises FormulaError for what is unknown, is never closed, or was never opened."""
        found: Tokens = []
        for match in _TOKEN.finditer(self.latex):
            kind, text = str(match.lastgroup), match[0]
            script = found and found[-1].kind != "command" and found[-1].text in "^_"
            if kind == "number" and script and text[0] != ".":  # x^12 is x to the 1, and a 2
                found.append(Token("number", text[0], match.start()))
                text = text[1:]
            if text:
                found.append(Token(kind, text, match.end() - len(text)))
        self._check(found)
        return found

    def _check(self, tokens: Tokens) -> None:
        opened: list[tuple[str, int]] = []
        stream = Stream(self, tokens)
        while (token := stream.next()) is not None:
            if token.kind == "command":
                self._check_command(token, stream, opened)
            elif token.kind == "sign":
                self._check_sign(token, opened)
        if opened:
            name, at = opened[-1]
            if name == "{":
                raise self.error("a { is never closed", "Write the } where its group ends.", at)
            raise self.error(rf"\begin{{{name}}} is never closed", rf"Write \end{{{name}}}.", at)

    def _check_command(self, token: Token, stream: Stream, opened: list[tuple[str, int]]) -> None:
        if token.text in (r"\begin", r"\end"):
            name = stream.name_of(token)
            if token.text == r"\begin":
                if name not in self.environments:
                    raise self.error(
                        f"unknown environment {name!r}", meant(name, self.environments), token.at
                    )
                opened.append((name, token.at))
            elif not opened or opened[-1][0] != name:
                inside = opened[-1][0] if opened else ""
                remedy = "Close first what was opened last" + (f": {inside}." if inside else ".")
                raise self.error(rf"\end{{{name}}} closes nothing", remedy, token.at)
            else:
                opened.pop()
        elif token.text not in words.KNOWN and token.text != r"\\":
            raise self.error(f"unknown command {token.text}", _instead(token.text), token.at)

    def _check_sign(self, token: Token, opened: list[tuple[str, int]]) -> None:
        if token.text == "{":
            opened.append(("{", token.at))
        elif token.text == "}":
            if not opened or opened[-1][0] != "{":
                raise self.error("a } closes nothing", r"Take it out, or write \} for the sign.", token.at)
            opened.pop()
        elif token.text == "%":
            raise self.error("the rest of the line is a comment", r"Write \% for the sign.", token.at)
        elif token.text == "\\":
            raise self.error("a \\ stands at the end", "Take it out.", token.at)
        elif token.text == "#":
            raise self.error("a # stands alone", r"Write \# for the sign.", token.at)
        elif token.text < " " or "\x7f" <= token.text < "\xa0" or "\ud800" <= token.text < "\uf900":
            raise self.error(f"the sign {token.text!a} has no shape", "Take it out.", token.at)


class Stream:
    """Tokens that are taken one after another."""

    def __init__(self, source: Source, tokens: Tokens):
        self._source = source
        self._tokens = tokens
        self._at = 0

    def next(self) -> Token | None:
        """The next token, None at the end."""
        if self._at >= len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_space(self) -> Token | None:
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "space":
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def group(self, of: Token) -> Tokens:
        """The argument of a command: what stands between braces, or one token. Raises FormulaError."""
        first = self._skip_space()
        if first is None or (first.kind == "sign" and first.text in "}&"):
            raise self._source.error(f"{of.text} has no argument", f"Write {of.text}{{...}}.", of.at)
        self._at += 1
        if first.text != "{":
            return [first]
        return self._until("}")

    def primes(self) -> tuple[int, Tokens | None]:
        """How many apostrophes come next, and the exponent after them, if there is one."""
        count, start = 0, self._at
        while (token := self.next()) is not None and (token.text == "'" or token.kind == "space"):
            count += token.text == "'"
            start = self._at
        if token is not None and token.text == "^":
            return count, self.group(token)
        self._at = start
        return count, None

    def rest(self) -> Tokens:
        """All that was not taken."""
        return self._tokens[self._at :]

    def skip(self, sign: str) -> None:
        """Take the next token if it is `sign`."""
        if self._at < len(self._tokens) and self._tokens[self._at].text == sign:
            self._at += 1

    def mark(self) -> int:
        """Where the stream stands, for `back`."""
        return self._at

    def back(self, mark: int) -> None:
        """Return what was taken since `mark`."""
        self._at = mark

    def optional(self) -> Tokens | None:
        """What stands between [ and ], if that comes next."""
        first = self._skip_space()
        if first is None or first.text != "[":
            return None
        self._at += 1
        return self._until("]")

    def name_of(self, begin: Token) -> str:
        r"""The name after \begin or \end."""
        first = self._skip_space()
        name = "".join(token.text for token in self.group(begin)) if first and first.text == "{" else ""
        if not name:
            raise self._source.error(
                f"{begin.text} names no environment", rf"Write {begin.text}{{aligned}}.", begin.at
            )
        return name

    def environment(self) -> Tokens:
        r"""What stands before the \end of an environment whose \begin{name} was taken."""
        depth, start = 0, self._at
        while (token := self.next()) is not None:
            if token.text == r"\begin":
                depth += 1
            elif token.text == r"\end":
                if depth == 0:
                    inside = self._tokens[start : self._at - 1]
                    self.name_of(token)
                    return inside
                depth -= 1
        raise AssertionError("the tokens were not checked")

    def _until(self, closing: str) -> Tokens:
        depth, start = 0, self._at
        while (token := self.next()) is not None:
            if token.text == closing and depth == 0:
                return self._tokens[start : self._at - 1]
            depth += (token.text == "{") - (token.text == "}")
        first = self._tokens[start - 1]
        raise self._source.error(f"a {first.text} is never closed", f"Write the {closing}.", first.at)


def meant(word: str, known: Iterable[str]) -> str:
    """What the author of `word` may have meant."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    return f"Did you mean {close[0]}?" if close else f"Known are {', '.join(names)}."


def _instead(command: str) -> str:
    if command in words.INSTEAD:
        return words.INSTEAD[command]
    close = difflib.get_close_matches(command, sorted(words.KNOWN), n=1, cutoff=0.75)
    if close:
        return f"Did you mean {close[0]}?"
    return r"Write it with commands of plain LaTeX and amsmath; a name of your own is \operatorname{name}."


class Converter(Protocol):
    """Who converts what stands inside a table or among words; `rendering.mathml` has it."""

    source: Source

    def row(self, tokens: Tokens, display: str) -> list[Element]:
        """The MathML of a run of tokens, as "block" or "inline"."""
