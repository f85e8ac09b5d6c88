"""Addresses that are asked again and again; every whole answer is a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from crossbook.base.errors import BadData, Refused, Retry
from crossbook.collect.health import Channel, State
from crossbook.transport.backoff import Backoff, Breaker
from crossbook.transport.http import Answer
from crossbook.venues.asking import Judgement, Reply


class Later(Retry):
    """Ask again, but not before `wait_s` seconds have gone by."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def weighed(answer: Answer, judgement: Judgement) -> bytes:
    """The body of a good answer. Raises Later or Refused for any other."""
    if judgement.reply is Reply.GOOD:
        return answer.body
    if judgement.reply is Reply.REFUSED:
        raise Refused(judgement.reason)
    raise Later(judgement.reason, max(judgement.wait_s, answer.retry_after_s()))


async def poll(
    channel: Channel,
    ask: Callable[[], Awaitable[bytes]],
    *,
    every_s: float,
    life_s: float,
    backoff: Backoff,
    breaker: Breaker,
    first_after_s: float = 0.0,
) -> None:
    """Ask for ever, a round every `every_s`; ends only when the venue refuses us.

    A failure closes nothing by itself: prices die by their own age, and the stream is closed once nothing was
    heard for `life_s`.
    """
    loop = asyncio.get_running_loop()
    end: asyncio.TimerHandle | None = None

    def expired() -> None:
        channel.closed(f"no answer for {life_s:g} s; last: {channel.health.reason or 'none was needed'}")

    def living() -> asyncio.TimerHandle:
        if end is not None:
            end.cancel()
        return loop.call_later(life_s, expired)

    channel.opened()
    end = living()
    try:
        await asyncio.sleep(first_after_s)
        while True:
            began = loop.time()
            try:
                body = await _through(breaker, ask)
            except Refused as error:
                channel.closed(str(error), State.REFUSED)
                return
            except (Retry, BadData) as error:
                channel.silent(str(error))
                at_least = error.wait_s if isinstance(error, Later) else 0.0
                await asyncio.sleep(backoff.failed(at_least_s=max(at_least, breaker.wait_s())))
                continue
            backoff.succeeded()
            channel.data(body)
            end = living()
            await asyncio.sleep(max(0.0, began + every_s - loop.time()))
    finally:
        end.cancel()
        if channel.is_open:
            channel.closed("no longer asked")


async def _through(breaker: Breaker, ask: Callable[[], Awaitable[bytes]]) -> bytes:
    breaker.admit()
    try:
        body = await ask()
    except (Retry, BadData):
        breaker.failed()
        raise
    except Refused:
        breaker.succeeded()  # the source is well, it only does not want this question
        raise
    except BaseException:
        breaker.abandoned()
        raise
    breaker.succeeded()
    return body
