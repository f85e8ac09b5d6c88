"""What old clients send, word for word, and plain ways to talk to the doors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets

from tests.api.made_up import House

REGISTER = {
    "type": "worker:register",
    "worker_id": "worker-sbo-12345",
    "site": "sbo",
    "timestamp": "2024-12-10T10:00:00",
}
UPDATE = {
    "type": "odds:update",
    "worker_id": "worker-sbo-12345",
    "site": "sbo",
    "timestamp": "2024-12-10T10:00:30",
    "data": {
        "matches": [
            {
                "home_team": "Manchester United",
                "away_team": "Chelsea",
                "odds": {
                    "ft_hdp": {"home": 1.95, "away": 1.90, "handicap": -0.5},
                    "ft_ou": {"over": 2.00, "under": 1.85, "line": 2.5},
                },
            }
        ]
    },
}


@asynccontextmanager
async def worker(here: House, worker_id: str | None = None) -> AsyncIterator[websockets.ClientConnection]:
    """A connection, registered when a worker_id is given."""
    async with websockets.connect(here.socket, max_size=None) as socket:
        if worker_id is not None:
            await socket.send(json.dumps({**REGISTER, "worker_id": worker_id}))
        yield socket


async def heard(socket: websockets.ClientConnection) -> Any:
    return json.loads(await socket.recv())


async def asked(here: House, path: str) -> Any:
    async with here.client.get(here.address + path) as response:
        assert response.status == 200
        return await response.json()
