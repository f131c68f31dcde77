"""The committed course comes out the same, byte for byte, under every kernel and instruction set there is."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.evaluation.elsewhere import other_machine

ROOT = Path(__file__).parents[2]
SOME = ("03", "06", "16")
X86 = platform.machine() in ("x86_64", "AMD64")
NEEDED = {"Prescott": "sse3", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}
"""By OpenBLAS kernel, what the processor must be able to do."""


def flags() -> set[str]:
    """What this processor says that it can do."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    found = next((line for line in lines if line.startswith("flags")), "")
    return {"sse3" if flag == "pni" else flag for flag in found.split()}


def differences(tmp_path: Path, environ: dict[str, str], *lessons: str) -> list[str]:
    """The files of a copy of the course that `build --force` changes under `environ`."""
    root = tmp_path / "course"
    for name in ("lessons", "source", "release", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    command = [sys.executable, "-m", "autograder", "build", "--force", *lessons]
    done = subprocess.run(command, cwd=root, env={**os.environ, **environ}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("  ")]


def kernel(name: str) -> dict[str, str]:
    if NEEDED[name] not in flags():
        pytest.skip(f"this processor has no {NEEDED[name]}, which the kernel {name} needs")
    return {"OPENBLAS_CORETYPE": name}


@pytest.mark.skipif(not X86, reason="these are kernels for x86-64")
@pytest.mark.parametrize("name", ["Prescott", "Haswell"])
def test_some_lessons_are_built_alike_by_two_kernels(name: str, tmp_path: Path) -> None:
    assert differences(tmp_path, kernel(name), *SOME) == []


@pytest.mark.slow
@pytest.mark.skipif(not X86, reason="these are kernels for x86-64")
@pytest.mark.parametrize("name", list(NEEDED))
def test_all_lessons_are_built_alike_by_every_kernel(name: str, tmp_path: Path) -> None:
    assert differences(tmp_path, kernel(name)) == []


@pytest.mark.slow
def test_all_lessons_are_built_alike_without_vector_instructions(tmp_path: Path) -> None:
    plain = other_machine({})
    assert plain, "this machine has nothing to switch off"
    assert differences(tmp_path, plain) == []
