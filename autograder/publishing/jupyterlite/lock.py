"""Pyodide's list of packages, rewritten: pure-Python wheels lie on the site, compiled ones on the CDN."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypedDict

from autograder.core.distribution import DISTRIBUTION
from autograder.publishing.jupyterlite import wheels
from autograder.publishing.jupyterlite.downloads import PYODIDE
from autograder.publishing.jupyterlite.wheels import Wheel

CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
"""Where Pyodide's own builds of compiled packages lie; npm does not carry them, but their hashes."""

IMPORTS = {DISTRIBUTION: ["autograder"], wheels.FIGURES: ["autograder.study.figures"]}
"""A cell that imports one of these gets the package; matplotlib comes only to whom a figure is shown."""


class Entry(TypedDict):
    """What Pyodide's lock says of one package."""

    name: str
    version: str
    file_name: str
    sha256: str
    depends: list[str]
    imports: list[str]
    install_dir: str
    package_type: str
    shared_library: bool
    unvendored_tests: bool


class Lock(TypedDict):
    """Pyodide's pyodide-lock.json, as far as it is read or written here."""

    info: dict[str, str]
    packages: dict[str, Entry]


def rewrite(lock: Lock, local: Iterable[Wheel]) -> Lock:
    """npm's lock with the `local` wheels in it by their own hashes, and an absolute address for the rest."""
    packages = {name: _on_the_cdn(entry) for name, entry in lock["packages"].items()}
    spelled = {wheels.normal(name): name for name in packages}
    for wheel in local:
        name = spelled.setdefault(wheel.name, wheel.name)
        packages[name] = _on_the_site(wheel, packages.get(name))
    for entry in packages.values():
        # What nobody has (jupyterlab-widgets, say) belongs to JupyterLab, not to Python in a browser.
        known = (spelled.get(wheels.normal(need)) for need in entry["depends"])
        entry["depends"] = sorted(wheels.normal(need) for need in known if need is not None)
    return {**lock, "packages": dict(sorted(packages.items()))}


def _on_the_cdn(entry: Entry) -> Entry:
    return {**entry, "file_name": CDN + entry["file_name"]}


def _on_the_site(wheel: Wheel, known: Entry | None) -> Entry:
    """A wheel's entry. What Pyodide says of a package holds; what it does not know, the wheel says."""
    says = known if known and wheel.modules else None
    return {
        "depends": says["depends"] if says else list(wheel.needs),
        "imports": says["imports"] if says else IMPORTS.get(wheel.name, list(wheel.modules)),
        "install_dir": "site",
        "package_type": "package",
        "shared_library": False,
        "unvendored_tests": False,
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.path.name,
        "sha256": hashlib.sha256(wheel.path.read_bytes()).hexdigest(),
    }


def addresses(lock: Lock, names: Iterable[str]) -> list[str]:
    """Where the packages of these names and all that they need lie, each once, in the order of need."""
    packages, found, waiting = lock["packages"], [], list(names)
    while waiting:
        entry = packages[waiting.pop(0)]
        if entry["file_name"] not in found:
            found.append(entry["file_name"])
            waiting += entry["depends"]
    return found
