"""Every tier that works here, attacked from inside; then nothing may be left of it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import LayerReport, Report, doctor_lines
from autograder.grading.sandbox.tiers.confinement import Sandbox, SandboxError

ROOT = Path(__file__).parents[3]
ORDINARY = 61234  # a user without an account, so that a signal to all of theirs hits nobody else
SECRET = "the-token-of-the-hub"
WALLED = [(1, 0), (1, ORDINARY), (2, 0), (2, ORDINARY)]
OLD = 4  # a Landlock that does not guard signals, so that the filter must

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")


class Outside:
    """What jobs must not reach, with modes that let everybody on the machine reach it."""

    def __init__(self, uid: int):
        self.folder = Path(tempfile.mkdtemp(prefix="course-"))
        self.canary = self.folder / "gradebook.db"
        self.canary.write_text(SECRET)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(self.folder / "bus"))
        self.unix.listen()
        self.datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.datagrams.bind(str(self.folder / "log"))
        for path in (self.canary, self.folder / "bus", self.folder / "log"):
            path.chmod(0o666)
        self.folder.chmod(0o777)
        if uid and os.getuid() == 0:
            for path in (self.canary, self.folder):
                os.chown(path, uid, uid)
        who = {"user": uid, "group": uid, "extra_groups": []} if uid and os.getuid() == 0 else {}
        self.victim = subprocess.Popen(["sleep", "120"], **who)
        self.changed = self.canary.stat()

    def facts(self, terminals: bool) -> dict[str, object]:
        return {
            "folder": str(self.folder),
            "canary": str(self.canary),
            "port": self.tcp.getsockname()[1],
            "socket": str(self.folder / "bus"),
            "victim": self.victim.pid,
            "token": SECRET,
            "terminals": terminals,
        }

    def damage(self) -> list[str]:
        found = []
        if sorted(path.name for path in self.folder.iterdir()) != ["bus", "gradebook.db", "log"]:
            found.append("files")
        elif self.canary.read_text() != SECRET:
            found.append("content")
        else:
            now = self.canary.stat()
            if (now.st_mode, now.st_mtime) != (self.changed.st_mode, self.changed.st_mtime):
                found.append("mode or time")
        if self.victim.poll() is not None:
            found.append("the other process")
        return found

    def remove(self) -> None:
        self.victim.kill()
        self.victim.wait()
        for sock in (self.tcp, self.unix, self.datagrams):
            sock.close()
        shutil.rmtree(self.folder)


def start(tier: int | None, uid: int, outside: Outside, **more: object) -> subprocess.Popen:
    request = {
        "tier": tier,
        "uid": uid if os.getuid() == 0 else 0,
        "outside": outside.facts(tier == 1 or not uid),
    }
    environment = {**os.environ, "HUB_TOKEN": SECRET, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.support.sandboxed", json.dumps({**request, **more})]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def possible(uid: int) -> None:
    if os.getuid() != 0 and uid == 0:
        pytest.skip("needs root")


def name(tier: int, uid: int, abi: int = 0) -> str:
    return f"tier{tier}-{'user' if uid else 'root'}{'-old' if abi else ''}"


@pytest.fixture(scope="module", params=[*WALLED, (1, 0, OLD), (2, ORDINARY, OLD)], ids=lambda p: name(*p))
def attacked(request):
    """One tier, all jobs run in it: its results, and the damage outside."""
    tier, uid, *abi = request.param
    possible(uid)
    outside = Outside(uid)
    mounts = Path("/proc/mounts").read_text()
    folders = jobs_folders()
    try:
        text, _ = start(tier, uid, outside, abi=sum(abi)).communicate(timeout=60)
        result = json.loads(text)
        if "refused" in result:
            pytest.skip(result["refused"])
        result["damage"] = outside.damage()
        result["uid"] = uid
        result["old"] = bool(abi)
        result["left"] = sorted(jobs_folders() - folders)
        result["mounts"] = Path("/proc/mounts").read_text() != mounts
        yield result
    finally:
        outside.remove()


def jobs_folders() -> set[str]:
    return {str(path) for path in Path(tempfile.gettempdir()).glob("autograder-*")}


def test_it_says_that_it_holds(attacked):
    assert attacked["self_test"] == []


def test_what_notebooks_do_still_works(attacked):
    failed = attacked["ordinary"]["answer"]
    if attacked["old"] and attacked["report"]["tier"] == 2:
        failed = [what for what in failed if not what.startswith("own child")]  # the price of that filter
    assert failed == []


@pytest.mark.parametrize("attack", ["secrets", "network", "peek", "powers", "signals", "memory", "disk"])
def test_nothing_gets_through(attacked, attack):
    assert attacked[attack]["answer"] == []


def test_nothing_outside_is_changed(attacked):
    assert attacked["damage"] == []


def test_a_fork_bomb_is_stopped_and_starves_nobody(attacked):
    forks = int(attacked["bomb"]["answer"][0])
    assert 10 < forks <= 100
    if attacked["report"]["tier"] == 1 or not attacked["uid"]:
        assert attacked["few"]["answer"] == ["program"]
    assert attacked["after"]["answer"] == ["program"]


@pytest.mark.parametrize(
    "job", ["ordinary", "secrets", "powers", "signals", "memory", "disk", "daemon", "bomb", "chain"]
)
def test_nothing_is_left_of_a_job(attacked, job):
    assert attacked[job]["wrong"] == []


def test_nothing_is_left_of_the_sandbox(attacked):
    assert attacked["left"] == []
    assert not attacked["mounts"]


@pytest.mark.parametrize(("tier", "uid"), WALLED)
def test_a_killed_fork_server_takes_its_jobs_along(tier, uid):
    possible(uid)
    outside = Outside(uid)
    before = jobs_folders()
    try:
        process = start(tier, uid, outside, hang=True)
        first = json.loads(process.stdout.readline())
        if "refused" in first:
            pytest.skip(first["refused"])
        process.send_signal(signal.SIGKILL)
        process.wait()
        if tier == 1:
            assert process.stdout.read() == ""  # every process that held the pipe has ended
        for path in jobs_folders() - before:  # tier 2 cannot remove its folder when it is killed
            shutil.rmtree(path)
    finally:
        process.kill()
        outside.remove()
        end_all_with(outside.folder)


def end_all_with(folder: Path) -> None:
    """A tier 2 that is killed leaves daemons; they still show the command that started the fork server."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            text = command.read_bytes()
            if b"tests.support.sandboxed" in text and str(folder).encode() in text:
                os.kill(int(command.parent.name), signal.SIGKILL)


