"""What is collected from nbgrader's exchange: plain files, of their owner, within limits."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.hub.nbgrader_exchange import CollectFromOwners, CollectPlainFiles

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange refuses Windows")


class Shop:
    """A course and its exchange, with a file that only the grader may read."""

    def __init__(self, root: Path):
        self.root = root
        self.inbound = root / "exchange" / "course" / "inbound"
        self.inbound.mkdir(parents=True)
        self.secret = root / "secret"
        self.secret.write_text("the tests")

    def hand_in(self, student: str, when: str = "2030-01-01") -> Path:
        folder = self.inbound / f"{student}+essay+{when} 12:00:00.000000 UTC+x"
        folder.mkdir()
        (folder / "essay.ipynb").write_text(when)
        return folder

    def collect(self, kind: type[CollectPlainFiles] = CollectPlainFiles) -> dict[str, str]:
        """The text of every file under submitted/, by its path there."""
        config = Config()
        config.Exchange.root = str(self.root / "exchange")
        config.CourseDirectory.root = str(self.root / "course")
        config.CourseDirectory.course_id = "course"
        config.CourseDirectory.assignment_id = "essay"
        config.CourseDirectory.max_file_size = 1
        kind(coursedir=CourseDirectory(config=config), config=config).start()
        submitted = self.root / "course" / "submitted"
        return {
            str(path.relative_to(submitted)): path.read_text()
            for path in submitted.rglob("*")
            if path.is_file() or path.is_symlink()
        }


class NoDueDates:
    """A gradebook that knows no assignment; making a real one takes seconds."""

    def __init__(self, *_: Any):
        pass

    def __enter__(self) -> NoDueDates:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def find_assignment(self, name: str) -> None:
        raise MissingEntry(name)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("nbgrader.exchange.default.collect.Gradebook", NoDueDates)
    (tmp_path / "course").mkdir()
    return Shop(tmp_path)


def test_plain_files_are_collected_and_nothing_else(shop: Shop) -> None:
    folder = shop.hand_in("ann")
    (folder / "data").mkdir()
    (folder / "data" / "more.csv").write_text("1,2")
    (folder / "link").symlink_to(shop.secret)
    (folder / "links").symlink_to(shop.root)
    (folder / "data" / "link").symlink_to(shop.secret)
    (folder / "junk.pyc").write_text("ignored")
    (folder / "large").write_bytes(bytes(1001))
    os.mkfifo(folder / "pipe")
    found = shop.collect()
    assert found == {"ann/essay/essay.ipynb": "2030-01-01", "ann/essay/data/more.csv": "1,2"}


def test_another_account_s_submission_is_not_collected(shop: Shop) -> None:
    """The name is not that of the account that owns the files."""
    me = getpass.getuser()
    shop.hand_in("somebody", "2031-01-01")
    shop.hand_in(me, "2030-01-01")
    shop.hand_in(me, "2030-01-02")
    assert shop.collect(CollectFromOwners) == {f"{me}/essay/essay.ipynb": "2030-01-02"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_forged_newer_one_does_not_hide_the_true_one(shop: Shop) -> None:
    me = getpass.getuser()
    shop.hand_in(me, "2030-01-01")
    os.chown(shop.hand_in(me, "2031-01-01"), 4_000_000, -1)  # an account that nobody has
    assert shop.collect(CollectFromOwners) == {f"{me}/essay/essay.ipynb": "2030-01-01"}
