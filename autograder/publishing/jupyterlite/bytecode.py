"""Bytecode in place of source for the modules that every start imports.

Most of a cold start without it is Python, compiled to WebAssembly, compiling Python. Pyodide itself makes the
bytecode here, run by Node, so that it is that of the very Python that will read it. Modules that a start does
not touch keep their source: bytecode is nearly twice as large.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from autograder.core.errors import BuildError, ToolError
from autograder.publishing.jupyterlite import wheels

STDLIB = "python_stdlib.zip"
MINUTES = 5


def compiled(folder: Path, packages: Sequence[str], imports: Sequence[str], cache: Path) -> dict[str, bytes]:
    """Compile all that some imports load in a Pyodide.

    Args:
        folder: where the Pyodide lies.
        packages: those to load first.
        imports: the modules to import.
        cache: keeps the result for as long as neither the wheels nor the imports change.

    Returns:
        The bytecode, by the module's path in that Pyodide.

    Raises:
        ToolError: where Node is missing.
        BuildError: where it cannot run the imports.
    """
    script = resources.files(__package__).joinpath("bytecode.mjs")
    asked = (
        script.read_bytes(),
        (folder / "pyodide-lock.json").read_bytes(),
        repr((packages, imports)).encode(),
    )
    kept = cache / f"bytecode-{hashlib.sha256(b''.join(asked)).hexdigest()[:12]}.json"
    if not kept.exists():
        with resources.as_file(script) as path:
            _node(path, str(folder), ",".join(packages), ",".join(imports), str(kept.with_suffix(".new")))
        kept.with_suffix(".new").replace(kept)
    modules: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return {path: base64.b64decode(code) for path, code in modules.items()}


def _node(script: Path, *arguments: str) -> None:
    node = shutil.which("node")
    if node is None:
        raise ToolError("node is missing; it compiles the course's Python. Install Node.js 18 or newer.")
    command = [node, str(script), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MINUTES * 60)
    except subprocess.TimeoutExpired:
        raise BuildError(f"Pyodide, run by Node, did not end within {MINUTES} minutes.") from None
    if done.returncode:
        # Node prints the line of code that threw, which in Pyodide is a megabyte long.
        said = "\n".join(line[:200] for line in done.stderr.strip().splitlines()[-20:])
        raise BuildError(f"Pyodide could not be run by Node:\n{said}")


def put_into(archive: Path, modules: Mapping[str, bytes], within: str) -> None:
    """Replace the sources in a wheel or zip by their bytecode.

    Args:
        archive: the file to change.
        modules: the bytecode, by the module's path in Pyodide.
        within: the folder below which the archive's files appear in Pyodide.
    """
    new = archive.with_name(f"{archive.name}.new")
    with zipfile.ZipFile(archive) as old:

        def files() -> Iterator[tuple[str, bytes]]:
            for name in old.namelist():
                code = modules.get(f"{within}/{name}")
                yield (name, old.read(name)) if code is None else (f"{name}c", code)

        wheels.write(new, files())
    new.replace(archive)
