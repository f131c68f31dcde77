"""What Dask calls on a worker: it grades one submission at a time, from bytes to bytes.

Such a process has no course, no gradebook and no file of the grader's. It keeps its fork servers warm from
one submission to the next, one for each way of grading that it is asked for.
"""

from __future__ import annotations

import json
import pickle
import platform
import threading
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from importlib.metadata import version
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from autograder.grading.trial.assigned import Assigned

MOST_FORK_SERVERS = 3
"""Graders with other limits or other imports have fork servers of their own; the one used last goes last."""
MOST_ASSIGNMENTS = 8
"""After so many lessons, or versions of one, what was kept of them is forgotten."""
MATTER = ("numpy", "matplotlib", "ipython", "ipykernel")
"""Libraries whose version shows in what a notebook prints."""

_turn = threading.Lock()  # a worker with several threads grades one submission at a time all the same
_warm: OrderedDict[str, _Warm] = OrderedDict()


class _Asked(TypedDict):
    """How a grader wants its submissions graded, as it travels."""

    engine: str
    limits: dict[str, float]
    lowest_tier: int
    preload: list[str]


def asked_for(limits: Mapping[str, float], lowest_tier: int, preload: list[str]) -> str:
    """How a grader wants its submissions graded, as text: the same text is the same fork server.

    Args:
        limits: The fields of the jobs' Limits.
        lowest_tier: The worst tier of the sandbox that a worker may grade in.
        preload: Modules that submissions will import.

    Returns:
        JSON with sorted keys, and the engine's version in it.
    """
    from autograder.grading.execution.grade_submission import ENGINE

    asked: _Asked = {
        "engine": ENGINE,
        "limits": dict(limits),
        "lowest_tier": lowest_tier,
        "preload": preload,
    }
    return json.dumps(asked, sort_keys=True)


def versions() -> dict[str, str]:
    """What results depend on besides the engine."""
    return {"python": platform.python_version(), **{name: version(name) for name in MATTER}}


def greet(asked: str) -> bytes:
    """Warm up, and say with what and behind which walls this worker grades, or why it does not."""
    with _turn:
        said: dict[str, object] = {"versions": versions()}
        try:
            said["tier"] = _ready(asked).tier
        except Exception as error:
            said["refused"] = str(error)
        return json.dumps(said).encode()


def work(asked: str, assigned: bytes, job: bytes) -> bytes:
    """Grade one submission. Never raises: Dask would send the exception as a pickle to the grader.

    Args:
        asked: What `asked_for` gave.
        assigned: The assignment, an Assigned, pickled by the grader.
        job: The Job, pickled by the grader, without the student's name.

    Returns:
        JSON for `result_codec.parsed`: a result, or "refused" or "failed" with the reason.
    """
    from autograder.core.errors import GradingError
    from autograder.grading.dispatch.result_codec import packed
    from autograder.grading.execution.grade_submission import grade
    from autograder.grading.rpc.channel import Broken

    with _turn:
        try:
            warm = _ready(asked)
        except GradingError as error:
            return json.dumps({"refused": str(error)}).encode()
        try:
            # Not a student's bytes: the grader wrote them, and Dask runs what it sends in any case.
            done = grade(
                pickle.loads(job), warm.assignment(assigned), warm.limits, warm.connection, warm.cache
            )
            return packed(done, warm.tier)
        except Broken as error:
            _warm.pop(asked).close()
            return json.dumps({"failed": f"its fork server ended: {error}"}).encode()
        except Exception as error:
            return json.dumps({"failed": f"{type(error).__name__}: {error}"[:500]}).encode()


class _Warm:
    """A fork server, and what is kept for it."""

    def __init__(self, asked: _Asked):
        from autograder.grading.execution.worker_cache import WorkerCache
        from autograder.grading.forkserver.client import ForkServer
        from autograder.grading.sandbox.limits import Limits

        self.limits = Limits(**asked["limits"])  # type: ignore[arg-type]  # as asdict made them
        self.fork_server = ForkServer(1, self.limits, asked["lowest_tier"], preload=asked["preload"])
        self.connection = self.fork_server.connections[0]
        self.assigned: dict[bytes, Assigned] = {}
        self.cache = WorkerCache(MOST_ASSIGNMENTS)
        try:
            self.tier: int = self.fork_server.wait().tier
        except BaseException:
            self.close()
            raise

    def assignment(self, data: bytes) -> Assigned:
        """The assignment in these bytes, unpacked once."""
        key = blake2b(data, digest_size=16).digest()
        if key not in self.assigned:
            if len(self.assigned) >= MOST_ASSIGNMENTS:
                self.assigned.clear()
                self.cache.clear()
            self.assigned[key] = pickle.loads(data)
        return self.assigned[key]

    def close(self) -> None:
        self.fork_server.close()


def _ready(text: str) -> _Warm:
    """The fork server for this way of grading. Raises GradingError where this worker must not, or cannot."""
    from autograder.core.errors import GradingError
    from autograder.core.lazy_imports import without_format_checks
    from autograder.grading.execution.grade_submission import ENGINE

    asked = json.loads(text)
    if asked["engine"] != ENGINE:
        raise GradingError(
            f"it has the engine {ENGINE!r}, and this grader {asked['engine']!r}: install one version"
        )
    without_format_checks()
    found = _warm.get(text)
    if found is not None and found.fork_server.process.poll() is not None:
        _warm.pop(text).close()
        found = None
    if found is None:
        while len(_warm) >= MOST_FORK_SERVERS:
            _warm.popitem(last=False)[1].close()
        found = _warm[text] = _Warm(asked)
    _warm.move_to_end(text)
    return found
