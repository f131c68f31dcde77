"""The files of a lesson are wherever its notebook is: built, worked on, handed out, graded, on the site."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import nbclient
import nbformat
import pytest

from autograder.authoring import sample_class
from autograder.authoring.building.build import build
from autograder.authoring.checks.verify import verify
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.authoring.format.portable_names import KERNEL
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.grading.dispatch.engine import preload_for
from autograder.grading.dispatch.grade_course import grade_course
from autograder.publishing import handout
from autograder.publishing import site as sites
from autograder.publishing.copies import lab
from tests.conftest import TINY
from tests.support.lesson_with_files import FILES, NAME, with_heights, write_files
from tests.support.stock_nbgrader import SETTINGS, nbgrader, rows

ROOT = Path(__file__).parents[3]
KINDS = ("source", "release")


@pytest.fixture(scope="module")
def heights(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course with the lesson, built; read only."""
    root = tmp_path_factory.mktemp("heights") / "course"
    shutil.copytree(TINY, root)
    course = with_heights(courses.read(root))
    build(course, [NAME])
    return course


def files_below(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the notebook, lesson.json and Jupyter's checkpoints."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    own = (f"{NAME}.ipynb", lesson_json.FILE)
    return {name: path.read_bytes() for name, path in found.items() if name not in own and "/." not in name}


def test_they_are_built_byte_for_byte(heights: Course) -> None:
    for kind in KINDS:
        assert files_below(heights.root / kind / NAME) == FILES
        listed = lesson_json.files_beside(heights.root / kind / NAME / lesson_json.FILE)
        assert list(listed) == sorted(FILES)
    assert lesson_json.read(heights.root / "release" / NAME / lesson_json.FILE).id == NAME


def test_every_promise_is_kept(heights: Course) -> None:
    promises = verify(heights, NAME)
    said = [str(problem) for promise in promises for problem in promise.problems]
    assert [one for one in said if "glossary" not in one] == []
    assert len(promises) > 10


def executed(folder: Path, cells: list[str]) -> nbformat.NotebookNode:
    """The lesson's notebook after a learner ran all of it, and `cells` after it, in that folder."""
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    client = nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(folder)}})
    return client.execute()


LAST = (
    "import sys; print(sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names))",
    "print(first[0], heights.__file__)",
)


def test_a_learner_runs_the_notebook(heights: Course, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    shutil.copytree(heights.root / "release" / NAME, folder)
    made = executed(folder, list(LAST))
    assert made.cells[-1].outputs[0].text == f"1.715 {folder / 'heights.py'}\n"
    figures = [cell for cell in made.cells if "figure" in cell.metadata.get("tags", ())]
    assert len(figures) == 1 and not [o for o in figures[0].outputs if o.output_type == "error"]
    given = [cell for cell in made.cells if "import heights" in cell.source]
    assert given[0].outputs == []


def test_no_module_may_be_named_as_one_that_the_kernel_has_loaded(heights: Course, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    shutil.copytree(heights.root / "release" / NAME, folder)
    notebook = nbformat.v4.new_notebook(
        metadata=nbformat.read(folder / f"{NAME}.ipynb", as_version=4).metadata
    )
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    cells = ["from autograder import check, hint, progress, review", LAST[0]]
    loaded = eval(executed(folder, cells).cells[-1].outputs[0].text)
    private = {name for name in loaded if name.startswith("_") or "pydev" in name or "cython" in name}
    assert {"IPython", "zmq"} <= set(loaded)
    assert set(loaded) - private - KERNEL == set()


def test_the_handout_holds_them(heights: Course, tmp_path: Path) -> None:
    handout.write(handout.make(heights.root, "02"), tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        found = {name.removeprefix(f"{NAME}/"): archive.read(name) for name in archive.namelist()}
    assert {name: found[name] for name in FILES} == FILES


def test_the_desk_holds_them(heights: Course, tmp_path: Path) -> None:
    shutil.copytree(heights.root, tmp_path / "course")
    assert files_below(lab.copy_out(tmp_path / "course") / NAME) == FILES


def test_the_site_shows_and_offers_them(heights: Course, tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="no Sphinx: pip install -e '.[site]'")
    root = tmp_path / "course"
    shutil.copytree(heights.root, root)
    write_files(root / "release" / NAME, {"data/notes.md": b"# No page of the site\n"})
    shutil.copytree(ROOT / "site", root / "site")
    sites.build(root, tmp_path / "site")
    page = (tmp_path / "site" / "lessons" / f"{NAME}.html").read_text(encoding="utf-8")
    pictures = [part.split('"')[0] for part in page.split('src="')[1:] if "plot.png" in part.split('"')[0]]
    tables = [part.split('"')[0] for part in page.split('href="')[1:] if "heights.csv" in part.split('"')[0]]
    assert len(pictures) == len(tables) == 1
    lessons = tmp_path / "site" / "lessons"
    assert (lessons / pictures[0]).read_bytes() == FILES["plot.png"]
    assert (lessons / tables[0]).read_bytes() == FILES["data/heights.csv"]
    with zipfile.ZipFile(tmp_path / "site" / "downloads" / f"{NAME}.zip") as archive:
        assert {name: archive.read(f"{NAME}/{name}") for name in FILES} == FILES


def test_grading_finds_them_here_and_in_plain_nbgrader(
    heights: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_class.write(heights, NAME, tmp_path / "ours")
    submitted = tmp_path / "ours" / "submitted"
    shutil.rmtree(submitted / "endless-loop")
    # Somebody's own table and module are no reason for another grade: the course's are put in their place.
    write_files(submitted / "all-right" / NAME, {"data/heights.csv": b"a\n", "heights.py": b"read = None\n"})
    shutil.copytree(tmp_path / "ours", tmp_path / "stock")
    # Grading is started where other modules of these names lie: they are nobody's business.
    write_files(tmp_path / "home", {"heights.py": b"read = None\n", "tables.py": b""})
    monkeypatch.chdir(tmp_path / "home")
    assert not {"heights", "tables", "tables.units"} & set(preload_for(tmp_path / "ours", "02"))
    grade_course(tmp_path / "ours", "02", (), SETTINGS, due=sample_class.DUE)
    code, said = nbgrader(tmp_path / "stock", "generate_assignment", NAME, "--force")
    assert code == 0, said
    for kind in KINDS:
        assert files_below(tmp_path / "stock" / kind / NAME) == FILES
    nbgrader(tmp_path / "stock", "autograde", NAME)
    monkeypatch.setattr("tests.support.stock_nbgrader.NAME", NAME)
    ours, theirs = (
        {who: row["score"] for who, row in rows(tmp_path / one).items()} for one in ("ours", "stock")
    )
    assert ours == theirs
    assert ours == {
        "all-right": 3,
        "all-blank": 0,
        "first-half": 1,
        "late": 3,
        "syntax-error": 2,
        "mistakes-01": 0,
        "mistakes-02": 1,
        "mistakes-03": 1,
    }


def test_code_of_a_lesson_is_run_beside_them_wherever_one_is(
    heights: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = evaluate.evaluate(lesson.read(heights.path(NAME)))
    assert [one.references for one in found] == [{"mean_height": 1.7225}, {"spread_height": 0.1525}]
    assert Path.cwd() == tmp_path and list(tmp_path.iterdir()) == []
