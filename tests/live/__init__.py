"""The whole of Crossbook, run as a person runs it."""
