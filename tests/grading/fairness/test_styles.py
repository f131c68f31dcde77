"""Every style of `tests/support/styles` earns what stock nbgrader gives it, whoever hands it in."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.styles import corpus, course, grading, not_yet, stock_table

STRANGERS = {style.name: corpus.quicker(style) for style in corpus.strangers()}
FURTHER = {style.name: corpus.quicker(style) for style in corpus.further()}
STYLES = {**STRANGERS, **FURTHER}
HERE = [style for style in STYLES.values() if not corpus.missing(style)]
NOT_YET = not_yet.read(corpus.FOLDER / "not_yet.txt")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """The engine's marks of every style, and what it says of each test."""
    root = tmp_path_factory.mktemp("styles") / "course"
    assignments = course.write(root, HERE)
    marks = grading.engine(root, assignments)
    return marks, {name: grading.plan_of(root, name) for name in assignments}


@pytest.fixture(scope="module")
def table():
    return stock_table.read()


def test_there_are_enough_styles():
    assert len(STRANGERS) == 82  # the 81, and five of them in one notebook
    assert len(FURTHER) >= 60
    assert len(STYLES) == len(STRANGERS) + len(FURTHER)


def test_the_table_has_a_row_for_every_style(table):
    assert sorted(table) == sorted(STYLES)
    assert {name: sorted(table[name]) for name in table} == {
        name: sorted(style.students) for name, style in STYLES.items()
    }


@pytest.mark.parametrize("name", not_yet.parameters(STYLES, NOT_YET))
def test_the_engine_gives_stocks_marks(name, engine, table):
    if missing := corpus.missing(STYLES[name]):
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert engine[0][name] == table[name]


def test_the_list_of_what_is_not_yet_right_names_styles_only():
    assert set(NOT_YET) <= set(STYLES)


def test_how_many_tests_are_walled_and_how_many_shared_is_printed(engine, capsys):
    said = Counter(
        "walled" if why == "walled" else "shared"
        for plan in engine[1].values()
        for tests in (plan or {}).values()
        for why in tests.values()
    )
    with capsys.disabled():
        print(
            f"\nstyles: {len(HERE)} of {len(STYLES)} graded; tests: {dict(said) or 'the engine cannot say'}"
        )
