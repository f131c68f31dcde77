"""Versions of the form of a file that people keep: older files are read for ever, newer ones are named.

A file, or a line of one, holds its version under the key `schema`. What has none is version 1: it was written
before there were numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.core.distribution import DISTRIBUTION

KEY = "schema"
Data = dict[str, object]


class NewerSchema(Exception):
    """A newer version of this package wrote it; the message completes "the file …"."""


@dataclass(frozen=True)
class Schema:
    """What is known of one kind of file.

    The first of `upgrades` makes version 2 of version 1, the next version 3 of that, and so on. A version
    is added where a reader that does not know it would misread the file; a key that older readers may pass
    over needs none.
    """

    upgrades: tuple[Callable[[Data], Data], ...]

    @property
    def version(self) -> int:
        """The newest, the one that is written."""
        return 1 + len(self.upgrades)

    def read(self, found: object) -> Data:
        """What JSON held, in the newest form.

        Raises NewerSchema where it is of a version that is not known yet, ValueError where it has no form.
        """
        if not isinstance(found, dict):
            raise ValueError("no JSON object")
        data: Data = found
        version = data.get(KEY, 1)
        if type(version) is not int or version < 1:
            raise ValueError(f"{KEY} is {str(version)[:20]!r}, which is no version")
        if version > self.version:
            raise NewerSchema(
                f"was written by a newer version of the course's package (form {version}; this one knows"
                f" forms up to {self.version}). Update {DISTRIBUTION} as the course's README says, and"
                " restart the kernel."
            )
        for upgrade in self.upgrades[version - 1 :]:
            data = upgrade(data)
        return data


def numbered(data: Data) -> Data:
    """Version 2 of a form of which it is all that is new that it has a number."""
    return {KEY: 2, **data}
