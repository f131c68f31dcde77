"""The wheels that lie on the site: this package's own, made here, and those of others without dead weight."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import Parser
from fnmatch import fnmatch
from pathlib import Path

import autograder
from autograder.core.distribution import DISTRIBUTION

FIGURES = f"{DISTRIBUTION}-figures"
STAMP = (2026, 1, 1, 0, 0, 0)
ROOMS = ("core", "course", "rendering", "study")
"""The rooms that a learner's notebook needs: study, and what it imports."""

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "*": ("*/tests/*", "*.pyi", "*.data/*"),
    "pygments": ("pygments/lexers/[!_]*",),  # of five hundred languages; see KEPT
    # Its part in the page is JupyterLab's extension of the same version, which the site serves.
    "anywidget": ("anywidget/nbextension/*",),
}
"""Files of a package's wheel that no lesson needs, as patterns. Licenses always stay."""
KEPT: dict[str, tuple[str, ...]] = {
    "pygments": ("pygments/lexers/python.py", "pygments/lexers/special.py"),  # for tracebacks
}
"""Exceptions from LEFT_OUT."""


@dataclass(frozen=True)
class Wheel:
    """A wheel file and what its metadata say."""

    path: Path
    name: str
    version: str
    needs: tuple[str, ...]
    modules: tuple[str, ...]


def read(path: Path) -> Wheel:
    """What a wheel says of itself. `modules` are the names that ``import`` finds in it."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        head = Parser().parsestr(archive.read(metadata).decode())
    needs = [line for line in head.get_all("Requires-Dist") or () if "extra ==" not in line]
    tops = {re.sub(r"\.pyc?$", "", name.split("/")[0]) for name in names if name.endswith((".py", ".pyc"))}
    return Wheel(
        path,
        normal(head["Name"]),
        head["Version"],
        tuple(normal(re.match(r"[\w.-]+", line)[0]) for line in needs),  # type: ignore[index]
        tuple(sorted(top for top in tops if not top.endswith((".dist-info", ".data")))),
    )


def normal(name: str) -> str:
    """A package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lighten(path: Path, to: Path) -> Path:
    """Copy a wheel into the folder `to` without what LEFT_OUT names."""
    name = normal(path.name.split("-")[0])
    with zipfile.ZipFile(path) as archive:
        files = ((entry, archive.read(entry)) for entry in archive.namelist() if not _left_out(name, entry))
        return write(to / path.name, files)


def _left_out(package: str, entry: str) -> bool:
    patterns = (*LEFT_OUT["*"], *LEFT_OUT.get(package, ()))
    kept = any(fnmatch(entry, pattern) for pattern in KEPT.get(package, ()))
    return any(fnmatch(entry, pattern) for pattern in patterns) and not kept


def own(to: Path) -> tuple[Path, Path]:
    """This package as a learner's notebook uses it (the rooms of ROOMS), and one for what figures need.

    Made here and not by a build tool: what runs in a browser is a part of the package, and needs none of
    what the whole depends on.
    """
    root = Path(autograder.__file__).parent
    files = [root / "__init__.py", *(path for room in ROOMS for path in (root / room).rglob("*"))]
    kept = sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)
    inside = ((path.relative_to(root.parent).as_posix(), path.read_bytes()) for path in kept)
    needs = ("anywidget", "fsrs", "ipython", "latex2mathml", "markdown-it-py", "mdit-py-plugins")
    figures = (DISTRIBUTION, "ipywidgets", "matplotlib", "numpy")
    return _made(to, DISTRIBUTION, needs, inside), _made(to, FIGURES, figures)


def stub(to: Path, name: str, version: str) -> Path:
    """Write an empty wheel, for a package that others ask for and nobody imports.

    Args:
        to: the folder to write it into.
        name: the package's name.
        version: its version.

    Returns:
        The wheel.
    """
    return _made(to, name, version=version)


def _made(
    to: Path,
    name: str,
    needs: tuple[str, ...] = (),
    files: Iterable[tuple[str, bytes]] = (),
    version: str = "0.1.0",
) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    about += "".join(f"Requires-Dist: {need}\n" for need in needs)
    kind = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

    def entries() -> Iterator[tuple[str, bytes]]:
        yield from files
        for entry, text in (("METADATA", about), ("WHEEL", kind), ("RECORD", "")):
            yield f"{stem}.dist-info/{entry}", text.encode()

    return write(to / f"{stem}-py3-none-any.whl", entries())


def write(path: Path, files: Iterator[tuple[str, bytes]]) -> Path:
    """A zip file, the same bytes for the same files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, STAMP)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return path
