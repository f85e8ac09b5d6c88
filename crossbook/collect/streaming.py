"""Streams that are held open, and opened again when they are lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import aiohttp

from crossbook.base.errors import BadData, Misconfigured, Refused, Retry
from crossbook.collect.health import Channel, State
from crossbook.collect.polling import weighed
from crossbook.collect.sources import Source
from crossbook.transport import http, lines, socket
from crossbook.transport.addresses import address_of, without
from crossbook.transport.backoff import Backoff
from crossbook.transport.http import Answer
from crossbook.venues import betfair_requests, polymarket_requests
from crossbook.venues.asking import GOOD, Judgement, Reply


class Held:
    """Keeps one stream open: `once` connects, says when it is open, and ends by raising why it was lost.

    After a refusal it waits for `refused_wait_s` before it connects again.
    """

    def __init__(
        self, channel: Channel, once: Callable[[], Awaitable[None]], backoff: Backoff, refused_wait_s: float
    ) -> None:
        self.channel = channel
        self._once = once
        self._refused_wait = refused_wait_s
        self._backoff = backoff
        self._connection: asyncio.Task[None] | None = None
        self._again = False

    def resync(self) -> None:
        """Frames were dropped, so what came as changes cannot be trusted: begin again from the start."""
        if self._connection is not None and not self._connection.done():
            self._again = True
            self._connection.cancel()

    async def run(self) -> None:
        """For ever, or until it turns out that a setting is wrong, the key say."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                began = loop.time()
                self._again = False
                at_least = 0.0
                self._connection = asyncio.ensure_future(self._once())
                try:
                    await asyncio.wait({self._connection})
                finally:
                    if not self._connection.done():
                        self._connection.cancel()
                        with suppress(asyncio.CancelledError, Exception):
                            await self._connection
                try:
                    self._connection.result()
                except asyncio.CancelledError:
                    if not self._again:
                        raise
                    self.channel.closed("frames were dropped; begun again")
                except Misconfigured as error:
                    self.channel.closed(str(error), State.REFUSED)
                    return
                except Refused as error:
                    self.channel.closed(str(error), State.REFUSED)
                    at_least = self._refused_wait
                except (Retry, BadData) as error:
                    self.channel.closed(str(error))
                await asyncio.sleep(self._backoff.failed(loop.time() - began, at_least))
        except asyncio.CancelledError:
            self.channel.ended("no longer held open")
            raise


_RAISED: Final = {Reply.RETRY: Retry, Reply.REFUSED: Refused, Reply.WRONG_KEY: Misconfigured}


async def betfair(source: Source, channel: Channel) -> None:
    """One connection to the Exchange Stream API. Raises Retry, BadData, Refused or Misconfigured when it is
    over.
    """
    async with lines.connected(
        source.host,
        source.port,
        tls=source.tls,
        timeout_s=source.timeout_s,
        longest_line=source.largest_bytes,
    ) as connection:
        channel.opened()
        await connection.write(betfair_requests.authentication(source.key, source.token))
        while True:
            line = await connection.read(source.silence_s())
            channel.data(line)
            found = betfair_requests.judge(line)
            if found is None:
                continue
            request, judgement = found
            if judgement.reply is not Reply.GOOD:
                reason = without(judgement.reason, source.secrets())
                raise _RAISED[judgement.reply](reason)
            if request == betfair_requests.AUTHENTICATION:
                await connection.write(
                    betfair_requests.subscription(
                        event_types=source.event_types,
                        market_types=source.market_types,
                        countries=source.countries,
                        events=source.events,
                        markets=source.market_ids,
                        heartbeat_ms=round(source.beat_s * 1_000),
                    )
                )


async def polymarket(source: Source, channel: Channel, client: aiohttp.ClientSession) -> None:
    """Gamma's events, then the books of their tokens. Raises Retry, BadData or Refused when it is over."""
    loop = asyncio.get_running_loop()
    known = dict.fromkeys(await _gamma(source, channel, client))
    heard = loop.time()

    def take(message: bytes) -> None:
        nonlocal heard
        heard = loop.time()
        channel.data(message)

    async def watch() -> None:
        """Beat, and notice when nothing comes back."""
        while True:
            quiet = loop.time() - heard
            if quiet >= source.silence_s():
                raise Retry(f"{source.name}: silent for {source.silence_s():g} s")
            connection.send(polymarket_requests.BEAT)
            await asyncio.sleep(min(source.beat_s, source.silence_s() - quiet))

    async def refresh() -> None:
        """Ask Gamma again, and add the books of what is new."""
        while True:
            await asyncio.sleep(source.every_s)
            try:
                tokens = await _gamma(source, channel, client)
            except (Retry, BadData, Refused) as error:
                channel.health.reason = str(
                    error
                )  # the books live on; the reader knows how old Gamma's word is
                continue
            new = [token for token in tokens if token not in known]
            known.update(dict.fromkeys(new))
            if new:
                connection.send(polymarket_requests.more(new))

    async with socket.connected(
        source.socket_address(),
        take,
        timeout_s=source.timeout_s,
        ping_s=source.beat_s,
        largest_message=source.largest_bytes,
    ) as connection:
        heard = loop.time()
        if known:
            connection.send(polymarket_requests.subscription(known))
        tasks = [asyncio.ensure_future(work) for work in (connection.lost(), watch(), refresh())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _gamma(source: Source, channel: Channel, client: aiohttp.ClientSession) -> list[str]:
    """All pages of open events, each a frame; returns the tokens in them. Raises Retry, BadData or Refused."""
    tokens: list[str] = []
    for page in range(source.most_pages):
        question = polymarket_requests.events(page, sorted(source.filters.items()))
        answer = await http.get(
            client,
            address_of(source.address(), question),
            timeout_s=source.timeout_s,
            max_bytes=source.largest_bytes,
        )
        body = weighed(answer, _plainly(answer))
        channel.data(body)
        count, found = polymarket_requests.read_page(body)
        tokens += found
        if count < polymarket_requests.PAGE:
            break
    return tokens


def _plainly(answer: Answer) -> Judgement:
    """What a status means where the service has no words of its own for it."""
    if answer.status == 200:
        return GOOD
    reason = f"Gamma answered with status {answer.status}"
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Judgement(Reply.RETRY, reason)
    return Judgement(Reply.REFUSED, f"{reason}; check the source's url and filters")
