"""numpy's arrays, matrices, masked arrays, scalars and types.

Arrays of records cross field by field, as their gaps may hold bytes of the sender's memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    Order,
    chosen,
    only,
    parts,
    whole,
)
from autograder.grading.values.dtypes import dtype_data, dtype_of, scalar_types, volume

if TYPE_CHECKING:
    import numpy as np

_LAST_CHARACTER = 0x10FFFF
_LONGEST_AXIS = 2**48
_ORDERS: dict[str, tuple[Order, bool]] = {
    "C": ("C", False),
    "Cr": ("C", True),
    "F": ("F", False),
    "Fr": ("F", True),
}


def _array(coder: Encodes, value: np.ndarray) -> Json:
    order: Order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    shape: list[Json] = list(value.shape)
    layout = order + ("" if value.flags.writeable else "r")
    if value.dtype.kind == "O":
        coder.budget.spend(volume(list(value.shape)) * 8)
        return {"objects": [shape, layout, coder.plain(value.ravel(order).tolist())]}
    return {"array": [dtype_data(value.dtype), shape, layout, _buffers(coder, value)]}


def _buffers(coder: Encodes, value: np.ndarray) -> Json:
    """The bytes of the items; of records, a list with those of each field."""
    import numpy as np

    if value.dtype.names is not None:
        return [_buffers(coder, value[name]) for name in value.dtype.names]
    if value.flags.f_contiguous and not value.flags.c_contiguous:
        value = value.T
    if value.dtype.kind in "fc" and value.dtype.itemsize in (12, 16, 32) and value.dtype != np.complex128:
        value = _without_padding(value)
    elif not value.flags.c_contiguous:
        value = np.ascontiguousarray(value)
    if not value.nbytes:
        coder.budget.spend(volume(list(value.shape)) * max(value.dtype.itemsize, 1))
        return coder.bytes(memoryview(b""))
    return coder.bytes(value.reshape(-1).view(np.uint8).data)


def _without_padding(value: np.ndarray) -> np.ndarray:
    """A copy of long numbers in which the bytes that no number uses do not show this process's memory."""
    import numpy as np

    copy = np.array(value, order="C")
    if np.finfo(np.longdouble).nmant == 63:
        size = np.dtype(np.longdouble).itemsize
        copy.reshape(-1).view(np.uint8).reshape(-1, size)[:, 10:] = 0
    return copy


def _make_array(decoder: Decodes, data: object) -> np.ndarray:
    import numpy as np

    kind, lengths, layout, buffers = parts(data, 4)
    dtype, shape = dtype_of(kind), _shape(lengths)
    order, locked = chosen(layout, _ORDERS)
    if dtype.names is None:
        found = _filled(decoder, buffers, dtype, shape, order)
    else:
        decoder.budget.spend(volume(shape) * max(dtype.itemsize, 1))
        found = np.zeros(shape, dtype, order)
        _fill_fields(decoder, buffers, found)
    if locked:
        found.flags.writeable = False
    return found


def _shape(lengths: object) -> list[int]:
    return [whole(length, 0, _LONGEST_AXIS) for length in only(lengths, list)]


def _fill_fields(decoder: Decodes, data: object, target: np.ndarray) -> None:
    names = target.dtype.names or ()
    for name, buffers in zip(names, parts(data, len(names)), strict=True):
        field = target[name]
        if field.dtype.names is not None:
            _fill_fields(decoder, buffers, field)
        else:
            order: Order = "F" if field.flags.f_contiguous and not field.flags.c_contiguous else "C"
            field[...] = _filled(decoder, buffers, field.dtype, list(field.shape), order)


