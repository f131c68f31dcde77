"""nbgrader's own command line."""

import os
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.grading.dispatch.engine import Settings
from autograder.grading.sandbox.limits import Limits

NAME = "01-coins"
SETTINGS = Settings(Limits(cell_seconds=10), workers=2)
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def nbgrader(folder, *words):
    """Run nbgrader as its user does."""
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rows(folder):
    """What the gradebook says, in plain values: each submission, each grade, each comment."""
    found = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "generative-models") as gradebook:
        for submission in gradebook.assignment_submissions(NAME):
            key = submission.student_id
            found[key] = {
                "score": submission.score,
                "max_score": submission.max_score,
                "needs_manual_grade": submission.needs_manual_grade,
                "late": submission.total_seconds_late,
                "grades": {
                    grade.name: (
                        grade.auto_score,
                        grade.manual_score,
                        grade.needs_manual_grade,
                        grade.max_score,
                    )
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                },
            }
    return found
