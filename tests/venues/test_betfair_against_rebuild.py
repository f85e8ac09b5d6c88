"""The Betfair stream against an independent rebuild: best prices after every message of every recording.

The comparison itself is tested: books with a known fault must not pass it.
"""

from __future__ import annotations

import bz2
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crossbook.model.claim import Kind
from crossbook.model.quote import Quote, Side
from crossbook.venues._betfair_book import MarketBook, PriceLadder
from crossbook.venues._betfair_shapes import Offer, StreamMessage
from crossbook.venues.betfair import MarketStream
from crossbook.venues.decode import json_value
from tests.oracles.betfair_rebuild import Market, best_prices, rebuild
from tests.pipeline.made_up import (
    AWAY_RUNNER,
    DRAW_RUNNER,
    HOME_RUNNER,
    actionable,
    backs,
    lays,
    match_odds,
    scan,
    stream,
)
from tests.venues.betfair_messages import definition, market, message, runner

DRAW = 58805
Best = tuple[tuple[Fraction, Fraction] | None, tuple[Fraction, Fraction] | None]


def text_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a recording that are not blank, with their numbers; one message over many lines is one."""
    raw = path.read_bytes()
    data = bz2.decompress(raw) if path.suffix == ".bz2" else raw
    try:
        json.loads(data)
    except ValueError:
        yield from ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())
    else:
        yield 1, data


def selections(described: dict[str, Any]) -> dict[str, int]:
    """Which runner a claim's selection is, from the raw market definition: football sides by the order shown."""
    shown = sorted(described.get("runners") or [], key=lambda each: each.get("sortPriority", 0))
    names = {str(each["id"]): int(each["id"]) for each in shown}
    teams = [int(each["id"]) for each in shown if each["id"] != DRAW]
    kind = described.get("marketType", "")
    if kind in ("MATCH_ODDS", "DRAW_NO_BET") and len(teams) == 2:
        names |= {"home": teams[0], "away": teams[1], "draw": DRAW}
    elif kind.startswith("OVER_UNDER") and len(teams) == 2:
        names |= {"under": teams[0], "over": teams[1]}
    return names


@dataclass
class Comparison:
    """What was compared, and where the two disagreed."""

    messages: int = 0
    prices: int = 0
    tradable: int = 0
    untradable: int = 0
    unnamed: int = 0
    wrong: list[str] = field(default_factory=list)


def seen(quotes: list[Quote], market_id: str, names: dict[str, int]) -> dict[int, Best]:
    """Best back and lay of each runner: the first quote of its side."""
    first: dict[tuple[int, Side], tuple[Fraction, Fraction]] = {}
    for quote in quotes:
        if quote.market_id == market_id:
            assert quote.size is not None
            first.setdefault((names[quote.claim.selection], quote.side), (quote.odds, quote.size))
    return {
        selection: (first.get((selection, Side.BACK)), first.get((selection, Side.LAY)))
        for selection in {selection for selection, _ in first}
    }


def exactly(price: tuple[Decimal, Decimal] | None) -> tuple[Fraction, Fraction] | None:
    return None if price is None else (Fraction(price[0]), Fraction(price[1]))


def compare(path: Path, change: Callable[[StreamMessage], StreamMessage] = lambda given: given) -> Comparison:
    """Replay a recording message by message beside the rebuild. `change` is for spoiling messages on purpose."""
    done = Comparison()
    ours = MarketStream()
    events: dict[str, list[Quote]] = {}
    names: dict[str, dict[str, int]] = {}
    event_of: dict[str, str] = {}
    late = False
    rebuilt = best_prices(path)
    update = next(rebuilt, None)
    for number, line in text_lines(path):
        raw = json.loads(line)
        done.messages += 1
        ours.apply(change(json_value(line, StreamMessage)))
        late = raw.get("status") == 503 if raw.get("op") == "mcm" else late
        for piece in raw.get("mc") or []:
            if described := piece.get("marketDefinition"):
                names[piece["id"]] = selections(described)
                event_of[piece["id"]] = described.get("eventId") or piece["id"]
        for snapshot in ours.snapshots():
            events[snapshot.listing.key] = snapshot.quotes
        while update is not None and update.line_no == number:
            if update.market_id is not None:
                market_id = update.market_id
                quotes = events.get(event_of.get(market_id, ""), [])
                wanted = {
                    selection: (exactly(back), exactly(lay))
                    for selection, (back, lay) in update.prices.items()
                    if back is not None or lay is not None
                }
                found = seen(quotes, market_id, names.get(market_id, {}))
                _check(done, f"line {number}, market {market_id}", wanted, found)
                for quote in quotes:
                    if quote.market_id == market_id:
                        done.tradable += quote.tradable
                        done.untradable += not quote.tradable
                        if quote.tradable is not (update.status == "OPEN" and not late):
                            done.wrong.append(f"line {number}: tradable {quote.tradable} in {update.status}")
            update = next(rebuilt, None)
    assert update is None, "the rebuild has more messages than the recording"
    return done


