"""Exceptions that cross the RPC boundary: as text, and raised again as the nearest built-in class."""

from __future__ import annotations

import builtins
import traceback

from autograder.grading.rpc.frames import Body

_LONGEST_MESSAGE = 2000
_LONGEST_TRACEBACK = 4000


def described(error: BaseException, traced: bool = True) -> Body:
    """Return the nearest built-in class, the message and, with `traced`, the traceback of an exception."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    try:
        message = str(error)[:_LONGEST_MESSAGE]
    except Exception:
        message = "(an error that cannot say what it is)"
    text = "".join(traceback.format_exception(error))[-_LONGEST_TRACEBACK:] if traced else ""
    return {"kind": kinds[0], "message": message, "traceback": text}


def value_or_raise(answer: Body) -> object:
    """Return the encoded value of an answer, or raise the exception that it describes.

    Only built-in exceptions are raised, and of those that are no Exception only KeyboardInterrupt.
    """
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
