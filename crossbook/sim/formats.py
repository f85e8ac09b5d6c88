"""The REST venues' own formats: The Odds API v4, odds-api.io and Kalshi, each made of boards as plain data."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import UTC, datetime
from fractions import Fraction
from random import Random
from typing import Any, Final

from crossbook.base.clock import DAY, SECOND, format_time
from crossbook.base.exact import decimal_text
from crossbook.sim.board import Board
from crossbook.sim.clubs import LEAGUES, League
from crossbook.sim.scores import ASIAN_HANDICAP, BOTH_TEAMS_TO_SCORE, MATCH_RESULT, TOTAL
from crossbook.sim.truth import AGGREGATOR, FEED, PREDICTION, Fixture, Price

Data = dict[str, Any]

_FEED_TITLES: Final = {
    "pinnacle": "Pinnacle",
    "betway": "Betway",
    "ladbrokes_uk": "Ladbrokes",
    "coral": "Coral",
    "williamhill": "William Hill",
}
_FEED_MARKETS: Final = {MATCH_RESULT: "h2h", ASIAN_HANDICAP: "spreads", TOTAL: "totals"}
_AGGREGATOR_MARKETS: Final = {
    MATCH_RESULT: "ML",
    ASIAN_HANDICAP: "Spread",
    TOTAL: "Totals",
    BOTH_TEAMS_TO_SCORE: "Both Teams To Score",
}


def league_of(fixture: Fixture) -> League:
    """The league a fixture belongs to."""
    return next(league for league in LEAGUES if league.name == fixture.competition)


def milliseconds(time: int) -> str:
    """ISO 8601 text in UTC with three digits of the second."""
    return f"{format_time(time)[:-1]}.{time % SECOND // 1_000_000:03d}Z"


def number(value: Fraction) -> float | int:
    """The JSON number whose shortest text is this decimal."""
    return int(value) if value.denominator == 1 else float(value)


# ---------------------------------------------------------------- The Odds API v4


def odds_feed(boards: Iterable[Board]) -> list[Data]:
    """The body of a v4 odds answer: every fixture with its bookmakers."""
    events = []
    for board in boards:
        venues = [seat.venue for seat in board.seats.values() if seat.source == FEED]
        events.append(feed_event(board, FEED, league_of(board.fixture), venues))
    return sorted(events, key=lambda event: (str(event["commence_time"]), str(event["id"])))


def feed_event(
    board: Board, source: str, league: League, venues: Iterable[str], closed: Container[tuple[str, str]] = ()
) -> Data:
    """One event of a v4 odds answer, named as `source` names it; `closed` are venues' markets to be left out."""
    fixture = board.fixture
    home, away = fixture.names[source]
    return {
        "id": fixture.ids[source],
        "sport_key": league.feed_key,
        "sport_title": league.feed_title,
        "commence_time": format_time(fixture.kick_off),
        "home_team": home,
        "away_team": away,
        "bookmakers": [
            {
                "key": venue,
                "title": _FEED_TITLES[venue],
                "last_update": format_time(board.seats[venue].updated),
                "markets": _feed_markets(board, venue, (home, away), closed),
            }
            for venue in venues
        ],
    }


def _feed_markets(
    board: Board, venue: str, sides: tuple[str, str], closed: Container[tuple[str, str]]
) -> list[Data]:
    markets = []
    for market, key in _FEED_MARKETS.items():
        prices = [] if (venue, market) in closed else list(board.of(venue, market))
        if prices:
            updated = format_time(max(price.updated for price in prices))
            outcomes = [_feed_outcome(sides, price) for price in prices]
            outcomes.sort(key=lambda outcome: (outcome["name"] == "Draw", outcome["name"]))
            markets.append({"key": key, "last_update": updated, "outcomes": outcomes})
    return markets


def _feed_outcome(sides: tuple[str, str], price: Price) -> Data:
    home, away = sides
    names = {"home": home, "away": away, "draw": "Draw", "over": "Over", "under": "Under"}
    outcome: Data = {"name": names[price.selection], "price": number(price.odds)}
    if price.line is not None:
        mirrored = price.market == ASIAN_HANDICAP and price.selection == "away"
        outcome["point"] = number(-price.line if mirrored else price.line)
    return outcome


# ---------------------------------------------------------------- odds-api.io


