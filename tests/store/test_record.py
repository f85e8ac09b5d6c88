"""The store: what goes in comes back exactly, and only once."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.life import Moment
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Basis, Contest, Quote, Side
from crossbook.store.migrate import migrate
from crossbook.store.record import Store
from crossbook.store.rows import (
    Batch,
    EventRow,
    FaultRow,
    LinkRow,
    QuoteRow,
    Withdrawn,
    Written,
)
from tests.store.asking import PATIENCE_S, child, until, value, with_store
from tests.store.made_up import (
    BETFAIR,
    EVENT,
    HOME,
    HOUR,
    LISTING,
    NOON,
    PINNACLE,
    STREAM,
    batch,
    change,
    life,
    offer,
    offers,
)

# ---------------------------------------------------------------- exactly what went in

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
positive = st.fractions(min_value=Fraction(1, 10**30), max_value=10**30)
times = st.none() | st.integers(-(2**62), 2**62)
claims = st.one_of(
    st.sampled_from([HOME, Claim.of(Kind.TOTAL, "over", Fraction(9, 4)), Claim.of(Kind.EXACT_TOTAL, "7+")]),
    st.builds(
        Claim.of,
        st.just(Kind.ASIAN_HANDICAP),
        st.sampled_from(["home", "away"]),
        st.integers(-40, 40).map(lambda quarters: Fraction(quarters, 4)),
        st.sampled_from(Period),
        words,
    ),
    st.builds(Claim.of, st.just(Kind.WINNER), words, subject=words),
)
quotes = st.builds(
    Quote,
    venue=st.sampled_from([PINNACLE, BETFAIR]),
    claim=claims,
    side=st.sampled_from(Side),
    odds=positive,
    size=st.none() | positive,
    basis=st.sampled_from(Basis),
    happened=times,
    received=times,
    tradable=st.booleans(),
    market_id=words,
    step=st.none() | positive,
    rank=st.just(0.0),
)
withdrawn = st.builds(
    Withdrawn,
    st.sampled_from([PINNACLE, BETFAIR]),
    claims,
    st.sampled_from(Side),
    st.sampled_from(Basis),
    words,
)
shown = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)
examples = count(1)
slow = settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@slow
@given(told=st.lists(quotes | withdrawn, min_size=1, max_size=20))
def test_quotes_come_back_as_they_were(url: str, told: list[Quote | Withdrawn]) -> None:
    number = next(examples)
    at = NOON + number * 1_000
    rows = [
        QuoteRow(at + index, LISTING.source, LISTING.key, STREAM.name, each)
        for index, each in enumerate(told)
    ]

    async def round_trip(store: Store) -> list[QuoteRow]:
        assert (await store.write(batch(number, quotes=rows))).quotes == len(rows)
        return await store.read.quotes_between(at, at + len(rows))

    assert with_store(url, round_trip) == rows


@slow
@given(
    objects=st.lists(st.dictionaries(words, shown, max_size=4), min_size=1, max_size=4),
    why=st.lists(st.builds(Reason, words, words), max_size=3).map(tuple),
    guaranteed=positive,
)
def test_a_life_comes_back_byte_for_byte(
    url: str, objects: list[dict[str, Any]], why: tuple[Reason, ...], guaranteed: Fraction
) -> None:
    number = next(examples)
    name = f"opportunity-{number}"
    rows = [
        change(index, Moment.OPENED if index == 1 else Moment.CHANGED, name, why, each, guaranteed)
        for index, each in enumerate(objects, 1)
    ]

    async def round_trip(store: Store) -> None:
        await store.write(batch(number, changes=rows))
        found = await store.read.opportunity(name)
        assert found is not None
        now, told = found
        assert [each.text for each in told] == [row.text() for row in rows]
        assert [each.object() for each in told] == objects
        assert [each.why() for each in told] == [why for _ in rows]
        assert (now.object, now.number, now.guaranteed_return) == (objects[-1], len(rows), guaranteed)

    with_store(url, round_trip)


def test_what_postgresql_cannot_hold_does_not_stop_a_batch(url: str) -> None:
    """NUL, half a surrogate pair, endless keys and the year 9999 come from outside and must harm only themselves."""
    nul, surrogate = "North\0gate", "South\ud800port"
    keys = ["k" * 5_000 + end for end in ("a", "b")]
    listings = [
        msgspec.structs.replace(
            LISTING,
            key=key,
            home=nul,
            away=surrogate,
            start=10**21,
            ids={nul: surrogate},
            contests=(Contest(nul, (surrogate,)),),
        )
        for key in [*keys, "a\0", "a\ufffd"]
    ]
    claim = Claim.of(Kind.WINNER, nul, subject=surrogate)
    told = Quote(PINNACLE, claim, Side.BACK, Fraction(3), market_id=nul, happened=10**21)
    rows = [QuoteRow(NOON + at, each.source, each.key, STREAM.name, told) for at, each in enumerate(listings)]
    opened = change(1, Moment.OPENED, shown={nul: [nul, {"deep": nul}]})

    async def write(store: Store) -> None:
        assert (await store.write(batch(1, listings=listings, quotes=rows, changes=[opened]))).quotes == 4
        found = await store.read.quotes_between(NOON, NOON + 10)
        assert len({row.key for row in found}) == 3  # long keys stay apart; the cleaned ones are one
        assert found[0].quote.claim.selection == "North\ufffdgate"
        assert isinstance(found[0].quote, Quote)
        assert found[0].quote.happened is None
        life_of = await store.read.opportunity("opportunity-1")
        assert life_of is not None
        assert life_of[1][0].object() == opened.object

    with_store(url, write)


# ---------------------------------------------------------------- only once


def test_a_batch_sent_twice_adds_nothing(url: str) -> None:
    full = batch(
        1, quotes=offers(3), changes=life(), faults=[FaultRow(STREAM.name, NOON, "price: not a number", 2)]
    )

    async def twice(store: Store) -> tuple[Written, Written, Written, dict[str, int]]:
        first, again = await store.write(full), await store.write(full)
        return first, again, await store.write(batch(2), full), await store.read.counts()

    first, again, beside, counts = with_store(url, twice)
    assert (first, again, beside) == (Written(1, 3, 3), Written(0, 0, 0), Written(1, 0, 0))
    assert (counts["changes"], counts["faults"], counts["opportunities"], counts["open"]) == (3, 2, 1, 0)
    assert asyncio.run(value(url, "SELECT count(*) FROM crossbook.quote")) == 3


def test_a_life_told_again_by_another_recording_adds_nothing(url: str) -> None:
    async def twice(store: Store) -> list[bytes]:
        await store.write(batch(1, changes=life()))
        assert (await store.write(batch(1, "replay", changes=life()[:2]))).changes == 0
        found = await store.read.opportunity("opportunity-1")
        assert found is not None
        assert found[0].closed == NOON + 3  # an earlier change does not open it again
        return [line async for line in store.read.lives()]

    assert with_store(url, twice) == [row.text() for row in life()]


def test_one_number_for_two_changes_is_refused_and_nothing_is_written(url: str) -> None:
    async def contradict(store: Store) -> None:
        await store.write(batch(1, changes=life()))
        other = change(2, Moment.CHANGED, shown={"another": "object"})
        with pytest.raises(BadData, match="change 2 of opportunity opportunity-1"):
            await store.write(batch(2, changes=[other], quotes=offers(2)))
        assert await store.read.quotes_between(NOON, NOON + 9) == []
        await store.write(batch(2, quotes=offers(2)))
        assert len(await store.read.quotes_between(NOON, NOON + 9)) == 2

    with_store(url, contradict)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (QuoteRow(NOON, "nowhere", "1", STREAM.name, offer(NOON).quote), "no listing '1' of 'nowhere'"),
        (QuoteRow(NOON, LISTING.source, LISTING.key, "silent", offer(NOON).quote), "no stream 'silent'"),
    ],
)
def test_a_quote_of_nothing_known_is_refused(url: str, row: QuoteRow, words: str) -> None:
    async def write(store: Store) -> None:
        with pytest.raises(BadData, match=words):
            await store.write(batch(1, quotes=[row]))
        assert await store.write(batch(1, quotes=offers(1))) == Written(1, 1, 0)

    with_store(url, write)


def test_two_databases_that_were_told_the_same_compare_equal(database: str, postgres15: str) -> None:
    names = ["b", "a", "Ä", "a-2"]

    async def lines(url: str, order: list[str]) -> list[bytes]:
        await migrate(url)
        async with await Store.open(url) as store:
            for number, name in enumerate(order):
                await store.write(batch(number, changes=life(name)))
            return [line async for line in store.read.lives()]

    first, second = asyncio.run(lines(database, names)), asyncio.run(lines(postgres15, names[::-1]))
    assert first == second
    assert len(first) == 12


def test_two_stores_at_once_agree_on_every_number(url: str) -> None:
    venues = [PINNACLE, BETFAIR]
    listings = [msgspec.structs.replace(LISTING, key=str(key)) for key in range(40)]

    def batches(recording: str, order: int) -> list[Batch]:
        return [
            batch(
                number,
                recording,
                listings=listings[::order],
                events=[EventRow(each.key, "", ((each.source, each.key),)) for each in listings[::order]],
                quotes=[
                    QuoteRow(
                        NOON + number, each.source, each.key, STREAM.name, offer(NOON, venue=venue).quote
                    )
                    for each in listings
                    for venue in venues[::order]
                ],
            )
            for number in range(10)
        ]

    async def write(recording: str, order: int) -> None:
        async with await Store.open(url) as store:
            for each in batches(recording, order):
                await store.write(each)

    async def both() -> None:
        await asyncio.gather(write("one", 1), write("two", -1))

    asyncio.run(both())
    found = with_store(url, lambda store: store.read.quotes_between(NOON, NOON + 10))
    assert len(found) == 2 * 10 * 40 * 2
    counts = with_store(url, lambda store: store.read.counts())
    assert (counts["listings"], counts["venues"], counts["events"], counts["claims"]) == (40, 2, 40, 1)


# ---------------------------------------------------------------- what is read


def test_only_the_last_word_on_each_offer_stands(url: str) -> None:
    lay = Quote(BETFAIR, HOME, Side.LAY, Fraction(3))
    gone = Withdrawn(BETFAIR, HOME, Side.LAY)
    rows = [
        offer(NOON, "2.5"),
        offer(NOON + 5 * HOUR, "100/37"),
        QuoteRow(NOON + 1, LISTING.source, LISTING.key, STREAM.name, lay),
    ]
    last = QuoteRow(NOON + 2, LISTING.source, LISTING.key, STREAM.name, gone)

    async def read(store: Store) -> None:
        await store.write(batch(1, quotes=rows))
        assert await store.read.latest_quotes(EVENT.id) == [rows[2], rows[1]]
        await store.write(batch(2, quotes=[last]))
        assert await store.read.latest_quotes(EVENT.id) == [rows[1]]
        await store.write(batch(3, events=[msgspec.structs.replace(EVENT, listings=())]))
        assert await store.read.latest_quotes(EVENT.id) == []

    with_store(url, read)


def test_a_listing_belongs_to_the_event_that_was_told_last(url: str) -> None:
    """Also when both are told in one transaction, and when it comes back to where it was."""
    here = EVENT.listings
    one, two = EventRow("one", "", here), EventRow("two", "", here)
    asked = "SELECT event.id FROM crossbook.listing JOIN crossbook.event ON event.number = listing.event"

    async def write(store: Store) -> None:
        await store.write(*(batch(number, events=[told]) for number, told in enumerate([two, one, two])))
        assert await value(url, asked) == "two"
        await store.write(*(batch(number, events=[told]) for number, told in enumerate([two, one], 3)))
        assert await value(url, asked) == "one"
        await store.write(batch(5, events=[two]))
        await store.write(batch(6, events=[one]))
        assert await value(url, asked) == "one"

    with_store(url, write)


def test_nothing_of_a_lost_stream_stands(url: str) -> None:
    again = msgspec.structs.replace(STREAM, opened=NOON + 100)
    after = offer(NOON + 101, "3")

    async def read(store: Store) -> None:
        await store.write(batch(1, quotes=[offer(NOON)]))
        # Killed before it could say that the stream was lost: the next opening says it.
        await store.write(batch(2, streams=[again]))
        assert await store.read.latest_quotes(EVENT.id) == []
        await store.write(batch(3, quotes=[after]))
        assert await store.read.latest_quotes(EVENT.id) == [after]
        lost = msgspec.structs.replace(again, closed=NOON + 102, why="connection reset")
        await store.write(batch(4, streams=[lost]))
        assert await store.read.latest_quotes(EVENT.id) == []

    with_store(url, read)


def test_links_keep_their_history(url: str) -> None:
    reasons = (Reason("names", "spelled alike"),)
    links = [
        LinkRow(LISTING.source, LISTING.key, EVENT.id, decision, reasons, NOON + at)
        for at, decision in enumerate(("review", "accept"))
    ]

    async def write(store: Store) -> None:
        await store.write(batch(1, links=links[:1]))
        await store.write(batch(2, links=links))

    with_store(url, write)
    asked = "SELECT array_agg(decision ORDER BY at) FROM crossbook.link"
    assert asyncio.run(value(url, asked)) == ["review", "accept"]


def test_open_and_recent(url: str) -> None:
    async def read(store: Store) -> None:
        await store.write(batch(1, changes=[*life("done"), change(1, Moment.OPENED, "standing")]))
        assert [each.id for each in await store.read.open_opportunities()] == ["standing"]
        assert {each.id for each in await store.read.recent()} == {"done", "standing"}
        assert len(await store.read.recent(1)) == 1
        assert await store.read.opportunity("nobody") is None

    with_store(url, read)


def test_numbers_can_be_read_and_sorted_in_sql(url: str) -> None:
    with_store(url, lambda store: store.write(batch(1, quotes=[offer(NOON, "100/32")])))
    assert asyncio.run(value(url, "SELECT crossbook.ratio(odds) = 3.125 FROM crossbook.quote"))
    told = asyncio.run(value(url, "SELECT crossbook.moment(at)::text FROM crossbook.quote"))
    assert told.startswith("2025-11-20 12:00:00")


# ---------------------------------------------------------------- killed


def test_killed_in_the_middle_of_a_copy_nothing_of_it_is_there(url: str) -> None:
    process = child(url, "half")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
    finally:
        process.kill()
        process.communicate()
    gone = """SELECT count(*) = 1 FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'"""
    asyncio.run(until(url, gone))
    assert asyncio.run(value(url, "SELECT count(*) FROM crossbook.quote")) == 0
    again = with_store(url, lambda store: store.write(batch(1, quotes=offers(20_000))))
    assert again == Written(1, 20_000, 0)


def test_what_was_acknowledged_before_a_kill_is_there(url: str, tmp_path: Path) -> None:
    acknowledged = tmp_path / "acknowledged"
    process = child(url, "write", str(acknowledged))
    try:
        asyncio.run(until(url, "SELECT count(*) >= 8 FROM crossbook.batch"))
    finally:
        process.kill()
        process.communicate()
    told = {int(line) for line in acknowledged.read_text().splitlines()}
    assert told
    there = set(asyncio.run(value(url, "SELECT array_agg(number) FROM crossbook.batch")))
    assert told <= there
    whole = """SELECT (SELECT count(*) FROM crossbook.quote) = (SELECT sum(quotes) FROM crossbook.batch)
        AND (SELECT count(*) FROM crossbook.opportunity_change) = 3 * (SELECT count(*) FROM crossbook.batch)"""
    assert asyncio.run(value(url, whole))
    assert process.wait(PATIENCE_S) != 0
