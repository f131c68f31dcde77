"""Downloads of a whole class: every file is placed where grade finds it, or named with a reason."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.classroom.collecting import collect as collecting
from autograder.classroom.collecting import placement
from autograder.classroom.collecting.collect import Collected, Request
from autograder.classroom.collecting.placement import Outcome
from autograder.core.errors import CourseError
from autograder.course.course_toml import Course
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.submitted_files import timestamp_of
from tests.support import lms_downloads as lms
from tests.support.lms_downloads import BY_ID, DUE, Packed, zipped
from tests.support.rosters import run, written
from tests.support.trees import tree

LESSON = "01-coins"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def course(tiny_built: Course, tmp_path: Path) -> Course:
    """The tiny course with the class in its roster."""
    result = run(tiny_built.root, "roster", "import", str(written(tmp_path / "class.csv", lms.roster_csv())))
    assert result.exit_code == 0, result.output
    return tiny_built


def released(course: Course) -> Path:
    return course.root / "release" / LESSON / f"{LESSON}.ipynb"


def answer(course: Course, value: str) -> bytes:
    return lms.answered(released(course), value)


def collected(course: Course, source: Path, **how: object) -> Collected:
    return collecting.collect(Classroom(course.root), Request(source, **how))  # type: ignore[arg-type]


def due(course: Course) -> None:
    with Classroom(course.root).gradebook() as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=DUE)


def folder(course: Course, student: str, lesson: str = LESSON) -> Path:
    return course.root / "submitted" / student / lesson


def answers(course: Course, lesson: str = LESSON) -> dict[str, str]:
    """The first answer of every student's submission."""
    found = {}
    for path in sorted((course.root / "submitted").glob(f"*/{lesson}/{lesson}.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.parts[-3]] = next(
            cell["source"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")
        )
    return found


def outcomes(found: Collected) -> Mapping[str, Outcome]:
    return {one.learner.id: one.outcome for one in found.placed}


def reasons(found: Collected) -> dict[str, str]:
    return {one.name: one.reason for one in found.unplaced}


PLACED = {
    "am12": "coin_sides = 2",
    "jo34": "coin_sides = 3",
    "lo56": "coin_sides = 5",
    "wa90": "coin_sides = 6",
}


# Moodle


@pytest.mark.parametrize("folders", [True, False])
@pytest.mark.parametrize("lesson", ["", "01", LESSON])
def test_a_moodle_download_is_placed_or_named(
    course: Course, tmp_path: Path, folders: bool, lesson: str
) -> None:
    path = lms.moodle(tmp_path / "moodle.zip", released(course), folders=folders)
    before = tree(tmp_path)
    found = collected(course, path, lesson=lesson)
    assert found.platform.name == "Moodle"
    assert answers(course) == PLACED
    assert (folder(course, "jo34") / "picture.png").read_bytes() == b"\x89PNG"
    said = {name.split("_")[0]: reason for name, reason in reasons(found).items()}
    assert said == {
        "Anna van der Berg": "it is a notebook, but none of this course",
        "Guest Auditor": "nobody in the roster is called 'Guest Auditor'",
        "Read me.txt": "its name is not one that the platform gives to a submission",
        "Siobhán OBrien": "no notebook; it holds answers.pdf, onlinetext.html",
        "Zoë Groß": "it is an archive within the archive",
    }
    assert all(one.remedy for one in found.unplaced)
    assert [one.id for one in found.missing[LESSON]] == ["be11", "mi33", "si78", "zo22"]
    after = {name: what for name, what in tree(tmp_path).items() if not name.startswith("course/submitted")}
    assert after == before
    assert sorted(path.name for path in (course.root / "submitted").iterdir()) == sorted(PLACED)


def test_every_file_of_the_download_is_accounted_for(course: Course, tmp_path: Path) -> None:
    """By a second route: the people of the zip's names, against the people of the report."""
    for make in (lms.moodle, lms.canvas):
        shutil.rmtree(course.root / "submitted", ignore_errors=True)
        found = collected(course, make(tmp_path / "in.zip", released(course)))
        placed = {BY_ID[one.learner.id].number for one in found.placed}
        parts = [part for one in found.unplaced for part in one.name.split("_")]
        named = {int(part) for part in parts if part.isdigit() and int(part) < 9000}
        assert placed | named == {one.number for one in lms.CLASS} - {108} | {999}
        assert not placed & named


def test_the_clock_of_a_download_is_nobodys_time_of_handing_in(course: Course, tmp_path: Path) -> None:
    path = lms.moodle(tmp_path / "moodle.zip", released(course))
    collected(course, path)
    assert timestamp_of(folder(course, "am12")) is None  # a due date set later makes nobody late
    due(course)
    found = collected(course, path)
    assert set(outcomes(found).values()) == {Outcome.RETIMED}
    assert timestamp_of(folder(course, "am12")) == DUE
    assert not any(one.arrival.late for one in found.placed)
    assert "--worksheet" in run(course.root, "collect", str(path)).output


@pytest.mark.parametrize("with_due", [True, False])
def test_moodles_worksheet_has_the_true_times(course: Course, tmp_path: Path, with_due: bool) -> None:
    if with_due:
        due(course)
    times = {"am12": DUE - 3 * HOUR, "jo34": DUE + 26 * HOUR, "lo56": DUE - HOUR}
    sheet = lms.moodle_worksheet(tmp_path / "sheet.csv", times)
    path = lms.moodle(tmp_path / "moodle.zip", released(course))
    found = collected(course, path, sheet=sheet, zone=dt.UTC)
    for id_, time in times.items():
        assert timestamp_of(folder(course, id_)) == time
    assert {one.learner.id for one in found.placed if one.arrival.late} == {"jo34"}


def test_a_worksheet_later_corrects_the_times(course: Course, tmp_path: Path) -> None:
    due(course)
    path = lms.moodle(tmp_path / "moodle.zip", released(course))
    collected(course, path)
    sheet = lms.moodle_worksheet(tmp_path / "sheet.csv", {"am12": DUE + 26 * HOUR})
    found = collected(course, path, sheet=sheet, zone=dt.UTC)
    assert outcomes(found)["am12"] is Outcome.RETIMED
    assert timestamp_of(folder(course, "am12")) == DUE + 26 * HOUR


def test_hidden_names_need_the_worksheet(course: Course, tmp_path: Path) -> None:
    data = answer(course, "coin_sides = 2")
    name = f"Participant_101_assignsubmission_file_/{LESSON}.ipynb"
    path = zipped(tmp_path / "moodle.zip", Packed(name, data))
    (problem,) = collected(course, path).unplaced
    assert "give Moodle's grading worksheet, --worksheet FILE" in problem.remedy
    sheet = lms.moodle_worksheet(tmp_path / "sheet.csv", {"am12": DUE})
    assert outcomes(collected(course, path, sheet=sheet)) == {"am12": Outcome.NEW}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,name\na,b\n", ":1: is no grading worksheet in English"),
        ("Identifier,Last modified (submission)\nParticipant 1,gestern\n", ":2: 'gestern' is no time"),
        ("Identifier,Last modified (submission)\nParticipant,-\n", ":2: 'Participant' is no number"),
    ],
)
def test_a_wrong_worksheet_is_one_line(course: Course, tmp_path: Path, text: str, words: str) -> None:
    path = lms.moodle(tmp_path / "moodle.zip", released(course))
    result = run(course.root, "collect", str(path), "--worksheet", str(written(tmp_path / "s.csv", text)))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert words in result.output


