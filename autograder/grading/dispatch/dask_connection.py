"""A Dask scheduler at an address: its workers, calls sent to one of them by name, answers as they come.

Dask runs in a thread of its own; here a call is a key, and its answer waits in a queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
import warnings
from collections.abc import Callable, Coroutine, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from autograder.core.errors import GradingError

if TYPE_CHECKING:
    from distributed import Client, Future

TIMEOUT = 30.0
"""Seconds that the scheduler may take to answer."""


class DaskConnection:
    """The client of one grader."""

    def __init__(self, address: str):
        """Connect. Raises GradingError where Dask is not installed or no scheduler answers."""
        try:
            import distributed
        except ImportError:
            raise GradingError(
                "--scheduler needs Dask, which is not installed. Run: pip install distributed"
            ) from None
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said here, in a line
        self.address = address
        self._futures: dict[str, Future[bytes]] = {}
        self._answers: SimpleQueue[tuple[str, object]] = SimpleQueue()
        self._names = (f"autograder-{secrets.token_hex(6)}-{number}" for number in itertools.count())
        try:
            # The options for tls:// come from Dask's configuration, as those of its workers do.
            self._client: Client = distributed.Client(
                address, timeout=TIMEOUT, set_as_default=False, heartbeat_interval="5s", name="autograder"
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise GradingError(
                f"no Dask scheduler answers at {address} ({reason}). Start one with: dask scheduler"
            ) from None

    def workers(self) -> set[str]:
        """The addresses of all workers that are there now. Raises whatever Dask does where it is gone."""
        scheduler = self._client.scheduler
        if scheduler is None:  # closed
            return set()
        return set(self._client.sync(scheduler.ncores, workers=None, callback_timeout=TIMEOUT))

    def send(self, worker: str, function: Callable[..., bytes], *given: object) -> str:
        """Call a function on the worker at this address; the key that its answer will have."""
        key = next(self._names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large submission is a large graph
            future = self._client.submit(function, *given, key=key, workers=[worker], pure=False)
        self._futures[key] = future
        self._in_loop(self._follow(key, future))
        return key

    def answers(self, patience: float) -> Iterator[tuple[str, object]]:
        """The next answer with its key, if one comes within `patience` seconds: bytes, or an exception."""
        with contextlib.suppress(Empty):
            key, answer = self._answers.get(timeout=patience)
            self._futures.pop(key, None)
            yield key, answer

    def cancel(self, keys: Iterable[str]) -> None:
        """Forget calls; an answer that is on its way may still come."""
        futures = [self._futures.pop(key) for key in keys if key in self._futures]
        if futures:
            self._in_loop(self._client.cancel(futures, asynchronous=True, force=True))

    def close(self) -> None:
        """Leave the cluster; its workers stay."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    async def _follow(self, key: str, future: Future[bytes]) -> None:
        answer: object
        try:
            answer = await self._client.gather(future, asynchronous=True)
        except BaseException as error:  # also its cancellation, which is no Exception
            answer = error
        self._answers.put((key, answer))

    def _in_loop(self, coroutine: Coroutine[object, object, object]) -> None:
        loop: asyncio.AbstractEventLoop = self._client.loop.asyncio_loop  # type: ignore[union-attr]
        asyncio.run_coroutine_threadsafe(coroutine, loop)
