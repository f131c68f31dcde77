"""The tiny course of tests/support/tiny_course, copied for each test."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from autograder.authoring.building import build as building
from autograder.authoring.format import glossary
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.publishing.flashcard_page import BROWSERS

# A busy machine is no failure: no test looks at the clock. Each run tries the same generated inputs, so
# that a change is judged by itself and not by luck; `make fuzz` looks for new ones, and what it finds
# becomes an @example of its test.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("AUTOGRADER_HYPOTHESIS", "same"))

CHROMIUM_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def pytest_configure(config: pytest.Config) -> None:
    """Each of several test processes has a folder for temporary files of its own.

    Some tests look for what is left behind there, and would see what another process has just begun.
    """
    if hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="tests-")
        Path(folder).chmod(0o1777)  # as /tmp: jobs of other users write there, too
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


PICTURES = os.environ.get("AUTOGRADER_PICTURES", "")
TINY = Path(__file__).parent / "support" / "tiny_course"


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    """A fresh copy of the tiny course, not built."""
    root = tmp_path / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("source", "release", "work", ".*"))
    return courses.read(root)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course built once; copy it, never change it."""
    root = tmp_path_factory.mktemp("built") / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("source", "release", "work", ".*"))
    course = courses.read(root)
    building.build(course, course.lessons)
    glossary.write(course)
    return root


@pytest.fixture
def tiny_built(built_once: Path, tmp_path: Path) -> Course:
    """A fresh copy of the tiny course, built."""
    root = tmp_path / "course"
    shutil.copytree(built_once, root)
    return courses.read(root)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of this machine; without one, every test here is skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium: install the Debian package chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    sync_api.expect.set_options(timeout=30_000)  # five seconds are too few on a busy machine
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def keep() -> Callable[[str, bytes], None]:
    """Save a screenshot under a name in the folder that AUTOGRADER_PICTURES names; without it, do nothing."""

    def save(name: str, png: bytes) -> None:
        if not PICTURES:
            return
        from PIL import Image

        picture = Image.open(io.BytesIO(png)).convert("RGB")
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        picture.quantize(256).save(Path(PICTURES) / f"{name}.png", optimize=True)

    return save
