"""Puts a forked process behind the walls of the best tier that this machine has."""
