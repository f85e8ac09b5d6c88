"""Replay: recordings through the very same pipeline, with a clock that the recording moves."""
