"""An address of a scheduler that anybody may listen to is warned of, once, before it is used."""

import os

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.core.errors import GradingError
from autograder.grading.dispatch import dask_pool
from autograder.grading.dispatch.dask_connection import warning_of

SAFE = [
    *("tls://grader.example:8786", "TLS://10.0.0.1:8786", "wss://grader.example:443", "inproc://1/2/3"),
    *(
        "tcp://127.0.0.1:8786",
        "127.0.0.1:8786",
        "tcp://127.8.8.8:1",
        "tcp://localhost:8786",
        "tcp://[::1]:8786",
    ),
]
OPEN = [
    *(
        "tcp://grader.example:8786",
        "grader.example:8786",
        "tcp://10.0.0.1:8786",
        "tcp://0.0.0.0:8786",
        "ws://x:1",
    ),
    *(
        "tcp://[fd00::1]:8786",
        "tcp://127.0.0.1.example:8786",
        "ucx://10.0.0.1:8786",
        "tcp://[x",
        "tcp://localhost.example:1",
    ),
]


@pytest.mark.parametrize("address", SAFE)
def test_tls_and_this_machine_are_fine(address):
    assert warning_of(address) == ""


@pytest.mark.parametrize("address", OPEN)
def test_any_other_is_warned_of(address):
    said = warning_of(address)
    assert address in said and "tls://" in said and "\n" not in said


class _Nobody:
    def __init__(self, address):
        raise GradingError("nobody answers")


def test_grading_says_it_once(monkeypatch):
    monkeypatch.setattr(dask_pool, "DaskConnection", _Nobody)
    said = []
    with pytest.raises(GradingError):
        dask_pool.Cluster(OPEN[0], "{}", said.append)
    assert said == [warning_of(OPEN[0])]
    with pytest.raises(GradingError):
        dask_pool.Cluster(SAFE[0], "{}", said.append)
    assert len(said) == 1


def test_a_worker_says_it_once(monkeypatch):
    started = []
    monkeypatch.setattr(os, "execv", lambda path, command: started.append(command))
    for address, times in ((OPEN[0], 1), (SAFE[0], 0)):
        done = CliRunner().invoke(main, ["worker", address, "--no-sandbox"])
        assert done.exit_code == 0, done.output
        assert done.stderr.count("WARNING") == times
    assert [command[3] for command in started] == [OPEN[0], SAFE[0]]
