"""A lesson's buttons on the site; the whole course's site, together with the in-browser edition."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.authoring.building import build as building
from autograder.authoring.format import glossary
from autograder.core.errors import BuildError, ToolError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.publishing import site as sites
from autograder.publishing.jupyterlite import build as lites
from autograder.publishing.jupyterlite import downloads
from tests.support.site_formulas import bad_formulas, formulas_of
from tests.support.site_links import dead_links

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "lite-cache"
NAME = "01-coins"


def actions(course: Course, to: Path, lite: bool) -> str:
    """The list of links at the top of the lesson's page."""
    shutil.copytree(ROOT / "site", course.root / "site", dirs_exist_ok=True)
    sites.lay_out(course, to, lite)
    notebook = json.loads((to / "lessons" / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    (found,) = ["".join(cell["source"]) for cell in notebook["cells"] if cell["id"] == "actions"]
    return found


def test_a_lesson_can_be_downloaded_and_its_cards_read(tiny_built: Course, tmp_path: Path) -> None:
    found = actions(tiny_built, tmp_path / "source", lite=False)
    assert f'href="../downloads/{NAME}.zip"' in found and f'href="../cards/{NAME}.html"' in found
    assert "lite/" not in found and "://" not in found


def test_a_lesson_opens_in_the_browser_where_the_edition_is_there(tiny_built: Course, tmp_path: Path) -> None:
    found = actions(tiny_built, tmp_path / "source", lite=True)
    assert f'href="../lite/lab/index.html?path={NAME}/{NAME}.ipynb"' in found


def test_a_public_repository_brings_colab_and_binder(tiny_built: Course, tmp_path: Path) -> None:
    table = tiny_built.root / "lessons" / "course.toml"
    table.write_text(table.read_text().replace('title = "A', 'repository = "owner/name"\ntitle = "A', 1))
    found = actions(courses.read(tiny_built.root), tmp_path / "source", lite=False)
    there = f"release/{NAME}/{NAME}.ipynb"
    assert f'href="https://colab.research.google.com/github/owner/name/blob/HEAD/{there}"' in found
    assert f'href="https://mybinder.org/v2/gh/owner/name/HEAD?urlpath=lab/tree/{there}"' in found


DERIVATION = r"""
$$
\begin{aligned}
\text{(1)} \quad H(p) &= \mathbb{E}[-\ln p(x)] \\
\text{(2)} \quad &\le \begin{cases} \ln 2 & \text{for } n < 3 \\ \ln n & \text{else} \end{cases}
\end{aligned}
$$
"""


def test_every_formula_of_a_page_is_whole(tiny: Course, tmp_path: Path) -> None:
    """Those of the reading, of recalls, of cards, and of the lines that open them."""
    shutil.copytree(ROOT / "site", tiny.root / "site", dirs_exist_ok=True)
    path = tiny.root / "lessons" / f"{NAME}.md"
    text = path.read_text(encoding="utf-8")
    text = text.replace("probability $p$.", f"probability $p$, so $1 - p$ & tails.\n{DERIVATION}", 1)
    text = text.replace("the entropy of a coin? ::", r"the entropy $H(\mathrm{Be}(p))$ of a coin? ::", 1)
    path.write_text(text, encoding="utf-8")
    building.build(tiny, tiny.lessons)
    glossary.write(tiny)
    sites.build(tiny.root, tmp_path / "site")
    count, wrong = bad_formulas(tmp_path / "site")
    assert wrong == [] and count > 15
    page = (tmp_path / "site" / "lessons" / f"{NAME}.html").read_text(encoding="utf-8")
    (derivation,) = [one for one in formulas_of(page) if "m-aligned" in one]
    assert derivation.count("<mtr>") == 4 and derivation.count("<mtable") == 2
    assert 'href="../_static/formulas.css' in page


def test_a_formula_beside_the_lessons_stops_the_site_with_its_page(
    tiny_built: Course, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "site", tiny_built.root / "site", dirs_exist_ok=True)
    notation = tiny_built.root / "lessons" / "NOTATION.md"
    notation.write_text("# Notation\n\nOne line.\n\nThe $\\foo$ of it.\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"notation\.md:\d+: WARNING: unknown command \\foo, in the formula"):
        sites.build(tiny_built.root, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_the_count_of_bad_formulas_sees_them(tmp_path: Path) -> None:
    for page in (
        "<p><math><mi>&</mi></math></p>",
        "<p><math><mi>&amp;</mi></math></p>",
        r"<p><math><mi>\foo</mi></math></p>",
        "<p><math><mi>x</math></p>",
        r"<summary>What is $\epsilon$?</summary>",
        r"<p>\begin{align} x</p>",
    ):
        (tmp_path / "a.html").write_text(page, encoding="utf-8")
        assert len(bad_formulas(tmp_path)[1]) == 1, page


@pytest.mark.slow
def test_the_whole_site_and_its_edition_hang_together(tmp_path: Path) -> None:
    """Sphinx has no warning (they are errors there), and every link leads somewhere, also into lite/."""
    if not downloads.is_complete(CACHE):
        pytest.skip("Pyodide and its wheels are not here: run make lite")
    site = tmp_path / "site"
    try:
        lites.build(ROOT, site / "lite", cache=CACHE)
    except ToolError as error:
        pytest.skip(str(error))
    sites.build(ROOT, site)
    count, wrong = bad_formulas(site)
    assert wrong == [] and count > 7000
    checked, dead = dead_links(site)
    assert dead == [] and checked > 1000
    lessons = sorted(path.name for path in (ROOT / "release").iterdir())
    for name in lessons:
        page = (site / "lessons" / f"{name}.html").read_text(encoding="utf-8")
        assert f"../lite/lab/index.html?path={name}/{name}.ipynb" in page
        assert (site / "lite" / "files" / name / "lesson.json").exists()
    assert len(lessons) == 16
