"""The student's end of the RPC boundary: it owns the student's objects, and uses them as it is asked to."""

from __future__ import annotations

import contextlib
import io
import types
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from autograder.grading.rpc.channel import Channel
from autograder.grading.rpc.codec import CannotCross, Decoder, Encoder
from autograder.grading.rpc.endpoint import Endpoint, entries_of, integer_of, items_of
from autograder.grading.rpc.frames import Body
from autograder.grading.rpc.in_place import is_mutable
from autograder.grading.rpc.remote_errors import described, value_or_raise


class ObjectEndpoint(Endpoint):
    """Answers what the tester asks of the student's names and objects."""

    def __init__(self, channel: Channel, names: Mapping[str, object]):
        super().__init__(channel)
        self.names = names
        self._objects: dict[int, object] = {}
        self._next = 0  # number of an object
        self.decoder = Decoder(self._resolve)

    def number_from(self, first: int) -> None:
        """Number the objects that follow from `first` on."""
        self._next = first

    def answer(self, question: Body) -> Body:
        """Return the answer to a question; whatever goes wrong is an answer, too."""
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                answer = self._answer(question)
        except BaseException as error:  # the student's code may raise anything
            answer = {"error": described(error)}
        printed = {"out": out.getvalue(), "err": err.getvalue()}
        return {**answer, **{name: text for name, text in printed.items() if text}}

    def _answer(self, question: Body) -> Body:
        kind = str(question["op"])
        target = self._object(integer_of(question["ref"]))
        given = [self.decoder.decode(item) for item in items_of(question.get("args", []))]
        if kind == "call":
            named = entries_of(question["kwargs"])
            by_name = {name: self.decoder.decode(item) for name, item in named.items()}
            result = cast("Callable[..., object]", target)(*given, **by_name)
            # A function may change its arguments in place; the tester's copies follow.
            changed = [self.encode(item) if is_mutable(item) else None for item in given]
            return {"value": self.encode(result), "changed": changed}
        return {"value": self.encode(_OPERATIONS[kind](target, *given))}

    def named(self, names: Sequence[str]) -> tuple[Body, bool]:
        """Return what the student has under `names` now, and whether any of it is no plain value."""
        before = self._next
        found: Body = {name: self._named(name) for name in names}
        return found, self._next > before

    def _named(self, name: str) -> Body:
        if name not in self.names:
            return {"missing": True}
        value = self.names[name]
        if isinstance(value, types.ModuleType):
            return {"module": value.__name__}
        try:
            return {"value": self.encode(value)}
        except CannotCross:  # too large: the tests may still ask it for its length and items
            return {"value": self._refer(value)}
        except Exception as error:
            return {"unreachable": str(error)[:200]}

    def encode(self, value: object) -> object:
        """Return `value` as JSON data, with references for what is not plain. Raises CannotCross."""
        return Encoder(self._refer).encode(value)

    def _refer(self, value: object) -> Body:
        if isinstance(value, _Callback):
            return {"callback": value.number}
        number, self._next = self._next, self._next + 1
        self._objects[number] = value
        return {
            "ref": number,
            "kind": type(value).__name__,
            "name": value.__name__ if isinstance(value, types.FunctionType | type) else "",
            "is_class": isinstance(value, type),
        }

    def _resolve(self, data: Body) -> object:
        if "callback" in data:
            return _Callback(self, integer_of(data["callback"]))
        return self._object(integer_of(data["ref"]))

    def _object(self, ref: int) -> object:
        if ref not in self._objects:
            raise RuntimeError("the student's process died, and this object with it")
        return self._objects[ref]


class _Callback:
    """The tester's function, as the student's code may call it."""

    def __init__(self, endpoint: ObjectEndpoint, number: int):
        self.endpoint = endpoint
        self.number = number

    def __call__(self, *args: object, **kwargs: object) -> object:
        encode, decode = self.endpoint.encode, self.endpoint.decoder.decode
        question: Body = {
            "op": "callback",
            "number": self.number,
            "args": [encode(item) for item in args],
            "kwargs": {name: encode(item) for name, item in kwargs.items()},
        }
        return decode(value_or_raise(self.endpoint.ask(question)))


_OPERATIONS: dict[str, Callable[..., object]] = {
    "attr": lambda target, name: getattr(target, name),
    "setattr": lambda target, name, value: setattr(target, name, value),
    "len": len,
    "getitem": lambda target, key: target[key],
    "setitem": lambda target, key, value: target.__setitem__(key, value),
    "contains": lambda target, item: item in target,
    "iter": iter,
    "next": lambda target: [True, next(target)] if hasattr(target, "__next__") else [False, None],
    "str": str,
    "repr": repr,
    "bool": bool,
    "hash": hash,
    "isinstance": lambda target, value: isinstance(value, target),
    "operator": lambda target, name, *args: getattr(target, name)(*args),
}
