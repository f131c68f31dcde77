"""What holds for every lesson of the course: solved it runs without a word, and its figure is alive."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.authoring.roles.cell import Cell
from autograder.authoring.sample_class import filled_in, solved_source
from autograder.study.figures import Choice, Explorer, Slider
from tests.support.every_lesson import ROOT, each_lesson


@each_lesson
def test_the_solved_release_runs_without_a_warning(name: str, tmp_path: Path) -> None:
    """As a learner has it who typed every right answer: each check says so, and nothing else is said."""
    folder = shutil.copytree(ROOT / "release" / name, tmp_path / name)
    exercises = evaluate.evaluate(lesson.read(ROOT / "lessons" / f"{name}.md"))
    blank = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    notebook = filled_in(blank, {one.text.id: solved_source(one) for one in exercises})
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    said = {cell.id: _text(cell) for cell in notebook.cells if cell.cell_type == "code"}
    for one in exercises:
        assert f"✓ {one.text.id}" in said[f"{name[:2]}-{one.text.id}-check"]
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", f"{cell.id}: {output.text}"


def _text(cell: Any) -> str:
    return "".join(output.get("text", "") or str(output.get("data", "")) for output in cell.outputs)


@each_lesson
def test_every_control_of_a_figure_does_something(name: str) -> None:
    """Each slider and choice changes the picture, at some setting of the choices."""
    cells = [
        block for block in lesson.read(ROOT / "lessons" / f"{name}.md").blocks if isinstance(block, Cell)
    ]
    figures = [cell for cell in cells if cell.role == "figure"]
    assert figures
    for cell in figures:
        figure = evaluate.run(cell, {"__name__": "__lesson__"})
        assert isinstance(figure, Explorer)
        for control in figure.controls:
            assert _changes(figure, control), f"{name}: {control} changes nothing"


def _changes(figure: Explorer, control: str) -> bool:
    # A control may matter only in one mode, e.g. a slider of the sampler that is chosen.
    modes = [{}] + [
        {other: option}
        for other, choice in figure.controls.items()
        if isinstance(choice, Choice) and other != control
        for option in choice.options[1:]
    ]
    return any(
        len({_drawn(figure, {**mode, control: at}) for at in _settings(figure, control)}) > 1
        for mode in modes
    )


def _settings(figure: Explorer, control: str) -> list[Any]:
    found = figure.controls[control]
    return list(found.options) if isinstance(found, Choice) else [found.start, found.low, found.high]


def _drawn(figure: Explorer, values: dict[str, Any]) -> tuple[bytes, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        png, text = figure.picture(**values)
    assert png.startswith(b"\x89PNG") and len(text) > 40
    assert "nan" not in text.lower().split(), text
    return png, text


def test_a_dead_control_would_be_seen() -> None:
    def draw(figure: Any, used: float, dead: float) -> str:
        figure.text(0.5, 0.5, f"{used}")
        return f"A picture of the number {used} and of nothing else at all."

    figure = Explorer(
        draw, (2, 2), {"used": Slider("used", 0, 0, 1, 0.1), "dead": Slider("dead", 0, 0, 1, 0.1)}
    )
    assert _changes(figure, "used") and not _changes(figure, "dead")
