"""A map over cores gives what a loop gives, and raises what a loop raises."""

import os
from pathlib import Path

import pytest

from autograder.authoring.evaluation.process_map import in_parallel
from autograder.core.errors import LessonError, Problem


@pytest.mark.parametrize("count", [0, 1, 2, 5, 17])
def test_in_parallel_is_a_map(count):
    assert in_parallel(lambda item: (item, [item] * 1000), range(count)) == [
        (item, [item] * 1000) for item in range(count)
    ]


@pytest.mark.parametrize("bad", [0, 1, 4])
def test_an_error_comes_back_whole(bad):
    problem = Problem(Path("lessons/01-x.md"), 7, "wrong", "mend it")

    def make(item):
        if item == bad:
            raise LessonError(problem)
        return item

    with pytest.raises(LessonError) as caught:
        in_parallel(make, range(5))
    assert caught.value.problems == (problem,)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nothing is forked")
def test_a_process_that_dies_is_an_error():
    here = os.getpid()
    with pytest.raises(RuntimeError, match="died"):
        in_parallel(lambda item: os._exit(3) if os.getpid() != here else item, range(4))
