"""A graded submission -> a learner's page."""