# Canvas


def test_a_canvas_download_is_placed_or_named(course: Course, tmp_path: Path) -> None:
    due(course)
    found = collected(course, lms.canvas(tmp_path / "canvas.zip", released(course)), lesson="01")
    assert found.platform.name == "Canvas"
    assert answers(course) == PLACED
    assert reasons(found) == {
        "vanderberganna_106_9006_scratch.ipynb": "it is a notebook, but none of this course",
        "auditorguest_999": "nobody in the roster is called 'auditorguest'",
        "readme.txt": "its name is not one that the platform gives to a submission",
        "obriensiobhan_104": "no notebook; it holds text.html",
        "großzoë_107": "no notebook; it holds notes.docx",
    }
    # Canvas's mark decides, not the clock of the download, which is two days past the due date.
    times = {id_: timestamp_of(folder(course, id_)) for id_ in PLACED}
    assert times == {"am12": DUE, "lo56": DUE, "wa90": DUE, "jo34": DUE + dt.timedelta(seconds=1)}
    assert {one.learner.id for one in found.placed if one.arrival.late} == {"jo34"}


def test_canvas_knows_people_by_number_when_names_changed(course: Course, tmp_path: Path) -> None:
    data = answer(course, "coin_sides = 2")
    path = zipped(tmp_path / "canvas.zip", Packed("newname_101_9001_work.ipynb", data))
    assert outcomes(collected(course, path)) == {"am12": Outcome.NEW}


