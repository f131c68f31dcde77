"""An assignment as its submissions are graded: what is asked, and how each test is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.trial.mark_rule import Flagged
from autograder.grading.trial.trial_plan import TrialPlan


@dataclass(frozen=True)
class Assigned:
    """All that a worker needs of an assignment: plain data, which can be pickled.

    `plans` are those of the tests by notebook. A notebook without one has every test isolated, and the
    isolated run decides alone (`wall = "always"`).
    """

    snapshot: Snapshot
    plans: Mapping[str, TrialPlan] = field(default_factory=dict)
    flagged: Flagged = Flagged.COUNT

    @cached_property
    def digest(self) -> str:
        """Hexadecimal digits; the same digest gives the same marks. Without plans it is the snapshot's."""
        if not self.plans:
            return self.snapshot.digest
        plans = {name: plan.to_json() for name, plan in self.plans.items()}
        text = json.dumps([self.snapshot.digest, plans, self.flagged], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
