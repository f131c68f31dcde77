"""Whatever a test is written like: honest work earns what nbgrader gives it."""
