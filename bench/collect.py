"""How long it takes to collect a class: a Moodle download of lesson 3, once more, and an older one.

    .venv/bin/python bench/collect.py [LEARNERS]

Prints one JSON object. The course is a copy in a temporary folder.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.classroom.roster import roster  # noqa: E402
from autograder.classroom.collecting.collect import Request  # noqa: E402
from autograder.classroom.collecting.collect import collect  # noqa: E402
from autograder.classroom.roster.roster import Learner  # noqa: E402
from autograder.grading.gradebook.course_directory import Classroom  # noqa: E402
from tests.support import lms_downloads as lms  # noqa: E402


def timed(work, *given):  # type: ignore[no-untyped-def]
    """What `work` returns, and its seconds."""
    start = time.perf_counter()
    done = work(*given)
    return done, round(time.perf_counter() - start, 2)


def main(count: int) -> None:
    """Measure, and print."""
    people = [lms.Person(f"s{n:05}", f"Zoë{n}", f"Müller-Núñez{n}", 10_000 + n) for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("source", "release"):
            shutil.copytree(ROOT / name, root / name)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        classroom = Classroom(root)
        _, importing = timed(
            roster.add, classroom, [Learner(one.id, one.first, one.last, one.email) for one in people]
        )
        notebook = next((root / "release").glob("03-*/*.ipynb"))
        files = [
            lms.Packed(lms.moodle_name(one, notebook.name), lms.answered(notebook, f"x = {one.number}"))
            for one in people
        ]
        path = lms.zipped(root / "moodle.zip", *files)
        first, placing = timed(collect, classroom, Request(path))
        again, nothing = timed(collect, classroom, Request(path))
        print(
            json.dumps(
                {
                    "learners": count,
                    "zip_mb": round(path.stat().st_size / 1e6, 1),
                    "roster_import_s": importing,
                    "collect_s": placing,
                    "placed": sum(one.outcome == "new" for one in first.placed),
                    "collect_again_s": nothing,
                    "unchanged": sum(one.outcome == "already there" for one in again.placed),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
