"""What a Betfair market is: its definition as the exchange sends it, and what we make of it.

The market definition of the Exchange Stream API is the one shape; the API-NG reader fills the same shape from
catalogues and market books, so both readers name claims, venues and listings in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final

import msgspec

from crossbook.base.clock import SECOND, parse_time
from crossbook.base.errors import BadData
from crossbook.base.exact import exact, plain_text
from crossbook.model.claim import Claim
from crossbook.model.quote import Basis, Contest, Listing, Quote, Side
from crossbook.model.venue import Venue, exchange
from crossbook.venues._betfair_claims import claims_and_contest, runner_key, two_sides
from crossbook.venues._betfair_shapes import MarketDefinition, Offer, RunnerKey

SOURCE: Final = "betfair"
DEPTH: Final = 3
"""How many price levels of each side of a runner become quotes, best first."""

_SPORTS: Final = {
    "1": "football",
    "2": "tennis",
    "3": "golf",
    "4": "cricket",
    "5": "rugby-union",
    "6": "boxing",
    "7": "horse-racing",
    "1477": "rugby-league",
    "3503": "darts",
    "4339": "greyhound-racing",
    "6422": "snooker",
    "6423": "american-football",
    "7511": "baseball",
    "7522": "basketball",
    "7524": "ice-hockey",
    "468328": "handball",
    "998917": "volleyball",
    "2378961": "politics",
}


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A market as we read it: `claims` of the active runners, in the order the venue shows them.

    `removed` are the runners taken out of it. `doubt` says why there are no claims where we cannot tell for
    certain what its prices mean.
    """

    id: str
    definition: MarketDefinition
    start: int | None
    venue: Venue
    claims: dict[RunnerKey, Claim]
    removed: frozenset[RunnerKey]
    contest: Contest | None
    doubt: str = ""

    @property
    def event(self) -> str:
        """The key of the listing this market belongs to."""
        return self.definition.event_id or self.id


def read_market(market_id: str, definition: MarketDefinition) -> Market:
    """The market of a definition. Raises BadData when the definition contradicts itself."""
    status = {runner_key(runner.id, runner.hc): runner.status for runner in definition.runners}
    claims: dict[RunnerKey, Claim] = {}
    contest, doubt = None, ""
    try:
        claims, contest = claims_and_contest(market_id, definition)
    except BadData as error:
        doubt = str(error)
    start = start_of(definition.market_time)
    date_of(start)
    rate = definition.market_base_rate
    return Market(
        id=market_id,
        definition=definition,
        start=start,
        venue=exchange_at(None if rate is None else exact(rate)),
        claims=claims,
        removed=frozenset(key for key, word in status.items() if word == "REMOVED"),
        contest=contest,
        doubt=doubt,
    )


def sport_of(event_type: str | None) -> str:
    """Our word for one of Betfair's event types; an unknown one keeps its number.

    >>> sport_of("7"), sport_of("99")
    ('horse-racing', 'betfair_99')
    """
    return _SPORTS.get(event_type, f"betfair_{event_type}") if event_type else ""


def start_of(text: str | None) -> int | None:
    """Nanoseconds UTC of a stated time. Raises BadData when the text is not a time."""
    if not text:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise BadData(f"marketTime: {text[:40]!r} is not a time") from None


@lru_cache(maxsize=256)
def exchange_at(base_rate: Fraction | None) -> Venue:
    """The exchange as a venue that charges this market base rate, in per cent. Raises BadData off 0 to 100.

    >>> exchange_at(Fraction(5)).commission
    Fraction(1, 20)
    """
    if base_rate is None:
        return exchange("betfair_exchange", "Betfair Exchange")
    if not 0 <= base_rate < 100:
        raise BadData(f"marketBaseRate: {plain_text(base_rate)} is not a share in per cent")
    return exchange("betfair_exchange", "Betfair Exchange", commission=base_rate / 100)


def listing_of(key: str, markets: Iterable[Market]) -> Listing:
    """The event these markets belong to, as far as they name it.

    Home and away come from an event name such as "Ajax v Feyenoord", else from the runners of the match odds
    market; a race, or a stream without names, keeps its event's name or number as `home`.
    """
    home = away = competition = ""
    starts: list[int] = []
    contests: list[Contest] = []
    sport = ""
    for market in markets:
        definition = market.definition
        sport = sport or sport_of(definition.event_type_id)
        competition = competition or definition.venue or definition.country_code or ""
        if not home:
            home, away = _names(definition)
        if market.start is not None:
            starts.append(market.start)
        if market.contest is not None:
            contests.append(market.contest)
    start = min(starts, default=None)
    return Listing(
        source=SOURCE,
        key=key,
        sport=sport,
        competition=competition,
        home=home or key,
        away=away,
        date=date_of(start),
        start=start,
        contests=tuple(contests),
    )


def date_of(start: int | None) -> str | None:
    """The UTC date of a start as ISO text. Raises BadData beyond the calendar."""
    if start is None:
        return None
    try:
        return datetime.fromtimestamp(start // SECOND, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise BadData(f"marketTime: {start} is beyond the calendar") from None


def _names(definition: MarketDefinition) -> tuple[str, str]:
    if definition.event_name:
        return two_sides(definition.event_name) or (definition.event_name, "")
    sides = [runner.name or "" for runner in definition.shown() if not runner.is_draw]
    if definition.market_type == "MATCH_ODDS" and len(sides) == 2 and all(sides):
        return sides[0], sides[1]
    return "", ""


def quotes_of(
    market: Market,
    best: Callable[[RunnerKey], tuple[list[Offer], list[Offer]]],
    happened: int | None,
    received: int | None,
    current: bool = True,
) -> list[Quote]:
    """Quotes of every active runner's best prices: what backers can take, then what layers can.

    `best` gives a runner's offers to back and to lay, best first. They are tradable while the market is open
    and its data is `current`.
    """
    definition = market.definition
    basis = Basis.LIVE if definition.in_play else Basis.PREMATCH
    tradable = current and definition.status == "OPEN"
    return [
        Quote(
            venue=market.venue,
            claim=claim,
            side=side,
            odds=exact(price),
            size=exact(size),
            basis=basis,
            happened=happened,
            received=received,
            tradable=tradable,
            market_id=market.id,
        )
        for key, claim in market.claims.items()
        for side, offers in zip((Side.BACK, Side.LAY), best(key), strict=True)
        for price, size in offers[:DEPTH]
    ]
