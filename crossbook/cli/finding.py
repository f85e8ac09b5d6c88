"""What a check of `crossbook doctor` found."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

State = Literal["ok", "warning", "problem"]
OK: Final = "ok"
WARNING: Final = "warning"
PROBLEM: Final = "problem"


class Finding(msgspec.Struct, frozen=True):
    """One check's name, how it went, what was seen, and what to do about it."""

    name: str
    state: State
    says: str
    remedy: str = ""
