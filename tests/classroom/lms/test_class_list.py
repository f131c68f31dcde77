"""A class list is read from every export, and every problem has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom.lms import class_list
from autograder.classroom.roster.roster import Learner
from autograder.core.errors import CourseError
from tests.support import lms_downloads as lms
from tests.support.rosters import written

ANNA = Learner("am12", "Anna", "Müller", "am12@uni.example", "101")


@pytest.mark.parametrize(
    ("source", "text", "learner"),
    [
        ("id", "id,first_name,last_name,email,lms_user_id\nam12,Anna,Müller,am12@uni.example,101\n", ANNA),
        ("id", "ID,Name,Email,LMS ID\nam12,Anna Müller,am12@uni.example,101\n", ANNA),
        ("id", 'Student ID;Name;E-Mail;lms_id\nam12;"Müller, Anna";am12@uni.example;101\n', ANNA),
        ("id", "id\nam12\n", Learner("am12")),
        (
            "Moodle participants",
            "First name,Surname,ID number,Institution,Department,Email address,Last downloaded\n"
            "Anna,Müller,,Uni,,am12@uni.example,1\n",
            Learner("am12@uni.example", "Anna", "Müller", "am12@uni.example"),
        ),
        (
            "Moodle participants",
            "Vorname;Nachname;Anmeldename;E-Mail-Adresse\nAnna;Müller;am12;am12@uni.example\n",
            Learner("am12", "Anna", "Müller", "am12@uni.example"),
        ),
        (
            "Moodle grading worksheet",
            "Identifier,Full name,ID number,Email address,Status,Grade,Last modified (submission)\n"
            "Participant 101,Anna Müller,am12,am12@uni.example,No submission,,-\n",
            Learner("am12", "Anna", "Müller", "am12@uni.example"),
        ),
        (
            "Canvas gradebook",
            "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
            '"Müller, Anna",101,,am12,S1\n'
            '"Student, Test",9,,x,S1\n',
            Learner("am12", "Anna", "Müller", "", "101"),
        ),
        (
            "Canvas gradebook",
            'Student,ID,Section\n"Müller, Anna",101,S1\n',
            Learner("101", "Anna", "Müller", "", "101"),
        ),
        (
            "Canvas users",
            "canvas_user_id,user_id,login_id,first_name,last_name,full_name,sortable_name,email,status\n"
            '101,s-1,am12,Anna,Müller,Anna Müller,"Müller, Anna",am12@uni.example,active\n',
            ANNA,
        ),
    ],
)
def test_every_export_is_read(tmp_path: Path, source: str, text: str, learner: Learner) -> None:
    found = class_list.read(written(tmp_path / "class.csv", text))
    assert source in found.source
    assert found.learners == (learner,)
    assert found.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, comma: str) -> None:
    text = lms.roster_csv().replace(",", comma).replace("\n", "\r\n")
    found = class_list.read(written(tmp_path / "class.csv", text, encoding))
    assert [one.name for one in found.learners] == [one.name for one in lms.CLASS]
    assert found.notes == ()


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "class.csv", "id,name\nbo,Bo\nam12,Anna Müller\n", "latin-1")
    found = class_list.read(path)
    assert found.learners[1].name == "Anna Müller"
    assert f"{path}:3: is not UTF-8 and was read as Windows-1252: 'am12,Anna Müller'" in found.notes[0]
    mac = written(tmp_path / "mac.csv", "id,name\nam12,Anna Müller\n", "mac_roman")
    assert class_list.read(mac, "mac_roman").learners[0].name == "Anna Müller"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["is empty"]),
        ("id,name\n", ["lists nobody"]),
        ("id,name\n\n , \n", ["lists nobody"]),
        ("name,email\nAnna,a@b\n", [":1:", "the columns are name, email", "column id"]),
        ("id,name\na,A\nb,B\n\na,C\n", [":5:", "the id 'a' stands in line 2 already"]),
        ("id,name\na,A\nA,B\n", [":3:", "the id 'A' stands in line 2 already"]),
        ('id,name\na,"two\nlines"\nb,B\na,C\n', [":5:", "'a' stands in line 2 already"]),
        ("id,email\na,x@y\nb,X@y\n", [":3:", "email address 'X@y' stands in line 2 already"]),
        ("id,lms_id\na,7\nb,7\n", [":3:", "platform's number '7' stands in line 2 already"]),
        ("id,name\n,Anna\n", [":2:", "the id '' (column id) is empty"]),
        ("id,name\n../x,Anna\n", [":2:", "holds /"]),
        ("id,name\n..,Anna\n", [":2:", "begins or ends with a dot"]),
        ("id,name\ncon.1,Anna\n", [":2:", "device"]),
        ("id,name\na\x07b,Anna\n", [":2:", "cannot be printed"]),
        (f"id,name\n{'a' * 129},Anna\n", [":2:", "too long"]),
        (f"id,name\na,Anna {'a' * 129}\n", [":2:", "last name is longer than 128"]),
        ("id,id\na,b\n", [":1:", "the column id is there twice"]),
        ("id,name\n,A\na/b,B\nc,C\nc,D\n", [":2:", ":3:", ":5:", "Nothing was imported"]),
        ("Student,ID,SIS Login ID,Section\nA,,,S1\nB,2,bo,S1\n", [":2:", "is empty"]),
    ],
)
def test_every_problem_has_its_line(tmp_path: Path, text: str, words: list[str]) -> None:
    path = written(tmp_path / "class.csv", text)
    with pytest.raises(CourseError) as error:
        class_list.read(path)
    for word in words:
        assert word in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (b"id,name\na,A\nb,\x81\n", None, ":3: is neither UTF-8 nor Windows-1252"),
        (b"id,name\na,\xff\n", "utf-8", ":2: is not utf-8"),
        (b"\xff\xfei\0d\0\n\0a", None, "is not utf-16"),
        (b"id\na\n", "klingon", "no encoding 'klingon'"),
        (b'id,name\na,"' + b"x" * 140_000 + b'"\n', None, ":2: field larger"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, data: bytes, encoding: str | None, words: str) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(data)
    with pytest.raises(CourseError) as error:
        class_list.read(path, encoding)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
