"""Opportunities read back from the objects that `report` makes of them.

What an object does not say cannot be read back: a venue's commission, desk and rules, and whether a count is with
overtime. A venue read back takes no commission, unless one is given for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number, plain_text
from crossbook.model.claim import GOALS, RACES, Claim, Kind, Period
from crossbook.model.opportunity import Estimate, Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import NO_COMMISSION, Venue

TOLD: Final = "told"
"""The source of what is read back."""
_PLACES_WRITTEN: Final = 6
_LARGEST_DENOMINATOR: Final = 10_000
_KINDS: Final = sorted(Kind, key=lambda kind: -len(kind.value))
_PLACES: Final = re.compile(r"(.+)_([1-9][0-9]{0,3})")
_Word = TypeVar("_Word", Basis, Side, Verdict)


class _Event(msgspec.Struct):
    home: str
    sport: str = "other"
    competition: str = ""
    season: str | None = None
    date: str | None = None
    away: str = ""


class _Leg(msgspec.Struct):
    venue: str
    market: str
    selection: str
    price: str
    line: str | None = None
    side: str = "back"
    share: str | None = None
    stake: str | None = None


class _Rounded(msgspec.Struct):
    bank: str
    unit: str
    staked: str
    worst: str
    best: str


class _Estimate(msgspec.Struct):
    method: str
    expected_return: str
    chance: str
    break_even: str
    kelly: str | None = None
    fair_odds: str | None = None


class _Told(msgspec.Struct):
    event: _Event
    legs: list[_Leg]
    guaranteed_return: str
    verdict: str
    basis: str = "prematch"
    kind: str = "arbitrage"
    reasons: list[str] = []
    rounded: _Rounded | None = None
    rounded_reason: str | None = None
    estimate: _Estimate | None = None


def opportunity_from(value: object, commissions: Mapping[str, Fraction] | None = None) -> Opportunity:
    """The opportunity that an object of ``scan --json`` tells, as decoded JSON.

    `commissions` are by venue id. Raises BadData naming the field that is missing, or makes no sense: ``legs[1].price:
    …``.
    """
    try:
        told = msgspec.convert(value, _Told)
    except msgspec.ValidationError as error:
        raise BadData(_field_first(str(error))) from None
    if not told.legs:
        raise BadData("legs: an opportunity has at least one")
    basis = _word(Basis, told.basis, "basis")
    legs, stakes = [], []
    for place, each in enumerate(told.legs):
        with_field = f"legs[{place}]"
        try:
            quote = _quote(each, basis, commissions or {})
            share = parse_number(each.share) if each.share is not None else Fraction(1, len(told.legs))
            stake = None if each.stake is None else parse_number(each.stake)
        except BadData as error:
            raise BadData(f"{with_field}.{error}") from None
        legs.append(Leg(quote, share))
        stakes.append(stake)
    event = told.event
    return Opportunity(
        listing=Listing(
            source=TOLD,
            key="",
            sport=event.sport,
            competition=event.competition,
            home=event.home,
            away=event.away,
            season=event.season,
            date=event.date,
        ),
        basis=basis,
        kind=told.kind,
        verdict=_word(Verdict, told.verdict, "verdict"),
        reasons=tuple(Reason(*_named(text)) for text in told.reasons),
        guaranteed_return=_number("guaranteed_return", told.guaranteed_return),
        legs=tuple(legs),
        plan=None if told.rounded is None else _plan(told, legs, stakes),
        unplanned=told.rounded_reason,
        estimate=None if told.estimate is None else _estimate(told.estimate),
    )


def claim_from(market: str, selection: str, line: str | None = None) -> Claim:
    """The claim with a market's word, a selection and a line, as they stand in output; the count without overtime.

    Raises BadData naming the field.

    >>> claim_from("corners_1h_total", "over", "4.5")
    <corners_1h_total over 4.5>
    """
    words, places = market, 0
    numbered = _PLACES.fullmatch(market)
    if numbered and numbered[1] in RACES:
        words, places = numbered[1], int(numbered[2])
    for kind in _KINDS:
        if words != kind.value and not words.endswith(f"_{kind.value}"):
            continue
        before = words[: -len(kind.value)].removesuffix("_")
        period, subject = Period.FULL_TIME, before or GOALS
        for each in Period:
            if before == each.value or before.endswith(f"_{each.value}"):
                period, subject = each, before[: -len(each.value)].removesuffix("_") or GOALS
        found = Claim.of(kind, selection, _line(line), period, subject, places)
        if found.market == market:
            return found
    kinds = ", ".join(kind.value for kind in Kind)
    raise BadData(f"market: {market[:60]!r} is none of {kinds}, with a subject or a period in front")


def _quote(told: _Leg, basis: Basis, commissions: Mapping[str, Fraction]) -> Quote:
    claim = claim_from(told.market, told.selection, told.line)
    if not told.venue:
        raise BadData("venue: is empty")
    venue = Venue(
        id=told.venue,
        name=told.venue,
        desk=told.venue,
        rules=told.venue,
        commission=commissions.get(told.venue, NO_COMMISSION),
    )
    odds = _price(told.price)
    if odds <= 1:
        raise BadData(f"price: {told.price} pays no more than the stake")
    return Quote(venue=venue, claim=claim, side=_word(Side, told.side, "side"), odds=odds, basis=basis)


def _price(text: str) -> Fraction:
    """The odds that were written; cut after six digits they are put back to the simple fraction they were cut from."""
    told = _number("price", text)
    if len(text.partition(".")[2]) < _PLACES_WRITTEN:
        return told
    simple = 1 / (1 / told).limit_denominator(_LARGEST_DENOMINATOR)
    return simple if plain_text(simple) == text else told


def _line(text: str | None) -> Fraction | None:
    return None if text is None else _number("line", text)


def _number(name: str, text: str) -> Fraction:
    try:
        return parse_number(text)
    except BadData as error:
        raise BadData(f"{name}: {error}") from None


def _plan(told: _Told, legs: Sequence[Leg], stakes: Sequence[Fraction | None]) -> Plan:
    rounded = told.rounded
    assert rounded is not None  # noqa: S101 - asked before
    known = []
    for place, (leg, stake) in enumerate(zip(legs, stakes, strict=True)):
        if stake is None or stake < 0:
            raise BadData(f"legs[{place}].stake: a plan needs one for every leg, not below 0")
        gain = leg.quote.odds - 1 if leg.quote.side is Side.LAY else Fraction(1)
        free = told.kind == "free_bet" and place == 0
        known.append(Stake(stake, Fraction(0) if free else stake * gain))
    figures = {
        name: _number(f"rounded.{name}", getattr(rounded, name)) for name in _Rounded.__struct_fields__
    }
    return Plan(
        figures["bank"], figures["unit"], tuple(known), figures["staked"], figures["worst"], figures["best"]
    )


def _estimate(told: _Estimate) -> Estimate:
    figures = {
        name: None if text is None else _number(f"estimate.{name}", text)
        for name in ("expected_return", "chance", "break_even", "kelly", "fair_odds")
        for text in [getattr(told, name)]
    }
    return Estimate(
        method=told.method,
        expected_return=figures["expected_return"] or Fraction(0),
        chance=figures["chance"] or Fraction(0),
        break_even=figures["break_even"] or Fraction(0),
        kelly=figures["kelly"],
        fair_odds=figures["fair_odds"],
    )


def _named(text: str) -> tuple[str, str]:
    name, _, detail = text.partition(": ")
    return name, detail


def _word(words: type[_Word], text: str, field: str) -> _Word:
    try:
        return words(text)
    except ValueError:
        raise BadData(
            f"{field}: {text[:40]!r} is not one of {', '.join(one.value for one in words)}"
        ) from None


def _field_first(message: str) -> str:
    """The message of msgspec with the field in front, as all of ours have it."""
    missing = re.fullmatch(r"Object missing required field `(\w+)`(?: - at `\$\.?(.*)`)?", message)
    if missing:
        return f"{missing[2] + '.' if missing[2] else ''}{missing[1]}: is missing"
    what, _, where = message.partition(" - at `$")
    where = where.rstrip("`").removeprefix(".")
    return f"{where or 'object'}: {what[0].lower()}{what[1:]}"
