"""The labels hold: clean events are clean, and each fault makes the arbitrage that is laid to its charge.

These are a few cases of each class. The whole set of any seed: ``python -m tests.faults.test_cases [SEED]``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from fractions import Fraction
from random import Random

import msgspec
import pytest

from crossbook.base.clock import SECOND
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Basis, Quote, Side
from tests.faults import cases, honest
from tests.faults.cases import Case
from tests.faults.fault_meanings import not_exhaustive
from tests.faults.goals import View, chance, scores
from tests.faults.planted import FaultClass
from tests.faults.proof import NOTHING, prove
from tests.faults.reasons import ANSWERS, SYNONYMS, plain_name
from tests.faults.worlds import MINUTE, Wishes, market, stage

SEED = 7
CLEAN = (*honest.WITH, *honest.WITHOUT)
_LATEST_HAPPENED = 9 * MINUTE


def own_book(quotes: list[Quote]) -> float:
    """What one over the odds of a market's backs adds up to, per unit that is sure to be paid."""
    best: dict[Claim, Fraction] = {}
    for quote in quotes:
        if quote.side is Side.BACK:
            best[quote.claim] = max(best.get(quote.claim, Fraction(0)), quote.odds)
    double = quotes[0].claim.kind is Kind.DOUBLE_CHANCE
    return float(sum(1 / odds for odds in best.values())) / (2 if double else 1)


def clean_marks(case: Case) -> list[str]:
    """What speaks against a clean event: nothing should."""
    found = []
    markets: dict[tuple[str, str], list[Quote]] = defaultdict(list)
    ladders: dict[tuple[str, str, Period, str], dict[Fraction, Fraction]] = defaultdict(dict)
    for quote in case.quotes:
        word = quote.claim.subject if quote.claim.kind is Kind.WINNER else quote.market_id
        markets[quote.venue.id, word].append(quote)
        claim = quote.claim
        if claim.line is not None and quote.side is Side.BACK:
            ladder = ladders[quote.venue.id, claim.market, claim.period, claim.selection]
            ladder[claim.line] = max(ladder.get(claim.line, Fraction(0)), quote.odds)
        if quote.received is not None and quote.happened is not None and quote.happened > quote.received:
            found.append(f"{quote.venue.id} happened after it was received")
        if (
            case.honest
            and quote.happened is not None
            and (quote.received or 0) - quote.happened
            > (_LATEST_HAPPENED if quote.basis is Basis.PREMATCH else 10 * SECOND)
        ):
            found.append(f"{quote.venue.id} is old")
    for (venue, word), quotes in markets.items():
        selections = {quote.claim.selection for quote in quotes if quote.side is Side.BACK}
        size = 3 if quotes[0].claim.kind in (Kind.MATCH_RESULT, Kind.DOUBLE_CHANCE, Kind.WINNER) else 2
        if len(selections) >= size and own_book(quotes) < 1:
            found.append(f"{venue} {word} adds up to {own_book(quotes):.4f}")
        for claim in {quote.claim for quote in quotes}:
            backs = [quote.odds for quote in quotes if quote.claim is claim and quote.side is Side.BACK]
            lays = [quote.odds for quote in quotes if quote.claim is claim and quote.side is Side.LAY]
            if backs and lays and max(backs) >= min(lays):
                found.append(f"{venue} {claim} is crossed")
    for (venue, word, _, selection), ladder in ladders.items():
        falling = selection in ("home", "under")
        prices = [ladder[line] for line in sorted(ladder, reverse=falling)]
        if prices != sorted(prices):
            found.append(f"{venue} {word} {selection} runs backwards: {[float(one) for one in prices]}")
    return found


def alone(case: Case) -> list[str]:
    """Venues whose own prices guarantee a gain without any other."""
    venues = {quote.venue.id for quote in case.quotes}
    return [
        venue
        for venue in venues
        if prove(case.listing, [quote for quote in case.quotes if quote.venue.id == venue]).margin > NOTHING
    ]


@pytest.fixture(scope="module", params=cases.CLASSES, ids=lambda kind: kind.name)
def planted(request: pytest.FixtureRequest) -> tuple[FaultClass, Case]:
    kind: FaultClass = request.param
    return kind, cases.one(f"{kind.name}/0", SEED)


def test_the_set_is_as_large_as_it_says() -> None:
    assert len(cases.CLASSES) * cases.PER_CLASS >= 300
    assert len(honest.WITH) * cases.PER_HONEST + len(honest.WITHOUT) * cases.PER_PLAIN >= 300
    assert len({kind.name for kind in cases.CLASSES} | set(CLEAN)) == len(cases.CLASSES) + len(CLEAN)


def test_every_class_has_its_answer_in_the_table_s_own_words() -> None:
    assert set(ANSWERS) == {kind.name for kind in cases.CLASSES}
    for answer in ANSWERS.values():
        assert answer.cause
        assert not answer.cause & answer.symptom
        assert {plain_name(name) for name in answer.cause | answer.symptom} <= set(SYNONYMS)
        assert {plain_name(name) for name in answer.cause | answer.symptom} == answer.cause | answer.symptom
    others = [other for names in SYNONYMS.values() for other in names]
    assert len(others) == len(set(others))
    assert not set(others) & set(SYNONYMS)


