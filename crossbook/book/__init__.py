"""The latest quotes of an event over all venues."""
