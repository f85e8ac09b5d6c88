"""The work of `crossbook explain`: lines in, explanations out, as tables or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossbook.arbitrage.explained import (
    WORST_BACK,
    WORST_LAY,
    Explanation,
    LegPays,
    StateLine,
    explained,
)
from crossbook.base.errors import BadData
from crossbook.base.exact import decimal_text, plain_text
from crossbook.cli import explain_words as words
from crossbook.cli.plain import COLOURS, print_json, visible
from crossbook.cli.scan import rate_of
from crossbook.model.claim import GOALS
from crossbook.model.odds import odds_text
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Side
from crossbook.model.reading import opportunity_from

_RETURN_PLACES: Final = 9
_LONGEST_LINE: Final = 16 * 1024 * 1024
_STATE_WIDTH: Final = 24
_FIXED: Final = 24
"""Columns that the net, the state's price and the margins take."""
_LEG_WIDTH: Final = 10
_MOST_STATES: Final = 24


def run_explain(file: Path, line: int | None, commissions: Sequence[str], as_json: bool) -> None:
    """Explain the opportunities of a file or of standard input. Raises BadData naming the line and the field."""
    rates = dict(rate_of(text) for text in commissions)
    console = Console(emoji=False, highlight=False)
    found = 0
    for number, value in _objects(file, line):
        try:
            opportunity = opportunity_from(value, rates)
            explanation = explained(opportunity)
        except BadData as error:
            raise BadData(f"line {number}: {error}") from None
        found += 1
        if as_json:
            print_json(explanation_object(opportunity, explanation))
        else:
            console.print(explanation_text(opportunity, explanation, console.width))
    if not found:
        wanted = f"line {line}" if line is not None else "the input"
        raise BadData(f"{wanted}: holds no opportunity as crossbook scan --json prints them")


def _objects(file: Path, wanted: int | None) -> Iterator[tuple[int, object]]:
    """The opportunities of the input, with the numbers of their lines; summaries and empty lines are passed over."""
    decoder = msgspec.json.Decoder()
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise BadData(f"{file}: {error.strerror}") from None
    with stream:
        for number, text in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), 1):
            if not text.strip() or wanted not in (None, number):
                continue
            try:
                value = decoder.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise BadData(f"line {number}: is not JSON ({error})") from None
            if isinstance(value, dict) and isinstance(value.get("opportunity"), dict):
                value = value["opportunity"]
            if not isinstance(value, dict):
                raise BadData(f"line {number}: is not an object as crossbook scan --json prints them")
            if "summary" not in value:
                yield number, value


# ------------------------------------------------------------------ JSON


def explanation_object(opportunity: Opportunity, explanation: Explanation) -> dict[str, object]:
    """The explanation as an object; amounts and odds are decimal text."""
    return {
        "event": _title(opportunity),
        "kind": opportunity.kind,
        "verdict": opportunity.verdict.value,
        "reasons": [str(reason) for reason in opportunity.reasons],
        "told_return": decimal_text(opportunity.guaranteed_return, _RETURN_PLACES),
        "guaranteed_return": _maybe(explanation.guaranteed_return, _RETURN_PLACES),
        "planned": explanation.planned,
        "assumed_complete": explanation.assumed,
        "legs": [
            {
                "venue": leg.quote.venue.id,
                "bet": str(leg.quote.claim),
                "side": leg.quote.side.value,
                "price": odds_text(leg.quote.odds),
                "stake": plain_text(amount),
                "risk": plain_text(risk),
                "stands_with_these_stakes": _maybe_plain(slip.with_these),
                "stands_planned_anew": _maybe_plain(slip.planned_anew),
            }
            for leg, amount, risk, slip in zip(
                explanation.legs, explanation.amounts, explanation.risks, explanation.slips, strict=True
            )
        ],
        "states": [
            {
                "state": words.region_words(line.region, _subject(opportunity)),
                "example": words.result_words(line.region.example),
                "legs": [
                    {
                        "settled": words.settled(pays.settlement, leg.quote.side),
                        "net": plain_text(pays.net),
                    }
                    for leg, pays in zip(explanation.legs, line.legs, strict=True)
                ],
                "commission": plain_text(line.commission),
                "net": plain_text(line.net),
                "worst": line.net == explanation.worst,
                "price": _maybe(line.price, _RETURN_PLACES),
            }
            for line in explanation.states
        ],
        "worst": plain_text(explanation.worst),
        "best": plain_text(explanation.best),
        "expected": _maybe_plain(explanation.expected),
        "voids": [
            {"venue": void.venue, "legs": [place + 1 for place in void.legs], "worst": plain_text(void.worst)}
            for void in explanation.voids
        ],
    }


def _maybe(value: Fraction | None, places: int) -> str | None:
    return None if value is None else decimal_text(value, places)


def _maybe_plain(value: Fraction | None) -> str | None:
    return None if value is None else plain_text(value)


