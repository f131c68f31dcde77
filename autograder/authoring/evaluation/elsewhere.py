"""Computes a lesson's values as another machine would: in a process that uses simpler instructions.

Which kernel the matrix library uses and which vector instructions numpy uses are settled when numpy is
loaded; so this is a program of its own, `python -m autograder.authoring.evaluation.elsewhere LESSON SECONDS`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.evaluation import evaluate
from autograder.authoring.evaluation.prepare import pictures_of
from autograder.authoring.evaluation.time_limit import allowed
from autograder.authoring.format import lesson
from autograder.core.errors import BuildError, LessonError

_PLAIN_KERNEL = {"x86_64": "Prescott", "AMD64": "Prescott", "aarch64": "ARMV8", "arm64": "ARMV8"}
"""OpenBLAS's kernel that every processor of a kind can run."""


@dataclass(frozen=True)
class Elsewhere:
    """A lesson as it came out elsewhere.

    `how` completes "computed …". `values` are those of `Evaluated.computed`, by exercise; `words` the text
    alternatives of its figures. `failure` says why there are none: code of the lesson failed.
    """

    how: str
    values: Mapping[str, list[Mapping[str, object]]]
    words: list[str]
    failure: str = ""


def elsewhere(path: Path, seconds: float) -> list[Elsewhere]:
    """The lesson at `path` with simpler instructions, and the same with inputs changed in their 13th digit.

    Raises BuildError where the process that computes it ends without an answer.
    """
    command = [
        sys.executable,
        "-m",
        "autograder.authoring.evaluation.elsewhere",
        str(path.resolve()),
        f"{seconds:g}",
    ]
    done = subprocess.run(command, env={**os.environ, **other_machine()}, capture_output=True, text=True)
    try:
        return [Elsewhere(**one) for one in json.loads(done.stdout)]
    except (ValueError, TypeError) as error:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise BuildError(f"{path} could not be computed a second time: {last}") from error


def other_machine(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables under which numpy computes as on another machine than under `environ`."""
    from numpy._core import _multiarray_umath as core  # type: ignore[attr-defined]

    used = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    kernel = _PLAIN_KERNEL.get(platform.machine(), "")
    if kernel and environ.get("OPENBLAS_CORETYPE", "").casefold() == kernel.casefold():
        kernel = "Haswell" if core.__cpu_features__.get("AVX2") else kernel
    kernels = {"OPENBLAS_CORETYPE": kernel} if kernel else {}
    return {**kernels, **({"NPY_DISABLE_CPU_FEATURES": " ".join(used)} if used else {})}


def _here(path: Path, how: str, moved: bool) -> dict[str, object]:
    try:
        text = lesson.read(path)
        values = {one.text.id: list(one.computed) for one in evaluate.evaluate(text, moved=moved)}
        # Moved inputs may change the last digit of a number in words; another machine may not.
        words = [] if moved else [words for _, words in pictures_of(text)]
    except LessonError as error:
        return {"how": how, "values": {}, "words": [], "failure": str(error)}
    return {"how": how, "values": values, "words": words}


if __name__ == "__main__":
    with allowed(float(sys.argv[2])):
        here = Path(sys.argv[1])
        found = [
            _here(here, "with another processor's arithmetic", False),
            _here(here, "with its inputs moved by 1e-13", True),
        ]
    print(json.dumps(found))
