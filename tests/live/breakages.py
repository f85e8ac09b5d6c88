"""Breakages of the live pipeline: small and named, each a few attributes replaced; nothing is written anywhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from crossbook.arbitrage import decide, instrument, screens
from crossbook.arbitrage.instrument import Instrument
from crossbook.book.board import Board, Identity
from crossbook.matching import group
from crossbook.matching.group import Events as Matched
from crossbook.matching.group import Group
from crossbook.model.claim import Claim, Kind
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Verdict
from crossbook.model.quote import Quote, Side, Snapshot
from crossbook.pipeline.events import Event, Events
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.venues._the_odds_api_times import Times
from crossbook.venues.site_worker import SiteSession

Patch = pytest.MonkeyPatch


class Mutant(NamedTuple):
    """One breakage, and the names of findings of which the judge has to give at least one."""

    name: str
    make: Callable[[Patch], None]
    caught_as: frozenset[str]


MUTANTS: Final[dict[str, Mutant]] = {}


def mutant(*caught_as: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Enlist a breakage under its function's name."""

    def enlist(make: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[make.__name__] = Mutant(make.__name__, make, frozenset(caught_as))
        return make

    return enlist


# ------------------------------------------------------------------ the board


@mutant("late_close", "expired")
def keep_what_is_too_old(patch: Patch) -> None:
    patch.setattr(Board, "sweep", lambda self, now: None)
    patch.setattr(Board, "next_expiry", lambda self: None)


@mutant("late_close", "lost")
def keep_what_lost_streams_said(patch: Patch) -> None:
    patch.setattr(Board, "close", lambda self, stream, reason: None)


@mutant("late_close", "withdrawn")
def keep_withdrawn_listings(patch: Patch) -> None:
    """A listing of contracts goes market by market: what only has less than before is not taken."""
    whole = Board.apply
    offered: dict[Identity, set[Claim]] = {}

    def apply(self: Board, stream: str, snapshot: Snapshot, received: int, life: int | None) -> None:
        identity = snapshot.listing.source, snapshot.listing.key
        claims = {quote.claim for quote in snapshot.quotes}
        if identity[0] == "polymarket" and claims < offered.get(identity, set()):
            return
        offered[identity] = claims
        whole(self, stream, snapshot, received, life)

    patch.setattr(Board, "apply", apply)


@mutant("late_close", "withdrawn", "moved")
def keep_withdrawn_prices(patch: Patch) -> None:
    last: dict[tuple[str, Identity], list[Quote]] = {}

    def keep(stream: str, snapshot: Snapshot) -> Snapshot:
        key = stream, (snapshot.listing.source, snapshot.listing.key)
        offers = {(quote.claim, quote.side) for quote in snapshot.quotes}
        kept = [quote for quote in last.get(key, []) if (quote.claim, quote.side) not in offers]
        last[key] = [*snapshot.quotes, *kept]
        return Snapshot(snapshot.listing, last[key])

    _told(patch, keep)


@mutant("late_close", "moved", "missed")
def hold_one_venue_still(patch: Patch) -> None:
    first: dict[tuple[object, ...], Quote] = {}

    def still(quote: Quote, identity: Identity) -> Quote:
        if quote.venue.id != "pinnacle":
            return quote
        return first.setdefault((identity, quote.claim, quote.side), quote)

    _quotes(patch, still)


@mutant("suspended", "suspended_market", "late_close")
def trade_what_is_suspended(patch: Patch) -> None:
    _quotes(patch, lambda quote, _: quote if quote.tradable else _with(quote, tradable=True))


# ------------------------------------------------------------------ reading


@mutant("never_offered", "wrong_price", "missed", "no_gain")
def turn_the_handicaps_of_one_venue(patch: Patch) -> None:
    def turned(quote: Quote, _: Identity) -> Quote:
        claim = quote.claim
        if quote.venue.id != "sbo" or claim.kind is not Kind.ASIAN_HANDICAP or claim.line is None:
            return quote
        return _with(quote, claim=Claim.of(claim.kind, claim.selection, -claim.line))

    _quotes(patch, turned)


@mutant("wrong_price", "moved", "missed")
def swap_the_sides_of_one_venue(patch: Patch) -> None:
    other = {"home": "away", "away": "home"}

    def swapped(quote: Quote, _: Identity) -> Quote:
        claim = quote.claim
        if quote.venue.id != "ibc" or claim.selection not in other:
            return quote
        return _with(quote, claim=Claim.of(claim.kind, other[claim.selection], claim.line))

    _quotes(patch, swapped)


@mutant("never_offered", "wrong_price", "moved", "no_gain", "missed")
def take_lays_for_backs(patch: Patch) -> None:
    _quotes(patch, lambda quote, _: quote if quote.side is Side.BACK else _with(quote, side=Side.BACK))


@mutant("late_quotes", "wrong_price")
def take_late_messages(patch: Patch) -> None:
    patch.setattr(SiteSession, "_late", lambda self, update, at, received: "")


@mutant("missed", "moved", "wrong_price", "never_offered", "late_close", "unknown_event")
def join_two_fixtures(patch: Patch) -> None:
    """Every second fixture with the one before it."""
    matched = group.events

    def joined(*given: Any) -> Matched:
        found = matched(*given)
        groups: list[Group] = []
        for one in found.groups:
            if len(groups) % 2:
                groups[-1] = Group((*groups[-1].listings, *one.listings))
                groups.append(Group(()))
            else:
                groups.append(one)
        return Matched(tuple(one for one in groups if one.listings), found.decisions)

    patch.setattr("crossbook.pipeline.events.matched_events", joined)


# ------------------------------------------------------------------ the tick


@mutant("missed", "late_close", "opened_late")
def forget_every_tenth_tick(patch: Patch) -> None:
    numbers = count(1)
    tick = Pipeline.tick

    def forgetful(self: Pipeline, now: int, number: int = 0) -> Tick:
        if next(numbers) % 10 == 0:
            self.board.dirty.clear()
        return tick(self, now, number)

    patch.setattr(Pipeline, "tick", forgetful)


@mutant("missed", "late_close", "opened_late")
def look_at_three_events_a_tick(patch: Patch) -> None:
    in_order = Events.in_order

    def three(self: Events, events: dict[str, Event]) -> list[Event]:
        return in_order(self, events)[:3]

    patch.setattr(Events, "in_order", three)


@mutant("late_close")
def close_nothing(patch: Patch) -> None:
    _changes(patch, lambda changes, _: [each for each in changes if each.moment is not Moment.CLOSED])


@mutant("late_close")
def close_twenty_ticks_late(patch: Patch) -> None:
    _later(patch, lambda change: change.moment is Moment.CLOSED)


@mutant("opened_late", "missed")
def open_twenty_ticks_late(patch: Patch) -> None:
    _later(patch, lambda change: True)


@mutant("overstated")
def overstate_the_return(patch: Patch) -> None:
    def more(changes: list[Change], _: int) -> list[Change]:
        return [
            _returning(each, each.opportunity.guaranteed_return * Fraction(1001, 1000)) for each in changes
        ]

    _changes(patch, more)


# ------------------------------------------------------------------ the sums and the screens


@mutant("overstated", "no_gain")
def ignore_commission(patch: Patch) -> None:
    for room in (instrument, decide):
        patch.setattr(room, "instrument_of", lambda quote: Instrument(quote, Fraction(0), ""))


def _without(*names: str) -> Callable[[Patch], None]:
    def make(patch: Patch) -> None:
        kept = tuple(each for each in screens.SCREENS if each.__name__ not in names)
        patch.setattr(screens, "SCREENS", kept)
        if "sister_brands" in names:
            patch.setattr(decide, "sister_brands", lambda legs: None)
        if "late_answers" in names:
            patch.setattr(Times, "newer", lambda self, event, place, happened: None)
        if "one_desk" in names:
            patch.setattr(decide, "one_desk", lambda legs: None)
        if "margin_cap" in names:
            patch.setattr(decide, "MARGIN_CAP", Fraction(1_000))

    return make


def _off(*names: str, caught_as: str) -> None:
    name = f"without_{'_and_'.join(names)}"
    MUTANTS[name] = Mutant(name, _without(*names), frozenset({caught_as}))


# Where one screen turned off changes nothing, because another one refuses the same plants too, both are off.
_off("suspended", caught_as="suspended_market")
_off("clock_skew", caught_as="clock_skew")
_off("stale", "late_answers", caught_as="stale_price")
_off("crossed", "own_book", caught_as="crossed_book")
_off("incoherent", "apart", "margin_cap", "one_desk", caught_as="wrong_sign_handicap")
_off("swapped", "incoherent", "apart", "margin_cap", "one_desk", caught_as="swapped_sides")
_off("own_book", "outlier", "apart", "margin_cap", caught_as="palpable_error")
_off("sister_brands", "one_desk", caught_as="sister_brands")


# ------------------------------------------------------------------ how they are made


def _with(quote: Quote, **fields: Any) -> Quote:
    return msgspec.structs.replace(quote, **fields)


def _told(patch: Patch, change: Callable[[str, Snapshot], Snapshot]) -> None:
    """Change every snapshot before the board has it."""
    whole = Board.apply

    def apply(self: Board, stream: str, snapshot: Snapshot, received: int, life: int | None) -> None:
        whole(self, stream, change(stream, snapshot), received, life)

    patch.setattr(Board, "apply", apply)


def _quotes(patch: Patch, change: Callable[[Quote, Identity], Quote]) -> None:
    """Change every quote before the board has it."""

    def changed(_: str, snapshot: Snapshot) -> Snapshot:
        identity = snapshot.listing.source, snapshot.listing.key
        quotes = [change(quote, identity) for quote in snapshot.quotes]
        same = all(new is old for new, old in zip(quotes, snapshot.quotes, strict=True))
        return snapshot if same else Snapshot(snapshot.listing, quotes)

    _told(patch, changed)


def _changes(patch: Patch, bend: Callable[[list[Change], int], list[Change]]) -> None:
    """Bend what every tick tells."""
    tick = Pipeline.tick

    def bent(self: Pipeline, now: int, number: int = 0) -> Tick:
        done = tick(self, now, number)
        return msgspec.structs.replace(done, changes=bend(done.changes, now))

    patch.setattr(Pipeline, "tick", bent)


def _later(patch: Patch, late: Callable[[Change], bool], ticks: int = 20) -> None:
    """Tell some changes so many ticks later, as of then; what closes is not held up beyond its own opening."""
    waiting: deque[tuple[int, Change]] = deque()
    opened: dict[str, int] = {}
    numbers = count()

    def delayed(changes: list[Change], now: int) -> list[Change]:
        number = next(numbers)
        waiting.extend((number + ticks, change) for change in changes if late(change))
        told = [change for change in changes if not late(change)]
        while waiting and waiting[0][0] <= number:
            change = waiting.popleft()[1]
            if change.moment is Moment.OPENED:
                opened[change.id] = now
            since = opened.get(change.id, change.opened)
            told.append(msgspec.structs.replace(change, at=now, opened=since))
        return told

    _changes(patch, delayed)


def _returning(change: Change, guaranteed_return: Fraction) -> Change:
    opportunity = change.opportunity
    if opportunity.verdict is Verdict.REJECTED:
        return change
    return msgspec.structs.replace(
        change,
        opportunity=msgspec.structs.replace(opportunity, guaranteed_return=guaranteed_return),
    )
