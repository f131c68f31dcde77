"""A student's function or object, as the tests see it: every use is a question to the student's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, cast

_OPERATORS = (
    "add sub mul truediv floordiv mod pow matmul radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul neg pos"
    " abs and or xor lshift rshift invert iadd isub imul round float int index complex"
).split()
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


class Asker(Protocol):
    """Carries a use of the student's object to the student's process: `proxy_endpoint.ProxyEndpoint`."""

    def question(self, op: str, ref: int, *args: object) -> object:
        """Return the plain value, or proxy, that the use gives."""

    def call(self, ref: int, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """Return the plain value, or the proxy, that the student's function returns.

        Args:
            ref: The number of the function.
            args: By position; mutable ones are changed as the function changed its copies.
            kwargs: By name.
        """


# Stands for one object on the student's side. (No docstring: `__doc__` is the student's.)
#
# Calls, attributes, length, items and iteration are asked for; what comes back is a plain value or another
# proxy. Operators and truth are asked for only where the exercise tells the student to write that class, and
# comparisons only of two objects of the student's: an object that claims to equal every number must not pass
# a test of a number, nor be told which number is expected. For the same reason an operator that is given a
# plain value returns no plain value: `vector * 2` is a vector, and `abs(liar - 5) < 1e-9` an error.
class Proxy:  # noqa: D101
    __slots__ = ("__name__", "_asker", "_kind", "_ref", "_trusted")
    if TYPE_CHECKING:  # at run time a proxy must have no __annotations__ that are not the student's
        _asker: Asker
        _kind: str
        _ref: int
        _trusted: bool

    def __init__(self, asker: Asker, ref: int, kind: str, name: str, trusted: bool):
        for slot, value in (("_asker", asker), ("_ref", ref), ("_kind", kind), ("_trusted", trusted)):
            object.__setattr__(self, slot, value)
        object.__setattr__(self, "__name__", name)

    @property
    def __doc__(self) -> object:  # type: ignore[override]
        """What the student wrote."""
        return self._asker.question("attr", self._ref, "__doc__")

    def __call__(self, *args: object, **kwargs: object) -> object:
        """What the student's function returns."""
        return self._asker.call(self._ref, args, kwargs)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._asker.question("attr", self._ref, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._asker.question("setattr", self._ref, name, value)

    def __len__(self) -> int:
        return int(cast("int", self._asker.question("len", self._ref)))

    def __getitem__(self, key: object) -> object:
        return self._asker.question("getitem", self._ref, key)

    def __setitem__(self, key: object, value: object) -> None:
        self._asker.question("setitem", self._ref, key, value)

    def __contains__(self, item: object) -> bool:
        if type(item) is Proxy:
            return self._trusted and self._asker.question("contains", self._ref, item) is True
        return any(type(found) is not Proxy and found == item for found in self)

    def __iter__(self) -> Iterator[object]:
        walk = self._asker.question("iter", self._ref)
        if type(walk) is not Proxy:
            raise TypeError("this object cannot be iterated")
        while True:
            try:
                found = walk._asker.question("next", walk._ref)
            except StopIteration:
                return
            if type(found) is not list or found[:1] != [True]:
                raise TypeError("this object is no iterator")
            yield found[1]

    def __next__(self) -> object:
        found = self._asker.question("next", self._ref)
        if type(found) is not list or found[:1] != [True]:
            raise TypeError("this object is no iterator")
        return found[1]

    def __str__(self) -> str:
        return str(self._asker.question("str", self._ref))

    def __repr__(self) -> str:
        return str(self._asker.question("repr", self._ref))

    def __instancecheck__(self, value: object) -> bool:
        return self._asker.question("isinstance", self._ref, value) is True

    def __bool__(self) -> bool:
        return self._asker.question("bool", self._ref) is True if self._trusted else True

    def __eq__(self, other: object) -> bool:
        if type(other) is not Proxy:
            return False
        if not self._trusted:
            return other._ref == self._ref
        return self._asker.question("operator", self._ref, "__eq__", other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("proxy", self._ref))


def reference_of(proxy: Proxy) -> int:
    """The number of the object that `proxy` stands for."""
    return int(object.__getattribute__(proxy, "_ref"))


def _operator(name: str) -> Callable[..., object]:
    def operate(self: Proxy, *args: object) -> object:
        if not self._trusted:
            return NotImplemented
        found = self._asker.question("operator", self._ref, name, *args)
        if type(found) is not Proxy and any(type(one) is not Proxy for one in args):
            raise TypeError(f"{name} of a student's object and a plain value gives no plain value")
        return found

    operate.__name__ = name
    return operate


def _comparison(name: str) -> Callable[..., object]:
    def compare(self: Proxy, other: object) -> object:
        if not self._trusted or type(other) is not Proxy:
            return NotImplemented
        return self._asker.question("operator", self._ref, name, other)

    compare.__name__ = name
    return compare


def _converter(name: str) -> Callable[[Proxy], object]:
    def convert(self: Proxy) -> object:
        if not self._trusted:
            raise TypeError(f"a student's {self._kind} is no number")
        return self._asker.question("operator", self._ref, name)

    convert.__name__ = name
    return convert


for _word in _OPERATORS:
    _name = f"__{_word}__"
    if _word in ("neg", "pos", "abs", "invert", "float", "int", "index", "complex", "round"):
        setattr(Proxy, _name, _converter(_name))
    elif not _word.startswith("i") or _word == "index":
        setattr(Proxy, _name, _operator(_name))
for _word in _COMPARISONS[:4]:
    setattr(Proxy, f"__{_word}__", _comparison(f"__{_word}__"))
