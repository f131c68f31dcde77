"""Length-prefixed JSON frames over a socket: how the worker talks to the children that it had forked."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Mapping

LARGEST = 32 << 20
"""No frame is longer, in bytes. A child that announces more is cut off."""

_MOST_CORKED = 1 << 16

Frame = dict[str, object]
"""A frame as it was received: JSON, and nothing is known of its keys (see `frames.checked`)."""


class Broken(Exception):
    """The other side is gone, or does not speak the protocol."""


class Channel:
    """One end of a stream socket. `receive` takes a deadline.

    With `patient`, `send` never waits: what the other side does not take yet is kept, and `flush` sends
    it on. So a child that does not read holds nobody up.
    """

    def __init__(self, sock: socket.socket, patient: bool = False):
        self.socket = sock
        self.patient = patient
        self.corked = False
        self._buffer = bytearray()
        self.unsent = bytearray()

    def send(self, frame: Mapping[str, object]) -> None:
        """Send one frame. Raises Broken."""
        data = json.dumps(frame, default=str).encode("utf-8", "surrogatepass")
        message = struct.pack("<I", len(data)) + data
        self.unsent += message
        if self.patient:
            self.flush()
        elif not self.corked or len(self.unsent) > _MOST_CORKED:
            self.uncork()

    def uncork(self) -> None:
        """Send what was kept while `corked`, and wait until it is taken. Raises Broken."""
        self.corked = False
        data, self.unsent = self.unsent, bytearray()
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Broken(str(error)) from None

    def has_more(self) -> bool:
        """Whether something to receive is there already."""
        return len(self._buffer) > 0 or bool(select.select([self.socket], [], [], 0)[0])

    def flush(self) -> None:
        """Send what is kept, as far as the other side takes it now. Raises Broken."""
        try:
            while self.unsent:
                sent = self.socket.send(self.unsent, socket.MSG_DONTWAIT)
                del self.unsent[:sent]
        except BlockingIOError:
            return
        except OSError as error:
            raise Broken(str(error)) from None

    def receive(self, deadline: float | None = None) -> Frame:
        """The next frame; `deadline` is on the monotonic clock. Raises TimeoutError or Broken."""
        while True:
            frame = self.buffered()
            if frame is not None:
                return frame
            self._wait(deadline)
            self.fill()

    def buffered(self) -> Frame | None:
        """A frame that has already arrived whole, or None. Raises Broken."""
        if len(self._buffer) < 4:
            return None
        (length,) = struct.unpack_from("<I", self._buffer)
        if length > LARGEST:
            raise Broken("a frame larger than any answer")
        if len(self._buffer) < 4 + length:
            return None
        data = bytes(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            raise Broken("a frame that is no JSON") from None
        if type(frame) is not dict:
            raise Broken("a frame that is no object")
        return frame

    def fill(self) -> None:
        """Read what has arrived. Raises Broken at the end of the stream."""
        try:
            data = self.socket.recv(1 << 18)
        except OSError as error:
            raise Broken(str(error)) from None
        if not data:
            raise Broken("closed")
        self._buffer += data

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            return
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.socket], [], [], left)[0]:
            raise TimeoutError

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
