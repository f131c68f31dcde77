"""Values sent as one process would send them to another, and compared with what came out."""

import base64
import json
import math
from collections import OrderedDict, defaultdict, deque
from decimal import Decimal

import numpy as np

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.decoder import Decoder
from autograder.grading.values.encoder import Encoder


def refuse(value):
    """Stand for a side that makes no references."""
    raise CannotCross(f"no reference to a {type(value).__name__}")


def crossed(value):
    """Return the value as the other process gets it, and whether that one calls it exact."""
    frame = json.dumps(Encoder(refuse).encode(value))
    decoder = Decoder(refuse)
    return decoder.decode(json.loads(frame)), decoder.exact


def decoded(data, take_file=None):
    """Return what a message makes that no encoder of ours wrote."""
    return Decoder(refuse, take_file).decode(json.loads(json.dumps(data)))


PRIME = 2**61 - 1
"""The hash of an integer is its rest by this number."""


def raw(data):
    """Return bytes as a message holds them."""
    return base64.b64encode(bytes(data)).decode()


def numbers(values, kind="<i4"):
    """Return an array of numbers as a message holds it."""
    array = np.array(values, kind)
    return {"array": [kind, list(array.shape), "C", raw(array.tobytes())]}


def identical(one, other):
    """Whether two values have the same types and parts all the way down; a NaN is like a NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float | np.floating) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if isinstance(one, complex):
        return identical(one.real, other.real) and identical(one.imag, other.imag)
    if isinstance(one, Decimal):
        return one.as_tuple() == other.as_tuple()
    if isinstance(one, np.ndarray):
        return _identical_arrays(one, other)
    if isinstance(one, dict):
        return _identical_tables(one, other)
    if isinstance(one, deque) and one.maxlen != other.maxlen:
        return False
    if isinstance(one, slice):
        return identical((one.start, one.stop, one.step), (other.start, other.stop, other.step))
    if isinstance(one, set | frozenset):
        return identical(sorted(one, key=repr), sorted(other, key=repr))
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(one == other) and repr(one) == repr(other)


def _identical_tables(one, other):
    if isinstance(one, defaultdict) and one.default_factory is not other.default_factory:
        return False
    pairs, others = list(one.items()), list(other.items())
    if isinstance(one, OrderedDict) and one != other:
        return False
    return identical(pairs, others)


def _identical_arrays(one, other):
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.flags.f_contiguous != other.flags.f_contiguous or one.flags.writeable != other.flags.writeable:
        return False
    if one.dtype.kind == "O":
        return identical(one.ravel().tolist(), other.ravel().tolist())
    return one.tobytes() == other.tobytes()
