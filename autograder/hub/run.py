"""A class to try, from its first process to its last."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.core.errors import CourseError, ToolError
from autograder.grading.sandbox.syscalls import adopt_orphans, die_with_parent
from autograder.hub import accounts
from autograder.hub import folder as place
from autograder.hub.accounts import People

START_SECONDS = 120
END_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """A hub that answers: where it is, who may log in, and with what."""

    address: str
    password: str
    course: str
    people: People
    folder: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def running(root: Path, folder: Path, prefix: str, port: int | None = None) -> Iterator[Running]:
    """Start a class, and end all of it on the way out, its Unix accounts included.

    Args:
        root: the course's folder.
        folder: where the class lives.
        prefix: the start of everybody's account name.
        port: the hub's; None for a free one.

    Yields:
        The class: its process, address, people and password.
    """
    _check_tools(root)
    people = People(prefix, folder / "home")
    ports = [port or 0, 0, 0, 0]
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in ports]
        for one, wanted in zip(held, ports, strict=True):
            try:
                one.bind(("127.0.0.1", wanted))
            except OSError as error:
                raise ToolError(f"port {wanted} is taken. Leave --port out for a free one.") from error
        ports = [one.getsockname()[1] for one in held]
    lock = place.claim(folder)
    try:
        course = place.make(root, folder, people, ports[3])
        password = secrets.token_urlsafe(9)
        others = set(psutil.Process().children(recursive=True))
        process = _start(root, folder, ports[:3], password)
        try:
            address = f"http://127.0.0.1:{ports[0]}/"
            _wait(process, address, folder / "state" / "hub.log")
            yield Running(address, password, course, people, folder, process)
        finally:
            _end(process, others)
    finally:
        if people.real:
            accounts.remove_accounts(people)
        os.close(lock)


def _check_tools(root: Path) -> None:
    if not sys.platform.startswith("linux"):
        raise ToolError("autograder hub needs Linux: it follows every process that it starts.")
    if importlib.util.find_spec("jupyterhub") is None:
        raise ToolError("jupyterhub is not installed. Run: pip install -r requirements.lock")
    if not shutil.which("configurable-http-proxy", path=_path()):
        raise ToolError(
            "configurable-http-proxy is missing. With node and npm:"
            f" npm install --global --prefix {sys.prefix} configurable-http-proxy@5"
        )
    if not (root / place.DEPLOY / "try_config.py").exists():
        raise CourseError(f"{root / place.DEPLOY / 'try_config.py'} is missing: this course has no hub.")


def _path() -> str:
    return os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)])


def _start(root: Path, folder: Path, ports: list[int], password: str) -> subprocess.Popen[bytes]:
    """JupyterHub in a session of its own: Ctrl+C reaches this process alone, which then ends it in order."""
    # Kernels and proxies whose parent died become children of this process, so that none is lost.
    adopt_orphans()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment |= {
        "PATH": _path(),
        "HUB_CLASS": str(folder / place.CLASS),
        "HUB_PORTS": " ".join(map(str, ports)),
        "HUB_PASSWORD": password,
    }
    with (folder / "state" / "hub.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", f"--config={root / place.DEPLOY / 'try_config.py'}"],
            cwd=folder / "state",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Where this process is killed, the hub still ends its servers by itself.
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{address}hub/health"),
        ):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:]
            raise ToolError(f"the hub did not start. The end of {log}:\n" + "\n".join(last))
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes], others: set[psutil.Process]) -> None:
    """Ask the hub to end its servers and itself; then end whatever is left of what it started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    deadline = time.monotonic() + END_SECONDS
    while (left := _descendants() - others) and time.monotonic() < deadline:
        for one in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=1)
    process.wait()


def _descendants() -> set[psutil.Process]:
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if one.status() != psutil.STATUS_ZOMBIE:
                found.add(one)
    return found
