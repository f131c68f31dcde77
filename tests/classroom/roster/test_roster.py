"""The class, kept in nbgrader's gradebook; and whose name a name is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autograder.classroom.roster import roster
from autograder.classroom.roster.name_matching import register
from autograder.classroom.roster.roster import Learner
from autograder.course.course_toml import Course
from autograder.grading.gradebook.course_directory import Classroom
from tests.support import lms_downloads as lms
from tests.support.rosters import run, written

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