def aggregator_event(board: Board) -> Data:
    """The body of an odds-api.io answer for one event; a line is the home side's."""
    fixture = board.fixture
    league = league_of(fixture)
    seats = [seat for seat in board.seats.values() if seat.source == AGGREGATOR]
    return {
        "id": int(fixture.ids[AGGREGATOR]),
        "home": fixture.names[AGGREGATOR][0],
        "away": fixture.names[AGGREGATOR][1],
        "date": format_time(fixture.kick_off),
        "status": "pending",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": league.aggregator_name, "slug": league.aggregator_slug},
        "urls": {},
        "bookmakerIds": {},
        "bookmakers": {
            seat.venue: [
                {"name": name, "updatedAt": milliseconds(seat.updated), "odds": rows}
                for market, name in _AGGREGATOR_MARKETS.items()
                if (rows := _aggregator_rows(board, seat.venue, market))
            ]
            for seat in seats
        },
    }


def _aggregator_rows(board: Board, venue: str, market: str) -> list[Data]:
    rows: dict[Fraction | None, Data] = {}
    for price in board.of(venue, market):
        first: Data = {} if price.line is None else {"hdp": number(price.line)}
        rows.setdefault(price.line, first)[price.selection] = decimal_text(price.odds, 3)
    return list(rows.values())


# ---------------------------------------------------------------- Kalshi


def prediction_markets(boards: Iterable[Board], random: Random) -> list[Data]:
    """Kalshi's market records, three for each fixture: two sides and the tie. The ticker states the day only."""
    return [_contract(board, selection, random) for board in boards for selection in ("home", "draw", "away")]


def _contract(board: Board, selection: str, random: Random) -> Data:
    fixture = board.fixture
    league = league_of(fixture)
    bet = (MATCH_RESULT, selection, None)
    yes = board.prices["kalshi", bet, "back"]
    yes_ask = int(100 / yes.odds)
    yes_bid = int(100 / board.prices["kalshi", bet, "lay"].odds)
    home, away = fixture.names[PREDICTION]
    event = fixture.ids[PREDICTION]
    name = {"home": home, "draw": "Tie", "away": away}[selection]
    code = {"home": event[-6:-3], "draw": "TIE", "away": event[-3:]}[selection]
    game = (
        f"{home} vs {away} professional {league.prediction_name} soccer game originally scheduled for "
        f"{_day(fixture.kick_off)} after 90 minutes plus stoppage time (does not include extra time or penalties)"
    )
    opened = yes.updated - 14 * DAY
    last = format_time(fixture.kick_off + 14 * DAY)
    volume = random.randrange(200, 90_000)
    return {
        "can_close_early": True,
        "close_time": last,
        "created_time": format_time(opened),
        "custom_strike": {},
        "event_ticker": event,
        "expected_expiration_time": format_time(fixture.kick_off + 3 * 3_600 * SECOND),
        "expiration_time": last,
        "expiration_value": "",
        "fractional_trading_enabled": False,
        "last_price_dollars": _dollars(yes_ask if random.random() < 0.5 else yes_bid),
        "latest_expiration_time": last,
        "liquidity_dollars": "0.0000",
        "market_type": "binary",
        "no_ask_dollars": _dollars(100 - yes_bid),
        "no_bid_dollars": _dollars(100 - yes_ask),
        "no_sub_title": name,
        "notional_value_dollars": "1.0000",
        "open_interest_fp": f"{volume // 2}.00",
        "open_time": format_time(opened),
        "price_level_structure": "linear_cent",
        "price_ranges": [{"end": "1.0000", "start": "0.0000", "step": "0.0100"}],
        "response_price_units": "usd_cent",
        "result": "",
        "rules_primary": f"If {name} wins the {game}, then the market resolves to Yes.",
        "rules_secondary": (
            f"The following market refers to the {game}. If the game ends in a tie, the market called "
            '"Tie" resolves to Yes. If the game is cancelled or rescheduled to over two weeks away, the '
            "market will resolve to a fair price in accordance with the rules."
        ),
        "settlement_timer_seconds": 30,
        "status": "active",
        "strike_type": "structured",
        "subtitle": "",
        "tick_size": 1,
        "ticker": f"{event}-{code}",
        "title": f"{home} vs {away} Winner?",
        "updated_time": milliseconds(yes.updated),
        "volume_24h_fp": f"{volume // 5}.00",
        "volume_fp": f"{volume}.00",
        "yes_ask_dollars": _dollars(yes_ask),
        "yes_ask_size_fp": f"{random.randrange(400, 9_000)}.00",
        "yes_bid_dollars": _dollars(yes_bid),
        "yes_bid_size_fp": f"{random.randrange(400, 9_000)}.00",
        "yes_sub_title": name,
    }


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}00"


def _day(time: int) -> str:
    moment = datetime.fromtimestamp(time // SECOND, UTC)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{months[moment.month - 1]} {moment.day}, {moment.year}"
