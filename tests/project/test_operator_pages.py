"""docs/cluster.md and docs/postgresql.md: their commands are run, with other addresses and folders."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.cluster import Running
from tests.support.gradebooks import every_row, url_of
from tests.support.runs import finish, make_class

DOCS = Path(__file__).resolve().parents[2] / "docs"
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def run(line: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        shlex.split(line),
        cwd=folder,
        env={**os.environ, "PATH": PATH, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def small(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 8, not graded."""
    return make_class(built_once, tmp_path_factory.mktemp("small"), 8)


@pytest.fixture(scope="module")
def graded(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(small, tmp_path_factory.mktemp("graded") / "class")
    finish(folder)
    return folder


@contextmanager
def as_on_the_page(folder: Path, config: Path | None = None) -> Iterator[tuple[Running, str]]:
    """The page's scheduler and workers; gives them and the page's command that grades."""
    scheduler, workers, grade = blocks("cluster.md", "shell")[:3]
    port = free_port()
    running = Running(folder, address=f"{'tls' if config else 'tcp'}://127.0.0.1:{port}")
    if config:
        running.options = {"DASK_CONFIG": str(config)}
        scheduler = f"{scheduler.strip()} --protocol tls"

    def here(line: str) -> list[str]:
        line = line.replace("tcp://127.0.0.1:8786", running.address).replace("8786", str(port))
        name, *words = shlex.split(line)
        module = {"dask": "dask", "autograder": "autograder"}[name]
        return ["-m", module, *words]

    try:
        running.launch("the-scheduler", *here(scheduler))
        running.address_is_there(port)
        running.started("the-workers", *here(workers))
        yield running, shlex.join(["autograder", *here(grade)[2:]])
    finally:
        running.close()


@pytest.mark.slow
def test_a_cluster_on_one_machine(small, graded, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    with as_on_the_page(tmp_path / "cluster") as (_, grade):
        assert "grades at tier" in run(grade, folder)
    assert every_row(url_of(folder), {"when"}) == every_row(url_of(graded), {"when"})


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_a_cluster_with_certificates(small, graded, tmp_path):
    keys, config, folder = (tmp_path / name for name in ("keys", "config", "class"))
    keys.mkdir()
    config.mkdir()
    shutil.copytree(small, folder)
    for line in blocks("cluster.md", "shell")[3].splitlines():
        run(line, keys)
    (settings,) = blocks("cluster.md", "yaml")
    (config / "security.yaml").write_text(settings.replace("/etc/grading", str(keys)))
    with as_on_the_page(tmp_path / "cluster", config) as (running, grade):
        assert running.address.startswith("tls://")
        # Who has no certificate is not let in.
        refused = subprocess.run(
            shlex.split(grade), cwd=folder, env={**os.environ, "PATH": PATH}, capture_output=True, text=True
        )
        assert refused.returncode == 1 and "no Dask scheduler answers" in refused.stderr, refused
        assert "grades at tier" in run(grade, folder, DASK_CONFIG=str(config))
    assert every_row(url_of(folder), {"when"}) == every_row(url_of(graded), {"when"})


@pytest.mark.slow
def test_a_gradebook_in_postgresql(small, graded, tmp_path):
    pytest.importorskip("psycopg", reason="no psycopg: pip install 'psycopg[binary]'")
    folder = shutil.copytree(small, tmp_path / "class")
    (setting,) = blocks("postgresql.md", "python")
    (commands,) = blocks("postgresql.md", "shell")
    with postgres.server() as make:
        url = make("generative-models")
        host = url.rpartition("=")[2]
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write("\n" + setting.replace("/var/run/postgresql", host))
        assert url in (folder / "nbgrader_config.py").read_text()
        said = [run(line, folder) for line in commands.splitlines()]
        assert "gradebook at postgresql" in " ".join(said[0].split())
        rows = every_row(url, {"when"})
    assert rows == every_row(url_of(graded), {"when"})
    ours, theirs = ((folder / name).read_text().splitlines() for name in ("grades.csv", "by-nbgrader.csv"))
    assert len(ours) == len(theirs) > 7


def test_links_of_the_pages_lead_somewhere():
    for page in ("cluster.md", "postgresql.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
            assert (DOCS / target).exists(), f"{page}: {target}"
