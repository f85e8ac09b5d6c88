"""Clean events. Some hold no arbitrage; the others hold one that stands, for a reason that happens every day.

An honest arbitrage has a margin of 0.1 to 6 %. Every venue's own markets add up to more than one, ladders are not
crossed, prices of one venue tell one story, and times, where there are any, say that the prices are of now. So
nothing but the margin itself speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final

import msgspec

from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Quote, Side
from tests.faults import cast
from tests.faults.goals import View
from tests.faults.worlds import NOW, Scene, Wishes, contest_listing, stage

LEAST, MOST = 0.001, 0.06


def leaning(scene: Scene, venue_id: str, amount: float, rng: Random) -> Scene:
    """The scene with one venue off the line: it rates one side more and the other less than all others do."""
    book = scene.book(venue_id)
    sign = rng.choice((-1, 1))
    home, away, draw = book.lean
    return scene.with_book(
        replace(book, lean=(home + sign * amount, away - sign * amount * rng.random(), draw))
    )


def news(truth: View, amount: float, rng: Random) -> View:
    """What was believed before news of that weight (a change of the logarithm of a side's rate)."""
    sign = rng.choice((-1, 1))
    return truth.moved(sign * amount, -sign * amount * rng.uniform(0.3, 1.0))


def plain(rng: Random, calm: float = 0.8) -> Scene:
    """Nothing to be had: everybody agrees within the margins. Some prices are hours old for want of news."""
    return stage(Wishes(live=None, calm=calm * 0.7, quiet=True, thin=rng.random() < 0.2), rng).shown()


def few(rng: Random, calm: float = 0.8) -> Scene:
    """Two or three venues that agree."""
    return stage(Wishes(books=(2, 3), exchanges=(0, 1), calm=calm), rng).shown()


def longshots(rng: Random, calm: float = 0.8) -> Scene:
    """A heavy favourite: soft books pay 21 for what an exchange pays 34 for, and nothing is to be had."""
    return stage(Wishes(lopsided=True, exchanges=(1, 2), calm=calm), rng).shown()


def slow_book(rng: Random, amount: float) -> Scene:
    """After news one book still offers what it did; it was seen and confirmed within the minute."""
    scene = stage(Wishes(timed=rng.random() < 0.6), rng)
    book = rng.choice(scene.of("soft", "middle"))
    return scene.shown({book.venue.id: news(scene.truth, amount, rng)})


def off_line(rng: Random, amount: float) -> Scene:
    """A book that thinks otherwise, in all its markets alike."""
    scene = stage(Wishes(books=(3, 20)), rng)
    return leaning(scene, rng.choice(scene.of("soft", "middle")).venue.id, amount, rng).shown()


def noise(rng: Random, amount: float) -> Scene:
    """Many books, none far off; the best of each selection is enough."""
    return stage(Wishes(books=(10, 30), calm=1 + 4 * amount, lopsided=False), rng).shown()


def _raised(scene: Scene, rng: Random, chosen: Callable[[Quote], bool], factor: float) -> Scene:
    """The scene with one price of one book's match result raised, unless that book then adds up to one or less."""
    book = rng.choice(scene.of("soft", "middle"))
    whole = [quote for quote in scene.quotes if quote.venue is book.venue and quote.market_id == "1x2"]
    fit = [quote for quote in whole if chosen(quote)]
    if not fit:
        return scene
    old = rng.choice(fit)
    raised = cast.cut(float(old.odds) * factor, "cent" if old.odds < 10 else "book")
    if sum(1 / float(quote.odds) for quote in whole if quote is not old) + 1 / float(raised) < 1.002:
        return scene
    quotes = [
        msgspec.structs.replace(quote, odds=raised) if quote is old else quote for quote in scene.quotes
    ]
    return replace(scene, quotes=tuple(quotes))


def promotion(rng: Random, amount: float) -> Scene:
    """One selection's price raised to draw customers, while the book as a whole still adds up to more than one."""
    scene = stage(Wishes(), rng).shown()
    return _raised(scene, rng, lambda quote: 1.3 < quote.odds < 6, 1 + amount)


def thin_ladder(rng: Random, amount: float) -> Scene:
    """A thinly traded exchange whose few orders stand away from the line; its books are wide and not crossed."""
    scene = stage(Wishes(exchanges=(1, 1), thin=True), rng)
    return leaning(scene, scene.of("exchange")[0].venue.id, amount, rng).shown()


def in_play(rng: Random, amount: float) -> Scene:
    """Prices drift with the clock, and one book is seconds behind the others; no goal in between."""
    scene = stage(Wishes(live=True, timed=rng.random() < 0.7), rng)
    book = rng.choice(scene.of("soft", "middle"))
    return scene.shown({book.venue.id: news(scene.truth, amount, rng)})


def longshot_price(rng: Random, amount: float) -> Scene:
    """A heavy favourite, and one book that pays a quarter or a half more for the side nobody believes in.

    In the season archives 35 % of the selections with a median of 10 or more (569 of 1,641, five or more books)
    have a book that pays at least 1.25 times the median, and 5 % one that pays 1.5 times.
    """
    scene = stage(Wishes(lopsided=True, books=(4, 20)), rng).shown()
    return _raised(scene, rng, lambda quote: quote.odds >= 10, 1 + amount)


def two_venues(rng: Random, amount: float) -> Scene:
    """Two books and nobody else, who see the match a little differently."""
    scene = stage(Wishes(books=(2, 2), exchanges=(0, 0), predictions=(0, 0)), rng)
    return leaning(scene, scene.books[0].venue.id, amount, rng).shown()


def prediction(rng: Random, amount: float) -> Scene:
    """A prediction market away from the books' line, its three contracts telling one story."""
    scene = stage(Wishes(predictions=(1, 1)), rng)
    return leaning(scene, scene.of("prediction")[0].venue.id, amount, rng).shown()


def sisters(rng: Random, amount: float) -> Scene:
    """Two brands of one desk with the same prices at the same time, both off the line: one leg at either stands."""
    scene = stage(Wishes(books=(4, 20)), rng)
    book = rng.choice(scene.of("soft", "middle"))
    twin = cast.book_venue("Twin" + book.venue.name, book.venue.desk)
    scene = leaning(scene, book.venue.id, amount, rng)
    return replace(scene, books=(*scene.books, replace(scene.book(book.venue.id), venue=twin))).shown()


def first_half(rng: Random, amount: float) -> Scene:
    """A book that sees more, or fewer, of the goals in the first half than the others do."""
    scene = stage(Wishes(halves=1.0, books=(5, 20)), rng)
    book = rng.choice(scene.of("soft", "middle"))
    other = scene.truth._replace(first_half=0.45 + rng.choice((-1, 1)) * amount * 0.7)
    return scene.shown({book.venue.id: other})


def field(rng: Random, skew: float, rest: float, count: int) -> tuple[tuple[str, ...], list[float]]:
    """Runners of a contest with their chances, which leave `rest` for those who are not among them."""
    runners = tuple(rng.sample(cast.TEAMS, count))
    weights = [rng.random() ** (1 + skew) + 0.03 for _ in runners]
    return runners, [(1 - rest) * weight / sum(weights) for weight in weights]


def contracts(
    name: str, subject: str, runners: tuple[str, ...], chances: list[float], rng: Random
) -> list[Quote]:
    """YES (back) and NO (lay) of every runner at a prediction market, in cents."""
    venue, quotes = cast.prediction_venue(name), []
    for runner, p in zip(runners, chances, strict=True):
        claim = Claim.of(Kind.WINNER, runner, subject=subject)
        bid, ask = cast.cents(p, 2, rng)
        size = Fraction(rng.randrange(50, 900))
        for side, price in ((Side.BACK, ask), (Side.LAY, bid)):
            odds = Fraction(100, price)
            quotes.append(Quote(venue, claim, side, odds, size / odds, market_id=f"{subject} {runner}"))
    return quotes


def contest(rng: Random, amount: float) -> Scene:
    """A contest that one of its runners wins: a prediction market and two books, one of them off the line."""
    runners, chances = field(rng, 0.5, 0.0, rng.randint(3, 6))
    subject = f"Champions {rng.randrange(10**6)}"
    quotes = contracts("Foresight", subject, runners, chances, rng)
    for number, name in enumerate(rng.sample(cast.BOOKS, 2)):
        leans = [p * (1 + number * rng.uniform(-1.2, 1.2) * amount) for p in chances]
        priced = cast.with_margin([p / sum(leans) for p in leans], rng.uniform(0.03, 0.06), 0.4)
        venue = cast.book_venue(name)
        quotes += [
            Quote(
                venue,
                Claim.of(Kind.WINNER, runner, subject=subject),
                Side.BACK,
                cast.cut(1 / p, "cent"),
                None,
            )
            for runner, p in zip(runners, priced, strict=True)
            if p < 0.98
        ]
    quotes = [msgspec.structs.replace(quote, received=NOW) for quote in quotes]
    listing = contest_listing(subject, runners, complete=True)
    return Scene(listing, Basis.PREMATCH, View(1, 1), (), tuple(quotes))


WITHOUT: Final[dict[str, Callable[[Random, float], Scene]]] = {
    "plain": plain,
    "few": few,
    "longshots": longshots,
}
"""Clean events without an arbitrage; the number calms all noise."""

WITH: Final[dict[str, tuple[Callable[[Random, float], Scene], tuple[float, float]]]] = {
    "slow_book": (slow_book, (0.04, 0.12)),
    "off_line": (off_line, (0.04, 0.12)),
    "noise": (noise, (0.02, 0.25)),
    "promotion": (promotion, (0.02, 0.10)),
    "thin_ladder": (thin_ladder, (0.04, 0.12)),
    "in_play": (in_play, (0.03, 0.09)),
    "longshot_price": (longshot_price, (0.25, 0.60)),
    "two_venues": (two_venues, (0.06, 0.13)),
    "prediction": (prediction, (0.04, 0.12)),
    "sisters": (sisters, (0.04, 0.12)),
    "first_half": (first_half, (0.05, 0.14)),
    "contest": (contest, (0.03, 0.12)),
}
"""Clean events with an arbitrage, and the range of how far off the one who gives it is."""