# ------------------------------------------------------------------ tables


def explanation_text(opportunity: Opportunity, explanation: Explanation, width: int) -> RenderableType:
    """The explanation for a terminal so many columns wide."""
    parts: list[RenderableType] = [_head(opportunity, explanation), Text()]
    parts += [_legs(opportunity, explanation), Text()]
    parts += [_heading(words.STATES), _states(opportunity, explanation, width), Text()]
    parts += [*_sums(opportunity, explanation)]
    if any(slip.with_these is not None or slip.planned_anew is not None for slip in explanation.slips):
        parts += [Text(), _heading(words.BREAKS), _slips(explanation)]
    if explanation.voids:
        parts += [Text(), _heading(words.VOIDS), _voids(explanation)]
    parts += [Text()]
    return Group(*parts)


def _title(opportunity: Opportunity) -> str:
    listing = opportunity.listing
    return f"{listing.home} v {listing.away}" if listing.away else listing.home


def _subject(opportunity: Opportunity) -> str:
    subject = opportunity.legs[0].quote.claim.subject
    return (
        subject if opportunity.listing.sport in ("football", "ice-hockey") or subject != GOALS else "points"
    )


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _head(opportunity: Opportunity, explanation: Explanation) -> Group:
    listing = opportunity.listing
    about = " ".join(
        word for word in (listing.competition, listing.date or "", opportunity.basis.value) if word
    )
    title = Text.assemble((visible(_title(opportunity)), "bold"), (visible(f"  {about}"), "dim"))
    colour = COLOURS[opportunity.verdict]
    verdict = Text(words.headline(opportunity.kind, opportunity.verdict.value), style=f"bold {colour}")
    told = decimal_text(opportunity.guaranteed_return, _RETURN_PLACES)
    summed = _maybe(explanation.guaranteed_return, _RETURN_PLACES)
    lines = [title, verdict, Text(words.returned(told, summed))]
    if summed not in (None, told) or _plan_differs(opportunity, explanation):
        lines.append(Text(words.COMMISSION_HINT))
    lines += [Text(visible(str(reason)), style=colour) for reason in opportunity.reasons]
    estimate = opportunity.estimate
    if estimate is not None:
        kelly = None if estimate.kelly is None else _percent(estimate.kelly)
        expected = decimal_text(estimate.expected_return, 4)
        lines.append(
            Text(
                visible(
                    words.estimated(
                        expected,
                        _percent(estimate.chance),
                        _percent(estimate.break_even),
                        kelly,
                        estimate.method,
                    )
                )
            )
        )
    if explanation.assumed:
        lines.append(Text(words.assumed(), style="yellow"))
    return Group(*lines)


def _table(*columns: str, right: int = 0) -> Table:
    """A plain table; the last `right` columns are numbers."""
    table = Table(box=None, padding=(0, 1), header_style="dim", show_header=True)
    for place, name in enumerate(columns):
        number = place >= len(columns) - right
        table.add_column(name, justify="right" if number else "left", no_wrap=number)
    return table


def _legs(opportunity: Opportunity, explanation: Explanation) -> Group:
    table = _table(words.NUMBER, words.VENUE, words.BET, words.PRICE, words.STAKE, words.RISK, right=3)
    free = opportunity.kind == "free_bet"
    for place, (leg, amount, risk) in enumerate(
        zip(explanation.legs, explanation.amounts, explanation.risks, strict=True)
    ):
        table.add_row(
            str(place + 1),
            Text(visible(leg.quote.venue.name)),
            Text(visible(_bet(leg.quote.claim, leg.quote.side))),
            plain_text(leg.quote.odds, 3),
            decimal_text(amount, 2),
            words.FREE if free and place == 0 else decimal_text(risk, 2),
        )
    parts: list[RenderableType] = [table]
    if not explanation.planned:
        parts.append(Padding(Text(words.SHARES_OF_100, style="dim"), (0, 1)))
    return Group(*parts)


def _bet(claim: object, side: Side) -> str:
    return f"{words.LAY} {claim}" if side is Side.LAY else str(claim)


