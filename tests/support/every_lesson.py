"""The lessons of the course as parameters: two of them in every run, the others in the slow one."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = [path.stem for path in sorted((ROOT / "lessons").glob("??-*.md"))]
QUICK = ("03", "12")
"""A lesson of numbers, and one with the longest coding exercise."""

each_lesson = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name[:2] in QUICK else pytest.mark.slow) for name in NAMES]
)
