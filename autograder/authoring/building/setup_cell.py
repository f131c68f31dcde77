"""A notebook's first code cell: silent where all is there, helpful where something is missing."""

from __future__ import annotations

HEAD = """\
# Set-up: says nothing where all is there.
try:
    import autograder
except ModuleNotFoundError:
"""
MISSING = """\
    print(
        "The package autograder is missing. Choose the kernel in which the course is installed (in VS Code:"
        " Select Kernel, at the top right), or install it as the course's README says."
    )
"""
COLAB = """\
    import os, subprocess, sys

    if "COLAB_RELEASE_TAG" in os.environ:
        there = "https://github.com/{repository}"
        subprocess.run(["git", "clone", "--quiet", "--depth=1", there, "course"], check=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "./course"], check=True)
        os.chdir("course/release/{lesson}")
    else:
"""


def source(lesson: str, repository: str) -> str:
    """The cell of `lesson`. In Colab it fetches the course, if `repository` ("owner/name") is public."""
    if not repository:
        return (HEAD + MISSING).rstrip("\n")
    missing = "".join(f"    {line}\n" for line in MISSING.splitlines())
    return (HEAD + COLAB.format(repository=repository, lesson=lesson) + missing).rstrip("\n")
