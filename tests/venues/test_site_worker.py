"""Site workers' messages: what is checked, what becomes of markets, and what a broken piece costs."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import SECOND, parse_time
from crossbook.base.errors import BadData
from crossbook.model.claim import Kind, Period
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Basis, Fault, Quote, Snapshot
from crossbook.venues.reader import Document
from crossbook.venues.session import Session
from crossbook.venues.site_worker import READER, Register, SiteSession, Update, check, problems, venue_of

START = parse_time("2024-12-10T10:00:00")
REGISTER = {
    "type": "worker:register",
    "worker_id": "worker-sbo-12345",
    "site": "sbo",
    "timestamp": "2024-12-10T10:00:00",
}
MATCH: dict[str, Any] = {
    "home_team": "Manchester United",
    "away_team": "Chelsea",
    "odds": {
        "ft_hdp": {"home": 1.95, "away": 1.90, "handicap": -0.5},
        "ft_ou": {"over": 2.00, "under": 1.85, "line": 2.5},
    },
}


def update(*matches: Any, at: str = "2024-12-10T10:00:30", **more: Any) -> dict[str, Any]:
    message = {**REGISTER, "type": "odds:update", "timestamp": at, "data": {"matches": list(matches)}}
    return {**message, **more}


def match(home: str = "Ajax", away: str = "Breda", /, **changed: Any) -> dict[str, Any]:
    plain = {"home_team": home, "away_team": away, "odds": {"ft_1x2": {"home": 2, "draw": 3, "away": 4}}}
    return {**plain, **changed}


def opened() -> Session:
    assert READER.live is not None
    return READER.live(StreamInfo(format="site-worker", settings={"site": "sbo"}))


def say(session: Session, message: Any, received: int = START) -> tuple[list[Snapshot], list[str]]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    told = list(session.read(data, received))
    faults = [one.reason for one in told if isinstance(one, Fault)]
    return [one for one in told if isinstance(one, Snapshot)], faults


def quotes_of(*matches: Any, **more: Any) -> tuple[list[Quote], list[str]]:
    told, faults = say(opened(), update(*matches, **more))
    return [quote for one in told for quote in one.quotes], faults


def priced(**odds: Any) -> dict[str, Any]:
    return match(odds=odds)


class TestCheck:
    def test_the_documented_messages(self) -> None:
        register = check(json.dumps(REGISTER).encode())
        assert isinstance(register, Register)
        assert (register.worker_id, register.site, register.at()) == ("worker-sbo-12345", "sbo", START)
        message = check(json.dumps(update(MATCH)).encode())
        assert isinstance(message, Update)
        assert message.at() == START + 30 * SECOND
        assert problems(message) == []

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            ({**REGISTER, "type": "hello"}, "type: has to be worker:register or odds:update"),
            ({"worker_id": "w"}, "type: missing"),
            ({**REGISTER, "site": 5}, "site: expected text, not a whole number"),
            ({**REGISTER, "site": "../x"}, "site: '../x' is no site"),
            ({**REGISTER, "worker_id": " "}, "worker_id: has to be a name"),
            ({**REGISTER, "timestamp": "noon"}, "timestamp: 'noon' is not a time"),
            ({k: v for k, v in REGISTER.items() if k != "worker_id"}, "worker_id: missing"),
            (update(data={}), "data.matches: missing"),
            (update(data={"matches": {}}), "data.matches: expected a list, not object"),
            (update(odds_format="odd"), "odds_format: 'odd' is no odds format"),
            ([], "message: expected object, not a list"),
        ],
    )
    def test_the_field_is_named(self, message: Any, reason: str) -> None:
        with pytest.raises(BadData) as error:
            check(json.dumps(message).encode())
        assert str(error.value).startswith(reason)

    @pytest.mark.parametrize(
        "data", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "cut", "bytes", "deep"]
    )
    def test_what_is_no_json(self, data: bytes) -> None:
        with pytest.raises(BadData):
            check(data)

    @given(st.binary(max_size=200))
    def test_no_bytes_raise_anything_else(self, data: bytes) -> None:
        with pytest.raises(BadData):
            check(data)


class TestMarkets:
    def test_the_documented_update(self) -> None:
        told, faults = say(opened(), update(MATCH))
        assert faults == []
        (snapshot,) = told
        listing = snapshot.listing
        assert (listing.source, listing.sport, listing.start) == ("site/sbo", "football", None)
        assert (listing.home, listing.away) == ("Manchester United", "Chelsea")
        assert [(str(q.claim), q.odds) for q in snapshot.quotes] == [
            ("asian_handicap home -0.5", Fraction(39, 20)),
            ("asian_handicap away -0.5", Fraction(19, 10)),
            ("total over 2.5", Fraction(2)),
            ("total under 2.5", Fraction(37, 20)),
        ]
        assert {q.venue.name for q in snapshot.quotes} == {"SBO"}
        assert all(q.tradable and q.size is None for q in snapshot.quotes)

    def test_first_half_and_lists_of_lines(self) -> None:
        quotes, faults = quotes_of(
            priced(
                fh_ou=[{"over": 2, "under": 1.8, "line": 1}, {"over": "2.1", "under": "1.7", "line": "1.25"}]
            )
        )
        assert faults == []
        assert {(q.claim.kind, q.claim.period) for q in quotes} == {(Kind.TOTAL, Period.FIRST_HALF)}
        assert [q.claim.line for q in quotes] == [1, 1, Fraction(5, 4), Fraction(5, 4)]

    @pytest.mark.parametrize(
        ("written", "line"),
        [
            (-0.25, "-1/4"),
            ("0/0.5", "1/4"),
            ("-0/0.5", "-1/4"),
            ("0.5/1", "3/4"),
            ("-1/1.5", "-5/4"),
            ("+1", "1"),
        ],
    )
    def test_lines(self, written: Any, line: str) -> None:
        quotes, faults = quotes_of(priced(ft_hdp={"home": 2, "away": 2, "handicap": written}))
        assert faults == []
        assert [q.claim.line for q in quotes] == [Fraction(line)] * 2

    @pytest.mark.parametrize(
        ("form", "written", "odds"),
        [
            ("malay", -0.5, "3"),
            ("hk", "0.95", "1.95"),
            ("indonesian", -1.25, "1.8"),
            ("american", 150, "2.5"),
            ("fractional", "4/5", "1.8"),
            ("decimal", 1.01, "1.01"),
        ],
    )
    def test_formats_at_every_place(self, form: str, written: Any, odds: str) -> None:
        prices = {"home": written, "draw": None, "away": None}
        places = [
            quotes_of(priced(ft_1x2=prices), odds_format=form),
            quotes_of(match(odds={"ft_1x2": prices}, odds_format=form)),
            quotes_of(priced(ft_1x2={**prices, "odds_format": form}), odds_format="probability"),
        ]
        for quotes, faults in places:
            assert faults == []
            assert [q.odds for q in quotes] == [Fraction(odds)]

    @given(st.decimals(min_value="1.001", max_value=999, places=3))
    def test_prices_are_exact(self, price: Any) -> None:
        told, _ = say(
            opened(), json.dumps(update(priced(ft_1x2={"home": 7}))).replace("7}", f"{price}}}").encode()
        )
        assert told[0].quotes[0].odds == Fraction(price)

    def test_suspended_sizes_league_start(self) -> None:
        prices = {"home": 2, "draw": 3, "away": 4, "limits": {"home": 500}, "suspended": True}
        told, faults = say(
            opened(),
            update(
                match(odds={"ft_1x2": prices}, league="Coast League", start_time="2024-12-10T12:00:00"),
                match(
                    "C", "D", suspended=True, odds={"ft_ou": {"over": 2, "under": 2, "line": 2, "size": 9}}
                ),
                match("E", "F", start_time="2024-12-10T09:00:00+00:00"),
            ),
        )
        assert faults == []
        first, second, third = told
        assert (first.listing.competition, first.listing.date) == ("Coast League", "2024-12-10")
        assert first.listing.start == parse_time("2024-12-10T12:00:00Z")
        assert [q.size for q in first.quotes] == [Fraction(500), None, None]
        assert not any(q.tradable for q in (*first.quotes, *second.quotes))
        assert [q.size for q in second.quotes] == [Fraction(9)] * 2
        assert {q.basis for q in first.quotes} == {Basis.PREMATCH}
        assert {q.basis for q in third.quotes} == {Basis.LIVE}

    def test_rows_of_one_match_are_one_listing(self) -> None:
        told, faults = say(
            opened(),
            update(
                priced(ft_ou={"over": 2, "under": 2, "line": 2}),
                match(" AJAX", "breda", odds={"ft_ou": {"over": 3, "under": 1.5, "line": 3}}),
                priced(ft_ou={"over": 9, "under": 2, "line": 2}),
            ),
        )
        (snapshot,) = told
        assert [q.odds for q in snapshot.quotes][:3] == [Fraction(2), Fraction(2), Fraction(3)]
        assert len(snapshot.quotes) == 4
        assert [reason.partition(": ")[0] for reason in faults] == [
            "data.matches[2].odds.ft_ou.over",
            "data.matches[2].odds.ft_ou.under",
        ]


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        (priced(ft_hdp={"home": "x", "away": 2, "handicap": 0}), "odds.ft_hdp.home"),
        (priced(ft_hdp={"away": 2, "handicap": 0}), "odds.ft_hdp.home"),
        (priced(ft_hdp={"home": 0.5, "away": 2, "handicap": 0}), "odds.ft_hdp.home"),
        (priced(ft_hdp={"home": True, "away": 2, "handicap": 0}), "odds.ft_hdp.home"),
        (priced(ft_hdp={"home": 2, "away": 2}), "odds.ft_hdp.handicap"),
        (priced(ft_hdp={"home": 2, "away": 2, "handicap": "0.5/2"}), "odds.ft_hdp.handicap"),
        (priced(ft_ou={"over": 2, "under": 2, "line": 0.3}), "odds.ft_ou.line"),
        (priced(ft_ou=[{"over": 2, "under": 2, "line": 1}, 5]), "odds.ft_ou[1]"),
        (priced(ft_ou={"over": 2, "under": 2, "line": 1, "size": {"over": -1}}), "odds.ft_ou.size.over"),
        (priced(ft_ou={"over": 2, "under": 2, "line": 1, "suspended": 1}), "odds.ft_ou.suspended"),
        (priced(ht_ou={"over": 2, "under": 2, "line": 1}), "odds.ht_ou"),
        (match(odds=[]), "odds"),
        (match(odds_format="x"), "odds_format"),
        (match(start_time="soon"), "start_time"),
        (match("", "B"), "home_team"),
        (match("A", "a "), "away_team"),
        ({"home_team": "A", "odds": {}}, "away_team"),
        (7, ""),
    ],
)
def test_a_broken_piece_is_named_and_costs_only_itself(broken: Any, path: str) -> None:
    told, faults = say(opened(), update(match("C", "D"), broken, match("E", "F")))
    assert {"C", "E"} <= {one.listing.home for one in told}
    where = {reason.partition(": ")[0] for reason in faults}
    assert where == {f"data.matches[1].{path}" if path else "data.matches[1]"}
    message = check(json.dumps(update(match("C", "D"), broken)).encode())
    assert isinstance(message, Update)
    assert problems(message) == faults


class TestSession:
    def test_what_is_not_named_any_more_is_gone(self) -> None:
        session = opened()
        say(session, update(match("A", "B"), match("C", "D")))
        told, _ = say(session, update(match("C", "D")))
        assert {one.listing.home: len(one.quotes) for one in told} == {"C": 3, "A": 0}
        told, _ = say(session, update(match("C", "D")))
        assert [one.listing.home for one in told] == ["C"]

    def test_a_partial_update_leaves_the_others(self) -> None:
        session = opened()
        say(session, update(match("A", "B"), match("C", "D")))
        told, _ = say(session, update(match("C", "D"), partial=True))
        assert [one.listing.home for one in told] == ["C"]

    def test_a_missing_update_before_a_partial_one(self) -> None:
        session = opened()
        say(session, update(match("A", "B"), match("C", "D"), sequence=1))
        told, faults = say(session, update(match("C", "D"), partial=True, sequence=3))
        assert {one.listing.home: len(one.quotes) for one in told} == {"C": 3, "A": 0}
        assert faults[0].startswith("sequence: 3")

    def test_a_gap_forgets_everything(self) -> None:
        session = opened()
        say(session, update(match("A", "B"), match("C", "D")))
        session.gap()
        told, _ = say(session, update(match("C", "D"), partial=True))
        assert {one.listing.home: len(one.quotes) for one in told} == {"C": 3, "A": 0}

    def test_a_late_update_is_not_used(self) -> None:
        session = opened()
        say(session, REGISTER)
        say(session, update(match(), at="2024-12-10T10:00:30"), START + 30 * SECOND)
        told, faults = say(session, update(match("X", "Y"), at="2024-12-10T10:00:10"), START + 31 * SECOND)
        assert told == []
        assert "older than" in faults[0]

    def test_a_clock_set_back_is_believed_after_a_while(self) -> None:
        session = opened()
        say(session, REGISTER)
        say(session, update(match(), at="2024-12-10T12:00:00"), START)
        found = [
            bool(say(session, update(match(), at=f"2024-12-10T10:00:{n:02}"), START + n * SECOND)[0])
            for n in range(1, 9)
        ]
        assert found[-1]

    def test_a_clock_that_is_off_is_set_right(self) -> None:
        session = opened()
        hour = 3_600 * SECOND
        say(session, REGISTER, START + hour)
        told, _ = say(session, update(match(), at="2024-12-10T10:00:30"), START + hour + 31 * SECOND)
        assert {q.happened for q in told[0].quotes} == {START + hour + 30 * SECOND}
        assert {q.received for q in told[0].quotes} == {START + hour + 31 * SECOND}

    def test_no_price_happens_after_it_came(self) -> None:
        session = opened()
        say(session, REGISTER, START + 5 * SECOND)
        told, _ = say(session, update(match(), at="2024-12-10T10:00:30"), START + 31 * SECOND)
        assert {q.happened for q in told[0].quotes} == {START + 31 * SECOND}

    def test_another_site_is_refused(self) -> None:
        with pytest.raises(BadData, match=r"^site: 'ibc', but"):
            say(opened(), update(match(), site="ibc"))

    def test_another_worker_is_refused(self) -> None:
        assert READER.live is not None
        who = {"site": "sbo", "worker_id": "worker-sbo-12345"}
        session = READER.live(StreamInfo(format="site-worker", settings=who))
        with pytest.raises(
            BadData, match=r"^worker_id: 'other', but this connection registered as worker-sbo-"
        ):
            say(session, update(match(), worker_id="other"))
        assert len(say(session, update(match()))[0]) == 1

    def test_the_same_frames_say_the_same(self) -> None:
        frames = [
            REGISTER,
            update(match("A", "B"), match("C", "D")),
            update(match("C", "D"), at="2024-12-10T10:01"),
        ]
        first, second = opened(), opened()
        assert [say(first, one, START + n) for n, one in enumerate(frames)] == [
            say(second, one, START + n) for n, one in enumerate(frames)
        ]


def test_a_recording_of_two_sites() -> None:
    lines = [REGISTER, update(match("A", "B")), update(match("C", "D"), site="ibc"), {"type": "x"}]
    data = b"\n".join(json.dumps(line).encode() for line in lines)
    told = list(READER.read(Document(("worker.jsonl",), data)))
    assert [one.listing.source for one in told if isinstance(one, Snapshot)] == ["site/sbo", "site/ibc"]
    assert [one.line for one in told if isinstance(one, Fault)] == [4]


def test_venues() -> None:
    assert [venue_of(site).name for site in ("sbo", "IBC", "cmd", "pinnacle", "other")] == [
        "SBO",
        "IBC",
        "CMD",
        "Pinnacle",
        "other",
    ]
    assert isinstance(opened(), SiteSession)
