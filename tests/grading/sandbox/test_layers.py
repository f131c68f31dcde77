"""A layer is one file and a row of its tier, and each layer has an attack that finds it missing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.layer import Layer
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.tiers import tier_layers
from autograder.grading.sandbox.tiers.confinement import trial

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
    pytest.mark.skipif(sys.platform == "linux" and os.getuid() != 0, reason="needs root for every layer"),
]

PACKAGE = Path(autograder.__file__).parent
READABLE = (str(PACKAGE), sys.prefix, sys.base_prefix)
HOLES = {
    (1, "namespaces"): "the fork server's mounts (namespaces)",
    (1, "processes"): "other processes (processes)",
    (1, "users"): "the fork server's user namespace (users)",
    (1, "limits"): "memory (limits)",
    (1, "privileges"): "capabilities (privileges)",
    (1, "landlock"): "listing the root (landlock)",
    (1, "seccomp"): "network sockets (seccomp)",
    (2, "users"): "being the grader's user (users)",
    (2, "processes"): "outliving the fork server (processes)",
    (2, "limits"): "memory (limits)",
    (2, "landlock"): "listing the root (landlock)",
    (2, "seccomp"): "network sockets (seccomp)",
}
"""By tier and layer what gets through where the layer does nothing in a job."""
OTHERWISE = {(1, "files"), (1, "disk"), (2, "privileges"), (2, "disk")}
"""Without these no job starts, or they claim nothing; tests of their own."""

NEW = '''"""Host name: a job does not learn what the machine is called."""

import os
import socket
from collections.abc import Mapping

from autograder.grading.sandbox import attacks
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class HostName(Layer):
    """Another name in the job."""

    name = "host name"

    def prepare(self, setup: Setup) -> None:
        """Remember the machine's."""
        self._machines = os.uname().nodename

    def apply(self, job: Job) -> None:
        """Be called otherwise."""
        socket.sethostname("student")

    def describe(self) -> tuple[LayerReport, ...]:
        """What a job sees."""
        return (LayerReport(self.name, True, "every machine is called student"),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Ask for the name."""
        return {"the machine's name": lambda: attacks.gets_through_if(os.uname().nodename == self._machines)}
'''


@pytest.fixture(scope="module", autouse=True)
def usable() -> None:
    """Skip where this machine has not both tiers; a hole is no reason to skip."""
    for tier in (1, 2):
        reason = trial(tier, Limits(), READABLE)
        if "got through" in reason:
            pytest.fail(reason)
        if reason:
            pytest.skip(f"tier {tier}: {reason}")


def test_every_layer_is_tried_here() -> None:
    layers = {(tier, layer.name) for tier in (1, 2) for layer in tier_layers.TIERS[tier]()}
    assert layers == set(HOLES) | OTHERWISE


@pytest.mark.parametrize(("tier", "name"), HOLES)
def test_a_layer_that_does_nothing_is_found_by_its_own_attack(
    tier: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tier_layers.TIERS, tier, with_idle(tier_layers.TIERS[tier], name))
    assert HOLES[tier, name] in trial(tier, Limits(), READABLE)


def with_idle(tuple_of: Callable[[], tuple[Layer, ...]], name: str) -> Callable[[], tuple[Layer, ...]]:
    """A tier of which one layer does nothing around a job."""

    def made() -> tuple[Layer, ...]:
        layers = tuple_of()
        (layer,) = (layer for layer in layers if layer.name == name)
        for hook in ("before_fork", "after_fork", "apply"):
            setattr(layer, hook, lambda *_: None)
        return layers

    return made


def test_a_tree_that_can_be_written_to_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mount = sys_.mount

    def writable(
        source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
    ) -> None:
        mount(source, target, kind, flags & ~sys_.MS_RDONLY, data)

    monkeypatch.setattr(sys_, "mount", writable)
    assert "a root that can be written to (files)" in trial(1, Limits(), READABLE)


def test_a_disk_without_a_size_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mount = sys_.mount

    def endless(
        source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
    ) -> None:
        mount(source, target, kind, flags, data and data.replace("size=", "size=9"))

    monkeypatch.setattr(sys_, "mount", endless)
    assert "disk without a limit (disk)" in trial(1, Limits(), READABLE)


def test_no_job_starts_without_a_folder_or_without_what_landlock_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(tier_layers.TIERS, 1, with_idle(tier_layers.behind_namespaces, "disk"))
    assert "no layer made a folder for the job" in trial(1, Limits(), READABLE)
    monkeypatch.setitem(tier_layers.TIERS, 2, with_idle(tier_layers.without_namespaces, "privileges"))
    assert "landlock_restrict_self" in trial(2, Limits(), READABLE)


@pytest.mark.parametrize(
    ("tier", "early", "late", "said"),
    [
        (1, "users", "namespaces", "mount proc on /proc"),
        (1, "seccomp", "users", "unshare"),
        (2, "processes", "users", "outliving the fork server (processes)"),
        (2, "landlock", "privileges", "landlock_restrict_self"),
        (2, "seccomp", "users", "Operation not permitted"),
    ],
)
def test_another_order_is_no_sandbox(
    tier: int, early: str, late: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reasons that stand beside the rows: `early` must not come before `late`."""

    def made() -> tuple[Layer, ...]:
        layers = list(tuple_of())
        (moved,) = (layer for layer in layers if layer.name == early)
        layers.remove(moved)
        layers.insert([layer.name for layer in layers].index(late), moved)
        return tuple(layers)

    tuple_of = tier_layers.TIERS[tier]
    monkeypatch.setitem(tier_layers.TIERS, tier, made)
    assert said in trial(tier, Limits(), READABLE)


def test_a_new_layer_is_one_file_and_a_row(tmp_path: Path) -> None:
    """In a copy of the package: `doctor` says its words, and the self-test runs its attack."""
    copy = tmp_path / "autograder"
    shutil.copytree(PACKAGE, copy)  # with its bytecode, which is quicker
    new = copy / "grading" / "sandbox" / "layers" / "host_name.py"
    new.write_text(NEW, encoding="utf-8")
    table = copy / Path(tier_layers.__file__).relative_to(PACKAGE)
    source = table.read_text(encoding="utf-8")
    for old, row in (
        (
            "from autograder.grading.sandbox.layers.job_folder",
            "from autograder.grading.sandbox.layers.host_name import HostName\n",
        ),
        ("        ReadOnlyTree(),", "        HostName(),\n"),
    ):
        assert source.count(old) == 1
        source = source.replace(old, row + old)
    table.write_text(source, encoding="utf-8")
    said = said_by(tmp_path, "-m", "autograder", "doctor")
    assert "  on   host name   every machine is called student\n" in said
    assert said.index("namespaces ") < said.index("host name ") < said.index("files ")
    attack = (
        "from autograder.grading.sandbox.limits import Limits\n"
        "from autograder.grading.sandbox.tiers.confinement import trial\n"
        f"print(trial(1, Limits(), {READABLE}))"
    )
    assert said_by(tmp_path, "-c", attack) == "\n"
    new.write_text(NEW.replace('socket.sethostname("student")', "pass"), encoding="utf-8")
    assert "the machine's name (host name)" in said_by(tmp_path, "-c", attack)


def said_by(folder: Path, *arguments: str) -> str:
    """What the package in a folder prints."""
    command = [sys.executable, "-P", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
