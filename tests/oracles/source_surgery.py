"""Repairs and plants on two recorded feeds, as pure functions on their parsed JSON.

The odds-api.io recording (one match, Bet365 and the Betfair Exchange) holds two data faults.

Fault A, Betfair Exchange, market "Spread", lines +3 and beyond. Climbing the ladder a home handicap gets
easier, so home prices cannot rise and away prices cannot fall. From -4 to +2.75 all four columns (back and
lay, home and away) keep that order over 28 rows. Then: at +3 and +3.25 the price to back away falls from
70.67 to 1.01 (with 604.58 and 607.29 to lay); at +3.5 the price to back home jumps from 1.01 to 89.18, at
+3.75, +4 and +4.25 to 137.92, 297.66 and 298.83, though a bet at +3.5 wins whenever one at +2.5 (1.01 to
back, 1.02 to lay) does; at +4.25 away may be laid at 1.01. The rest of the book agrees with the good rows:
the European handicap at +3 has home at 1.01 to back and 1.02 to lay, and is the same bet as Spread +2.5
home (1.01 and 1.02). The worst pair, home +4.25 at 298.83 with away +3.5 at 100.00, would return 1 /
(1/298.83 + 1/100) = 74.93 for 1. Repair: the six rows from +3 to +4.25 go. Row +2.75 stays: its home price
is missing, its away prices (70.67, 163.67) fit.

Fault B, Bet365, market "Alternative Asian Handicap", lines -0.5 to +0.5: the away price stands on the line
of the opposite sign. As recorded, 1/home + 1/away is 1.056 to 1.068 on the eight lines from -2.75 to -0.75,
then 0.827, 0.927, 1.062, 1.188 and 1.291 on the five lines from -0.5 to +0.5. With the away prices of those
five lines moved to the opposite line the sums are 1.066, 1.061, 1.062, 1.055 and 1.051, like the others.
The away prices then are 2.375, 3.000, 4.250, 5.000 and 5.500; the exchange has 2.61, 3.26, 4.82, 5.51 and
6.20 on the same lines, and Bet365's own away win in the 1x2, the same bet as away at home +0.5, is 5.500.
Every one of the five lines has its partner, so nothing is lost. Line 0 is its own partner and keeps its
price. Left alone, away -0.5 at 5.500 with the exchange's home win at 1.61 would return 1.2454.

With both repaired, no mix of full-time goal bets guarantees more than 0.99746 for 1, before any commission.

Not a fault but a convention to read rightly: in Bet365's "European Handicap" the home price stands at the
home side's handicap and the draw and away prices at the away side's. Home -1 (2.500) belongs with draw and
away on +1 (3.750, 2.300), sum 1.101; -2 with +2: 1.088; -3 with +3: 1.091; +2 with -2: 1.055. Read row by
row, the row -2 alone would sum to 0.299, and a false return of 3.63 would be left after both repairs. The
Betfair Exchange prints all three on the home side's line. Nothing below changes this market.
"""

import copy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracles.settlement_reference import gross, lay_gross

Json = Any

EXCHANGE = "Betfair Exchange"
BOOKMAKER = "Bet365"


@dataclass(frozen=True)
class Bet:
    """One price offered on the full-time score, read in the words of the settlement reference."""

    venue: str
    market: str
    selection: str
    side: str
    kind: str
    kind_selection: str
    line: Fraction | None
    odds: Fraction

    def gross(self, home: int, away: int) -> Fraction:
        """What comes back for each unit at risk, before commission."""
        settle = gross if self.side == "back" else lay_gross
        return settle(self.kind, self.kind_selection, self.line, self.odds, home, away)


@dataclass(frozen=True)
class Leg:
    """One leg an engine must find, in the feed's own words."""

    venue: str
    market: str
    selection: str
    side: str


@dataclass(frozen=True)
class Expected:
    """A planted arbitrage: its legs, each leg's share of the money at risk, and what 1 at risk returns.

    ``share`` and ``guaranteed_return`` hold at the stated commission on the exchange's net winnings; for a
    lay the money at risk is the liability.
    """

    legs: frozenset[Leg]
    odds: dict[Leg, Fraction]
    share: dict[Leg, Fraction]
    commission: Fraction
    guaranteed_return: Fraction


def _market(payload: Json, venue: str, name: str) -> Json:
    """The one market of that name at that venue."""
    found = [market for market in payload["bookmakers"][venue] if market["name"] == name]
    if len(found) != 1:
        raise ValueError(f"{venue} should have one market {name!r}, has {len(found)}")
    return found[0]


def _price(row: Json, column: str) -> Decimal | None:
    """A price of a row, or None where the feed has none ("N/A" or no such column)."""
    text = row.get(column)
    return None if text in (None, "N/A") else Decimal(text)


