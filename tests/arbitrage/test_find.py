"""The way through: made-up events in, opportunities out, each re-summed by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import pytest

from crossbook.arbitrage import find
from crossbook.arbitrage.find import Unsolved, opportunities
from crossbook.arbitrage.instrument import best_instruments
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Basis, Contest, Listing, Quote
from crossbook.model.venue import exchange, prediction
from tests.arbitrage.checks import (
    SCORES,
    check_bases_stay_apart,
    check_found_sums,
    check_sums,
    fair_books,
    made_up_events,
    two_way,
)
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DELTA,
    DNB_AWAY,
    DNB_HOME,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    TWO_PERCENT,
    ah,
    back,
    best_guarantee,
    best_on_scores,
    book,
    claim,
    event,
    lay,
    pair,
    random_claim,
    reason_names,
    returns_on,
    search,
    total,
)


def only(quotes: Sequence[Quote], verdict: Verdict = Verdict.PURE) -> Opportunity:
    """The one opportunity of an event, its sums checked."""
    (found,) = search(quotes)
    assert found.verdict is verdict, found.reasons
    check_sums(found)
    return found


def legs(found: Opportunity) -> set[tuple[str, str, str]]:
    """Venue, claim and side of each leg."""
    return {(leg.quote.venue.id, str(leg.quote.claim), leg.quote.side.value) for leg in found.legs}


# ------------------------------------------------------------------ kinds of opportunities


def test_match_result_across_books() -> None:
    found = only(
        [
            *book(ALPHA, "2.2", "3.3", "3.6"),
            *book(BRAVO, "2.1", "3.6", "3.3"),
            *book(CARGO, "2.0", "3.4", "4.0"),
        ]
    )
    assert legs(found) == {
        ("alpha", "1x2 home", "back"),
        ("bravo", "1x2 draw", "back"),
        ("cargo", "1x2 away", "back"),
    }
    assert found.guaranteed_return == 1 / (1 / Fraction("2.2") + 1 / Fraction("3.6") + Fraction(1, 4))
    assert found.kind == "arbitrage"
    assert found.basis is Basis.PREMATCH


def test_a_handicap_and_a_match_result() -> None:
    """Away +0.25 half wins on a draw, so a smaller stake on the draw is enough."""
    found = only([*book(ALPHA, "2.35", "3.6", "2.9"), back(BRAVO, ah("away", "-0.25"), "2.1")])
    assert {(venue, what) for venue, what, _ in legs(found)} == {
        ("alpha", "1x2 home"),
        ("alpha", "1x2 draw"),
        ("bravo", "asian_handicap away -0.25"),
    }
    on_draw = (1 - Fraction("1.55") / Fraction("2.1")) / Fraction("3.6")
    assert found.guaranteed_return == 1 / (1 / Fraction("2.35") + 1 / Fraction("2.1") + on_draw)
    found = only(
        [
            *book(ALPHA, "1.85", "3.5", "4.6"),
            back(BRAVO, ah("home", "-0.25"), "1.85"),
            back(CARGO, DRAW, "3.9"),
        ]
    )
    assert ("bravo", "asian_handicap home -0.25", "back") in legs(found)
    by_hand = 1 / (1 / Fraction("1.85") + 1 / Fraction("4.6") + (1 - 1 / Fraction("3.7")) / Fraction("3.9"))
    assert found.guaranteed_return == by_hand


def test_prices_that_do_not_reach() -> None:
    assert search(fair_books()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (total("over", 3), total("under", 3)),
        (ah("home", -1), ah("away", -1)),
        (DNB_HOME, DNB_AWAY),
        (ah("home", 0), DNB_AWAY),
    ],
)
def test_a_return_of_exactly_one_is_no_opportunity(one: Claim, other: Claim) -> None:
    """With both sides at any price, the push gives the stakes back and no more."""
    assert search([back(ALPHA, one, "2.2"), back(BRAVO, other, "2.2")]) == []


def test_break_evens_of_three_ways_are_none() -> None:
    for odds in (("4.2", "3.5", "2.1"), ("1.68", "4.2", "6"), ("2.1", "3.5", "4.2"), ("3", "3", "3")):
        quotes = [
            back(venue, what, one)
            for venue, what, one in zip((ALPHA, BRAVO, CARGO), (HOME, DRAW, AWAY), odds, strict=True)
        ]
        assert search(quotes) == []


def test_a_hair_above_break_even_is_found_exactly() -> None:
    """1/2.001 + 1/2 is below one by a quarter of a thousandth; 1/2.000001 + 1/2 by a quarter of a millionth."""
    for odds in (Fraction("2.001"), Fraction("2.000001"), Fraction(2) + Fraction(1, 10**8)):
        (found,) = search([back(ALPHA, BTTS_YES, odds), back(BRAVO, BTTS_NO, 2)])
        assert found.guaranteed_return == 1 / (1 / odds + Fraction(1, 2)) > 1
        assert found.plan is None or found.plan.worst > 0


def test_a_lay_against_a_back() -> None:
    found = only([back(ALPHA, HOME, "2.2"), lay(BRAVO, HOME, "2.1")])
    assert legs(found) == {("alpha", "1x2 home", "back"), ("bravo", "1x2 home", "lay")}
    assert found.guaranteed_return == 1 / (1 / Fraction("2.2") + (Fraction("1.1") / Fraction("2.1")))
    assert search([back(ALPHA, HOME, "2.1"), lay(BRAVO, HOME, "2.1")]) == []
    assert search([back(ALPHA, HOME, "2.0"), lay(BRAVO, HOME, "2.1")]) == []


def test_commission_of_an_exchange() -> None:
    """Arbitrage iff the back odds are above (lay odds − c) / (1 − c): 2.1224… for 2.1 at two per cent."""
    assert search([back(ALPHA, HOME, "2.12"), lay(TWO_PERCENT, HOME, "2.1")]) == []
    found = only([back(ALPHA, HOME, "2.13"), lay(TWO_PERCENT, HOME, "2.1")], Verdict.RULE_EXPOSED)
    pays = 1 + Fraction(98, 100) / Fraction("1.1")
    assert found.guaranteed_return == 1 / (1 / Fraction("2.13") + 1 / pays)
    assert reason_names(found) == {"rules_differ"}


def test_a_dearer_price_without_commission_may_be_the_better_leg() -> None:
    found = only(
        [back(TWO_PERCENT, HOME, "2.13"), back(ALPHA, HOME, "2.12"), back(BRAVO, ah("away", "-0.5"), 2)]
    )
    assert ("alpha", "1x2 home", "back") in legs(found)


@pytest.mark.parametrize("seed", range(20))
def test_the_best_quotes_are_enough(seed: int) -> None:
    """What is guaranteed over the best instruments is what is guaranteed over all quotes."""
    rng = random.Random(seed)
    claims = [random_claim(rng) for _ in range(4)]
    toll = exchange("toll2", "Toll 2", Fraction(5, 100))
    quotes = [
        back(
            rng.choice((ALPHA, BRAVO, TWO_PERCENT, toll)),
            rng.choice(claims),
            Fraction(rng.randint(150, 320), 100),
            market_id=rng.choice("mn"),
        )
        for _ in range(18)
    ]

    def value(some: list[Quote]) -> float:
        groups: dict[tuple[str, str], list[int]] = {}
        for place, quote in enumerate(some):
            if quote.venue.commission:
                groups.setdefault((quote.venue.id, quote.market_id), []).append(place)
        taxed = [(float(some[places[0]].venue.commission or 0), places) for places in groups.values()]
        return best_guarantee(np.unique(returns_on(some, SCORES), axis=1), taxed)

    best = [one.quote for one in best_instruments(quotes)]
    assert len(best) < len(quotes)
    assert value(best) == pytest.approx(value(quotes), abs=1e-9)


def test_contracts_of_two_prediction_markets() -> None:
    """Yes here at 0.45 and no there at 0.50 (a lay at 2): 0.95 buys one, whatever happens, even a half."""
    yes = claim(Kind.CONTRACT, "yes", subject="rain on Monday")
    one, two = prediction("poll", "Poll"), prediction("oracle", "Oracle")
    found = search([back(one, yes, Fraction(100, 45)), lay(two, yes, 2)])
    (only_one,) = found
    assert only_one.guaranteed_return == 1 / Fraction("0.95")
    assert only_one.verdict is Verdict.RULE_EXPOSED
    assert reason_names(only_one) == {"rules_differ", "commission_unstated"}
    assert only_one.plan is not None
    assert only_one.plan.worst > 0
    assert search([back(one, yes, Fraction(100, 45)), lay(two, yes, Fraction(100, 45))]) == []


def test_every_opportunity_adds_up() -> None:
    assert check_found_sums(60) >= 15


def test_complete_against_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the screens away, an event has an opportunity exactly where scipy's optimum over all scores is above one."""
    monkeypatch.setattr(find, "doubted", lambda quotes: {})
    monkeypatch.setattr(find, "one_desk", lambda quotes: None)
    monkeypatch.setattr(find, "sister_brand", lambda quotes: None)
    monkeypatch.setattr(find, "MARGIN_CAP", Fraction(10))
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(120, 17))]
    answers: dict[str, Opportunity] = {}
    for found in opportunities(events, Terms()):
        assert isinstance(found, Opportunity)
        assert answers.setdefault(found.listing.key, found) is found
    for listing, quotes in events:
        value = best_on_scores(quotes, SCORES)
        assert (listing.key in answers) == (value > 1 + 1e-9), (listing.key, value)
        if listing.key in answers:
            assert float(answers[listing.key].guaranteed_return) == pytest.approx(value, abs=1e-9)
    assert 20 <= len(answers) <= 100


