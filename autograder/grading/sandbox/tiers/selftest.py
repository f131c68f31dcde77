"""The attacks of all layers, tried from inside a job before a tier is used."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from autograder.grading.sandbox import environment
from autograder.grading.sandbox.attacks import Outside, gets_through_if, works
from autograder.grading.sandbox.layer import Layer


def attempts(layers: Iterable[Layer], outside: Outside | None) -> list[str]:
    """Try each forbidden thing from inside a job; what worked, with the layer that should have held it.

    In the order of the layers: an attack that changes what later ones mean is of the last layer.
    """
    found = ["inherited environment"] if works(_inherited) else []
    for layer in layers:
        for name, attack in layer.attacks(outside).items():
            if works(attack):
                found.append(f"{name} ({layer.name})")
    return found


def _inherited() -> None:
    """Is there more in the environment, or in what /proc shows of it, than a job is given."""
    shown = Path("/proc/self/environ").read_bytes().strip(b"\0")
    gets_through_if(bool(shown) or not set(os.environ) <= set(environment.environment("")))
