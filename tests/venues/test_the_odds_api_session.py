"""The Odds API polled: unchanged events are not read again, and a late answer never brings back an old price."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import SECOND, format_time, parse_time
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Listing, Quote, Snapshot
from crossbook.venues._the_odds_api_session import PolledEvents
from crossbook.venues._the_odds_api_times import Times
from crossbook.venues.the_odds_api import READER
from tests.venues.test_sessions import say
from tests.venues.the_odds_api_messages import AWAY, HOME, outcome, read

NOW = parse_time("2025-02-01T14:00:00")


def opened(**settings: str) -> PolledEvents:
    assert READER.live is not None
    session = READER.live(StreamInfo(format="the-odds-api", settings=settings))
    assert isinstance(session, PolledEvents)
    return session


def h2h(at: int | None, price: float = 2.5, key: str = "h2h") -> dict[str, Any]:
    """A market that was updated so many seconds after NOW, None where it does not say when."""
    body = {"key": key, "outcomes": [outcome(name, price) for name in (HOME, AWAY, "Draw")]}
    return body if at is None else {**body, "last_update": format_time(NOW + at * SECOND)}


def game(key: str, *markets: Any, **books: list[Any]) -> dict[str, Any]:
    offered = {"one": list(markets), **books} if markets else books
    return {
        "id": key,
        "sport_key": "soccer_made_up",
        "sport_title": "Made Up League",
        "commence_time": "2025-02-01T15:00:00Z",
        "home_team": HOME,
        "away_team": AWAY,
        "bookmakers": [{"key": book, "title": book, "markets": told} for book, told in offered.items()],
    }


def at(session: PolledEvents, seconds: int, *games: Any) -> tuple[list[Snapshot], list[str]]:
    return say(session, list(games), NOW + seconds * SECOND)


def prices(told: list[Snapshot], key: str = "a") -> set[tuple[str, float]]:
    return {
        (quote.venue.id, float(quote.odds)) for one in told if one.listing.key == key for quote in one.quotes
    }


class TestUnchanged:
    def test_an_event_that_did_not_change_is_the_same_list(self) -> None:
        session = opened()
        (first, other), _ = at(session, 1, game("a", h2h(0)), game("b", h2h(0)))
        (again, moved), _ = at(session, 2, game("a", h2h(0)), game("b", h2h(1, 3)))
        assert again.quotes is first.quotes
        assert moved.quotes is not other.quotes
        assert prices([moved], "b") == {("one", 3)}

    def test_another_format_of_the_answer_is_another_price(self) -> None:
        session = opened()
        whole = game("a", h2h(0, 120))
        assert prices(at(session, 1, whole)[0]) == {("one", 2.2)}
        told, _ = at(session, 2, whole, game("b", h2h(0, 1.5)))
        assert prices(told) == {("one", 120)}

    def test_what_is_wrong_is_said_once_per_change(self) -> None:
        session = opened()
        bad = game("a", h2h(0, 0.5))
        broken = {"id": "b"}
        said = [len(at(session, n, bad, broken)[1]) for n in (1, 2)]
        assert said == [4, 0]
        assert len(at(session, 3, game("a", h2h(0, 0.6)), broken)[1]) == 3

    def test_what_is_not_in_an_answer_any_more_is_forgotten(self) -> None:
        session = opened()
        first, _ = at(session, 1, game("a", h2h(0)), game("b", h2h(0)))
        at(session, 2, game("b", h2h(0)))
        assert len(session) == 1
        back, _ = at(session, 3, game("a", h2h(0)), game("b", h2h(0)))
        assert back[0].quotes is not first[0].quotes
        assert back[1].quotes is first[1].quotes

    def test_a_price_of_a_clock_ahead_is_read_again_until_it_is_not(self) -> None:
        session = opened()
        told = [at(session, n, game("a", h2h(10)))[0][0] for n in (1, 11, 12)]
        assert {quote.received for quote in told[1].quotes} == {NOW + 11 * SECOND}
        assert told[2].quotes is told[1].quotes


class TestLate:
    def test_an_old_price_does_not_come_back(self) -> None:
        session = opened()
        fresh, old = game("a", h2h(20, 3)), game("a", h2h(10, 2))
        assert prices(at(session, 21, fresh)[0]) == {("one", 3)}
        told, faults = at(session, 22, old)
        assert [one.quotes for one in told] == [[]]
        assert faults == [
            f"{HOME} v {AWAY}: one, 'h2h': last_update: older than 2025-02-01T14:00:20Z, which was taken; not used"
        ]
        assert at(session, 23, old) == ([Snapshot(told[0].listing, [])], [])
        assert prices(at(session, 24, fresh)[0]) == {("one", 3)}

    def test_only_the_late_market_is_gone(self) -> None:
        session = opened()
        at(session, 21, game("a", h2h(20), h2h(20, 4, "h2h_h1"), two=[h2h(10)]))
        told, faults = at(session, 22, game("a", h2h(15), h2h(21, 4.5, "h2h_h1"), two=[h2h(10, 7)]))
        assert prices(told) == {("one", 4.5), ("two", 7)}
        assert len(faults) == 1

    def test_many_late_markets_are_one_fault_of_their_event(self) -> None:
        session = opened()
        books = [[h2h(n), h2h(n, 4, "h2h_h1")] for n in (20, 10)]
        at(session, 21, game("a", one=books[0], two=books[0]))
        _, faults = at(session, 22, game("a", one=books[1], two=books[1]))
        assert len(faults) == 1
        assert faults[0].endswith("not used, and 3 other markets like it")

    def test_an_equal_or_a_missing_time_is_taken(self) -> None:
        session = opened()
        at(session, 21, game("a", h2h(20, 3)))
        assert prices(at(session, 22, game("a", h2h(20, 4)))[0]) == {("one", 4)}
        assert prices(at(session, 23, game("a", h2h(None, 5)))[0]) == {("one", 5)}

    def test_an_event_that_was_away_is_still_known(self) -> None:
        session = opened()
        at(session, 21, game("a", h2h(20, 3)))
        at(session, 22)
        assert prices(at(session, 23, game("a", h2h(10, 2)))[0]) == set()

    def test_the_older_of_two_in_one_answer_never_stands(self) -> None:
        session = opened()
        both = game("a", h2h(20, 3)), game("a", h2h(10, 2))
        at(session, 21, *reversed(both))
        for order in (both, tuple(reversed(both))):
            told, _ = at(session, 22, *order)
            assert ("one", 2) not in prices(told)

    def test_a_time_far_ahead_blocks_nothing(self) -> None:
        session = opened()
        at(session, 1, game("a", h2h(3_000, 9)))
        assert prices(at(session, 2, game("a", h2h(1, 2)))[0]) == {("one", 2)}


class TestTimes:
    def test_what_is_gone_is_remembered_for_an_hour(self) -> None:
        times = Times()
        for number in range(3):
            times.begin(NOW + number * 1_800 * SECOND)
            times.newer(f"e{number}", ("one", "h2h"), NOW + number * 1_800 * SECOND)
            times.end({f"e{number}"})
        assert len(times) == 3
        times.begin(NOW + 3_601 * SECOND)
        times.end(())
        assert len(times) == 2

    def test_markets_that_are_not_named_any_more_are_forgotten(self) -> None:
        times = Times()
        times.begin(NOW)
        for key in ("h2h", "totals"):
            times.newer("e", ("one", key), NOW)
        times.begin(NOW + 3_601 * SECOND)
        times.named("e", {("one", "totals")})
        assert len(times) == 1
        assert times.newer("e", ("one", "totals"), NOW - 1) == NOW


def timeless(snapshot: Snapshot) -> tuple[Listing, list[Quote]]:
    return snapshot.listing, [msgspec.structs.replace(quote, received=None) for quote in snapshot.quotes]


MARKETS = st.lists(
    st.builds(
        h2h,
        st.one_of(st.none(), st.integers(0, 5)),
        st.sampled_from([2, 3, 0.5]),
        st.sampled_from(["h2h", "h2h_h1"]),
    ),
    max_size=2,
    unique_by=lambda market: market["key"],
)
GAMES = st.builds(lambda key, one, two: game(key, one=one, two=two), st.sampled_from("abc"), MARKETS, MARKETS)
ANSWERS = st.lists(st.lists(GAMES, max_size=3, unique_by=lambda each: each["id"]), max_size=8)


@given(ANSWERS)
def test_a_long_session_says_what_a_fresh_reading_says_of_all_that_is_not_late(answers: list[Any]) -> None:
    session = opened(odds_format="decimal")
    newest: dict[tuple[str, str, str], str] = {}
    for number, answer in enumerate(answers):
        expected = []
        for each in answer:
            books = []
            for book in each["bookmakers"]:
                markets = []
                for market in book["markets"]:
                    place, stamp = (each["id"], book["key"], market["key"]), market.get("last_update")
                    if stamp is None or stamp >= newest.get(place, ""):
                        markets.append(market)
                        newest[place] = max(newest.get(place, ""), stamp or "")
                books.append({**book, "markets": markets})
            expected.append({**each, "bookmakers": books})
        told, _ = at(session, 10 + number, *answer)
        fresh, _ = read(expected)
        assert [timeless(one) for one in told if one.listing.key in {each["id"] for each in answer}] == [
            timeless(one) for one in fresh
        ]
        assert all(not one.quotes for one in told[len(fresh) :])
        assert len(session) <= len(answer)