def test_a_margin_asked_for_must_be_beaten() -> None:
    quotes = two_way("2.1", "2.1")
    assert len(search(quotes, Terms(least_margin=Fraction("0.0499")))) == 1
    assert search(quotes, Terms(least_margin=Fraction("0.05"))) == []
    assert search(quotes, Terms(least_margin=Fraction("0.06"))) == []


def test_the_plan_is_for_the_bank_and_unit_asked_for() -> None:
    (found,) = search(two_way("2.1", "2.1"), Terms(bank=Fraction(50), unit=Fraction(5)))
    assert found.plan is not None
    assert [stake.amount for stake in found.plan.stakes] == [25, 25]
    assert (found.plan.bank, found.plan.unit, found.plan.worst) == (
        Fraction(50),
        Fraction(5),
        Fraction("2.5"),
    )
    (found,) = search(two_way("2.1", "2.02"), Terms(bank=Fraction(3), unit=Fraction(2)))
    assert found.plan is None
    assert found.unplanned is not None
    assert "no whole stakes within the bank" in found.unplanned


# ------------------------------------------------------------------ what must not be mixed


def test_bases_are_never_mixed() -> None:
    check_bases_stay_apart()


def test_spaces_are_never_mixed() -> None:
    corners = claim(Kind.TOTAL, "under", "2.5", subject="corners")
    assert search([back(ALPHA, total("over", "2.5"), "2.1"), back(BRAVO, corners, "2.1")]) == []
    overtime = claim(Kind.MONEYLINE, "away", None, Period.OVERTIME)
    assert search([back(ALPHA, DNB_HOME, "2.1"), back(BRAVO, overtime, "2.1")]) == []
    one, two = (claim(Kind.CONTRACT, "yes", subject=name) for name in ("x", "y"))
    assert search([back(ALPHA, one, "2.1"), lay(BRAVO, two, "1.5")]) == []
    corner_pair = pair(
        ALPHA,
        claim(Kind.TOTAL, "over", "9.5", subject="corners"),
        "2.05",
        claim(Kind.TOTAL, "under", "9.5", subject="corners"),
        "1.7",
    )
    more = [
        *corner_pair,
        back(BRAVO, claim(Kind.TOTAL, "under", "9.5", subject="corners"), 2),
        *two_way("2.1", "2.1"),
    ]
    assert {frozenset(leg.quote.claim.space for leg in one.legs) for one in search(more)} == {
        frozenset({"corners/regulation"}),
        frozenset({"goals/regulation"}),
    }


