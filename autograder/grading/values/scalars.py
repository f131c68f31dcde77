"""Numbers, bytes, ranges, paths and Python's constants.

A number is made from integers of bounded size and never parsed from a text of the sender's choice:
`Fraction("1e3000000")` takes a second, `int(Decimal("1E400000"))` four.
"""

from __future__ import annotations

import binascii
import re
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath

from autograder.grading.values.budget import MOST_BITS, NUMBER_IN_A_RANGE, CannotCross, small
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    chosen,
    only,
    parts,
    text,
    whole,
)

LARGEST_IN_JSON = 2**53
_HEX = re.compile(f"-?0x[0-9a-f]{{1,{MOST_BITS // 4 + 1}}}")
_FLOAT = re.compile(r"-?(inf|nan|\d{1,20}(\.\d{1,20})?(e[-+]?\d{1,3})?)")
_LARGEST_EXPONENT = 10_000
_SPECIAL = {"F": "F", "n": "n", "N": "N"}
_LONGEST_PATH = 1 << 16

_CONSTANTS: dict[str, object] = {"Ellipsis": ..., "NotImplemented": NotImplemented}
_PATHS: dict[str, type[PurePath]] = {
    kind.__name__: kind for kind in (PosixPath, PurePosixPath, PureWindowsPath)
}
TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(int, float, complex, bool, str, bytes, bytearray, type(None), object),
        *(list, tuple, dict, set, frozenset, range, slice),
        *(Counter, OrderedDict, defaultdict, deque, Fraction, Decimal, Path),
    )
}
"""Classes that cross by their name."""


def integer(data: object) -> int:
    """The integer that `_int` wrote, or one that JSON holds. Raises CannotCross."""
    if type(data) is int:
        return small(data)
    if type(data) is not str or not _HEX.fullmatch(data):
        raise CannotCross("not an integer")
    return small(int(data, 16))


def integer_data(value: int) -> Json:
    """An integer of at most MOST_BITS. Raises NotByValue."""
    if -LARGEST_IN_JSON < value < LARGEST_IN_JSON:
        return value
    if value.bit_length() > MOST_BITS:
        raise NotByValue
    return hex(value)


def _int(coder: Encodes, value: int) -> Json:
    coder.budget.spend(value.bit_length() // 4)
    return {"int": integer_data(value)}


def _make_int(decoder: Decodes, data: object) -> object:
    found = integer(data)
    decoder.budget.spend(found.bit_length() // 4)
    return found


def _float(coder: Encodes, value: float) -> Json:
    return {"float": repr(value)}


def real(data: object) -> float:
    """The float whose `repr` was sent. Raises CannotCross."""
    if not _FLOAT.fullmatch(text(data, 50)):
        raise CannotCross("not a number")
    return float(text(data))


def _complex(coder: Encodes, value: complex) -> Json:
    return {"complex": [repr(value.real), repr(value.imag)]}


def _make_complex(decoder: Decodes, data: object) -> object:
    first, second = parts(data, 2)
    return complex(real(first), real(second))


def _bytes(coder: Encodes, value: bytes | bytearray) -> Json:
    coder.budget.spend(len(value))
    return {type(value).__name__: binascii.b2a_base64(value, newline=False).decode()}


def _make_bytes(decoder: Decodes, data: object) -> bytes:
    found = binascii.a2b_base64(only(data, str), strict_mode=True)
    decoder.budget.spend(len(found))
    return found


def _range(coder: Encodes, value: range) -> Json:
    ends = (value.start, value.stop, value.step)
    coder.budget.spend(NUMBER_IN_A_RANGE * _length(*ends))
    return {"range": [integer_data(end) for end in ends]}


def _make_range(decoder: Decodes, data: object) -> object:
    start, stop, step = (integer(end) for end in parts(data, 3))
    if step == 0:
        raise CannotCross("a range without a step")
    decoder.budget.spend(NUMBER_IN_A_RANGE * _length(start, stop, step))
    return range(start, stop, step)


def _length(start: int, stop: int, step: int) -> int:
    """Of a range; `len` fails at 2**63."""
    return max(0, -((start - stop) // step))


def _slice(coder: Encodes, value: slice) -> Json:
    return {"slice": [coder.encode(end) for end in (value.start, value.stop, value.step)]}


def _make_slice(decoder: Decodes, data: object) -> object:
    return slice(*(decoder.value(end) for end in parts(data, 3)))


def _constant(coder: Encodes, value: object) -> Json:
    return {"constant": "Ellipsis" if value is ... else "NotImplemented"}


def _fraction(coder: Encodes, value: Fraction) -> Json:
    return {"fraction": [integer_data(value.numerator), integer_data(value.denominator)]}


def _make_fraction(decoder: Decodes, data: object) -> object:
    numerator, denominator = (integer(number) for number in parts(data, 2))
    if denominator < 1:
        raise CannotCross("not a fraction")
    decoder.budget.spend((numerator.bit_length() + denominator.bit_length()) // 4)
    return Fraction(numerator, denominator)


def _decimal(coder: Encodes, value: Decimal) -> Json:
    sign, digits, exponent = value.as_tuple()
    if len(digits) > MOST_BITS // 4 or (type(exponent) is int and abs(exponent) > _LARGEST_EXPONENT):
        raise NotByValue
    return {"decimal": [sign, integer_data(int("".join(map(str, digits)) or "0")), exponent]}


def _make_decimal(decoder: Decodes, data: object) -> object:
    sign, coefficient, exponent = parts(data, 3)
    if type(exponent) is int:
        whole(exponent, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)
    else:
        exponent = chosen(exponent, _SPECIAL)
    digits = tuple(map(int, str(whole(integer(coefficient), 0, 2**MOST_BITS))))
    decoder.budget.spend(len(digits))
    if exponent in _SPECIAL and digits == (0,):
        digits = ()
    return Decimal((whole(sign, 0, 1), digits, exponent))  # type: ignore[arg-type]


def _path(coder: Encodes, value: PurePath) -> Json:
    return {"path": [type(value).__name__, str(value)]}


def _make_path(decoder: Decodes, data: object) -> object:
    kind, name = parts(data, 2)
    return chosen(kind, _PATHS)(text(name, _LONGEST_PATH))  # names a file and opens none


ENCODERS: dict[type, Encode] = {
    int: _int,
    float: _float,
    complex: _complex,
    bytes: _bytes,
    bytearray: _bytes,
    range: _range,
    slice: _slice,
    type(...): _constant,
    type(NotImplemented): _constant,
    Fraction: _fraction,
    Decimal: _decimal,
    **dict.fromkeys(_PATHS.values(), _path),
}
MAKERS: dict[str, Make] = {
    "int": _make_int,
    "float": lambda decoder, data: real(data),
    "complex": _make_complex,
    "bytes": _make_bytes,
    "bytearray": lambda decoder, data: bytearray(_make_bytes(decoder, data)),
    "range": _make_range,
    "slice": _make_slice,
    "constant": lambda decoder, data: chosen(data, _CONSTANTS),
    "fraction": _make_fraction,
    "decimal": _make_decimal,
    "path": _make_path,
    "type": lambda decoder, data: chosen(data, TYPES),
}
MUTABLE = frozenset({"bytearray"})
