"""An IPython kernel without sockets: outputs are those of the real kernel, as frames over a channel.

Built once in the fork server, used once in each forked child. The kernel is ipykernel's own; only its session
(which would send messages over ZeroMQ) and its two streams are replaced.
"""

# mypy: disable-error-code="misc,assignment,method-assign,union-attr,unused-ignore"
# ipykernel is untyped where its parts are replaced.

from __future__ import annotations

import ast
import asyncio
import builtins
import linecache
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.core.error import UsageError
from traitlets.config import Config

from autograder.grading.forkserver.kernel_streams import Emit, Header, PipeSession, PipeStream

# Code that a fresh kernel runs once before it is forked, so that no child pays for first times.
WARM_UP = (
    "1 + 1",
    "def f():\n    return 1 / 0\nf()",
    "raise ValueError('x')",
    "print(1)",
)
PLOT_WARM_UP = ("import matplotlib.pyplot as plt\nplt.subplots()[1].bar([1, 2], [3, 4])\nplt.show()",)


def constants_of(code: str) -> dict[str, object] | None:
    """The names and values of a cell that does nothing but give names constant values; else None."""
    found: dict[str, object] = {}
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
        self._pid = 0  # of the process that ran the first cell
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

    async def _execute(self, code: str) -> dict[str, object]:
        reply: dict[str, object] = await self.kernel.do_execute(
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

    def adopt(self, emit: Emit) -> asyncio.AbstractEventLoop:
        """Make this kernel the child's own: its streams, its event loop, its outputs to `emit`."""
        PipeSession.emit = staticmethod(emit)
        sys.stdout, sys.stderr = self.out, self.err
        self._pid = self._pid or os.getpid()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        type(self.kernel).io_loop = _Loop(loop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return loop

    def go_on_in_fork(self) -> None:
        """Make this process, a fork of the one that ran the cells before, publish what it prints itself.

        The names of its cells stay as they are, though they hold the number of the process.
        """
        from ipykernel import compiler

        self.out.own()
        self.err.own()
        folder = compiler.get_tmp_directory().rpartition("_")[0]
        compiler.get_tmp_directory = lambda: f"{folder}_{self._pid}"

    async def run_unseen(self, code: str) -> None:
        """Run a cell for the names that it sets, and publish nothing."""
        emit, PipeSession.emit = PipeSession.emit, staticmethod(lambda frame: None)
        try:
            await self._execute(code)
            self.flush()
        finally:
            PipeSession.emit = staticmethod(emit)

    async def run(self, id: str, code: str, count: int) -> dict[str, object]:
        """Run one cell.

        Args:
            id: What the frames call the cell.
            code: Its text.
            count: Its number.

        Returns:
            The frame that says how it ended.
        """
        header = {"msg_id": id, "msg_type": "execute_request", "session": "", "username": "", "date": None}
        parent: Header = {"header": header, "msg_id": id, "msg_type": "execute_request", "metadata": {}}
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

    def assign(
        self, id: str, code: str, count: int, constants: Mapping[str, object]
    ) -> dict[str, object] | None:
        """Run a cell that only gives names constant values.

        It has no output and cannot fail, so the kernel's machinery, which costs more than a fork's share of a
        notebook, would change nothing but the history.

        Args:
            id: What the frames call the cell.
            code: Its text.
            count: Its number.
            constants: The values by name.

        Returns:
            The frame that says that it is done; None where somebody hooked into the kernel: nothing was run.
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

    def forget(self, names: Mapping[str, object]) -> None:
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

    def add_callback(self, call: Callable[..., None], *args: object) -> None:
        """Run soon."""
        self.loop.call_soon_threadsafe(call, *args)

    def call_later(self, delay: float, call: Callable[..., None], *args: object) -> asyncio.TimerHandle:
        """Run in `delay` seconds."""
        return self.loop.call_later(delay, call, *args)

    def stop(self) -> None:
        """exit() in a cell does not stop grading."""
