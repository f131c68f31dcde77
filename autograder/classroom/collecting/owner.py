"""From what a path claims to a learner of the roster; and what to do where there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.classroom.lms.platform import Claim, Enrolment, Platform
from autograder.classroom.roster.name_matching import Match


@dataclass(frozen=True)
class Owners:
    """Who is asked for a file's learner: the instructor's own words, then the platform of the download.

    `who` gives learners' ids by names of the download.
    """

    platform: Platform
    enrolment: Enrolment
    who: Mapping[str, str]

    def of(self, claims: Sequence[Claim]) -> tuple[Claim, Match]:
        """The claim, of those that the readings of a path make, that means one learner; else the first."""
        matches = [self._match(claim) for claim in claims]
        for claim, match in zip(claims, matches, strict=True):
            if match.learner:
                return claim, match
        return claims[0], matches[0]

    def _match(self, claim: Claim) -> Match:
        if given := self._given(claim):
            return self.enrolment.register.by_id(given)
        if claim.nobody:
            return Match(None, claim.nobody)
        return self.platform.owner(claim, self.enrolment)

    def _given(self, claim: Claim) -> str:
        said = {_same_case(text): id_ for text, id_ in self.who.items()}
        words = (*claim.learners, claim.participant, claim.lms_id, claim.bundle)
        return next((said[_same_case(text)] for text in words if text and _same_case(text) in said), "")

    def remedy(self, claim: Claim, match: Match) -> str:
        """What an instructor can do for a file whose learner is not known."""
        if claim.nobody:
            return f'Or say whose it is: --who "{claim.bundle}=ID"'
        text = claim.learners[-1]
        if match.is_ambiguous:
            return f'Say which: --who "{text}=ID"'
        if advice := self.platform.advice(claim, self.enrolment):
            return advice
        nearest = self.enrolment.register.nearest(text)
        perhaps = " or ".join(f"{one.id} ({one.name})" for one in nearest)
        which = nearest[0].id if len(nearest) == 1 else "ID"
        return (f"Perhaps {perhaps}? Then: " if perhaps else "In the roster under another name? Then: ") + (
            f'--who "{text}={which}"; else: autograder roster import FILE'
        )


def _same_case(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()
