"""How long a learner waits: `import autograder`, and a check of each kind. Prints one JSON object.

    python bench/check.py

Times are medians, in milliseconds, on the released lesson 3.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

RELEASE = Path(__file__).resolve().parents[1] / "release" / "03-maximum-likelihood-and-the-kl-view"
IMPORT = "import time; t = time.perf_counter(); import autograder; print(time.perf_counter() - t)"


def imports(rounds: int = 15) -> float:
    """Median milliseconds of `import autograder` in a fresh interpreter."""
    times = [float(subprocess.check_output([sys.executable, "-c", IMPORT], text=True)) for _ in range(rounds)]
    return 1e3 * statistics.median(times)


def median(call: Callable[[], object], rounds: int = 200) -> float:
    """Median milliseconds of `call`, whatever it raises."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        with suppress(Exception), redirect_stdout(StringIO()):
            call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def main() -> None:
    """Measure and print."""
    from autograder import check

    os.chdir(RELEASE)
    values = {
        "right": 0.0258,
        "mistake": 0.0372,
        "generic": 2.58,
        "wrong": 7.0,
        "text": "0.0258",
        "blank": ...,
    }
    found = {
        kind: round(median(lambda value=value: check("kl-forward", kl_forward=value)), 3)
        for kind, value in values.items()
    }
    print(json.dumps({"import_ms": round(imports(), 1), "check_ms": found}, indent=1))


if __name__ == "__main__":
    main()
