"""Faults of meaning: the price is right and stands under the wrong side, line, period, subject, contract or field."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote, Side
from tests.faults.goals import View
from tests.faults.honest import contracts, field
from tests.faults.planted import (
    FaultClass,
    Planted,
    a_bookmaker,
    at,
    lines,
    on,
    priced,
    replaced,
    with_line,
)
from tests.faults.worlds import Market, Scene, Wishes, contest_listing, offers

_MANY = Wishes(books=(6, 30), live=None)
_OTHER = {"home": "away", "away": "home", "over": "under", "under": "over", "draw": "draw"}


def mirrored_line(scene: Scene, rng: Random) -> Planted | None:
    """Around the middle, the away price of a line stands on the mirrored one; the home prices are right."""
    venue = a_bookmaker(scene, rng, "asian_handicap", 6)
    if venue is None:
        return None
    ladder = lines(at(scene, venue, "asian_handicap"), Kind.ASIAN_HANDICAP)
    new = {}
    for line, row in ladder.items():
        other = ladder.get(-line)
        if line and other and "away" in row and "away" in other:
            new[row["away"]] = priced(scene.quotes[row["away"]], scene.quotes[other["away"]].odds)
    return replaced(scene, new)


def ladder_flip(scene: Scene, rng: Random) -> Planted | None:
    """All lines of a venue's handicaps with the other sign."""
    venue = a_bookmaker(scene, rng, "asian_handicap", 6)
    if venue is None:
        return None
    new = {
        place: on(quote, with_line(quote.claim, -(quote.claim.line or Fraction(0))))
        for place, quote in at(scene, venue, "asian_handicap").items()
    }
    return replaced(scene, new)


def _sides_swapped(word: str, least_quotes: int) -> Callable[[Scene, Random], Planted | None]:
    def plant(scene: Scene, rng: Random) -> Planted | None:
        venue = a_bookmaker(scene, rng, word, least_quotes)
        if venue is None:
            return None
        quotes = at(scene, venue, word)
        known = {(quote.market_id, quote.claim.selection): quote for quote in quotes.values()}
        new: dict[int, Quote] = {}
        for place, quote in quotes.items():
            other = known.get((quote.market_id, _OTHER[quote.claim.selection]))
            if other is not None:
                new[place] = priced(quote, other.odds)
        return replaced(scene, new)

    return plant


def venue_swapped(scene: Scene, rng: Random) -> Planted | None:
    """A venue that writes the away side first: all its markets are seen from the other side."""
    venue = a_bookmaker(scene, rng)
    if venue is None or scene.truth.played != (0, 0):
        return None
    book = scene.book(venue)
    home, away, draw = book.lean
    mirrored = replace(book, lean=(away, home, draw))
    seen = {
        (quote.claim, quote.side): quote.odds
        for quote in offers(mirrored, scene.truth.mirrored(), scene.basis)
    }
    new = {}
    for place, quote in at(scene, venue).items():
        odds = seen.get((quote.claim, quote.side))
        if odds is not None:
            new[place] = priced(quote, odds)
    gone = [place for place in at(scene, venue) if place not in new]
    return replaced(scene, new, gone)


def yes_no_inverted(scene: Scene, rng: Random) -> Planted | None:
    """Contracts whose YES and NO were taken for each other, one of three or all of them."""
    venue = scene.of("prediction")[0].venue.id
    quotes = at(scene, venue)
    claims = sorted({quote.claim for quote in quotes.values()}, key=str)
    chosen = set(rng.sample(claims, rng.choice((1, 1, len(claims)))))
    new = {}
    for place, quote in quotes.items():
        if quote.claim not in chosen:
            continue
        for other in quotes.values():
            if other.claim is quote.claim and other.side is not quote.side:
                new[place] = priced(quote, other.odds / (other.odds - 1))
    return replaced(scene, new)


def not_exhaustive(scene: Scene, rng: Random) -> Planted | None:
    """A set of contracts said to be complete whose runners leave out somebody who may win."""
    subject = f"Cup {rng.randrange(10**6)}"
    runners, chances = field(rng, 0.5, rng.uniform(0.08, 0.3), rng.randint(3, 7))
    quotes = tuple(contracts("Foresight", subject, runners, chances, rng))
    if rng.random() < 0.4:
        quotes += tuple(contracts("Outcome Hall", subject, runners, chances, rng))
    backs = tuple(place for place, quote in enumerate(quotes) if quote.side is Side.BACK)
    return Planted(
        quotes,
        backs,
        quotes,
        listing=contest_listing(subject, runners, complete=True),
        undone_listing=contest_listing(subject, runners, complete=False),
    )


def _as_period(scene: Scene, rng: Random, source: Period, target: Period) -> Planted | None:
    """Markets of one period read as those of another; where both are there, the misread ones stand."""
    prefix = "1h_" if source is Period.FIRST_HALF else ""
    word = rng.choice(("1x2", "total"))
    venue = a_bookmaker(scene, rng, prefix + word, 2)
    if venue is None:
        return None
    moved = {}
    for place, quote in at(scene, venue, prefix + word).items():
        claim = quote.claim
        if claim.line is None or claim.line in (Fraction(1, 2), Fraction(3, 2)):
            moved[place] = on(quote, Claim.of(claim.kind, claim.selection, claim.line, target, claim.subject))
    now = {quote.claim for quote in moved.values()}
    gone = [place for place, quote in at(scene, venue).items() if quote.claim in now and place not in moved]
    return replaced(scene, moved, gone)


