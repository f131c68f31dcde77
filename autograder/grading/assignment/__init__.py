"""Plain data of an assignment and of marks, and the rules of scoring."""
