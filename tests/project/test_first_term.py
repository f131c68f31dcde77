"""docs/first-term.md, typed as it stands: every box of every step, in one shell, by somebody with a class."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import sample_class
from autograder.authoring.checks.registry import PROMISES
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support import lms_downloads as lms

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "first-term.md"
LESSONS = ("01-what-a-generative-model-is", "02-autoregressive-models")
"""The course of the test: two lessons are a term. The page names no other."""

HANDED_IN = {"am12": "right", "jo34": "first", "lo56": "first", "si78": "first"}
HANDED_IN |= {"wa90": "unknown", "be11": "unknown", "zo22": "second"}
LATER = {**HANDED_IN, "jo34": "right", "mi33": "right"}
ON_TIME = lms.DUE - dt.timedelta(hours=5)
LATE = lms.DUE + dt.timedelta(hours=26)
IDEA = "# doubled: You counted it twice. Count it once."


def steps() -> list[tuple[str, str]]:
    """(heading, box) of every box with commands, in the order of the page."""
    found, heading = [], ""
    for part in re.finditer(
        r"^## ([^\n]+)$|^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S
    ):
        heading = part[1] or heading
        if part[2]:
            found.append((heading, part[2]))
    return found


def answers(course: Course, name: str, kind: str) -> dict[str, str]:
    """What a learner of this kind types: all right, or known or unknown mistakes in the first exercises."""
    exercises = evaluate.evaluate(lesson.read(course.path(name)))
    typed = {one.text.id: sample_class.solved_source(one) for one in exercises}
    first = exercises[0]
    if kind == "unknown":
        (answer,) = first.text.names
        typed[first.text.id] = f"{answer} = {2 * first.references[answer]!r}"
    elif kind != "right":
        number = ["first", "second"].index(kind)
        typed |= {one.text.id: sample_class.mistaken_source(one, number) for one in exercises[:3]}
    return typed


def download(course: Course, name: str, kinds: dict[str, str], to: Path) -> None:
    """What Moodle gives: the zip of the submissions, and the grading worksheet beside it."""
    release = nbformat.read(course.root / "release" / name / f"{name}.ipynb", as_version=4)
    files = [
        lms.Packed(
            lms.moodle_name(lms.BY_ID[id_], f"{name}.ipynb"),
            nbformat.writes(sample_class.filled_in(release, answers(course, name, kind))).encode(),
        )
        for id_, kind in kinds.items()
    ]
    lms.zipped(to, *files)
    again = "again" in to.stem
    times = {id_: LATE if id_ == "si78" or (again and kinds[id_] == "right") else ON_TIME for id_ in kinds}
    lms.moodle_worksheet(to.with_suffix(".csv"), {**times, "am12": ON_TIME})


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A fresh clone of two lessons, installed, with what an instructor gets from the platform."""
    installed = Path(sys.prefix) / "bin"
    for needed in ("activate", "autograder", "nbgrader"):
        if not (installed / needed).exists():
            pytest.skip(f"{installed / needed} is missing: the page is for an installation by `make`")
    if not all(map(shutil.which, ("make", "bash"))):
        pytest.skip("make or bash is missing")
    root = tmp_path / "course"
    shutil.copytree(ROOT / "lessons", root / "lessons")
    for path in root.glob("lessons/[0-9]*.md"):
        if path.stem not in LESSONS:
            path.unlink()
    listed = "\n".join(f'  "{name}",' for name in LESSONS)
    (root / "lessons" / "course.toml").write_text(
        f'title = "A term"\nworked = "open"\n[[phases]]\ntitle = "All"\nlessons = [\n{listed}\n]\n'
    )
    for kind in ("source", "release"):
        for name in LESSONS:
            shutil.copytree(ROOT / kind / name, root / kind / name)
    for file in ("Makefile", "nbgrader_config.py", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / file, root)
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(installed)
    (root / ".venv" / "ready").touch()  # installing needs a network
    (root / "class.csv").write_text(lms.roster_csv(), encoding="utf-8")
    (root / "downloads").mkdir()
    course = courses.read(root)
    download(course, LESSONS[0], HANDED_IN, root / "downloads" / "lesson-01.zip")
    download(course, LESSONS[0], LATER, root / "downloads" / "lesson-01-again.zip")
    download(course, LESSONS[1], HANDED_IN, root / "downloads" / "lesson-02.zip")
    return root


