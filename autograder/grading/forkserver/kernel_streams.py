"""How a kernel without sockets publishes: its session and its two streams, as frames over a channel."""

# mypy: disable-error-code="misc,assignment,method-assign,override,union-attr,unused-ignore"
# ipykernel is untyped where its parts are replaced.

from __future__ import annotations

import contextvars
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TypedDict

from ipykernel.iostream import OutStream
from jupyter_client.session import Session, extract_header

from autograder.grading.rpc.frames import Body, OutputFrame

Emit = Callable[[Mapping[str, object]], None]
"""Takes a frame that goes to the worker."""
Header = dict[str, object]
"""Of the request that a message answers: jupyter's, of which only `msg_id` is used here."""


class Message(TypedDict):
    """What is used here of one of jupyter's messages."""

    header: Header
    msg_type: str
    parent_header: Header
    content: Body
    metadata: object


def id_of(header: Header) -> str:
    """Return the id of the request, '' where there is none."""
    return str(header.get("msg_id") or "")


class PipeSession(Session):
    """Sends what a kernel publishes to `emit` instead of a socket."""

    emit: Emit = staticmethod(lambda frame: None)

    def msg(
        self,
        msg_type: str,
        content: Body | None = None,
        parent: Header | None = None,
        header: object = None,
        metadata: object = None,
    ) -> Message:
        """A message without the parts that only a network needs. Args as in jupyter_client."""
        return {
            "header": {"msg_type": msg_type},
            "msg_type": msg_type,
            "parent_header": extract_header(parent) if parent else {},
            "content": content or {},
            "metadata": metadata or {},
        }

    def send(
        self,
        stream: object,
        msg_or_type: Message | str,
        content: Body | None = None,
        parent: Header | None = None,
        ident: object = None,
        buffers: object = None,
        track: bool = False,
        header: object = None,
        metadata: object = None,
    ) -> Message:
        """Emit a message as a frame, after what was printed before it. Args as in jupyter_client."""
        message = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(msg_or_type, content, parent, metadata=metadata)
        )
        kind = message["msg_type"]
        if kind in ("status", "execute_input"):
            return message
        if kind != "stream":
            for printed in (sys.stdout, sys.stderr):
                if isinstance(printed, PipeStream):
                    printed.flush()
        frame: OutputFrame = {
            "type": "output",
            "kind": kind,
            "content": message["content"],
            "parent": id_of(message["parent_header"]),
        }
        type(self).emit(frame)
        return message


class PipeStream(OutStream):
    """sys.stdout or sys.stderr of a child; also carries what is written to the descriptor itself."""

    FLUSH_AT = 1 << 16

    def __init__(self, session: PipeSession, name: str, descriptor: int):
        # OutStream's own constructor would start threads; what is used of it is set here.
        self.session = session
        self.name = name
        self.descriptor = descriptor
        self.pub_thread = self
        self.echo = None
        self._isatty = False
        self._parts: list[str] = []
        self._size = 0
        self._lock = threading.RLock()
        self._parent: Header = {}
        self._context: contextvars.ContextVar[Header] = contextvars.ContextVar("parent")
        self._last = ""
        self._owner = os.getpid()
        self._memory = -1
        self._read = 0

    def capture(self) -> int:
        """Redirect the descriptor into an anonymous file, whose own is returned; once in the child."""
        self._owner = os.getpid()
        self._memory = os.memfd_create(f"captured-{self.name}")
        fcntl.fcntl(self._memory, fcntl.F_SETFL, os.O_APPEND)
        os.dup2(self._memory, self.descriptor, inheritable=True)
        return self._memory

    def own(self) -> None:
        """Publish what this process prints from now on: it is a fork of the one that printed before."""
        self._owner = os.getpid()
        self._parts, self._size = [], 0
        if self._memory >= 0:
            self._read = os.fstat(self._memory).st_size

    def set_parent(self, parent: Header) -> None:
        """From now on what is printed belongs to the request `parent`."""
        self._context.set(extract_header(parent))
        self._parent = extract_header(parent)
        self._last = id_of(self._parent)

    @property
    def parent_header(self) -> Header:
        """The header of the request that this thread or task works for."""
        return self._context.get(self._parent)

    @property
    def closed(self) -> bool:  # type: ignore[override]
        """Always False: student code may not close it for the others."""
        return False

    def close(self) -> None:
        """Stay open."""

    def isatty(self) -> bool:
        """Always False."""
        return False

    def fileno(self) -> int:
        """The descriptor that child processes inherit."""
        return self.descriptor

    def write(self, string: str) -> int:
        """Collect text; a process forked by student code writes to the descriptor."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string)}")
        if os.getpid() != self._owner:
            os.write(self.descriptor, string.encode(errors="replace"))
            return len(string)
        with self._lock:
            parent = id_of(self.parent_header)
            if parent != self._last:
                self.flush()
                self._last = parent
            self._parts.append(string)
            self._size += len(string)
            if self._size > self.FLUSH_AT:
                self.flush()
        return len(string)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def writable(self) -> bool:
        """Always True."""
        return True

    def flush(self) -> None:
        """Emit what was collected."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            if self._memory >= 0:
                size = os.fstat(self._memory).st_size
                if size > self._read:
                    data = os.pread(self._memory, min(size - self._read, 1 << 20), self._read)
                    self._read += len(data)
                    self._parts.append(data.decode(errors="replace"))
            if self._parts:
                text, self._parts, self._size = "".join(self._parts), [], 0
                frame: OutputFrame = {
                    "type": "output",
                    "kind": "stream",
                    "content": {"name": self.name, "text": text},
                    "parent": self._last,
                }
                type(self.session).emit(frame)

    _flush = flush
