"""Exports, read back by the rules of the platforms: gradebook_importer.rb, importgradeslib.php."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.classroom.lms import canvas, grade_sheets, moodle, people_matching
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.cli.instructor import export as export_verb
from autograder.core.errors import CourseError
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.submission_marks import Person
from tests.support.injections import CELLS

# nbgrader's own API, while it adds a submission.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "small"\n'
DUE = dt.datetime(2030, 1, 7, 12)
CLASS = (
    # id, first, last, email, the platform's number, points of (coins: a 2, b 3; dice: c 10), penalty
    ("zoe", "Zoë", "O'Neil", "zoe@x.invalid", "101", ((2, 3), (10,)), 0.0),
    ("li", "李", "小龙", "li@x.invalid", "102", ((2, 1 / 3), (7.25,)), 1.0),
    ("rene", 'René "R"', "de la Cruz, Jr.", "", "103", ((0, 0), None), None),
    ("late", "Lā", "Te", "late@x.invalid", "", ((1, 0), (2,)), 5.0),
    ("gone", "Gö", "Ne", "gone@x.invalid", "105", (None, None), None),
)


def make(root: Path, people=CLASS) -> Path:
    """A gradebook as nbgrader's own API fills it."""
    root.mkdir(exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    with Classroom(root).gradebook() as gradebook:
        for name, cells in (("01-coins", {"a": 2, "b": 3}), ("02-dice", {"c": 10})):
            gradebook.add_assignment(name, duedate=DUE)
            gradebook.add_notebook(name, name)
            for cell, most in cells.items():
                gradebook.add_grade_cell(cell, name, name, max_score=most, cell_type="code")
        for id_, first, last, email, number, lessons, penalty in people:
            gradebook.add_student(
                id_, first_name=first, last_name=last, email=email or None, lms_user_id=number or None
            )
            for name, cells, points in zip(("01-coins", "02-dice"), ("ab", "c"), lessons, strict=True):
                if points is None:
                    continue
                gradebook.add_submission(name, id_, timestamp=DUE)
                for cell, score in zip(cells, points, strict=True):
                    grade = gradebook.find_grade(cell, name, name, id_)
                    grade.auto_score, grade.needs_manual_grade = score, False
                if penalty:
                    gradebook.find_submission_notebook(name, name, id_).late_submission_penalty = penalty
        gradebook.db.commit()
    return root


@pytest.fixture
def room(tmp_path):
    return make(tmp_path / "class")


def run(root, what, form, *options):
    to = root / "made.csv"
    command = [what, "--format", form, "--to", str(to), "--course", str(root), *options]
    done = CliRunner().invoke(export_verb.export, command)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return to, done


def nbgraders_own(root):
    """The scores as `nbgrader export` writes them."""
    from autograder.grading.gradebook.grades_csv import export as write

    write(Classroom(root), root / "grades.csv")
    with (root / "grades.csv").open() as file:
        return {(row["student_id"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}


# Readers of their own, from the platforms' sources


class Canvas:
    """What Canvas makes of a file. `students`: number -> (login, name); `known`: number -> title."""

    def __init__(self, text, students, known):
        self.points, self.scores, self.new_students, self.new_assignments = {}, {}, [], []
        rows = [row for row in csv.reader(io.StringIO(text)) if not re.fullmatch(r"[;, ]+", ",".join(row))]
        head = rows.pop(0)
        assert len(head) > 3 and "Student" in head[0] and "ID" in head[1], "Invalid header row"
        count, sis, login = 3, None, None
        if re.search(r"SIS\s+Login\s+ID", head[2]):
            login, count = 2, 4
        elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
            sis, login, count = 2, 3, 5
        assert "Section" in head[count - 1], "Invalid header row"
        wanted = [
            one
            for one in head[count:]
            if not re.search("(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)", one)
        ]
        columns = {}
        for header in wanted:
            found = re.fullmatch(r"(.*)\s\((\d+)\)", header)
            number = found[2] if found and found[2] in known else None
            number = number or next((key for key, title in known.items() if title == header), None)
            if number is None:
                self.new_assignments.append(header)
            columns[number or header] = head.index(header)
        for row in rows:
            if "Points Possible" in row[0]:
                self.points = {key: row[at] for key, at in columns.items()}
                continue
            if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row if cell):
                continue
            who = str(int(re.match(r"\s*-?\d*", row[1])[0] or 0)) if row[1] else None  # Ruby's to_i
            if who not in students:
                who = next((key for key, (user, _) in students.items() if login and row[login] == user), None)
            who = who or next((key for key, (_, name) in students.items() if name == row[0]), None)
            if who is None:
                self.new_students.append(row[0])
            self.scores[who or row[0]] = {key: row[at].strip() for key, at in columns.items()}
        assert sis is None or sis == 2


class Moodle:
    """What Moodle makes of a worksheet. `users`: participant's number -> name; grades that it would take."""

    def __init__(self, text, users, most=100.0):
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        head = rows.pop(0)
        at = {name: head.index(name) for name in ("Identifier", "Grade", "Last modified (grade)")}
        self.grades, self.skipped, self.comments = {}, [], {}
        for row in rows:
            assert len(row) == len(head)
            number = row[at["Identifier"]][len("Participant ") :]
            grade = row[at["Grade"]]
            if number not in users:
                self.skipped.append(row)
            elif grade != "" and 0 <= float(grade) <= most:
                assert users[number] not in self.grades, "two rows for one"
                self.grades[users[number]] = float(grade)
            if "Feedback comments" in head and number in users:
                self.comments[users[number]] = row[head.index("Feedback comments")]


STUDENTS = {
    "101": ("zoe", "Zoë O'Neil"),
    "102": ("li", "李 小龙"),
    "103": ("rene", 'René "R" de la Cruz, Jr.'),
    "104": ("late", "Lā Te"),
    "105": ("gone", "Gö Ne"),
}


def test_canvas_reads_a_lesson_back(room):
    path, done = run(room, "01", "canvas", "--title", '01=Coins, "the" first (4711)')
    text = path.read_text(encoding="utf-8")
    read = Canvas(text, STUDENTS, {"4711": 'Coins, "the" first'})
    own = nbgraders_own(room)
    assert read.new_students == read.new_assignments == []
    assert read.points == {"4711": "5"}
    for number, (login, _) in STUDENTS.items():
        given = read.scores[number]["4711"]
        assert (
            given == ""
            if login == "gone"
            else float(given) == pytest.approx(own[login, "01-coins"], abs=1e-9)
        )
    assert read.scores["104"]["4711"] == "0"  # the penalty is more than the points
    assert "no Canvas number is known of Lā Te (SIS Login ID late)" in done.stderr
    assert "1 of 5 handed in nothing; their cell is empty, not 0" in done.stderr


def test_canvas_reads_the_term_back(room):
    path, done = run(room, "term", "canvas", "--title", "02=Dice (12)")
    read = Canvas(path.read_text(encoding="utf-8"), STUDENTS, {"12": "Dice"})
    assert read.new_assignments == ["01-coins"]
    assert "Canvas makes a new one called '01-coins'" in done.stderr
    own = nbgraders_own(room)
    assert float(read.scores["102"]["12"]) == own["li", "02-dice"] == 6.25
    assert read.points == {"01-coins": "5", "12": "10"}


def test_canvas_own_export_gives_the_numbers(room, tmp_path):
    theirs = tmp_path / "theirs.csv"
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Coins (77)", "Current Score"],
        ["    Points Possible", "", "", "", "", "5", "(read only)"],
        ["Te, Lā", "904", "S4", "LATE@x.invalid", "Monday", "", "1"],
        ["O'Neil, Zoe", "901", "S1", "", "Tuesday", "", "1"],
        ["Else, Who", "909", "S9", "else", "Monday", "3", "1"],
    ]
    with theirs.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(rows)
    with Classroom(room).gradebook() as gradebook:
        gradebook.find_student("zoe").lms_user_id = None
        gradebook.db.commit()
    path, done = run(room, "01", "canvas", "--from", str(theirs), "--title", "01=Coins")
    made = {row["SIS Login ID"] or row["Student"]: row for row in csv.DictReader(path.open(encoding="utf-8"))}
    assert made["LATE@x.invalid"]["ID"] == "904"
    assert made["LATE@x.invalid"]["Section"] == "Monday" and made["LATE@x.invalid"]["SIS User ID"] == "S4"
    assert made["zoe"]["ID"] == "901" and made["zoe"]["Coins (77)"] == "5"
    assert "Else, Who (909) is in Canvas and not in the gradebook" in done.stderr
    assert "Canvas makes a new one" not in done.stderr
    theirs.write_text("a,b\n1,2\n")
    with pytest.raises(CourseError, match="is no gradebook of Canvas"):
        run(room, "01", "canvas", "--from", str(theirs))


def test_a_number_that_is_none_is_not_given_to_canvas(room):
    with Classroom(room).gradebook() as gradebook:
        gradebook.find_student("late").lms_user_id = "102abc"  # Ruby's to_i would make Li of it
        gradebook.db.commit()
    path, done = run(room, "01", "canvas")
    read = Canvas(path.read_text(encoding="utf-8"), STUDENTS, {})
    assert set(read.scores) == set(STUDENTS) and "Lā Te" in done.stderr


def test_titles_that_canvas_would_take_for_sums_are_refused(room):
    with pytest.raises(CourseError, match="reads a column called 'Final Score' as a sum"):
        run(room, "01", "canvas", "--title", "01=Final Score")


def test_moodle_reads_a_lesson_back(room):
    path, done = run(room, "01", "moodle")
    read = Moodle(
        path.read_text(encoding="utf-8"), {"101": "zoe", "102": "li", "103": "rene", "105": "gone"}, 5
    )
    own = nbgraders_own(room)
    assert read.grades == {one: pytest.approx(own[one, "01-coins"]) for one in ("zoe", "li", "rene")}
    (skipped,) = read.skipped
    assert skipped[:2] == ["", "Lā Te"] and "participant number is known of Lā Te" in done.stderr
    assert "compare the names" in done.stderr
    assert path.read_text(encoding="utf-8").splitlines()[0] == (
        "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)"
    )


WORKSHEET = [
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (grade),Feedback comments",
    'Participant 102,Zoë O\'Neil,ZOE@x.invalid,"Submitted, late",,4.00,Yes,-,<p>Keep</p>',
    'Participant 101,Lā Te,,Submitted,,4.00,Yes,"Monday, 7 January 2030, 1:00 PM",',
    "Participant 900,Who Else,else@x.invalid,No submission,2.00,4.00,Yes,-,=2",
]


def test_a_worksheet_of_moodles_is_filled_in(room, tmp_path):
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("\n".join(WORKSHEET) + "\n", encoding="utf-8-sig")
    path, done = run(room, "01", "moodle", "--from", str(theirs))
    text = path.read_text(encoding="utf-8")
    # 101 and 102 are other people's in the gradebook: Moodle's numbers are of one assignment each.
    read = Moodle(text, {"102": "zoe", "101": "late", "900": "else"}, most=5)
    assert read.grades == {"zoe": 5, "late": 0, "else": 2}
    assert read.comments == {"zoe": "<p>Keep</p>", "late": "", "else": "=2"}
    assert '"Monday, 7 January 2030, 1:00 PM"' in text and '"Submitted, late"' in text
    assert "Zoë O'Neil: 5 points are above Moodle's maximum" in done.stderr
    assert "Who Else (participant 900) is in Moodle and not in the gradebook" in done.stderr
    for name in ("李 小龙", "Gö Ne"):
        assert name in done.stderr
    assert len(read.skipped) == 3
    theirs.write_text("Identifikator,Bewertung\nx,1\n")
    with pytest.raises(CourseError, match="is no grading worksheet of Moodle"):
        run(room, "01", "moodle", "--from", str(theirs))


def test_the_term_for_moodle_and_for_anybody(room):
    path, _ = run(room, "term", "moodle")
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert rows[0].keys() == {"First name", "Last name", "ID number", "Email address", "01-coins", "02-dice"}
    assert {row["ID number"]: row["02-dice"] for row in rows}["li"] == "6.25"
    path, _ = run(room, "term", "csv")
    found = {row["student_id"]: row for row in csv.DictReader(path.open(encoding="utf-8"))}
    own = nbgraders_own(room)
    for student, row in found.items():
        assert float(row["total"]) == pytest.approx(own[student, "01-coins"] + own[student, "02-dice"])
        assert row["max_total"] == "15"
    assert found["rene"]["last_name"] == "de la Cruz, Jr." and found["gone"]["01-coins"] == ""


def test_a_lesson_for_anybody(room):
    path, _ = run(room, "01", "csv")
    found = {row["student_id"]: row for row in csv.DictReader(path.open(encoding="utf-8"))}
    assert found["late"]["score"] == "0" and found["late"]["raw_score"] == "1"
    assert found["late"]["late_penalty"] == "5" and found["late"]["max_score"] == "5"
    assert found["zoe"]["first_name"] == "Zoë"


def test_nobody_is_dropped_who_handed_in_or_waits(room):
    (room / "submitted" / "new" / "01-coins").mkdir(parents=True)
    with Classroom(room).gradebook() as gradebook:
        gradebook.find_grade("a", "01-coins", "01-coins", "zoe").needs_manual_grade = True
        gradebook.db.commit()
    for form in ("csv", "canvas", "moodle"):
        path, done = run(room, "01", form)
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1 + len(CLASS) + 1 + (form == "canvas")
        assert "new handed in and has no points: not graded, or could not be" in done.stderr
        assert "still has to look at Zoë O'Neil" in done.stderr


@pytest.mark.parametrize("text", CELLS)
def test_no_name_makes_a_formula_a_cell_or_a_row(tmp_path, text):
    people = (
        ("bob", text, text, "b@x.invalid", "7", ((2, 3), (10,)), 0.0),
        ("eve", "Eve", text, text, "8", ((2, 3), (10,)), 0.0),
    )
    room = make(tmp_path / "class", people)
    for what in ("01", "term"):
        for form in ("csv", "canvas", "moodle"):
            path, _ = run(room, what, form)
            rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
            assert len(rows) == 3 + (form == "canvas") and len({len(row) for row in rows}) == 1
            for row in rows:
                for cell in row:
                    bare = cell.lstrip(" \t\r\n\0\u200b\u202e")
                    assert cell == "-" or not bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), (
                        cell
                    )


