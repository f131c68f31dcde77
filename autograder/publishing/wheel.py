"""The installed autograder as a wheel, what a learner installs; made without a build tool or a network.

The package's files are taken as they are, from a source tree or from site-packages; the metadata are those
of the installation. The bytes depend on nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import autograder
from autograder.core.distribution import DISTRIBUTION
from autograder.core.errors import CourseError
from autograder.publishing.deterministic_zip import stored


@dataclass(frozen=True)
class Wheel:
    """A wheel's file name and its bytes."""

    name: str
    data: bytes


def build() -> Wheel:
    """The wheel. Raises CourseError where autograder runs without being installed."""
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise CourseError(f"{DISTRIBUTION} is not installed. Run: pip install -e .") from error
    title = f"{installed.name.replace('-', '_')}-{installed.version}"
    about = f"{title}.dist-info"
    files = {**_package(), **_licenses(installed, about)}
    for name in ("METADATA", "entry_points.txt"):
        files[f"{about}/{name}"] = (installed.read_text(name) or "").encode()
    files[f"{about}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: autograder handout\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in sorted(files.items())]
    files[f"{about}/RECORD"] = "\n".join([*lines, f"{about}/RECORD,,", ""]).encode()
    return Wheel(f"{title}-py3-none-any.whl", stored(files))


def _package() -> dict[str, bytes]:
    folder = Path(autograder.__file__).parent
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    }


def _licenses(installed: metadata.Distribution, about: str) -> dict[str, bytes]:
    return {
        file.as_posix(): Path(str(file.locate())).read_bytes()
        for file in installed.files or ()
        if file.as_posix().startswith(f"{about}/licenses/")
    }


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
