"""scipy's sparse matrices and arrays, from their parts.

scipy's own code trusts the indices: a matrix with one out of range writes to memory that is not its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograder.grading.values.arrays import array_of
from autograder.grading.values.budget import CannotCross
from autograder.grading.values.coding import Decodes, Encode, Encodes, Json, Make, NotByValue, chosen, parts

if TYPE_CHECKING:
    import numpy as np

_KINDS = "biufc"
_LONGEST_AXIS = 100_000_000
_COMPRESSED = {f"{form}_{kind}": form for form in ("csr", "csc", "bsr") for kind in ("matrix", "array")}
_OTHERS = {f"{form}_{kind}": form for form in ("coo", "dia") for kind in ("matrix", "array")}


def _sparse(coder: Encodes, value: Any) -> Json:
    form = value.format
    if len(value.shape) != 2 or type(value.data).__name__ != "ndarray" or value.dtype.kind not in _KINDS:
        raise NotByValue
    positions: tuple[Any, ...]
    if form == "coo":
        positions = (value.row, value.col)
    elif form == "dia":
        positions = (value.offsets,)
    else:
        positions = (value.indices, value.indptr)
    shape: list[Json] = [int(length) for length in value.shape]
    return {"sparse": [type(value).__name__, shape, coder.plain([value.data, *positions])]}


def _make_sparse(decoder: Decodes, data: object) -> object:
    from scipy import sparse

    name, lengths, arrays = parts(data, 3)
    form = chosen(name, _COMPRESSED | _OTHERS)
    shape = [chosen_length(length) for length in parts(lengths, 2)]
    make = {"coo": _coo, "dia": _dia}.get(form, _compressed)
    return make(decoder, form, getattr(sparse, str(name)), shape, arrays)


def chosen_length(data: object) -> int:
    """The length of an axis. Raises CannotCross."""
    if type(data) is not int or not 0 <= data <= _LONGEST_AXIS:
        raise CannotCross("not the length of an axis")
    return data


def _compressed(decoder: Decodes, form: str, kind: Any, shape: list[int], data: object) -> object:
    given, positions, starts = parts(data, 3)
    values = array_of(decoder, given, _KINDS, 3 if form == "bsr" else 1)
    indices, pointers = _integers(decoder, positions), _integers(decoder, starts)
    height, width = values.shape[1:] if form == "bsr" else (1, 1)
    if 0 in (height, width) or shape[0] % height or shape[1] % width:
        raise CannotCross("blocks that do not fit")
    rows, columns = shape[0] // height, shape[1] // width
    major, minor = (columns, rows) if form == "csc" else (rows, columns)
    if len(pointers) != major + 1 or pointers[0] != 0 or (pointers[1:] < pointers[:-1]).any():
        raise CannotCross("not a sparse matrix")
    if not pointers[-1] == len(indices) == len(values):
        raise CannotCross("not a sparse matrix")
    _within(indices, 0, minor)
    made = kind((values, indices, pointers), shape=tuple(shape))
    made.check_format(full_check=True)
    return made


def _coo(decoder: Decodes, form: str, kind: Any, shape: list[int], data: object) -> object:
    given, first, second = parts(data, 3)
    values = array_of(decoder, given, _KINDS)
    rows, columns = _integers(decoder, first), _integers(decoder, second)
    if not len(values) == len(rows) == len(columns):
        raise CannotCross("not a sparse matrix")
    _within(rows, 0, shape[0])
    _within(columns, 0, shape[1])
    return kind((values, (rows, columns)), shape=tuple(shape))


def _dia(decoder: Decodes, form: str, kind: Any, shape: list[int], data: object) -> object:
    given, places = parts(data, 2)
    values, offsets = array_of(decoder, given, _KINDS, 2), _integers(decoder, places)
    if len(values) != len(offsets) or len(set(offsets.tolist())) != len(offsets):
        raise CannotCross("not a sparse matrix")
    if values.shape[1] > _LONGEST_AXIS:
        raise CannotCross("not a sparse matrix")
    _within(offsets, -shape[0], shape[1] + 1)
    return kind((values, offsets), shape=tuple(shape))


def _integers(decoder: Decodes, data: object) -> np.ndarray:
    found = array_of(decoder, data, "i")
    if found.dtype.str not in ("<i4", "<i8"):
        raise CannotCross("not the indices of a sparse matrix")
    return found


def _within(indices: np.ndarray, least: int, end: int) -> None:
    if len(indices) and not least <= indices.min() <= indices.max() < end:
        raise CannotCross("an index out of range")


def encoders() -> dict[type, Encode]:
    """Of the forms whose parts are arrays; the two for building one, lil and dok, cross as references."""
    from scipy import sparse

    return {getattr(sparse, name): _sparse for name in _COMPRESSED | _OTHERS if hasattr(sparse, name)}


MAKERS: dict[str, Make] = {"sparse": _make_sparse}
MUTABLE = frozenset({"sparse"})
