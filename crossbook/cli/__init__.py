"""The command line: a door, with nothing of its own to decide."""
