"""environment.yml, pyproject.toml and requirements.lock say the same, and the lock holds no address."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
CONDA_TO_PYPI = {"matplotlib-base": "matplotlib"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


def conda_requirements() -> dict[str, str]:
    """The specifier of each dependency of environment.yml, by its PyPI name."""
    found = {}
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (from_pip,) = (entry["pip"] for entry in entries if isinstance(entry, dict))
    for line in [*(entry for entry in entries if isinstance(entry, str)), *from_pip]:
        name, specifier = re.fullmatch(r"([\w.-]+)\s*(.*)", line).groups()
        found[canonicalize_name(CONDA_TO_PYPI.get(name, name))] = str(Requirement(f"x{specifier}").specifier)
    return found


def locked() -> dict[str, list[Version]]:
    """The locked versions by name; a name may be locked once for each platform."""
    found: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK, re.M):
        found.setdefault(canonicalize_name(name), []).append(Version(version))
    return found


def test_conda_and_pyproject_ask_for_the_same():
    conda = conda_requirements()
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    wanted = {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, PROJECT["dependencies"])}
    assert conda == wanted


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_the_lock_satisfies_pyproject(line):
    requirement = Requirement(line)
    versions = locked()[canonicalize_name(requirement.name)]
    assert all(version in requirement.specifier for version in versions)


def test_the_lock_has_hashes_and_no_address():
    assert "://" not in LOCK
    assert "--index-url" not in LOCK and "--find-links" not in LOCK
    pins = re.findall(r"^([\w.-]+)==.*?(?=^[\w.-]+==|\Z)", LOCK, re.M | re.S)
    entries = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.M)[1:]
    assert len(pins) == len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)


def test_no_default_channel():
    channels = yaml.safe_load((ROOT / "environment.yml").read_text())["channels"]
    assert "defaults" not in channels and "nodefaults" in channels


def test_each_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        assert re.search(rf'"{re.escape(line)}",\s+# \w+', text), f"{line} has no reason beside it"
