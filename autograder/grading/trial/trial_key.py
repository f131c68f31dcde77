"""By what a kept trial is known: everything that could change what it showed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata

from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.imports import imports_in
from autograder.grading.trial.trial_plan import VERSION


@dataclass(frozen=True)
class Surroundings:
    """Where a trial runs.

    engine:   the engine's version, which changes when it would grade otherwise
    python:   Python's version in full
    packages: the versions of what the notebooks import, by the imported name
    limits:   the limits of a job by name
    tier:     the sandbox's tier
    """

    engine: str
    python: str
    packages: Mapping[str, str]
    limits: Mapping[str, float]
    tier: int


def trial_key(snapshot: str, release: Mapping[str, bytes], surroundings: Surroundings) -> str:
    """The key of a trial.

    Args:
        snapshot: The snapshot's digest: sources, files, nbgrader's configuration.
        release: The released notebooks by name.
        surroundings: Where it runs.

    Returns:
        64 hexadecimal digits.
    """
    parts = {
        "form": VERSION,
        "snapshot": snapshot,
        "release": {name: hashlib.sha256(data).hexdigest() for name, data in release.items()},
        "engine": surroundings.engine,
        "python": surroundings.python,
        "packages": dict(surroundings.packages),
        "limits": dict(surroundings.limits),
        "tier": surroundings.tier,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def imported_modules(sources: Iterable[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The libraries that cells and the modules beside the notebook import, by their first name, sorted."""
    texts = [
        *sources,
        *(data.decode("utf-8", "replace") for name, data in files.items() if name[-3:] == ".py"),
    ]
    local = {name.split("/")[0].removesuffix(".py") for name in files}
    trees = [tree for text in texts if (tree := parsed(text).tree) is not None]
    found = {one.module.split(".")[0] for tree in trees for one in imports_in(tree)}
    return tuple(sorted(found - local - {""}))


def versions_of(modules: Iterable[str]) -> dict[str, str]:
    """The installed versions of libraries by the imported name; Python's own modules have none."""
    owners = metadata.packages_distributions()
    return {
        module: " ".join(f"{owner} {metadata.version(owner)}" for owner in sorted(set(owners[module])))
        for module in modules
        if module in owners
    }
