"""What can be set about a source: where it is, what to ask it, how often, and with which key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.base.errors import Misconfigured
from crossbook.model.frame import LARGEST_DATA
from crossbook.transport.addresses import checked
from crossbook.venues import betfair_requests, polymarket_requests, the_odds_api_requests

ODDS: Final = "the-odds-api"
BETFAIR: Final = "betfair-stream"
POLYMARKET: Final = "polymarket"
FORMATS: Final = (ODDS, BETFAIR, POLYMARKET)

_LEAST_LIFE_S: Final = 30.0
_BEATS: Final = 3
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_SPORT: Final = re.compile(r"[a-z0-9_]{1,80}")
_USUAL_ADDRESS: Final = {
    ODDS: the_odds_api_requests.ADDRESS,
    POLYMARKET: polymarket_requests.ADDRESS,
}

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Words = tuple[str, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source and how it is asked. Secrets are never in its text.

    `name` is its word in streams and messages, `format` its reader. `life_s` is how long a price stands without
    being confirmed; by default three rounds of asking, or three missed beats of a stream. `sports`, `regions`,
    `markets` and `bookmakers` are The Odds API's words; `event_types`, `market_types`, `countries`, `events` and
    `market_ids` choose at Betfair; `filters` are Gamma's.
    """

    name: str
    format: str
    url: str = ""
    """The address of a REST service; empty for the real one."""
    socket_url: str = ""
    """The address of Polymarket's market channel; empty for the real one."""
    host: str = betfair_requests.HOST
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = betfair_requests.PORT
    tls: bool = True
    key: str = ""
    token: str = ""
    """Betfair's session token."""
    every_s: Seconds = 30.0
    """How often an address is asked; for Polymarket, how often Gamma is asked for new events."""
    life_s: Seconds | None = None
    beat_s: Seconds = 5.0
    """How often a stream has to say that it is still there."""
    timeout_s: Seconds = 10.0
    first_wait_s: Seconds = 0.5
    longest_wait_s: Seconds = 60.0
    healthy_s: Seconds = 60.0
    refused_wait_s: Seconds = 300.0
    """How long a venue that refused us is left alone before it is asked again."""
    largest_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=LARGEST_DATA)] = 32 * 1024 * 1024
    most_pages: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 50
    sports: Words = ()
    regions: Words = ("eu",)
    markets: Words = ("h2h", "spreads", "totals")
    bookmakers: Words = ()
    event_types: Words = ()
    market_types: Words = ()
    countries: Words = ()
    events: Words = ()
    market_ids: Words = ()
    filters: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<source {self.name} ({self.format})>"

    def secrets(self) -> tuple[str, ...]:
        """What may never be shown."""
        return tuple(secret for secret in (self.key, self.token) if secret)

    def address(self) -> str:
        """The address of its REST service."""
        return self.url or _USUAL_ADDRESS.get(self.format, "")

    def socket_address(self) -> str:
        """The address of its WebSocket."""
        return self.socket_url or polymarket_requests.SOCKET

    def silence_s(self) -> float:
        """How long its prices stand without an answer or a sign of life."""
        if self.life_s is not None:
            return self.life_s
        if self.format == ODDS:
            return max(_BEATS * self.every_s, _LEAST_LIFE_S)
        return _BEATS * self.beat_s

    def life_ns(self) -> int | None:
        """How long a price stands after it was last confirmed; None where it does as long as the stream is open."""
        return round(self.silence_s() * SECOND) if self.format == ODDS else None


def source_of(fields: Mapping[str, Any], environment: Mapping[str, str]) -> Source:
    """A source from its settings; secrets may come from the environment as CROSSBOOK_SOURCE_<NAME>_KEY and _TOKEN.

    Raises Misconfigured naming the setting.
    """
    try:
        source = msgspec.convert(dict(fields), Source, strict=False)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"source {_name_of(fields)}: {_without_values(str(error))}") from None
    prefix = "CROSSBOOK_SOURCE_" + re.sub(r"[^A-Z0-9]", "_", source.name.upper())
    source = msgspec.structs.replace(
        source,
        key=source.key or environment.get(f"{prefix}_KEY", ""),
        token=source.token or environment.get(f"{prefix}_TOKEN", ""),
    )
    for setting, wrong in _doubts(source, prefix):
        raise Misconfigured(f"source {source.name!r}: {setting}: {wrong}")
    return source


def _doubts(source: Source, prefix: str) -> list[tuple[str, str]]:
    """Settings that make no sense, and what to do about each."""
    found: list[tuple[str, str]] = []
    if not _NAME.fullmatch(source.name):
        found.append(("name", "use small letters, digits and . _ -"))
    if source.format not in FORMATS:
        found.append(("format", f"has to be one of {', '.join(FORMATS)}"))
    if source.format in (ODDS, BETFAIR) and not source.key:
        found.append(("key", f"is missing; set it, or {prefix}_KEY in the environment"))
    if source.format == BETFAIR and not source.token:
        found.append(
            ("token", f"is missing; set Betfair's session token, or {prefix}_TOKEN in the environment")
        )
    if source.format == BETFAIR and not 0.5 <= source.beat_s <= 5:
        found.append(("beat_s", "Betfair beats every 0.5 to 5 seconds"))
    for setting, schemes in (("url", ("http", "https")), ("socket_url", ("ws", "wss"))):
        if address := getattr(source, setting):
            try:
                checked(address, schemes)
            except Misconfigured as error:
                found.append((setting, str(error)))
    if source.format == ODDS:
        if not source.sports:
            found.append(("sports", "name at least one, soccer_epl say"))
        found += [
            ("sports", f"{sport[:80]!r} is no sport's key")
            for sport in source.sports
            if not _SPORT.fullmatch(sport)
        ]
        if not source.regions and not source.bookmakers:
            found.append(("regions", "name at least one, or bookmakers"))
    return found


def _name_of(fields: Mapping[str, Any]) -> str:
    return repr(str(fields.get("name", "without a name"))[:60])


def _without_values(reason: str) -> str:
    """A decoder's words with the setting in front."""
    what, mark, where = reason.partition(" - at `$.")
    return f"{where.rstrip('`')}: {what}" if mark else what
