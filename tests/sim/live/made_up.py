"""Small made-up truths, and what a perfect Crossbook would say of them, found by walking through time tick by tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import msgspec

from crossbook.sim.live.judge_lives import Said
from crossbook.sim.live.truth import (
    Delivered,
    End,
    FaultPlanted,
    Head,
    Lost,
    Planted,
    Posted,
    Record,
    Source,
    TruthLog,
    Up,
)
from crossbook.sim.truth import Fixture

MS = 1_000_000
SECOND = 1_000 * MS
START = 1_795_168_800 * SECOND
TICK = 50 * MS
GRACE = 250 * MS
COMMISSION = {"betfair": Fraction(1, 20)}
VENUES = {
    "odds": ("pinnacle", "betway", "ladbrokes_uk", "coral"),
    "betfair": ("betfair",),
    "polymarket": ("polymarket",),
    "sbo": ("sbo",),
}
SOURCE_OF = {venue: source for source, venues in VENUES.items() for venue in venues}
LIVES = {"odds": 5 * SECOND, "betfair": None, "polymarket": None, "sbo": 3 * SECOND}
LINE = Fraction(5, 2)
NAMES = (("Arsenal", "Chelsea"), ("Leeds", "Everton"), ("Fulham", "Burnley"))

Offer = tuple[str, str, str, Fraction | None, str]
"""Venue, market, selection, line, side."""


def offer(venue: str, market: str, selection: str, line: Fraction | None = None, side: str = "back") -> Offer:
    return venue, market, selection, line, side


def result_prices(venue: str, odds: str, side: str = "back") -> dict[Offer, Fraction]:
    return {
        offer(venue, "1x2", selection, None, side): Fraction(each)
        for selection, each in zip(("home", "draw", "away"), odds.split(), strict=True)
    }


BASE: dict[Offer, Fraction] = {
    **result_prices("pinnacle", "2.45 3.2 2.8"),
    **result_prices("betway", "2.4 3.1 2.7"),
    **result_prices("betfair", "2.5 3.25 2.86"),
    **result_prices("betfair", "2.58 3.4 2.96", "lay"),
    **result_prices("polymarket", "100/42 100/32 100/36"),
    offer("ladbrokes_uk", "total", "over", LINE): Fraction("1.9"),
    offer("ladbrokes_uk", "total", "under", LINE): Fraction("1.9"),
    offer("coral", "total", "over", LINE): Fraction("1.88"),
    offer("coral", "total", "under", LINE): Fraction("1.9"),
    offer("sbo", "total", "under", LINE): Fraction("1.92"),
    offer("sbo", "asian_handicap", "home", Fraction(-1, 2)): Fraction("2.4"),
    offer("sbo", "asian_handicap", "away", Fraction(-1, 2)): Fraction("1.55"),
}
PLANTS: dict[str, dict[Offer, Fraction]] = {
    "three_venues": {
        offer("pinnacle", "1x2", "home"): Fraction("2.95"),
        offer("betway", "1x2", "draw"): Fraction("3.6"),
        offer("polymarket", "1x2", "away"): Fraction(100, 31),
    },
    "back_and_lay": {
        offer("betway", "1x2", "home"): Fraction("2.9"),
        offer("betfair", "1x2", "home", None, "lay"): Fraction("2.6"),
    },
    "total": {
        offer("coral", "total", "over", LINE): Fraction("2.2"),
        offer("sbo", "total", "under", LINE): Fraction("2.05"),
    },
    "handicap": {
        offer("sbo", "asian_handicap", "home", Fraction(-1, 2)): Fraction("2.9"),
        offer("betfair", "1x2", "draw"): Fraction("3.8"),
        offer("pinnacle", "1x2", "away"): Fraction("3.3"),
    },
}
FAULTS: dict[str, dict[Offer, Fraction]] = {
    "palpable_error": {offer("betway", "1x2", "home"): Fraction(24)},
    "wrong_sign_handicap": {offer("sbo", "asian_handicap", "away", Fraction(-1, 2)): Fraction("2.4")},
    "stale_price": {offer("betway", "1x2", "away"): Fraction("3.6")},
    "suspended_market": {offer("betfair", "1x2", "draw"): Fraction(5)},
    "sister_brands": {
        offer("ladbrokes_uk", "total", "over", LINE): Fraction("2.2"),
        offer("coral", "total", "under", LINE): Fraction("2.2"),
    },
}
ENDINGS = ("moved", "withdrawn", "suspended", "silent", "lost")


def fixture(number: int) -> Fixture:
    home, away = NAMES[number]
    return Fixture(
        number=number,
        competition="League",
        home=home,
        away=away,
        kick_off=START + 3600 * SECOND,
        rates=(1300, 1100),
        earlier_rates=(1300, 1100),
        names={"odds": (home, away), "sbo": (f"{home} FC", f"{away} FC")},
        ids={},
    )


class Story:
    """Things that happen at given times, told in order; each becomes records of a truth log."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.numbers: dict[tuple[int, Offer], int] = {}
        self.now = START
        self._number = 0
        self._plot: list[tuple[int, int, Callable[[], None]]] = []
        self.muted: list[tuple[str, int, int]] = []

    def then(self, at: int, action: Callable[..., None], *given: object) -> None:
        self._plot.append((at, len(self._plot), partial(action, *given)))

    def post(
        self, number: int, at: Offer, odds: Fraction | None, suspended: bool = False, fault: str = ""
    ) -> None:
        venue, market, selection, line, side = at
        self._number += 1
        self.numbers[number, at] = self._number
        self.records.append(
            Posted(
                number=self._number,
                at=self.now,
                fixture=number,
                source=SOURCE_OF[venue],
                venue=venue,
                market=market,
                selection=selection,
                line=line,
                side=side,
                odds=odds,
                suspended=suspended,
                updated=self.now,
                fault=fault,
            )
        )

    def deliver(self, source: str) -> None:
        if not any(name == source and start <= self.now < stop for name, start, stop in self.muted):
            self.records.append(Delivered(at=self.now, source=source, up_to=self._number))

    def plant(self, number: int, kind: str, until: int) -> None:
        legs = PLANTS[kind]
        self.records.append(
            Planted(
                kind=kind,
                fixture=number,
                legs=tuple(self.numbers[number, leg] for leg in legs),
                guaranteed_return=returned(legs),
                at=self.now,
                until=until,
            )
        )

    def log(self, end: int) -> TruthLog:
        for at, _, action in sorted(self._plot, key=lambda each: each[:2]):
            self.now = at
            action()
        sources = tuple(Source(name=name, venues=VENUES[name], life_ns=life) for name, life in LIVES.items())
        fixtures = tuple(fixture(number) for number in range(len(NAMES)))
        head = Head(seed=1, at=START, fixtures=fixtures, sources=sources, commission=COMMISSION)
        return TruthLog(head, (*self.records, End(at=end)))


