"""What can be set about the doors, with the limits that keep one caller from hurting another."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec

LONGEST_MESSAGE: Final = 1 << 20
"""Bytes of one WebSocket message or request body."""
_SHORTEST_TOKEN: Final = 16


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

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each setting that makes no sense or would let strangers in, by its name, and what to do about it."""
        if not self.ports or not all(0 <= port <= 65_535 for port in self.ports):
            yield "ports", "name ports from 0 (a free one) to 65535, at least one"
        asked = [port for port in self.ports if port]
        if len(set(asked)) < len(asked):
            yield "ports", "a port stands twice"
        if self.token is not None and len(self.token) < _SHORTEST_TOKEN:
            yield "token", f"too easy to guess; choose {_SHORTEST_TOKEN} characters or more"
        if self.token is None and not is_here(self.host):
            yield (
                "host",
                f"{self.host} can be reached from elsewhere; set CROSSBOOK_TOKEN (or token), or host to 127.0.0.1",
            )
        for field in self.__struct_fields__:
            value = getattr(self, field)
            if isinstance(value, int | float) and not 0 < value < float("inf"):
                yield field, "has to be a number above 0"


def is_here(host: str) -> bool:
    """Whether a name or an address is this machine and nothing else.

    >>> is_here("localhost"), is_here("::ffff:127.0.0.1"), is_here("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
