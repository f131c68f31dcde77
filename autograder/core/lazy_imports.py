"""Imports that nobody here needs, kept out."""

from __future__ import annotations

import sys
from types import ModuleType


def without_format_checks() -> None:
    """Call before importing nbformat or nbgrader.

    jsonschema imports rfc3987_syntax for checks of URI formats, which no notebook has; building its
    grammar takes two seconds. jsonschema does without the module where it cannot be imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def lean_nbformat() -> ModuleType:
    """The module nbformat, imported when it is first needed, and without the format checks."""
    without_format_checks()
    import nbformat

    return nbformat