def test_a_late_mark_before_the_due_date_is_known_is_said(course: Course, tmp_path: Path) -> None:
    path = lms.canvas(tmp_path / "canvas.zip", released(course))
    late = next(one for one in collected(course, path).placed if one.arrival.late)
    assert late.learner.id == "jo34"
    assert "set the due date" in late.arrival.note
    due(course)
    collected(course, path)
    assert timestamp_of(folder(course, "jo34")) == DUE + dt.timedelta(seconds=1)


def test_anonymous_grading_is_said(course: Course, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "canvas.zip", Packed("anon_x7Yz_9001_work.ipynb", answer(course, "coin_sides = 2"))
    )
    (problem,) = collected(course, path).unplaced
    assert "turn anonymous grading off" in problem.reason


# nbgrader, and files named by people


def test_nbgraders_own_folders(course: Course, tmp_path: Path) -> None:
    source = tmp_path / "elsewhere"
    for id_, value in (("am12", "coin_sides = 2"), ("JO34", "coin_sides = 3"), ("guest", "coin_sides = 4")):
        home = source / "submitted" / id_ / LESSON
        home.mkdir(parents=True)
        (home / f"{LESSON}.ipynb").write_bytes(answer(course, value))
        (home / "timestamp.txt").write_text("2030-01-07 11:00:00.123456 UTC\n")
        (home / ".ipynb_checkpoints").mkdir()
        (home / ".ipynb_checkpoints" / "x.ipynb").write_bytes(b"old")
    for place in (source, source / "submitted"):
        shutil.rmtree(course.root / "submitted", ignore_errors=True)
        found = collected(course, place)
        assert found.platform.name == "nbgrader"
        assert answers(course) == {"am12": "coin_sides = 2", "jo34": "coin_sides = 3"}
        assert timestamp_of(folder(course, "am12")) == dt.datetime(2030, 1, 7, 11, 0, 0, 123456)
        assert reasons(found) == {f"guest/{LESSON}": "nobody in the roster is called 'guest'"}
        names = sorted(path.name for path in folder(course, "am12").iterdir())
        assert names == [f"{LESSON}.ipynb", "timestamp.txt"]


def test_nbgraders_exchange_keeps_the_newest(course: Course, tmp_path: Path) -> None:
    for hour, value in ((9, 3), (11, 2), (10, 4)):
        stamp = f"2030-01-07 {hour:02}:00:00.000000 UTC"
        home = tmp_path / "inbound" / f"am12+{LESSON}+{stamp}+c29tZQ"
        home.mkdir(parents=True)
        (home / f"{LESSON}.ipynb").write_bytes(answer(course, f"coin_sides = {value}"))
        (home / "timestamp.txt").write_text(stamp)
        (home / f"{hour}.txt").write_text("beside")
    found = collected(course, tmp_path / "inbound")
    assert found.platform.name == "nbgrader's exchange"
    assert answers(course) == {"am12": "coin_sides = 2"}
    assert timestamp_of(folder(course, "am12")) == dt.datetime(2030, 1, 7, 11)
    names = sorted(path.name for path in folder(course, "am12").iterdir())
    assert names == [f"{LESSON}.ipynb", "11.txt", "timestamp.txt"]


def test_files_named_by_people(course: Course, tmp_path: Path) -> None:
    source = tmp_path / "mail"
    names = {
        "am12.ipynb": "am12",
        "jo34@uni.example_01-coins.ipynb": "jo34",
        unicodedata.normalize("NFD", "Zoë Groß.ipynb"): "zo22",
        "Siobhan OBrien - lesson 1 (2).ipynb": "si78",
        "be11/anything.ipynb": "be11",
        "lo56_01_1_final.ipynb": "lo56",
        "anna.ipynb": "",
    }
    for number, name in enumerate(names):
        place = source / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(answer(course, f"coin_sides = {number}"))
        os.utime(place, (DUE.replace(tzinfo=dt.UTC).timestamp(),) * 2)
    found = collected(course, source)
    assert found.platform.name == "named"
    assert answers(course) == {id_: f"coin_sides = {n}" for n, id_ in enumerate(names.values()) if id_}
    assert timestamp_of(folder(course, "am12")) == DUE
    assert reasons(found) == {"anna.ipynb": "nobody in the roster is called 'anna'"}
    found = collected(course, source, who={"Anna": "am12"})
    assert found.unplaced == ()


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850", "cp1252", "mac_roman"])
def test_names_in_any_encoding_find_their_learner(course: Course, tmp_path: Path, encoding: str) -> None:
    name = lms.moodle_name(BY_ID["am12"], f"{LESSON}.ipynb")
    path = zipped(tmp_path / "in.zip", Packed(name, answer(course, "coin_sides = 2"), encoding=encoding))
    assert outcomes(collected(course, path)) == {"am12": Outcome.NEW}


