# ruff: noqa: E501
"""Student code that reads what it must not, or uses up what it can: it costs at most its own exercise."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

import pytest

from autograder.core.errors import GradingError
from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.forkserver.client import ForkServer
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from tests.support.cheats.cheat import RIGHT, Cheat
from tests.support.cheats.classroom import LESSON, hand_in

SECRET = "it-is-secret-4711"
# The odd fraction tells this run's processes from those of others: it is in the fork server's command line.
LIMITS = Limits(cell_seconds=3.0 + os.getpid() / 1e9, notebook_seconds=30.0, memory=1 << 30, disk=16 << 20)
NAP = f"1000.{os.getpid()}"
ENTROPY, SIDES = "coin-entropy", "coin-sides"
POINTS = {ENTROPY: 2.0, SIDES: 1.0, "coin-likely": 1.0, "coin-code": 3.0}

# Hostile code by name: the exercise whose answer it is, and the code. That exercise may be lost.
HOSTILE = {
    "endless loop": (ENTROPY, "while True: pass"),
    "eats interrupts": (
        ENTROPY,
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    ),
    "ignores signals": (
        ENTROPY,
        "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True: pass",
    ),
    "sleeps in C": (
        ENTROPY,
        "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.sleep(1000)",
    ),
    "sleeps in asyncio": (ENTROPY, "import asyncio\nawait asyncio.sleep(1000)"),
    "memory bomb": (ENTROPY, "hoard = []\nwhile True: hoard.append(bytearray(10_000_000))"),
    "fork bomb": (
        ENTROPY,
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    ),
    "threads without end": (
        ENTROPY,
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,)).start()",
    ),
    "output flood": (ENTROPY, "while True: print('x' * 10_000)"),
    "flood to the descriptor": (ENTROPY, "import os\nwhile True: os.write(1, b'x' * 100_000)"),
    "disk fill": (
        ENTROPY,
        "n = 0\nwhile True:\n    n += 1\n    open(f'f{n}', 'wb').write(b'x' * 4_000_000)",
    ),
    "daemon left behind": (
        ENTROPY,
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n"
        "    os._exit(0)",
    ),
    "a program left behind": (
        ENTROPY,
        "import subprocess\nsubprocess.Popen(['sleep', '" + NAP + "'], start_new_session=True)",
    ),
    "os._exit": (ENTROPY, "import os\nos._exit(3)"),
    "segmentation fault": (ENTROPY, "import ctypes\nctypes.string_at(0)"),
    "stack overflow": (ENTROPY, "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()"),
    "kills all it sees": (
        ENTROPY,
        "import os, signal\nfor n in [-1, *range(2, 70_000)]:\n    if n != os.getpid():\n"
        "        try: os.kill(n, signal.SIGKILL)\n        except OSError: pass\nos.kill(os.getpid(), 9)",
    ),
    "stops itself": (ENTROPY, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    "a child holds the pipe": (
        ENTROPY,
        "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n    os._exit(0)\nos._exit(0)",
    ),
    "a child floods the channel": (
        ENTROPY,
        "import os, stat\nif os.fork() == 0:\n    while True:\n        for n in range(3, 64):\n"
        "            try:\n                if stat.S_ISSOCK(os.fstat(n).st_mode): os.write(n, b'x' * 9999)\n"
        "            except OSError: pass\nimport time\ntime.sleep(1)",
    ),
    "floods questions, reads no answer": (
        "coin-code",
        "import gc, signal\ndef entropy(p):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "    line = next(o for o in gc.get_objects() if type(o).__name__ == 'ObjectEndpoint').channel\n"
        "    while True: line.send({'type': 'ask', 'body': {'op': 'callback', 'number': 0}})",
    ),
    "loops when tested": ("coin-code", "def entropy(p):\n    while True: pass"),
    "eats interrupts when tested": (
        "coin-code",
        "def entropy(p):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    ),
    "dies when tested": ("coin-code", "import os\ndef entropy(p):\n    os._exit(0)"),
    "stops when tested": ("coin-code", "import os\ndef entropy(p):\n    os.kill(os.getpid(), 19)"),
    "memory bomb when tested": (
        "coin-code",
        "def entropy(p):\n    h = []\n    while True: h.append(bytearray(10_000_000))",
    ),
}


def start_engine(tier=None, workers=2):
    """An engine; with `tier`, in that tier and no other. Skips where no sandbox works.

    Never in tier 3: there, what kills all it sees would end the session of whoever runs the tests.
    """
    engine = Engine(Settings(LIMITS, workers=workers, lowest_tier=2))
    if tier is not None:
        assert engine.fork_server
        engine.fork_server.close()
        engine.fork_server = ForkServer(workers, LIMITS, 2, force_tier=tier)
    try:
        assert engine.report.tier in ((1, 2) if tier is None else (tier,))
    except GradingError as error:
        engine.close()
        pytest.skip(f"tier {tier or 'one or two'} cannot run here: {error}")
    return engine


def left_by_grading():
    """The processes of this run that are still there, three seconds later."""
    deadline = time.monotonic() + 3
    while True:
        left = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                command = path.read_bytes().decode(errors="replace")
                if f'"cell_seconds": {LIMITS.cell_seconds!r}' in command or NAP in command:
                    left.append(command[:80])
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


def marks(root, student):
    """Auto scores by grade id."""
    with Classroom(root).gradebook() as gradebook:
        submission = gradebook.find_submission(LESSON, student)
        return {grade.name: grade.auto_score for book in submission.notebooks for grade in book.grades}


@pytest.fixture(scope="module")
def graded(built_once, tmp_path_factory):
    """All of HOSTILE in one run, honest ones between."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    shutil.copytree(built_once, root)
    by_name = {name.replace(" ", "-").replace(".", "").replace(",", ""): name for name in HOSTILE}
    for student, name in by_name.items():
        exercise, code = HOSTILE[name]
        hand_in(root, student, Cheat(name, answers={**RIGHT, exercise: code}))
    for student in ("aa-honest", "zz-honest"):
        hand_in(root, student, Cheat("honest", answers=RIGHT))
    folders = set(Path(tempfile.gettempdir()).glob("autograder-jobs-*"))
    engine = start_engine()
    try:
        done = dict(engine.grade(Classroom(root), LESSON, ["aa-honest", *by_name, "zz-honest"]))
    finally:
        engine.close()
    left = left_by_grading()
    folders = set(Path(tempfile.gettempdir()).glob("autograder-jobs-*")) - folders
    return root, {name: student for student, name in by_name.items()}, done, left, folders


