"""Lesson text and values -> source/, release/ and sealed answers."""