def test_without_walls_the_attacks_get_through():
    """So they mean something; and tier 3 says that it holds nothing back."""
    outside = Outside(0)
    try:
        text, _ = start(3, 0, outside, jobs=["network", "peek", "daemon"]).communicate(timeout=60)
    finally:
        outside.remove()
    result = json.loads(text)
    assert {"inet", "udp", "connect", "unix"} <= set(result["network"]["answer"])
    assert result["peek"]["answer"] == ["canary", "course", "write", "memfd", "pidfd", "victim"]
    assert result["daemon"]["wrong"] == []
    assert {layer["name"] for layer in result["report"]["layers"] if layer["on"]} == {"limits"}


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to be another user")
def test_in_a_container_the_second_tier_holds_and_the_report_says_what_would_raise_it():
    outside = Outside(ORDINARY)
    try:
        more = {"container": True, "jobs": ["peek", "network"]}
        text, _ = start(None, ORDINARY, outside, **more).communicate(timeout=60)
    finally:
        outside.remove()
    result = json.loads(text)
    assert result["report"]["tier"] == 2
    assert result["peek"]["answer"] == result["network"]["answer"] == []
    lost = result["report"]["layers"][-1]
    assert lost["name"] == "tier 1" and "unshare" in lost["detail"] and "container" in lost["detail"]


def test_no_tier_that_is_allowed_works(monkeypatch):
    monkeypatch.setattr("autograder.grading.sandbox.tiers.confinement.trial", lambda *_: "the kernel said no")
    with pytest.raises(SandboxError, match=r"(?s)--no-sandbox.*tier 1: the kernel said no.*tier 2"):
        Sandbox.enter(Limits(), [])


def test_a_hole_is_no_sandbox():
    """A tier whose filter is missing fails its own test and is not used."""
    code = (
        "from autograder.grading.sandbox import seccomp\n"
        "from autograder.grading.sandbox.tiers import confinement as sandbox\n"
        "from autograder.grading.sandbox.limits import Limits\n"
        "seccomp.install = lambda filter: None\n"
        "try: sandbox.Sandbox.enter(Limits(), [], force=2)\n"
        "except sandbox.SandboxError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert "network sockets" in done.stdout or "Landlock" in done.stdout, done


def test_the_report_round_trips_and_reads_well():
    report = Report(
        2,
        (LayerReport("seccomp", True, "no sockets"), LayerReport("tier 1", False, "EPERM. As root: sysctl")),
    )
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    assert doctor_lines(report) == [
        "Sandbox: tier 2 of 3, no namespaces: Landlock, system call filter and limits hold",
        "  on   seccomp  no sockets",
        "  off  tier 1   EPERM. As root: sysctl",
    ]
