"""Files in tier 1: a read-only tree of system and Python folders is the root."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autograder.grading.sandbox import attacks, rootfs
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class ReadOnlyTree(Layer):
    """Makes the tree the root of the fork server, and so of every job. Mounted by `Namespaces`."""

    name = "files"

    def prepare(self, setup: Setup) -> None:
        """Enter the tree; whatever is outside has no path any more."""
        rootfs.enter(setup.tree)

    def describe(self) -> tuple[LayerReport, ...]:
        """What can be read."""
        words = "a read-only tree of system and Python folders, and nothing else"
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Look at the mounts, which Landlock does not hide, then at files and the sockets of services."""
        found: dict[str, Attack] = {
            "a root that can be written to": lambda: attacks.gets_through_if(
                not os.statvfs("/").f_flag & os.ST_RDONLY
            ),
            **attacks.on_files(outside),
        }
        if outside is not None:
            found["seeing a file outside"] = Path(outside.canary).stat
            found["the sockets of services"] = lambda: attacks.connect(f"{outside.folder}/socket")
        return found