def test_a_fault_makes_the_gain_and_nothing_else_does(planted: tuple[FaultClass, Case]) -> None:
    kind, case = planted
    assert case.faulty
    rest = [quote for place, quote in enumerate(case.quotes) if place not in case.faulty]
    offered = [
        msgspec.structs.replace(quote, tradable=True) if kind.counts_suspended else quote
        for quote in case.quotes
    ]
    with_it, without = prove(case.listing, offered), prove(case.listing, rest)
    assert with_it.margin == pytest.approx(case.margin)
    assert with_it.margin >= case.honest + kind.least
    if case.honest:
        assert without.margin == pytest.approx(case.honest)
        assert honest.LEAST * 0.9 <= case.honest <= honest.MOST
    else:
        assert prove(case.listing, rest, fees=False).margin <= 1e-9
    bad = {id(offered[place]) for place in case.faulty}
    assert any(id(leg) in bad for leg in with_it.legs)


@pytest.mark.parametrize("kind", CLEAN)
def test_nothing_speaks_against_a_clean_event(kind: str) -> None:
    case = cases.one(f"{kind}/0", SEED)
    assert case.clean
    assert clean_marks(case) == []
    assert alone(case) == []
    if kind in honest.WITH:
        assert not cases.looks_swapped(case.quotes)
        assert cases.farthest(case.quotes) <= cases.FARTHEST
    if kind in honest.WITH:
        assert honest.LEAST <= prove(case.listing, case.quotes).margin <= honest.MOST
    else:
        assert prove(case.listing, case.quotes, fees=False).margin <= 0


def test_a_set_that_is_not_exhaustive_gives_nothing_once_nobody_may_win() -> None:
    fault = not_exhaustive(stage(Wishes(books=(3, 3)), Random(1)), Random(1))
    assert fault is not None
    assert fault.listing is not None
    assert fault.undone_listing is not None
    assert prove(fault.listing, fault.quotes).margin > 0
    assert prove(fault.undone_listing, fault.quotes).margin < 0


def test_a_seed_gives_the_same_case_again_and_another_seed_another() -> None:
    assert cases.one("own_book/1", 3) == cases.one("own_book/1", 3)
    assert cases.one("own_book/1", 3).quotes != cases.one("own_book/1", 4).quotes


def test_a_venue_with_its_sides_exchanged_is_seen() -> None:
    scene = stage(
        Wishes(books=(2, 2), exchanges=(0, 0), predictions=(0, 0), lopsided=True), Random(5)
    ).shown()
    assert not cases.looks_swapped(scene.quotes)
    assert cases.farthest(scene.quotes) < 0.1
    mirrored = scene.shown({scene.books[0].venue.id: scene.truth.mirrored()})
    assert cases.looks_swapped(mirrored.quotes)
    assert cases.farthest(mirrored.quotes) > cases.FARTHEST


def test_chances_are_those_of_the_scores() -> None:
    view = View(1.6, 1.1, draw=0.0)
    assert scores(view, Period.FULL_TIME).sum() == pytest.approx(1)
    result = [chance(claim, view) for claim in market(Kind.MATCH_RESULT).claims]
    assert sum(result) == pytest.approx(1)
    over, under = (chance(claim, view) for claim in market(Kind.TOTAL, Fraction(5, 2)).claims)
    # 1 - e^-2.7 (1 + 2.7 + 2.7²/2): three goals or more at a rate of 2.7
    assert over == pytest.approx(0.50638, abs=1e-4)
    assert over + under == pytest.approx(1)
    level = Claim.of(Kind.ASIAN_HANDICAP, "home", Fraction(0))
    assert chance(level, view) == pytest.approx(result[0] / (result[0] + result[2]))
    led = view._replace(played=(2, 0))
    assert chance(Claim.of(Kind.TOTAL, "over", Fraction(3, 2)), led) == pytest.approx(1)


def test_the_proof_knows_a_sure_bet_by_hand() -> None:
    case = cases.one("plain/0", SEED)
    venue = case.quotes[0].venue
    over, under = market(Kind.TOTAL, Fraction(5, 2)).claims
    pair = [Quote(venue, claim, Side.BACK, Fraction(21, 10)) for claim in (over, under)]
    assert prove(case.listing, pair).margin == pytest.approx(0.05)
    laid = [pair[0], Quote(venue, over, Side.LAY, Fraction(2))]
    # 1 on over at 2.1 and 1.05 laid at 2: each way 0.05 on 2.05 at risk
    assert prove(case.listing, laid).margin == pytest.approx(0.05 / 2.05)
    taxed = msgspec.structs.replace(venue, commission=Fraction(1, 10))
    assert prove(
        case.listing, [msgspec.structs.replace(quote, venue=taxed) for quote in pair]
    ).margin == pytest.approx(-0.005)
    half = Claim.of(Kind.TOTAL, "over", Fraction(3, 2), Period.FIRST_HALF)
    full = Claim.of(Kind.TOTAL, "under", Fraction(3, 2))
    both = [Quote(venue, claim, Side.BACK, Fraction(3)) for claim in (half, full)]
    assert prove(case.listing, both).margin == pytest.approx(-1)


def main() -> None:
    """Check every case of a seed."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else cases.SEED
    wrong = 0
    for case in cases.clean(seed):
        for mark in clean_marks(case) + [f"{venue} alone" for venue in alone(case)]:
            wrong += 1
            print(case.name, mark)
    for kind in cases.CLASSES:
        for number in range(cases.PER_CLASS):
            try:
                test_a_fault_makes_the_gain_and_nothing_else_does(
                    (kind, cases.one(f"{kind.name}/{number}", seed))
                )
            except AssertionError as error:
                wrong += 1
                print(f"{kind.name}/{number}", str(error).splitlines()[0])
    print(f"seed {seed}: {wrong} wrong")


if __name__ == "__main__":
    main()
