"""How a kernel without sockets publishes: its session and its two streams, as frames over a channel."""

# mypy: disable-error-code="misc,assignment,method-assign,union-attr,unused-ignore"
# ipykernel is untyped where its parts are replaced.

from __future__ import annotations

import base64
import contextvars
import fcntl
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from ipykernel.iostream import OutStream
from jupyter_client.session import Session, extract_header

from autograder.grading.rpc.channel import Frame


class PipeSession(Session):
    """Sends what a kernel publishes to `emit` instead of a socket."""

    emit: Callable[[Frame], None] = staticmethod(lambda frame: None)

    def msg(
        self, msg_type: Any, content: Any = None, parent: Any = None, header: Any = None, metadata: Any = None
    ) -> Any:
        """A message without the parts that only a network needs."""
        return {
            "header": {"msg_type": msg_type},
            "msg_type": msg_type,
            "parent_header": extract_header(parent) if parent else {},
            "content": content or {},
            "metadata": metadata or {},
        }

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        """Emit a message as a frame, after what was printed before it."""
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
        frame = {
            "type": "output",
            "kind": kind,
            "content": message["content"],
            "parent": message["parent_header"].get("msg_id"),
            "metadata": message.get("metadata") or {},
        }
        if buffers:
            frame["buffers"] = [base64.b64encode(bytes(buffer)).decode() for buffer in buffers]
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
        self._parent: dict[str, Any] = {}
        self._context: contextvars.ContextVar[dict[str, Any]] = contextvars.ContextVar("parent")
        self._last: str | None = None
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

    def set_parent(self, parent: dict[str, Any]) -> None:
        """From now on what is printed belongs to the request `parent`."""
        self._context.set(extract_header(parent))
        self._parent = extract_header(parent)
        self._last = self._parent.get("msg_id")

    @property
    def parent_header(self) -> dict[str, Any]:
        """The header of the request that this thread or task works for."""
        return self._context.get(self._parent)

    @property
    def closed(self) -> bool:  # type: ignore[override]
        """Never: student code may not close it for the others."""
        return False

    def close(self) -> None:
        """Stay open."""

    def isatty(self) -> bool:
        """No terminal."""
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
            parent = self.parent_header.get("msg_id")
            if parent != self._last:
                self.flush()
                self._last = parent
            self._parts.append(string)
            self._size += len(string)
            if self._size > self.FLUSH_AT:
                self.flush()
        return len(string)

    def writelines(self, lines: Any) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def writable(self) -> bool:
        """Yes."""
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
                content = {"name": self.name, "text": text}
                frame = {"type": "output", "kind": "stream", "content": content, "parent": self._last}
                type(self.session).emit(frame)

    _flush = flush
