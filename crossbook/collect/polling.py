"""Addresses that are asked again and again; every whole answer is a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from crossbook.base.errors import BadData, Misconfigured, Refused, Retry
from crossbook.collect.health import Channel, State
from crossbook.transport.backoff import Backoff, Breaker
from crossbook.transport.http import Answer
from crossbook.venues.asking import Judgement, Reply

_AFTER_LIFE_S: Final = 0.05
"""A loop's clock is some milliseconds behind within a turn: prices are at their own end before the stream closes."""


class Later(Retry):
    """Ask again, but not before `wait_s` seconds have gone by."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def weighed(answer: Answer, judgement: Judgement) -> bytes:
    """The body of a good answer. Raises Later, Refused or Misconfigured for any other."""
    if judgement.reply is Reply.GOOD:
        return answer.body
    if judgement.reply is Reply.REFUSED:
        raise Refused(judgement.reason)
    if judgement.reply is Reply.WRONG_KEY:
        raise Misconfigured(judgement.reason)
    raise Later(judgement.reason, max(judgement.wait_s, answer.retry_after_s()))


async def poll(
    channel: Channel,
    ask: Callable[[], Awaitable[bytes]],
    *,
    every_s: float,
    life_s: float,
    refused_wait_s: float,
    backoff: Backoff,
    breaker: Breaker,
    first_after_s: float = 0.0,
) -> None:
    """Ask for ever, a round every `every_s`; ends only when a setting is wrong, the key say.

    A failure closes nothing by itself: prices die by their own age, and the stream is closed once nothing was
    heard for `life_s`. A refusal closes the stream at once, and the next question waits for `refused_wait_s`.
    """
    loop = asyncio.get_running_loop()
    end: asyncio.TimerHandle | None = None

    def expired() -> None:
        channel.closed(f"no answer for {life_s:g} s; last: {channel.health.reason or 'none was needed'}")

    def living() -> asyncio.TimerHandle:
        if end is not None:
            end.cancel()
        return loop.call_later(life_s + _AFTER_LIFE_S, expired)

    channel.opened()
    end = living()
    try:
        await asyncio.sleep(first_after_s)
        while True:
            began = loop.time()
            try:
                channel.data(await _through(breaker, ask))
            except Misconfigured as error:
                channel.closed(str(error), State.REFUSED)
                return
            except Refused as error:
                end.cancel()
                channel.closed(str(error), State.REFUSED)
                await asyncio.sleep(backoff.failed(at_least_s=refused_wait_s))
                continue
            except (Retry, BadData) as error:
                channel.silent(str(error))
                at_least = error.wait_s if isinstance(error, Later) else 0.0
                await asyncio.sleep(backoff.failed(at_least_s=max(at_least, breaker.wait_s())))
                continue
            backoff.succeeded()
            end = living()
            await asyncio.sleep(max(0.0, began + every_s - loop.time()))
    except asyncio.CancelledError:
        channel.ended("no longer asked")
        raise
    finally:
        end.cancel()


async def _through(breaker: Breaker, ask: Callable[[], Awaitable[bytes]]) -> bytes:
    breaker.admit()
    try:
        body = await ask()
    except (Retry, BadData):
        breaker.failed()
        raise
    except (Refused, Misconfigured):
        breaker.succeeded()  # the source is well, it only does not want this question
        raise
    except BaseException:
        breaker.abandoned()
        raise
    breaker.succeeded()
    return body
