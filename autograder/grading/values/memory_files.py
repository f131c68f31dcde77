"""Large arrays in files that live in memory and that nobody can change any more.

A file is sealed before it is sent. Of one that is not, the other process could change an array after it was
judged, or cut it short, which ends the reader by SIGBUS.
"""

from __future__ import annotations

import fcntl
import mmap
import os

from autograder.grading.values.budget import CannotCross

LEAST_BYTES = 1 << 20
"""Smaller arrays cross in the message itself."""
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


def sealed(data: memoryview) -> int:
    """Return the descriptor of a new sealed file with these bytes; the caller closes it."""
    fd = os.memfd_create("value", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        left = data.cast("B")
        while left:
            left = left[os.write(fd, left) :]
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd


def mapped(fd: int, length: int) -> memoryview:
    """The bytes of a sealed file of that length, in a private copy that is made page by page when written to.

    The descriptor may be closed afterwards. Raises CannotCross for any other file.
    """
    try:
        seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError:  # a file on a disk, a pipe, a socket
        raise CannotCross("not a memory file") from None
    if seals & _SEALS != _SEALS:
        raise CannotCross("a memory file that is not sealed")
    if os.fstat(fd).st_size != length:
        raise CannotCross("a memory file of another length")
    return memoryview(mmap.mmap(fd, length, access=mmap.ACCESS_COPY))
