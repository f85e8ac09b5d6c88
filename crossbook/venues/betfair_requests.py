"""What Betfair's Exchange Stream API is told, and what its status messages mean.

One JSON message a line: authentication, then a market subscription. Codes and fields follow Betfair's developer
documentation (Exchange Stream API).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues._odds_pieces import shown
from crossbook.venues.asking import GOOD, Judgement, Reply
from crossbook.venues.decode import json_value

HOST: Final = "stream-api.betfair.com"
PORT: Final = 443
AUTHENTICATION: Final = 1
SUBSCRIPTION: Final = 2
"""The ids that the answers to our two requests carry."""
_FOOTBALL: Final = ("1",)
_FIELDS: Final = ("EX_MARKET_DEF", "EX_BEST_OFFERS")
_LADDER_LEVELS: Final = 3
_PASSING: Final = frozenset(
    {"TIMEOUT", "UNEXPECTED_ERROR", "CONNECTION_FAILED", "TOO_MANY_REQUESTS", "MAX_CONNECTION_LIMIT_EXCEEDED"}
)
_WRONG_KEY: Final = frozenset({"INVALID_APP_KEY", "NO_APP_KEY"})
_STATUS: Final = b'"status"'


class _Message(msgspec.Struct, frozen=True, rename="camel"):
    op: str = ""
    id: int | None = None
    status_code: str | None = None
    error_code: str | None = None
    error_message: str | None = None


def authentication(app_key: str, session: str) -> bytes:
    """The first request: who we are. It holds secrets; it is sent and never kept."""
    return _line({"op": "authentication", "id": AUTHENTICATION, "appKey": app_key, "session": session})


def subscription(
    *,
    event_types: Sequence[str] = (),
    market_types: Sequence[str] = (),
    countries: Sequence[str] = (),
    events: Sequence[str] = (),
    markets: Sequence[str] = (),
    heartbeat_ms: int = 5_000,
    conflate_ms: int = 0,
) -> bytes:
    """The second request: which markets, and how often Betfair says that it is still there.

    Without a choice of markets or events all football is asked for.
    """
    chosen = {
        "marketIds": markets,
        "eventIds": events,
        "eventTypeIds": event_types or (() if markets or events else _FOOTBALL),
        "marketTypes": market_types,
        "countryCodes": countries,
    }
    return _line(
        {
            "op": "marketSubscription",
            "id": SUBSCRIPTION,
            "heartbeatMs": heartbeat_ms,
            "conflateMs": conflate_ms,
            "segmentationEnabled": True,
            "marketFilter": {name: list(words) for name, words in chosen.items() if words},
            "marketDataFilter": {"fields": _FIELDS, "ladderLevels": _LADDER_LEVELS},
        }
    )


def judge(line: bytes) -> tuple[int | None, Judgement] | None:
    """What a status message says, with the id of the request it answers; None for all other messages."""
    if _STATUS not in line[:200]:
        return None
    try:
        message: _Message = json_value(line, _Message)
    except BadData:
        return None
    if message.op != "status":
        return None
    if message.status_code != "FAILURE" and not message.error_code:
        return message.id, GOOD
    code = message.error_code or "FAILURE"
    said = f"{code[:60]}: {shown(message.error_message or 'Betfair says no more')}"
    if code in _PASSING:
        return message.id, Judgement(Reply.RETRY, said)
    if code in _WRONG_KEY:
        return message.id, Judgement(Reply.WRONG_KEY, f"{said}; check the source's key, then start again")
    return message.id, Judgement(Reply.REFUSED, f"{said}; check the source's key, token and markets")


def _line(message: dict[str, object]) -> bytes:
    return msgspec.json.encode(message) + b"\r\n"
