"""grades.csv is read by spreadsheets and by scripts: no name can move a score, add a row or be a formula."""

import csv

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from autograder.grading.gradebook import course_directory
from autograder.grading.gradebook.grades_csv import export

PEOPLE = [
    {"id": "ann", "last_name": "King, Jr.", "first_name": 'Ann "A"', "email": "ann@example.org"},
    {"id": "eve\nones,,,victim,V,V,v@x,99,0,99,99", "last_name": "E"},
    {"id": "red\r\nones,,,other,V,V,v@x,99,0,99,99", "last_name": "R"},
    {"id": '=HYPERLINK("http://e")', "last_name": "+1+1", "first_name": "@SUM(A1)", "email": "-2"},
    {"id": "\t=1+1", "last_name": "T", "first_name": "\x0b=1"},
]


@pytest.fixture
def room(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "x"\n')
    return course_directory.Classroom(tmp_path)


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file, strict=True))


def add(gradebook, people):
    gradebook.add_assignment("ones", duedate="2030-01-01")
    for person in people:
        more = dict(person)
        gradebook.add_student(more.pop("id"), **more)


def test_no_name_moves_a_score_or_adds_a_row(room, tmp_path):
    with room.gradebook() as gradebook:
        add(gradebook, PEOPLE)
    export(room, tmp_path / "grades.csv")
    rows = rows_of(tmp_path / "grades.csv")
    assert len(rows) == len(PEOPLE)
    assert all(None not in row and row["score"] == "0.0" for row in rows)
    ann = next(row for row in rows if row["student_id"] == "ann")
    assert (ann["last_name"], ann["first_name"]) == ("King, Jr.", 'Ann "A"')
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_harmless_names_make_the_same_bytes_as_nbgrader(room, tmp_path):
    with room.gradebook() as gradebook:
        assert isinstance(gradebook, Gradebook)
        people = [
            {"id": "ann-1", "last_name": "O'Neil", "first_name": "Ann Mary", "email": "a+b@example.org"},
            {"id": "zoë", "last_name": "Ünal"},
            {"id": "no-name"},
        ]
        add(gradebook, people)
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    export(room, tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()
