"""The columns of a program's class list: by which it is known, and which holds what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

FIRST = ("first name", "firstname", "given name", "vorname", "prénom", "nombre")
LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom", "nom de famille", "apellido(s)")
EMAIL = ("email address", "email", "e-mail", "e-mail-adresse", "adresse de courriel", "dirección de correo")


class Distinctness(IntEnum):
    """How surely the columns of a form tell its program; the surest forms are tried first."""

    OF_ONE_PROGRAM = 0
    OF_THIS_COURSE = 1
    OF_MANY_PROGRAMS = 2


@dataclass(frozen=True)
class ClassListForm:
    """One program's class list. Names of columns are in lower case, with spaces for underscores.

    A file has this form where one column of each group in `known_by` is in it. Of the columns `id` the first
    is taken that is filled in every row. `nobody` are beginnings of full names, in lower case, of rows that
    are no learner.
    """

    name: str
    known_by: tuple[tuple[str, ...], ...]
    id: tuple[str, ...]
    full_name: tuple[str, ...] = ()
    first_name: tuple[str, ...] = ()
    last_name: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    lms_id: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    distinctness: Distinctness = Distinctness.OF_ONE_PROGRAM

    def fits(self, header: list[str]) -> bool:
        """Whether a file with this header has this form."""
        return all(any(name in header for name in group) for group in self.known_by)
