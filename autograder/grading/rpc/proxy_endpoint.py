"""The tester's end of the RPC boundary: plain values, and proxies of the student's objects."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import sys
from collections.abc import Callable, Iterator, MutableMapping

from autograder.grading.rpc.channel import Channel
from autograder.grading.rpc.codec import CannotCross, Decoder, Encoder
from autograder.grading.rpc.endpoint import Endpoint, entries_of, integer_of, items_of
from autograder.grading.rpc.frames import Body
from autograder.grading.rpc.in_place import follow
from autograder.grading.rpc.proxy import Proxy, reference_of
from autograder.grading.rpc.remote_errors import described, value_or_raise


class ProxyEndpoint(Endpoint):
    """Brings the student's names over, and puts questions to their objects."""

    def __init__(self, channel: Channel, classes: frozenset[str] = frozenset()):
        """`classes` are those that this exercise asks the student to define: their operators count."""
        super().__init__(channel)
        self.classes = classes
        self._callbacks: dict[int, Callable[..., object]] = {}
        self._numbers = itertools.count()
        self.decoder = Decoder(self._resolve)

    def next_test(self, classes: frozenset[str]) -> None:
        """Forget the functions that the last test gave away: no later test takes one for the student's."""
        self.classes = classes
        self._callbacks.clear()

    def bind(self, values: object, namespace: MutableMapping[str, object]) -> None:
        """Set names in `namespace` as the student has them; a name that is missing is taken out."""
        for name, entry in values.items() if type(values) is dict else ():
            namespace.pop(name, None)
            if type(entry) is not dict:
                continue
            with contextlib.suppress(CannotCross, ImportError, ValueError):
                if "module" in entry:
                    namespace[name] = importlib.import_module(str(entry["module"]))
                elif "value" in entry:
                    namespace[name] = self.decoder.decode(entry["value"])

    def question(self, op: str, ref: int, *args: object) -> object:
        """Return the plain value, or proxy, that a use of the student's object gives."""
        answer = self.ask({"op": op, "ref": ref, "args": [self._encode(item) for item in args]})
        return self._value(answer, may_stop=op == "next")

    def call(self, ref: int, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """Call the student's function; mutable arguments are changed as it changed them.

        Args:
            ref: The number of the function.
            args: The positional arguments.
            kwargs: The keyword arguments, which are not changed.

        Returns:
            The plain value, or proxy, that it returned.

        Raises:
            CannotCross: An argument cannot be given to a student's function.
            Exception: The nearest built-in class of what the function raised.
        """
        answer = self.ask(
            {
                "op": "call",
                "ref": ref,
                "args": [self._encode(item) for item in args],
                "kwargs": {name: self._encode(item) for name, item in kwargs.items()},
            }
        )
        result = self._value(answer)
        changed = answer.get("changed")
        for mine, theirs in zip(args, changed if type(changed) is list else (), strict=False):
            if theirs is not None:
                follow(mine, self.decoder.decode(theirs))
        return result

    def answer(self, question: Body) -> Body:
        """Run a callback of the tests for the student's code."""
        try:
            call = self._callback(integer_of(question["number"]))
            args = [self.decoder.decode(item) for item in items_of(question["args"])]
            kwargs = dict(self._decoded(question["kwargs"]))
            return {"value": self._encode(call(*args, **kwargs))}
        except Exception as error:
            return {"error": described(error, traced=False)}

    def _decoded(self, data: object) -> Iterator[tuple[str, object]]:
        for name, item in entries_of(data).items():
            yield str(name), self.decoder.decode(item)

    def _value(self, answer: Body, may_stop: bool = False) -> object:
        for stream, text in ((sys.stdout, answer.get("out")), (sys.stderr, answer.get("err"))):
            if type(text) is str and text:
                stream.write(text)
        try:
            return self.decoder.decode(value_or_raise(answer))
        except StopIteration as stop:
            if may_stop:
                raise
            # It would end a loop of the tests in silence, as PEP 479 has it for generators.
            raise RuntimeError("the student's code raised StopIteration") from stop

    def _encode(self, value: object) -> object:
        return Encoder(self._refer).encode(value)

    def _refer(self, value: object) -> Body:
        if type(value) is Proxy:
            return {"ref": reference_of(value)}
        if not callable(value):
            raise CannotCross(
                f"a value of type {type(value).__name__} cannot be given to a student's function"
            )
        number = next(self._numbers)
        self._callbacks[number] = value
        return {"callback": number}

    def _callback(self, number: int) -> Callable[..., object]:
        if number not in self._callbacks:
            raise CannotCross("a function of the tests lives for one test")
        return self._callbacks[number]

    def _resolve(self, data: Body) -> object:
        if "callback" in data:
            return self._callback(integer_of(data["callback"]))
        trusted = data.get("kind") in self.classes or data.get("name") in self.classes
        return Proxy(self, integer_of(data["ref"]), str(data.get("kind")), str(data.get("name")), trusted)
