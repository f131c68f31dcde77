"""What the in-browser edition takes from outside, fetched once into a folder, and held against hashes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from autograder.core.errors import BuildError, ToolError

PYODIDE = "314.0.6"
"""What jupyterlite-pyodide-kernel 0.8.6 is made for; npm carries its core and standard library."""
PYODIDE_SHA256 = "d78ac549b28a2a58600cd06f44e017024151775f8c6b2d73fab1475400d38ea2"
PYTHON = "3.14"
WHEELS = "wheels.txt"
"""Beside this file: the pure-Python wheels by version and hash, in pip's own form."""


@dataclass(frozen=True)
class Fetched:
    """Where things lie: npm's Pyodide, the wheels from PyPI."""

    pyodide: Path
    wheels: tuple[Path, ...]


def fetch(cache: Path) -> Fetched:
    """Fetch what is not yet in the folder `cache`.

    Raises ToolError where npm or pip is missing or the network does not answer, BuildError where something
    is not what it was when its hash was written down.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return Fetched(_pyodide(cache), _wheels(cache))


def is_complete(cache: Path) -> bool:
    """Whether all of it is in the folder `cache`, so that nothing has to be fetched."""
    return (cache / f"pyodide-{PYODIDE}").exists() and _wheels_folder(cache).exists()


def _pyodide(cache: Path) -> Path:
    target = cache / f"pyodide-{PYODIDE}"
    if target.exists():
        return target
    archive = cache / f"pyodide-{PYODIDE}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise ToolError("npm is missing; it fetches Pyodide. Install Node.js 18 or newer.")
        what = f"Pyodide {PYODIDE} cannot be fetched from npm"
        _run([npm, "pack", "--silent", f"pyodide@{PYODIDE}", "--pack-destination", str(cache)], what)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != PYODIDE_SHA256:
        archive.unlink()
        raise BuildError(f"npm's pyodide@{PYODIDE} has the hash {found}, not {PYODIDE_SHA256}. Not used.")
    unpacked = cache / "package"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(cache, filter="data")
    unpacked.rename(target)
    return target


def _listed() -> str:
    return resources.files(__package__).joinpath(WHEELS).read_text(encoding="utf-8")


def _wheels_folder(cache: Path) -> Path:
    # A change of the list is another folder, so that no old wheel stays.
    return cache / f"wheels-{hashlib.sha256(_listed().encode()).hexdigest()[:12]}"


def _wheels(cache: Path) -> tuple[Path, ...]:
    target = _wheels_folder(cache)
    if not target.exists():
        making = cache / "wheels-making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        (making / WHEELS).write_text(_listed(), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary", ":all:", "--platform", "any", "--implementation", "py"]
        command += ["--python-version", PYTHON, "--require-hashes", "-r", str(making / WHEELS)]
        _run([*command, "-d", str(making)], "The wheels of the in-browser edition cannot be fetched")
        (making / WHEELS).unlink()
        making.rename(target)
    return tuple(sorted(target.glob("*.whl")))


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        raise ToolError("pip is missing; it fetches wheels. Install it: python -m ensurepip")
    if done.returncode:
        raise ToolError(f"{what}:\n{(done.stderr or done.stdout).strip()[-1500:]}")


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
