"""Streams of updates judged: the same for the same seed, and as lively as they say."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from tests.oracles.always_solve import best_guarantee
from tests.oracles.price_stream import Expire, Mode, Put, Withdraw, price_stream

Slot = tuple[str, str, Claim, Side]


@pytest.mark.parametrize("mode", Mode)
def test_a_stream_is_the_same_every_time(mode: Mode) -> None:
    first = list(price_stream(3, mode, 5, 2_000))
    assert first == list(price_stream(3, mode, 5, 2_000))
    assert first != list(price_stream(4, mode, 5, 2_000))
    assert 2_000 <= len(first) <= 2_200


@pytest.mark.parametrize("mode", Mode)
def test_what_is_withdrawn_stood_and_time_goes_on(mode: Mode) -> None:
    standing: dict[Slot, Quote] = {}
    seen: Counter[str] = Counter()
    now = 0
    for update in price_stream(8, mode, 6, 25_000):
        if isinstance(update, Expire):
            old = [slot for slot, quote in standing.items() if (quote.received or 0) < update.before]
            seen["expired"] += len(old)
            for slot in old:
                del standing[slot]
        elif isinstance(update, Withdraw):
            del standing[update]
            seen["withdrawn"] += 1
        else:
            quote = update.quote
            assert quote.received is not None
            assert quote.received > now
            now = quote.received
            slot = (update.event, quote.venue.id, quote.claim, quote.side)
            before = standing.get(slot)
            if before is None:
                seen["new"] += 1
            elif quote.odds == before.odds:
                seen["same"] += 1
            else:
                seen["rise" if quote.odds > before.odds else "drop"] += 1
            standing[slot] = quote
    assert min(seen[name] for name in ("withdrawn", "new", "same", "rise", "drop")) > 300
    assert mode is Mode.QUIET or seen["expired"] > 0
    assert {quote.side for quote in standing.values()} == set(Side)


def test_wild_streams_hold_more_plans_than_quiet_ones() -> None:
    plans: Counter[Mode] = Counter()
    for mode in Mode:
        standing: dict[Slot, Quote] = {}
        for number, update in enumerate(islice(price_stream(1, mode, 3, 6_000), 6_000)):
            if isinstance(update, Put):
                quote = update.quote
                standing[update.event, quote.venue.id, quote.claim, quote.side] = quote
            elif isinstance(update, Withdraw):
                standing.pop(update, None)
            if number % 500 == 499:
                for event in {slot[0] for slot in standing}:
                    quotes = [quote for slot, quote in standing.items() if slot[0] == event]
                    plans[mode] += best_guarantee(quotes).there_is
    assert plans[Mode.QUIET] < plans[Mode.WILD]
    assert plans[Mode.WILD] > 12
