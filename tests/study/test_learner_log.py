"""The learner's log: nothing is lost when two write, a damaged file is kept aside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.distribution import DISTRIBUTION
from autograder.study import learner_log
from autograder.study.learner_log import SCHEMA, Attempt, LearnerLog, Review

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OLDER = sorted((Path(__file__).parents[1] / "support" / "older_files").glob("my-progress-*.jsonl"))
"""One of each version before today's, as the package wrote it then."""


def events(count: int) -> list[learner_log.Event]:
    """Attempts and reviews in turn, a second apart."""
    kinds = (
        lambda at, n: Attempt(at, "01-coins", f"coin-{n}", "wrong:bits"),
        lambda at, n: Review(at, f"01-card-{n}", 1 + n % 4),
    )
    return [kinds[n % 2](NOW + timedelta(seconds=n), n) for n in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a log would lie."""
    return tmp_path / learner_log.FILE


def test_what_was_appended_is_read(path: Path) -> None:
    for event in events(7):
        learner_log.append(path, event)
    assert learner_log.read(path) == LearnerLog(tuple(events(7)))


def test_events_come_in_the_order_of_time(path: Path) -> None:
    for event in reversed(events(7)):
        learner_log.append(path, event)
    assert learner_log.read(path).events == tuple(events(7))


def test_no_diary_is_an_empty_one(path: Path) -> None:
    assert learner_log.read(path) == LearnerLog(())
    assert list(path.parent.iterdir()) == []


def test_two_notebooks_at_once_lose_no_review(path: Path) -> None:
    """Four processes write 200 reviews each, as fast as they can."""
    imports = "import sys; from datetime import UTC, datetime; from autograder.study import learner_log"
    write = (
        "learner_log.append(sys.argv[1], learner_log.Review(datetime.now(UTC), f'{sys.argv[2]}-card-{n}', 3))"
    )
    code = f"{imports}\nfor n in range(200): {write}"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), str(number)]) for number in range(4)]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    found = learner_log.read(path)
    assert found.said == ""
    assert {event.card for event in found.events} == {f"{w}-card-{n}" for w in range(4) for n in range(200)}


DAMAGE = {
    "zeros": b"\0\0\0\0\n",
    "not json": b"hello\n",
    "no event": b"[1, 2]\n",
    "no time": b'{"what": "review", "card": "01-card-1", "rating": 3}\n',
    "a time without a zone": b'{"at": "2026-11-25T12:00", "what": "review", "card": "x", "rating": 3}\n',
    "a rating out of range": b'{"at": "2026-11-25T12:00:00Z", "what": "review", "card": "x", "rating": 5}\n',
    "another kind": b'{"at": "2026-11-25T12:00:00+00:00", "what": "nap"}\n',
    "not utf-8": b'{"at": "\xff"}\n',
    "cut off": b'{"at": "2026-11-25T12:00:00+00:00", "what": "rev',
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_kept_aside_and_the_rest_goes_on(path: Path, damage: bytes) -> None:
    for event in events(3):
        learner_log.append(path, event)
    path.write_bytes(damage + path.read_bytes() if damage.endswith(b"\n") else path.read_bytes() + damage)
    whole = path.read_bytes()
    found = learner_log.read(path)
    assert found.events == tuple(events(3))
    assert "1 line that cannot be read" in found.said and "3 entries were kept" in found.said
    aside = path.with_name("my-progress.damaged-1.jsonl")
    assert aside.name in found.said and aside.read_bytes() == whole
    assert learner_log.read(path) == LearnerLog(tuple(events(3)))


def test_a_file_of_noise_is_a_fresh_start(path: Path) -> None:
    for number in (1, 2):
        path.write_bytes(b"noise \xff\n" * 3)
        found = learner_log.read(path)
        assert found.events == () and "You start afresh" in found.said and f"damaged-{number}" in found.said
    assert not path.exists()


def test_a_line_that_was_cut_off_takes_no_other_along(path: Path) -> None:
    path.write_bytes(b'{"at": "2026-11-25T12:00:00+00:00", "what": "rev')
    learner_log.append(path, events(1)[0])
    assert learner_log.read(path).events == tuple(events(1))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / learner_log.FILE
    path.write_bytes(data)
    learner_log.read(path)
    learner_log.append(path, events(1)[0])
    assert learner_log.read(path).events[-1] == events(1)[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_named(path: Path) -> None:
    path.write_text("")
    path.chmod(0)
    assert str(path) in learner_log.read(path).said


def test_the_file_is_plain_enough_to_read(path: Path) -> None:
    learner_log.append(path, Attempt(NOW, "01-coins", "coin-entropy", "right"))
    assert json.loads(path.read_text()) == {
        "schema": 2,
        "at": "2026-11-25T12:00:00.000+00:00",
        "what": "check",
        "lesson": "01-coins",
        "exercise": "coin-entropy",
        "verdict": "right",
    }


def test_there_is_a_file_of_each_older_version() -> None:
    assert [older.stem for older in OLDER] == [f"my-progress-{n}" for n in range(1, SCHEMA.version)]


@pytest.mark.parametrize("older", OLDER, ids=lambda path: path.stem)
def test_an_older_file_is_read_and_written_on(path: Path, older: Path) -> None:
    shutil.copy(older, path)
    later = Review(NOW + timedelta(days=1), "01-card-2", 4)
    learner_log.append(path, later)
    expected = (
        Attempt(NOW, "01-coins", "coin-entropy", "wrong:bits"),
        Review(NOW + timedelta(minutes=1), "01-card-1", 3),
        Attempt(NOW + timedelta(minutes=2), "01-coins", "coin-entropy", "right"),
        later,
    )
    assert learner_log.read(path) == LearnerLog(expected)
    assert path.read_bytes().startswith(older.read_bytes())


NEWER = b'{"schema": %d, "when": "a form of which nobody knows anything yet"}' % (SCHEMA.version + 1)


@pytest.mark.parametrize("count", [1, 2])
def test_lines_of_a_newer_version_stay_and_say_to_update(path: Path, count: int) -> None:
    learner_log.append(path, events(1)[0])
    path.write_bytes(path.read_bytes() + (NEWER + b"\n") * count)
    whole = path.read_bytes()
    found = learner_log.read(path)
    assert found.events == tuple(events(1))
    assert found.said.startswith(
        f"my-progress.jsonl has {count} line{'s' * (count > 1)} that cannot be read here"
    )
    assert f"Update {DISTRIBUTION}" in found.said
    assert path.read_bytes() == whole and list(path.parent.iterdir()) == [path]


def test_lines_of_a_newer_version_outlive_damage_to_others(path: Path) -> None:
    learner_log.append(path, events(1)[0])
    path.write_bytes(b"noise\n" + NEWER + b"\n" + path.read_bytes())
    found = learner_log.read(path)
    assert found.events == tuple(events(1))
    assert "1 line that cannot be read. 2 entries were kept" in found.said and "Update" in found.said
    assert NEWER in path.read_bytes().split(b"\n") and b"noise" not in path.read_bytes()


def test_it_lies_beside_the_lessons_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(learner_log.PLACE, raising=False)
    assert learner_log.place(tmp_path / "01-coins") == tmp_path / learner_log.FILE
    monkeypatch.setenv(learner_log.PLACE, str(tmp_path / "mine"))
    assert learner_log.place(tmp_path / "01-coins") == tmp_path / "mine"


def test_it_is_not_kept_outside_a_notebook() -> None:
    assert not learner_log.is_kept()
