"""One source's wire: what it may send just now, and the truth log's word on what went over it."""

from __future__ import annotations

import asyncio
from typing import Final

from crossbook.base.clock import SECOND, Clock
from crossbook.sim.live.world import Deed, LiveSource, LiveWorld, Order

_GARBLE_GAP: Final = SECOND * 2 // 5
_LONGEST_NAP_S: Final = 0.1


class Wire:
    """A source as its server sees it: orders set its times, and its calls tell the truth log what happened.

    A source is up from the first connection that hears all of it to the end of the last one.
    """

    def __init__(self, world: LiveWorld, source: LiveSource) -> None:
        self.world = world
        self.source = source
        self.ever_up = False
        self.is_up = False
        self._over = False
        self._cut_until = 0
        self._hush_until = 0
        self._garble_until = 0
        self._next_garble = 0

    def obey(self, order: Order) -> None:
        """Take the times of an order; what has to be sent or closed at once is the server's part."""
        if order.deed is Deed.CUT:
            self._cut_until = max(self._cut_until, order.until)
        elif order.deed is Deed.HUSH:
            self._hush_until = max(self._hush_until, order.until)
        elif order.deed is Deed.GARBLE:
            self._garble_until = max(self._garble_until, order.until)
            self._next_garble = 0

    def is_cut(self, now: int) -> bool:
        """Whether connections are refused."""
        return now < self._cut_until

    def is_hushed(self, now: int) -> bool:
        """Whether nothing may be sent."""
        return now < self._hush_until

    def garble_due(self, now: int) -> bool:
        """Whether a broken message has to be sent now; true once for each."""
        if now >= self._garble_until or now < self._next_garble:
            return False
        self._next_garble = now + _GARBLE_GAP
        return True

    def up(self, now: int) -> None:
        """A connection that hears all of the source stands."""
        if not self.is_up and not self._over:
            self.is_up = self.ever_up = True
            self.world.up(self.source.name, now)

    def lost(self, now: int) -> None:
        """The last connection that heard all of the source is gone, or is about to be closed."""
        if self.is_up:
            self.is_up = False
            self.world.lost(self.source.name, now)

    def delivered(self, now: int) -> None:
        """All that is posted goes out with the bytes that follow."""
        if self.is_up:
            self.world.delivered(self.source.name, now)

    def end(self) -> None:
        """Tell the truth log nothing more: the world has ended."""
        self.is_up = False
        self._over = True

    async def until_it_may_speak(self, clock: Clock) -> None:
        """Wait for the end of a hush."""
        while (left := self._hush_until - clock.now()) > 0:
            await asyncio.sleep(min(left / SECOND, _LONGEST_NAP_S))
