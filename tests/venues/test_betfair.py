"""The Betfair stream reader: every rule, on hand-made messages."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from crossbook.base.clock import SECOND
from crossbook.base.errors import BadData
from crossbook.model.claim import Kind
from crossbook.model.quote import Basis, Contest, Side, Snapshot
from crossbook.venues.betfair import READER, starting_prices
from crossbook.venues.reader import Document
from tests.venues.betfair_messages import (
    MARKET,
    definition,
    document,
    exactly,
    image,
    market,
    message,
    prices,
    runner,
    split,
)

BACK, LAY = Side.BACK, Side.LAY
FIRST = {"id": 11, "atb": [[3, 10], [2.9, 20]], "atl": [[3.1, 5]]}


def last(*messages: Any) -> Snapshot:
    snapshots, faults = split(READER, document(*messages))
    assert faults == []
    return snapshots[-1]


def test_image_gives_best_prices_of_both_sides_best_first() -> None:
    unordered = [[1.01, 900], [2.9, 20], [3, 10.25], [2.88, 7]]
    quotes = last(image({"id": 11, "atb": unordered, "atl": [[1000, 3], [3.1, 5]]})).quotes
    assert prices(quotes, "11", BACK) == exactly(("3", "10.25"), ("2.9", "20"), ("2.88", "7"))
    assert prices(quotes, "11", LAY) == exactly(("3.1", "5"), ("1000", "3"))
    assert prices(quotes, "12", BACK) == []


def test_quote_carries_venue_market_and_times() -> None:
    quote = last(image(FIRST, marketBaseRate=2.5)).quotes[0]
    assert (quote.venue.id, quote.venue.commission) == ("betfair_exchange", Fraction(25, 1000))
    assert (quote.market_id, quote.basis, quote.tradable) == (MARKET, Basis.PREMATCH, True)
    assert quote.happened == quote.received == SECOND
    assert (quote.claim.kind, quote.claim.subject, quote.claim.selection) == (Kind.WINNER, MARKET, "11")


def test_received_is_the_documents_own_time_when_it_has_one() -> None:
    snapshots, _ = split(READER, document(image(FIRST), received=7))
    assert (snapshots[0].quotes[0].happened, snapshots[0].quotes[0].received) == (SECOND, 7)


def test_listing_of_a_race() -> None:
    listing = last(image(FIRST, eventName="Ascot 1st Mar")).listing
    assert (listing.source, listing.key, listing.sport) == ("betfair", "500", "horse-racing")
    assert (listing.competition, listing.home, listing.away) == ("Ascot", "Ascot 1st Mar", "")
    assert (listing.date, listing.start) == ("2024-03-01", 1_709_305_200 * SECOND)
    assert listing.contests == (Contest(MARKET, ("11", "12"), 1, True),)


def test_change_replaces_adds_and_removes_prices() -> None:
    change = {"id": 11, "atb": [[3, 0], [2.9, 25.5], [2.98, 4]], "atl": [[3.1, 0], [3.15, 0]]}
    quotes = last(image(FIRST), message(market(MARKET, change))).quotes
    assert prices(quotes, "11", BACK) == exactly(("2.98", "4"), ("2.9", "25.5"))
    assert prices(quotes, "11", LAY) == []


def test_second_image_forgets_everything_before_it() -> None:
    quotes = last(image(FIRST), image({"id": 12, "atl": [[5, 1]]})).quotes
    assert len(quotes) == 1
    assert prices(quotes, "12", LAY) == exactly(("5", "1"))


def test_image_without_definition_keeps_the_one_known() -> None:
    quotes = last(image(FIRST), message(market(MARKET, {"id": 12, "atl": [[5, 1]]}, img=True))).quotes
    assert len(quotes) == 1
    assert prices(quotes, "12", LAY) == exactly(("5", "1"))


def test_levels_shift_and_empty() -> None:
    start = image({"id": 11, "batb": [[0, 3, 10], [1, 2.9, 20], [2, 2.8, 30]], "batl": [[0, 3.1, 5]]})
    shifted = message(market(MARKET, {"id": 11, "batb": [[0, 3.05, 1], [1, 3, 10], [2, 2.9, 20]]}))
    emptied = message(market(MARKET, {"id": 11, "batb": [[2, 0, 0], [0, 2.9, 0]], "batl": [[0, 0, 4]]}))
    snapshots, faults = split(READER, document(start, shifted, emptied))
    assert faults == []
    second, third = snapshots[1].quotes, snapshots[2].quotes
    assert prices(second, "11", BACK) == exactly(("3.05", "1"), ("3", "10"), ("2.9", "20"))
    assert prices(third, "11", BACK) == exactly(("3", "10"))
    assert prices(third, "11", LAY) == []


def test_full_ladders_go_before_best_offers_and_those_before_displayed_ones() -> None:
    displayed = {"bdatb": [[0, 3.2, 1]]}
    best = {**displayed, "batb": [[0, 3.1, 1]]}
    for sent, price in ((displayed, "3.2"), (best, "3.1"), ({**best, "atb": [[3, 1]]}, "3")):
        assert prices(last(image({"id": 11, **sent})).quotes, "11", BACK) == exactly((price, "1"))


def test_runner_whose_full_ladder_ran_empty_has_no_displayed_price_either() -> None:
    start = image({"id": 11, "atb": [[3, 1]], "bdatb": [[0, 3.2, 1]]})
    assert last(start, message(market(MARKET, {"id": 11, "atb": [[3, 0]]}))).quotes == []


def test_runners_stay_apart_by_handicap() -> None:
    change = {"id": 11, "hc": -1.5, "atb": [[9, 9]]}
    quotes = last(image(FIRST), message(market(MARKET, change))).quotes
    assert prices(quotes, "11", BACK) == exactly(("3", "10"), ("2.9", "20"))


def test_nothing_of_a_market_that_is_not_open_is_tradable() -> None:
    for status in ("SUSPENDED", "CLOSED", "INACTIVE", ""):
        closing = message(market(MARKET, marketDefinition=definition(status=status)))
        reopening = message(market(MARKET, marketDefinition=definition()))
        snapshots, _ = split(READER, document(image(FIRST), closing, reopening))
        assert [{quote.tradable for quote in one.quotes} for one in snapshots] == [{True}, {False}, {True}]


def test_in_play_prices_are_live() -> None:
    turned = message(market(MARKET, marketDefinition=definition(inPlay=True)))
    assert {quote.basis for quote in last(image(FIRST), turned).quotes} == {Basis.LIVE}


def test_removed_runner_loses_its_prices_for_good() -> None:
    three = [runner(11, 1), runner(12, 2), runner(13, 3)]
    without = [runner(11, 1, "REMOVED"), *three[1:]]
    start = message(market(MARKET, FIRST, img=True, marketDefinition=definition(*three)))
    removal = message(market(MARKET, {"id": 12, "atb": [[2, 1]]}, marketDefinition=definition(*without)))
    late = message(market(MARKET, {"id": 11, "atb": [[3, 10]]}))
    back_again = message(market(MARKET, marketDefinition=definition(*three)))
    snapshots, faults = split(READER, document(start, removal, late, back_again))
    assert faults == []
    for one in snapshots[1:]:
        assert [quote.claim.selection for quote in one.quotes] == ["12"]
    assert snapshots[2].listing.contests == (Contest(MARKET, ("12", "13"), 1, True),)


def test_settled_runners_have_no_prices() -> None:
    settled = definition(runner(11, 1, "WINNER"), runner(12, 2, "LOSER"), status="CLOSED")
    result = last(image(FIRST), message(market(MARKET, marketDefinition=settled)))
    assert (result.quotes, result.listing.contests) == ([], ())


def test_unknown_runner_is_kept_until_a_definition_names_it() -> None:
    reserve = message(market(MARKET, {"id": 99, "atb": [[8, 2]]}))
    named = message(market(MARKET, marketDefinition=definition(runner(11, 1), runner(99, 2))))
    snapshots, faults = split(READER, document(image(FIRST), reserve, named))
    assert faults == []
    assert prices(snapshots[1].quotes, "99", BACK) == []
    assert prices(snapshots[2].quotes, "99", BACK) == exactly(("8", "2"))


def test_changes_before_any_image_are_one_fault_a_market_and_ignored() -> None:
    early = message(market(MARKET, FIRST), market("1.200", FIRST), market("1.300", FIRST), market("1.400"))
    snapshots, faults = split(READER, document(early, early, image({"id": 12, "atb": [[2, 1]]}), early))
    assert [(fault.line, fault.reason.partition(":")[0]) for fault in faults] == [
        (1, "4 markets (1.100, 1.200, 1.300, …)")
    ]
    assert prices(snapshots[0].quotes, "11", BACK) == []
    assert prices(snapshots[1].quotes, "11", BACK) == exactly(("3", "10"), ("2.9", "20"))


def test_definition_without_image_starts_a_market() -> None:
    quotes = last(message(market(MARKET, FIRST, marketDefinition=definition()))).quotes
    assert prices(quotes, "11", LAY) == exactly(("3.1", "5"))


def test_image_without_any_definition_waits_for_one() -> None:
    nameless = message(market(MARKET, FIRST, img=True))
    named = message(market(MARKET, marketDefinition=definition()))
    snapshots, faults = split(READER, document(nameless, nameless, named))
    assert [fault.line for fault in faults] == [1]
    assert len(snapshots) == 1
    assert prices(snapshots[0].quotes, "11", LAY) == exactly(("3.1", "5"))


def test_resubscription_delta_goes_onto_what_is_there() -> None:
    resumed = message(market(MARKET, {"id": 11, "atb": [[3, 0]]}), ct="RESUB_DELTA")
    assert prices(last(image(FIRST), resumed).quotes, "11", BACK) == exactly(("2.9", "20"))


def test_heartbeats_and_other_messages_say_nothing_of_prices() -> None:
    quiet: list[dict[str, Any]] = [{"op": "mcm", "ct": "HEARTBEAT", "pt": 5, "clk": "A"}]
    quiet += [{"op": op, "id": 1} for op in ("ocm", "ccm", "rcm", "connection", "status")]
    snapshots, faults = split(READER, document(*quiet, "", image(FIRST), *quiet))
    assert (len(snapshots), faults) == (1, [])


def test_unknown_operation_is_a_fault() -> None:
    _, faults = split(READER, document(image(FIRST), {"op": "xyz"}))
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "op: 'xyz' is no message of the stream")]


def test_segments_are_one_message() -> None:
    parts = [
        message(market(MARKET, {"id": 11, "atb": [[3, 0]]}), segmentType="SEG_START"),
        message(market(MARKET, {"id": 11, "atb": [[2.9, 0]]}), segmentType="SEG"),
        {"op": "mcm", "ct": "HEARTBEAT", "pt": 5},
        message(market(MARKET, {"id": 11, "atl": [[3.1, 6]]}), segmentType="SEG_END"),
    ]
    snapshots, faults = split(READER, document(image(FIRST), *parts))
    assert (len(snapshots), faults) == (2, [])
    assert prices(snapshots[1].quotes, "11", BACK) == []
    assert prices(snapshots[1].quotes, "11", LAY) == exactly(("3.1", "6"))


def test_recording_cut_in_the_middle_of_segments_says_so() -> None:
    cut = message(market(MARKET, {"id": 11, "atb": [[3, 0]]}), segmentType="SEG_START")
    snapshots, faults = split(READER, document(image(FIRST), cut))
    assert len(snapshots) == 1
    assert [fault.reason for fault in faults] == [
        "the recording ends in the middle of a message sent in segments"
    ]


def test_prices_that_betfair_calls_late_are_not_tradable() -> None:
    late = {"op": "mcm", "id": 2, "status": 503}
    well = {"op": "mcm", "id": 2, "ct": "HEARTBEAT", "pt": 9}
    snapshots, _ = split(READER, document(image(FIRST), late, late, well))
    assert [{quote.tradable for quote in one.quotes} for one in snapshots] == [{True}, {False}, {True}]


@pytest.mark.parametrize(
    "garbage",
    ["{", "garbage", '{"op":"mcm","mc":7}', "[1]", "{}", '{"op":"mcm","pt":-1}', b"\xff\xfe{", "[" * 20_000],
)
def test_one_garbage_line_is_one_fault_and_the_rest_goes_on(garbage: str | bytes) -> None:
    change = message(market(MARKET, {"id": 11, "atb": [[3, 11]]}))
    snapshots, faults = split(READER, document(image(FIRST), garbage, change))
    assert [fault.line for fault in faults] == [2]
    assert prices(snapshots[-1].quotes, "11", BACK)[:1] == exactly(("3", "11"))


def test_garbage_before_the_first_message_is_a_fault_too() -> None:
    snapshots, faults = split(READER, document("{broken", image(FIRST)))
    assert (len(snapshots), [fault.line for fault in faults]) == (1, [1])


@pytest.mark.parametrize("data", [b"", b"\n \n", b"nothing", b"\xff\xfe{\x00}\x00", b'{"op":"mcm"\n'])
def test_document_without_any_message_is_bad_data(data: bytes) -> None:
    with pytest.raises(BadData):
        list(READER.read(Document(("x",), data)))


def test_message_spread_over_many_lines_is_read() -> None:
    spread = json.dumps(image(FIRST), indent=2).encode()
    snapshots, faults = split(READER, document(spread))
    assert (len(snapshots), faults) == (1, [])


@pytest.mark.parametrize(
    "offer", ["[1,5]", "[0,5]", "[1001,5]", "[2,-1]", '["NaN",5]', '[2,"sNaN"]', "[2,1e999999999]", "[-3,5]"]
)
def test_what_cannot_be_an_offer_is_left_out_with_a_fault(offer: str) -> None:
    text = json.dumps(message(market(MARKET, {"id": 11, "atb": [[2.5, 1]]})))
    snapshots, faults = split(READER, document(image(FIRST), text.replace("[2.5, 1]", offer)))
    assert [fault.reason for fault in faults] == ["market 1.100: offers off the price ladder, left out: 1"]
    assert prices(snapshots[-1].quotes, "11", BACK) == exactly(("3", "10"), ("2.9", "20"))


@pytest.mark.parametrize(
    "broken",
    [{"marketTime": "soon"}, {"marketBaseRate": 100}, {"marketBaseRate": -1}, {"marketBaseRate": "NaN"}],
)
def test_unusable_definition_takes_the_market_off_until_a_good_one(broken: dict[str, Any]) -> None:
    bad = message(market(MARKET, marketDefinition=definition(**broken)))
    good = message(market(MARKET, marketDefinition=definition()))
    snapshots, faults = split(READER, document(image(FIRST), bad, good))
    assert [fault.line for fault in faults] == [2]
    assert [len(one.quotes) for one in snapshots] == [3, 0, 3]
    assert snapshots[1].listing.key == "500"


def test_markets_of_one_event_come_together() -> None:
    first = image(FIRST)
    second = image({"id": 21, "atb": [[6, 1]]}, market_id="1.101", runners=[runner(21, 1), runner(22, 2)])
    other = image(FIRST, market_id="1.102", eventId="501")
    snapshots, _ = split(READER, document(first, second, other, message(market(MARKET))))
    assert [one.listing.key for one in snapshots] == ["500", "500", "501", "500"]
    assert [len(one.quotes) for one in snapshots] == [3, 4, 3, 4]
    assert [contest.subject for contest in snapshots[3].listing.contests] == ["1.100", "1.101"]


def test_one_message_for_two_markets_of_an_event_gives_one_snapshot() -> None:
    both = message(
        market("1.1", FIRST, img=True, marketDefinition=definition()),
        market("1.2", FIRST, img=True, marketDefinition=definition()),
    )
    snapshots, _ = split(READER, document(both))
    assert [len(one.quotes) for one in snapshots] == [6]


def test_projected_starting_prices_and_waiting_bets() -> None:
    start = image({"id": 11, "spn": 3.2, "spf": "Infinity", "spb": [[1.01, 9], [4, 2.5]], "spl": [[2, 7]]})
    change = message(market(MARKET, {"id": 11, "spb": [[4, 0]], "spf": 3.45}))
    price = starting_prices(document(start, change, "garbage"))[MARKET]["11"]
    assert (price.near, price.far, price.actual) == (Fraction("3.2"), Fraction("3.45"), None)
    assert price.back_stakes == ((Fraction("1.01"), Fraction(9)),)
    assert price.lay_liabilities == ((Fraction(2), Fraction(7)),)


def test_starting_price_is_actual_once_reconciled() -> None:
    runners = [runner(11, 1, bsp=3.25), runner(12, 2, bsp="NaN"), runner(13, 3, "REMOVED", bsp=9)]
    before = document(message(market(MARKET, marketDefinition=definition(*runners))))
    after = document(message(market(MARKET, marketDefinition=definition(*runners, bspReconciled=True))))
    assert starting_prices(before) == {}
    found = starting_prices(after)[MARKET]
    assert {name: price.actual for name, price in found.items()} == {"11": Fraction("3.25")}
