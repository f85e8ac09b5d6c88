"""Watching a running engine: drawn where there is a terminal, told line by line where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec
from rich.console import Console
from rich.live import Live as LiveDisplay

from crossbook.app.live import Live
from crossbook.cli.screen import Screen
from crossbook.cli.summary import Tally

_REDRAW_S: Final = 0.25
_COLLECTED_AFTER: Final = (50_000, 50, 100)
"""What may be made anew before the garbage collector looks through the youngest, the middle, and all objects."""
_Result = TypeVar("_Result")


class Look(msgspec.Struct, frozen=True):
    """What a person sees: the page's address, the mode, how long it lasts (None: until Ctrl-C), and how it is told."""

    url: str
    mode: str
    lasts: float | None = None
    as_json: bool = False
    browser: bool = False
    note: str = "simulated venues, no real prices, no money"


class PlainConsole(Console):
    """A console for use within the loop: a reader that left is an error like any other, not the end of the process."""

    def on_broken_pipe(self) -> None:
        """Go on with the error; it ends the command in good order."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def run_in_loop(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine in the fastest loop there is. A request to end is taken like Ctrl-C: nothing is left running."""
    _calm_collections()
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(main)
    finally:
        signal.signal(signal.SIGTERM, before)


def _calm_collections() -> None:
    """Keep what stands before the first frame out of every garbage collection, and collect seldom.

    With Python's own thresholds a collection of everything comes in the middle of a tick, and it takes as long as there
    are listings: tenths of a second for some thousands.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


async def watch(live: Live, tally: Tally, look: Look) -> None:
    """Show what happens until it is over or a person says so."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, over.set)
    console = PlainConsole(emoji=False)
    ends = None if look.lasts is None else loop.time() + look.lasts
    if look.browser and not look.as_json and console.is_terminal and _has_display():
        webbrowser.open(look.url)
    try:
        if look.as_json:
            await _wait(over, ends)
        elif console.is_terminal:
            await _draw(live, look, console, over, ends)
        else:
            console.print(f"{look.mode}  {look.note}\n{look.url}", highlight=False)
            tally.tell = console
            await _wait(over, ends)
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


async def _wait(over: asyncio.Event, ends: float | None) -> None:
    left = None if ends is None else max(0.0, ends - asyncio.get_running_loop().time())
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), left)


async def _draw(live: Live, look: Look, console: Console, over: asyncio.Event, ends: float | None) -> None:
    loop = asyncio.get_running_loop()
    with LiveDisplay(console=console, screen=True, auto_refresh=False) as display:
        while not over.is_set() and (ends is None or loop.time() < ends):
            left = None if ends is None else ends - loop.time()
            display.update(Screen(live.picture.view(), look.url, look.note, left), refresh=True)
            await _wait(over, min(loop.time() + _REDRAW_S, ends or loop.time() + _REDRAW_S))


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
