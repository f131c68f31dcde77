"""A Dask cluster on this machine: a scheduler and workers as their operator starts them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60.0
NO_BOARD = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]


@dataclass
class Running:
    """A cluster; `folder` is where its workers run, with nothing of a course in it."""

    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[Any]] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    def launch(self, name: str, *words: str) -> subprocess.Popen[Any]:
        home = self.folder / name
        home.mkdir(parents=True)
        with (home / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=home,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.options},
                start_new_session=True,  # so that all of it can be ended
            )
        self.processes.append(process)
        return process

    def schedule(self, *more: str) -> str:
        """Start the scheduler; its address."""
        file = self.folder / "scheduler.json"
        words = ("-m", "distributed.cli.dask_scheduler", *NO_BOARD, "--scheduler-file", str(file), *more)
        self.launch("scheduler", *words)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads(file.read_text())["address"]
                return self.address
            time.sleep(0.05)
        raise AssertionError((self.folder / "scheduler" / "log").read_text())

    def address_is_there(self, port: int) -> None:
        """Wait until somebody listens."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError(f"nobody listens at port {port}")

    def work(self, name: str, *more: str) -> subprocess.Popen[Any]:
        """Start one worker as `autograder worker` does, and wait until the scheduler knows it."""
        return self.started(name, "-m", "autograder", "worker", self.address, "--workers", "1", *more)

    def started(self, name: str, *words: str) -> subprocess.Popen[Any]:
        before = len(self.workers())
        process = self.launch(name, *words)
        end = time.monotonic() + PATIENCE
        while len(self.workers()) <= before:
            said = (self.folder / name / "log").read_text()
            assert process.poll() is None and time.monotonic() < end, said
            time.sleep(0.1)
        return process

    def workers(self) -> dict[str, Any]:
        """The scheduler's workers by address: their process ids and names."""
        code = (
            "import json, sys, distributed\n"
            "with distributed.Client(sys.argv[1], timeout=20, set_as_default=False) as one:\n"
            "    print(json.dumps({k: v['name'] for k, v in one.scheduler_info(-1)['workers'].items()}))"
        )
        words = [sys.executable, "-c", code, self.address]
        done = subprocess.run(
            words, env={**os.environ, **self.options}, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def close(self) -> None:
        """End every process of it."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def cluster(folder: Path, workers: Sequence[str] = ("one", "two")) -> Iterator[Running]:
    """A scheduler and a worker of each name."""
    running = Running(folder)
    try:
        running.schedule()
        for name in workers:
            running.work(name)
        yield running
    finally:
        running.close()
