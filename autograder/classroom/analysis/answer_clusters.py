"""Clusters of wrong values that no mistake explains: each is a mistake that an author could write next.

A cluster is all the values that a mistake with its middle value would recognise: within the tolerance, answer
by answer, by the judge's own rule (`values.same`). The middle is one of the values that learners typed, the
one that covers most; then those are set aside and the next is looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.authoring.evaluation import evaluate
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format import lesson
from autograder.authoring.roles.cell import Cell
from autograder.classroom.analysis import formula_guesses, unexplained
from autograder.classroom.analysis.formula_guesses import is_finite
from autograder.classroom.analysis.graded_class import GradedClass
from autograder.classroom.analysis.unexplained import Profile
from autograder.core.model import Exercise
from autograder.core.python_literals import literal
from autograder.core.values import same

SLUG = "slug-to-name"
FEEDBACK = "Say which idea leads to this value, and what to do instead."
FEWEST = 2
"""Learners that make a cluster; a value of one alone is only counted."""


@dataclass(frozen=True)
class Cluster:
    """Wrong values that one mistake would explain. `middle` is typical of them, by answer not right.

    `lines` is what to paste into the exercise's mistakes cell, at `paste_after` (path:line); '' where that
    would break a promise of the lesson, or it has no Markdown here: `why_not` says so. `relation` is a guess
    in words of what the value is.
    """

    lesson: str
    exercise: str
    middle: Profile
    holders: tuple[str, ...]
    values: tuple[str, ...]
    lines: str = ""
    paste_after: str = ""
    relation: str = ""
    why_not: str = ""

    @property
    def value(self) -> str:
        """The middle, as it would be typed."""
        return "; ".join(f"{name} = {literal(value)}" for name, value in self.middle.items())


@dataclass(frozen=True)
class Unexplained:
    """The unknown wrong values of one exercise.

    `single` are the learners with a value of their own, `unread` those whose value is computed.
    """

    exercise: str
    clusters: tuple[Cluster, ...] = ()
    single: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many learners have a wrong answer here that no mistake explains."""
        return sum(len(one.holders) for one in self.clusters) + len(self.single) + len(self.unread)


def author_values(path: Path, wanted: Iterable[str] | None = None) -> dict[str, Evaluated]:
    """The lesson's own values by exercise; {} where its Markdown is not here. Raises LessonError.

    Of `wanted` exercises only, and never of coding exercises: nobody types their values, and running their
    wrong implementations takes seconds.
    """
    if not path.is_file():
        return {}
    text, needed = lesson.read(path), None if wanted is None else set(wanted)
    blocks: list[lesson.Block] = []
    for block in text.blocks:
        if isinstance(block, Cell) or not (block.answers or (needed is not None and block.id not in needed)):
            blocks.append(block)
    return {one.text.id: one for one in evaluate.evaluate(replace(text, blocks=tuple(blocks)))}


def gather(graded: GradedClass, known: Mapping[str, Evaluated]) -> list[Unexplained]:
    """The unknown wrong values of every exercise that has some."""
    made = []
    for name in graded.points:
        wrong = unexplained.students(graded, name)
        if wrong:
            asked, profiles = graded.exercise(name), unexplained.profiles(graded, name)
            groups = list(_groups(asked, profiles)) if asked else []
            several = [group for group in groups if len(group[1]) >= FEWEST]
            made.append(
                Unexplained(
                    name,
                    tuple(_clusters(graded, name, several, profiles, known.get(name))),
                    tuple(sorted(s for _, those in groups if len(those) < FEWEST for s in those)),
                    tuple(student for student in wrong if student not in profiles),
                )
            )
    return made


Group = tuple[Profile, list[str]]


def _groups(asked: Exercise, profiles: Mapping[str, Profile]) -> Iterator[Group]:
    """(middle, learners), the largest first; every learner is in one."""
    within = {answer.name: answer.tolerance for answer in asked.answers}
    left = dict(profiles)
    while left:
        distinct = {repr(dict(profile)): profile for profile in left.values()}
        counts = Counter(repr(dict(profile)) for profile in left.values())
        covers = {
            key: sum(counts[other] for other, p in distinct.items() if recognises(middle, p, within))
            for key, middle in distinct.items()
        }
        most = max(covers.values())
        far = {
            key: sum(
                counts[other] * _distance(middle, p)
                for other, p in distinct.items()
                if recognises(middle, p, within)
            )
            for key, middle in distinct.items()
            if covers[key] == most
        }
        # Of equals the value with more answers in it, then the more frequent, then the one in the middle.
        best = min(far, key=lambda key: (-len(distinct[key]), -counts[key], far[key], key))
        middle = distinct[best]
        those = sorted(student for student, p in left.items() if recognises(middle, p, within))
        yield middle, those
        for student in those:
            del left[student]


