"""What can be set about the doors, with the limits that keep one caller from hurting another."""

from __future__ import annotations

from typing import Final

import msgspec

LONGEST_MESSAGE: Final = 1 << 20
"""Bytes of one WebSocket message or request body."""


class DoorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the doors are and how much they bear.

    Without `token` only callers on this machine are served; with it, callers from elsewhere who show it are too.
    `token` is at least 16 characters. `worker_life_s` is how long a worker's odds stand after they were last sent.
    """

    host: str = "127.0.0.1"
    ports: tuple[int, ...] = (8000,)
    token: str | None = None
    worker_life_s: float = 90.0
    most_workers: int = 200
    most_watchers: int = 32
    messages_per_s: float = 50.0
    messages_burst: int = 200
    bytes_per_s: float = float(LONGEST_MESSAGE)
    bytes_burst: int = 8 * LONGEST_MESSAGE
    register_within_s: float = 60.0
    ping_s: float = 20.0
    close_within_s: float = 5.0
    """How long a connection may take to be written to its end when it is closed."""
    push_s: float = 0.05
    """The least time between two messages of live opportunities to one reader."""
    refresh_s: float = 0.5
    """How often counters go to the page while no opportunity changes."""
    heartbeat_s: float = 10.0
