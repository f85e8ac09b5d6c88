"""Verdicts: what remains of a guarantee when the event does not run its course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from crossbook.arbitrage.instrument import Instrument, worst_and_best
from crossbook.arbitrage.solution import Solution
from crossbook.arbitrage.states import States, gross_coefficients
from crossbook.base.exact import decimal_text
from crossbook.model.claim import Period
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import VenueType

_COUNTED_THEIR_WAY = ("cards", "bookings")
_PLAYER = ": "
"""Between what is counted and whose it is: ``shots: Some Player``."""


def judge(solution: Solution, states: States) -> tuple[Verdict, tuple[Reason, ...]]:
    """Pure where all legs live under one set of rules and known commission, else rule-exposed with the reasons."""
    reasons = tuple(_exposures(solution, states))
    return (Verdict.RULE_EXPOSED if reasons else Verdict.PURE), reasons


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


def rules_of(quote: Quote) -> str:
    """The class of rules a quote is settled by where the event breaks off: its venue's, and what is counted.

    A half that is over stands when the rest is void; what counts as a card or a booking, and what happens to a bet on a
    player who does not take part, is each venue's own rule.
    """
    rules = quote.venue.rules
    if quote.claim.period in (Period.FIRST_HALF, Period.SECOND_HALF):
        rules += f" on the {quote.claim.period.value}"
    subject = quote.claim.subject
    if subject.startswith(_COUNTED_THEIR_WAY) or _PLAYER in subject:
        rules += f" on {subject} at {quote.venue.id}"
    return rules


def _exposures(solution: Solution, states: States) -> Iterator[Reason]:
    venues = {leg.quote.venue.id: leg.quote.venue for leg in solution.legs}
    rules = sorted({rules_of(leg.quote) for leg in solution.legs})
    if len(rules) > 1:
        worst = min(_voided(solution, states, rule) for rule in rules)
        yield Reason(
            "rules_differ",
            f"legs settle by the rules of {', '.join(rules)}: if one side voids while the others stand, a unit returns "
            f"{decimal_text(worst, 4)} at worst",
        )
    if all(venue.type is VenueType.PREDICTION for venue in venues.values()):
        split = sum((leg_share * _split(leg.quote) for leg, leg_share in _shared(solution)), Fraction(0))
        if split < 1:
            yield Reason(
                "split_settlement",
                f"if every contract pays one half, a unit returns {decimal_text(split, 4)}",
            )
    for venue in venues.values():
        if venue.commission is None:
            yield Reason(
                "commission_unstated",
                f"{venue.id}: no source states its commission or fees, none are counted (set --commission)",
            )


def _shared(solution: Solution) -> Iterator[tuple[Instrument, Fraction]]:
    return zip(solution.legs, solution.shares, strict=True)


def _split(quote: Quote) -> Fraction:
    """The gross return of a unit on a contract that is settled at one half."""
    won, _, fixed = gross_coefficients(quote.odds, quote.side is Side.LAY)
    return won / 2 + fixed


def _voided(solution: Solution, states: States, rule: str) -> Fraction:
    """The worst return of a unit when every leg under these rules is refunded and the others are settled."""
    standing = [place for place, leg in enumerate(solution.legs) if rules_of(leg.quote) != rule]
    worst, _ = worst_and_best(
        [solution.legs[place] for place in standing], [solution.shares[place] for place in standing], states
    )
    return 1 + worst
