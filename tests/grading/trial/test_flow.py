"""Which tests cannot be walled for the names that they share with others, and whose the names are."""

from __future__ import annotations

import pytest

from autograder.grading.trial.flow import bound_tests, learner_reasons
from autograder.grading.trial.reading.ownership import ownership_of
from autograder.grading.trial.reading.reasons import Why
from autograder.grading.trial.savepoints import in_process
from tests.support.trial_cells import answer, check, code, given


def bound(*cells, walled=("t",), shared=()):
    return bound_tests(code(*cells), walled, shared)


def test_a_test_that_uses_only_its_own_names_stays_walled():
    cells = [given("data = [1]"), answer("a", "def f(x): return x"), check("t", "x = 3\nassert f(x) == 3")]
    assert bound(*cells, given("x = 5\nprint(x)"), check("u", "x = 4\nassert f(x) == 4"), shared=["u"]) == {}


def test_a_name_that_a_function_of_an_answer_reads_binds_the_test():
    found = bound(answer("a", "rate = 0.1\ndef tax(x): return x * rate"), check("t", "rate = 0.5\ntax(1)"))
    assert found["t"].text == "line 1 sets rate, which the answer a reads"
    assert found["t"].why is Why.NAMES


@pytest.mark.parametrize(
    "later",
    [
        given("print(x)"),
        given("y = x + 1\nx = 2"),
        given("if y:\n    x = 1\nprint(x)"),
        answer("b", "def g(): return x"),
        answer("b", "for i in range(x): pass"),
        answer("b", "x += 1"),
        answer("b", "lazy = lambda: x"),
    ],
    ids=lambda cell: cell["source"],
)
def test_a_name_that_a_later_cell_reads_binds_the_test(later):
    assert bound(answer("a", "y = 1"), check("t", "x = 3\nassert y == 1"), later)


@pytest.mark.parametrize(
    "later", ["x = 1\nprint(x)", "def g(x): return x", "for x in range(3): print(x)", "[x for x in [1]]"]
)
def test_a_name_that_a_later_cell_sets_first_does_not(later):
    assert bound(answer("a", "y = 1"), check("t", "x = 3\nassert y == 1"), answer("b", later)) == {}


def test_data_that_a_test_changes_binds_it():
    cells = [given("data = {'n': 1}"), answer("a", "def f(): return data['n']")]
    assert bound(*cells, check("t", "data['n'] = 2\nassert f() == 2"))
    assert bound(*cells, check("t", "data.update(n=2)\nassert f() == 2"))
    assert bound(*cells, check("t", "assert f() == 1")) == {}


def test_an_object_that_a_test_changes_by_a_call_binds_it():
    cells = [answer("a", "class Q:\n    def push(self, x): self.x = x\nq = Q()"), check("t", "q.push(1)")]
    assert bound(*cells, answer("b", "print(q.x)"))
    assert bound(*cells, answer("b", "print(1)")) == {}


def test_an_argument_that_a_given_function_changes_binds_the_test():
    cells = [
        answer("a", "bag = [1]"),
        check("t", "fill(bag)\nassert len(bag) == 2"),
        answer("b", "print(bag)"),
    ]
    assert bound(given("def fill(b): b.append(2)"), *cells)
    assert bound(given("def fill(b):\n    c = b\n    c[0] = 1"), *cells)
    assert bound(given("def put(b): b.append(2)\ndef fill(b): put(b)"), *cells)
    assert bound(given("def fill(b):\n    c = []\n    c.append(b)\n    return c"), *cells) == {}


def test_a_test_that_reads_what_a_shared_one_sets_becomes_shared():
    cells = [answer("a", "y = 1"), check("u", "expected = 1"), check("t", "assert y == expected")]
    assert bound(*cells, shared=["u"])["t"].text == "reads expected, which the shared test u sets"
    assert bound(*cells, walled=["u", "t"]) == {}