def _filled(
    decoder: Decodes,
    data: object,
    dtype: np.dtype,
    shape: list[int],
    order: Order,
) -> np.ndarray:
    """An array of these bytes, if each of them is one that numpy itself would write."""
    import numpy as np

    expanded = volume(shape) * max(dtype.itemsize, 1)
    length = dtype.itemsize * (0 if 0 in shape else volume(shape))
    decoder.budget.spend(expanded - length)
    raw = decoder.bytes(data, length)
    if length == 0:
        return np.zeros(shape, dtype, order)
    found = np.frombuffer(raw, dtype).reshape(shape, order=order)
    if dtype.kind == "b" and found.view(np.uint8).max() > 1:
        raise CannotCross("a truth value that is neither")  # a sum would count it as more than one
    if dtype.kind == "U":
        codes = np.frombuffer(raw, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if codes.max() > _LAST_CHARACTER:
            raise CannotCross("not a text")
    # Of its own memory, so that it can be resized; a large one stays in its file.
    return found if type(raw) is memoryview else found.copy(order)


def _make_objects(decoder: Decodes, data: object) -> object:
    import numpy as np

    lengths, layout, values = parts(data, 3)
    shape = _shape(lengths)
    order, locked = chosen(layout, _ORDERS)
    decoder.budget.spend(volume(shape) * 8)
    items = decoder.plain(values)
    if len(items) != (0 if 0 in shape else volume(shape)):
        raise CannotCross("not as many objects as the shape says")
    flat = np.empty(len(items), object)
    for number, item in enumerate(items):  # assigned together, lists would become rows
        flat[number] = item
    found = flat.reshape(shape, order=order)
    if locked:
        found.flags.writeable = False
    return found


def array_of(decoder: Decodes, data: object, kinds: str, axes: int = 1) -> np.ndarray:
    """A part that is an array.

    Args:
        decoder: Of the message.
        data: The part.
        kinds: Letters of numpy's kinds that it may have.
        axes: How many axes it must have.

    Raises:
        CannotCross: It is no such array.
    """
    import numpy as np

    found = decoder.value(data)
    if type(found) is not np.ndarray or found.dtype.kind not in kinds or found.ndim != axes:
        raise CannotCross("not an array of that kind")
    return found


def _matrix(coder: Encodes, value: np.matrix) -> Json:
    import numpy as np

    return {"matrix": coder.encode(np.asarray(value))}


def _make_matrix(decoder: Decodes, data: object) -> object:
    import numpy as np

    return array_of(decoder, data, "biufcSUmM", 2).view(np.matrix)


def _masked(coder: Encodes, value: np.ma.MaskedArray) -> Json:
    import numpy as np

    data = value.data
    if type(data) is not np.ndarray or data.dtype.names is not None or data.dtype.hasobject:
        raise NotByValue
    mask = None if value.mask is np.ma.nomask else coder.encode(np.array(value.mask))
    fill = None if value._fill_value is None else coder.encode(np.array(value._fill_value))  # type: ignore[attr-defined]
    return {"masked": [coder.encode(data), mask, fill, bool(value.hardmask)]}


def _make_masked(decoder: Decodes, data: object) -> object:
    import numpy as np

    values, holes, filling, hard = parts(data, 4)
    found = decoder.value(values)
    mask = np.ma.nomask if holes is None else decoder.value(holes)
    fill = None if filling is None else decoder.value(filling)
    if type(found) is not np.ndarray or found.dtype.kind not in "biufcSUmM":
        raise CannotCross("not a masked array")
    if holes is not None and not (
        type(mask) is np.ndarray and mask.dtype == bool and mask.shape == found.shape
    ):
        raise CannotCross("not the mask of that array")
    if fill is not None and not (
        type(fill) is np.ndarray and fill.shape == () and fill.dtype.kind in "biufcSUmM"
    ):
        raise CannotCross("not what fills an array")
    made: object = np.ma.MaskedArray(  # type: ignore[call-overload]
        found, mask=mask, fill_value=fill, hard_mask=only(hard, bool)
    )
    return made


def _scalar(coder: Encodes, value: np.generic) -> Json:
    import numpy as np

    return {"scalar": [dtype_data(value.dtype), _buffers(coder, np.array(value))]}


def _make_scalar(decoder: Decodes, data: object) -> object:
    kind, buffers = parts(data, 2)
    return _make_array(decoder, [kind, [], "C", buffers])[()]


def _constant(coder: Encodes, value: object) -> Json:
    return {"masked-value": 0}


def _make_constant(decoder: Decodes, data: object) -> object:
    import numpy as np

    return np.ma.masked


def encoders() -> dict[type, Encode]:
    """What crosses, where numpy is loaded."""
    import numpy as np

    scalars = dict.fromkeys((*scalar_types().values(), np.void), _scalar)
    masked = {np.ma.MaskedArray: _masked, type(np.ma.masked): _constant}
    return {np.ndarray: _array, np.matrix: _matrix, **masked, **scalars}


MAKERS: dict[str, Make] = {
    "array": _make_array,
    "objects": _make_objects,
    "matrix": _make_matrix,
    "masked": _make_masked,
    "scalar": _make_scalar,
    "masked-value": _make_constant,
}
MUTABLE = frozenset({"array", "objects", "matrix", "masked"})
