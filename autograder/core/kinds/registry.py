"""Every kind that an answer may be. To add one, add a row here and a file beside this one."""

from __future__ import annotations

from autograder.core.kinds.choice import ChoiceForm
from autograder.core.kinds.form import Form, LeafForm
from autograder.core.kinds.integer import IntegerForm
from autograder.core.kinds.mapping import MappingForm
from autograder.core.kinds.number import NumberForm
from autograder.core.kinds.sequence import SequenceForm
from autograder.core.kinds.true_types import describe, without_numpy
from autograder.core.kinds.truth import TruthForm

KINDS: tuple[type[Form], ...] = (
    TruthForm,
    IntegerForm,
    NumberForm,
    ChoiceForm,
    SequenceForm,
    MappingForm,
)
"""The first that knows a reference value is its kind."""


def form_of(reference: object) -> Form:
    """The form of a reference value.

    Raises TypeError for a value that cannot be an answer (a complex number, nan, an object).
    """
    value = without_numpy(reference)
    for kind in KINDS:
        form = kind.of(value, form_of)
        if form is not None:
            return form
    raise TypeError(f"{describe(value)} cannot be an answer")


def form_from_json(data: object) -> Form:
    """The form that `Form.to_json` wrote. Raises ValueError where no kind knows it."""
    for kind in KINDS:
        form = kind.from_json(data, form_from_json)
        if form is not None:
            return form
    raise ValueError(f"no kind of answer is called {data!r}")


def may_be() -> str:
    """What an answer may be, in words for an author."""
    leaves = [kind.words for kind in KINDS if issubclass(kind, LeafForm)]
    parts = [kind.words.removeprefix("a ") for kind in KINDS if not issubclass(kind, LeafForm)]
    return f"{', '.join(leaves)}, or a {' or '.join(parts)} of these"
