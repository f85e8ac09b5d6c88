"""What The Odds API (version 4) is asked, and what its answers' status means.

https://the-odds-api.com/liveapi/guides/v4/ names the paths, the error codes and the headers that count credits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues._odds_pieces import shown
from crossbook.venues.asking import GOOD, Judgement, Question, Reply
from crossbook.venues.decode import json_value

ADDRESS: Final = "https://api.the-odds-api.com"
ODDS_FORMAT: Final = "decimal"
_WRONG_KEY: Final = frozenset({"INVALID_KEY", "MISSING_KEY"})
_SPENT: Final = "OUT_OF_USAGE_CREDITS"
_SPENT_WAIT_S: Final = 3_600.0
_REMAINING: Final = "x-requests-remaining"


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    error_code: str = ""


def odds(
    sport: str, key: str, *, regions: Sequence[str], markets: Sequence[str], bookmakers: Sequence[str] = ()
) -> Question:
    """The question for all odds of one sport; `bookmakers`, where given, stand in for regions."""
    places = ("bookmakers", ",".join(bookmakers)) if bookmakers else ("regions", ",".join(regions))
    return Question(
        path=f"/v4/sports/{sport}/odds",
        query=(
            ("apiKey", key),
            places,
            ("markets", ",".join(markets)),
            ("oddsFormat", ODDS_FORMAT),
            ("dateFormat", "iso"),
        ),
    )


def judge(status: int, body: bytes) -> Judgement:
    """What an answer means. The service says 401 both for a wrong key and for a month's credits being spent."""
    if status == 200:
        return GOOD
    try:
        error: _Error = json_value(body, _Error)
    except BadData:
        error = _Error()
    said = f"status {status}" + (f", {error.error_code[:60]}" if error.error_code else "")
    said += f": {shown(error.message)}" if error.message else ""
    if error.error_code == _SPENT:
        return Judgement(Reply.RETRY, said, _SPENT_WAIT_S)
    if status == 429 or status >= 500 or status == 408:
        return Judgement(Reply.RETRY, said)
    if error.error_code in _WRONG_KEY:
        return Judgement(Reply.WRONG_KEY, f"{said}; check the source's key, then start again")
    if status in (401, 403):
        return Judgement(Reply.REFUSED, f"{said}; check the source's key")
    return Judgement(Reply.REFUSED, f"{said}; check the source's sports, regions and markets")


def credits_left(headers: Mapping[str, str]) -> int | None:
    """How many credits are left, None where the answer does not say.

    >>> credits_left({"x-requests-remaining": "498"})
    498
    """
    text = headers.get(_REMAINING, "").partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