def test_a_test_that_sets_what_a_shared_one_reads_becomes_shared():
    cells = [answer("a", "y = 1"), check("t", "\nexpected = 1"), check("u", "assert y == expected")]
    assert bound(*cells, shared=["u"])["t"].text == "line 2 sets expected, which the shared test u reads"


def test_tests_lean_on_earlier_ones_only():
    answers = answer("a", "def f(x): return x")
    check_f, spoil = check("t", "assert f(1) == 1"), check("u", "keep = f\ndel f\nf = keep")
    assert bound(answers, check_f, spoil, shared=["u"]) == {}
    assert bound(answers, spoil, check_f, shared=["u"])
    early, later = check("u", "assert y == 1"), check("t", "y = 1\nassert f(y) == 1")
    assert bound(answers, early, later, shared=["u"]) == {}


def test_a_helper_of_an_earlier_test_leans_on_what_it_reads():
    helper, spoil = check("h", "def near(a): return a < limit"), check("u", "limit = 1")
    assert bound(answer("a", "y = 0"), helper, spoil, check("t", "assert near(y)"), shared=["u"])


def test_the_search_goes_on_until_nothing_changes():
    cells = [
        answer("a", "y = 1"),
        check("t1", "one = 1"),
        check("t2", "two = one"),
        check("t3", "three = two"),
        check("t4", "assert three == y"),
        check("free", "assert y == 1"),
    ]
    found = bound(*cells, walled=["t1", "t2", "t3", "free"], shared=["t4"])
    assert set(found) == {"t1", "t2", "t3"}


def test_the_same_import_binds_nobody():
    cells = [given("import numpy as np"), answer("a", "y = np.ones(2)")]
    tests = [
        check("t", "import numpy as np\nassert np.sum(y) == 2"),
        check("u", "import numpy as np\nnp.sum(y)"),
    ]
    assert bound(*cells, *tests, answer("b", "np.ones(3)"), shared=["u"]) == {}


def test_an_import_that_only_a_shared_test_makes_binds_the_next():
    cells = [answer("a", "y = 1"), check("u", "import math"), check("t", "assert math.sqrt(y) == 1")]
    assert bound(*cells, shared=["u"])
    assert bound(*cells[:2], check("t", "import math\nassert math.sqrt(y) == 1"), shared=["u"]) == {}


# Whose name is it?

TEACHER = [
    given("import numpy as np\nfrom math import sqrt\ndef near(a, b): return abs(a - b) < 1e-9"),
    given("target = 3\nbasket = [1]\nrows = []"),
    answer("a", "import statistics\nimport numpy as np\nv = np.sort([2])\nbasket.append(2)\nrows[0:0] = [1]"),
    answer("b", "def total(xs):\n    sum = 0\n    target = 4\n    np = None\n    for x in xs: sum += x"),
    answer("c", "def count():\n    global calls\n    calls = 1"),
    check("t", "helper = 1\nassert near(total([1]), 1) and statistics.mean([1]) == target"),
]  # fmt: skip


def test_names_are_the_students_where_a_solution_sets_them_at_module_scope():
    found = ownership_of(code(*TEACHER))
    assert found.student == {"v", "total", "count", "calls", "basket", "rows"}
    assert found.imported == {"statistics"}


@pytest.mark.parametrize("name", ["np", "sqrt", "near", "target", "sum", "max", "helper", "In"])
def test_names_of_modules_builtins_and_the_teachers_cells_are_never_the_students(name):
    assert ownership_of(code(*TEACHER)).is_teachers(name)


def learner(*cells):
    ownership = ownership_of(code(*TEACHER))
    reads = {"t": frozenset(["near", "total", "statistics", "target", "abs", "np", "sqrt"])}
    return learner_reasons(code(*cells, TEACHER[-1]), reads, [], ownership)


@pytest.mark.parametrize(
    "own",
    [
        "target = 4",
        "def near(a, b): return True",
        "abs = lambda x: 0",
        "def f():\n    global target\n    target = 4",
        "for target in range(3): pass",
        "from fake import near",
        "np = None",
        "import fake as np",
        "from numpy import sqrt",
        "class near: pass",
        "if True:\n    target = 1",
    ],
)
def test_a_learner_who_redefines_a_name_of_the_teachers_is_shared(own):
    found = learner(*TEACHER[:2], answer("a", own))
    assert found["t"].why is Why.REDEFINED
    assert "this learner gives" in found["t"].text


