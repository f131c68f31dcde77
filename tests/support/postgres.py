"""Debian's PostgreSQL, started for the tests and ended after them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

QUICK = ["fsync=off", "listen_addresses=", "max_connections=50"]


def programs() -> Path:
    """The folder with initdb and postgres; without one, the tests that ask are skipped."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.skip("no PostgreSQL: install the Debian package postgresql")
    return Path(on_path).resolve().parent


def owner() -> str | None:
    """PostgreSQL refuses to run as root: then as another user that there is."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in ("postgres", "nobody") if name in names), None)
    if found is None:
        pytest.skip("no PostgreSQL: as root it needs the user postgres or nobody")
    return found


@contextmanager
def server() -> Iterator[Callable[[str], str]]:
    """A server with a folder of its own; gives a function that makes a database and says its URL."""
    home, user = programs(), owner()
    # Not in pytest's own folder: another user cannot enter that. Short, as a socket's path must be.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)

        def command(*words: str) -> list[str]:
            return [str(home / words[0]), *words[1:]]

        made = subprocess.run(
            command(
                "initdb", "-D", f"{folder}/data", "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync"
            ),
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        options = [word for option in QUICK for word in ("-c", option)]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                command("postgres", "-D", f"{folder}/data", "-k", str(folder), *options),
                user=user,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            yield lambda database: _make(folder, database)
        finally:
            process.send_signal(signal.SIGINT)  # ends open sessions; SIGTERM would wait for them
            process.wait(30)


def _make(folder: Path, database: str) -> str:
    import psycopg

    end = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(host=str(folder), user="grader", dbname="postgres", autocommit=True) as one:
                one.execute(f'CREATE DATABASE "{database}"')  # type: ignore[arg-type]
            return f"postgresql+psycopg://grader@/{database}?host={folder}"
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.05)