def test_events_of_one_batch_are_never_mixed() -> None:
    over, under = two_way("2.1", "2.1")
    assert (
        list(
            opportunities(
                [
                    (event("a"), [over, back(ALPHA, BTTS_YES, 2)]),
                    (event("b"), [under, back(BRAVO, BTTS_NO, 2)]),
                ],
                Terms(),
            )
        )
        == []
    )


def test_large_and_small_events_share_a_batch() -> None:
    rng = random.Random(2)
    events: list[tuple[Listing, Sequence[Quote]]] = [
        (event("small"), two_way("2.1", "2.1")),
        (event("none"), fair_books()),
    ]
    events += [
        (event(f"big{place}"), quotes) for place, quotes in enumerate(made_up_events(6, rng.randint(0, 99)))
    ]
    together = list(opportunities(events, Terms()))
    alone = [one for pair_ in events for one in opportunities([pair_], Terms())]

    def told(found: Sequence[Opportunity | Unsolved]) -> set[tuple[str, str, Fraction]]:
        return {
            (one.listing.key, one.verdict.value, one.guaranteed_return)
            for one in found
            if isinstance(one, Opportunity)
        }

    assert told(together) == told(alone)
    assert ("small", "pure", Fraction("1.05")) in told(together)


def test_contests_that_change_between_snapshots_of_one_batch() -> None:
    """The same prices in the same race are an arbitrage while two can win it, and none once a third may."""
    quotes = [
        back(venue, claim(Kind.WINNER, name, subject="race"), "2.1")
        for venue, name in ((ALPHA, "a"), (BRAVO, "b"))
    ]
    pairs = [
        (event("two", (Contest("race", ("a", "b")),)), quotes),
        (event("three", (Contest("race", ("a", "b", "c")),)), quotes),
        (event("open", (Contest("race", ("a", "b"), complete=False),)), quotes),
        (event("unknown"), quotes),
        (event("two again", (Contest("race", ("a", "b")),)), quotes),
    ]
    for order in (pairs, pairs[::-1]):
        found = list(opportunities(order, Terms()))
        assert {one.listing.key for one in found} == {"two", "two again"}
        for one in found:
            assert isinstance(one, Opportunity)
            assert one.guaranteed_return == Fraction("1.05")


