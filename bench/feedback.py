"""Feedback pages: stock nbgrader and `autograder feedback` on the same graded class, in one run.

    python bench/feedback.py [--students 100] [--stock 10] [--rounds 3]

Prints one JSON object. Seconds are wall clock on this machine. "a submission" leaves out what a class pays
once (imports, and for ours reading the gradebook and typesetting the lesson); "command" is the whole command
for the students named. Rounds alternate; medians are given, and every measurement.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading import ENVIRONMENT, NAME, ROOT, make_course

# A process of its own each time, so that nothing is warm but what the text above says.
STOCK = """
import logging, sys, time
from copy import deepcopy
from pathlib import Path
from autograder.grading.gradebook.course_directory import Classroom
room = Classroom(Path(sys.argv[1]))
from nbgrader import converters
from nbgrader.coursedir import CourseDirectory
config = deepcopy(room.config)
config.CourseDirectory.assignment_id = sys.argv[2]
config.CourseDirectory.student_id = sys.argv[3]
made = converters.GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
made.force, made.log = True, logging.Logger("quiet")
start = time.perf_counter()
made.start()
print(time.perf_counter() - start)
"""
OURS = """
import sys, time
from pathlib import Path
from autograder.classroom.feedback import pages as feedback
begin = time.perf_counter()
made = feedback.prepare(Path(sys.argv[1]), sys.argv[2])
start = time.perf_counter()
given = list(feedback.write(made))
end = time.perf_counter()
assert all(one.files for one in given), given
print(len(given), start - begin, end - start)
"""
COMMAND = "from autograder.cli.instructor.feedback import feedback; feedback()"


def run(code: str, *words: str) -> list[float]:
    """The numbers that a process of its own prints on its last line."""
    command = [sys.executable, "-c", code, *words]
    said = subprocess.check_output(command, text=True, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    return [float(word) for word in said.splitlines()[-1].split()]


def timed(folder: Path, *command: str) -> float:
    """The seconds of a whole command."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return time.perf_counter() - start


def sizes(folder: Path) -> dict[str, int]:
    """The smallest and the largest page, in bytes."""
    found = sorted(path.stat().st_size for path in folder.glob(f"feedback/*/{NAME}/{NAME}.html"))
    return {"pages": len(found), "smallest": found[0], "largest": found[-1]}


def main() -> None:
    """Grade a class, then measure both on it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--stock", type=int, default=10, help="students of stock nbgrader, at most 10")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    few = f"student-0000[0-{min(given.stock, 10) - 1}]"
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside)
        make_course(folder, "whole", given.students)
        shutil.copytree(ROOT / "lessons", folder / "lessons")
        timed(folder, "-m", "autograder", "grade", NAME, "--course", str(folder), "--json")
        stock, ours, commands = [], [], {"stock": [], "ours": []}
        for _ in range(given.rounds):
            stock.append(run(STOCK, str(folder), NAME, few)[0] / min(given.stock, 10))
            commands["stock"].append(
                timed(folder, "-m", "nbgrader", "generate_feedback", NAME, "--force", "--student", few)
            )
            bytes_of = {"stock": sizes(folder)}
            shutil.rmtree(folder / "feedback")
            ours.append(run(OURS, str(folder), NAME))
            commands["ours"].append(timed(folder, "-c", COMMAND, NAME, "--course", str(folder)))
            bytes_of["ours"] = sizes(folder)
            shutil.rmtree(folder / "feedback")
    a_page = statistics.median(seconds / count for count, _, seconds in ours)
    their_page = statistics.median(stock)
    start = statistics.median(commands["stock"]) - min(given.stock, 10) * their_page
    whole = start + given.students * their_page
    report = {
        "lesson": NAME,
        "a submission": {"stock": their_page, "ours": a_page, "times faster": their_page / a_page},
        "once a class, ours": statistics.median(once for _, once, _ in ours),
        "command": {
            "students": given.students,
            "ours, measured": statistics.median(commands["ours"]),
            f"stock, for {min(given.stock, 10)}, measured": statistics.median(commands["stock"]),
            "stock, computed": whole,
            "times faster": whole / statistics.median(commands["ours"]),
        },
        "bytes": bytes_of,
        "measured": {"stock": stock, "ours": ours, "commands": commands},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
