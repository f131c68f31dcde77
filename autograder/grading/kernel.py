"""An IPython kernel without sockets: outputs are those of the real kernel, as frames over a channel.

Built once in the zygote, used once in each forked child. The kernel is ipykernel's own; only its session
(which would send messages over ZeroMQ) and its two streams are replaced.
"""

# mypy: disable-error-code="misc,assignment,method-assign,union-attr,unused-ignore"
# ipykernel is untyped where its parts are replaced.

from __future__ import annotations

import ast
import asyncio
import base64
import builtins
import contextvars
import fcntl
import linecache
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from IPython.core.error import UsageError
from jupyter_client.session import Session, extract_header
from traitlets.config import Config

from autograder.grading.channel import Frame

# Code that a fresh kernel runs once before it is forked, so that no child pays for first times.
WARM_UP = (
    "1 + 1",
    "def f():\n    return 1 / 0\nf()",
    "raise ValueError('x')",
    "print(1)",
)
PLOT_WARM_UP = ("import matplotlib.pyplot as plt\nplt.subplots()[1].bar([1, 2], [3, 4])\nplt.show()",)


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


def constants_of(code: str) -> dict[str, Any] | None:
    """The names and values of a cell that does nothing but give names constant values; else None."""
    found: dict[str, Any] = {}
    try:
        for node in ast.parse(code).body:
            if not isinstance(node, ast.Assign):
                return None
            value = ast.literal_eval(node.value)
            for target in node.targets:
                if not isinstance(target, ast.Name):
                    return None
                found[target.id] = value
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found


class _NoSubshells:
    parent_thread = threading.main_thread()
    manager = None


class Kernel:
    """The kernel, and how one cell is run in it."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        session = PipeSession()
        log = logging.getLogger("autograder.kernel")
        log.setLevel(logging.CRITICAL)
        self.kernel: Any = IPythonKernel.instance(
            session=session, iopub_socket=object(), config=config, log=log
        )
        type(self.kernel).shell_channel_thread = _NoSubshells()
        type(self.kernel)._supports_kernel_subshells = False
        self.shell: Any = self.kernel.shell
        self.shell.enable_gui = self._enable_gui
        self._transform = self.shell.transform_cell
        self.shell.transform_cell = self._transformed
        self._events = {name: len(calls) for name, calls in self.shell.events.callbacks.items()}
        self._cleanups = len(self.shell.input_transformers_cleanup)
        if "" not in sys.path:
            sys.path.insert(0, "")
        self.out = PipeStream(session, "stdout", 1)
        self.err = PipeStream(session, "stderr", 2)

    def _enable_gui(self, gui: str | None = None) -> None:
        if gui not in (None, "inline", "agg", "asyncio"):
            raise UsageError("GUI event loops are not available when grading")
        self.shell.active_eventloop = gui

    def _transformed(self, code: str) -> str:
        """IPython's transformation of a cell. Plain Python, which it would not change, is not tokenized."""
        plain = not any(mark in code for mark in "%!?") and code[:1] not in " \t\n"
        if plain and not self.shell.input_transformers_post and not self.shell.input_transformers_cleanup[4:]:
            try:
                ast.parse(code)
                return code if code.endswith("\n") else code + "\n"
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
        transformed: str = self._transform(code)
        return transformed

    def warm_up(self) -> None:
        """Run a few cells once, then forget them."""
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.out, self.err
        try:
            plots = PLOT_WARM_UP if "matplotlib.pyplot" in sys.modules else ()
            asyncio.run(self._run_all((*WARM_UP, *plots)))
            self.flush()  # to nobody
        finally:
            sys.stdout, sys.stderr = streams
        self.shell.reset(new_session=True, aggressive=False)
        self.shell.execution_count = 1
        for name in ("_", "__", "___"):
            self.shell.user_ns.pop(name, None)
        if hasattr(builtins, "_"):
            del builtins._
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            if hasattr(sys, name):
                delattr(sys, name)
        linecache.clearcache()

    async def _run_all(self, cells: tuple[str, ...]) -> None:
        for code in cells:
            await self._execute(code)

    async def _execute(self, code: str) -> dict[str, Any]:
        reply: dict[str, Any] = await self.kernel.do_execute(
            code,
            False,
            store_history=True,
            user_expressions={},
            allow_stdin=False,
            cell_meta={},
            cell_id=None,
        )
        return reply

    def capture(self) -> tuple[int, int]:
        """Catch what is written to descriptors 1 and 2; returns two more descriptors to keep open."""
        return self.out.capture(), self.err.capture()

    def adopt(self, emit: Callable[[Frame], None]) -> asyncio.AbstractEventLoop:
        """Make this kernel the child's own: its streams, its event loop, its outputs to `emit`."""
        PipeSession.emit = staticmethod(emit)
        sys.stdout, sys.stderr = self.out, self.err
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        type(self.kernel).io_loop = _Loop(loop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return loop

    async def run(self, id: str, code: str, count: int) -> Frame:
        """Run one cell as number `count`; returns the frame that says how it ended."""
        header = {"msg_id": id, "msg_type": "execute_request", "session": "", "username": "", "date": None}
        parent = {"header": header, "msg_id": id, "msg_type": "execute_request", "metadata": {}}
        parent["content"] = {"code": code}
        self.kernel.set_parent([b""], parent, "shell")
        self.out.set_parent(parent)
        self.err.set_parent(parent)
        self.shell.execution_count = count
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            reply = await self._execute(code)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.flush()
        await asyncio.sleep(0)  # tasks that are ready go on, as they do in an idle kernel
        self.shell.exit_now = False
        keys = ("status", "ename", "evalue", "traceback", "execution_count")
        return {"type": "done", "id": id, "reply": {key: reply.get(key) for key in keys}}

    def assign(self, id: str, code: str, count: int, constants: dict[str, Any]) -> Frame | None:
        """Run a cell that only gives names constant values; None where somebody hooked into the kernel.

        It has no output and cannot fail, so the kernel's machinery, which costs more than a fork's
        share of a notebook, would change nothing but the history.
        """
        shell = self.shell
        events = {name: len(calls) for name, calls in shell.events.callbacks.items()}
        if events != self._events or shell.ast_transformers or shell.input_transformers_post:
            return None
        if len(shell.input_transformers_cleanup) != self._cleanups or type(shell.user_ns) is not dict:
            return None
        shell.history_manager.store_inputs(count, code, code)
        shell.user_ns.update(constants)
        shell.execution_count = count + 1
        reply = {"status": "ok", "ename": None, "evalue": None, "traceback": None, "execution_count": count}
        return {"type": "done", "id": id, "reply": reply}

    def forget(self, names: dict[str, Any]) -> None:
        """Go back to `names` and to an empty history, after a cell that only compared."""
        self.shell.history_manager.reset(new_session=False)
        self.shell.user_ns.clear()
        self.shell.user_ns.update(names)

    def flush(self) -> None:
        """Emit what was printed."""
        self.out.flush()
        self.err.flush()


class _Loop:
    """What ipykernel needs of tornado's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.loop = loop

    def add_callback(self, call: Callable[..., None], *args: Any) -> None:
        """Run soon."""
        self.loop.call_soon_threadsafe(call, *args)

    def call_later(self, delay: float, call: Callable[..., None], *args: Any) -> Any:
        """Run in `delay` seconds."""
        return self.loop.call_later(delay, call, *args)

    def stop(self) -> None:
        """exit() in a cell does not stop grading."""