@pytest.mark.parametrize("name", HOSTILE)
def test_it_costs_its_own_exercise_and_no_other(graded, name):
    root, students, done, _, _ = graded
    outcome = done[students[name]]
    assert outcome.reason == ""
    found = marks(root, students[name])
    others = {exercise: mark for exercise, mark in found.items() if exercise != HOSTILE[name][0]}
    assert others == {exercise: POINTS[exercise] for exercise in others} and len(others) == 3
    assert found[HOSTILE[name][0]] == 0
    # The limit of one cell and the two seconds that the promise gives, not that of the notebook; the rest is for a
    # busy machine.
    assert outcome.seconds < LIMITS.cell_seconds + 12


def test_honest_submissions_are_not_affected(graded):
    root = graded[0]
    for student in ("aa-honest", "zz-honest"):
        assert marks(root, student) == POINTS


def test_nothing_is_left_behind(graded):
    assert graded[3] == []
    assert graded[4] == set()


SPY = """
import json, os, socket, sys
found = []
def tried(name, call):
    try:
        said = call()
    except BaseException as error:
        return
    if said: found.append(f"{{name}}: {{str(said)[:100]}}")
def read(path):
    with open(path, "rb") as file: return file.read(1 << 20)
def holds(path):
    return b"{secret}" in read(path) and path
for path in {paths!r}:
    tried("reads " + path, lambda: holds(path))
    tried("lists " + os.path.dirname(path), lambda: os.listdir(os.path.dirname(path)) and os.path.exists(path) and path)
    tried("links to " + path, lambda: os.symlink(path, "link") or holds("link"))
    tried("hard-links " + path, lambda: os.link(path, "hard") or holds("hard"))
    tried("writes " + path, lambda: open(path, "ab") and path)
    tried("removes " + path, lambda: os.rename(path, path + "x") or path)
tried("environment", lambda: "{secret}" in str(os.environ))
own = {{str(os.getpid()), "self", "thread-self"}}
try: others = [name for name in os.listdir("/proc") if name.isdigit() and name not in own]
except OSError: others = [str(os.getppid()), "1", *map(str, range(2, 400))]
for pid in others:
    for name in ("environ", "cmdline", "maps", "mem", "fd", "root", "cwd"):
        path = f"/proc/{{pid}}/{{name}}"
        if name in ("fd", "root", "cwd"): tried(path, lambda: os.listdir(path) and path)
        else: tried(path, lambda: (b"{secret}" in read(path) or name in ("maps", "mem") and read(path)) and path)
tried("own /proc environ", lambda: b"{secret}" in read("/proc/self/environ"))
tried("own memory", lambda: any(b"{secret}"[:6] + b"{secret}"[6:] in chunk for chunk in memory()))
def memory():
    for line in open("/proc/self/maps"):
        low, high = (int(x, 16) for x in line.split()[0].split("-"))
        if " rw" in line and high - low < 1 << 28 and "stack" not in line:
            with open("/proc/self/mem", "rb") as mem:
                mem.seek(low)
                data = mem.read(high - low)
            if b"BEGIN HIDDEN" + b" TESTS" in data: found.append("hidden tests in memory")
    return ()
def connects(family, kind, address):
    with socket.socket(family, kind) as sock:
        sock.settimeout(1)
        if kind == socket.SOCK_DGRAM: return sock.sendto(b"x", address)
        sock.connect(address)
        return "connected"
tried("TCP", lambda: connects(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {port})))
tried("UDP", lambda: connects(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {port})))
tried("UDP6", lambda: connects(socket.AF_INET6, socket.SOCK_DGRAM, ("::1", {port})))
tried("Unix socket", lambda: connects(socket.AF_UNIX, socket.SOCK_STREAM, {unix!r}))
tried("abstract socket", lambda: connects(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + {unix!r}))
tried("packets", lambda: socket.socket(17, 3))
tried("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).bind((0, 0)) or "bound")
tried("vsock", lambda: socket.socket(40, 1))
tried("names", lambda: socket.getaddrinfo("localhost.localdomain.example", 80))
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name, number, *args in (("io_uring", 425, 8, ctypes.create_string_buffer(256)), ("ptrace", 101, 16, os.getppid(), 0, 0),
    ("unshare", 272, 0x10000000), ("bpf", 321, 0, 0, 0), ("keyctl", 250, 0, -3, 1), ("pidfd_open", 434, os.getppid(), 0)):
    tried(name, lambda: libc.syscall(number, *args) >= 0)
coin_entropy = 0.1
print("SPY" + json.dumps(found))
"""