def broken_spread_lines(payload: Json) -> list[Decimal]:
    """The lines of the exchange's Spread rows that break the order of the ladder, lowest first (fault A).

    Starts at the line whose home and away prices are nearest each other, where a ladder is liquid, and
    walks to either end. A row is broken when one of its prices is on the wrong side of the last good price
    in its column; a broken row does not count as a neighbour for the next.
    """
    rows = sorted(_market(payload, EXCHANGE, "Spread")["odds"], key=lambda row: Decimal(str(row["hdp"])))

    def unevenness(index: int) -> Decimal:
        home, away = _price(rows[index], "home"), _price(rows[index], "away")
        return Decimal("Infinity") if home is None or away is None else abs(home - away)

    middle = min(range(len(rows)), key=unevenness)
    broken = []
    for walk, upwards in ((range(middle, len(rows)), True), (range(middle, -1, -1), False)):
        last_good: dict[str, Decimal] = {}
        for index in walk:
            row = rows[index]
            prices = {column: _price(row, column) for column in ("home", "layHome", "away", "layAway")}
            fits = True
            for column, price in prices.items():
                if price is None or column not in last_good:
                    continue
                should_rise = upwards == (column in ("away", "layAway"))
                fits = fits and (price >= last_good[column] if should_rise else price <= last_good[column])
            if fits:
                last_good.update({column: price for column, price in prices.items() if price is not None})
            else:
                broken.append(Decimal(str(row["hdp"])))
    return sorted(broken)


def repair_spread(payload: Json) -> Json:
    """A deep copy in which the broken rows of the exchange's Spread are gone (fault A only)."""
    repaired = copy.deepcopy(payload)
    broken = broken_spread_lines(payload)
    market = _market(repaired, EXCHANGE, "Spread")
    market["odds"] = [row for row in market["odds"] if Decimal(str(row["hdp"])) not in broken]
    return repaired


def repair_alternative_handicap(payload: Json) -> Json:
    """A deep copy in which Bet365's away prices from -0.5 to +0.5 stand on their own lines (fault B only)."""
    repaired = copy.deepcopy(payload)
    rows = _market(repaired, BOOKMAKER, "Alternative Asian Handicap")["odds"]
    mirrored = [row for row in rows if abs(Decimal(str(row["hdp"]))) <= Decimal("0.5")]
    recorded = {Decimal(str(row["hdp"])): row.get("away") for row in mirrored}
    for row in mirrored:
        partner = recorded.get(-Decimal(str(row["hdp"])))
        if partner is None:
            row.pop("away", None)
        else:
            row["away"] = partner
    return repaired


def repair(payload: Json) -> Json:
    """A deep copy of the odds-api.io recording with both faults repaired; the given payload is left alone."""
    return repair_alternative_handicap(repair_spread(payload))


def plant_real(payload: Json, commission: Fraction = Fraction(5, 100)) -> tuple[Json, Expected]:
    """A repaired copy with one genuine arbitrage planted, and what an engine should say of it.

    Bet365's "Both Teams To Score" no is raised from 2.000 to 2.300. Its own book on that market stays above
    100 % (1/1.75 + 1/2.30 = 1.0062) and the price is 9.5 % above the exchange's 2.10, so no screen for
    errors has a reason to refuse it. Laying no on the exchange at 2.14 covers the other state: for each
    unit of liability it returns 1 + (1 - 0.05)/1.14 = 1.8333 after 5 % commission. Together:
    1 / (1/2.30 + 1/1.8333) = 1.02016. Backing yes on the exchange at 1.87 instead would return 1.01804.

    ``commission`` is the exchange's rate on net winnings. The legs are the best at 0, 2, 5 and 7 %, with
    returns of 1.033599, 1.028258, 1.020161 and 1.014706.
    """
    planted = repair(payload)
    _market(planted, BOOKMAKER, "Both Teams To Score")["odds"][0]["no"] = "2.300"
    back = Leg(BOOKMAKER, "Both Teams To Score", "no", "back")
    lay = Leg(EXCHANGE, "Both Teams To Score", "no", "lay")
    back_odds = Fraction(_market(planted, BOOKMAKER, "Both Teams To Score")["odds"][0]["no"])
    lay_odds = Fraction(_market(planted, EXCHANGE, "Both Teams To Score")["odds"][0]["layNo"])
    lay_pays = 1 + (1 - commission) / (lay_odds - 1)
    cost_of_one = 1 / back_odds + 1 / lay_pays
    expected = Expected(
        legs=frozenset((back, lay)),
        odds={back: back_odds, lay: lay_odds},
        share={back: 1 / back_odds / cost_of_one, lay: 1 / lay_pays / cost_of_one},
        commission=commission,
        guaranteed_return=1 / cost_of_one,
    )
    return planted, expected


