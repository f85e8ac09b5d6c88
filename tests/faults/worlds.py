"""Events as a scanner sees them: the books of one match, what each believes, and the quotes it shows.

A scene is made from wishes and a seed. Every book prices all its markets from one belief of its own, so a book never
contradicts itself beyond the noise of its single markets, however soft it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import NamedTuple

from crossbook.base.clock import SECOND
from crossbook.model.claim import Claim, Kind, Period, cover_of
from crossbook.model.ladder import move
from crossbook.model.quote import Basis, Contest, Listing, Quote, Side
from crossbook.model.venue import Venue, VenueType
from tests.faults import cast
from tests.faults.cast import Temper
from tests.faults.goals import View, chance

MINUTE = 60 * SECOND
NOW = 1_790_000_000 * SECOND
_KINDS_OF_TEAMS = (Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY)


class Market(NamedTuple):
    """Claims that are offered together, under a word: ``total 2.5``."""

    word: str
    claims: tuple[Claim, ...]


def market(kind: Kind, line: Fraction | None = None, period: Period = Period.FULL_TIME) -> Market:
    """The market of a kind on a line."""
    selections = cover_of(kind) or ("home_draw", "home_away", "draw_away")
    claims = tuple(Claim.of(kind, selection, line, period) for selection in selections)
    return Market(" ".join([claims[0].market, *([] if line is None else [f"{float(line):g}"])]), claims)


@dataclass(frozen=True)
class Book:
    """One venue in one event: how it leans away from the truth, when its prices are from, which markets it has."""

    venue: Venue
    temper: Temper
    lean: tuple[float, float, float]
    margin: float
    seed: int
    markets: tuple[Market, ...]
    happened: int | None = None
    received: int | None = None
    spread: int = 2
    """Ticks (exchange) or cents (prediction market) between back and lay."""
    money: float = 500.0


@dataclass(frozen=True)
class Wishes:
    """What a scene must be like; a range is drawn from evenly."""

    books: tuple[int, int] = (3, 30)
    exchanges: tuple[int, int] = (0, 2)
    predictions: tuple[int, int] = (0, 1)
    live: bool | None = False
    timed: bool | None = None
    """Whether prices carry times; None: one event in three does not, as in archives."""
    lopsided: bool | None = None
    halves: float = 0.35
    """The chance that markets of the first half are offered."""
    calm: float = 1.0
    """A factor on all noise."""
    quiet: bool = False
    """Some venues last changed their prices hours ago, for want of news."""
    thin: bool = False


@dataclass(frozen=True)
class Scene:
    """One event. `truth` is what the world now believes, `books` who is there, `quotes` what is seen of it."""

    listing: Listing
    basis: Basis
    truth: View
    books: tuple[Book, ...]
    quotes: tuple[Quote, ...] = field(default=())

    def shown(self, changed: dict[str, View] | None = None) -> Scene:
        """The scene with its quotes; `changed` gives some venues another truth, by venue id."""
        views = changed or {}
        quotes = [
            quote
            for book in self.books
            for quote in offers(book, views.get(book.venue.id, self.truth), self.basis)
        ]
        return replace(self, quotes=tuple(quotes))

    def book(self, venue_id: str) -> Book:
        """The book of a venue."""
        return next(book for book in self.books if book.venue.id == venue_id)

    def of(self, *types: str) -> list[Book]:
        """The books of these tempers."""
        return [book for book in self.books if book.temper.name in types]

    def with_book(self, changed: Book) -> Scene:
        """The scene with one book replaced by another of the same venue; quotes are not made anew."""
        books = tuple(changed if book.venue.id == changed.venue.id else book for book in self.books)
        return replace(self, books=books)


def offers(book: Book, truth: View, basis: Basis) -> Iterator[Quote]:
    """The quotes of a book that takes this for the truth; always the same for the same book and truth."""
    view = truth.moved(*book.lean)
    for one in book.markets:
        rng = Random(f"{book.seed} {one.word}")
        happened = book.happened if book.happened is None else book.happened - rng.randrange(2 * SECOND)
        noisy = _noisy([chance(claim, view) for claim in one.claims], book.temper.market_noise, rng)
        if book.venue.type is VenueType.EXCHANGE:
            found = _on_exchange(book, one, noisy, rng)
        elif book.venue.type is VenueType.PREDICTION:
            found = _on_prediction(book, one, noisy, rng)
        else:
            found = _at_bookmaker(book, one, noisy)
        for claim, side, odds, size in found:
            yield Quote(
                book.venue, claim, side, odds, size, basis, happened, book.received, market_id=one.word
            )


_Offer = tuple[Claim, Side, Fraction, Fraction | None]


def _noisy(chances: list[float], noise: float, rng: Random) -> list[float]:
    """Chances with noise on their log-odds, adding up to what they did before."""
    whole = round(sum(chances))
    moved = [p / (p + (1 - p) * math.exp(-rng.gauss(0, noise))) for p in chances]
    return [p * whole / sum(moved) for p in moved]


def _at_bookmaker(book: Book, one: Market, chances: list[float]) -> Iterator[_Offer]:
    size = None if book.money < 300 else Fraction(int(book.money))
    if len(chances) == 3 and sum(chances) > 1.5:  # double chance: each is the other side of one result
        priced = [p * (1 + book.margin * (1 - p) * 0.9) for p in chances]
    else:
        margin = book.margin if len(chances) == 3 else book.margin * 0.8
        priced = cast.with_margin(chances, margin, book.temper.bias)
    for claim, price in zip(one.claims, priced, strict=True):
        if price < 0.985:
            yield claim, Side.BACK, cast.cut(1 / price, book.temper.grid), size


def _on_exchange(book: Book, one: Market, chances: list[float], rng: Random) -> Iterator[_Offer]:
    levels = 3 if book.spread < 4 else 1
    for claim, p in zip(one.claims, chances, strict=True):
        back, lay = cast.around(1 / p, book.spread)
        for level in range(levels):
            size = Fraction(int(book.money * rng.uniform(0.2, 2.0) * (level + 1) * 100), 100)
            yield claim, Side.BACK, move(back, -level), size
            yield claim, Side.LAY, move(lay, level), size


def _on_prediction(book: Book, one: Market, chances: list[float], rng: Random) -> Iterator[_Offer]:
    for claim, p in zip(one.claims, chances, strict=True):
        bid, ask = cast.cents(p, book.spread, rng)
        yield claim, Side.BACK, Fraction(100, ask), Fraction(int(book.money)) * ask / 100
        yield claim, Side.LAY, Fraction(100, bid), Fraction(int(book.money)) * bid / 100


def _line_near(kind: Kind, view: View, period: Period = Period.FULL_TIME) -> Fraction:
    """The quarter line whose two sides are nearest to even."""
    first, last = (-14, 14) if kind is Kind.ASIAN_HANDICAP else (2, 26)
    selection = cover_of(kind)[0]
    return min(
        (Fraction(quarter, 4) for quarter in range(first, last + 1)),
        key=lambda line: abs(chance(Claim.of(kind, selection, line, period), view) - 0.5),
    )


def board(temper: Temper, truth: View, halves: bool, rng: Random) -> tuple[Market, ...]:
    """The markets a venue of this temper offers; lines that are nearly decided are not offered."""
    found = [market(Kind.MATCH_RESULT)]
    if temper is cast.MARKET:
        return tuple(found)
    spread = temper.handicaps // 2
    for kind in (Kind.ASIAN_HANDICAP, Kind.TOTAL):
        middle = _line_near(kind, truth)
        step = Fraction(1, 4)
        if not temper.quarters:
            middle, step = Fraction(math.floor(middle)) + Fraction(1, 2), Fraction(1)
        found += [market(kind, middle + step * place) for place in range(-spread, spread + 1)]
        if temper.quarters and kind is Kind.TOTAL:
            found += [market(kind, Fraction(line, 2)) for line in (3, 5, 7)]
    lesser = [
        market(Kind.DRAW_NO_BET),
        market(Kind.BOTH_TEAMS_TO_SCORE),
        *(market(kind, Fraction(line, 2)) for kind in _KINDS_OF_TEAMS for line in (1, 3)),
    ]
    if temper is not cast.EXCHANGE:
        lesser.append(market(Kind.DOUBLE_CHANCE))
    if halves and not truth.played[0] + truth.played[1]:
        period = Period.FIRST_HALF
        lesser += [
            market(Kind.MATCH_RESULT, None, period),
            *(market(Kind.TOTAL, Fraction(line, 2), period) for line in (1, 3)),
            market(Kind.ASIAN_HANDICAP, _line_near(Kind.ASIAN_HANDICAP, truth, period), period),
        ]
    found += [one for one in lesser if rng.random() < temper.extras]
    once = {one.word: one for one in found}
    return tuple(one for one in once.values() if _open(one, truth))


def _open(one: Market, truth: View) -> bool:
    chances = [chance(claim, truth) for claim in one.claims]
    room = 0.01 if len(chances) == 3 else 0.06
    line = one.claims[0].line
    reachable = line is None or one.claims[0].kind is Kind.ASIAN_HANDICAP or line > 0
    return reachable and all(room < p < 1 - room / 2 for p in chances)


def truth_of(wishes: Wishes, live: bool, rng: Random) -> View:
    """What the world believes of the match: from even games to heavy favourites."""
    goals, edge = rng.uniform(2.1, 3.3), rng.gauss(0.15, 0.45)
    if wishes.lopsided:
        edge = rng.choice((-1, 1)) * rng.uniform(0.6, 1.3)
    elif wishes.lopsided is False:
        edge = rng.uniform(-0.25, 0.25)
    home = goals / (1 + math.exp(-edge))
    view = View(home, goals - home, rng.uniform(0.02, 0.12))
    if not live:
        return view
    left = rng.uniform(0.3, 0.85)
    played = (rng.choice((0, 0, 1, 1, 2)), rng.choice((0, 0, 0, 1, 1)))
    return view._replace(home=view.home * left, away=view.away * left, played=played)


def stage(wishes: Wishes, rng: Random) -> Scene:
    """A scene as wished, without quotes yet."""
    live = rng.random() < 0.25 if wishes.live is None else wishes.live
    timed = rng.random() < 0.67 if wishes.timed is None else wishes.timed
    truth = truth_of(wishes, live, rng)
    halves = not live and rng.random() < wishes.halves
    home, away = rng.sample(cast.TEAMS, 2)
    listing = Listing(
        source="made-up",
        key=f"{home}-{away}-{rng.randrange(10**6)}",
        sport="football",
        competition="First Division",
        home=home,
        away=away,
        date="2026-09-21",
        start=NOW - 40 * MINUTE if live else NOW + rng.randrange(30, 3000) * MINUTE,
    )
    count = rng.choice((rng.randint(*wishes.books), min(rng.randint(*wishes.books), wishes.books[0] + 8)))
    books = []
    for number, (venue, temper) in enumerate(_cast(count, wishes, rng)):
        noise = temper.rate_noise * wishes.calm * (1.4 if live else 1)
        one = Book(
            venue=venue,
            temper=replace(temper, market_noise=temper.market_noise * wishes.calm),
            lean=(rng.gauss(0, noise), rng.gauss(0, noise), rng.gauss(0, noise / 2)),
            margin=rng.uniform(*temper.margin),
            seed=rng.randrange(10**9) + number,
            markets=board(temper, truth, halves, rng),
            spread=rng.choice((4, 6, 8)) if wishes.thin else rng.choice((1, 2, 2, 3)),
            money=rng.uniform(3, 40) if wishes.thin else 10 ** rng.uniform(2, 3.7),
        )
        books.append(_dated(one, live, timed, wishes.quiet, rng))
    return Scene(listing, Basis.LIVE if live else Basis.PREMATCH, truth, tuple(books))


def _cast(count: int, wishes: Wishes, rng: Random) -> Iterator[tuple[Venue, Temper]]:
    names = rng.sample(cast.BOOKS, len(cast.BOOKS))
    for number in range(count):
        temper = cast.SHARP if number == 0 and count > 2 else rng.choice((cast.MIDDLE, cast.SOFT, cast.SOFT))
        yield cast.book_venue(names[number]), temper
    for name in cast.EXCHANGES[: rng.randint(*wishes.exchanges)]:
        commission = rng.choice((Fraction(2, 100), Fraction(5, 100), Fraction(5, 100), None))
        yield cast.exchange_venue(name, commission), cast.EXCHANGE
    for name in cast.MARKETS[: rng.randint(*wishes.predictions)]:
        yield cast.prediction_venue(name), cast.MARKET


def _dated(book: Book, live: bool, timed: bool, quiet: bool, rng: Random) -> Book:
    """The book with the times of its prices: received just now, changed seconds (live) or minutes (before) ago."""
    if not timed:
        return book
    if live:
        received = NOW - int(rng.uniform(0.1, 2.5) * SECOND)
        happened = received - int(rng.uniform(0.1, 5) * SECOND)
    else:
        received = NOW - int(rng.uniform(0.5, 40) * SECOND)
        happened = received - int(rng.uniform(0.2, 480) * SECOND)
        if quiet and rng.random() < 0.3:
            happened -= rng.randrange(20, 240) * MINUTE
    silent = book.venue.type is VenueType.PREDICTION or rng.random() < 0.1
    return replace(book, received=received, happened=None if silent else happened)


def contest_listing(subject: str, runners: tuple[str, ...], complete: bool) -> Listing:
    """The listing of a contest that one of the runners wins, or, where it is not complete, perhaps nobody."""
    return Listing(
        source="made-up",
        key=subject,
        sport="football",
        competition="Season",
        home=subject,
        away="",
        contests=(Contest(subject, runners, 1, complete),),
    )
