"""Sealed answers: a leaf's reference and mistakes, open only to a value near enough to earn them.

Values fall into buckets, by their kind: numbers into buckets of width 2·tolerance. Each bucket that the
reference or a mistake touches holds a record, a list of [label, exact value], encrypted under a key made from
the bucket itself. A value finds only the record of its own bucket, and the record then judges exactly.

This keeps spoilers out of a file that anyone may open. It is no secret: four digits are searched in
seconds. What is graded is graded by the hidden tests on the instructor's side.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping

from autograder.core.kinds.form import Leaf, LeafForm
from autograder.core.slips import CLOSE

RIGHT = "=right"

# Long input makes a guess cost a tenth of a millisecond; Pyodide has neither pbkdf2 nor scrypt.
_PADDED = 64 * 1024


def place_of(salt: str, exercise: str, answer: str, index: int) -> str:
    """The name of a leaf's place, so that no record opens at another one.

    Args:
        salt: The lesson's.
        exercise: The exercise's id.
        answer: The answer's name.
        index: Which leaf of the answer it is.
    """
    return "\0".join((salt, exercise, answer, str(index)))


def labels(seals: Mapping[str, str], place: str, form: LeafForm, leaf: Leaf, within: float) -> frozenset[str]:
    """The labels that a value earns at one leaf.

    Args:
        seals: The records of the place, by tag.
        place: The leaf's place (see `place_of`).
        form: The kind of the leaf.
        leaf: The value.
        within: The tolerance (absolute), 0.0 where the kind has none.

    Returns:
        RIGHT, CLOSE and slugs of mistakes, as many as fit; nothing where no record opens.
    """
    bucket = form.bucket(leaf, within)
    if bucket is None:
        return frozenset()
    key = _key(place, bucket)
    sealed = seals.get(_tag(key))
    if sealed is None:
        return frozenset()
    record = json.loads(_mix(key, base64.b64decode(sealed)))
    return frozenset(
        label for label, exact in record if label == CLOSE or form.near(leaf, form.decode(exact), within)
    )


def seal(place: str, form: LeafForm, values: Iterable[tuple[str, Leaf]], within: float) -> dict[str, str]:
    """The records of one leaf, by tag, sorted.

    Args:
        place: The leaf's place (see `place_of`).
        form: The kind of the leaf.
        values: (label, exact value), the RIGHT one first.
        within: The tolerance (absolute), 0.0 where the kind has none.

    Raises:
        ValueError: a value is too large for the tolerance.
    """
    buckets: dict[str, list[list[Leaf]]] = {}
    for label, exact in values:
        for bucket in form.buckets_near(exact, within):
            buckets.setdefault(bucket, []).append([label, form.encode(exact)])
        if label == RIGHT:
            for bucket in form.buckets_close(exact, within):
                buckets.setdefault(bucket, []).append([CLOSE, 0])
    records = {}
    for bucket, record in buckets.items():
        key = _key(place, bucket)
        text = json.dumps(record, separators=(",", ":"))
        padded = text.ljust(-(-len(text) // 48) * 48).encode()
        records[_tag(key)] = base64.b64encode(_mix(key, padded)).decode()
    return dict(sorted(records.items()))


def _key(place: str, bucket: str) -> bytes:
    return hashlib.blake2b(f"{place}\0{bucket}\0".encode().ljust(_PADDED, b"."), digest_size=32).digest()


def _tag(key: bytes) -> str:
    return hashlib.shake_256(key + b"tag").hexdigest(8)


def _mix(key: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(key + b"stream").digest(len(text))
    # As one long number: byte by byte, a record of a kilobyte would cost more than its key.
    mixed = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(text), "big")