def plant_kalshi(markets: Json) -> tuple[Json, Expected]:
    """A copy of the Kalshi markets in which the three YES asks cost less than 1, and what should be found.

    As recorded, Tottenham 0.39, tie 0.29 and Nottingham 0.35 cost 1.03. Nottingham's ask is lowered to
    0.25: the three cost 0.93 and one of them pays 1. A taker's fee of 7 % of p (1 - p) on each would add
    0.0442 and leave the sum at 0.9742, so the arbitrage survives it. The other three prices of that market
    follow: its YES bid keeps its distance of 3 cents below the ask, NO ask = 1 - YES bid, NO bid =
    1 - YES ask.
    """
    planted = copy.deepcopy(markets)
    (market,) = [market for market in planted if market["ticker"].endswith("-NFO")]
    ask = Decimal("0.25")
    bid = ask - (Decimal(market["yes_ask_dollars"]) - Decimal(market["yes_bid_dollars"]))
    market["yes_ask_dollars"] = f"{ask:.4f}"
    market["yes_bid_dollars"] = f"{bid:.4f}"
    market["no_ask_dollars"] = f"{1 - bid:.4f}"
    market["no_bid_dollars"] = f"{1 - ask:.4f}"
    cost = sum((Fraction(market["yes_ask_dollars"]) for market in planted), Fraction(0))
    asks = {
        Leg("Kalshi", market["ticker"], "yes", "back"): Fraction(market["yes_ask_dollars"])
        for market in planted
    }
    expected = Expected(
        legs=frozenset(asks),
        odds={leg: 1 / ask_of_leg for leg, ask_of_leg in asks.items()},
        share={leg: ask_of_leg / cost for leg, ask_of_leg in asks.items()},
        commission=Fraction(0),
        guaranteed_return=1 / cost,
    )
    return planted, expected


_WITH_LINE_AND_TWO_SIDES = {
    "Spread": ("asian_handicap", ("home", "away")),
    "Alternative Asian Handicap": ("asian_handicap", ("home", "away")),
    "European Handicap": ("european_handicap", ("home", "draw", "away")),
    "Totals": ("total", ("over", "under")),
    "Goals Over/Under": ("total", ("over", "under")),
    "Alternative Goal Line": ("total", ("over", "under")),
    "Alternative Total Goals": ("total", ("over", "under")),
    "Team Total Home": ("team_total_home", ("over", "under")),
    "Team Total Goals Home": ("team_total_home", ("over", "under")),
    "Team Total Away": ("team_total_away", ("over", "under")),
    "Team Total Goals Away": ("team_total_away", ("over", "under")),
}
_WITHOUT_LINE = {
    "ML": ("1x2", ("home", "draw", "away")),
    "Draw No Bet": ("draw_no_bet", ("home", "away")),
    "Both Teams To Score": ("btts", ("yes", "no")),
}


def full_time_bets(payload: Json) -> list[Bet]:
    """Every back and lay price of the recording on the goals of the full match, as bets on the score.

    Left out: halves, corners, cards, players, and Bet365's "Number of Goals In Match". Double chance labels
    are read by the team names in them, exact totals by the number they begin with.
    """
    bets = []
    home_word, away_word = payload["home"].split()[0], payload["away"].split()[0]
    for venue, markets in payload["bookmakers"].items():
        for market in markets:
            name = market["name"]
            for row in market["odds"]:
                if name == "Double Chance":
                    label = row["label"]
                    covered = [
                        word
                        for word in ("home", "draw", "away")
                        if {"home": home_word, "draw": "Draw", "away": away_word}[word] in label
                    ]
                    selection = "_".join(covered)
                    odds = Fraction(row["under"])
                    bets.append(Bet(venue, name, selection, "back", "double_chance", selection, None, odds))
                elif name == "Exact Total Goals":
                    selection = row["label"].split()[0]
                    odds = Fraction(row["under"])
                    bets.append(Bet(venue, name, selection, "back", "exact_total", selection, None, odds))
                elif name in _WITHOUT_LINE or name in _WITH_LINE_AND_TWO_SIDES:
                    kind, selections = (_WITHOUT_LINE | _WITH_LINE_AND_TWO_SIDES)[name]
                    for selection in selections:
                        line = None
                        if name in _WITH_LINE_AND_TWO_SIDES:
                            line = Fraction(str(row["hdp"]))
                            if name == "European Handicap" and venue == BOOKMAKER and selection != "home":
                                line = -line
                        for side, column in (("back", selection), ("lay", "lay" + selection.capitalize())):
                            price = _price(row, column)
                            if price is not None:
                                odds = Fraction(price)
                                bets.append(Bet(venue, name, selection, side, kind, selection, line, odds))
    return bets
