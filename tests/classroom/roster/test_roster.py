"""The class list: read from every export, kept in nbgrader's gradebook, every problem with its line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autograder.classroom.roster import class_list, roster
from autograder.classroom.roster.name_matching import register
from autograder.classroom.roster.roster import Learner
from autograder.core.errors import CourseError
from autograder.course.course_toml import Course
from autograder.grading.gradebook.course_directory import Classroom
from tests.support import lms_downloads as lms
from tests.support.rosters import run, written

# reading


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


# the gradebook


def test_import_show_export_and_import_again(tiny_built: Course, tmp_path: Path) -> None:
    root = tiny_built.root
    assert "0 learners" in run(root, "roster", "show").output
    assert not (root / "gradebook.db").exists()
    first = written(tmp_path / "class.csv", lms.roster_csv())
    result = run(root, "roster", "import", str(first))
    assert result.output == "Read as a list with the column id: 8 learners, 8 new, 0 changed.\n"
    for one in lms.CLASS:
        assert one.name in run(root, "roster", "show").output
    second = tmp_path / "again.csv"
    assert run(root, "roster", "export", str(second)).output == f"Wrote {second} (8 learners).\n"
    assert sorted(second.read_text(encoding="utf-8").splitlines()) == sorted(
        first.read_text(encoding="utf-8").splitlines()
    )
    assert "8 learners, 0 new, 0 changed" in run(root, "roster", "import", str(second)).output


def test_the_gradebook_is_nbgraders(tiny_built: Course, tmp_path: Path) -> None:
    """By a second route: what lies in nbgrader's own table, and what nbgrader's API reads."""
    run(tiny_built.root, "roster", "import", str(written(tmp_path / "class.csv", lms.roster_csv())))
    with closing(sqlite3.connect(tiny_built.root / "gradebook.db")) as database:
        rows = database.execute(
            "select id, first_name, last_name, email, lms_user_id from student"
        ).fetchall()
    assert set(rows) == {(one.id, one.first, one.last, one.email, str(one.number)) for one in lms.CLASS}
    with Classroom(tiny_built.root).gradebook() as gradebook:
        assert gradebook.find_student("am12").last_name == "Müller"
        assert gradebook.db.execute(roster_version()).scalar()  # as nbgrader stamps its tables


def roster_version():  # type: ignore[no-untyped-def]
    from sqlalchemy import text

    return text("select version_num from alembic_version")


def test_an_import_changes_what_it_names_and_nothing_else(tiny_built: Course, tmp_path: Path) -> None:
    root = tiny_built.root
    run(root, "roster", "import", str(written(tmp_path / "class.csv", lms.roster_csv())))
    more = written(
        tmp_path / "more.csv", "id,name,email\nam12,Anna Maria Müller,\nnew1,Neo New,neo@uni.example\n"
    )
    result = run(root, "roster", "import", str(more))
    assert "2 learners, 1 new, 1 changed" in result.output
    assert "(they stay): be11, jo34" in result.output
    found = {one.id: one for one in roster.read(Classroom(root))}
    assert found["am12"] == Learner("am12", "Anna Maria", "Müller", "am12@uni.example", "101")
    assert len(found) == 9


def test_one_person_under_two_ids_is_refused_and_nothing_changes(tiny_built: Course, tmp_path: Path) -> None:
    root = tiny_built.root
    run(root, "roster", "import", str(written(tmp_path / "class.csv", lms.roster_csv())))
    before = roster.read(Classroom(root))
    bad = written(
        tmp_path / "bad.csv", "id,name,email\nfirst,First,f@uni.example\nother,Anna,AM12@uni.example\n"
    )
    result = run(root, "roster", "import", str(bad))
    assert result.exit_code == 1
    assert "other: AM12@uni.example belongs to am12 in the roster" in result.output
    assert roster.read(Classroom(root)) == before


def test_the_canvas_gradebook_fills_in_numbers(tiny_built: Course, tmp_path: Path) -> None:
    root = tiny_built.root
    few = "id,name\n" + "".join(f"{one.id},{one.name}\n" for one in lms.CLASS[:3])
    run(root, "roster", "import", str(written(tmp_path / "few.csv", few)))
    result = run(root, "roster", "import", str(written(tmp_path / "canvas.csv", lms.canvas_gradebook())))
    assert "Canvas gradebook: 8 learners, 5 new, 3 changed" in result.output
    assert {one.id: one.lms_id for one in roster.read(Classroom(root))} == {
        one.id: str(one.number) for one in lms.CLASS
    }


def test_export_into_no_folder_is_one_line(tiny_built: Course, tmp_path: Path) -> None:
    result = run(tiny_built.root, "roster", "export", str(tmp_path / "none" / "x.csv"))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


# matching


PEOPLE = register(
    [
        *(Learner(one.id, one.first, one.last, one.email, str(one.number)) for one in lms.CLASS),
        Learner("w1", "Chen", "Wei", "same@one.example"),
        Learner("w2", "Wei", "Chen", "same@two.example"),
        Learner("m2", "Anna", "Mueller"),
        Learner("anna", "Annabel", "Lee"),
        Learner("123456", "Num", "Ber"),
    ]
)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Anna Müller", "am12"),
        ("Anna Mu\u0308ller", "am12"),
        ("müller, anna", "am12"),
        ("mülleranna", "am12"),
        ("Anna Muller", "am12"),
        ("Anna Mueller", "m2"),
        ("Jose Nunez Garcia", "jo34"),
        ("núñezgarcíajosé", "jo34"),
        ("Lukasz Oster-Baek", "lo56"),
        ("Lukasz Oester Baek", "lo56"),
        ("Siobhan OBrien", "si78"),
        ("王伟", "wa90"),
        ("Berg, Anna van der", "be11"),
        ("Zoe Gross", "zo22"),
        ("Anna", None),
        ("Müller", None),
        ("Chen Wei", None),
        ("", None),
        ("!!!", None),
    ],
)
def test_names_find_their_learner(text: str, id_: str | None) -> None:
    match = PEOPLE.by_name(text)
    assert (match.learner.id if match.learner else None) == id_
    assert bool(match.reason) == (id_ is None)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("AM12", "am12"),
        ("am12@uni.example", "am12"),
        ("am12_01-coins", "am12"),
        ("01-coins_am12", "am12"),
        ("am12 lesson 1 final (2)", "am12"),
        ("Anna Müller - 01-coins", "am12"),
        ("am12@uni.example_01-coins", "am12"),
        ("123456_01-coins", "123456"),
        ("anna", "anna"),
        ("anna_schmidt", None),
        ("schmidt_anna", None),
        ("same", None),
        ("01-coins", None),
        ("Wei Chen_01-coins", None),
    ],
)
def test_files_named_by_people_find_their_learner(text: str, id_: str | None) -> None:
    match = PEOPLE.by_anything(text, ["01-coins"])
    assert (match.learner.id if match.learner else None) == id_


def test_two_who_fit_are_named_and_neither_is_taken() -> None:
    match = PEOPLE.by_name("Chen Wei")
    assert match.is_ambiguous
    assert match.reason == "several in the roster fit 'Chen Wei': w1, w2"


def test_somebody_unknown_gets_the_nearest_names() -> None:
    assert [one.id for one in PEOPLE.nearest("Jose Nunes Garcia")] == ["jo34"]
    assert PEOPLE.nearest("Xaver Quux") == []
