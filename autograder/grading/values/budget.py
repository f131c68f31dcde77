"""How much one message may hold, counted as if each alias were a copy and each range a list.

Both sides count. Only the count of the decoder protects anybody, as the encoder runs in the process of the
student; the encoder counts so that an honest value that is too large is refused before it is sent.
"""

from __future__ import annotations

DEEPEST = 50
"""Values inside one another."""
LARGEST = 17_000_000
"""Of one message, in bytes: of text, raw bytes and numbers, and of what follows. Written as base64, or as
numbers in JSON, that many fit into one frame of `rpc.channel`."""
ITEM = 16
"""What one value counts, so that a message holds a million of them."""
NUMBER_IN_A_RANGE = 2
"""What a number counts that a range stands for: eight million in one message."""
BYTES_IN_A_FILE = 16
"""So many bytes of a memory file count one: 270 million in one message."""
COSTS = {
    **{"decimal": 40, "record": 160, "deque": 48, "masked": 20, "image": 40, "pandas-moment": 20},
    **{
        "series": 100,
        "frame": 300,
        "index": 100,
        "times-index": 300,
        "levels-index": 150,
        "categorical": 100,
    },
    **{"of-categories": 100, "of-zone": 100, "sparse": 150, "formula": 60, "formula-symbol": 60},
    **{"formula-function": 500, "formula-number": 20, "formula-float": 40, "Interval": 500, "column": 700},
}
"""What one of these counts besides its parts, for the time that it takes to make: 3 for a microsecond, so
that no message takes much longer than five seconds."""
MOST_KEYS = 100_000
"""Keys of one dictionary, members of one set."""
MOST_EQUAL_HASHES = 10_000
"""Pairs of keys with the same hash, in one dictionary: each pair is compared when it is built."""
MOST_BITS = 10_000
"""Of one integer."""


class CannotCross(TypeError):
    """A value is too deep, too large, or of a type that cannot be sent to the other process."""


class Budget:
    """What one message has spent so far. Both methods raise CannotCross where it is too much."""

    def __init__(self) -> None:
        self.spent = 0
        self.depth = 0

    def spend(self, cost: int) -> None:
        """Count so many bytes, zero or more."""
        self.spent += cost
        if self.spent > LARGEST:
            raise CannotCross("a value too deep or too large to be graded")

    def enter(self) -> None:
        """Count a container, one value deeper."""
        self.spend(ITEM)
        self.depth += 1
        if self.depth > DEEPEST:
            raise CannotCross("a value too deep or too large to be graded")


def small(number: int) -> int:
    """The integer, if it has no more than MOST_BITS. Raises CannotCross."""
    if number.bit_length() > MOST_BITS:
        raise CannotCross("an integer too large to be graded")
    return number