def _check(done: Comparison, where: str, wanted: dict[int, Best], found: dict[int, Best]) -> None:
    if not found:
        done.unnamed += len(wanted)
        return
    done.prices += len(wanted)
    for selection in wanted.keys() | found.keys():
        if wanted.get(selection) != found.get(selection):
            done.wrong.append(
                f"{where}, runner {selection}: {found.get(selection)}, not {wanted.get(selection)}"
            )


def recordings(real_data: Path) -> list[Path]:
    folder = real_data / "sports" / "betfair"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in paths if b'"op"' in next(iter(text_lines(path)), (0, b""))[1][:65_536]]


def test_best_prices_after_every_message_of_every_recording(real_data: Path) -> None:
    totals = Comparison()
    by_name: dict[str, Comparison] = {}
    for path in recordings(real_data):
        one = by_name[path.name] = compare(path)
        assert one.wrong == [], path.name
        totals.messages += one.messages
        totals.prices += one.prices
        totals.unnamed += one.unnamed
    assert (totals.messages, totals.prices) == (2_770, 4_478)
    assert totals.unnamed == 277, "markets of which no definition was ever sent"
    assert (by_name["1-166564490.bz2"].prices, by_name["1.197931750"].prices) == (2 * 1_608, 984)


def test_the_book_under_the_quotes_agrees_too_where_no_claim_can_be_named(real_data: Path) -> None:
    """Markets whose prices we do not name as claims (lines, missing definitions) are compared on the ladders."""
    compared = 0
    for path in recordings(real_data):
        books: dict[str, MarketBook] = {}
        lines = dict(text_lines(path))
        for number, _, rebuilt in rebuild(path):
            if rebuilt is None:
                continue
            given: StreamMessage = json_value(lines[number], StreamMessage)
            for change in given.mc or ():
                if change.id == rebuilt.market_id:
                    if change.img or change.id not in books:
                        books[change.id] = MarketBook()
                    for prices in change.rc or ():
                        books[change.id].change(prices)
            compared += _compare_ladders(books[rebuilt.market_id], rebuilt)
    assert compared == 9_368


def _compare_ladders(book: MarketBook, rebuilt: Market) -> int:
    compared = 0
    for key, (back, lay) in rebuilt.best_by_runner().items():
        if rebuilt.runners[key].status != "REMOVED":
            backs, lays = book.best(key, 1)
            assert [*backs, *lays] == [price for price in (back, lay) if price is not None]
            compared += len(backs) + len(lays)
    return compared


# ---------------------------------------------------------------- a made-up recording with everything in it


def spoiled_easily(tmp_path: Path) -> Path:
    """An image, changes, a withdrawal on each side, suspension, a second image, and the end."""
    sides = [runner(11, 1), runner(12, 2)]
    messages = [
        message(
            market(
                "1.100",
                {"id": 11, "atb": [[2.0, 10], [1.98, 20]], "atl": [[2.1, 5], [2.2, 6]]},
                {"id": 12, "atb": [[1.9, 10]], "atl": [[2.0, 5]]},
                img=True,
                marketDefinition=definition(*sides),
            ),
            pt=1,
        ),
        message(market("1.100", {"id": 11, "atb": [[2.04, 7]]}), pt=2),
        message(market("1.100", {"id": 11, "atb": [[2.04, 0]], "atl": [[2.1, 0]]}), pt=3),
        message(market("1.100", marketDefinition=definition(*sides, status="SUSPENDED")), pt=4),
        message(
            market(
                "1.100",
                {"id": 11, "atb": [[1.5, 10]], "atl": [[1.6, 5]]},
                img=True,
                marketDefinition=definition(*sides),
            ),
            pt=5,
        ),
        message(market("1.100", {"id": 12, "atb": [[2.5, 4]]}), pt=6),
    ]
    path = tmp_path / "recording"
    path.write_text("".join(json.dumps(each) + "\n" for each in messages))
    return path


