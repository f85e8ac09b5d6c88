"""Consensus: whose word counts, what is a book, and that margins are taken out before voices are joined."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import msgspec
import pytest

from crossbook.arbitrage.consensus import Choice, Consensus, Method
from crossbook.model.claim import Kind
from crossbook.model.devig import Devig, devig
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.venue import prediction
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    CARGO,
    DELTA,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    ah,
    back,
    book,
    claim,
    lay,
    pair,
    total,
)

BOOKS = {ALPHA: ("1.95", "3.6", "4.1"), BRAVO: ("1.9", "3.7", "4.3"), CARGO: ("2.0", "3.4", "4.0")}
QUOTES = [quote for venue, odds in BOOKS.items() for quote in book(venue, *odds)]


def chances(method: Method | None = None, quotes: list[Quote] | None = None) -> list[float]:
    consensus = Consensus(QUOTES if quotes is None else quotes, method=method)
    return [found.chance for one in (HOME, DRAW, AWAY) if (found := consensus.chance(one)) is not None]


@pytest.mark.parametrize("method", list(Devig))
def test_the_median_of_each_outcome_put_in_proportion(method: Devig) -> None:
    books = [devig([Fraction(one) for one in odds], method).chances for odds in BOOKS.values()]
    middle = [median(column) for column in zip(*books, strict=True)]
    assert chances(Method(devig=method)) == pytest.approx([one / sum(middle) for one in middle])
    assert sum(chances(Method(devig=method))) == pytest.approx(1)


def test_the_sharpest_has_the_book_nearest_to_one_hundred_per_cent() -> None:
    found = Consensus(QUOTES, method=Method(choice=Choice.SHARPEST)).chance(HOME)
    rooms = {venue: sum(1 / Fraction(one) for one in odds) for venue, odds in BOOKS.items()}
    sharpest = min(rooms, key=lambda venue: rooms[venue])
    assert found is not None
    assert found.venues == (sharpest.id,)
    assert found.chance == devig([Fraction(one) for one in BOOKS[sharpest]]).chances[0]
    assert sharpest.id in found.method


def test_one_venue_alone_where_it_is_named() -> None:
    assert chances(Method(venue="bravo")) == pytest.approx(
        devig([Fraction(one) for one in BOOKS[BRAVO]]).chances
    )
    assert chances(Method(venue="delta")) == []


def test_a_desk_has_no_say_on_its_own_price() -> None:
    consensus = Consensus(QUOTES)
    without = consensus.chance(HOME, without="cargo")
    alone = Consensus([quote for quote in QUOTES if quote.venue is not CARGO]).chance(HOME)
    assert without is not None
    assert alone is not None
    assert without.chance == alone.chance
    assert "cargo" not in without.venues


def test_too_few_voices_are_none() -> None:
    consensus = Consensus(QUOTES, method=Method(least_voices=3))
    assert consensus.chance(HOME) is not None
    assert consensus.chance(HOME, without="alpha") is None
    brands = [
        msgspec.structs.replace(quote, venue=msgspec.structs.replace(quote.venue, desk="one"))
        for quote in QUOTES
    ]
    assert Consensus(brands, method=Method(least_voices=2)).chance(HOME) is None


def test_half_a_book_and_a_suspended_price_have_no_say() -> None:
    assert chances(quotes=[back(ALPHA, HOME, 2), back(ALPHA, DRAW, "3.5")]) == []
    closed = [*book(ALPHA, 2, "3.5", 4)[:2], back(ALPHA, AWAY, 4, tradable=False)]
    assert chances(quotes=closed) == []


def test_the_best_level_of_a_ladder_speaks() -> None:
    deeper = [back(ALPHA, HOME, "1.8"), *book(ALPHA, *BOOKS[ALPHA]), back(ALPHA, HOME, "1.9")]
    assert chances(quotes=deeper) == chances(quotes=book(ALPHA, *BOOKS[ALPHA]))


def test_an_exchange_speaks_halfway_between_its_sides() -> None:
    backs, lays = ("1.98", "3.55", "4.1"), ("2.02", "3.65", "4.3")
    quotes = book(FREE_EXCHANGE, *backs)
    quotes += [lay(FREE_EXCHANGE, one, odds) for one, odds in zip((HOME, DRAW, AWAY), lays, strict=True)]
    halfway = [(1 / Fraction(one) + 1 / Fraction(other)) / 2 for one, other in zip(backs, lays, strict=True)]
    assert chances(quotes=quotes) == pytest.approx(devig([1 / one for one in halfway]).chances)


def test_both_sides_of_one_claim_are_a_book() -> None:
    """The lay of a YES at 4 is a NO at 4/3."""
    poll = prediction("poll", "Poll")
    yes = claim(Kind.CONTRACT, "yes", subject="who wins")
    found = Consensus([back(poll, yes, "3.5"), lay(poll, yes, 4)]).chance(yes)
    assert found is not None
    assert found.chance == devig([Fraction(7, 2), Fraction(4, 3)]).chances[0]
    assert 1 / 4 < found.chance < 2 / 7


def test_two_of_three_win_in_a_double_chance() -> None:
    names = ("home_draw", "home_away", "draw_away")
    quotes = [
        back(ALPHA, claim(Kind.DOUBLE_CHANCE, name), odds)
        for name, odds in zip(names, ("1.25", "1.3", "1.9"), strict=True)
    ]
    found = list(Consensus(quotes).chances())
    assert sum(one.chance for one in found) == pytest.approx(2)
    assert max(one.chance for one in found) < 1


def test_a_race_needs_all_its_runners() -> None:
    runners = ("Ada", "Bea", "Cleo")
    quotes = [back(ALPHA, claim(Kind.WINNER, name, subject="race"), 3) for name in runners]
    complete = Contest("race", runners)
    assert [one.chance for one in Consensus(quotes, complete).chances()] == pytest.approx([1 / 3] * 3)
    assert list(Consensus(quotes, msgspec.structs.replace(complete, complete=False)).chances()) == []
    assert list(Consensus(quotes[:2], complete).chances()) == []
    placed = [back(ALPHA, claim(Kind.PLACE, name, subject="race"), "1.4") for name in runners]
    found = list(Consensus(placed, Contest("race", runners, places=2)).chances())
    assert [one.chance for one in found] == pytest.approx([2 / 3] * 3)


def test_a_book_that_the_method_does_not_fit_has_no_say() -> None:
    below = book(DELTA, "2.2", "3.9", "4.9")
    assert chances(Method(devig=Devig.SHIN), below) == []
    assert chances(Method(devig=Devig.SHIN), [*below, *QUOTES]) == chances(Method(devig=Devig.SHIN))


def test_lines_and_markets_do_not_speak_for_each_other() -> None:
    quotes = [*pair(ALPHA, total("over", "2.5"), "1.9", total("under", "2.5"), "1.9")]
    quotes += pair(ALPHA, ah("home", "2.5"), "1.2", ah("away", "2.5"), "4.4")
    consensus = Consensus(quotes)
    over, far = consensus.chance(total("over", "2.5")), consensus.chance(ah("home", "2.5"))
    assert over is not None
    assert far is not None
    assert over.chance == 0.5
    assert far.chance > 0.75
    assert consensus.chance(total("over", "3.5")) is None
    assert quotes[0].side is Side.BACK
