"""Tests in nbgrader's meaning: at their place in the student's process, and nothing of them is left there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.forkserver.client import Connection, ForkServer
from autograder.grading.trial.ways import InProcess, InSavepoint, Isolated
from tests.support.notebook_runs import LIMITS, answer, check, run

HIDDEN = "4711"


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    server = ForkServer(1, LIMITS)
    server.wait()
    yield server.connections[0]
    server.close()


def test_it_runs_in_the_state_of_its_place(connection: Connection) -> None:
    ran = run(
        connection,
        {"early": InSavepoint(), "late": InSavepoint()},
        answer("x = 1\nlog = []"),
        check("early", "log.append(x); print(x, log)"),
        answer("x = 2; log.append('student')"),
        check("late", "print(x, log)"),
    )
    assert ran.said(1) == "1 [1]\n"
    assert ran.said(3) == "2 ['student']\n"


def test_what_it_sets_is_gone_and_its_text_was_never_there(connection: Connection) -> None:
    look = (
        "import gc\n"
        f"print([type(one).__name__ for one in gc.get_objects() if isinstance(one, (list, dict)) "
        f"and any(isinstance(part, str) and 'hidden_{HIDDEN[:2]}' + '{HIDDEN[2:]}' in part for part in "
        "(one if isinstance(one, list) else one.values()))])\n"
        "print('helper' in globals())"
    )
    ran = run(
        connection,
        {"t": InSavepoint()},
        answer("x = 1"),
        check("t", f"helper = 'hidden_{HIDDEN}'\nprint(helper)"),
        answer(look),
    )
    assert ran.said(1) == f"hidden_{HIDDEN}\n"
    assert ran.said(2) == "[]\nFalse\n"


def test_a_test_in_the_process_is_sent_when_its_turn_comes(connection: Connection) -> None:
    look = (
        "import gc\n"
        f"print(any('hidden_' + '{HIDDEN}' in str(one) for one in gc.get_objects() if type(one) is dict))"
    )
    ran = run(
        connection,
        {"t": InProcess()},
        answer(look),
        check("t", f"helper = 'hidden_{HIDDEN}'"),
        answer("print(helper)"),
    )
    assert ran.said(0) == "False\n"
    assert ran.said(2) == f"hidden_{HIDDEN}\n"


def test_it_fails_as_a_cell_does(connection: Connection) -> None:
    ran = run(connection, {"t": InSavepoint()}, answer("x = 1"), check("t", "assert x == 2, 'no'"))
    assert ran.said(1) == "AssertionError"


def test_a_seed_holds_in_the_fork(connection: Connection) -> None:
    draws = "random.random(), numpy.random.random()"
    ran = run(
        connection,
        {"t": InSavepoint()},
        answer("import random, numpy\nrandom.seed(3); numpy.random.seed(3)"),
        check("t", f"print({draws})"),
        answer(f"print({draws})"),
    )
    assert ran.said(1) == ran.said(2) != ""


def test_an_endless_test_costs_itself_alone(connection: Connection) -> None:
    ran = run(
        connection,
        {"a": InSavepoint(), "b": InSavepoint(), "c": InSavepoint()},
        answer("x = 1\ndef stubborn():\n    while True:\n        try:\n            while True: pass\n"
               "        except KeyboardInterrupt: pass"),
        check("a", "while True: pass"),
        check("b", "stubborn()"),
        check("c", "print(x)"),
    )  # fmt: skip
    assert "CellTimeoutError" in ran.said(1)
    assert "CellTimeoutError" in ran.said(2)
    assert ran.said(3) == "1\n"


def test_a_test_that_ends_its_process_costs_itself_alone(connection: Connection) -> None:
    ran = run(
        connection,
        {"a": InSavepoint(), "b": InSavepoint()},
        answer("import os\nx = 1"),
        check("a", "os._exit(3)"),
        check("b", "print(x)"),
    )
    assert "DeadKernelError" in ran.said(1)
    assert ran.said(2) == "1\n"


def test_savepoints_are_taken_again_where_the_process_dies(connection: Connection) -> None:
    ran = run(
        connection,
        {"a": InSavepoint(), "b": InSavepoint()},
        answer("x = 1"),
        check("a", "print(x)"),
        answer("import os\nos._exit(1)"),
        answer("x = 2"),
        check("b", "print(x)"),
    )
    assert ran.said(1) == "1\n"
    assert "DeadKernelError" in ran.said(2)
    assert ran.said(4) == "2\n"


def test_files_are_those_of_its_place(connection: Connection) -> None:
    ran = run(
        connection,
        {"t": InSavepoint(copy_files=True)},
        answer("open('made.txt', 'w').write('first')"),
        check("t", "print(open('made.txt').read()); open('made.txt', 'w').write('spoilt')"),
        answer("open('made.txt', 'a').write(' second')"),
        answer("print(open('made.txt').read())"),
    )
    assert ran.said(1).startswith("first")
    assert ran.said(3) == "first second\n"


def test_an_isolated_test_has_its_witness(connection: Connection) -> None:
    """Its mark is that of nbgrader's meaning; what the isolated run gave is kept beside it."""
    ran = run(
        connection,
        {"t": Isolated("always")},
        answer("def f(v):\n    return v + 1"),
        check("t", "assert f(1) == 2\nprint('helper' in globals(), __name__)"),
        answer("print('helper')"),
        solutions="def f(v):\n    return v + 1",
    )
    assert ran.said(1) == "False __main__\n"
    assert set(ran.report.witnesses) == {"t"}
    assert [output.output_type for output in ran.report.witnesses["t"].outputs] == ["stream"]


@pytest.mark.parametrize(("value", "twice"), [("1", False), ("object()", True)])
def test_a_plain_value_needs_no_second_run(connection: Connection, value: str, twice: bool) -> None:
    ran = run(
        connection,
        {"t": Isolated("inexact")},
        answer(f"x = {value}"),
        check("t", "assert x"),
        solutions="x = 1",
    )
    assert bool(ran.report.witnesses) == twice


def test_a_second_run_has_the_names_of_the_tests_before(connection: Connection) -> None:
    ran = run(
        connection,
        {"a": Isolated("always"), "b": Isolated("always")},
        answer("x = 1"),
        check("a", "def near(a, b):\n    print('seen')\n    return a == b"),
        check("b", "assert near(x, 1)"),
        solutions="x = 1",
    )
    assert ran.said(2) == "seen\n"


def test_tasks_that_wait_go_on_in_the_fork(connection: Connection) -> None:
    ran = run(
        connection,
        {"t": InSavepoint()},
        answer("import asyncio\nevent = asyncio.Event()\ntask = asyncio.create_task(event.wait())"),
        check("t", "event.set()\nprint(await task)"),
    )
    assert ran.said(1) == "True\n"
