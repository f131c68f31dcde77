"""A student's function or object, as the tests see it: every use is a question over the wall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

_OPERATORS = (
    "add sub mul truediv floordiv mod pow matmul radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul neg pos"
    " abs and or xor lshift rshift invert iadd isub imul round float int index complex"
).split()
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


class Asker(Protocol):
    """Carries a use of the student's object over the wall: `endpoints.TesterSide`."""

    def question(self, op: str, ref: int, *args: Any) -> Any:
        """The plain value, or proxy, that the use gives."""

    def call(self, ref: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The same of calling the student's function."""


# Stands for one object on the student's side. (No docstring: `__doc__` is the student's.)
#
# Calls, attributes, length, items and iteration are asked for; what comes back is a plain value or another
# proxy. Operators, comparisons, membership and truth are asked for only where the exercise tells the student
# to write that class: an object that claims to equal every number must not pass a test of a number.
class Proxy:  # noqa: D101
    __slots__ = ("__name__", "_kind", "_ref", "_side", "_trusted")

    def __init__(self, side: Asker, ref: int, kind: str, name: str, trusted: bool):
        for slot, value in (("_side", side), ("_ref", ref), ("_kind", kind), ("_trusted", trusted)):
            object.__setattr__(self, slot, value)
        object.__setattr__(self, "__name__", name)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        """What the student wrote."""
        return self._side.question("attr", self._ref, "__doc__")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the student's function returns."""
        return self._side.call(self._ref, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._side.question("attr", self._ref, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._side.question("setattr", self._ref, name, value)

    def __len__(self) -> int:
        return int(self._side.question("len", self._ref))

    def __getitem__(self, key: Any) -> Any:
        return self._side.question("getitem", self._ref, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._side.question("setitem", self._ref, key, value)

    def __contains__(self, item: Any) -> bool:
        if self._trusted:
            return self._side.question("contains", self._ref, item) is True
        return any(type(found) is not Proxy and found == item for found in self)

    def __iter__(self) -> Iterator[Any]:
        walk = self._side.question("iter", self._ref)
        if type(walk) is not Proxy:
            raise TypeError("this object cannot be iterated")
        while True:
            try:
                found = walk._side.question("next", walk._ref)
            except StopIteration:
                return
            if type(found) is not list or found[:1] != [True]:
                raise TypeError("this object is no iterator")
            yield found[1]

    def __next__(self) -> Any:
        found = self._side.question("next", self._ref)
        if type(found) is not list or found[:1] != [True]:
            raise TypeError("this object is no iterator")
        return found[1]

    def __str__(self) -> str:
        return str(self._side.question("str", self._ref))

    def __repr__(self) -> str:
        return str(self._side.question("repr", self._ref))

    def __instancecheck__(self, value: Any) -> bool:
        return self._side.question("isinstance", self._ref, value) is True

    def __bool__(self) -> bool:
        return self._side.question("bool", self._ref) is True if self._trusted else True

    def __eq__(self, other: object) -> Any:
        if not self._trusted:
            return type(other) is Proxy and other._ref == self._ref
        return self._side.question("operator", self._ref, "__eq__", other) is True

    def __ne__(self, other: object) -> Any:
        return not self == other

    def __hash__(self) -> int:
        return hash(("proxy", self._ref))


def reference_of(proxy: Proxy) -> int:
    """The number of the object that `proxy` stands for."""
    return int(object.__getattribute__(proxy, "_ref"))


def _operator(name: str) -> Any:
    def operate(self: Proxy, *args: Any) -> Any:
        if not self._trusted:
            return NotImplemented
        return self._side.question("operator", self._ref, name, *args)

    operate.__name__ = name
    return operate


def _converter(name: str) -> Any:
    def convert(self: Proxy) -> Any:
        if not self._trusted:
            raise TypeError(f"a student's {self._kind} is no number")
        return self._side.question("operator", self._ref, name)

    convert.__name__ = name
    return convert


for _word in _OPERATORS:
    _name = f"__{_word}__"
    if _word in ("neg", "pos", "abs", "invert", "float", "int", "index", "complex", "round"):
        setattr(Proxy, _name, _converter(_name))
    elif not _word.startswith("i") or _word == "index":
        setattr(Proxy, _name, _operator(_name))
for _word in _COMPARISONS[:4]:
    setattr(Proxy, f"__{_word}__", _operator(f"__{_word}__"))
