"""Tests of the roles of a lesson's cells."""
