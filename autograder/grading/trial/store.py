"""Kept trials: one file an assignment, in a folder beside the gradebook. Deleting one costs one trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.core.atomic_write import write_whole
from autograder.grading.trial.trial_plan import TrialPlan

FOLDER = ".trials"
"""Beside the gradebook's file, or nbgrader_config.py where the gradebook is no file."""
LARGEST = 32 << 20  # bytes


@dataclass(frozen=True)
class KeptTrial:
    """What the trial of an assignment came to: its key (`trial_key`) and the plans by notebook."""

    key: str
    plans: Mapping[str, TrialPlan]


def path_of(folder: Path, assignment: str) -> Path:
    """Where the trial of an assignment is kept; `folder` is the gradebook's."""
    return folder / FOLDER / f"{assignment}.json"


def read_trial(folder: Path, assignment: str, key: str) -> KeptTrial | None:
    """The kept trial of an assignment.

    Args:
        folder: The gradebook's.
        assignment: By its whole name.
        key: What `trial_key` gives now.

    Returns:
        None where there is none with this key, or it is of another version, or damaged.
    """
    path = path_of(folder, assignment)
    try:
        if path.stat().st_size > LARGEST:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or set(found) != {"key", "plans"} or found["key"] != key:
            return None
        return KeptTrial(key, {str(name): TrialPlan.from_json(plan) for name, plan in found["plans"].items()})
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def write_trial(folder: Path, assignment: str, trial: KeptTrial) -> None:
    """Keep a trial in place of an older one.

    Args:
        folder: The gradebook's.
        assignment: By its whole name.
        trial: What it came to.

    Raises:
        OSError: The folder cannot be written to.
    """
    path = path_of(folder, assignment)
    path.parent.mkdir(exist_ok=True)
    plans = {name: plan.to_json() for name, plan in trial.plans.items()}
    write_whole(path, json.dumps({"key": trial.key, "plans": plans}, ensure_ascii=False, indent=1) + "\n")


def forget_trial(folder: Path, assignment: str) -> None:
    """Let the trial be run again."""
    path_of(folder, assignment).unlink(missing_ok=True)
