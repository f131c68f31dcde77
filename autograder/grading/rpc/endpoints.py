"""The wall between a student's process and the tester's: values cross, objects do not.

The student's side holds whatever the student made. The tester's side runs the tests and sees plain
values, and for functions and objects proxies whose every use is a question to the student's side. The
student's process never holds the tests; the tester's never runs the student's code.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import sys
import traceback
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from autograder.grading.rpc.channel import Channel, Frame
from autograder.grading.rpc.codec import CannotCross, Decoder, Encoder
from autograder.grading.rpc.in_place import follow, is_mutable
from autograder.grading.rpc.proxy import Proxy, reference_of

Body = dict[str, Any]


class Side(ABC):
    """What both sides have: questions and answers over a channel, nested as deep as calls are."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def ask(self, question: Body) -> Body:
        """Ask the other side, and answer what it asks meanwhile."""
        self.channel.send({"type": "ask", "body": question})
        while True:
            frame = self.channel.receive()
            if frame.get("type") == "answer":
                body = frame.get("body")
                return body if type(body) is dict else {}
            if frame.get("type") == "ask":
                self.respond(frame)

    def respond(self, frame: Frame) -> None:
        """Answer one question."""
        body = frame.get("body")
        self.channel.send({"type": "answer", "body": self.answer(body if type(body) is dict else {})})

    @abstractmethod
    def answer(self, question: Body) -> Body:
        """The answer to a question of the other side."""


class StudentSide(Side):
    """Answers what the tester asks of the student's names and objects."""

    def __init__(self, channel: Channel, names: dict[str, Any]):
        super().__init__(channel)
        self.names = names
        self.first = 0  # the number of the first object
        self.objects: list[Any] = []
        self.decoder = Decoder(self._resolve)

    def answer(self, question: Body) -> Body:
        """The answer to a question; whatever goes wrong is an answer, too."""
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                answer = self._answer(question)
        except BaseException as error:  # the student's code may raise anything
            answer = {"error": _described(error)}
        printed = {"out": out.getvalue(), "err": err.getvalue()}
        return {**answer, **{name: text for name, text in printed.items() if text}}

    def _answer(self, question: Body) -> Body:
        kind = question["op"]
        target = self._object(question["ref"])
        given = [self.decoder.decode(item) for item in question.get("args", ())]
        if kind == "call":
            by_name = {name: self.decoder.decode(item) for name, item in question["kwargs"].items()}
            result = target(*given, **by_name)
            # A function may change its arguments in place; the tester's copies follow.
            changed = [self._encode(item) if is_mutable(item) else None for item in given]
            return {"value": self._encode(result), "changed": changed}
        return {"value": self._encode(_OPERATIONS[kind](target, *given))}

    def named(self, names: Sequence[str]) -> tuple[Body, bool]:
        """What the student has under `names` now, and whether any of it is no plain value."""
        before = len(self.objects)
        found = {name: self._named(name) for name in names}
        return found, len(self.objects) > before

    def _named(self, name: str) -> Body:
        if name not in self.names:
            return {"missing": True}
        value = self.names[name]
        if isinstance(value, types.ModuleType):
            return {"module": value.__name__}
        try:
            return {"value": self._encode(value)}
        except CannotCross:  # too large: the tests may still ask it for its length and items
            return {"value": self._refer(value)}
        except Exception as error:
            return {"unreachable": str(error)[:200]}

    def _encode(self, value: Any) -> Any:
        return Encoder(self._refer).encode(value)

    def _refer(self, value: Any) -> Body:
        if isinstance(value, _Callback):
            return {"callback": value.number}
        self.objects.append(value)
        kind = type(value)
        return {
            "ref": self.first + len(self.objects) - 1,
            "kind": kind.__name__,
            "name": value.__name__ if isinstance(value, types.FunctionType | type) else "",
            "is_class": isinstance(value, type),
        }

    def _resolve(self, data: Body) -> Any:
        if "callback" in data:
            return _Callback(self, data["callback"])
        return self._object(data["ref"])

    def _object(self, ref: int) -> Any:
        if not 0 <= ref - self.first < len(self.objects):
            raise RuntimeError("the student's process died, and this object with it")
        return self.objects[ref - self.first]