def test_a_name_that_canvas_would_take_for_the_maximum(tmp_path):
    room = make(tmp_path / "class", (("bob", "", "Points Possible", "", "7", ((2, 3), (10,)), 0.0),))
    path, _ = run(room, "01", "canvas")
    read = Canvas(path.read_text(encoding="utf-8"), {"7": ("bob", "x")}, {})
    assert read.scores == {"7": {"01-coins": "5"}} and read.points == {"01-coins": "5"}


def test_an_id_that_had_to_be_changed_is_said(tmp_path):
    room = make(tmp_path / "class", (("=bob", "Bob", "B", "", "7", ((2, 3), (10,)), 0.0),))
    _, done = run(room, "01", "csv")
    assert "Bob B: '=bob' was changed, so that no spreadsheet runs it" in done.stderr


def test_who_is_who():
    people = [
        Person("a", "Zoë", "O'Neil", "", "1"),
        Person("b", "Jo", "Li", "jo@x.invalid"),
        Person("c", "Jo", "Li"),
        Person("d", "Ann Marie", "Ré", "", "1x"),
        Person("e", "Eve", "Ash"),
        Person("f", "Sam", "Roe", "", "8"),
        Person("g", "Sam", "Roe", "", "8"),
    ]
    known = [
        PlatformPerson("1", "somebody else"),
        PlatformPerson("2", "Li, Jo", ("JO@x.invalid",)),
        PlatformPerson("3", "Jo Li"),
        PlatformPerson("4", "reannmarie"),
        PlatformPerson("5", "Eve Ash"),
        PlatformPerson("6", "Ash, Eve"),
        PlatformPerson("7", "Sam Roe"),
        PlatformPerson("8", "whoever"),
    ]
    found = {student: one.number for student, one in people_matching.match(people, known).items()}
    assert found == {"a": "1", "b": "2", "c": "3", "d": "4"}  # Eve could be either, and either could be Sam