def test_laying_runners_of_an_open_contest() -> None:
    """Laying everyone known needs no list to be complete: at most one of them can win."""
    claims = [claim(Kind.WINNER, name, subject="race") for name in ("a", "b", "c")]
    quotes = [lay(venue, one, "2.4") for venue, one in zip((ALPHA, BRAVO, CARGO), claims, strict=True)]
    found = search(quotes, contests=(Contest("race", ("a", "b", "c"), complete=False),))
    (one,) = found
    # A third of a unit on each at k = 1/1.4 wins 2/3 (1 + k) when one of them wins.
    assert one.guaranteed_return == Fraction(2, 3) * (1 + 1 / Fraction("1.4"))


# ------------------------------------------------------------------ refusals and what remains


def test_after_a_refusal_the_clean_rest_is_found_and_comes_first() -> None:
    quotes = [back(CARGO, total("over", "2.5"), "2.35", tradable=False), *two_way("2.1", "2.1")]
    clean, refused = search(quotes)
    assert (clean.verdict, clean.guaranteed_return, clean.reasons) == (Verdict.PURE, Fraction("1.05"), ())
    assert all(leg.quote.tradable for leg in clean.legs)
    assert refused.verdict is Verdict.REJECTED
    assert reason_names(refused) == {"suspended"}
    assert refused.guaranteed_return > clean.guaranteed_return
    for found in (clean, refused):
        check_sums(found)


def test_refusals_one_after_the_other() -> None:
    """Over the cap, then by one desk alone, then clean: all reasons are with the refused, the clean one first."""
    quotes = [
        back(CARGO, BTTS_YES, "2.6"),
        back(DELTA, BTTS_NO, "2.5"),
        back(ALPHA, HOME, "2.12"),
        back(ALPHA, ah("away", "-0.5"), "2.12"),
        back(BRAVO, total("over", "2.5"), "2.05"),
        back(DELTA, total("under", "2.5"), "2.05"),
    ]
    clean, refused = search(quotes)
    assert reason_names(refused) == {"margin_cap", "one_desk"}
    assert clean.verdict is Verdict.PURE
    assert {leg.quote.venue.id for leg in clean.legs} == {"bravo", "delta"}
    check_sums(clean)


def test_a_refused_opportunity_may_leave_nothing() -> None:
    (refused,) = search([back(CARGO, HOME, "2.6", tradable=False), *fair_books()])
    assert refused.verdict is Verdict.REJECTED


# ------------------------------------------------------------------ verdicts


def test_pure_where_all_is_known() -> None:
    assert only(two_way("2.1", "2.1")).reasons == ()


