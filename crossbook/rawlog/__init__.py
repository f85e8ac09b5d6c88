"""The raw log: frames on disk before anybody has read them. `docs/raw-log.md` has the format, byte for byte."""

from crossbook.rawlog.reader import Batch, Info, Reading, frames, info, ticks
from crossbook.rawlog.record import Damage
from crossbook.rawlog.segments import retain, size
from crossbook.rawlog.writer import RawLog

__all__ = ["Batch", "Damage", "Info", "RawLog", "Reading", "frames", "info", "retain", "size", "ticks"]