def half_as_full(scene: Scene, rng: Random) -> Planted | None:
    """Markets of the first half read as those of the whole match."""
    return _as_period(scene, rng, Period.FIRST_HALF, Period.FULL_TIME)


def full_as_half(scene: Scene, rng: Random) -> Planted | None:
    """Markets of the whole match read as those of the first half."""
    others = {
        quote.venue.id
        for quote in scene.quotes
        if quote.claim.period is Period.FIRST_HALF and quote.claim.line is None
    }
    return _as_period(scene, rng, Period.FULL_TIME, Period.FIRST_HALF) if len(others) >= 4 else None


def corners_as_goals(scene: Scene, rng: Random) -> Planted | None:
    """A book's lines of corners read as lines of goals, beside its own lines of goals or instead of them."""
    venue = a_bookmaker(scene, rng, "total", 2)
    if venue is None:
        return None
    book, expected = scene.book(venue), rng.uniform(8.6, 11.0)
    middle = Fraction(math.floor(expected)) + Fraction(1, 2)
    if rng.random() < 0.3:
        expected, middle = expected / 2, Fraction(math.floor(expected / 2)) + Fraction(1, 2)
    markets = []
    for step in (-1, 0, 1):
        claims = tuple(Claim.of(Kind.TOTAL, side, middle + step) for side in ("over", "under"))
        markets.append(Market(f"total {float(middle + step):g}", claims))
    truth = View(expected * 0.54, expected * 0.46, 0.0)
    read = list(offers(replace(book, markets=tuple(markets)), truth, scene.basis))
    now = {quote.claim for quote in read}
    all_totals = rng.random() < 0.5
    kept = [
        quote
        for quote in scene.quotes
        if quote.venue.id != venue
        or (quote.claim not in now and not (all_totals and quote.claim.kind is Kind.TOTAL))
    ]
    return Planted((*kept, *read), tuple(range(len(kept), len(kept) + len(read))), scene.quotes)


def truncated_line(scene: Scene, rng: Random) -> Planted | None:
    """The half behind the point was cut off: 2.5 goals are read as 2, a handicap of -1.5 as -1."""
    word = rng.choice(("total", "asian_handicap"))
    venue = a_bookmaker(scene, rng, word, 2)
    if venue is None:
        return None
    moved = {}
    for place, quote in at(scene, venue, word).items():
        line = quote.claim.line
        if line is not None and line.denominator == 2:
            moved[place] = on(quote, with_line(quote.claim, Fraction(math.trunc(line))))
    now = {quote.claim for quote in moved.values()}
    gone = {
        place for place, quote in at(scene, venue, word).items() if quote.claim in now and place not in moved
    }
    for claim in now:  # two rows on one line, -0.5 and 0.5: the later stands, as in any table read by key
        same = [place for place, quote in moved.items() if quote.claim is claim]
        gone.update(same[:-1])
    return replaced(scene, moved, gone)


_CONTRARY = "the venue's other markets, and all other venues, say the opposite"
CLASSES = (
    FaultClass(
        "mirrored_line",
        mirrored_line,
        Wishes(books=(3, 30), lopsided=False, live=None),
        "a line's two prices add up to less than one on one side of zero and to far more on the other",
        0.03,
    ),
    FaultClass(
        "ladder_flip", ladder_flip, _MANY, f"home pays more the more goals it receives; {_CONTRARY}", 0.05
    ),
    FaultClass(
        "result_swapped", _sides_swapped("1x2", 3), replace(_MANY, lopsided=True), _CONTRARY, witnesses=4
    ),
    FaultClass(
        "handicap_swapped",
        _sides_swapped("asian_handicap", 6),
        _MANY,
        f"home pays more the more goals it receives; {_CONTRARY}",
        0.05,
    ),
    FaultClass(
        "venue_swapped",
        venue_swapped,
        Wishes(books=(6, 30), lopsided=True),
        "its prices are those of all others with the sides exchanged",
        witnesses=4,
    ),
    FaultClass(
        "over_under_swapped",
        _sides_swapped("total", 6),
        _MANY,
        f"over pays less the more goals it needs; {_CONTRARY}",
        0.05,
    ),
    FaultClass(
        "yes_no_inverted",
        yes_no_inverted,
        Wishes(books=(3, 30), predictions=(1, 2), live=None),
        "YES and NO are those of all others exchanged; the YES prices do not add up to about one",
        0.05,
    ),
    FaultClass(
        "not_exhaustive",
        not_exhaustive,
        Wishes(books=(3, 3)),
        "both bids and asks of all YES add up to well below one: the market itself counts on somebody else",
        0.02,
    ),
    FaultClass(
        "half_as_full",
        half_as_full,
        replace(_MANY, halves=1.0, live=False),
        "few goals and many draws where all others see a whole match; its own other markets do too",
        witnesses=4,
    ),
    FaultClass(
        "full_as_half",
        full_as_half,
        replace(_MANY, books=(8, 30), halves=1.0, live=False),
        "a whole match's goals where at least four others see a half's",
        witnesses=4,
    ),
    FaultClass(
        "corners_as_goals",
        corners_as_goals,
        _MANY,
        "ten and more expected of what all others expect three of",
    ),
    FaultClass(
        "truncated_line",
        truncated_line,
        _MANY,
        "whole lines at the prices that all others, and its own quarter lines, have half a goal further",
        0.03,
    ),
)
