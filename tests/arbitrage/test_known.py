"""What is remembered of events changes no answer, and spares the searches that could find nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.app.compiled import keep_compiled
from crossbook.arbitrage import known
from crossbook.arbitrage.certificate import CLEARED, WALK, Solver
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.known import Certificates, thresholds
from crossbook.arbitrage.states import gross_returns, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Kind
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Contest, Listing, Quote
from tests.arbitrage.answers import plain
from tests.arbitrage.watched import whole_lines
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    CARGO,
    DNB_AWAY,
    DNB_HOME,
    DRAW,
    HOME,
    TWO_PERCENT,
    Scores,
    ah,
    back,
    book,
    claim,
    event,
    lay,
    priced,
    random_claim,
    total,
)

keep_compiled()

from crossbook.arbitrage.watching.arrays import COMPILED  # noqa: E402

TERMS = Terms()
Offered = list[tuple[Listing, list[Quote]]]


def days(seed: int, ticks: int = 12) -> Iterator[Offered]:
    """Events whose quotes change a little from tick to tick; some are left out of a tick."""
    rng = random.Random(seed)
    boards: dict[str, dict[object, Quote]] = {f"e{number}": {} for number in range(6)}
    scores = Scores(9)
    claims = [[random_claim(rng) for _ in range(10)] for _ in boards]
    for _ in range(ticks):
        offered = []
        for place, (key, board) in enumerate(boards.items()):
            if rng.random() < 0.3:
                continue
            news = priced(rng, rng.sample(claims[place], rng.choice((0, 0, 0, 6))), scores)
            news += whole_lines(rng) if rng.random() < 0.1 else []
            for quote in news:
                if rng.random() < 0.1:
                    quote = msgspec.structs.replace(quote, venue=TWO_PERCENT, market_id="m")
                board[quote.claim, quote.side, quote.venue.id] = quote
            for gone in rng.sample(list(board), min(len(board), 2)):
                del board[gone]
            offered.append((event(key), list(board.values())))
        yield offered


def told(found: Iterator[object]) -> list[object]:
    return [plain(one) if isinstance(one, Opportunity) else one for one in found]


@pytest.mark.parametrize("solver", [WALK, COMPILED], ids=["walk", "compiled"])
def test_the_same_answers_whether_or_not_a_certificate_was_at_hand(solver: Solver) -> None:
    found = skipped = 0
    for seed in range(4):
        kept = Certificates(solver)
        for offered in days(seed):
            fresh = told(Certificates().opportunities(offered, TERMS))
            assert told(kept.opportunities(offered, TERMS)) == fresh
            found += len(fresh)
        skipped += kept.skipped
    assert found > 20
    assert skipped > 60


def test_the_same_events_and_returns_as_the_search_of_all_together() -> None:
    for seed in range(4):
        for offered in days(seed):
            alone = list(Certificates().opportunities(offered, TERMS))
            together = list(opportunities(offered, TERMS))
            assert sorted(map(_worth, alone)) == sorted(map(_worth, together))


def _worth(one: object) -> tuple[str, str, Fraction]:
    assert isinstance(one, Opportunity)
    return one.listing.key, one.verdict.value, one.guaranteed_return


def look(certificates: Certificates, *quotes: Quote, of: Listing | None = None) -> list[object]:
    return list(certificates.opportunities([(of or event(), list(quotes))], TERMS))


def test_a_price_below_its_threshold_needs_no_search() -> None:
    kept = Certificates()
    prices = book(ALPHA, "2.5", "3.2", "2.8")
    assert look(kept, *prices) == []
    assert (kept.skipped, kept.searched) == (0, 1)
    assert look(kept, *prices, back(BRAVO, HOME, "2.51"), lay(CARGO, AWAY, "3.1")) == []
    assert (kept.skipped, kept.searched) == (1, 1)
    assert look(kept, *prices, back(BRAVO, AWAY, "4.5")) != []
    assert look(kept, *prices, back(BRAVO, AWAY, "2.9")) == []


def test_a_new_claim_is_searched_with_the_others() -> None:
    kept = Certificates()
    assert look(kept, *book(ALPHA, "2.5", "3.2", "2.8")) == []
    assert look(kept, *book(ALPHA, "2.5", "3.2", "2.8"), back(BRAVO, ah("away", "-0.5"), "9")) != []


def test_thresholds_of_two_certificates_never_prove_anything_together() -> None:
    """A claim that was not quoted when the next certificate was made has no threshold in it."""
    rng = random.Random(5)
    scores = Scores(9)
    for _ in range(100):
        kept = Certificates()
        pool = list(dict.fromkeys(random_claim(rng) for _ in range(6)))
        for _ in range(6):
            quotes = priced(rng, rng.sample(pool, min(4, len(pool))), scores)
            assert told(iter(look(kept, *quotes))) == told(iter(look(Certificates(), *quotes)))


def test_an_unchanged_market_is_not_decided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Certificates()
    plan = book(ALPHA, "2.5", "3.6", "4.4")
    first = look(kept, *plan)
    assert first
    monkeypatch.setattr(known, "decided_alone", None)
    corners = [
        back(BRAVO, claim(Kind.TOTAL, side, "9.5", subject="corners"), "1.8") for side in ("over", "under")
    ]
    assert look(kept, *plan, *corners) == first
    with pytest.raises(TypeError):
        look(kept, *plan[:2], back(BRAVO, AWAY, "4.4"))


def test_other_terms_are_another_question() -> None:
    kept = Certificates()
    plan = [(event(), book(ALPHA, "2.5", "3.6", "3.2"))]
    (small,) = kept.opportunities(plan, TERMS)
    assert isinstance(small, Opportunity)
    greedy = Terms(least_margin=small.guaranteed_return - 1)
    assert list(kept.opportunities(plan, greedy)) == []
    assert list(kept.opportunities(plan, TERMS)) == [small]


def test_bases_are_apart() -> None:
    kept = Certificates()
    early = book(ALPHA, "2.5", "3.2", "2.8")
    live = [msgspec.structs.replace(quote, basis=Basis.LIVE) for quote in early]
    assert look(kept, *early) == []
    assert look(kept, *live) == []
    assert kept.searched == 2
    assert look(kept, *early, *live) == []
    assert kept.skipped == 1
    assert look(kept, *early, msgspec.structs.replace(back(BRAVO, AWAY, "4.5"), basis=Basis.LIVE)) == []
    assert look(kept, *early, back(BRAVO, AWAY, "4.5")) != []


def test_another_contest_is_another_event() -> None:
    kept = Certificates()
    names = ("Ann", "Ben")
    quotes = [back(ALPHA, claim(Kind.WINNER, name, subject="cup"), "2.2") for name in names]
    assert look(kept, *quotes) == []
    assert look(kept, *quotes, of=event(contests=(Contest("cup", names),))) != []
    assert look(kept, *quotes) == []


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_MOST_EVENTS", 3)
    kept = Certificates()
    quotes = book(ALPHA, "2.5", "3.2", "2.8")
    for key in ("a", "b", "c", "a", "d"):
        assert look(kept, *quotes, of=event(key)) == []
    assert len(kept._events) == 3
    before = kept.skipped
    assert look(kept, *quotes, of=event("a")) == []
    assert kept.skipped == before + 1, "the one looked at longest ago goes first"


@given(st.integers(0, 2**32 - 1))
def test_at_its_threshold_a_leg_still_loses_on_average(seed: int) -> None:
    rng = np.random.default_rng(seed)
    claims = [HOME, DRAW, DNB_HOME, DNB_AWAY, ah("home", "-0.75"), total("over", 3), total("under", "2.25")]
    states = states_of(frozenset(claims))
    prices = rng.dirichlet(np.full(len(states.results), 0.2))
    if rng.random() < 0.3:  # all on one state: wins, losses and pushes are certain
        prices = np.eye(len(prices))[int(rng.integers(len(prices)))]
    backs, lays = thresholds(claims, prices, states)
    for one, most, least in zip(claims, backs, lays, strict=True):
        for rank in (most, least):
            if (
                not np.isfinite(rank)
                or abs(rank) > 1e6
                or (rank > 0 and rank < 1)
                or (rank < 0 and rank > -1)
            ):
                continue
            for step, loses in ((-1e-7, True), (1e-7, False)):
                moved = rank * (1 + step) if rank > 0 else rank * (1 - step)
                if -1.0001 < moved < 0:
                    continue
                quote = lay(ALPHA, one, Fraction(-moved)) if moved < 0 else back(ALPHA, one, Fraction(moved))
                mean = float(gross_returns([quote], states)[0] @ prices)
                assert (mean <= CLEARED) is loses
        if most == np.inf:
            assert float(gross_returns([back(ALPHA, one, 10**6)], states)[0] @ prices) <= CLEARED
        if most == -np.inf:
            assert float(gross_returns([back(ALPHA, one, Fraction(101, 100))], states)[0] @ prices) > CLEARED
        if least == -np.inf:
            assert float(gross_returns([lay(ALPHA, one, 10**6)], states)[0] @ prices) > CLEARED - 1e-5