class Instructor:
    """Somebody with one shell, which keeps what was set in it from box to box."""

    def __init__(self, root: Path) -> None:
        self.root = root
        venv = os.path.realpath(Path(sys.prefix) / "bin")
        clean = [part for part in os.environ["PATH"].split(os.pathsep) if os.path.realpath(part) != venv]
        # What the terminal of an instructor has. The environment comes with the page's own line only.
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("VIRTUAL", "PYTHON"))},
            "PATH": os.pathsep.join(clean),
            **{"TZ": "UTC", "COLUMNS": "200", "LC_ALL": "C.UTF-8", "MAKEFLAGS": ""},
        }

    def types(self, box: str) -> str:
        """What the box prints. Fails where a command of it does."""
        keep = self.root.parent / "environment.json"
        dump = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
        done = subprocess.run(
            ["bash", "-ec", f'{box}\n{sys.executable} -c "{dump}" {keep}'],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{box}\n{done.stdout}"
        self.environment = json.loads(keep.read_text())
        return done.stdout


def paste(root: Path, said: str) -> None:
    """Do with the lines of the report what the page says: paste them where it says, and name the idea."""
    place = re.search(rf"below (lessons/{LESSONS[0]}\.md):(\d+):\n((?: {{4,}}.*\n)+)", said)
    assert place, said
    lines = (root / place[1]).read_text(encoding="utf-8").splitlines(keepends=True)
    pasted = [line.strip() for line in place[3].splitlines()]
    assert pasted[0].startswith("# slug-to-name: ")
    lines.insert(int(place[2]), "\n".join([IDEA, *pasted[1:], ""]))
    (root / place[1]).write_text("".join(lines), encoding="utf-8")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_has_ten_steps_and_each_says_what_one_sees() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.M)[1:]
    assert [int(part.split(".")[0]) for part in parts] == list(range(1, 11))
    for part in parts:
        assert "```sh\n" in part and "**You see**" in part and "**What can go wrong.**" in part, part[:40]


@pytest.mark.slow
def test_ten_steps_typed_as_they_stand(fresh: Path) -> None:
    someone = Instructor(fresh)
    said: dict[str, list[str]] = {}
    for heading, box in steps():
        if heading.startswith("9.") and heading in said:  # the second box: after pasting
            paste(fresh, said[next(key for key in said if key.startswith("6."))][0])
        said.setdefault(heading, []).append(someone.types(box))
    told = {int(heading.split(".")[0]): outputs for heading, outputs in said.items()}

    first = LESSONS[0]
    assert "Sandbox: tier" in told[1][0] and "all-right" in told[1][0]
    assert (fresh / "demo" / "reports" / f"{first}.html").exists()
    assert list((fresh / "demo" / "feedback").glob(f"*/{first}/{first}.html"))
    assert "8 learners, 8 new, 0 changed" in told[2][0] and "Łukasz Øster-Bæk" in told[2][0]
    assert (fresh / "build" / "handout" / f"{first}.zip").exists()
    assert "Nothing was written." in told[4][0] and "7 new." in told[4][0]
    assert re.search(r"si78 .* 2030-01-08 14:00 +new +late", told[4][0])
    assert "idea unknown" in told[5][0] and "Wrote grades.csv" in told[5][0]
    assert "Three of you" in told[6][0] and "twice the answer" in told[6][0]
    assert "7 pages" in told[7][0] and (fresh / "back-01.zip").exists()
    sheet = {row["Identifier"]: row["Grade"] for row in rows(fresh / f"{first}-moodle.csv")}
    assert float(sheet["Participant 101"]) == 16 and sheet["Participant 108"] == ""
    late, pasted = told[9]
    assert "2 of 8 submissions would change" in late
    # Who corrected the work is in the history; who came for the first time is not.
    assert {row.split()[2] for row in late.split("what changed")[1].splitlines() if " 0 " in row} == {"jo34"}
    assert f"{len(PROMISES)} of {len(PROMISES)} promises kept" in pasted and "idea unknown" not in pasted
    assert "doubled (2 of 8): Two of you counted it twice." in pasted
    assert LESSONS[1] in told[10][0] and (fresh / "reports" / "term.html").exists()
    points = {row["student_id"]: row for row in rows(fresh / "term-csv.csv")}
    assert len(points) == len(lms.CLASS)
    assert [float(points["am12"][name]) for name in LESSONS] == [16, 17]
    assert points["mi33"][LESSONS[1]] == ""


def test_the_other_pages_lead_here() -> None:
    for path in ("README.md", "docs/hand-out-and-collect.md", "docs/give-back.md", "docs/understand.md"):
        assert "first-term.md" in (ROOT / path).read_text(encoding="utf-8"), path


def test_every_link_of_the_page_leads_somewhere() -> None:
    for target, anchor in re.findall(r"\]\(([\w./-]+\.md)(?:#([\w-]+))?\)", PAGE.read_text(encoding="utf-8")):
        text = (PAGE.parent / target).read_text(encoding="utf-8")
        slugs = {
            re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-")
            for head in re.findall(r"^#+ (.+)$", text, re.M)
        }
        assert not anchor or anchor in slugs, f"{target}#{anchor}"