def test_two_of_one_name_are_asked_about(course: Course, tmp_path: Path) -> None:
    more = written(tmp_path / "more.csv", "id,name\nam99,Anna Müller\n")
    run(course.root, "roster", "import", str(more))
    data = answer(course, "coin_sides = 2")
    path = zipped(tmp_path / "in.zip", Packed(lms.moodle_name(BY_ID["am12"], "x.ipynb"), data))
    (problem,) = collected(course, path).unplaced
    assert problem.reason == "several in the roster fit 'Anna Müller': am12, am99"
    assert problem.remedy == 'Say which: --who "Anna Müller=ID"'
    result = run(course.root, "collect", str(path), "--who", "Anna Müller=am99")
    assert "am99" in result.output
    assert list(answers(course)) == ["am99"]


# never over a newer one


def handed_in(course: Course, path: Path, value: int, time: dt.datetime) -> Path:
    """A zip of four learners far apart in time, am12's handed in at `time`."""
    others = [
        Packed(f"{id_}.ipynb", answer(course, f"coin_sides = {n}"), time=DUE - n * 24 * HOUR, stamp=True)
        for n, id_ in enumerate(("jo34", "lo56", "wa90"), 3)
    ]
    mine = Packed("am12.ipynb", answer(course, f"coin_sides = {value}"), time=time, stamp=True)
    return zipped(path, mine, *others)


def test_a_newer_submission_replaces_an_older_one_and_never_the_other_way(
    course: Course, tmp_path: Path
) -> None:
    old = handed_in(course, tmp_path / "old.zip", 3, DUE - 5 * HOUR)
    new = handed_in(course, tmp_path / "new.zip", 2, DUE - HOUR)
    assert outcomes(collected(course, old))["am12"] is Outcome.NEW
    assert timestamp_of(folder(course, "am12")) == DUE - 5 * HOUR
    assert outcomes(collected(course, new)) == dict.fromkeys(
        ("am12", "jo34", "lo56", "wa90"), Outcome.SAME
    ) | {"am12": Outcome.REPLACED}
    before = tree(course.root)
    found = collected(course, old)
    assert outcomes(found)["am12"] is Outcome.KEPT
    assert tree(course.root) == before
    assert answers(course)["am12"] == "coin_sides = 2"
    assert timestamp_of(folder(course, "am12")) == DUE - HOUR


def test_without_a_timestamp_the_notebooks_own_clock_is_asked(course: Course, tmp_path: Path) -> None:
    home = folder(course, "am12")
    home.mkdir(parents=True)
    mine = home / f"{LESSON}.ipynb"
    mine.write_bytes(answer(course, "coin_sides = 1"))
    for hours, outcome in ((2, Outcome.KEPT), (9, Outcome.REPLACED)):
        os.utime(mine, ((DUE - hours * HOUR).replace(tzinfo=dt.UTC).timestamp(),) * 2)
        path = handed_in(course, tmp_path / "in.zip", 2, DUE - 5 * HOUR)
        assert outcomes(collected(course, path))["am12"] is outcome


def test_of_two_that_were_both_set_to_the_due_date_the_newer_stays(course: Course, tmp_path: Path) -> None:
    due(course)
    for days, value, outcome in ((2, 3, Outcome.NEW), (4, 2, Outcome.REPLACED), (3, 9, Outcome.KEPT)):
        name = lms.canvas_name(BY_ID["am12"], "x.ipynb", 9000 + days)
        data = answer(course, f"coin_sides = {value}")
        path = zipped(tmp_path / "in.zip", Packed(name, data, time=DUE + days * 24 * HOUR, stamp=True))
        assert outcomes(collected(course, path)) == {"am12": outcome}
        assert timestamp_of(folder(course, "am12")) == DUE
    assert answers(course) == {"am12": "coin_sides = 2"}


