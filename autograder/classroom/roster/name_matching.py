"""Whose file is it? From a name, an id, an email address or a platform's number to one learner.

A guess is worse than a question: two learners who fit are named, and neither is taken.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.classroom.roster.roster import Learner

_LETTERS = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_SPELLINGS = (str.maketrans(_LETTERS), str.maketrans(_LETTERS | _UMLAUTS))
"""How people without the key on their keyboard write a letter; accents are dropped as well."""
_FILLERS = frozenset(
    "lesson notebook final copy submission homework hw exercise assignment answers of".split()
)


@dataclass(frozen=True)
class Match:
    """The one learner that fits, or None with the reason."""

    learner: Learner | None
    reason: str = ""
    is_ambiguous: bool = False


@dataclass(frozen=True)
class Register:
    """Indexes of the roster: learners by id, number, address, mailbox, name and spelling of the name."""

    ids: Mapping[str, tuple[Learner, ...]]
    lms_ids: Mapping[str, tuple[Learner, ...]]
    emails: Mapping[str, tuple[Learner, ...]]
    mailboxes: Mapping[str, tuple[Learner, ...]]
    names: Mapping[str, tuple[Learner, ...]]
    spellings: Mapping[str, tuple[Learner, ...]]

    def by_lms_id(self, number: str) -> Match:
        """The learner with this number on the platform."""
        return _one(number, self.lms_ids.get(number, ()))

    def by_id(self, text: str) -> Match:
        """The learner with this id; upper and lower case and the kind of Unicode do not matter."""
        return _one(text, self.ids.get(_same_case(text), ()))

    def by_email(self, text: str) -> Match:
        """The learner with this email address."""
        return _one(text, self.emails.get(_same_case(text), ()))

    def by_name(self, text: str) -> Match:
        """The learner of this name: as it is written, else without accents and in other spellings.

        First and last name may stand in either order, and with nothing between them.
        """
        found = self.names.get(squeezed(text), ())
        if not found:
            keys = {_respelled(text, table) for table in _SPELLINGS}
            found = tuple(dict.fromkeys(one for key in sorted(keys) for one in self.spellings.get(key, ())))
        return _one(text, found)

    def by_anything(self, text: str, lessons: Iterable[str]) -> Match:
        """The learner that a person meant who named a file `text`, such as "ann_03-maximum-likelihood"."""
        for find in (self.by_id, self.by_email, self.by_mailbox, self.by_name):
            if (match := find(text)).learner or match.is_ambiguous:
                return match
        for part in _without_fillers(text, lessons):
            for find in (self.by_id, self.by_email, self.by_name):
                if (match := find(part)).learner or match.is_ambiguous:
                    return match
        return Match(None, f"nobody in the roster is called {text!r}")

    def by_mailbox(self, text: str) -> Match:
        """The learner whose email address begins so, before the @."""
        return _one(text, self.mailboxes.get(_same_case(text), ()))

    def nearest(self, text: str) -> list[Learner]:
        """At most two learners with a name like `text`, for a question to the instructor."""
        keys = difflib.get_close_matches(_respelled(text, _SPELLINGS[0]), self.spellings, n=6, cutoff=0.75)
        return list(dict.fromkeys(one for key in keys for one in self.spellings[key]))[:2]


def register(roster: Iterable[Learner]) -> Register:
    """Build the indexes of a roster."""
    tables: dict[str, dict[str, dict[str, Learner]]] = {
        name: defaultdict(dict) for name in ("ids", "lms_ids", "emails", "mailboxes", "names", "spellings")
    }
    for one in roster:
        for name, key in _keys(one):
            if key:
                tables[name][key][one.id] = one
    return Register(
        **{
            name: {key: tuple(found.values()) for key, found in table.items()}
            for name, table in tables.items()
        }
    )


def _keys(one: Learner) -> Iterator[tuple[str, str]]:
    yield "ids", _same_case(one.id)
    yield "lms_ids", one.lms_id
    yield "emails", _same_case(one.email)
    yield "mailboxes", _same_case(one.email.partition("@")[0])
    words = one.name.split()
    for start in range(len(words)):
        # "Anna van der Berg" is "Berg, Anna van der" elsewhere, and "van der Berg, Anna".
        turned = " ".join(words[start:] + words[:start])
        yield "names", squeezed(turned)
        for table in _SPELLINGS:
            yield "spellings", _respelled(turned, table)


def squeezed(text: str) -> str:
    """Only the letters and digits of a name, in lower case, accents kept, whatever their Unicode form."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in composed if letter.isalnum() or unicodedata.combining(letter))


def _respelled(text: str, table: Mapping[int, str]) -> str:
    composed = unicodedata.normalize("NFC", text).casefold().translate(table)
    return "".join(letter for letter in unicodedata.normalize("NFKD", composed) if letter.isalnum())


def _same_case(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _one(text: str, found: tuple[Learner, ...]) -> Match:
    if len(found) == 1:
        return Match(found[0])
    if found:
        fit = ", ".join(one.id for one in found)
        return Match(None, f"several in the roster fit {text!r}: {fit}", is_ambiguous=True)
    return Match(None, f"nobody in the roster is called {text!r}")


def _without_fillers(text: str, lessons: Iterable[str]) -> Iterator[str]:
    """What is left of a file's name without words of the lesson, short numbers and fillers at one end.

    Every word that is left away must be such a word: "anna_schmidt" must not be taken for "anna".
    """
    fillers = _FILLERS | {word for lesson in lessons for word in re.findall(r"\w+", lesson.casefold())}
    words = list(re.finditer(r"[^\W_]+", text))

    def empty(part: list[re.Match[str]]) -> bool:
        return all(
            word[0].casefold() in fillers or re.fullmatch(r"v?\d{1,2}", word[0].casefold()) for word in part
        )

    for count in range(len(words) - 1, 0, -1):
        if empty(words[count:]):
            yield text[: words[count - 1].end()]
        if empty(words[:-count]):
            yield text[words[-count].start() :]