def _states(opportunity: Opportunity, explanation: Explanation, width: int) -> Group:
    """A row for each state: what each leg gains or loses where there is room, else what becomes of it."""
    subject, lines = _subject(opportunity), _shown(explanation)
    taxed = any(line.commission for line in lines)
    priced = any(line.price is not None for line in lines) and opportunity.estimate is None
    room = width - _STATE_WIDTH - _FIXED - (_LEG_WIDTH if taxed else 0)
    numbers = [str(place + 1) for place in range(len(explanation.legs))]
    wide = len(numbers) * _LEG_WIDTH <= room
    last = [*([words.COMMISSION] if taxed else []), words.NET, *([words.STATE_PRICE] if priced else [])]
    if wide:
        table = _table(words.STATE, *numbers, *last, right=len(numbers) + len(last))
    else:
        table = _table(words.STATE, words.PAYS, *last, right=len(last))
    for line in lines:
        state = words.region_words(line.region, subject)
        cells: list[RenderableType] = [
            Text(visible(state), style="bold" if line.net == explanation.worst else "")
        ]
        if wide:
            cells += [_leg_cell(pays) for pays in line.legs]
        else:
            cells.append(_in_words(explanation, line))
        if taxed:
            cells.append(Text(_money(-line.commission) if line.commission else "", style="dim"))
        cells.append(_net(line.net, line.net == explanation.worst))
        if priced:
            price = line.price or Fraction(0)
            cells.append(Text(f"{decimal_text(price * 100, 1)} %" if price else "", style="dim"))
        table.add_row(*cells)
    hidden = [line.net for line in explanation.states if line not in lines]
    if not hidden:
        return Group(table)
    more = words.more_states(len(hidden), _money(min(hidden)), _money(max(hidden)))
    return Group(table, Padding(Text(more, style="dim"), (0, 1)))


def _shown(explanation: Explanation) -> list[StateLine]:
    """All states, or of too many those that decide: the worst, then those with a price, in their order."""
    every = list(explanation.states)
    if len(every) <= _MOST_STATES:
        return every
    first = sorted(range(len(every)), key=lambda place: (every[place].net, not every[place].price, place))
    return [every[place] for place in sorted(first[:_MOST_STATES])]


def _leg_cell(pays: LegPays) -> Text:
    """The leg's net profit; what is won or lost in part is marked."""
    refunded = pays.settlement.refunded
    if not pays.net:
        return Text(words.BACK if refunded else _money(pays.net), style="dim")
    partly = f"{words.PARTLY} " if refunded else ""
    return Text(f"{partly}{_money(pays.net)}", style="green" if pays.net > 0 else "red")


def _money(value: Fraction) -> str:
    """The amount with its sign and two places, cut downwards."""
    return ("+" if value > 0 else "") + decimal_text(value, 2)


def _in_words(explanation: Explanation, line: StateLine) -> str:
    """What becomes of each leg in a state."""
    legs = zip(explanation.legs, line.legs, strict=True)
    return words.legs_words([(pays.settlement, leg.quote.side) for leg, pays in legs])


def _net(value: Fraction, worst: bool) -> Text:
    colour = "green" if value > 0 else "red" if value < 0 else ""
    return Text(_money(value), style=f"bold {colour}" if worst else colour)


def _sums(opportunity: Opportunity, explanation: Explanation) -> Iterator[Text]:
    line = next(one for one in explanation.states if one.net == explanation.worst)
    because = _in_words(explanation, line)
    state = words.region_words(line.region, _subject(opportunity))
    yield Text(visible(words.worst(_money(explanation.worst), state, because)))
    yield Text(words.best(_money(explanation.best)))
    if explanation.expected is not None and opportunity.estimate is None:
        yield Text(words.expected(_money(explanation.expected)))
    if (differs := _plan_differs(opportunity, explanation)) is not None:
        yield Text(words.plan_differs(*differs), style="yellow")


def _plan_differs(opportunity: Opportunity, explanation: Explanation) -> tuple[str, str] | None:
    """The worst and best that the plan was said to have, and those of its stakes, where they are not the same."""
    plan = opportunity.plan
    if plan is None:
        return None
    told = f"{_money(plan.worst)} to {_money(plan.best)}"
    summed = f"{_money(explanation.worst)} to {_money(explanation.best)}"
    return None if told == summed else (told, summed)


def _percent(share: Fraction) -> str:
    return f"{decimal_text(share * 100, 1)} %"


def _slips(explanation: Explanation) -> Table:
    table = _table(words.NUMBER, words.BET, words.FALLS, words.WITH_THESE, words.PLANNED_ANEW, right=3)
    for place, (leg, slip) in enumerate(zip(explanation.legs, explanation.slips, strict=True)):
        cells = [_standing(odds, leg.quote.side) for odds in (slip.with_these, slip.planned_anew)]
        bet = Text(visible(_bet(leg.quote.claim, leg.quote.side)))
        table.add_row(str(place + 1), bet, plain_text(leg.quote.odds, 3), *cells)
    return table


def _standing(odds: Fraction | None, side: Side) -> str:
    """The prices at which it stands."""
    if odds is None:
        return words.NEVER
    if odds in (WORST_BACK, WORST_LAY):
        return words.ANY
    return f"≤ {plain_text(odds, 3)}" if side is Side.LAY else f"≥ {plain_text(odds, 3)}"


def _voids(explanation: Explanation) -> Table:
    table = _table(words.VOID_AT, words.PAYS, words.OTHERS_STAND, right=1)
    for void in explanation.voids:
        legs = ", ".join(str(place + 1) for place in void.legs)
        table.add_row(Text(visible(void.venue)), legs, _net(void.worst, worst=False))
    return table
