"""Imports that nobody here needs, kept out."""

from __future__ import annotations

import sys


def without_format_checks() -> None:
    """Call before importing nbformat or nbgrader.

    jsonschema imports rfc3987_syntax for checks of URI formats, which no notebook has; building its
    grammar takes two seconds. jsonschema does without the module where it cannot be imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
