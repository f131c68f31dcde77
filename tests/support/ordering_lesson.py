"""A kind of answer that the package does not have, an ordering, and a lesson that asks for one.

Run as a module, it builds and verifies that lesson with a copy of the package to which a test has added the
kind, and says what the judge makes of what a learner may type.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from autograder.authoring.building.build import build
from autograder.authoring.checks import answer_leaks
from autograder.authoring.checks.verify import verify
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import glossary, lesson
from autograder.core import messages
from autograder.core.judge import judge
from autograder.course import course_toml, lesson_json
from tests.support.builds import change

KIND = '''"""Words in an order, as "b, a, c"."""

from dataclasses import dataclass

from autograder.core.kinds.form import LeafForm, Misfit
from autograder.core.kinds.true_types import describe, is_a, without_numpy


@dataclass(frozen=True)
class OrderingForm(LeafForm):
    words = "an ordering"
    name = "ordering"

    @classmethod
    def of(cls, value, form_of):
        return cls() if is_a(value, str) and "," in value else None

    def leaf(self, value):
        if not is_a(value, str):
            raise Misfit(f"words with commas between them, got {describe(value)}")
        return ", ".join(str.casefold(word.strip()) for word in str.split(value, ","))

    def plain(self, value):
        return self.leaf(without_numpy(value))

    def told_by(self, leaf):
        return leaf
'''
EXERCISE = """\
+++ {"id": "coin-order", "points": 1, "role": "exercise"}

Order cent, euro and dime by their size.

```{code-cell} ipython3
:role: solution

coin_order = ...
### BEGIN SOLUTION
coin_order = "dime, cent, euro"
### END SOLUTION
```

```{code-cell} ipython3
:role: proof

assert coin_order == ", ".join(sorted(["cent", "dime", "euro"], key={"dime": 1, "cent": 2, "euro": 3}.get))
```

```{code-cell} ipython3
:role: mistakes

# by-value: That is by value. Order them by size.
coin_order = "cent, dime, euro"
# largest-first: Begin with the smallest.
coin_order = "euro, cent, dime"
```

+++ {"role": "hint"}

The dime is the smallest.

"""
END = "## Flashcards"
NAME = "01-coins"
TYPED = ("dime, cent, euro", " Dime,CENT , euro", "euro, cent, dime", "euro, dime, cent", 7, ...)


def told_of(root: Path) -> dict[str, object]:
    """What build, judge and verify say of the lesson in a fresh course in the folder `root`."""
    tiny = Path(__file__).with_name("tiny_course")
    shutil.copytree(tiny, root, ignore=shutil.ignore_patterns("source", "release", "work", ".*"))
    course = change(course_toml.read(root), f"{NAME}.md", (f"+++\n\n{END}", f"{EXERCISE}+++\n\n{END}"))
    build(course, course.lessons)
    glossary.write(course)
    source = (root / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    exercise = lesson_json.read(root / "release" / NAME / lesson_json.FILE).exercises["coin-order"]
    verdicts = [judge(exercise, {"coin_order": value}) for value in TYPED]
    promises = verify(course, NAME)
    change(course, f"{NAME}.md", ("The dime is the smallest.", "Not so: Dime, cent, euro."))
    spoilt = lesson.read(course.path(NAME))
    leaks, _ = answer_leaks.in_hints_and_feedback(spoilt, evaluate.evaluate(spoilt))
    return {
        "form": exercise.answers[0].form.to_json(),
        "tolerance": exercise.answers[0].tolerance,
        "tested": r"assert same(coin_order, \"dime, cent, euro\")" in source.replace("'", r"\""),
        "verdicts": [str(verdict.outcome) for verdict in verdicts],
        "misfit": messages.line(exercise, verdicts[4]),
        "problems": [str(problem) for promise in promises for problem in promise.problems],
        "spoilt": [problem.problem for problem in leaks],
    }


if __name__ == "__main__":
    print(json.dumps(told_of(Path(sys.argv[1]))))
