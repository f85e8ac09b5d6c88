"""Verdicts: what remains of a guarantee when the event does not run its course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from crossbook.arbitrage.aftermath import Leg
from crossbook.arbitrage.scenarios import COUNTED_THEIR_WAY, PLAYER, exposures, reasons
from crossbook.arbitrage.solution import Solution
from crossbook.arbitrage.states import States
from crossbook.model.claim import HALVES
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.quote import Quote
from crossbook.model.rule_sets import rules_for
from crossbook.model.venue import VenueType

_IN_SETS: Final = frozenset({"tennis", "badminton", "table-tennis", "volleyball"})
"""Sports in which a match ends when somebody gives up."""


def judge(solution: Solution, states: States, sport: str = "") -> tuple[Verdict, tuple[Reason, ...]]:
    """Pure where no scenario makes a loss and commission is known, else rule-exposed with the reasons.

    In every scenario each leg settles by its own venue's rules for this sport.
    """
    against = tuple(_exposures(solution, states, sport))
    return (Verdict.RULE_EXPOSED if against else Verdict.PURE), against


def one_desk(quotes: Sequence[Quote]) -> Reason | None:
    """The reason to refuse legs that one bookmaker's desk prices alone.

    On exchanges and prediction markets other people's orders stand against each other, so one venue may be enough.
    """
    if any(quote.venue.type is not VenueType.BOOKMAKER for quote in quotes):
        return None
    if len({quote.venue.desk for quote in quotes}) > 1:
        return None
    names = ", ".join(sorted({quote.venue.id for quote in quotes}))
    return Reason("one_desk", f"every leg is priced by one desk ({names}): it contradicts itself")


def sister_brands(quotes: Sequence[Quote]) -> tuple[Reason, tuple[str, ...]] | None:
    """The reason to refuse legs of one desk under several names, with these names: only one of them may be used."""
    brands: dict[str, set[str]] = {}
    for quote in quotes:
        brands.setdefault(quote.venue.desk, set()).add(quote.venue.name)
    for found in brands.values():
        if len(found) > 1:
            names = tuple(sorted(found))
            return Reason("sister_brands", f"{' and '.join(names)} are one desk under several names"), names
    return None


def rules_of(quote: Quote, sport: str = "") -> str:
    """The rules that a quote falls under, in words: whose fate it shares, and what was read.

    Quotes with the same words are settled alike in every scenario.
    """
    told = sorted(f"{word.value} {value}" for word, value in rules_for(quote.venue.rules, sport).items())
    return f"{alike(quote, sport)} ({', '.join(told)})" if told else alike(quote, sport)


def alike(quote: Quote, sport: str = "") -> str:
    """The name under which quotes share one fate where no source says what it is.

    Bookmakers are taken for alike in what nobody has read of either: that is the assumption of ordinary house rules.
    It does not hold where they are known to differ: a half beside the whole match (it stands when the rest is void),
    what counts as a card or a booking and who takes part, and a match of sets that somebody gives up. There, and at
    exchanges and prediction markets, each venue stands alone.
    """
    claim, venue = quote.claim, quote.venue
    name = venue.type.value
    if venue.type is not VenueType.BOOKMAKER or sport in _IN_SETS or _counted_their_way(claim.subject):
        name += f" {venue.id}"
    return f"{name} on the {claim.period.value}" if claim.period in HALVES else name


def _counted_their_way(subject: str) -> bool:
    return subject.startswith(COUNTED_THEIR_WAY) or PLAYER in subject


def _exposures(solution: Solution, states: States, sport: str) -> Iterator[Reason]:
    legs = [
        Leg(
            instrument,
            share,
            rules_for(instrument.quote.venue.rules, sport),
            alike(instrument.quote, sport),
        )
        for instrument, share in zip(solution.legs, solution.shares, strict=True)
    ]
    yield from reasons(exposures(legs, states, min(Fraction(1), solution.guaranteed_return)), legs)
    for venue in {leg.quote.venue.id: leg.quote.venue for leg in solution.legs}.values():
        if venue.commission is None:
            yield Reason(
                "commission_unstated",
                f"{venue.id}: no source states its commission or fees, none are counted (set --commission)",
            )
