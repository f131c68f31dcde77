"""The layers of each tier, in the order in which they are prepared and applied, and why in this order.

A new layer is a file in `layers/` and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.grading.sandbox.layer import Absent, Layer
from autograder.grading.sandbox.layers.job_folder import JobFolder
from autograder.grading.sandbox.layers.landlock_layer import Landlock
from autograder.grading.sandbox.layers.namespaces import Namespaces
from autograder.grading.sandbox.layers.orphan_sweep import OrphanSweep
from autograder.grading.sandbox.layers.own_disk import OwnDisk
from autograder.grading.sandbox.layers.own_user import OwnUser
from autograder.grading.sandbox.layers.privileges import Privileges
from autograder.grading.sandbox.layers.process_namespace import ProcessNamespace
from autograder.grading.sandbox.layers.read_only_tree import ReadOnlyTree
from autograder.grading.sandbox.layers.resource_limits import ResourceLimits
from autograder.grading.sandbox.layers.seccomp_layer import Seccomp
from autograder.grading.sandbox.layers.user_namespace import UserNamespace


def behind_namespaces() -> tuple[Layer, ...]:
    """Tier 1. What takes a right away comes after all that needs it."""
    return (
        # All mounts come before the user namespace, since they need its owner's rights. ProcessNamespace is
        # prepared in the new root, whose /proc is the first that knows the fork server's number.
        Namespaces(),
        ReadOnlyTree(),
        ProcessNamespace(),
        OwnDisk(),
        UserNamespace(),
        # Once the kernel counts processes by the new namespace, and while there is still a right to the rest.
        ResourceLimits(),
        # After unshare and mount, which need capabilities; before what a job without any may not call
        # unless it has "no new privileges": Landlock and seccomp.
        Privileges(),
        # Opens files of the job's own, which its mounts must have made, by calls that seccomp lets through.
        Landlock(behind_tree=True, optional=True),
        # Last: it refuses unshare, mount, setuid and capset, which the layers above call.
        Seccomp(behind_namespaces=True, optional=True),
    )


def without_namespaces() -> tuple[Layer, ...]:
    """Tier 2, usual in containers: Landlock and seccomp hold alone, so neither is optional."""
    return (
        # The grader makes the folder in a place of its own; then it is given to the job's user.
        JobFolder(),
        OwnUser(),
        # A change of user makes the kernel forget that the job is to die with the fork server.
        OrphanSweep("no process namespace: orphans are found and ended, processes of others can be listed"),
        ResourceLimits(),
        Privileges(),
        # Both look at what OwnUser says: a filter guards signals where neither a user nor Landlock does.
        Landlock(behind_tree=False),
        Seccomp(behind_namespaces=False),
    )


def unprotected() -> tuple[Layer, ...]:
    """Tier 3: nothing but limits and a temporary folder; on any system but Windows."""
    return (
        Absent("files", "everything is open"),
        JobFolder(),
        Absent("users", "jobs run as you; graded as root, each would be a user of its own"),
        OrphanSweep("orphans are looked for and ended when a job is over"),
        ResourceLimits(),
        Absent("privileges", "jobs can do what you can do"),
        Absent("landlock", "not used in this tier"),
        Absent("seccomp", "not used in this tier"),
    )


TIERS: Mapping[int, Callable[[], tuple[Layer, ...]]] = {
    1: behind_namespaces,
    2: without_namespaces,
    3: unprotected,
}
"""By tier what makes its layers anew: they keep descriptors of the fork server that prepared them."""
