"""How an assignment's tests are run for a class: by the course's setting, and by a trial that is kept."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import GradingError
from autograder.course import lesson_json
from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.dispatch.trial_run import Progress, RunJobs, try_tests
from autograder.grading.execution.grade_submission import ENGINE
from autograder.grading.execution.plan import plan_of
from autograder.grading.gradebook.course_directory import CONFIG, Classroom
from autograder.grading.trial.assigned import Assigned
from autograder.grading.trial.mark_rule import Flagged
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.sources import NoTrial, trial_sources
from autograder.grading.trial.store import KeptTrial, read_trial, write_trial
from autograder.grading.trial.teacher_text import TeacherText
from autograder.grading.trial.trial_key import Surroundings, imported_modules, trial_key, versions_of
from autograder.grading.trial.trial_plan import TrialPlan, all_shared, all_walled, in_process_itself
from autograder.grading.trial.words import Setting, paragraph


@dataclass(frozen=True)
class TrialWork:
    """What a trial is run by: `limits` by name and the sandbox's `tier` are part of what it shows."""

    run: RunJobs
    progress: Progress
    limits: dict[str, float]
    tier: int


def setting_of(classroom: Classroom, taken: Snapshot) -> Setting:
    """The course's `c.Autograder.wall`, and where it says nothing, what fits the assignment.

    A lesson of this workshop has tests that are proved to be fit for isolation. Another course is tried, if
    it has solutions to try; where learners hand in modules that the tests import, nothing can be isolated.

    Raises GradingError for a setting that there is not.
    """
    wanted = classroom.config.get("Autograder", {}).get("wall")
    if wanted is not None:
        try:
            return Setting(wanted)
        except ValueError:
            options = ", ".join(f'"{one}"' for one in Setting)
            raise GradingError(f"{CONFIG}: c.Autograder.wall = {wanted!r} is none of {options}") from None
    if taken.keep:
        return Setting.NEVER
    if lesson_json.FILE in taken.files:
        return Setting.ALWAYS
    tried = (trial_sources(notebook) for notebook in taken.notebooks.values())
    return Setting.NEVER if all(isinstance(one, NoTrial) for one in tried) else Setting.TRIAL


def protect(
    classroom: Classroom,
    taken: Snapshot,
    flagged: Flagged,
    work: Callable[[], TrialWork],
    say: Callable[[str], None],
) -> Assigned:
    """Decide how the tests of an assignment are run; a trial that was kept is not run again.

    Args:
        classroom: The course.
        taken: The assignment.
        flagged: What becomes of flagged marks.
        work: Called where a trial may be needed.
        say: Told in a paragraph what holds, where it is not the usual.

    Raises:
        GradingError: There is no such setting.
    """
    setting = setting_of(classroom, taken)
    if setting is Setting.ALWAYS:
        return Assigned(taken, {}, flagged)
    plans = _nbgraders(taken) if setting is Setting.NEVER else _tried(classroom, taken, work())
    say(paragraph(taken.assignment, plans, setting))
    return Assigned(taken, plans, flagged)


def isolated_plans(taken: Snapshot) -> dict[str, TrialPlan]:
    """The plans of `wall = "always"`, for who wants to read them."""
    plans = {}
    for name, one in taken.notebooks.items():
        text = TeacherText(one, taken.files, taken.keep)
        plans[name] = all_walled(text.points, plan_of(one.instructor).comparing)
    return plans


def _nbgraders(taken: Snapshot) -> dict[str, TrialPlan]:
    """Every test as nbgrader runs it."""
    reason = Reason(Why.CHOSEN, "is not protected: as nbgrader")
    return {
        name: in_process_itself(all_shared(TeacherText(one, taken.files, taken.keep).points, reason))
        for name, one in taken.notebooks.items()
    }


def _tried(classroom: Classroom, taken: Snapshot, work: TrialWork) -> dict[str, TrialPlan]:
    releases = _releases(classroom, taken)
    sources = [cell["source"] for one in taken.notebooks.values() for cell in one.instructor]
    packages = versions_of(imported_modules(sources, taken.files))
    surroundings = Surroundings(ENGINE, platform.python_version(), packages, work.limits, work.tier)
    key = trial_key(taken.digest, releases, surroundings)
    folder = _folder(classroom)
    kept = read_trial(folder, taken.assignment, key)
    if kept is not None and set(kept.plans) == set(taken.notebooks):
        return dict(kept.plans)
    plans = try_tests(taken, releases, work.run, work.progress)
    write_trial(folder, taken.assignment, KeptTrial(key, plans))
    return plans


def _releases(classroom: Classroom, taken: Snapshot) -> dict[str, bytes]:
    folder = classroom.path("release", ".", taken.assignment)
    paths = {name: folder / f"{name}.ipynb" for name in taken.notebooks}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _folder(classroom: Classroom) -> Path:
    """The gradebook's folder; the course's where the gradebook is no file."""
    scheme, _, path = classroom.folders.db_url.partition(":///")
    return Path(path).parent if scheme == "sqlite" else classroom.root
