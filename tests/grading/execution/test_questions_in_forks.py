"""A test that asks a student's function tells later cells nothing, and meets the state of its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.forkserver.client import Connection, ForkServer
from autograder.grading.trial.ways import Isolated
from tests.support.notebook_runs import LIMITS, answer, check, run

SOLUTION = "def f(x): pass\ndef g(x): pass\ndef make(): pass\nclass Box: pass\nseen = []\nk = 0"


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    server = ForkServer(1, LIMITS)
    server.wait()
    yield server.connections[0]
    server.close()


@pytest.mark.parametrize("way", [Isolated(), Isolated("always"), Isolated("inexact")])
def test_a_later_cell_knows_nothing_of_what_a_test_asked(connection: Connection, way: Isolated) -> None:
    ran = run(
        connection,
        {"t": way},
        answer("seen = []\ndef f(x):\n    seen.append(x)\n    return 2 * x"),
        check("t", "assert f(4711) == 9422; print('asked')"),
        answer("print(seen, [n for n in globals() if '4711' in n])"),
        solutions=SOLUTION,
    )
    assert ran.said(1) == "asked\n"
    assert ran.said(2) == "[] []\n"


@pytest.mark.parametrize("way", [Isolated(), Isolated("always")])
def test_a_function_is_asked_in_the_state_of_the_tests_place(connection: Connection, way: Isolated) -> None:
    ran = run(
        connection,
        {"early": way, "late": way},
        answer("k = 1\ndef f(x): return x + k"),
        check("early", "print(f(0))"),
        answer("k = 10"),
        check("late", "print(f(0))"),
        answer("k = 100"),
        solutions=SOLUTION,
    )
    assert (ran.said(1), ran.said(3)) == ("1\n", "10\n")


def test_tests_keep_the_order_in_which_they_stand(connection: Connection) -> None:
    ran = run(
        connection,
        {},
        answer("k = 1\ndef f(x): return x + k"),
        check("a", "made = f(1)"),
        check("b", "assert made == 2; made = made + k"),
        check("c", "assert made + f(0) == 4; print(made)"),
        solutions=SOLUTION,
    )
    assert ran.said(3) == "3\n"


def test_a_later_test_asks_about_an_object_that_an_earlier_one_made(connection: Connection) -> None:
    ran = run(
        connection,
        {},
        answer(
            "class Box:\n    def __init__(self): self.items = []\n    def put(self, x): self.items.append(x)"
        ),
        check("a", "box = Box(); box.put(1)"),
        answer("def g(x): return 10 * x"),
        check("b", "box.put(g(2)); print(box.items)"),
        answer("k = 1"),
        check("c", "print(k, box.items)"),
        solutions=SOLUTION,
    )
    assert (ran.said(3), ran.said(5)) == ("[1, 20]\n", "1 [1, 20]\n")


def test_seeds_are_those_of_the_process(connection: Connection) -> None:
    ran = run(
        connection,
        {},
        answer(
            "import random\nrandom.seed(5)\nk = random.Random(5).random()\ndef f(x): return random.random()"
        ),
        check("t", "print(f(0) == k)"),
        solutions=SOLUTION,
    )
    assert ran.said(1) == "True\n"


@pytest.mark.parametrize("ending", ["import os; os._exit(0)", "while True: pass", "raise SystemExit"])
def test_a_function_that_does_not_return_costs_its_test_alone(connection: Connection, ending: str) -> None:
    ran = run(
        connection,
        {},
        answer(f"def f(x):\n    {ending}"),
        check("lost", "f(1)"),
        answer("def g(x): return x + 1"),
        check("kept", "print(g(1))"),
        solutions=SOLUTION,
    )
    assert any(output.output_type == "error" for output in ran.notebook.cells[1].outputs)
    assert ran.said(3) == "2\n"


def test_what_ignores_interrupts_is_ended_and_nothing_else(connection: Connection) -> None:
    stubborn = "def f(x):\n  while True:\n    try:\n      while True: pass\n    except BaseException: pass"
    ran = run(
        connection,
        {},
        answer(stubborn),
        check("lost", "f(1)"),
        answer("def g(x): return x + 1"),
        check("kept", "print(g(1))"),
        solutions=SOLUTION,
    )
    assert any(output.output_type == "error" for output in ran.notebook.cells[1].outputs)
    assert ran.said(3) == "2\n"


def test_a_process_that_dies_after_the_test_costs_the_test_nothing(connection: Connection) -> None:
    ran = run(
        connection,
        {"t": Isolated("always")},
        answer("k = 3\ndef f(x): return x + k"),
        check("t", "print(f(1))"),
        answer("import os; os._exit(1)"),
        answer("k = 4"),
        solutions=SOLUTION,
    )
    assert ran.said(1) == "4\n"
    assert ran.said(2) == "DeadKernelError"


@pytest.mark.parametrize("way", [Isolated(), Isolated("always")])
def test_many_tests_ask_in_one_notebook(connection: Connection, way: Isolated) -> None:
    cells = [answer("def f(x): return x + 1")]
    for number in range(40):
        cells += [check(f"t{number}", f"print(f({number}))"), answer(f"k = {number}")]
    ran = run(connection, {f"t{number}": way for number in range(40)}, *cells, solutions=SOLUTION)
    assert [ran.said(1 + 2 * number) for number in range(40)] == [f"{number + 1}\n" for number in range(40)]


def test_a_function_of_a_test_lives_for_that_test(connection: Connection) -> None:
    ran = run(
        connection,
        {},
        answer("kept = []\ndef f(h, x):\n    kept.append(h)\n    return h(x)\ndef g(x): return kept[0](x)"),
        check("a", "assert f(lambda n: n + 1, 1) == 2\ntry: print(g(1))\nexcept Exception as e: print(e)"),
        check("b", "g(1)"),
        solutions=SOLUTION,
    )
    assert ran.said(1) == "2\n"
    assert ran.notebook.cells[2].outputs[-1].output_type == "error"
