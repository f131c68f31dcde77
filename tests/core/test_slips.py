"""A slip is one row of one table, and everybody who speaks of slips knows every row."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.core import slips
from tests.support.slip_consumers import REFERENCE, exercise, said_of

ROOT = Path(__file__).parents[2]
PACKAGE = Path(autograder.__file__).parent
END = ')\n"""In the order'
ROW = """    Slip(
        "~degrees",
        name="degrees",
        to_learner="that is in degrees. Use radians.",
        to_class="You gave degrees. Use radians.",
        undo=math.radians,
    ),
"""
TYPED = {
    slips.TYPE: ("no number", exercise()),
    slips.OPTION: ("edge", exercise("heads", ("heads", "tails"))),
    slips.CLOSE: (REFERENCE + 0.001, exercise()),
    "~base-2": (REFERENCE / math.log(2), exercise()),
    "~sign": (-REFERENCE, exercise()),
    "~base-10": (REFERENCE / math.log(10), exercise()),
    "~percent": (REFERENCE * 100, exercise()),
    "~complement": (1 - REFERENCE, exercise()),
}


def test_every_slip_is_tried_here() -> None:
    assert set(TYPED) == {slip.word for slip in slips.SLIPS}


@pytest.mark.parametrize("slip", slips.SLIPS, ids=lambda slip: slip.word)
def test_everybody_says_of_a_slip_what_its_row_says(slip: slips.Slip) -> None:
    said = said_of(*TYPED[slip.word])
    assert said["verdict"] == f"wrong:{slip.word}"
    line = said["line"].removeprefix("✗ one: ")
    assert re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(slip.to_learner)), line)
    assert said["page_words"] == line[0].upper() + line[1:]
    assert said["page_name"] == said["report_name"] == slip.name
    assert said["report_words"] == slip.to_class


def test_a_new_slip_is_one_row(tmp_path: Path) -> None:
    copy = tmp_path / "autograder"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    table = copy / Path(slips.__file__).relative_to(PACKAGE)
    source = table.read_text(encoding="utf-8")
    assert source.count(END) == 1
    table.write_text(source.replace(END, ROW + END), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "tests.support.slip_consumers", str(math.degrees(REFERENCE))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "verdict": "wrong:~degrees",
        "line": "✗ one: that is in degrees. Use radians.",
        "page_name": "degrees",
        "page_words": "That is in degrees. Use radians.",
        "report_name": "degrees",
        "report_words": "You gave degrees. Use radians.",
    }
