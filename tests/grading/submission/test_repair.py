"""Repair: an honest notebook as nbgrader sanitizes it, every other one mended and graded."""

from __future__ import annotations

import copy
import json
import logging
import random
import time

import nbformat
import pytest

from autograder.grading.assignment.scoring import Mark, finish, marks_of
from autograder.grading.assignment.snapshot import Snapshot, grade_id
from autograder.grading.gradebook import course_directory, take_snapshot
from autograder.grading.submission import notebook_file
from autograder.grading.submission.repair import Unreadable, repair
from tests.support.small_class import NAME, write_course


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    """The small course's first notebook as released (JSON), its snapshot, and its classroom."""
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    classroom = course_directory.Classroom(root)
    classroom.config.CourseDirectory.release_directory = str(root / "release")
    classroom._convert("GenerateAssignment", classroom.config, NAME, ".")
    released = next((root / "release").rglob("one.ipynb"))
    content = json.loads(released.read_text())
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    return content, take_snapshot.take(classroom, NAME).notebooks["one"], classroom


@pytest.fixture
def work(handout):
    """The released notebook with every code answer filled in, to be damaged."""
    content = copy.deepcopy(handout[0])
    for cell in content["cells"]:
        if cell["id"] in ANSWERS:
            cell["source"] = ANSWERS[cell["id"]]
    return content


ANSWERS = {"a-answer": "a = 4", "b-answer": "b = 2", "c-answer": "c = 5"}


def data_of(content):
    return json.dumps(content).encode()


def cell_of(content, name):
    return next(cell for cell in content["cells"] if cell.get("id") == name)


def index_of(content, name):
    return content["cells"].index(cell_of(content, name))


def names_of(notebook):
    return [grade_id(cell) for cell in notebook["cells"] if grade_id(cell)]


def source_of(notebook, name):
    return next(cell["source"] for cell in notebook["cells"] if grade_id(cell) == name)


def run(notebook):
    """The values of the notebook's code, one namespace; where a cell fails, the next goes on."""
    space: dict = {}
    failed = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            try:
                exec(cell["source"], space)
            except Exception:
                failed.add(grade_id(cell))
    return failed


def mended(content, handout, *words):
    """Repair, with a note that holds `words`; every check must be there, valid, and pass."""
    raw = content if isinstance(content, bytes) else data_of(content)
    found = repair(raw, handout[1])
    nbformat.validate(found.notebook)
    assert sorted(names_of(found.notebook)) == sorted(cell.name for cell in handout[1].cells), found.notes
    for word in words:
        assert any(word in note for note in found.notes), found.notes
    assert not run(found.notebook) & {"a", "b", "c"}, [c["source"] for c in found.notebook["cells"]]
    return found


def sanitized(content, handout):
    """What nbgrader's own preprocessors make of the notebook, as text."""
    from nbgrader import preprocessors

    classroom = handout[2]
    notebook = nbformat.reads(json.dumps(content), 4)
    names = {"notebook": "one", "assignment": NAME, "student": "x", "db_url": classroom.folders.db_url}
    for kind in "ClearOutput DeduplicateIds OverwriteKernelspec OverwriteCells CheckCellMetadata".split():
        one = getattr(preprocessors, kind)(config=classroom.config)
        one.log = logging.Logger(kind, logging.CRITICAL)
        notebook, _ = one.preprocess(notebook, {"nbgrader": names})
    return (nbformat.writes(notebook) + "\n").encode()


