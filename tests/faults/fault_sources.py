"""Faults of time and of source: prices that no longer stand, clocks that lie, and books that are not what they seem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import msgspec

from crossbook.base.clock import SECOND
from crossbook.model.claim import Claim
from crossbook.model.quote import Basis, Quote, Side
from tests.faults import cast
from tests.faults.goals import View
from tests.faults.honest import news
from tests.faults.planted import BOOKMAKERS, FaultClass, Planted, as_venue, at, replaced
from tests.faults.worlds import MINUTE, NOW, Scene, Wishes, offers, truth_of

_TIMED = Wishes(books=(3, 30), live=None, timed=True)
_UNTIMED = Wishes(books=(6, 30), live=False, timed=False)


def _believing(scene: Scene, venue: str, truth: View) -> list[Quote]:
    """A venue's quotes as if it took this for the truth."""
    return list(offers(scene.book(venue), truth, scene.basis))


def _at_times(quotes: list[Quote], happened: int | None, received: int | None) -> list[Quote]:
    return [msgspec.structs.replace(quote, happened=happened, received=received) for quote in quotes]


def _anyone(scene: Scene, rng: Random) -> str:
    return rng.choice([book.venue.id for book in scene.of(*BOOKMAKERS)])


def stale_times(scene: Scene, rng: Random) -> Planted | None:
    """A venue's feed went silent before the news, and its times say so."""
    venue = _anyone(scene, rng)
    age = int(rng.uniform(60, 300) * SECOND) if scene.basis is Basis.LIVE else rng.randrange(45, 400) * MINUTE
    received = NOW - age
    happened = None if rng.random() < 0.3 else received - rng.randrange(1, 60) * SECOND
    before = news(scene.truth, rng.uniform(0.06, 0.3), rng)
    return as_venue(scene, venue, _at_times(_believing(scene, venue, before), happened, received))


def stale_part(scene: Scene, rng: Random) -> Planted | None:
    """One market of a venue is half an hour or more older than its others, and from before the news."""
    venue, word = _anyone(scene, rng), rng.choice(("1x2", "total", "asian_handicap"))
    received = scene.book(venue).received or NOW
    before = news(scene.truth, rng.uniform(0.1, 0.4), rng)
    late = received - (
        rng.randrange(60, 240) * SECOND if scene.basis is Basis.LIVE else rng.randrange(35, 300) * MINUTE
    )
    kept = [quote for quote in scene.quotes if quote.venue.id == venue and not _in(quote, word)]
    old = [quote for quote in _believing(scene, venue, before) if _in(quote, word)]
    return as_venue(scene, venue, [*kept, *_at_times(old, late, late)])


def _in(quote: Quote, word: str) -> bool:
    return quote.claim.market == word


def stale_market(scene: Scene, rng: Random) -> Planted | None:
    """After great news one market of a venue did not move with its others; there are no times."""
    venue, word = _anyone(scene, rng), rng.choice(("1x2", "total", "asian_handicap"))
    before = news(scene.truth, rng.uniform(0.25, 0.55), rng)
    old = {(quote.claim, quote.side): quote for quote in _believing(scene, venue, before)}
    places = at(scene, venue, word)
    new = {
        place: old[quote.claim, quote.side]
        for place, quote in places.items()
        if (quote.claim, quote.side) in old
    }
    gone = [place for place in places if place not in new]
    return replaced(scene, new, gone)


def stale_book(scene: Scene, rng: Random) -> Planted | None:
    """After great news one venue did not move at all; there are no times."""
    venue = _anyone(scene, rng)
    before = news(scene.truth, rng.uniform(0.25, 0.6), rng)
    return as_venue(scene, venue, _believing(scene, venue, before))


def suspended(scene: Scene, rng: Random) -> Planted | None:
    """A venue takes no bets, and its last prices are from before what made it stop."""
    venue = _anyone(scene, rng)
    before = news(scene.truth, rng.uniform(0.08, 0.4), rng)
    held = [msgspec.structs.replace(quote, tradable=False) for quote in _believing(scene, venue, before)]
    return as_venue(scene, venue, held)


def clock_ahead(scene: Scene, rng: Random) -> Planted | None:
    """Old prices that look like the newest: they happened minutes after they were received."""
    venue = _anyone(scene, rng)
    received = scene.book(venue).received or NOW
    before = news(scene.truth, rng.uniform(0.06, 0.3), rng)
    ahead = received + rng.randrange(2, 50) * MINUTE
    return as_venue(scene, venue, _at_times(_believing(scene, venue, before), ahead, received))


def clock_behind(scene: Scene, rng: Random) -> Planted | None:
    """Whole hours between the venue's time and ours in all it says, and prices from before the news."""
    venue = _anyone(scene, rng)
    received = scene.book(venue).received or NOW
    before = news(scene.truth, rng.uniform(0.06, 0.3), rng)
    behind = received - rng.randint(1, 11) * 60 * MINUTE - rng.randrange(SECOND)
    return as_venue(scene, venue, _at_times(_believing(scene, venue, before), behind, received))


