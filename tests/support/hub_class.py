"""A class that `autograder hub` runs, and its people at their servers: by REST, in kernels, in terminals."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import websocket

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SHARED", "/opt/autograder-shared")) / "bin" / "python"
COURSE, LESSON = "generative-models", "01-coins"


@dataclass(frozen=True)
class Person:
    """Somebody with a token of the hub; `home` is the address of their server, or of the formgrader."""

    name: str
    token: str
    home: str

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request below the person's own address; a path that is an address goes there."""
        where = path if path.startswith("http") else f"{self.home}{path}"
        head = {"Authorization": f"token {self.token}"}
        return requests.request(method, where, headers=head, timeout=120, allow_redirects=False, **more)

    def must(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of an answer that has to be a good one."""
        answer = self.ask(method, path, **more)
        assert answer.ok, (self.name, path, answer.status_code, answer.text[-2000:])
        found = answer.json() if answer.text else {}
        assert not isinstance(found, dict) or found.get("success", True), (self.name, path, found)
        return found

    def at(self, home: str) -> Person:
        """The same person at another address."""
        return Person(self.name, self.token, home)

    @contextlib.contextmanager
    def kernel(self, notebook: str) -> Iterator[Kernel]:
        """A kernel of the person's server, started for a notebook as JupyterLab starts it."""
        made = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.must("POST", "api/sessions", json=made)
        with contextlib.closing(self._socket(f"api/kernels/{session['kernel']['id']}/channels")) as line:
            yield Kernel(line)
        self.ask("DELETE", f"api/sessions/{session['id']}")

    def terminal(self, command: str) -> str:
        """What a shell prints for a command, in a terminal of the person's server; it has to succeed."""
        name = self.must("POST", "api/terminals")["name"]
        mark = uuid.uuid4().hex
        printed = ""
        with contextlib.closing(self._socket(f"terminals/websocket/{name}")) as line:
            # The mark is put together by the shell, so that the echo of the command is not taken for it.
            line.send(json.dumps(["stdin", f"{command}; echo {mark[:9]}''{mark[9:]} $?\r"]))
            while not (end := re.search(rf"{mark} (\d+)", printed)):
                kind, *text = json.loads(line.recv())
                printed += text[0] if kind == "stdout" else ""
        self.ask("DELETE", f"api/terminals/{name}")
        assert end[1] == "0", printed
        return printed

    def _socket(self, path: str) -> websocket.WebSocket:
        where = f"{self.home}{path}".replace("http", "ws", 1)
        return websocket.create_connection(where, header=[f"Authorization: token {self.token}"], timeout=120)


class Kernel:
    """The line to a kernel."""

    def __init__(self, line: websocket.WebSocket):
        self.line = line

    def run(self, code: str) -> str:
        """What a cell prints, and the name and value of its error."""
        name = uuid.uuid4().hex
        head = {
            "msg_id": name,
            "msg_type": "execute_request",
            "username": "",
            "session": name,
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        asked = {"header": head, "parent_header": {}, "metadata": {}, "content": content}
        self.line.send(json.dumps({**asked, "channel": "shell", "buffers": []}))
        said = ""
        while True:
            message = json.loads(self.line.recv())
            if message["parent_header"].get("msg_id") != name:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                said += content["text"]
            elif message["msg_type"] == "error":
                said += "\n".join(["", content["ename"], content["evalue"], *content["traceback"]])
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return said


@dataclass(frozen=True)
class HubClass:
    """A running class, its folder, and how to be somebody in it."""

    address: str
    password: str
    prefix: str
    folder: Path
    process: subprocess.Popen[str]

    def name(self, role: str) -> str:
        return f"{self.prefix}-{role}"

    def log_in(self, role: str, start: bool = True) -> Person:
        """Somebody with a token and, if wanted, a running server."""
        name = self.name(role)
        asked = {"auth": {"username": name, "password": self.password}}
        api = f"{self.address}hub/api/users/{name}"
        answer = requests.post(f"{api}/tokens", json=asked, timeout=60)
        assert answer.status_code == 201, answer.text
        person = Person(name, answer.json()["token"], f"{self.address}user/{name}/")
        if start:
            person.must("POST", f"{api}/server")
            deadline = time.monotonic() + 120
            while not person.must("GET", api)["servers"].get("", {}).get("ready"):
                assert time.monotonic() < deadline, f"the server of {name} did not start"
                time.sleep(0.2)
        return person


def shared_python() -> str:
    """A Python that other accounts can run. Skips the test where there is none."""
    for path in (sys.executable, str(SHARED)):
        asked = [path, "-c", "import jupyterhub, nbgrader"]
        with contextlib.suppress(OSError):
            if not subprocess.run(asked, user="nobody", cwd="/", check=False, capture_output=True).returncode:
                return path
    pytest.skip(f"other accounts cannot run {sys.executable}, and {SHARED} is not there. Run: make shared")


@contextlib.contextmanager
def running(course: Path, python: str, user: str | None = None) -> Iterator[HubClass]:
    """`autograder hub` on a copy of `course`, as `user` or as oneself. All of it is gone afterwards."""
    proxy = Path(python).parent / "configurable-http-proxy"
    if not proxy.exists() and not shutil.which("configurable-http-proxy"):
        pytest.skip("no configurable-http-proxy: npm install --global configurable-http-proxy@5, with node")
    prefix = f"agtest{os.getpid()}{'x' if user else ''}"
    # Not in pytest's own folder, which no other account may enter.
    room = Path(tempfile.mkdtemp(prefix="autograder-hub-"))
    room.chmod(0o755)
    try:
        shutil.copytree(course, room / "course")
        shutil.copytree(ROOT / "deploy", room / "course" / "deploy")
        shutil.copytree(ROOT / "autograder", room / "code" / "autograder")
        if user:
            shutil.chown(room, user)
        process = subprocess.Popen(
            [
                *(python, "-m", "autograder", "hub", "--course", str(room / "course")),
                *("--folder", str(room / "hub"), "--prefix", prefix),
            ],
            cwd=room,
            env={**os.environ, "PYTHONPATH": str(room / "code"), "PYTHONDONTWRITEBYTECODE": "1"},
            user=user,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=(room / "out").open("w"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield _started(process, room, prefix)
        except BaseException:
            log = room / "hub" / "state" / "hub.log"
            print(log.read_text(errors="replace")[-8000:] if log.exists() else "no hub.log")
            raise
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(90)
            left = sorted({one.pid for one in _of(room, prefix)} - {os.getpid()})
            accounts = [entry.pw_name for entry in pwd.getpwall() if entry.pw_name.startswith(f"{prefix}-")]
            _remove(left, accounts, process)
            assert not left, f"processes outlived the hub: {left}"
            assert not accounts, f"accounts outlived the hub: {accounts}"
            assert process.returncode == 0, (room / "out").read_text()
    finally:
        shutil.rmtree(room)


def _started(process: subprocess.Popen[str], room: Path, prefix: str) -> HubClass:
    deadline = time.monotonic() + 180
    while "begin anew" not in (said := (room / "out").read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    address = re.search(r"A hub at (\S+)", said)[1]
    password = re.search(r"the password +(\S+)", said)[1]
    return HubClass(address, password, prefix, room / "hub", process)


def _of(room: Path, prefix: str) -> Iterator[psutil.Process]:
    """Every process of the class: of its accounts, or with its folder in the command line or as its place."""
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            words = " ".join([*one.cmdline(), one.cwd()])
            if one.status() != psutil.STATUS_ZOMBIE and (
                one.username().startswith(f"{prefix}-") or str(room) in words
            ):
                yield one


def _remove(left: list[int], accounts: list[str], process: subprocess.Popen[str]) -> None:
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)
    for name in accounts:
        subprocess.run(["userdel", "--force", name], check=False, capture_output=True)
