"""The fingerprint that a notebook and its lesson.json share: of what learners get, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.building.build import build
from autograder.course import lesson_json, version
from autograder.course.course_toml import Course
from tests.support.builds import change

NAME = "01-coins"


def versions(course: Course) -> set[str]:
    """Every fingerprint in the four built files."""
    found = set()
    for kind in ("source", "release"):
        folder = course.root / kind / NAME
        notebook = json.loads((folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))
        assert notebook["metadata"]["autograder"]["lesson"] == NAME
        found |= {
            notebook["metadata"]["autograder"]["version"],
            lesson_json.read(folder / lesson_json.FILE).version,
        }
    return found


def after(course: Course, *edits: tuple[str, str]) -> str:
    """The fingerprint that the lesson has after an edit and a build."""
    changed = change(course, f"{NAME}.md", *edits)
    build(changed, changed.lessons)
    (found,) = versions(changed)
    return found


def test_notebook_and_lesson_json_carry_the_same(tiny_built: Course) -> None:
    (found,) = versions(tiny_built)
    assert len(found) == 12 and set(found) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "edit",
    [
        ("A coin shows", "This coin shows"),
        ("coin = np.array([0.75, 0.25])", "coin = np.array([3, 1]) / 4"),
        ("Weight $-\\ln p$ by $p$.", "Weight each term."),
        ("The edge does not count.", "The edge is no side."),
        ("coin_sides = 3", "coin_sides = 4"),
        ("The fair one.", "The fair coin."),
        ('"points": 1', '"points": 2'),
        ("1.0, 0.05), size", "1.0, 0.02), size"),
    ],
    ids=["text", "given", "hint", "feedback", "mistake", "card", "points", "figure"],
)
def test_what_a_learner_gets_makes_a_version(tiny_built: Course, edit: tuple[str, str]) -> None:
    (before,) = versions(tiny_built)
    assert after(tiny_built, edit) != before


@pytest.mark.parametrize(
    "edit",
    [
        ("coin_sides = 2\n", "coin_sides = 1 + 1\n"),
        ("assert coin_sides == len(coin)", "assert len(coin) == coin_sides"),
        ("np.full(8, 1 / 8)) - math.log(8)", "np.full(4, 1 / 4)) - math.log(4)"),
    ],
    ids=["solution", "proof", "hidden test"],
)
def test_what_no_learner_sees_makes_none(tiny_built: Course, edit: tuple[str, str]) -> None:
    (before,) = versions(tiny_built)
    assert after(tiny_built, edit) == before


def test_pictures_are_not_in_it_and_files_beside_are(tiny_built: Course, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    shutil.copytree(tiny_built.root / "release" / NAME, folder)
    path = folder / f"{NAME}.ipynb"
    before = version.stamp(folder)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs: list[Any] = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    outputs[0]["data"] |= {"image/png": "other bytes", "text/plain": "other last digits"}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert version.stamp(folder) == before
    (folder / "data").mkdir()
    (folder / "data" / "throws.csv").write_text("1,0\n", encoding="utf-8")
    with_file = version.stamp(folder)
    (folder / "data" / "throws.csv").write_text("0,1\n", encoding="utf-8")
    assert len({before, with_file, version.stamp(folder)}) == 3


def test_a_build_is_byte_for_byte_what_nbformat_writes(tiny_built: Course) -> None:
    for kind in ("source", "release"):
        path = tiny_built.root / kind / NAME / f"{NAME}.ipynb"
        assert nbformat.writes(nbformat.read(path, as_version=4)) + "\n" == path.read_text(encoding="utf-8")


def test_a_lesson_json_from_before_is_still_read(tiny_built: Course) -> None:
    path = tiny_built.root / "release" / NAME / lesson_json.FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["lesson"]["version"]
    path.write_text(json.dumps(data), encoding="utf-8")
    lesson = lesson_json.read(path)
    assert lesson.version == "" and lesson.id == NAME
    assert "version" not in lesson_json.to_json(lesson, "salt")["lesson"]


def test_a_learners_save_keeps_it(tiny_built: Course, tmp_path: Path) -> None:
    """By the contents manager of Jupyter's server, through which JupyterLab saves."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

    folder = tmp_path / "work"
    shutil.copytree(tiny_built.root / "release" / NAME, folder)
    manager = AsyncLargeFileManager(root_dir=str(folder))

    async def open_and_save() -> None:
        model = await manager.get(f"{NAME}.ipynb", content=True)
        model["content"]["cells"][0]["source"] += "\nA note of mine."
        await manager.save(
            {"type": "notebook", "format": "json", "content": model["content"]}, f"{NAME}.ipynb"
        )

    # In a thread of its own: a browser test before this one has left a loop running in the main one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_and_save()).result()
    saved = json.loads((folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    assert "A note of mine." in json.dumps(saved)
    (found,) = versions(tiny_built)
    assert saved["metadata"]["autograder"] == {"lesson": NAME, "version": found}
