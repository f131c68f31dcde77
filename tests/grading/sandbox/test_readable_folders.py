"""A course is kept from students' code wherever it lies, also below a folder of Python's or the system's."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import autograder
from autograder.core.errors import GradingError
from autograder.grading.sandbox import readable_folders, rootfs
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.readable_folders import (
    python_folders,
    refuse_what_cannot_be_hidden,
    refuse_what_students_could_read,
    without,
)
from autograder.grading.sandbox.tiers.confinement import Sandbox, trial

READABLE = (str(Path(autograder.__file__).parent), *python_folders())


@pytest.fixture
def prefix():
    """A folder as of a Python, readable for all, with a course in it that has its own environment."""
    folder = Path(tempfile.mkdtemp(prefix="prefix-"))
    for path in ("lib", "share/course/.venv/lib", "share/course/submitted/ann", "share/other"):
        (folder / path).mkdir(parents=True)
    (folder / "share" / "course" / "secret").write_text("assert x == 6")
    (folder / "share" / "course" / ".venv" / "lib64").symlink_to("lib")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_rules_go_around_what_is_hidden(prefix):
    share = prefix / "share"
    course = str(share / "course")
    assert without([str(prefix)], []) == [str(prefix)]
    assert without([str(prefix)], [course]) == [str(prefix / "lib"), str(share / "other")]
    inside = str(share / "course" / ".venv" / "lib")
    assert without([str(prefix), inside], [course]) == [str(prefix / "lib"), inside, str(share / "other")]
    assert without([str(prefix)], [str(prefix)]) == [str(prefix)]  # named: see refuse_what_cannot_be_hidden
    (share / "link").symlink_to(course)
    assert str(share / "link") not in without([str(prefix)], [course])


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
@pytest.mark.parametrize("tier", [1, 2])
def test_a_course_in_a_readable_folder_is_hidden_and_the_self_test_sees_it_otherwise(
    prefix, tier, monkeypatch
):
    course = prefix / "share" / "course"
    readable = (*READABLE, str(prefix), str(course / ".venv" / "lib"))
    reason = trial(tier, Limits(), readable)
    if reason:
        pytest.skip(f"tier {tier}: {reason}")
    assert trial(tier, Limits(), readable, [str(course)]) == ""
    assert sorted(path.name for path in course.iterdir()) == [".venv", "secret", "submitted"]
    monkeypatch.setattr(rootfs, "_hide", lambda *_: None)
    monkeypatch.setattr(readable_folders, "_around", lambda path, hidden: iter([path]))
    assert f"reading the course's folder {course}" in trial(tier, Limits(), readable, [str(course)])


def test_a_folder_that_python_needs_cannot_be_the_course(prefix):
    refuse_what_cannot_be_hidden([str(prefix / "share" / "course")], [str(prefix)])
    with pytest.raises(GradingError, match=r"Move the course to a folder of its own"):
        refuse_what_cannot_be_hidden([str(prefix)], [str(prefix)])
    with pytest.raises(GradingError, match=r"/usr"):
        Sandbox.enter(Limits(), READABLE, hidden=["/usr"])


def test_a_gradebook_in_a_readable_folder_is_refused(prefix):
    course = str(prefix / "share" / "course")
    inside, outside = prefix / "share" / "course" / "gradebook.db", prefix / "share" / "gradebook.db"
    refuse_what_students_could_read([inside, Path("/srv/gradebook.db")], [course], [str(prefix)])
    with pytest.raises(GradingError, match=r"gradebook.db lies in a folder that students' code may read"):
        refuse_what_students_could_read([outside], [course], [str(prefix)])
    with pytest.raises(GradingError, match="Move it out of /usr"):
        refuse_what_students_could_read([Path("/usr/share/exchange")], [course], [])


def test_of_a_prefix_only_what_python_needs_is_readable():
    """A virtual environment may be the course's own folder."""
    for folder in python_folders():
        path = Path(folder)
        assert str(path) not in (sys.prefix, sys.base_prefix)
        assert path.name not in ("source", "submitted", "autograded", "feedback", "gradebook.db")
    assert f"{sys.prefix}/lib" in python_folders()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
def test_a_virtual_environment_made_in_the_courses_own_folder(built_once, tmp_path):
    """Every file of the course that a student's cell finds is one of Python's."""
    import nbformat

    from autograder.authoring import sample_class
    from autograder.course import course_toml as courses

    root = tmp_path / "course"
    sample_class.write(courses.read(built_once), "01-coins", root)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    (packages,) = root.glob("lib/python*/site-packages")
    theirs = [path for path in sys.path if "site-packages" in path]
    shutil.copytree(theirs[0], packages, dirs_exist_ok=True, copy_function=os.link, symlinks=True)
    path = root / "submitted" / "all-right" / "01-coins" / "01-coins.ipynb"
    notebook = nbformat.read(path, 4)
    wanted = ["nbgrader_config.py", "gradebook.db", "lessons/01-coins.md", "source/01-coins/01-coins.ipynb"]
    wanted += ["submitted/late/01-coins/01-coins.ipynb", "pyvenv.cfg"]
    look = (
        f"for name in {wanted}:\n"
        "    try:\n"
        f"        open({str(root)!r} + '/' + name).close()\n"
        "        print('OPENED', name)\n"
        "    except OSError:\n"
        "        pass\n"
    )
    notebook.cells.insert(0, nbformat.v4.new_code_cell(look))
    nbformat.write(notebook, path)
    grade = "from autograder.__main__ import run; run()"
    command = [
        root / "bin" / "python",
        "-c",
        grade,
        "grade",
        "01",
        "--student",
        "all-right",
        "--course",
        root,
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(autograder.__file__).parents[1])}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in wanted:
        assert (root / name).exists() or name.startswith("lessons"), name
    text = (root / "autograded" / "all-right" / "01-coins" / "01-coins.ipynb").read_text()
    assert re.findall(r'"OPENED (\S+)\\n"', text) == ["pyvenv.cfg"]
