"""Readers, one file each, tested by replaying recorded input."""
