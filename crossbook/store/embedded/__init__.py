"""PostgreSQL from a wheel under our own supervisor: nothing to install, nothing to look after.

    async with embedded(clock=SystemClock()) as server:
        connection = await asyncpg.connect(server.dsn)

Commands that run at once share one server; the last one to leave stops it. When its users are all killed, the
server lives on as an orphan: the next start adopts it, and `stop_orphan` ends it.
"""

from __future__ import annotations

from crossbook.store.embedded.address import Address
from crossbook.store.embedded.dump import dump, restore
from crossbook.store.embedded.paths import default_place
from crossbook.store.embedded.server import Server
from crossbook.store.embedded.settings import Settings
from crossbook.store.embedded.supervisor import embedded, server_at, stop_orphan

__all__ = [
    "Address",
    "Server",
    "Settings",
    "default_place",
    "dump",
    "embedded",
    "restore",
    "server_at",
    "stop_orphan",
]