def test_the_comparison_passes_the_true_book(tmp_path: Path) -> None:
    done = compare(spoiled_easily(tmp_path))
    assert done.wrong == []
    assert (done.messages, done.prices, done.unnamed) == (6, 11, 0)
    assert done.tradable > 0 < done.untradable


def test_a_book_that_keeps_withdrawn_prices_is_noticed(
    tmp_path: Path, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = PriceLadder.change

    def keep(self: PriceLadder, offers: list[Offer]) -> int:
        return whole(self, [offer for offer in offers if offer[1]])

    monkeypatch.setattr(PriceLadder, "change", keep)
    assert compare(spoiled_easily(tmp_path)).wrong
    assert compare(real_data / "sports" / "betfair" / "1-166564490.bz2").wrong


def test_an_image_that_does_not_replace_is_noticed(tmp_path: Path) -> None:
    def without_image(given: StreamMessage) -> StreamMessage:
        changes = [msgspec.structs.replace(each, img=None) for each in given.mc or ()]
        return msgspec.structs.replace(given, mc=changes)

    assert compare(spoiled_easily(tmp_path), without_image).wrong


def test_exchanged_sides_are_noticed(
    tmp_path: Path, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = MarketBook.best

    def exchanged(self: MarketBook, key: tuple[int, Decimal], count: int) -> tuple[list[Offer], list[Offer]]:
        back, lay = whole(self, key, count)
        return lay, back

    monkeypatch.setattr(MarketBook, "best", exchanged)
    assert compare(spoiled_easily(tmp_path)).wrong
    assert compare(real_data / "sports" / "betfair" / "1.197931750").wrong


def test_the_worst_offer_instead_of_the_best_is_noticed(
    tmp_path: Path, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PriceLadder, "highest", PriceLadder.lowest)
    assert compare(spoiled_easily(tmp_path)).wrong
    assert compare(real_data / "sports" / "betfair" / "1.197931750").wrong


def test_prices_that_trade_while_suspended_are_noticed(tmp_path: Path) -> None:
    def always_open(given: StreamMessage) -> StreamMessage:
        text = json_text(given).replace(b"SUSPENDED", b"OPEN")
        return json_value(text, StreamMessage)

    def json_text(given: StreamMessage) -> bytes:
        return msgspec.json.encode(given)

    assert compare(spoiled_easily(tmp_path), always_open).wrong


def test_a_scan_of_all_recordings_gives_nothing_to_act_on(real_data: Path) -> None:
    folder = real_data / "sports" / "betfair"
    found, summary = scan(folder)
    assert actionable(found) == []
    assert summary.files == 37
    assert summary.quotes > 26_000
    assert all(len(skipped.reason) < 300 and "\n" not in skipped.reason for skipped in summary.skipped)


def test_football_sides_are_compared_too(tmp_path: Path) -> None:
    names = {"home": "Northgate Rovers", "away": "Southport City"}
    first = match_odds(
        "1.1",
        backs(HOME_RUNNER, (2.0, 5), (1.9, 5)),
        lays(HOME_RUNNER, (2.1, 5)),
        backs(AWAY_RUNNER, (3.6, 5)),
        backs(DRAW_RUNNER, (3.4, 5)),
        **names,
    )
    changes = {"id": "1.1", "rc": [backs(HOME_RUNNER, (2.0, 0)), lays(DRAW_RUNNER, (3.6, 4))]}
    path = tmp_path / "1.1"
    path.write_text(stream([first], [changes], [match_odds("1.1", **names, status="CLOSED")]))
    done = compare(path)
    assert (done.wrong, done.messages, done.prices, done.unnamed) == ([], 3, 6, 0)
    assert Kind.MATCH_RESULT in {quote.claim.kind for quote in quotes_of_all(path)}


def quotes_of_all(path: Path) -> list[Quote]:
    ours = MarketStream()
    found: list[Quote] = []
    for _, line in text_lines(path):
        ours.apply(json_value(line, StreamMessage))
        found += [quote for one in ours.snapshots() for quote in one.quotes]
    return found
