"""environment.yml, pyproject.toml and the locks say the same, and the locks hold no address."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
CONDA_TO_PYPI = {"matplotlib-base": "matplotlib"}
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
LITE = SETTINGS["dependency-groups"]["lite"]
LOCK = (ROOT / "requirements.lock").read_text()
LITE_LOCK = (ROOT / "requirements-lite.lock").read_text()


def conda_requirements() -> dict[str, str]:
    """The specifier of each dependency of environment.yml, by its PyPI name."""
    found = {}
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (from_pip,) = (entry["pip"] for entry in entries if isinstance(entry, dict))
    for line in [*(entry for entry in entries if isinstance(entry, str)), *from_pip]:
        name, specifier = re.fullmatch(r"([\w.-]+)\s*(.*)", line).groups()
        found[canonicalize_name(CONDA_TO_PYPI.get(name, name))] = str(Requirement(f"x{specifier}").specifier)
    return found


def locked(lock: str) -> dict[str, list[Version]]:
    """The locked versions by name; a name may be locked once for each platform."""
    found: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.M):
        found.setdefault(canonicalize_name(name), []).append(Version(version))
    return found


def test_conda_and_pyproject_ask_for_the_same():
    conda = conda_requirements()
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    wanted = {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, PROJECT["dependencies"])}
    assert conda == wanted


EXTRAS = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]


@pytest.mark.parametrize(
    ("line", "lock"),
    [*((line, LOCK) for line in [*PROJECT["dependencies"], *EXTRAS]), *((line, LITE_LOCK) for line in LITE)],
    ids=lambda value: "" if "\n" in value else value,
)
def test_the_lock_satisfies_pyproject(line, lock):
    requirement = Requirement(line)
    versions = locked(lock)[canonicalize_name(requirement.name)]
    assert versions and all(version in requirement.specifier for version in versions)


def test_jupyterlite_is_not_installed_beside_jupyterlab():
    """Its extension would find nothing to extend there, and say so in every page."""
    assert not [name for name in locked(LOCK) if name.startswith("jupyterlite")]


@pytest.mark.parametrize("lock", [LOCK, LITE_LOCK], ids=["learner", "lite"])
def test_the_lock_has_hashes_and_no_address(lock):
    assert "://" not in lock
    assert "--index-url" not in lock and "--find-links" not in lock
    pins = re.findall(r"^([\w.-]+)==.*?(?=^[\w.-]+==|\Z)", lock, re.M | re.S)
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]
    assert len(pins) == len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)


def test_no_default_channel():
    channels = yaml.safe_load((ROOT / "environment.yml").read_text())["channels"]
    assert "defaults" not in channels and "nodefaults" in channels


def test_each_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    for line in [*PROJECT["dependencies"], *EXTRAS, *LITE]:
        assert re.search(rf'"{re.escape(line)}",\s+# \w+', text), f"{line} has no reason beside it"
