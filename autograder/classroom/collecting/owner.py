"""From what a path claims to a learner of the roster; and what to do where there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.classroom.lms.download_layouts import CANVAS, MOODLE, NAMED, Claim
from autograder.classroom.lms.moodle_worksheet import Participant
from autograder.classroom.roster.name_matching import Match, Register


@dataclass(frozen=True)
class Owners:
    """Who is asked for a file's learner: the instructor's own words, the platform's numbers, the names.

    `sheet` is Moodle's worksheet by participant; `who` gives ids by names of the download; `lessons` are
    words that are no part of a learner's name.
    """

    register: Register
    sheet: Mapping[str, Participant]
    who: Mapping[str, str]
    lessons: tuple[str, ...]

    def of(self, claims: Sequence[Claim]) -> tuple[Claim, Match]:
        """The claim, of those that the readings of a path make, that means one learner; else the first."""
        matches = [self._match(claim) for claim in claims]
        for claim, match in zip(claims, matches, strict=True):
            if match.learner:
                return claim, match
        return claims[0], matches[0]

    def _match(self, claim: Claim) -> Match:
        if given := self._given(claim):
            return self.register.by_id(given)
        if claim.nobody:
            return Match(None, claim.nobody)
        if claim.layout == MOODLE:
            return self._on_moodle(claim)
        if claim.layout == CANVAS:
            match = self.register.by_lms_id(claim.lms_id)
            return match if match.learner else self.register.by_name(claim.learners[0])
        if claim.layout == NAMED:
            matches = [self.register.by_anything(text, self.lessons) for text in claim.learners]
            unsure = [match for match in matches if match.learner or match.is_ambiguous]
            return (unsure or matches[-1:])[0]
        return self.register.by_id(claim.learners[0])

    def _on_moodle(self, claim: Claim) -> Match:
        person = self.sheet.get(claim.participant)
        if person:
            for match in (
                self.register.by_id(person.id_number),
                self.register.by_email(person.email),
                self.register.by_name(person.name),
            ):
                if match.learner:
                    return match
        return self.register.by_name(claim.learners[0])

    def _given(self, claim: Claim) -> str:
        said = {_plain(text): id_ for text, id_ in self.who.items()}
        words = (*claim.learners, claim.participant, claim.lms_id, claim.bundle)
        return next((said[_plain(text)] for text in words if text and _plain(text) in said), "")

    def remedy(self, claim: Claim, match: Match) -> str:
        """What an instructor can do for a file whose learner is not known."""
        if claim.nobody:
            return f'Or say whose it is: --who "{claim.bundle}=ID"'
        text = claim.learners[-1]
        if match.is_ambiguous:
            return f'Say which: --who "{text}=ID"'
        if claim.layout == MOODLE and claim.participant not in self.sheet and _hides_names(claim):
            return "Names are hidden: give Moodle's grading worksheet, --worksheet FILE"
        nearest = self.register.nearest(text)
        perhaps = " or ".join(f"{one.id} ({one.name})" for one in nearest)
        which = nearest[0].id if len(nearest) == 1 else "ID"
        return (f"Perhaps {perhaps}? Then: " if perhaps else "In the roster under another name? Then: ") + (
            f'--who "{text}={which}"; else: autograder roster import FILE'
        )


def _hides_names(claim: Claim) -> bool:
    return len(claim.learners[0].split()) == 1


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()