def test_usage_and_errors(room, tmp_path):
    assert "--title is for" in run(room, "01", "csv", "--title", "01=x")[1].output
    assert "--from is for" in run(room, "01", "csv", "--from", str(room / "nbgrader_config.py"))[1].output
    assert "has no =" in run(room, "01", "canvas", "--title", "x")[1].output
    with pytest.raises(CourseError, match="no graded assignment starts with '09'"):
        run(room, "09", "csv")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "nbgrader_config.py").write_text(CONFIG)
    with pytest.raises(CourseError, match="nothing is graded yet"):
        run(empty, "term", "csv")


def test_the_default_place_and_a_file_that_stays_whole(room, monkeypatch):
    done = CliRunner().invoke(export_verb.export, ["01", "--format", "csv", "--course", str(room)])
    assert f"Wrote {room / '01-coins-csv.csv'} (5 students)." in done.output
    before = (room / "01-coins-csv.csv").read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        grade_sheets.write(grade_sheets.plain(grade_sheets.read(room, "01")), room / "01-coins-csv.csv")
    assert (room / "01-coins-csv.csv").read_bytes() == before


def test_scores_are_those_of_nbgraders_own_exporter(room):
    """nbgrader's exporter itself, in its own process, on the same gradebook."""
    code = (
        "import sys; from nbgrader.plugins import CsvExportPlugin; from nbgrader.api import Gradebook\n"
        "plugin = CsvExportPlugin(); plugin.to = sys.argv[2]\n"
        "with Gradebook(sys.argv[1], 'small') as gradebook: plugin.export(gradebook)"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{room / 'gradebook.db'}", str(room / "theirs.csv")]
    subprocess.run(command, check=True, capture_output=True)
    with (room / "theirs.csv").open() as file:
        theirs = {(row["student_id"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}
    for column in grade_sheets.read(room, "term").columns:
        for student in column.scores:
            assert float(column.points(student)) == pytest.approx(theirs[student, column.name], abs=1e-9)
    assert canvas.HEAD[-1] == "Section" and set(moodle.NEEDED) <= set(moodle.HEAD)
