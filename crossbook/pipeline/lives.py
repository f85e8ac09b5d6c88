"""Lives: which opportunities are open, and what became of each since the last look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b

import msgspec

from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Opportunity, Reason, Verdict
from crossbook.model.quote import Quote
from crossbook.pipeline.events import Event

_Legs = tuple[tuple[str, ...], ...]
_Key = tuple[str, bool, _Legs]
"""Basis, whether it is refused, and the legs. What may be acted on and what is refused never share a life."""

WhyGone = Callable[[Event, Quote], Reason | None]

_UPDATED = Reason("updated", "the prices stand; what is on offer, or what is thought of it, has changed")


class Lives:
    """The open opportunities of every event."""

    def __init__(self) -> None:
        self._open: dict[str, dict[_Key, Change]] = {}

    def look(
        self, event: Event, found: Iterable[Opportunity], now: int, why_gone: WhyGone
    ) -> Iterator[Change]:
        """Compare what an event offers now with what was open: the changes, those that end first."""
        new: dict[_Key, Opportunity] = {}
        for opportunity in found:
            new.setdefault(_key(opportunity), opportunity)
        known = self._open.pop(event.id, {})
        for key, last in known.items():
            if key not in new:
                yield _closed(last, now, _why_closed(event, last.opportunity, new.values(), why_gone))
        still: dict[_Key, Change] = {}
        for key, opportunity in new.items():
            before = known.get(key)
            if before is None:
                still[key] = _opened(event, key, opportunity, now)
                yield still[key]
            elif not _alike(before.opportunity, opportunity):
                why = tuple(_why_changed(event, before.opportunity, why_gone)) or (_UPDATED,)
                still[key] = msgspec.structs.replace(
                    before, at=now, moment=Moment.CHANGED, opportunity=opportunity, why=why
                )
                yield still[key]
            else:
                still[key] = before
        if still:
            self._open[event.id] = still

    def end(self, event_id: str, now: int, reason: Reason) -> Iterator[Change]:
        """Close everything that is open on an event."""
        for last in self._open.pop(event_id, {}).values():
            yield _closed(last, now, (reason,))

    def open(self) -> list[Change]:
        """The last change of every open life, the one that opened first in front."""
        every = [change for of_event in self._open.values() for change in of_event.values()]
        return sorted(every, key=lambda change: (change.opened, change.id))


def _key(opportunity: Opportunity) -> _Key:
    legs = sorted({_offer(leg.quote) for leg in opportunity.legs if leg.share})
    return opportunity.basis.value, opportunity.verdict is Verdict.REJECTED, tuple(legs)


def _offer(quote: Quote) -> tuple[str, ...]:
    claim = quote.claim
    what = claim.space, claim.market, claim.selection, str(claim.line)
    return quote.venue.id, quote.market_id, *what, quote.side.value


def _opened(event: Event, key: _Key, opportunity: Opportunity, now: int) -> Change:
    text = repr((event.id, key, now)).encode()
    return Change(
        at=now,
        moment=Moment.OPENED,
        id=blake2b(text, digest_size=10).hexdigest(),
        event=event.id,
        opened=now,
        opportunity=opportunity,
    )


def _closed(last: Change, now: int, why: tuple[Reason, ...]) -> Change:
    return msgspec.structs.replace(last, at=now, moment=Moment.CLOSED, why=why)


def _alike(one: Opportunity, other: Opportunity) -> bool:
    """Whether both say the same; when the prices came does not matter."""
    return (
        one.guaranteed_return == other.guaranteed_return
        and one.verdict is other.verdict
        and one.plan == other.plan
        and one.unplanned == other.unplanned
        and [reason.name for reason in one.reasons] == [reason.name for reason in other.reasons]
        and [_terms(leg.quote) for leg in one.legs] == [_terms(leg.quote) for leg in other.legs]
        and [leg.share for leg in one.legs] == [leg.share for leg in other.legs]
    )


def _terms(quote: Quote) -> tuple[object, ...]:
    return _offer(quote), quote.odds, quote.size


def _why_changed(event: Event, before: Opportunity, why_gone: WhyGone) -> Iterator[Reason]:
    reasons = (why_gone(event, leg.quote) for leg in before.legs)
    yield from dict.fromkeys(reason for reason in reasons if reason is not None)


def _why_closed(
    event: Event, last: Opportunity, now_found: Iterable[Opportunity], why_gone: WhyGone
) -> tuple[Reason, ...]:
    gone = tuple(_why_changed(event, last, why_gone))
    if gone:
        return gone
    quotes = {_offer(leg.quote) for leg in last.legs}
    found: Sequence[Opportunity] = list(now_found)
    for other in found:
        if other.verdict is Verdict.REJECTED and quotes & {_offer(leg.quote) for leg in other.legs}:
            names = ", ".join(dict.fromkeys(reason.name for reason in other.reasons))
            return (Reason("refused", f"its prices are no longer believed: {names}"),)
    space = last.legs[0].quote.claim.space
    if any(
        other.verdict is not Verdict.REJECTED
        and other.basis is last.basis
        and other.legs[0].quote.claim.space == space
        for other in found
    ):
        believed = last.verdict is Verdict.REJECTED
        return (
            Reason("replaced", "its prices are believed now" if believed else "other legs do better now"),
        )
    return (Reason("ended", "its legs no longer guarantee a return"),)
