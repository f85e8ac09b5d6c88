"""Benchmarks: a real unit of work, timed beside a named peer in the same run."""
