"""One layer of the sandbox, as reports show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One way in which jobs are held.

    detail: what it does, or why it is off and what would turn it on
    """

    name: str
    on: bool
    detail: str
