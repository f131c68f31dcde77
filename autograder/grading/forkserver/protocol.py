"""What the fork server and its clients agree on."""

from __future__ import annotations

MESSAGE = 1 << 16
"""Bytes of the largest message between a worker and the fork server."""
