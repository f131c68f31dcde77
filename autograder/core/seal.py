"""Sealed answers: a leaf's reference and mistakes, open only to a value near enough to earn them.

Values fall into buckets of width 2·tolerance. Each bucket that the reference or a mistake touches holds
a record, a list of [label, exact value], encrypted under a key made from the bucket itself. A value finds
only the record of its own bucket, and the record then judges exactly.

This keeps spoilers out of a file that anyone may open. It is no secret: four digits are searched in
seconds. What is graded is graded by the hidden tests on the instructor's side.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping

from autograder.core.model import DEFAULT_TOLERANCE
from autograder.core.slips import CLOSE
from autograder.core.values import Leaf, from_json, near, to_json

RIGHT = "=right"
CLOSE_WITHIN = 10
"""A wrong number at most this many tolerances from the reference is "close"."""

_BROKEN = "/"
"""Before the bucket of a number that is not whole, where the answer is: a mistake may well give a half."""

# Long input makes a guess cost a tenth of a millisecond; Pyodide has neither pbkdf2 nor scrypt.
_PADDED = 64 * 1024


def labels(seals: Mapping[str, str], place: str, value: Leaf, within: float) -> frozenset[str]:
    """The labels that `value` earns at one leaf.

    `seals` are the leaf's records by tag, `place` names the leaf (salt, exercise, answer, index),
    `within` is the tolerance. A label is RIGHT, CLOSE or the slug of a mistake.
    """
    bucket = bucket_of(value, within)
    if bucket is None:
        return frozenset()
    key = _key(place, bucket)
    sealed = seals.get(_tag(key))
    if sealed is None:
        return frozenset()
    record = json.loads(_mix(key, base64.b64decode(sealed)))
    if bucket.startswith(_BROKEN):
        within = DEFAULT_TOLERANCE
    return frozenset(
        label for label, exact in record if label == CLOSE or near(value, from_json(exact), within)
    )


def seal(place: str, values: Iterable[tuple[str, Leaf]], within: float) -> dict[str, str]:
    """The records of one leaf, by tag, sorted. `values` are (label, exact value), the RIGHT one first."""
    buckets: dict[str, list[list[Leaf]]] = {}
    for label, exact in values:
        for bucket in _touched(exact, within):
            buckets.setdefault(bucket, []).append([label, to_json(exact)])
        if label == RIGHT:
            for bucket in _touched(exact, within, reach=CLOSE_WITHIN):
                buckets.setdefault(bucket, []).append([CLOSE, 0])
    records = {}
    for bucket, record in buckets.items():
        key = _key(place, bucket)
        text = json.dumps(record, separators=(",", ":"))
        padded = text.ljust(-(-len(text) // 48) * 48).encode()
        records[_tag(key)] = base64.b64encode(_mix(key, padded)).decode()
    return dict(sorted(records.items()))


def bucket_of(value: Leaf, within: float) -> str | None:
    """The name of the bucket that `value` falls into; None where no record can be."""
    if isinstance(value, bool | str):
        return repr(value)
    if isinstance(value, float) and math.isinf(value):
        return repr(value)
    if within == 0:
        return str(int(value)) if value == int(value) else f"{_BROKEN}{bucket_of(value, DEFAULT_TOLERANCE)}"
    scaled = value / (2 * within)
    return str(math.floor(scaled)) if math.isfinite(scaled) else None


def _touched(exact: Leaf, within: float, reach: float = 1) -> list[str]:
    """Every bucket that holds a value at most `reach` tolerances from `exact`."""
    bucket = bucket_of(exact, within)
    if bucket is None:
        raise ValueError(f"{exact!r} is too large for a tolerance of {within}")
    if bucket.startswith(_BROKEN):
        return [f"{_BROKEN}{name}" for name in _touched(exact, DEFAULT_TOLERANCE)] if reach == 1 else []
    if isinstance(exact, bool | str) or within == 0 or math.isinf(exact):
        return [bucket] if reach == 1 else []
    # The margin covers the rounding of value - reference in `near`, so that no accepted float is left out.
    margin = 4 * math.ulp(exact)
    if margin > within:  # a huge value: floats lie further apart than buckets, and only a few are near it
        beside = (exact + steps * math.ulp(exact) for steps in range(-4, 5))
        return sorted({name for value in beside if (name := bucket_of(value, within))} if reach == 1 else ())
    half = reach * within * (1 + 1e-9) + margin
    first, last = (math.floor((exact + side * half) / (2 * within)) for side in (-1, 1))
    return [str(number) for number in range(first, last + 1)]


def _key(place: str, bucket: str) -> bytes:
    return hashlib.blake2b(f"{place}\0{bucket}\0".encode().ljust(_PADDED, b"."), digest_size=32).digest()


def _tag(key: bytes) -> str:
    return hashlib.shake_256(key + b"tag").hexdigest(8)


def _mix(key: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(key + b"stream").digest(len(text))
    # As one long number: byte by byte, a record of a kilobyte would cost more than its key.
    mixed = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(text), "big")
