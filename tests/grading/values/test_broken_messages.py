"""Thousands of messages broken at random end no process, and take neither time nor memory."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MEGABYTES = 400
"""More than the process has before: twenty times a message, of which many are alive at once."""


def test_broken_messages_end_no_process():
    command = [sys.executable, "-m", "tests.support.broken_messages", "7", "4000", str(MEGABYTES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["cases"] == 4000
    assert found["made"] > 100 and found["refused"] > 100
    assert found["longest"] < 5, found["what"]