def paid(at: Offer, odds: Fraction) -> Fraction:
    """What one unit at risk gives back where the leg wins, after commission."""
    rate = COMMISSION.get(at[0], Fraction(0))
    return 1 + (odds - 1) * (1 - rate) if at[4] == "back" else 1 + (1 - rate) / (odds - 1)


def returned(legs: dict[Offer, Fraction]) -> Fraction:
    """The return of legs of which exactly one wins."""
    return 1 / sum((1 / paid(at, odds) for at, odds in legs.items()), Fraction(0))


def make_log(seed: int, endings: Sequence[str] = ENDINGS, faults: Sequence[str] = tuple(FAULTS)) -> TruthLog:
    """Two fixtures on which opportunities come and go, the first ending in each of the ways, and one with faults."""
    random = Random(seed)
    story = Story()
    for number in range(len(NAMES)):
        for at, odds in BASE.items():
            story.then(START, story.post, number, at, odds)
    end = START
    for number in (0, 1):
        moment = START + random.randrange(1_500, 2_500) * MS
        ways = list(endings) if number == 0 else random.sample(endings, min(3, len(endings)))
        for ending in ways:
            moment = _plant(story, random, number, ending, moment)
        end = max(end, moment)
    moment = START + 2 * SECOND
    for name in faults:
        _fault(story, name, moment)
        moment += 3 * SECOND
    end = max(end, moment) + SECOND
    for source in VENUES:
        offset = random.randrange(10, 900) * MS
        for beat in range((end - START) // SECOND):
            story.then(START + offset + beat * SECOND, story.deliver, source)
    return story.log(end)


def _plant(story: Story, random: Random, number: int, ending: str, start: int) -> int:
    """Plan an opportunity and its end; returns when the fixture is quiet again."""
    kind = random.choice(list(PLANTS))
    legs = PLANTS[kind]
    stop = start + random.randrange(3_000, 4_500) * MS
    for at, odds in legs.items():
        story.then(start, story.post, number, at, odds)
        story.then(start + random.randrange(20, 400) * MS, story.deliver, SOURCE_OF[at[0]])
    story.then(start, lambda: story.plant(number, kind, stop))
    leg = random.choice([at for at in legs if ending != "silent" or LIVES[SOURCE_OF[at[0]]]])
    source = SOURCE_OF[leg[0]]
    quiet = stop + SECOND
    if ending in ("silent", "lost"):
        quiet = stop + 7 * SECOND
        story.muted.append((source, stop, quiet))
        if ending == "lost":
            story.then(stop, lambda: story.records.append(Lost(at=story.now, source=source)))
            story.then(quiet - SECOND, lambda: story.records.append(Up(at=story.now, source=source)))
    else:
        last = {"moved": BASE[leg], "withdrawn": None, "suspended": legs[leg]}[ending]
        story.then(stop, story.post, number, leg, last, ending == "suspended")
        story.then(stop + 30 * MS, lambda: story.deliver(source))
    for at in legs:
        story.then(quiet - 10 * MS, story.post, number, at, BASE[at])
    return quiet + 2 * SECOND


def _fault(story: Story, name: str, start: int) -> None:
    prices = FAULTS[name]

    def spoil() -> None:
        for at, odds in prices.items():
            story.post(2, at, odds, suspended=name == "suspended_market", fault=name)
        numbers = tuple(story.numbers[2, at] for at in prices)
        until = story.now + 2 * SECOND
        together = name == "sister_brands"
        story.records.append(
            FaultPlanted(name=name, fixture=2, prices=numbers, at=story.now, until=until, together=together)
        )

    def mend() -> None:
        for at in prices:
            story.post(2, at, BASE[at])

    story.then(start, spoil)
    story.then(start + 2 * SECOND, mend)


def perfect(log: TruthLog) -> list[dict[str, Any]]:
    """The changes of a Crossbook that looks at all that was delivered at each tick and knows what was planted."""
    found: list[dict[str, Any]] = []
    posts: dict[str, list[Posted]] = {name: [] for name in VENUES}
    here: dict[tuple[int, Offer], Posted] = {}
    fresh: dict[str, int | None] = dict.fromkeys(VENUES)
    planted: list[tuple[Planted, dict[Offer, Fraction]]] = []
    open_at: dict[int, int] = {}
    lives = 0
    records = list(log.records)
    now = START
    while records:
        now += TICK
        while records and records[0].at <= now:
            record = records.pop(0)
            if isinstance(record, Posted):
                posts[record.source].append(record)
            elif isinstance(record, Delivered):
                fresh[record.source] = record.at
                for post in posts[record.source]:
                    here[post.fixture, (post.venue, post.market, post.selection, post.line, post.side)] = post
                posts[record.source].clear()
            elif isinstance(record, Lost):
                fresh[record.source] = None
            elif isinstance(record, Planted):
                planted.append((record, PLANTS[record.kind]))
        for number, (plant, legs) in enumerate(planted):
            up = all(_stands(here.get((plant.fixture, at)), odds, fresh, now) for at, odds in legs.items())
            if up and number not in open_at:
                open_at[number] = len(found)
                lives += 1
                found.append(said("opened", lives, plant.fixture, legs, now, now))
            elif not up and number in open_at:
                opened = found[open_at.pop(number)]
                change = said("closed", 0, plant.fixture, legs, now, now)
                change |= {"id": opened["id"], "opened": opened["opened"], "why": ["moved: it is over"]}
                found.append(change)
    return found


def _stands(post: Posted | None, odds: Fraction, fresh: dict[str, int | None], now: int) -> bool:
    if post is None or post.odds != odds or post.suspended:
        return False
    last, life = fresh[post.source], LIVES[post.source]
    return last is not None and (life is None or now < last + life)


def said(
    moment: str,
    number: int,
    of: int,
    legs: dict[Offer, Fraction],
    at: int,
    opened: int,
    verdict: str = "pure",
) -> dict[str, Any]:
    """One change, as the public output has it."""
    whole = returned(legs)
    home, away = NAMES[of]
    return {
        "at": iso(at),
        "moment": moment,
        "id": f"life-{number}",
        "event": f"event-{of}",
        "opened": iso(opened),
        "why": [],
        "opportunity": {
            "event": {"home": home, "away": away, "start": None},
            "verdict": verdict,
            "reasons": [] if verdict == "pure" else ["stale: an old price"],
            "guaranteed_return": text(whole, 9),
            "legs": [
                {
                    "venue": venue,
                    "market": market,
                    "selection": selection,
                    "line": None if line is None else text(line, 2),
                    "side": side,
                    "price": text(odds, 6),
                    "share": text(whole / paid((venue, market, selection, line, side), odds), 6),
                    "stake": None,
                    "risk": None,
                }
                for (venue, market, selection, line, side), odds in legs.items()
            ],
            "rounded": None,
        },
    }


def text(number: Fraction, places: int) -> str:
    """Decimal text, cut after some places."""
    cut = abs(number) * 10**places // 1
    return f"{'-' if number < 0 else ''}{cut // 10**places}.{cut % 10**places:0{places}d}"


def iso(nanoseconds: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def changes(lines: list[dict[str, Any]]) -> list[Said]:
    """The lines as the judge reads them."""
    return msgspec.convert(lines, list[Said])
