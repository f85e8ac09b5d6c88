"""A collector: everything that has to run for one source, and how it is."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Final

import aiohttp

from crossbook.base.clock import Clock
from crossbook.base.errors import Misconfigured
from crossbook.collect.health import Channel, Health, Receive
from crossbook.collect.polling import poll, weighed
from crossbook.collect.sources import BETFAIR, ODDS, POLYMARKET, Source
from crossbook.collect.streaming import Held, betfair, polymarket
from crossbook.model.frame import StreamInfo
from crossbook.transport import http
from crossbook.transport.addresses import address_of, without
from crossbook.transport.backoff import Backoff, Breaker
from crossbook.venues import the_odds_api_requests as the_odds_api
from crossbook.venues.asking import Judgement

Work = Callable[[], Awaitable[None]]

_LONGEST_REASON: Final = 300
_LISTED_ROUNDS: Final = 3
"""A market that Gamma did not name for so many rounds is gone."""

_log: Final = logging.getLogger(__name__)


class Collector:
    """Runs one source: connects, hands frames to `receive`, and begins again when something is lost.

    `receive` is called from the event loop that runs it and must not wait. `random` spreads waiting times.
    """

    def __init__(self, source: Source, receive: Receive, clock: Clock, random: Random | None = None) -> None:
        self.source = source
        self._receive = receive
        self._clock = clock
        self._random = random or Random()  # noqa: S311 (it spreads waiting times, nothing else)
        self._channels: dict[str, Channel] = {}
        self._held: dict[str, Held] = {}

    def health(self) -> list[Health]:
        """How its streams are."""
        return [channel.health for channel in self._channels.values()]

    def resync(self, stream: str) -> None:
        """Frames of this stream were dropped. A stream of changes begins again; a polled one is whole anyway."""
        held = self._held.get(stream)
        if held is not None:
            held.resync()

    async def run(self) -> None:
        """For ever; ends by itself only when every stream's key is wrong. Cancel it to stop it."""
        async with http.session() as client:
            works = self._works(client)
            tasks = [asyncio.ensure_future(self._fenced(channel, work)) for channel, work in works]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _fenced(self, channel: Channel, work: Work) -> None:
        """Do a stream's work. A fault of ours closes this stream alone, and its work begins again after a while."""
        backoff = self._backoff()
        while True:
            began = asyncio.get_running_loop().time()
            try:
                return await work()
            except Exception as error:
                secrets = self.source.secrets()
                reason = without(f"the collector failed: {type(error).__name__}: {error}", secrets)
                # Not the error itself, in which a secret may stand.
                where = "".join(traceback.format_tb(error.__traceback__))
                _log.error("%s: %s\n%s", channel.stream, reason, where)
                channel.closed(reason[:_LONGEST_REASON])
            await asyncio.sleep(backoff.failed(asyncio.get_running_loop().time() - began))

    def _works(self, client: aiohttp.ClientSession) -> list[tuple[Channel, Work]]:
        source = self.source
        if source.format == ODDS:
            return self._polls(client)
        if source.format == BETFAIR:
            channel = self._channel(source.name, {})
            return [(channel, self._hold(channel, partial(betfair, source, channel)))]
        if source.format == POLYMARKET:
            life = max(1, round(_LISTED_ROUNDS * source.every_s))
            channel = self._channel(source.name, {"listed_life_s": str(life)})
            return [(channel, self._hold(channel, partial(polymarket, source, channel, client)))]
        raise Misconfigured(f"source {source.name!r}: format: {source.format!r} is not collected")

    def _polls(self, client: aiohttp.ClientSession) -> list[tuple[Channel, Work]]:
        """One stream for each sport, their first questions spread over a round."""
        source = self.source
        breaker = Breaker(source.name, asyncio.get_running_loop().time, open_s=source.longest_wait_s / 2)
        works: list[tuple[Channel, Work]] = []
        for place, sport in enumerate(source.sports):
            channel = self._channel(f"{source.name}/{sport}", {"odds_format": the_odds_api.ODDS_FORMAT})
            work = partial(
                poll,
                channel,
                partial(self._ask_odds, client, sport, channel),
                every_s=source.every_s,
                life_s=source.silence_s(),
                refused_wait_s=source.refused_wait_s,
                backoff=self._backoff(),
                breaker=breaker,
                first_after_s=min(0.2, source.every_s / len(source.sports)) * place,
            )
            works.append((channel, work))
        return works

    async def _ask_odds(self, client: aiohttp.ClientSession, sport: str, channel: Channel) -> bytes:
        source = self.source
        question = the_odds_api.odds(
            sport,
            source.key,
            regions=source.regions,
            markets=source.markets,
            bookmakers=source.bookmakers,
        )
        answer = await http.get(
            client,
            address_of(source.address(), question),
            timeout_s=source.timeout_s,
            max_bytes=source.largest_bytes,
        )
        left = the_odds_api.credits_left(answer.headers)
        if left is not None:
            channel.health.credits = left
        judgement = the_odds_api.judge(answer.status, answer.body)
        reason = without(judgement.reason, source.secrets())
        return weighed(answer, Judgement(judgement.reply, reason, judgement.wait_s))

    def _hold(self, channel: Channel, once: Work) -> Work:
        source = self.source
        held = self._held[channel.stream] = Held(channel, once, self._backoff(), source.refused_wait_s)
        return held.run

    def _channel(self, stream: str, settings: dict[str, str]) -> Channel:
        info = StreamInfo(format=self.source.format, life_ns=self.source.life_ns(), settings=settings)
        channel = self._channels[stream] = Channel(stream, info, self._receive, self._clock)
        return channel

    def _backoff(self) -> Backoff:
        source = self.source
        return Backoff(self._random, source.first_wait_s, source.longest_wait_s, source.healthy_s)
