"""What a venue has to be asked, as plain values: transport and collectors know no venue's words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

SECRET_FIELDS: Final = frozenset(
    {"apikey", "api_key", "appkey", "key", "token", "session", "password", "secret"}
)
"""Names, in small letters, whose values are never shown."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One address to be asked by GET: a path below the source's own address, and the fields of its query."""

    path: str
    query: tuple[tuple[str, str], ...] = ()


class Reply(StrEnum):
    """What an answer means for whoever asked."""

    GOOD = "good"
    RETRY = "retry"
    """Ask again later."""
    REFUSED = "refused"
    """Not as we ask now: ask again after a good while, for the venue, or a person, may have changed something."""
    WRONG_KEY = "wrong_key"
    """The venue names our key as wrong: asking again is of no use until a person has changed it."""


class Judgement(msgspec.Struct, frozen=True):
    """An answer's meaning, why, and how long at least to wait before the next question (seconds)."""

    reply: Reply
    reason: str = ""
    wait_s: float = 0


GOOD: Final = Judgement(Reply.GOOD)