def honest_variants():
    def outputs(content):
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                cell.update(
                    execution_count=3, outputs=[{"output_type": "stream", "name": "stdout", "text": ["x"]}]
                )
                cell["metadata"].update(collapsed=True, scrolled=False, trusted=True)
                cell["metadata"]["execution"] = {"iopub.status.busy": "2030"}

    def own_cells(content):
        own = {
            "cell_type": "code",
            "id": "mine",
            "metadata": {"tags": ["x"]},
            "source": "é = '𝄞'",
            "outputs": [],
        }
        content["cells"].insert(4, {**own, "execution_count": None})
        picture = {"a.png": {"image/png": "AAAA"}}
        note = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "![a](attachment:a.png)\n\n"}
        content["cells"].append({**note, "attachments": picture})
        content["cells"].append({"cell_type": "raw", "id": "raw", "metadata": {}, "source": ""})

    def old_minor(content):
        content["nbformat_minor"] = 2
        for cell in content["cells"]:
            del cell["id"]

    def other_kernel(content):
        content["metadata"]["kernelspec"] = {"name": "julia", "display_name": "Julia", "language": "julia"}
        content["metadata"].update(orig_nbformat=4, widgets={"state": {}}, language_info={"name": "python"})

    def ungraded_keys(content):
        keys = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": "cell-1"}
        cell_of(content, "title")["metadata"]["nbgrader"] = keys

    def edited(content):
        cell_of(content, "a")["source"] = "pass"
        cell_of(content, "essay")["source"] = "Words."
        cell_of(content, "chore")["metadata"]["nbgrader"]["points"] = 50
        cell_of(content, "a")["metadata"]["nbgrader"].update(points=99)

    def moved(content):
        content["cells"].append(content["cells"].pop(4))

    return [lambda content: None, outputs, own_cells, old_minor, other_kernel, ungraded_keys, edited, moved]


@pytest.mark.parametrize("change", honest_variants())
def test_an_honest_notebook_is_as_nbgrader_sanitizes_it(handout, work, change):
    change(work)
    if change.__name__ == "edited":  # nbgrader leaves a task's points alone; the gradebook has its own
        cell_of(work, "chore")["metadata"]["nbgrader"]["points"] = 5
    ours = repair(data_of(work), handout[1])
    assert ours.notes == ()
    assert notebook_file.write(ours.notebook) == sanitized(work, handout)
    assert notebook_file.write(ours.notebook) == (nbformat.writes(ours.notebook) + "\n").encode()


def test_repair_is_quick(handout, work):
    raw = data_of(work)
    best = min(_seconds(lambda: repair(raw, handout[1])) for _ in range(20))
    assert best < 0.006


def _seconds(what):
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