@pytest.mark.parametrize("tier", [1, 2])
def test_no_secret_can_be_read(built_once, tmp_path, monkeypatch, tier):
    """As a job of each tier: the tests, the gradebook, others' work, environment, home, /proc, network."""
    root = tmp_path / "course"
    shutil.copytree(built_once, root)
    hand_in(root, "victim", Cheat("victim", answers={**RIGHT, SIDES: f"coin_sides = 2  # {SECRET}"}))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    (home / "notes").write_text(SECRET)
    paths = [
        root / "source" / LESSON / f"{LESSON}.ipynb",
        root / "gradebook.db",
        root / "submitted" / "victim" / LESSON / f"{LESSON}.ipynb",
        home / "notes",
        Path("/etc/shadow"),
        Path("/root/.bashrc"),
    ]
    source = root / "source" / LESSON / f"{LESSON}.ipynb"
    source.write_text(source.read_text().replace("BEGIN HIDDEN TESTS", f"BEGIN HIDDEN TESTS {SECRET}", 0))
    with (
        tempfile.TemporaryDirectory() as aside,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        Path(aside).chmod(0o755)
        address = f"{aside}/s"
        unix.bind(address)
        unix.listen()
        Path(address).chmod(0o777)
        abstract.bind(f"\0{address}")
        abstract.listen()
        code = SPY.format(
            secret=SECRET,
            paths=[str(path) for path in paths if path.exists() or path.name == "gradebook.db"],
            port=server.getsockname()[1],
            unix=address,
        )
        hand_in(root, "spy", Cheat("spy", answers={**RIGHT, ENTROPY: code}))
        engine = start_engine(tier, workers=1)
        try:
            done = dict(engine.grade(Classroom(root), LESSON, ["victim", "spy"]))
        finally:
            engine.close()
    assert [one.reason for one in done.values()] == ["", ""]
    found = spied(root, "spy")
    assert found == []
    assert marks(root, "spy") == {**POINTS, ENTROPY: 0}


def spied(root, student):
    """What the spy printed."""
    path = root / "autograded" / student / LESSON / f"{LESSON}.ipynb"
    for cell in json.loads(path.read_text())["cells"]:
        for output in cell.get("outputs", ()):
            text = "".join(output.get("text", ()))
            if "SPY" in text:
                return json.loads(text[text.index("SPY") + 3 :])
        errors = [
            output for cell in json.loads(path.read_text())["cells"] for output in cell.get("outputs", ())
        ]
    raise AssertionError(f"the spy said nothing: {str(errors)[:2000]}")
