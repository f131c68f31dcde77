"""The verbs of a learner."""