def test_where_nothing_says_which_is_newer_the_one_there_stays(course: Course, tmp_path: Path) -> None:
    for value, outcome in ((2, Outcome.NEW), (3, Outcome.UNCERTAIN)):
        data = answer(course, f"coin_sides = {value}")
        path = zipped(tmp_path / "in.zip", Packed("am12.ipynb", data, time=dt.datetime(1980, 1, 1)))
        found = collected(course, path)
        assert outcomes(found) == {"am12": outcome}
    assert "move the one there away" in found.placed[0].notes[0]
    assert answers(course) == {"am12": "coin_sides = 2"}


def test_a_disk_that_fails_in_the_middle_leaves_the_old_one(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected(course, handed_in(course, tmp_path / "old.zip", 3, DUE - 5 * HOUR))
    before = tree(course.root)
    replace = os.replace

    def failing(old: Path, new: Path) -> None:
        if Path(old).name == "new":
            raise OSError(28, "No space left on device")
        replace(old, new)

    monkeypatch.setattr(placement.os, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        collected(course, handed_in(course, tmp_path / "new.zip", 2, DUE - HOUR))
    assert tree(course.root) == before


# what is not written


@pytest.mark.parametrize("make", [lms.moodle, lms.canvas])
def test_a_dry_run_says_the_same_and_writes_nothing(course: Course, tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path / "in.zip", released(course))
    before = tree(tmp_path)
    dry = collected(course, path, dry_run=True)
    assert tree(tmp_path) == before
    assert "Nothing was written." in run(course.root, "collect", str(path), "--dry-run").output
    assert tree(tmp_path) == before
    assert collected(course, path) == dry


@pytest.mark.parametrize("where", ["submitted", "submitted/am12", f"submitted/am12/{LESSON}"])
def test_a_link_that_leads_out_of_the_course_is_not_followed(
    course: Course, tmp_path: Path, where: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = course.root / where
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    path = handed_in(course, tmp_path / "in.zip", 2, DUE - HOUR)
    if where == "submitted":
        with pytest.raises(CourseError, match="lies outside the course"):
            collected(course, path)
    else:
        found = collected(course, path)
        assert outcomes(found)["am12"] is Outcome.REFUSED
        assert outcomes(found)["jo34"] is Outcome.NEW
    assert list(outside.iterdir()) == []


def test_a_students_id_in_the_gradebook_cannot_lead_out(course: Course, tmp_path: Path) -> None:
    """nbgrader itself takes any id; somebody else may have put it there."""
    with Classroom(course.root).gradebook() as gradebook:
        gradebook.add_student("../../outside", first_name="Eve", last_name="Evil")
    name = lms.moodle_name(lms.Person("", "Eve", "Evil", 7), "x.ipynb")
    found = collected(course, zipped(tmp_path / "in.zip", Packed(name, answer(course, "coin_sides = 2"))))
    assert [one.outcome for one in found.placed] == [Outcome.REFUSED]
    assert not (tmp_path / "outside").exists()


# what is in a submission


def test_a_learners_own_timestamp_is_no_proof(course: Course, tmp_path: Path) -> None:
    person = BY_ID["am12"]
    path = zipped(
        tmp_path / "in.zip",
        Packed(lms.moodle_name(person, "x.ipynb"), answer(course, "coin_sides = 2")),
        Packed(lms.moodle_name(person, "timestamp.txt"), b"2020-01-01 00:00:00 UTC"),
        Packed(lms.moodle_name(person, "sub/data.csv"), b"1,2"),
        Packed(lms.moodle_name(person, "sub/DATA.csv"), b"3,4"),
        Packed(lms.moodle_name(person, "aux.txt"), b"a device on Windows"),
    )
    (one,) = collected(course, path).placed
    home = folder(course, "am12")
    assert sorted(tree(home)) == [f"{LESSON}.ipynb", "sub", "sub/data.csv"]
    assert one.notes == ("left out: DATA.csv, aux.txt",)


def test_a_notebook_of_another_lesson_is_placed_as_that_or_named(course: Course, tmp_path: Path) -> None:
    other = "02-dice"
    text = (course.root / "source" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    source = course.root / "source" / other
    source.mkdir()
    (source / f"{other}.ipynb").write_text(
        text.replace('"01-', '"02-').replace("coin", "dice"), encoding="utf-8"
    )
    theirs = answer(course, "coin_sides = 2").replace(b'"01-', b'"02-').replace(b"coin", b"dice")
    path = zipped(
        tmp_path / "in.zip",
        Packed(lms.moodle_name(BY_ID["am12"], "first.ipynb"), answer(course, "coin_sides = 2")),
        Packed(lms.moodle_name(BY_ID["am12"], "second.ipynb"), theirs),
    )
    found = collected(course, path, lesson="01", dry_run=True)
    assert [one.lesson for one in found.placed] == [LESSON]
    (problem,) = found.unplaced
    assert (problem.reason, other in problem.remedy) == (f"it is a notebook of {other}", True)
    assert [one.lesson for one in collected(course, path).placed] == [LESSON, other]
    assert list(answers(course)) == list(answers(course, other)) == ["am12"]


def test_a_notebook_that_lost_its_ids_is_known_by_its_text(course: Course, tmp_path: Path) -> None:
    notebook = json.loads(answer(course, "coin_sides = 2"))
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    notebook["nbformat_minor"] = 4
    name = lms.moodle_name(BY_ID["am12"], "homework.ipynb")
    path = zipped(tmp_path / "in.zip", Packed(name, json.dumps(notebook).encode()))
    (one,) = collected(course, path).placed
    assert (one.learner.id, one.notes) == ("am12", ("known by its text: its cells lost their ids",))


def test_a_foreign_notebook_under_the_right_name_is_foreign(course: Course, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "in.zip", Packed(lms.moodle_name(BY_ID["am12"], f"{LESSON}.ipynb"), lms.foreign())
    )
    found = collected(course, path)
    assert found.placed == ()
    assert list(reasons(found).values()) == ["it is a notebook, but none of this course"]


def test_of_lessons_with_the_same_cells_the_name_decides(course: Course, tmp_path: Path) -> None:
    copy = course.root / "source" / "00-coins-too"
    shutil.copytree(course.root / "source" / LESSON, copy)
    (copy / f"{LESSON}.ipynb").rename(copy / "00-coins-too.ipynb")
    for name in (LESSON, "00-coins-too"):
        file = lms.moodle_name(BY_ID["am12"], f"{name} (3).ipynb")
        path = zipped(tmp_path / "in.zip", Packed(file, answer(course, "coin_sides = 2")))
        assert [one.lesson for one in collected(course, path, dry_run=True).placed] == [name]


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"[1, 2]", b'{"cells": 3}', b"\xff\xfe\x00", b"[" * 100_000]
)
def test_what_is_no_notebook_is_named(course: Course, tmp_path: Path, data: bytes) -> None:
    path = zipped(tmp_path / "in.zip", Packed(lms.moodle_name(BY_ID["am12"], f"{LESSON}.ipynb"), data))
    found = collected(course, path)
    assert found.placed == ()
    (problem,) = found.unplaced
    assert "notebook" in problem.reason
    assert "Anna Müller" in problem.remedy


def test_without_a_roster_it_says_what_to_do(tiny_built: Course, tmp_path: Path) -> None:
    result = run(tiny_built.root, "collect", str(lms.moodle(tmp_path / "in.zip", released(tiny_built))))
    assert (result.exit_code, result.output) == (
        1,
        "the roster is empty. First: autograder roster import FILE\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--who", "Anna"], '--who is written --who "NAME=ID"'),
        (["--who", "=am12"], '--who is written --who "NAME=ID"'),
        (["--time-zone", "Moon/Base"], "no time zone 'Moon/Base'"),
    ],
)
def test_wrong_options_are_said(course: Course, tmp_path: Path, words: list[str], said: str) -> None:
    result = run(course.root, "collect", str(lms.moodle(tmp_path / "in.zip", released(course))), *words)
    assert result.exit_code == 2
    assert said in result.output


def test_markup_in_names_is_printed_as_it_is(course: Course, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", Packed("[bold]x[red]\u202egnp_7_9_a.ipynb", b"{}"))
    result = run(course.root, "collect", str(path))
    assert result.exit_code == 0, result.output
    assert "[bold]x[red]\\u202egnp" in result.output
    assert "\u202e" not in result.output


def test_what_was_collected_is_graded(course: Course, tmp_path: Path) -> None:
    from autograder.grading.dispatch.engine import Settings
    from autograder.grading.dispatch.grade_course import grade_course

    due(course)
    collected(course, lms.canvas(tmp_path / "canvas.zip", released(course)))
    grade_course(course.root, "01", settings=Settings(workers=1))
    rows = (course.root / "grades.csv").read_text().splitlines()
    assert any("am12,Müller,Anna" in row for row in rows)
    assert len(rows) == 1 + len(lms.CLASS)
