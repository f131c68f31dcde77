"""What the layers that both tiers have say of themselves."""

from __future__ import annotations

import platform

from autograder.grading.sandbox import landlock
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import Layer


def landlock_layer(version: int) -> Layer:
    """What Landlock does at this version."""
    if not version:
        return Layer(
            "landlock", False, "not in this kernel; Linux 5.13 or later with lsm=landlock,... has it"
        )
    scope = "files, TCP, signals" if version >= landlock.SCOPES_SIGNALS else "files"
    return Layer("landlock", True, f"ABI {version}: {scope}")


def seccomp_layer(on: bool) -> Layer:
    """What the filter does."""
    if not on:
        return Layer("seccomp", False, f"the filter is for x86-64, and this is {platform.machine()}")
    return Layer("seccomp", True, "no network sockets, mounts, tracing, namespaces, keys, kernel interfaces")


def limits_layer(limits: Limits) -> Layer:
    """What the resource limits are."""
    seconds = round(limits.notebook_seconds)
    return Layer(
        "limits", True, f"{limits.memory >> 20} MiB and {seconds} CPU seconds a process, no core files"
    )
