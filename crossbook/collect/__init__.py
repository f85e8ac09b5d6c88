"""Collect: asks venues and hands on what they say, frame by frame, for as long as it runs; it reads no prices."""

from crossbook.collect.collector import Collector
from crossbook.collect.health import Health, State
from crossbook.collect.sources import Source, source_of

__all__ = ["Collector", "Health", "Source", "State", "source_of"]