@pytest.mark.parametrize(
    "own",
    [
        "import numpy as np\nfrom math import sqrt\nv = 1",
        "target = 3",
        "def f(target): return target",
        "def f():\n    target = 4\n    return target",
        "total = 1",
        "[target for target in range(3)]",
        "this is no Python",
    ],
)
def test_a_learner_who_does_not_stays_walled(own):
    assert learner(*TEACHER[:2], answer("a", own)) == {}


def test_a_learner_whose_function_reads_what_the_test_sets_is_shared():
    assert learner(answer("b", "def total(xs): return helper"))["t"].why is Why.NAMES


# Savepoints.


def forced(*cells, shared=("t",)):
    return in_process(code(*cells), shared)


def test_a_test_that_leaves_nothing_behind_runs_in_a_savepoint():
    cells = [answer("a", "def f(x): return x"), check("t", "x = vars(f)\nassert f(1) == 1")]
    assert forced(*cells, answer("b", "x = 1\nprint(f(x))"), check("u", "assert f(2) == 2")) == {}


@pytest.mark.parametrize(
    ("test", "later"),
    [
        ("x = 3", "print(x)"),
        ("data.append(1)", "print(data)"),
        ("q.push(1)", "print(len(q))"),
        ("f(data)", "print(data)"),
        ("inc()", "print(n)"),
        ("count()", "print(log)"),
        ("tick()", "print(Clock.now)"),
        ("poke()", "print(len(q))"),
        ("assert next(it) == 1", "print(next(it))"),
        ("import math", "print(math.pi)"),
        ("del y", "print(y)"),
        ("np.linalg.solve = None", "print(np.ones(3))"),
        ("np.random.seed(0)", "print(np.random.rand())"),
        ("np.random.seed(0)", "print(draw())"),
        ("random.random()", "random.shuffle(data)"),
        ("open('x.txt', 'w').write('a')", "print(open('x.txt').read())"),
        ("plt.title('x')", "print(plt.gca())"),
        ("import warnings\nwarnings.simplefilter('error')", "print(1)"),
        ("input = lambda: 1", "print(1)"),
        ("vars(f)", "print(_)"),
        ("vars(f)", "print(In[-1])"),
    ],
)
def test_a_test_that_leaves_something_behind_runs_in_the_process(test, later):
    setup = given(
        "import random\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
        "data = []\ny = 1\nit = iter([1, 2])"
    )
    own = answer(
        "a",
        "def f(x): x.append(1)\nclass Q:\n    def push(self, x): self.x = x\nq = Q()\nn = 0\nlog = []\n"
        "def inc():\n    global n\n    n += 1\ndef count(): log.append(1)\n"
        "def draw(): return np.random.rand()\n"
        "class Clock:\n    now = 0\ndef tick(): Clock.now += 1\ndef poke(): q.push(1)",
    )
    assert forced(setup, own, check("t", test), answer("b", later))
    assert forced(setup, own, check("t", test), answer("b", "")) == {}


def test_a_later_test_counts_as_a_later_cell():
    cells = [answer("a", "y = 1"), check("t", "expected = vars()"), check("u", "assert y == expected")]
    assert forced(*cells)["t"] == "the test u uses expected, which the test may change"


@pytest.mark.parametrize("look", ["globals()", "eval('g(x)')", "[n for n in dir() if n[0] == 't']"])
def test_a_shared_test_that_looks_names_up_binds_all_before_it(look):
    cells = [answer("a", "def f(x): return x"), check("t", "def g(x): return f(x)"), check("u", look)]
    assert set(bound(*cells, shared=["u"])) == {"t"}
    assert set(in_process(code(*cells), ["t", "u"])) == {"t"}