def _distance(one: Profile, other: Profile) -> float:
    """How far apart the numbers of two profiles are, all together."""
    pairs = [(one[name], value) for name, value in other.items() if name in one]
    numbers = [(a, b) for a, b in pairs if is_finite(a) and is_finite(b)]
    return sum(abs(a - b) for a, b in numbers)


def recognises(middle: Profile, other: Profile, within: Mapping[str, float]) -> bool:
    """Whether a mistake explains the wrong values of a learner.

    Args:
        middle: The values that the mistake leads to, by answer.
        other: The learner's wrong values, by answer.
        within: The tolerance of each answer.

    Returns:
        True where every value in `other` is within the tolerance of the mistake's for that answer.
    """
    return all(name in middle and _alike(value, middle[name], within[name]) for name, value in other.items())


def _alike(value: object, reference: object, within: float) -> bool:
    try:
        return same(value, reference, within)
    except TypeError:  # what cannot be an answer at all, a nan say, is like nothing
        return False


def _clusters(
    graded: GradedClass,
    name: str,
    groups: Sequence[Group],
    profiles: Mapping[str, Profile],
    one: Evaluated | None,
) -> Iterator[Cluster]:
    taken: list[Mapping[str, object]] = []  # what is suggested already, as a mistake's whole values
    for middle, students in groups:
        shown = Counter(
            "; ".join(literal(value) for value in profiles[student].values()) for student in students
        )
        values = tuple(f"{text} ({count})" for text, count in shown.most_common(6))
        made = Cluster(graded.assignment, name, dict(middle), tuple(students), values)
        if one is None:
            yield replace(made, why_not="the lesson's Markdown is not here")
            continue
        typed = _typed(one, middle, [profiles[student] for student in students])
        whole = {**one.references, **{key: answer.value for key, answer in typed.items()}}
        if problem := _too_near(one, whole, taken):
            yield replace(made, why_not=problem)
            continue
        number = len(taken) + 1
        taken.append(whole)
        slug = SLUG if number == 1 else f"{SLUG}-{number}"
        code = [f"{key} = {answer.code}" for key, answer in typed.items()]
        last = one.text.mistakes[-1]
        yield replace(
            made,
            lines="\n".join([f"# {slug}: {FEEDBACK}", *code]),
            paste_after=f"lessons/{one.text.prompt.path.name}:{_last_line(last.code, last.code_line)}",
            relation="; ".join(answer.words for answer in typed.values() if answer.words),
        )


def _last_line(code: str, first: int) -> int:
    return first + len(code.rstrip("\n").splitlines()) - 1


@dataclass(frozen=True)
class _Typed:
    """One answer of a suggested mistake: what to type, its value, and the guess in words or ''."""

    code: str
    value: object
    words: str = ""


def _typed(one: Evaluated, middle: Profile, held: Sequence[Profile]) -> dict[str, _Typed]:
    """What to type for each answer of a mistake with the values `middle`; `held` are the learners' values.

    An expression is taken only where the mistake that it makes explains all that the middle value explains.
    """
    made = {}
    for name, value in middle.items():
        within = one.text.tolerances[name] if isinstance(one.references[name], float) else 0.0
        found = formula_guesses.find(one, name, value, within)
        theirs = [profile[name] for profile in held if name in profile]
        if found and all(_alike(each, found.value, within or 1e-9) for each in theirs):
            made[name] = _Typed(found.expression, found.value, found.words)
        else:
            typed = float(value) if type(value) is int and within else value  # 2 for a number that is 2.0
            made[name] = _Typed(literal(typed), typed)
    return made


def _too_near(one: Evaluated, whole: Mapping[str, object], taken: Sequence[Mapping[str, object]]) -> str:
    """Why the mistake cannot be told apart, as `autograder verify` asks; '' where it can."""
    rows = [("the right answer", one.references)]
    rows += [(f"the mistake {mistake.slug}", values) for mistake, values in one.mistakes]
    rows += [("another value above", values) for values in taken]
    for words, values in rows:
        if all(_alike(whole[key], values[key], 2 * one.text.tolerances[key]) for key in one.text.names):
            return f"it lies within two tolerances of {words}; a smaller tolerance would tell them apart"
    return ""
