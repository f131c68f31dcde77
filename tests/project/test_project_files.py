"""The files that somebody reads first who takes the project over: they agree, and what they name is there."""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
import yaml

import autograder
from autograder.authoring.checks.registry import PROMISES
from autograder.authoring.roles.registry import ROLES
from autograder.cli import VERBS
from autograder.publishing import wheel

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "docs" / "dev"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = [
    *sorted(DEV.rglob("*.md")),
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")),
]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PATH = re.compile(
    r"`((?:autograder|tests|docs|lessons|deploy|\.github)/[\w./-]+|[\w-]+\.(?:md|cff|toml)|\.ci/run)`"
)


def name_of(path: Path) -> str:
    """A file's path below the repository, as a test's id."""
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """Markdown without its fenced and indented blocks and its code in a line."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    text = re.sub(r"^(?: {4}|\t).*$", "", text, flags=re.M)
    return re.sub(r"(?<!\[)`[^`\n]*`(?!\])", "", text)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# pages


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    made = {"lesson.json", "course.toml", "my-progress.jsonl", "grades.csv"}
    for name in PATH.findall(page.read_text(encoding="utf-8")):
        if Path(name).name in made or "04-normalizing-flows" in name:
            continue
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), name


def test_rooms_of_the_architecture_are_the_rooms() -> None:
    text = (DEV / "architecture.md").read_text(encoding="utf-8")
    for init in (ROOT / "autograder").rglob("__init__.py"):
        room = init.parent.relative_to(ROOT / "autograder").as_posix()
        room = room if room.split("/")[0] in ("authoring", "grading", "classroom") else room.split("/")[0]
        assert room == "." or f"`{room}`" in text, room


def test_modules_of_the_architecture_are_there() -> None:
    text = (DEV / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "autograder").rglob("__init__.py")} - {"autograder"}
    for name in re.findall(rf"`((?:\w+/)?(?:{'|'.join(rooms)})/\w+)(?:\.\w+)*`", text):
        places = [ROOT / "autograder" / name, ROOT / "autograder" / "grading" / name]
        assert any(place.is_dir() or place.with_suffix(".py").is_file() for place in places), name


def test_each_decision_is_in_the_list_and_says_its_status() -> None:
    listed = (DEV / "decisions" / "README.md").read_text(encoding="utf-8")
    records = sorted((DEV / "decisions").glob("0*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for number, path in enumerate(records, 1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        assert f"({path.name})" in listed
        for part in ("\nStatus: ", "\n## The situation\n", "\n## The decision\n", "\n## What follows\n"):
            assert part in text, f"{path.name} has no {part.strip()}"


def test_the_picture_of_the_processes_has_words_for_who_cannot_see_it() -> None:
    svg = ElementTree.parse(DEV / "processes.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert svg.findtext(f"{space}title")
    assert svg.findtext(f"{space}desc")
    said = " ".join("".join(text.itertext()) for text in svg.iter(f"{space}text"))
    for process in ("Engine", "Pool worker", "Fork server", "Student child", "Tester child", "Dask worker"):
        assert process in said


# how to add


def test_files_that_how_to_add_names_are_there() -> None:
    """Those with a whole path, but for those that are to be made."""
    text = (DEV / "how-to-add.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:autograder|tests|docs)/[\w/.-]+)`", text))
    assert len(named) > 40
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize(
    ("file", "name"),
    re.findall(
        r"^\|? *(?:\d+\. )?`(autograder/[\w/]+\.py)`[^\n]*?`(_?[A-Z][A-Z_]{3,}|attempts|PROMISES)`",
        (DEV / "how-to-add.md").read_text(encoding="utf-8"),
        re.M,
    ),
)
def test_tables_that_how_to_add_names_are_in_their_files(file: str, name: str) -> None:
    assert re.search(rf"^(?:def )?{name}\b", (ROOT / file).read_text(encoding="utf-8"), re.M)


def test_what_can_be_added_has_a_table() -> None:
    """The pages speak of registries under these names."""
    assert "hint" in ROLES
    assert "grade" in VERBS
    assert len(PROMISES) > 10


# version, changelog, citation, wheel


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert PROJECT["version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.M)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one) for one in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_citation_says_what_a_citation_must() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for key in ("cff-version", "message", "title", "authors"):
        assert citation[key]
    assert citation["type"] == "software"
    assert PROJECT["license"] in citation["license"]


def test_the_wheel_says_that_it_has_types() -> None:
    names = zipfile.ZipFile(BytesIO(wheel.build().data)).namelist()
    assert "autograder/py.typed" in names
    assert "Typing :: Typed" in PROJECT["classifiers"]


def test_classifiers_fit_the_python_that_is_required() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in PROJECT["classifiers"]


# habits of the repository


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_is_well_formed(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["name"]
    assert workflow[True]  # `on`, which YAML 1.1 reads as a truth value
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        assert all("uses" in step or "run" in step for step in job["steps"])


def test_the_matrix_runs_what_a_developer_runs() -> None:
    (path,) = [path for path in WORKFLOWS if path.name == "ci.yml"]
    linux = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["linux"]
    assert ".ci/run" in [step.get("run") for step in linux["steps"]]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    versions = linux["strategy"]["matrix"]["python"]
    assert versions[0] == PROJECT["requires-python"].removeprefix(">=")
    assert versions == ["3.11", "3.12", "3.13", "3.14"]


def test_folders_that_the_workflows_test_are_there() -> None:
    for path in WORKFLOWS:
        for folder in re.findall(r"\btests/\w+", path.read_text(encoding="utf-8")):
            assert (ROOT / folder).is_dir(), folder


def test_hooks_before_a_commit_need_no_other_repository() -> None:
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in settings["repos"]] == ["local"]
    commands = " ".join(hook["entry"] for hook in settings["repos"][0]["hooks"])
    for tool in ("ruff format", "ruff check", "mypy", "lint-imports"):
        assert f".venv/bin/{tool}" in commands


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.md")), ids=name_of)
def test_an_issue_template_has_its_head(path: Path) -> None:
    head = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    assert set(head) == {"name", "about", "labels"}


def test_built_folders_are_marked_as_generated() -> None:
    lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    for folder in ("source", "release"):
        assert f"{folder}/** linguist-generated=true" in lines


def test_the_package_is_the_one_of_this_repository() -> None:
    """Else the tests above would read another one's py.typed."""
    assert Path(autograder.__file__).is_relative_to(ROOT)
