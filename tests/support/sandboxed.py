"""Run by test_sandbox.py in a process of its own: enter a tier, run one job after another, print JSON.

`python -m tests.support.sandboxed '{"tier": 1, "uid": 0, "outside": {...}}'`; uid 0 stays who it is.
"""

# Attacks name the system call that they try.
# ruff: noqa: PTH102, PTH103, PTH104, PTH108, PTH109, PTH111, PTH123, PTH208, PTH211

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DISK = 8 << 20
MEMORY = 2 << 30
PROCESSES = 40
PACKAGE = str(Path(__file__).resolve().parents[2] / "autograder")


def become(uid: int) -> None:
    """Be an ordinary user, who can reach this Python even where it lies in root's home."""
    from autograder.grading.sandbox import syscalls as sys_

    sys_.unshare(sys_.NEWNS)
    sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
    for prefix in {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(PACKAGE).parent}:
        parents = [parent for parent in reversed(prefix.parents) if not parent.stat().st_mode & 1]
        if parents:
            handle = os.open(prefix, os.O_PATH)
            sys_.mount("tmpfs", str(parents[0]), "tmpfs", 0, "mode=755")
            prefix.mkdir(parents=True)
            sys_.mount(f"/proc/self/fd/{handle}", str(prefix), None, sys_.MS_BIND)
            os.close(handle)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    sys_.own_proc()


def through(**attacks: Callable[[], object]) -> list[str]:
    """The names of the attacks that raised nothing."""
    found = []
    for name, attack in attacks.items():
        try:
            result = attack()
        except (OSError, MemoryError, ValueError):
            continue
        if result is not False:
            found.append(name)
    return found


def secrets(outside: dict[str, Any]) -> list[str]:
    token = outside["token"].encode()

    def leaks(path: str) -> bool:
        return token in Path(path).read_bytes()

    def environ_of_any() -> bool:
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if token in entry.read_bytes():
                    return True
            except OSError:
                continue
        return False

    found = through(
        canary=lambda: leaks(outside["canary"]),
        course=lambda: os.listdir(outside["folder"]),
        root_home=lambda: any(Path("/root").glob(".*")) or False,
        machine_tmp=lambda: Path(outside["folder"]).name in os.listdir("/tmp"),
        shadow=lambda: Path("/etc/shadow").read_bytes(),
        environ_of_1=lambda: leaks("/proc/1/environ"),
        environ_of_self=lambda: Path("/proc/self/environ").read_bytes().strip(b"\0") != b"",
        environ_of_any=environ_of_any,
        environment=lambda: outside["token"] in os.environ.values(),
        other_jobs=lambda: os.listdir(Path.cwd().parent / "job1"),
        write=lambda: Path(outside["folder"], "new").touch(),
        overwrite=lambda: Path(outside["canary"]).write_text("gone"),
        truncate=lambda: os.truncate(outside["canary"], 0),
        unlink=lambda: os.unlink(outside["canary"]),
        rename=lambda: os.rename(outside["canary"], "canary"),
        link=lambda: os.link(outside["canary"], "link"),
        package=lambda: Path(PACKAGE, "x").touch(),
        symlink=lambda: (os.symlink(outside["canary"], "soft"), leaks("soft"))[1],
    )
    for call in (lambda: os.chmod(outside["canary"], 0), lambda: os.utime(outside["canary"], (0, 0))):
        through(call=call)  # may pretend to work: the test looks at the file
    return found


def network(outside: dict[str, Any]) -> list[str]:
    def connect() -> None:
        with socket.create_connection(("127.0.0.1", outside["port"]), timeout=2):
            pass

    def datagram() -> None:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with one, other:
            one.sendto(b"x", outside["socket"])

    def unix() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(outside["socket"])

    return through(
        inet=lambda: socket.socket(socket.AF_INET).close(),
        inet6=lambda: socket.socket(socket.AF_INET6).close(),
        udp=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        netlink=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        packet=lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
        connect=connect,
        unix=unix,
        datagram=datagram,
    )