def _sister(timed: bool) -> Callable[[Scene, Random], Planted | None]:
    def plant(scene: Scene, rng: Random) -> Planted | None:
        book = rng.choice(scene.of("middle", "soft"))
        brand = cast.book_venue("Twin" + book.venue.name, book.venue.desk)
        received = book.received
        happened = None if received is None else received - rng.randrange(20, 90) * MINUTE
        twin = replace(book, venue=brand)
        before = news(scene.truth, rng.uniform(0.06, 0.3), rng)
        late = list(offers(twin, before, scene.basis))
        if timed:
            late = _at_times(late, happened, received)
        return as_venue(scene, brand.id, late)

    return plant


def aggregate(scene: Scene, rng: Random) -> Planted | None:
    """A column of the best prices of this and that venue, some of them unseen, taken for a venue of its own."""
    best: dict[Claim, Fraction] = {}
    for quote in scene.quotes:
        if quote.side is Side.BACK and quote.claim.market in ("1x2", "total", "asian_handicap"):
            best[quote.claim] = max(best.get(quote.claim, Fraction(0)), quote.odds)
    raised: dict[str, float] = defaultdict(lambda: rng.uniform(1.0, 1.05))
    venue_id, name = rng.choice(
        (("max", "Market maximum"), ("best_odds", "Best odds"), ("mktmax", "Max"), ("best", "Best price"))
    )
    venue, first = cast.book_venue(name), scene.books[0]
    venue = msgspec.structs.replace(venue, id=venue_id, desk=venue_id)
    column = [
        Quote(
            venue,
            claim,
            Side.BACK,
            cast.cut(float(odds) * raised[str(claim)], "cent"),
            None,
            scene.basis,
            None,
            first.received,
            market_id=claim.market if claim.line is None else f"{claim.market} {float(claim.line):g}",
        )
        for claim, odds in best.items()
    ]
    return as_venue(scene, venue_id, column)


def wrong_event(scene: Scene, rng: Random) -> Planted | None:
    """A venue's prices of another match."""
    venue = _anyone(scene, rng)
    other = truth_of(Wishes(), live=False, rng=rng)
    return as_venue(scene, venue, _believing(scene, venue, other._replace(played=scene.truth.played)))


def women_team(scene: Scene, rng: Random) -> Planted | None:
    """The match of the same clubs' women: more goals, another favourite or a clearer one."""
    venue, truth = _anyone(scene, rng), scene.truth
    tilt = rng.uniform(0.45, 0.9) * rng.choice((-1, 1))
    return as_venue(scene, venue, _believing(scene, venue, truth.moved(0.15 + tilt, 0.15 - tilt)))


def in_play_delay(scene: Scene, rng: Random) -> Planted | None:
    """A goal was scored, and one venue still shows what it did before it."""
    home, away = scene.truth.played
    if home + away == 0:
        return None
    before = scene.truth._replace(
        played=(home - 1, away) if home and (not away or rng.random() < 0.5) else (home, away - 1)
    )
    venue = _anyone(scene, rng)
    quotes = _believing(scene, venue, before)
    book = scene.book(venue)
    if book.received is not None:
        quotes = _at_times(quotes, book.received - rng.randrange(25, 90) * SECOND, book.received)
    return as_venue(scene, venue, quotes)


_ALONE = "all its markets agree with each other and with nobody else"
CLASSES = (
    FaultClass(
        "stale_times",
        stale_times,
        _TIMED,
        "received 45 minutes (in play: one) or more before all others",
        0.005,
    ),
    FaultClass(
        "stale_part",
        stale_part,
        _TIMED,
        "one market half an hour (in play: a minute) older than all else",
        0.005,
    ),
    FaultClass(
        "stale_market",
        stale_market,
        _UNTIMED,
        "the venue's other markets, and all others, have moved",
        witnesses=4,
    ),
    FaultClass(
        "stale_book", stale_book, _UNTIMED, "far more than an honest margin, and others agree", witnesses=4
    ),
    FaultClass(
        "suspended",
        suspended,
        Wishes(books=(3, 30), live=None),
        "the venue says that it takes no bets",
        0.005,
        counts_suspended=True,
    ),
    FaultClass("clock_ahead", clock_ahead, _TIMED, "it happened minutes after it was received", 0.005),
    FaultClass(
        "clock_behind",
        clock_behind,
        _TIMED,
        "whole hours between its time and ours, which no other venue has",
        0.005,
    ),
    FaultClass(
        "sister_lagging",
        _sister(timed=True),
        Wishes(books=(3, 30), live=False, timed=True),
        "the desk's other brand has other prices, 20 minutes newer",
        0.005,
    ),
    FaultClass(
        "sister_untimed",
        _sister(timed=False),
        Wishes(books=(3, 30), live=False, timed=False),
        "the desk's other brand has other prices, which all others share",
        0.03,
    ),
    FaultClass(
        "aggregate",
        aggregate,
        Wishes(books=(3, 30), live=None),
        "its name, and never below the best of any venue",
        0.004,
    ),
    FaultClass("wrong_event", wrong_event, _UNTIMED, _ALONE, witnesses=4),
    FaultClass("women_team", women_team, _UNTIMED, _ALONE, witnesses=4),
    FaultClass(
        "in_play_delay",
        in_play_delay,
        Wishes(books=(5, 30), live=True),
        "one goal behind all others; its times, where there are any, are older by half a minute",
        witnesses=4,
    ),
)
