"""What a fork server reads before it is in the sandbox: nothing that another user can have put there."""

import os
import stat
from pathlib import Path

import pytest

from autograder.core.errors import GradingError
from autograder.grading.forkserver import client
from autograder.grading.forkserver.client import ForkServer
from autograder.grading.sandbox.limits import Limits

SETTINGS = ("MPLCONFIGDIR", "IPYTHONDIR")


@pytest.fixture
def start(monkeypatch):
    """Start fork servers that are ended afterwards; `seen` keeps what each was given as its environment."""
    started, seen = [], []
    made = client._environment
    monkeypatch.setattr(client, "_environment", lambda *given: seen.append(made(*given)) or seen[-1])

    def run():
        started.append(ForkServer(1, Limits(), lowest_tier=3, preload=()))
        return started[-1], seen[-1]

    yield run
    for one in started:
        one.close()


def test_its_settings_are_in_a_folder_of_its_own_until_it_is_warm(start):
    (first, one), (second, other) = start(), start()
    folders = {Path(environment[name]) for environment in (one, other) for name in SETTINGS}
    assert len(folders) == 2
    for folder in folders:
        found = folder.lstat()
        assert stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == os.geteuid()
    first.wait()
    second.close()
    assert not [folder for folder in folders if folder.exists()]


@pytest.mark.parametrize("mode", [0o777, 0o750, None], ids=["writable", "readable", "missing"])
def test_a_folder_that_is_not_its_own_alone_is_refused(start, monkeypatch, tmp_path, mode):
    planted = tmp_path / "none"
    if mode is not None:
        planted.mkdir()
        (planted / "matplotlibrc").write_text("figure.facecolor: red\n")
        planted.chmod(mode)
    monkeypatch.setattr(client.tempfile, "mkdtemp", lambda prefix: str(planted))
    server, _ = start()
    with pytest.raises(GradingError, match="MPLCONFIGDIR"):
        server.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_a_folder_of_somebody_else_is_refused(start, monkeypatch, tmp_path):
    planted = tmp_path / "none"
    planted.mkdir(0o700)
    os.chown(planted, 61234, 61234)
    monkeypatch.setattr(client.tempfile, "mkdtemp", lambda prefix: str(planted))
    server, _ = start()
    with pytest.raises(GradingError, match="somebody else"):
        server.wait()
