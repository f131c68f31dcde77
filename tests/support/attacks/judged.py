"""Attacks graded by the engine: what each earned beyond its due, and what is known to be as in nbgrader."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.attacks import corpus
from tests.support.styles import course, grading
from tests.support.styles.notebook_text import Style

TABLE = corpus.FOLDER / "as_nbgrader.txt"


@dataclass(frozen=True)
class Judged:
    """One attack.

    through:   by grade id of a test that earned too much and is not flagged, why it is shared ('' if it
               runs apart)
    lost:      grade ids of tests in which the teacher's own answer earned less than all, or was flagged
    trouble:   why the attack could not be graded, '' where it was
    """

    through: Mapping[str, str]
    lost: frozenset[str]
    trouble: str


def judged(root: Path, styles: Sequence[Style]) -> dict[str, Judged]:
    """Grade the attacks and their teachers as one course."""
    found = course.write(root, styles, only=("right", "attack"))
    marks, flags = grading.engine_and_flags(root, found, grading.SHORT)
    shared = _shared(root)
    return {style.name: _judged(style, marks, flags, shared[style.name]) for style in styles}


def _judged(style: Style, marks: grading.Marks, flags: grading.Flags, shared: Mapping[str, str]) -> Judged:
    attack, right = marks[style.name]["attack"], marks[style.name]["right"]
    flagged = flags.get(style.name, {})
    too_much = corpus.too_much(style, attack).keys() - flagged.get("attack", {}).keys()
    full = corpus.full(style)
    lost = {test for test, points in full.items() if right.get(test) != points}
    return Judged(
        {test: shared.get(test, "") for test in too_much},
        frozenset(lost | flagged.get("right", {}).keys()),
        str(attack.get("", "")),
    )


def _shared(root: Path) -> dict[str, dict[str, str]]:
    """By notebook and grade id, the first reason of each test that runs in the student's process."""
    plans = [json.loads(path.read_text(encoding="utf-8"))["plans"] for path in root.glob(".trials/*.json")]
    return {
        notebook: {
            name: str(test["shared"]["reasons"][0][1])
            for name, test in plan["tests"].items()
            if "shared" in test
        }
        for part in plans
        for notebook, plan in part.items()
    }


def as_nbgrader() -> dict[str, dict[str, str]]:
    """By attack and grade id, why a test runs in the student's process and the attack earns its points."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, test, reason = line.split(" | ", 2)
            found.setdefault(name, {})[test] = reason
    return found
