"""The trial's submissions."""

from __future__ import annotations

import json

from autograder.grading.submission.repair import repair
from autograder.grading.trial.sources import NoTrial, trial_sources
from tests.support.trial_cells import answer, check, given, notebook

STUB = "raise NotImplementedError()"
CELLS = [given("import math"), answer("a", "x = 1"), answer("b", "y = 2"), check("t", "assert x + y == 3")]


def texts(data):
    return [cell["source"] for cell in json.loads(data)["cells"]]


def sources(*cells, **more):
    return trial_sources(notebook(*cells), **more)


def test_teacher_release_and_each_single_answer_missing():
    found = sources(*CELLS)
    assert [one.name for one in found] == ["teacher", "release", "without a", "without b"]
    answers = [["".join(text) for text in texts(one.notebook)][1:3] for one in found]
    assert answers == [["x = 1", "y = 2"], [STUB, STUB], [STUB, "y = 2"], ["x = 1", STUB]]
    assert [one.missing for one in found] == ["", "", "a", "b"]


def test_each_is_a_notebook_that_needs_no_repair():
    snapshot = notebook(*CELLS)
    for one in trial_sources(snapshot):
        repaired = repair(one.notebook, snapshot)
        assert repaired.notes == ()
        assert repaired.notebook.cells[3].source == "assert x + y == 3"


def test_an_answer_that_is_its_own_stub_is_no_answer():
    found = sources(*CELLS, answer("free", STUB))
    assert [one.missing for one in found] == ["", "", "a", "b"]


def test_a_region_in_a_cell_that_nbgrader_does_not_know_is_an_answer():
    region = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    found = sources(*CELLS, given(region))
    assert found[-1].missing == "cell 5"
    assert "".join(texts(found[-1].notebook)[4]) == f"def f():\n    # YOUR CODE HERE\n    {STUB}"
    assert "".join(texts(found[0].notebook)[4]) == region


def test_the_released_text_of_such_a_cell_counts_where_it_is_known():
    region = "### BEGIN SOLUTION\nz = 1\n### END SOLUTION"
    release = {
        "cells": [{"cell_type": "code", "id": "c4", "source": ["z = ...\n"], "metadata": {}, "outputs": []}]
    }
    found = sources(*CELLS, given(region), release=json.dumps(release).encode())
    assert "".join(texts(found[-1].notebook)[4]) == "z = ...\n"


def test_a_course_without_solutions_cannot_be_tried():
    found = sources(given("import math"), answer("a", STUB), check("t", "assert x == 1"))
    assert isinstance(found, NoTrial)
    assert found.reason == "the source notebook holds no solutions"


def test_a_course_without_a_source_cannot_be_tried():
    assert isinstance(sources(), NoTrial)