def test_rules_differ_and_what_a_void_would_cost() -> None:
    """Bookmaker void: the lay stands alone and its liability, most of the unit, is lost when home wins."""
    found = only([back(ALPHA, HOME, "2.2"), lay(FREE_EXCHANGE, HOME, "2.1")], Verdict.RULE_EXPOSED)
    (reason,) = found.reasons
    assert reason.name == "rules_differ"
    largest = max(leg.share for leg in found.legs)
    worst = 1 - largest
    assert f"returns {float(int(worst * 10_000)) / 10_000:.4f} at worst" in reason.detail
    assert "bookmaker, exchange" in reason.detail


def test_commission_that_nobody_states() -> None:
    unknown = exchange("dark", "Dark")
    found = only(
        [back(unknown, HOME, "2.2"), lay(unknown, HOME, "2.3"), back(unknown, ah("away", "-0.5"), 2)],
        Verdict.RULE_EXPOSED,
    )
    assert reason_names(found) == {"commission_unstated"}
    assert "dark" in found.reasons[0].detail
    told = exchange("dark", "Dark", Fraction(0))
    assert only([back(told, HOME, "2.2"), back(told, ah("away", "-0.5"), 2)]).reasons == ()


def test_both_exposures() -> None:
    found = only([back(ALPHA, HOME, "2.2"), lay(exchange("dark", "Dark"), HOME, "2.1")], Verdict.RULE_EXPOSED)
    assert reason_names(found) == {"rules_differ", "commission_unstated"}


# ------------------------------------------------------------------ what cannot be solved, and sameness


def test_a_contest_too_large_is_told_and_stops_nobody() -> None:
    names = tuple(f"r{number}" for number in range(40))
    places = [back(ALPHA, claim(Kind.PLACE, name, subject="place"), 3) for name in names]
    large = event("large", (Contest("place", names, places=10),))
    answers = list(opportunities([(large, places), (event("fine"), two_way("2.1", "2.1"))], Terms()))
    (unsolved,) = [one for one in answers if isinstance(one, Unsolved)]
    assert unsolved.listing.key == "large"
    assert "cannot be looked at" in unsolved.reason
    assert [one.listing.key for one in answers if isinstance(one, Opportunity)] == ["fine"]


def test_one_impossible_event_does_not_spoil_its_batch() -> None:
    far = [claim(Kind.TOTAL, side, "400.5", Period.FIRST_HALF) for side in ("over", "under")]
    impossible = pair(ALPHA, far[0], "2.1", far[1], "2.1")
    answers = list(
        opportunities(
            [(event("far"), [*impossible, back(ALPHA, HOME, 2)]), (event("fine"), two_way("2.1", "2.1"))],
            Terms(),
        )
    )
    assert [(type(one).__name__, one.listing.key) for one in answers] == [
        ("Unsolved", "far"),
        ("Opportunity", "fine"),
    ]


def test_the_same_input_gives_the_same_answer() -> None:
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(25, 3))]
    first, second = (
        msgspec.json.encode([plain(one) for one in opportunities(events, Terms())]) for _ in range(2)
    )
    assert first == second
    assert len(first) > 1000


def test_the_order_of_quotes_and_events_changes_no_return() -> None:
    rng = random.Random(4)
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(25, 3))]
    expected = {(one[0], one[1], one[2]) for one in map(plain, opportunities(events, Terms()))}
    shuffled = [
        (listing, rng.sample(quotes, len(quotes))) for listing, quotes in rng.sample(events, len(events))
    ]
    assert {(one[0], one[1], one[2]) for one in map(plain, opportunities(shuffled, Terms()))} == expected


def plain(one: Opportunity | Unsolved) -> tuple[str, str, str, tuple[str, ...]]:
    """An answer as plain text."""
    assert isinstance(one, Opportunity)
    told = tuple(f"{leg.quote.venue.id} {leg.quote.claim} {leg.quote.side} {leg.share}" for leg in one.legs)
    plan = "" if one.plan is None else str([str(stake.amount) for stake in one.plan.stakes])
    return (
        one.listing.key,
        one.verdict.value,
        str(one.guaranteed_return),
        (*told, plan, *map(str, one.reasons)),
    )


def test_nothing_in_nothing_out() -> None:
    assert list(opportunities([], Terms())) == []
    assert search([]) == []
    assert search([back(ALPHA, HOME, 900)]) == []
