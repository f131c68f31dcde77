"""Submissions with wrong answers that try to earn marks. See `corpus.CHEATS` and ../test_cheats.py."""
