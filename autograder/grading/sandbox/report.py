"""What the sandbox says about itself."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

_TITLES = {
    1: "behind every wall",
    2: "no namespaces: Landlock, system call filter and limits hold",
    3: "NO WALLS: student code can do what you can do",
}

# Switches of Linux systems that keep ordinary users from namespaces: file, value, how to turn it.
_SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
)
_CONTAINER = (
    "In a container: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)


class ReportJson(TypedDict):
    """A report as JSON values."""

    tier: int
    layers: list[dict[str, str | bool]]


@dataclass(frozen=True)
class LayerReport:
    """What a layer says of itself; `name` is its own, or that of a tier that could not be had.

    detail: what it does, or why it is off and what would turn it on
    """

    name: str
    on: bool
    detail: str


@dataclass(frozen=True)
class Report:
    """Which tier holds, layer by layer, and for each better tier why it does not."""

    tier: int
    layers: tuple[LayerReport, ...]

    def to_json(self) -> ReportJson:
        """The report as JSON values that `from_json` reads."""
        return {"tier": self.tier, "layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, data: ReportJson) -> Report:
        """The report that `to_json` made."""
        layers = (
            LayerReport(str(layer["name"]), bool(layer["on"]), str(layer["detail"]))
            for layer in data["layers"]
        )
        return cls(data["tier"], tuple(layers))


def doctor_lines(report: Report) -> list[str]:
    """The report for people: the tier, then each layer, on or off."""
    width = max((len(layer.name) for layer in report.layers), default=0)
    lines = [f"Sandbox: tier {report.tier} of 3, {_TITLES[report.tier]}"]
    for layer in report.layers:
        lines.append(f"  {'on ' if layer.on else 'off'}  {layer.name:<{width}}  {layer.detail}")
    return lines


def refused(tier: int, reason: str) -> LayerReport:
    """A tier that could not be had, and what would bring it back as far as this machine tells."""
    return LayerReport(f"tier {tier}", False, f"{reason}. {_remedy(tier)}".strip())


def _remedy(tier: int) -> str:
    if tier != 1 or sys.platform != "linux":
        return ""
    for name, bad, setting in _SWITCHES:
        with suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == bad:
                return f"As root: sysctl {setting}"
    return _CONTAINER
