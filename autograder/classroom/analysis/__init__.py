"""What a graded class tells: items, misconceptions, early alerts, similarity."""
