"""Everything that can go wrong and that somebody can mend.

AutograderError
├── LessonError       a lesson's Markdown breaks the lesson format    (path, line, problem, remedy)
├── CourseError       the course's folders are not as they should be
├── BuildError        a lesson is well formed but cannot be made into notebooks
├── GradingError      a submission, or a class, could not be graded
├── ToolError         a program from outside is missing or failed
├── FormulaError      a formula holds what its pages cannot show      (formula, problem, remedy)
└── LearnerError      shown in a notebook as one line, never as a traceback
    ├── CannotCheck   the check itself could not run; says nothing about the answer
    └── NotYet        the answer was judged, and it is not right (yet)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class AutograderError(Exception):
    """The root: the command line prints its message without a traceback."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a lesson's Markdown: where, what, and what to type instead."""

    path: Path
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        try:
            path = self.path.relative_to(Path.cwd())
        except ValueError:
            path = self.path
        return f"{path}:{self.line}: {self.problem}\n    {self.remedy}"


class LessonError(AutograderError):
    """A lesson breaks the lesson format; carries every problem found in it."""

    def __init__(self, *problems: Problem):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    def __reduce__(self) -> tuple[type[LessonError], tuple[Problem, ...]]:
        return type(self), self.problems


class CourseError(AutograderError):
    """A folder or file of the course is missing, ambiguous or unreadable."""


class BuildError(AutograderError):
    """A well-formed lesson cannot be made into notebooks."""


class GradingError(AutograderError):
    """A submission, or a class, could not be graded."""


class ToolError(AutograderError):
    """A program from outside (a browser, say) is missing or failed."""


class FormulaError(AutograderError):
    """A formula in LaTeX that cannot be shown as it was meant.

    `line` counts the line ends of the formula before the place; `str(error)` holds the formula's start.
    """

    def __init__(self, formula: str, problem: str, remedy: str, line: int = 0):
        self.formula = formula
        self.problem = problem
        self.remedy = remedy
        self.line = line
        short = " ".join(formula.split())
        short = short if len(short) <= 80 else f"{short[:77]}..."
        super().__init__(f"{problem}, in the formula {short}\n    {remedy}")

    def __reduce__(self) -> tuple[type[FormulaError], tuple[str, str, str, int]]:
        return type(self), (self.formula, self.problem, self.remedy, self.line)


class LearnerError(AutograderError):
    """An error that a notebook shows as one line.

    `line` is what the learner reads; `str(error)` is for machines (an error's `evalue`).
    """

    def __init__(self, code: str, line: str):
        self.code = code
        self.line = line
        super().__init__(code)

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of formatting a traceback.
        return [self.line]


class CannotCheck(LearnerError):
    """The check could not run: no lesson.json, an unknown exercise, a wrong call."""


class NotYet(LearnerError):
    """The answer is not right yet. `code` is ``exercise-id verdict[:mistake]``."""
