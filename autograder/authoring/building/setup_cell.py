"""A notebook's first code cell: silent where the course's package is there, else one line with what to type.

It runs where that package is missing, so it stands on its own and uses Python's own library only. On PyPI
`autograder` is somebody else's package; a learner who asked pip for that name has it under our import name.
Grading does not run this cell: what graded cells call, a lesson imports itself (`checks.check_import`).
"""

from __future__ import annotations

from string import Template
from textwrap import indent

from autograder.core.distribution import DISTRIBUTION, WHEEL_STEM

_HEAD = """\
# Set-up: says nothing where all is there.
try:
    from autograder import check, hint, progress, review
except Exception as error:
    import os
"""
_COLAB = """\

    if "COLAB_RELEASE_TAG" in os.environ:
        import subprocess, sys

        there = "https://github.com/$repository"
        subprocess.run(["git", "clone", "--quiet", "--depth=1", there, "course"], check=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "./course"], check=True)
        os.chdir("course/release/$lesson")
        for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
            del sys.modules[name]  # whatever was imported under this name before
        from autograder import check, hint, progress, review
    else:
"""
_PUBLIC = """\
else:
    how = "by %pip install git+https://github.com/$repository"
"""
_HELP = """\
from glob import glob
from importlib import machinery, metadata

how = "as the course's README says"
if wheels := sorted(glob("$stem-*.whl")):  # a hand-out has one beside the notebook
    how = f"by %pip install ./{wheels[-1]}"
elif os.path.exists("../../autograder/study/check.py"):
    how = "by %pip install -e ../.."
$public
missing = error.name if isinstance(error, ModuleNotFoundError) else ""
if missing == "autograder":
    print(
        "The course's package is missing in this kernel. Choose the kernel in which the course is installed"
        f" (in VS Code: Select Kernel, at the top right), or, in a new cell, install it {how}"
    )
else:
    names = metadata.packages_distributions().get("autograder", ())
    strangers = sorted({name for name in names if name} - {"$distribution"})
    spec = machinery.PathFinder.find_spec("autograder")
    place = spec and (spec.origin or [*spec.submodule_search_locations][0])
    found = "The package autograder in this kernel is not the course's:"
    if strangers:
        found += f" pip installed it as {', '.join(strangers)}. In a new cell, run"
    elif missing and missing.split(".")[0] != "autograder":
        found = f"The course's package needs {missing}, which is missing in this kernel. In a new cell, run"
    else:
        found += f" it is an unknown package, {place}. Rename or move that; then, in a new cell, run"
    remove = " ".join(["%pip uninstall --yes", *strangers, "$distribution"])
    print(f"{found} {remove}, below it install the course's {how}, and restart the kernel.")
"""


def source(lesson: str, repository: str) -> str:
    """The cell of `lesson`. In Colab it fetches the course, if `repository` ("owner/name") is public."""
    if repository:
        text = _HEAD + _COLAB + indent(_HELP.replace("$public\n", _PUBLIC), " " * 8)
    else:
        text = _HEAD + indent(_HELP.replace("$public\n", ""), " " * 4)
    values = {"repository": repository, "lesson": lesson, "stem": WHEEL_STEM, "distribution": DISTRIBUTION}
    return Template(text).substitute(values).rstrip("\n")
