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
NOT_YET_OTHERS = not_yet.read(corpus.FOLDER / "not_yet_others.txt")
TWO = ("right", "blank")
MORE = {name: style for name, style in STYLES.items() if len(style.students) > len(TWO)}


def graded(root, styles, only):
    """The engine's marks of these students, and what it says of each test, by assignment."""
    assignments = course.write(root, styles, only)
    marks = grading.engine(root, assignments)
    return marks, {name: grading.plan_of(root, name) for name in assignments}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("styles") / "course", HERE, TWO)


@pytest.fixture(scope="module")
def engine_of_others(tmp_path_factory):
    styles = [style for style in HERE if style.name in MORE]
    return graded(tmp_path_factory.mktemp("styles-of-others") / "course", styles, ("other", "odd", "wrong"))[
        0
    ]


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
    skip_where_missing(STYLES[name])
    assert {one: engine[0][name].get(one) for one in TWO} == {one: table[name][one] for one in TWO}


@pytest.mark.slow
@pytest.mark.parametrize("name", not_yet.parameters(MORE, NOT_YET_OTHERS))
def test_the_engine_gives_stocks_marks_for_other_answers(name, engine_of_others, table):
    skip_where_missing(STYLES[name])
    others = [one for one in STYLES[name].students if one not in TWO]
    assert {one: engine_of_others[name].get(one) for one in others} == {
        one: table[name][one] for one in others
    }


def skip_where_missing(style):
    if missing := corpus.missing(style):
        pytest.skip(f"not installed: {', '.join(missing)}")


def test_the_list_of_what_is_not_yet_right_names_styles_only():
    assert set(NOT_YET) <= set(STYLES)
    assert set(NOT_YET_OTHERS) <= set(MORE)


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