@pytest.mark.parametrize("name", ["a-answer", "a", "b", "essay", "given", "chore"])
def test_a_duplicated_cell(handout, work, name):
    index = index_of(work, name)
    work["cells"].insert(index + 1, copy.deepcopy(work["cells"][index]))
    found = mended(work, handout, "was there 2 times")
    ids = [cell["id"] for cell in found.notebook["cells"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("behind", [True, False])
def test_the_answered_copy_counts_and_a_stub_does_not_undo_it(handout, work, behind):
    index = index_of(work, "b-answer")
    stub = copy.deepcopy(cell_of(handout[0], "b-answer"))
    work["cells"].insert(index + behind, {**stub, "id": "copy"})
    found = mended(work, handout, "the answer b-answer was there 2 times")
    assert source_of(found.notebook, "b-answer") == "b = 2"


def test_a_deleted_check_is_put_back_behind_its_answer(handout, work):
    del work["cells"][index_of(work, "b")]
    found = mended(work, handout, "the check of b was missing and was put back")
    names = names_of(found.notebook)
    assert names.index("b") == names.index("b-answer") + 1
    cell = next(cell for cell in found.notebook["cells"] if grade_id(cell) == "b")
    assert cell.metadata.nbgrader.points == 3 and cell.metadata.editable is False


def test_every_grade_cell_deleted(handout, work):
    work["cells"] = [cell for cell in work["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]
    found = mended(work, handout, "the check of a was missing", "the check of c was missing")
    assert names_of(found.notebook) == [cell.name for cell in handout[1].cells]


def test_a_deleted_answer_is_put_back_as_its_stub(handout, work):
    del work["cells"][index_of(work, "b-answer")]
    found = repair(data_of(work), handout[1])
    assert found.notes == ("the answer b-answer was missing and was put back",)
    assert names_of(found.notebook) == [cell.name for cell in handout[1].cells]
    assert source_of(found.notebook, "b-answer") == handout[1].cells[3].source


def test_a_stub_does_not_undo_an_answer_that_was_merged_into_another_cell(handout, work):
    del work["cells"][index_of(work, "b-answer")]
    cell_of(work, "a-answer")["source"] = "a = 4\nb = 2"
    found = repair(data_of(work), handout[1])
    assert "another cell defines" in found.notes[0] and not run(found.notebook) & {"a", "b", "c"}


def test_the_whole_notebook_emptied(handout):
    found = repair(data_of({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), handout[1])
    assert names_of(found.notebook) == [cell.name for cell in handout[1].cells]
    assert run(found.notebook) >= {"a", "c"}


def test_all_metadata_lost(handout, work):
    for cell in work["cells"]:
        cell["metadata"] = {}
    mended(work, handout, "the answer b-answer had lost its marks", "the check of b had lost")


@pytest.mark.parametrize("other", [None, {}, [1], 7])
def test_all_metadata_and_ids_lost(handout, work, other):
    for cell in work["cells"]:
        cell["metadata"] = {}
        cell["id"] = other
    found = mended(work, handout, "the answer b-answer had lost its marks", "the check of b had lost")
    assert source_of(found.notebook, "b-answer") == "b = 2"


def test_all_metadata_and_ids_lost_and_the_prompts_deleted(handout, work):
    work["cells"] = [cell for cell in work["cells"] if cell["cell_type"] == "code"]
    for cell in work["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    mended(work, handout)


@pytest.mark.parametrize("name", ["a-answer", "a", "essay"])
@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
@pytest.mark.parametrize("bare", [True, False])
def test_a_retyped_cell(handout, work, name, kind, bare):
    cell = cell_of(work, name)
    cell["cell_type"] = kind
    cell.pop("outputs", None)
    cell.pop("execution_count", None)
    if bare:
        cell["metadata"] = {}
        del cell["id"]
    mended(work, handout)


def test_a_split_answer_runs_in_order(handout, work):
    cell_of(work, "b-answer")["source"] = "half = 1"
    rest = {"cell_type": "code", "id": "rest", "metadata": {}, "source": "b = 2 * half", "outputs": []}
    work["cells"].insert(index_of(work, "b-answer") + 1, rest)
    del work["cells"][index_of(work, "b")]
    mended(work, handout)


def test_an_answer_split_by_jupyterlab_has_its_metadata_twice(handout, work):
    index = index_of(work, "b-answer")
    rest = {**copy.deepcopy(work["cells"][index]), "id": "rest", "source": "b = 2 * half"}
    work["cells"][index]["source"] = "half = 1"
    work["cells"].insert(index + 1, rest)
    mended(work, handout, "was there 2 times")


def test_a_check_before_its_answer_is_moved(handout, work):
    index = index_of(work, "b-answer")
    work["cells"].insert(index, work["cells"].pop(index_of(work, "b")))
    found = mended(work, handout, "the check of b stood before its answer")
    assert names_of(found.notebook) == [cell.name for cell in handout[1].cells]


def test_reversed_order(handout, work):
    work["cells"].reverse()
    found = repair(data_of(work), handout[1])
    names = names_of(found.notebook)
    assert all(names.index(f"{one}-answer") < names.index(one) for one in "abc")


@pytest.mark.parametrize("name", ["a", "a-answer", "given"])
def test_tags_are_the_instructors(handout, work, name):
    cell_of(work, name)["metadata"]["tags"] = [
        "skip-execution",
        "raises-exception",
        "same-process",
        "not-graded",
    ]
    found = mended(work, handout, "the tags of")
    cell = next(cell for cell in found.notebook["cells"] if grade_id(cell) == name)
    assert not cell["metadata"].get("tags")


def test_tags_of_the_students_own_cells_stay(handout, work):
    own = {
        "cell_type": "code",
        "id": "own",
        "metadata": {"tags": ["skip-execution"]},
        "source": "1/0",
        "outputs": [],
    }
    work["cells"].append(own)
    found = mended(work, handout)
    assert found.notes == () and found.notebook["cells"][-1]["metadata"]["tags"] == ["skip-execution"]


def test_flags_and_points_are_the_instructors(handout, work):
    keys = {"grade": False, "solution": True, "locked": False, "points": 100, "schema_version": 1}
    cell_of(work, "a")["metadata"]["nbgrader"].update(keys)
    cell_of(work, "b")["metadata"]["nbgrader"].update(grade=1, task="x")
    found = mended(work, handout)
    wanted = {cell.name: cell for cell in handout[1].cells}
    for cell in found.notebook["cells"]:
        if grade_id(cell):
            keys = cell["metadata"]["nbgrader"]
            source = wanted[keys["grade_id"]]
            assert (keys["grade"], keys["solution"], keys["task"]) == (
                source.grade,
                source.solution,
                source.task,
            )
            assert keys["grade"] is source.grade and keys.get("points") == source.points


@pytest.mark.parametrize(
    "keys", [{"grade": True, "points": 5, "grade_id": "forged"}, {}, 3, {"grade_id": ["x"]}]
)
def test_what_claims_an_unknown_id_is_an_ordinary_cell(handout, work, keys):
    own = {"cell_type": "code", "id": "own", "metadata": {"nbgrader": keys}, "source": "2", "outputs": []}
    work["cells"].append(own)
    found = mended(work, handout)
    assert "nbgrader" not in found.notebook["cells"][-1]["metadata"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_encodings(handout, work, encoding):
    cell_of(work, "essay")["source"] = "Größe"
    raw = json.dumps(work, ensure_ascii=False).encode(encoding)
    found = mended(raw, handout)
    assert source_of(found.notebook, "essay") == "Größe"


def test_half_a_surrogate_pair(handout, work):
    cell_of(work, "essay")["source"] = "\ud83d \U0001d11e"
    found = mended(work, handout)
    assert source_of(found.notebook, "essay") == "? \U0001d11e"


def test_trailing_garbage(handout, work):
    found = mended(data_of(work) + b"\n<<<<<<< HEAD\n{", handout, "the notebook file is damaged")
    assert len(found.notebook["cells"]) == len(work["cells"])


def test_a_cut_end(handout, work):
    raw = json.dumps(work, indent=1).encode()
    keep = raw.index(b'"id": "c-answer"')
    found = repair(raw[:keep], handout[1])
    assert "is damaged" in found.notes[0]
    assert not run(found.notebook) & {"a", "b"} and "c" in run(found.notebook)


def test_marks_of_a_merge_in_the_middle(handout, work):
    raw = json.dumps(work, indent=1)
    where = raw.index('"id": "title"')
    mended((raw[:where] + "\n<<<<<<< mine\n" + raw[where:]).encode(), handout, "is damaged")


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats(handout, work, version):
    for cell in work["cells"]:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
            cell.update(language="python", outputs=[], prompt_number=1)
            cell.pop("execution_count", None)
    sheets = [{"cells": work["cells"], "metadata": {}}]
    old = {"worksheets": sheets, "metadata": {"name": ""}, "nbformat": version, "nbformat_minor": 0}
    found = mended(old, handout, "an old format")
    assert repair(data_of(old), handout[1]) == found
    del old["worksheets"][0]["cells"][0]["cell_type"]
    repair(data_of(old), handout[1])


@pytest.mark.parametrize(
    "nbformat_keys",
    [
        {},
        {"nbformat": 9},
        {"nbformat": "4"},
        {"nbformat": 4, "nbformat_minor": None},
        {"nbformat": 4, "nbformat_minor": 4},
    ],
)
def test_odd_format_numbers(handout, work, nbformat_keys):
    mended({"cells": work["cells"], **nbformat_keys}, handout)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"Dear teacher", "holds no JSON with cells"),
        (b"{", "holds no JSON with cells"),
        (b"[1, 2]", "is no notebook"),
        (b"{}", "but no cells"),
        (b'{"cells": 3}', "but no cells"),
        (b"\xff\xfe\x00", "no notebook"),
        (b"[" * 100_000, "no notebook"),
        (b'{"worksheets": 4, "nbformat": 3}', "old format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "no notebook"),
    ],
)
def test_what_is_no_notebook_is_said(handout, raw, said):
    with pytest.raises(Unreadable, match=said):
        repair(raw, handout[1])


def test_gigantic(handout, work):
    own = {"cell_type": "code", "id": "x", "metadata": {}, "source": "pass", "outputs": []}
    index = index_of(work, "b-answer")
    work["cells"][index:index] = [own] * 3000
    work["cells"].insert(0, {**own, "source": "#" * (2 << 20)})
    found = mended(work, handout, "cells; only the first 2000", "characters was cut off")
    assert len(found.notebook["cells"]) < 2100


def test_gigantic_outputs_do_not_cost_the_last_cells(handout, work):
    flood = {"output_type": "stream", "name": "stdout", "text": ["]}" * (11 << 20)]}
    cell_of(work, "given")["outputs"] = [flood]
    mended(work, handout)


def test_a_gigantic_text_is_cut(handout, work):
    work["metadata"]["x"] = ["y" * 9] * (2 << 20)
    raw = json.dumps(work).encode()  # cells first
    assert any("gigantic" in note for note in repair(raw, handout[1]).notes)


def test_few_large_parts_are_no_gigantic_text(handout, work):
    work["metadata"]["x"] = "y" * (21 << 20)
    assert repair(json.dumps(work).encode(), handout[1]).notes == ()


def test_deep_nesting(handout, work):
    deep: dict = {}
    for _ in range(200):
        deep = {"x": deep}
    work["metadata"]["deep"] = deep
    cell_of(work, "a")["metadata"]["deep"] = deep
    cell_of(work, "a-answer")["deep"] = deep
    found = mended(work, handout)
    assert "deep" not in found.notebook["metadata"]


JUNK = [None, 3, -1.5, "x", "", [], ["x"], [None], {}, {"x": 1}, True, float("nan"), {"grade_id": "a"}]


@pytest.mark.parametrize("seed", range(300))
def test_random_damage_never_stops_anybody(handout, work, seed):
    """Whatever is replaced by whatever: repaired or refused, and what is repaired is valid."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 6)):
        _damage(work, dice)
    raw = bytearray(json.dumps(work).encode())
    if seed % 3 == 0:
        for _ in range(dice.randint(1, 4)):
            start = dice.randrange(len(raw) or 1)
            raw[start : start + dice.randint(0, 50)] = dice.randbytes(dice.randint(0, 5))
    try:
        found = repair(bytes(raw), handout[1])
    except Unreadable:
        return
    nbformat.validate(found.notebook)
    assert repair(bytes(raw), handout[1]) == found
    names = names_of(found.notebook)
    assert len(set(names)) == len(names)
    assert {cell.name for cell in handout[1].cells if cell.grade} <= set(names)
    marks_of(found.notebook, handout[1])
    again = repair(notebook_file.write(found.notebook), handout[1])
    assert notebook_file.write(again.notebook) == notebook_file.write(found.notebook)


def _damage(value, dice):
    """Go down to a random place and replace, delete, copy or shuffle what is there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and dice.random() < 0.85:
            value = value[key]
            continue
        what = dice.randrange(4)
        if what == 0:
            value[key] = copy.deepcopy(dice.choice(JUNK))
        elif what == 1:
            del value[key]
        elif isinstance(value, list):
            value.insert(dice.randrange(len(value)), copy.deepcopy(value[key]))
            if what == 3:
                dice.shuffle(value)
        return


# Scoring.


def output(kind, **more):
    return nbformat.from_dict({"output_type": kind, **more})


def shown(value):
    return output("execute_result", data={"text/plain": value}, metadata={}, execution_count=1)


ERROR = output("error", ename="AssertionError", evalue="", traceback=["x"] * 10)
WARNING = output("stream", name="stderr", text="a warning\n")
PICTURE = output("display_data", data={"image/png": "AAAA"}, metadata={})


@pytest.mark.parametrize(
    ("outputs", "score"),
    [
        ([], 3),
        ([ERROR], 0),
        ([shown("1.5")], 1.5),
        ([shown("0")], 0),
        ([shown("'text'")], 3),
        ([shown("None")], 3),
        ([PICTURE], 3),
        ([shown("1.5"), PICTURE], 1.5),
        # Where nbgrader is wrong:
        ([WARNING], 3),
        ([WARNING, shown("1.5")], 1.5),
        ([shown("3.0"), ERROR], 0),
        ([shown("3.0"), shown("0.5")], 0.5),
        ([shown("-1")], 0),
        ([shown("nan")], 0),
        ([shown("3.5")], 3),
        ([shown("np.float64(0.5)")], 0.5),
        ([output("execute_result", data={}, metadata={}, execution_count=1)], 3),
    ],
)
def test_the_score_of_a_check(handout, outputs, score):
    found = repair(data_of(handout[0]), handout[1]).notebook
    next(cell for cell in found.cells if grade_id(cell) == "b").outputs = outputs
    assert Mark("b", score) in marks_of(found, handout[1]).marks


def test_marks_comments_and_verdicts(handout, work):
    found = repair(data_of(work), handout[1]).notebook
    by_name = {grade_id(cell): cell for cell in found.cells}
    by_name["a"].outputs = [output("error", ename="NotYet", evalue="a wrong:bits", traceback=[])]
    by_name["b-answer"].outputs = [output("error", ename="ZeroDivisionError", evalue="", traceback=[])]
    by_name["b"].outputs = [ERROR]
    by_name["program"].source = "print(1)"
    marks = marks_of(found, handout[1])
    assert {mark.name: mark.auto_score for mark in marks.marks} == {
        "a": 0.0, "b": 0.0, "c": 1.0, "essay": 0.0, "program": None,
    }  # fmt: skip
    said = {name: str(outcome) for name, outcome in marks.verdicts.items()}
    assert said == {"a": "wrong:bits", "b": "error:ZeroDivisionError", "c": "right"}
    assert marks.comments == {
        "a-answer": None, "b-answer": None, "c-answer": None, "essay": "No response.", "chore": None,
        "program": None,
    }  # fmt: skip


@pytest.mark.parametrize("lines", [-1, 1, 2, 5, 6, 100])
def test_outputs_are_shortened_as_nbgrader_does(handout, lines):
    from nbgrader.preprocessors import IgnorePattern, LimitOutput

    ours = repair(data_of(handout[0]), handout[1]).notebook
    code = [cell for cell in ours.cells if cell.cell_type == "code"]
    streams = [output("stream", name=name, text=f"{name}\n" * 3) for name in ("stdout", "stderr", "stdout")]
    code[0].outputs = [*streams, copy.deepcopy(ERROR), shown("1")]
    theirs = copy.deepcopy(ours)
    finish(ours, Snapshot("work", {}, {}, frozenset(), lines, lines, "std[e]rr", ""))
    IgnorePattern(pattern="std[e]rr").preprocess(theirs, {})
    LimitOutput(max_lines=lines, max_traceback=lines).preprocess(theirs, {})
    assert ours == theirs