def powers(outside: dict[str, Any]) -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: Any) -> Callable[[], object]:
        def attempt() -> bool:
            return libc.syscall(number, *[ctypes.c_long(argument) for argument in arguments]) >= 0

        return attempt

    shellcode = lambda: subprocess.run(["unshare", "-U", "true"], check=True, stderr=subprocess.DEVNULL)  # noqa: E731

    def unshare_program() -> None:
        try:
            shellcode()
        except subprocess.CalledProcessError as error:
            raise OSError from error

    inside = len([name for name in os.listdir("/proc") if name.isdigit()]) if outside["tier"] == 1 else 0
    return through(
        unshare=call(272, 0x10000000),
        clone=call(56, 0x10000011, 0, 0, 0, 0),
        ptrace=call(101, 0x4206, outside["fork_server"], 0, 0),
        memfd=call(319, 0, 0),
        userfaultfd=call(323, 0),
        io_uring=call(425, 4, 0),
        bpf=call(321, 0, 0, 0),
        keyctl=call(250, 0, -3, 0),
        perf=call(298, 0, 0, -1, -1, 0),
        pidfd=call(434, os.getpid(), 0),
        shm=call(29, 0, 4096, 0o1600),
        x32=call(0x40000000 | 39),
        setuid=lambda: os.setuid(0),
        mount=call(165, 0, 0, 0, 0, 0),
        program=unshare_program,
        others=lambda: inside > 1,
    )


def signals(outside: dict[str, Any]) -> list[str]:
    victim, fork_server = outside["victim"], outside["fork_server"]
    found = []
    if outside["tier"] != 1:  # in tier 1 these numbers mean other processes, or none
        found = through(
            term=lambda: os.kill(victim, signal.SIGTERM),
            fork_server=lambda: os.kill(fork_server, signal.SIGTERM),
            limits=lambda: resource.prlimit(victim, resource.RLIMIT_CPU, (1, 1)),
            affinity=lambda: os.sched_setaffinity(victim, {0}),
            priority=lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
        )
    through(everyone=lambda: os.kill(-1, signal.SIGKILL), group=lambda: os.kill(0, 0))
    return found


def ordinary(outside: dict[str, Any]) -> list[str]:
    """What notebooks do every day must work; what did not, with the error."""
    failed = []

    def works(name: str, action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:
            failed.append(f"{name}: {error!r}")

    def same(one: object, other: object) -> None:
        if one != other:
            raise AssertionError(f"{one!r} is not {other!r}")

    def thread() -> None:
        done: list[int] = []
        worker = threading.Thread(target=lambda: done.append(1))
        worker.start()
        worker.join()
        same(done, [1])

    def kill_own_child() -> None:
        sleeper = subprocess.Popen(["sleep", "60"])
        sleeper.kill()
        same(sleeper.wait(10), -9)

    def copy() -> None:
        Path("a").write_text("x")
        shutil.copy2("a", "b")
        same(Path("b").read_text(), "x")

    def plot() -> None:
        import numpy as np

        same(float(np.linalg.norm(np.ones(4))), 2.0)
        same(np.random.default_rng(0).integers(10), 8)

    def terminal() -> None:
        import pty

        parent, child = pty.openpty()
        os.close(parent)
        os.close(child)

    def pool() -> None:
        import multiprocessing

        with multiprocessing.get_context("fork").Pool(2) as workers:
            same(workers.map(abs, [-1, 2]), [1, 2])

    works("folder", lambda: same(os.listdir(), []))
    works(
        "home", lambda: same({os.environ["HOME"], os.environ["TMPDIR"], tempfile.gettempdir()}, {os.getcwd()})
    )
    works("file", lambda: Path("x").write_text("y"))
    works("temporary file", lambda: tempfile.TemporaryFile().close())
    works(
        "late import", lambda: (__import__("sqlite3"), __import__("email.mime.text"), __import__("idlelib"))
    )
    works("program", lambda: same(subprocess.run(["echo", "hi"], capture_output=True).stdout, b"hi\n"))
    works("shell", lambda: same(os.system("true | true"), 0))
    works("python", lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True))
    works("thread", thread)
    works("own child", kill_own_child)
    works("copy", copy)
    works("numpy", plot)
    if outside["tier"] == 1:  # its semaphores live in /dev/shm, which all jobs share in tier 2
        works("pool", pool)
    works("devices", lambda: (Path("/dev/null").write_text("x"), open("/dev/urandom", "rb").close()))
    works("user", lambda: same(os.path.expanduser("~"), os.getcwd()))
    works("touch", lambda: (Path("new").touch(), Path("new").touch(), same(Path("new").exists(), True)))
    works("processors", lambda: same(bool(os.cpu_count()), True))
    works("asyncio", lambda: __import__("asyncio").run(__import__("asyncio").sleep(0)))
    if outside["terminals"]:
        works("terminal", terminal)
    return failed


