"""nbgrader's course folder and database: the only reader and writer."""