class _Callback:
    """The tester's function, as the student's code may call it."""

    def __init__(self, side: StudentSide, number: int):
        self.side = side
        self.number = number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        encode, decode = self.side._encode, self.side.decoder.decode
        question = {
            "op": "callback",
            "number": self.number,
            "args": [encode(item) for item in args],
            "kwargs": {name: encode(item) for name, item in kwargs.items()},
        }
        return decode(_value_or_raise(self.side.ask(question)))


class TesterSide(Side):
    """Brings the student's names over, and puts questions to their objects."""

    def __init__(self, channel: Channel, classes: frozenset[str] = frozenset()):
        """`classes` are those that this exercise asks the student to define: their operators count."""
        super().__init__(channel)
        self.classes = classes
        self.callbacks: list[Callable[..., Any]] = []
        self.decoder = Decoder(self._resolve)

    def bind(self, values: Any, namespace: dict[str, Any]) -> None:
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

    def question(self, op: str, ref: int, *args: Any) -> Any:
        """The plain value, or proxy, that a use of the student's object gives."""
        answer = self.ask({"op": op, "ref": ref, "args": [self._encode(item) for item in args]})
        return self._value(answer, may_stop=op == "next")

    def call(self, ref: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the student's function; mutable arguments are changed as it changed them."""
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
            call = self.callbacks[int(question["number"])]
            args = [self.decoder.decode(item) for item in question["args"]]
            kwargs = {str(name): self.decoder.decode(item) for name, item in question["kwargs"].items()}
            return {"value": self._encode(call(*args, **kwargs))}
        except Exception as error:
            return {"error": _described(error, traced=False)}

    def _value(self, answer: Body, may_stop: bool = False) -> Any:
        for stream, text in ((sys.stdout, answer.get("out")), (sys.stderr, answer.get("err"))):
            if type(text) is str and text:
                stream.write(text)
        try:
            return self.decoder.decode(_value_or_raise(answer))
        except StopIteration as stop:
            if may_stop:
                raise
            # It would end a loop of the tests in silence, as PEP 479 has it for generators.
            raise RuntimeError("the student's code raised StopIteration") from stop

    def _encode(self, value: Any) -> Any:
        return Encoder(self._refer).encode(value)

    def _refer(self, value: Any) -> Body:
        if type(value) is Proxy:
            return {"ref": reference_of(value)}
        if not callable(value):
            raise CannotCross(
                f"a value of type {type(value).__name__} cannot be given to a student's function"
            )
        self.callbacks.append(value)
        return {"callback": len(self.callbacks) - 1}

    def _resolve(self, data: Body) -> Any:
        if "callback" in data:
            return self.callbacks[int(data["callback"])]
        trusted = data.get("kind") in self.classes or data.get("name") in self.classes
        return Proxy(self, int(data["ref"]), str(data.get("kind")), str(data.get("name")), trusted)


_OPERATIONS: dict[str, Callable[..., Any]] = {
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


def _described(error: BaseException, traced: bool = True) -> Body:
    """The nearest built-in exception, its message and its traceback, as text."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    try:
        message = str(error)[:2000]
    except Exception:
        message = "(an error that cannot say what it is)"
    text = "".join(traceback.format_exception(error))[-4000:] if traced else ""
    return {"kind": kinds[0], "message": message, "traceback": text}


def _value_or_raise(answer: Body) -> Any:
    error = answer.get("error")
    if type(error) is not dict:
        return answer.get("value")
    kind = getattr(builtins, str(error.get("kind")), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception | KeyboardInterrupt)):
        kind = RuntimeError
    try:
        raised = kind(str(error.get("message")))
    except TypeError:  # a UnicodeError, say, wants five arguments
        raised = RuntimeError(f"{error.get('kind')}: {error.get('message')}")
    if error.get("traceback"):
        raised.add_note(f"In the student's code:\n{error['traceback']}")
    raise raised
