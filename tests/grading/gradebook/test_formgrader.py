"""nbgrader's formgrader opens on what the engine graded."""

import json

import pytest

from autograder.authoring import sample_class
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.sandbox.limits import Limits
from tests.support.formgrader_server import serving

NAME = "01-coins"
pytestmark = pytest.mark.slow


@pytest.fixture
def server(built_once, tmp_path):
    """A Jupyter server with the formgrader on a class that the engine graded; gives a way to ask it."""
    room = tmp_path / "class"
    sample_class.write(courses.read(built_once), NAME, room)
    grade_course(room, "01", ("all-right", "mistakes-01", "late"), Settings(Limits(), 2))
    with serving(room, tmp_path) as running:
        yield running.ask


def test_the_formgrader_shows_the_class(server):
    assert "formgrader" in server("gradebook").lower()
    rows = {row["student"]: row for row in json.loads(server(f"api/submissions/{NAME}")) if row["autograded"]}
    assert {student: row["score"] for student, row in rows.items()} == {
        "all-right": 7,
        "mistakes-01": 0,
        "late": 7,
    }
    notebooks = json.loads(server(f"api/submitted_notebooks/{NAME}/{NAME}"))
    page = server(f"submissions/{notebooks[0]['id']}/")
    assert "coin_entropy" in page
