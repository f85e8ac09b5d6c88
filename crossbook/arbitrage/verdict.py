"""Verdicts: what remains of a guarantee when the event does not run its course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from crossbook.arbitrage.instrument import worst_and_best
from crossbook.arbitrage.solution import Solution
from crossbook.arbitrage.states import States
from crossbook.base.exact import decimal_text
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.quote import Quote
from crossbook.model.venue import VenueType


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


def sister_brand(quotes: Sequence[Quote]) -> tuple[Reason, str] | None:
    """The reason to refuse legs of one desk under two names, with the name whose prices are to be left out.

    The brand that carries the desk's own name is the one to keep.
    """
    brands: dict[str, dict[str, bool]] = {}
    for quote in quotes:
        venue = quote.venue
        brands.setdefault(venue.desk, {})[venue.name] = venue.id == venue.desk
    for names in brands.values():
        if len(names) > 1:
            kept, *others = sorted(names, key=lambda name: (not names[name], name))
            return Reason(
                "sister_brands", f"{kept} and {', '.join(others)} are one desk under two names"
            ), others[0]
    return None


def _exposures(solution: Solution, states: States) -> Iterator[Reason]:
    venues = {leg.quote.venue.id: leg.quote.venue for leg in solution.legs}
    rules = sorted({venue.rules for venue in venues.values()})
    if len(rules) > 1:
        worst = min(_voided(solution, states, rule) for rule in rules)
        yield Reason(
            "rules_differ",
            f"legs settle by the rules of {', '.join(rules)}: if one side voids while the others stand, a unit returns "
            f"{decimal_text(worst, 4)} at worst",
        )
    for venue in venues.values():
        if venue.commission is None:
            yield Reason(
                "commission_unstated",
                f"{venue.id}: no source states its commission or fees, none are counted (set --commission)",
            )


def _voided(solution: Solution, states: States, rule: str) -> Fraction:
    """The worst return of a unit when every leg under these rules is refunded and the others are settled."""
    standing = [place for place, leg in enumerate(solution.legs) if leg.quote.venue.rules != rule]
    worst, _ = worst_and_best(
        [solution.legs[place] for place in standing], [solution.shares[place] for place in standing], states
    )
    return 1 + worst
