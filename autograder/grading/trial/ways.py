"""The ways in which a test of a submission is run, and what they mean for its mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Isolated:
    """In the tester's process, on the student's values.

    With a savepoint it is run in nbgrader's meaning as well, always or where a value is no plain copy; then
    that run is the mark, and the isolated one its witness.
    """

    savepoint: Literal["never", "inexact", "always"] = "never"
    copy_files: bool = False


@dataclass(frozen=True)
class InSavepoint:
    """In a fork of the student's process, which is made at the test's place and dropped."""

    copy_files: bool = False


@dataclass(frozen=True)
class InProcess:
    """In the student's process, at its place."""


Way = Isolated | InSavepoint | InProcess
