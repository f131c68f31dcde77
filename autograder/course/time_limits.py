"""How long a cell of a lesson may run where course.toml does not say."""

from __future__ import annotations

DEFAULT = 60.0
"""Seconds that one cell, proof or mistake may take, unless course.toml says otherwise."""
