"""What people and programs do to the cells of a notebook, each as a function of a seeded generator."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

Cells = list[Any]
Random = random.Random


# What was done to the cells, in place. A cell may be anything after it.


def keys(cell: Any) -> dict[str, Any] | None:
    """nbgrader's metadata of a cell, where there still is such a thing."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else None


def some(cells: Cells, rng: Random) -> dict[str, Any]:
    """A cell that is one; graded and answer cells three times as often as text."""
    sound = [cell for cell in cells if isinstance(cell, dict) and isinstance(cell.get("source"), str)]
    if not sound:
        cells.append({"cell_type": "code", "metadata": {}, "source": "", "outputs": []})
        return cells[-1]
    return rng.choice(sound + 2 * [cell for cell in sound if keys(cell)])


def where(cells: Cells, cell: Any) -> int:
    return next(index for index, one in enumerate(cells) if one is cell)


def duplicate(cells: Cells, rng: Random) -> None:
    cells.insert(rng.randint(0, len(cells)), copy.deepcopy(some(cells, rng)))


def duplicate_all(cells: Cells, rng: Random) -> None:
    cells += copy.deepcopy(cells)


def delete(cells: Cells, rng: Random) -> None:
    del cells[where(cells, some(cells, rng))]


def split(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cut = rng.randint(0, len(cell["source"]))
    new = {**copy.deepcopy(cell), "metadata": {}, "id": f"split-{rng.randrange(10**6)}"}
    new["source"], cell["source"] = cell["source"][cut:], cell["source"][:cut]
    cells.insert(where(cells, cell) + 1, new)


def merge(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    index = where(cells, cell) + 1
    if index < len(cells) and isinstance(cells[index], dict):
        cell["source"] += "\n" + str(cells.pop(index).get("source"))


def move(cells: Cells, rng: Random) -> None:
    cell = cells.pop(where(cells, some(cells, rng)))
    cells.insert(rng.randint(0, len(cells)), cell)


def reverse(cells: Cells, rng: Random) -> None:
    cells.reverse()


def shuffle(cells: Cells, rng: Random) -> None:
    rng.shuffle(cells)


def retype(cells: Cells, rng: Random) -> None:
    some(cells, rng)["cell_type"] = rng.choice(["code", "markdown", "raw", "heading", "", None, 3, ["code"]])


def retype_all(cells: Cells, rng: Random) -> None:
    kind = rng.choice(["code", "markdown", "raw"])
    for cell in cells:
        if isinstance(cell, dict):
            cell["cell_type"] = kind


def lose_keys(cells: Cells, rng: Random) -> None:
    some(cells, rng)["metadata"] = {}


def lose_all_keys(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if keys(cell) is not None:
            del cell["metadata"]["nbgrader"]


def lose_one_key(cells: Cells, rng: Random) -> None:
    found = keys(some(cells, rng))
    if found:
        del found[rng.choice(sorted(found))]


ODD = (None, "", "odd", 0, 1, -1, 1e308, float("nan"), True, False, [], ["a"], {}, {"a": 1}, "x" * 5000)


def alter_key(cells: Cells, rng: Random) -> None:
    found = keys(some(cells, rng))
    if found is not None:
        name = ("grade_id", "points", "locked", "grade", "solution", "task", "schema_version", "checksum")
        found[rng.choice((*name, "cell_type"))] = rng.choice((*ODD, 1000, 1, 2, 3, 4, "3", "coin-sides"))


def alter_versions(cells: Cells, rng: Random) -> None:
    version = rng.choice([1, 2, 4, 99, "3", None])
    for cell in cells:
        if keys(cell):
            cell["metadata"]["nbgrader"]["schema_version"] = version


def swap_names(cells: Cells, rng: Random) -> None:
    one, other = keys(some(cells, rng)), keys(some(cells, rng))
    if one and other:
        one["grade_id"], other["grade_id"] = other.get("grade_id"), one.get("grade_id")


def odd_metadata(cells: Cells, rng: Random) -> None:
    some(cells, rng)["metadata"] = rng.choice(ODD)


def odd_extra_metadata(cells: Cells, rng: Random) -> None:
    metadata = some(cells, rng).get("metadata")
    if isinstance(metadata, dict):
        name = rng.choice(["tags", "name", "collapsed", "scrolled", "jupyter", "execution", "deletable", "x"])
        metadata[name] = rng.choice(ODD)


def odd_grading_metadata(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    if isinstance(cell.get("metadata"), dict):
        cell["metadata"]["nbgrader"] = rng.choice(ODD)


def tag(cells: Cells, rng: Random) -> None:
    tags = ["skip-execution", "not-graded", "raises-exception", "injected-parameters"]
    for cell in cells:
        if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["tags"] = [rng.choice(tags)]


def odd_source(cells: Cells, rng: Random) -> None:
    some(cells, rng)["source"] = rng.choice([*ODD, ["a\n", 3, None], [["a"]], "\ud800", "\0", "\r"])


def source_as_lines(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if isinstance(cell, dict) and isinstance(cell.get("source"), str):
            cell["source"] = cell["source"].splitlines(True)


def no_source(cells: Cells, rng: Random) -> None:
    some(cells, rng).pop("source", None)


def odd_cell(cells: Cells, rng: Random) -> None:
    cells.insert(rng.randint(0, len(cells)), rng.choice(ODD))


def odd_fields(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cell[rng.choice(["outputs", "execution_count", "attachments", "id", "input", "unknown"])] = rng.choice(
        ODD
    )


def odd_ids(cells: Cells, rng: Random) -> None:
    for index, cell in enumerate(cells):
        if isinstance(cell, dict):
            cell["id"] = rng.choice(
                ["same", "", "with space", "x" * 200, 7, None, {}, [index], f"other-{index}"]
            )


def no_ids(cells: Cells, rng: Random) -> None:
    for cell in cells:
        if isinstance(cell, dict):
            cell.pop("id", None)


def shift_ids(cells: Cells, rng: Random) -> None:
    sound = [cell for cell in cells if isinstance(cell, dict)]
    ids = [cell.get("id") for cell in sound]
    for cell, name in zip(sound, ids[1:] + ids[:1], strict=True):
        cell["id"] = name


def forge_outputs(cells: Cells, rng: Random) -> None:
    number = {"output_type": "execute_result", "data": {"text/plain": "1000.0"}, "metadata": {}}
    forged = [{**number, "execution_count": 1}, {"output_type": "stream", "name": "stdout", "text": "right"}]
    odd = rng.choice([forged, [{"output_type": "nonsense"}], [3], {"a": 1}, "text", [{"data": 3}]])
    for cell in cells:
        if isinstance(cell, dict):
            cell["outputs"] = copy.deepcopy(odd)


def ease_checks(cells: Cells, rng: Random) -> None:
    for cell in cells:
        found = keys(cell)
        if found and found.get("grade"):
            cell["source"] = rng.choice(
                ["pass", "1000.0", "", "def check(*a, **k): pass", "raise SystemExit"]
            )


def ease_keys(cells: Cells, rng: Random) -> None:
    for cell in cells:
        found = keys(cell)
        if found:
            found.update(grade=True, solution=rng.random() < 0.5, locked=False, points=1000)


def hide(cells: Cells, rng: Random) -> None:
    """Comment a cell out, as somebody does who searches an error."""
    cell = some(cells, rng)
    cell["source"] = "\n".join(f"# {line}" for line in cell["source"].splitlines())


def other_line_ends(cells: Cells, rng: Random) -> None:
    cell = some(cells, rng)
    cell["source"] = cell["source"].replace("\n", rng.choice(["\r\n", "\r", "\u2028", "\x0c"]))


def many_cells(cells: Cells, rng: Random) -> None:
    more = [{"cell_type": "markdown", "metadata": {}, "source": f"{n}", "id": f"m{n}"} for n in range(3000)]
    index = rng.randint(0, len(cells))
    cells[index:index] = more


def big_text(cells: Cells, rng: Random) -> None:
    big = {"cell_type": rng.choice(["markdown", "code"]), "metadata": {}, "source": "# " + "x" * (2 << 20)}
    cells.insert(rng.randint(0, len(cells)), {**big, "outputs": []})


def deep_metadata(cells: Cells, rng: Random) -> None:
    deep: Any = "x"
    for _ in range(rng.choice([60, 300])):
        deep = {"x": deep}
    cell = some(cells, rng)
    cell["metadata"] = {**(cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}), "deep": deep}


def accents(cells: Cells, rng: Random) -> None:
    index = rng.randint(0, len(cells))
    words = "Größe: é, ∑ p(x), 数, 🙂, \ud83d\n`" + rng.choice(["\\ud800", "\\", '\\"', "{", "%%bash"])
    cells.insert(index, {"cell_type": "markdown", "metadata": {}, "source": words, "id": "words"})


def own_cells(cells: Cells, rng: Random) -> None:
    source = rng.choice(
        ["1 / 0", "this is = not Python", "%%html\n<b>", "!true", "%matplotlib inline", "?len"]
    )
    new = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    cells.insert(rng.randint(0, len(cells)), new)


CELL_MUTATIONS: dict[str, Callable[[Cells, Random], None]] = {
    one.__name__: one
    for one in (
        *(duplicate, duplicate_all, delete, split, merge, move, reverse, shuffle, retype, retype_all),
        *(lose_keys, lose_all_keys, lose_one_key, alter_key, alter_versions, swap_names, tag),
        *(odd_metadata, odd_extra_metadata, odd_grading_metadata, odd_source, source_as_lines, no_source),
        *(odd_cell, odd_fields, odd_ids, no_ids, shift_ids, forge_outputs, ease_checks, ease_keys, hide),
        *(other_line_ends, many_cells, big_text, deep_metadata, accents, own_cells),
    )
}
