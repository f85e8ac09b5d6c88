"""The simulated odds feed, polled by a plain HTTP client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from crossbook.base.clock import format_time
from crossbook.model.quote import Snapshot
from crossbook.sim.live.truth import Delivered, Up
from crossbook.sim.live.world import Deed
from crossbook.venues.reader import Document
from crossbook.venues.the_odds_api import READER
from tests.sim.live.standing_world import PATIENCE_S, Offer, Play, StandingWorld, best_of, played

EPL = "the-odds-api/soccer_epl"
SPAIN = "the-odds-api/soccer_spain_la_liga"


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]

    def offers(self) -> set[Offer]:
        read = list(READER.read(Document(("odds.json",), self.body)))
        assert all(isinstance(each, Snapshot) for each in read), read
        return best_of(each for each in read if isinstance(each, Snapshot))


class Poller:
    def __init__(self, play: Play, session: aiohttp.ClientSession) -> None:
        self.play = play
        self.session = session

    async def poll(self, source: str = EPL, **query: str) -> Answer:
        address = self.play.addresses[source]
        asked = {"apiKey": address["api_key"], **address["query"], **query}
        async with self.session.get(address["url"], params=asked) as response:
            return Answer(response.status, await response.read(), dict(response.headers))


@asynccontextmanager
async def polling(path: Path, fixtures: int = 8) -> AsyncIterator[Poller]:
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with (
        played(StandingWorld(path / "truth", fixtures)) as play,
        aiohttp.ClientSession(timeout=timeout) as session,
    ):
        yield Poller(play, session)


def test_an_answer_is_the_board_of_its_league(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            number = world.sources[EPL].fixtures[0]
            for step, (venue, market) in enumerate(
                [("pinnacle", "1x2"), ("betway", "total"), ("coral", "asian_handicap"), ("betway", "1x2")]
            ):
                answer = await poller.poll()
                assert answer.status == 200
                assert answer.offers() == world.offers(EPL)
                assert answer.headers["x-requests-used"] == str(6 * (step + 1))
                assert answer.headers["x-requests-last"] == "6"
                assert world.told(EPL)[-1] == Delivered(
                    at=world.told(EPL)[-1].at, source=EPL, up_to=world.posted_up_to(EPL)
                )
                world.move(number, venue, market)
            assert isinstance(world.told(EPL)[0], Up)
            assert world.told(SPAIN) == []
            assert (await poller.poll(SPAIN)).offers() == world.offers(SPAIN)

    asyncio.run(run())


def test_every_price_has_its_venues_own_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            events = json.loads((await poller.poll()).body)
            board = next(
                each for each in world.boards.values() if each.fixture.ids.get(EPL) == events[0]["id"]
            )
            for book in events[0]["bookmakers"]:
                for market in book["markets"]:
                    kind = {"h2h": "1x2", "spreads": "asian_handicap", "totals": "total"}[market["key"]]
                    updated = max(price.updated for price in board.of(book["key"], kind))
                    assert market["last_update"] == format_time(updated)

    asyncio.run(run())


def test_a_suspended_or_withdrawn_market_is_not_in_the_answer(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            number = world.sources[EPL].fixtures[0]
            whole = (await poller.poll()).offers()
            world.suspend(number, "pinnacle", "total")
            world.withdraw(number, "betway", "1x2")
            fewer = (await poller.poll()).offers()
            assert {(each.venue, each.market) for each in whole - fewer} == {
                ("pinnacle", "total"),
                ("betway", "1x2"),
            }
            world.suspend(number, "pinnacle", "total", on=False)
            assert (await poller.poll()).offers() == world.offers(EPL)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"apiKey": ""}, 401, "MISSING_KEY"),
        ({"apiKey": "wrong"}, 401, "INVALID_KEY"),
        ({"regions": ""}, 422, "MISSING_REGION"),
        ({"regions": "moon"}, 422, "INVALID_REGION"),
        ({"markets": "h2h,corners"}, 422, "INVALID_MARKET"),
        ({"oddsFormat": "roman"}, 422, "INVALID_ODDS_FORMAT"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    tmp_path: Path, query: dict[str, str], status: int, code: str
) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            answer = await poller.poll(**query)
            assert (answer.status, json.loads(answer.body)["error_code"]) == (status, code)
            assert poller.play.world.told(EPL) == []

    asyncio.run(run())


def test_fewer_markets_are_an_answer_but_no_delivery(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            answer = await poller.poll(markets="totals", regions="eu")
            assert {(each.venue, each.market) for each in answer.offers()} == {("pinnacle", "total")}
            assert not any(isinstance(each, Delivered) for each in poller.play.world.told(EPL))

    asyncio.run(run())


def test_sports_are_listed_and_unknown_ones_are_not_found(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            address = poller.play.addresses[EPL]
            key = {"apiKey": address["api_key"]}
            async with poller.session.get(f"{address['base_url']}/v4/sports", params=key) as response:
                sports = {each["key"] for each in await response.json()}
            sources = poller.play.world.sources.values()
            assert sports == {each.league for each in sources if each.league}
            unknown = f"{address['base_url']}/v4/sports/curling/odds"
            async with poller.session.get(unknown, params={**key, "regions": "uk"}) as response:
                assert response.status == 404

    asyncio.run(run())


def test_too_many_questions_in_a_second_are_refused(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path, 4) as poller:
            statuses = [answer.status for answer in await asyncio.gather(*[poller.poll() for _ in range(60)])]
            assert set(statuses) == {200, 429}
            assert statuses.count(200) >= 30
            refused = await asyncio.gather(*[poller.poll() for _ in range(60)])
            assert {answer.headers["Retry-After"] for answer in refused if answer.status == 429} == {"1"}

    asyncio.run(run())


def test_a_hush_never_answers(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            await poller.poll()
            before = len(world.told(EPL))
            world.order(Deed.HUSH, EPL, 0.4)
            end = world.clock.now() + 400_000_000
            hushed = asyncio.create_task(poller.poll())
            other = await poller.poll(SPAIN)
            assert other.status == 200
            answer = await hushed  # aiohttp asks once more by itself when its connection is dropped
            assert world.clock.now() >= end
            assert answer.offers() == world.offers(EPL)
            assert all(each.at >= end for each in world.told(EPL)[before:])

    asyncio.run(run())


def test_broken_answers_take_the_place_of_right_ones(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            await poller.poll()
            world.order(Deed.GARBLE, EPL)
            broken: list[Answer] = []
            async with asyncio.timeout(PATIENCE_S):
                while len(broken) < 3:
                    before = len(world.told(EPL))
                    answer = await poller.poll()
                    try:
                        usable = answer.status == 200 and isinstance(json.loads(answer.body), list)
                    except json.JSONDecodeError:
                        usable = False
                    assert len(world.told(EPL)) == before + usable
                    if not usable:
                        broken.append(answer)
                    await asyncio.sleep(0.1)
            assert {answer.status for answer in broken} == {200, 502}

    asyncio.run(run())


def test_an_old_state_comes_once_with_its_old_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with polling(tmp_path) as poller:
            world = poller.play.world
            number = world.sources[EPL].fixtures[0]
            old, stamp = world.boards[number].of("betway", "1x2"), world.clock.now() - 900_000_000_000
            kept = tuple(old)
            world.move(number, "betway", "1x2")
            right = (await poller.poll()).offers()
            before: list[Any] = list(world.told(EPL))
            world.order(Deed.REPEAT_OLD, EPL, fixture=number, prices=kept, stamp=stamp)
            poller.play.conductor.catch_up()
            answer = await poller.poll()
            assert {offer.odds for offer in answer.offers() - right} <= {price.odds for price in kept}
            assert answer.offers() != right
            event = next(
                each
                for each in json.loads(answer.body)
                if each["id"] == world.boards[number].fixture.ids[EPL]
            )
            book = next(each for each in event["bookmakers"] if each["key"] == "betway")
            assert book["markets"][0]["last_update"] == format_time(stamp)
            assert world.told(EPL) == before
            assert (await poller.poll()).offers() == right

    asyncio.run(run())