def peek(outside: dict[str, Any]) -> list[str]:
    """Attacks of the other jobs that do no harm where they succeed."""

    def write() -> None:
        (Path(outside["folder"]) / "new").touch()
        (Path(outside["folder"]) / "new").unlink()

    return through(
        canary=lambda: outside["token"] in Path(outside["canary"]).read_text(),
        course=lambda: os.listdir(outside["folder"]),
        write=write,
        memfd=lambda: os.close(os.memfd_create("x")),
        pidfd=lambda: os.close(os.pidfd_open(os.getpid())),
        victim=lambda: os.kill(outside["victim"], 0),
    )


def memory(outside: dict[str, Any]) -> list[str]:
    def bomb() -> None:
        hoard = []
        while len(hoard) < 4 * MEMORY >> 26:
            hoard.append(bytes(1 << 26))

    return through(
        python=bomb,
        numpy=lambda: sys.modules["numpy"].zeros(MEMORY),
        raised=lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)) if not os.getuid() == 0 else False,
    )


def disk(outside: dict[str, Any]) -> list[str]:
    def fill(size: int, count: int) -> None:
        for number in range(count):
            with open(f"fill{number}", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)

    found = through(file=lambda: fill(DISK + 1, 1))
    if outside["tier"] == 1:
        found += through(
            folder=lambda: fill(DISK // 2, 3), shared=lambda: Path("/dev/shm/x").write_bytes(bytes(DISK))
        )
    os.makedirs("deep/" * 50)
    os.mkdir("closed", 0)
    return found


def daemon(outside: dict[str, Any]) -> list[str]:
    """Leave processes behind: one daemonised twice, one that took a false mark, one stopped."""
    for step in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if step == 1:
                    resource.setrlimit(resource.RLIMIT_SIGPENDING, (7, 7))
                if step == 2:
                    os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(60)
            os._exit(0)
    time.sleep(0.1)
    return []


def bomb(outside: dict[str, Any]) -> list[str]:
    """Fork until it is refused and let all of them sleep; how many there were."""
    count = 0
    try:
        while count < 4 * PROCESSES:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            count += 1
    except OSError:
        pass
    return [str(count)]


def chain(outside: dict[str, Any]) -> list[str]:
    """Fork for ever, each parent ending at once: always another process, and never one for long."""
    if os.fork() == 0:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                pass
    return []


def few(outside: dict[str, Any]) -> list[str]:
    """Start some processes, as an honest notebook does."""
    return through(program=lambda: [subprocess.run(["true"], check=True) for _ in range(5)]) or [
        "could not fork"
    ]


def sleeper(outside: dict[str, Any]) -> list[str]:
    return []


JOBS = {job.__name__: job for job in (
    secrets, network, peek, powers, signals, ordinary, memory, disk, daemon, bomb, chain, few, sleeper,
)}  # fmt: skip


ALONE = ("ordinary", "secrets", "network", "peek", "powers", "signals", "memory", "disk", "daemon", "chain")


class Bench:
    """The fork server's part in it."""

    def __init__(self, sandbox: Any, outside: dict[str, Any]):
        self.sandbox = sandbox
        self.outside = {**outside, "fork_server": os.getpid(), "tier": sandbox.report.tier}

    def start(self, name: str, slot: int) -> tuple[int, int]:
        """Fork a job; its pid and a pipe that tells its answer, and stays open while any of it lives."""
        read, write = os.pipe()
        self.sandbox.before_fork()
        pid = os.fork()
        if pid == 0:
            try:
                self.sandbox.confine(slot, keep=(write,))
                answer: Any = JOBS[name](self.outside)
            except BaseException as error:
                answer = [repr(error)]
            os.write(write, json.dumps(answer).encode() + b"\n")
            while True:
                time.sleep(60)
        self.sandbox.after_fork(pid)
        os.close(write)
        return pid, read

    def answer(self, read: int) -> list[str]:
        """The job's answer."""
        text = b""
        while not text.endswith(b"\n"):
            if not select.select([read], [], [], 20)[0]:
                return ["no answer"]
            part = os.read(read, 65536)
            if not part:
                return ["ended without an answer"]
            text += part
        return list(json.loads(text))

    def end(self, pid: int, read: int, slot: int) -> list[str]:
        """End a job; what is wrong afterwards."""
        before = time.monotonic()
        self.sandbox.end(pid, slot)
        seconds = time.monotonic() - before
        wrong = [] if seconds < 1 else [f"end() took {seconds:.1f} s"]
        if not select.select([read], [], [], 0.5)[0] or os.read(read, 1):
            wrong.append("a process is left")
        os.close(read)
        try:
            os.waitpid(-1, os.WNOHANG)
            wrong.append("a child is left")
        except ChildProcessError:
            pass
        return wrong

    def run(self, name: str) -> dict[str, list[str]]:
        """One job by itself."""
        pid, read = self.start(name, 0)
        answer = self.answer(read)
        return {"answer": answer, "wrong": self.end(pid, read, 0)}


def main() -> None:
    request = json.loads(sys.argv[1])
    import numpy  # noqa: F401  (as the fork server does)

    from autograder.grading.sandbox import landlock, seccomp, syscalls
    from autograder.grading.sandbox.limits import Limits
    from autograder.grading.sandbox.tiers.confinement import Sandbox, SandboxError, self_test

    if request.get("abi"):
        landlock.abi = lambda: request["abi"]
    if request["uid"]:
        become(request["uid"])
    if request.get("container"):  # as Docker does it: no namespaces
        syscalls.no_new_privileges()
        refuse_unshare = [(272, seccomp._answer(seccomp.EPERM))]
        seccomp.install(seccomp._load(0) + seccomp._search(refuse_unshare))
    limits = Limits(memory=MEMORY, disk=DISK, processes=PROCESSES)
    try:
        sandbox = Sandbox.enter(limits, [PACKAGE], force=request["tier"])
    except SandboxError as error:
        print(json.dumps({"refused": str(error)}))
        return
    bench = Bench(sandbox, request["outside"])
    result: dict[str, Any] = {
        "report": sandbox.report.to_json(),
        "self_test": [] if request["tier"] == 3 else self_test(sandbox),
    }
    if request.get("hang"):
        bench.answer(bench.start("daemon", 0)[1])
        print(json.dumps({"pid": os.getpid()}), flush=True)
        time.sleep(60)
    for name in request.get("jobs", ALONE):
        result[name] = bench.run(name)
    if "jobs" in request:
        sandbox.close()
        print(json.dumps(result))
        return
    bomber = bench.start("bomb", 1)
    result["bomb"] = {"answer": bench.answer(bomber[1])}
    honest = bench.start("few", 2)
    result["few"] = {"answer": bench.answer(honest[1])}
    bench.sandbox.end(honest[0], 2)
    result["bomb"]["wrong"] = bench.end(*bomber, 1)
    result["after"] = bench.run("few")
    sandbox.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
