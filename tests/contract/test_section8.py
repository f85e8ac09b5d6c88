"""Existing clients, run as they are written, against `crossbook up` with its own database; only the ports differ."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import websockets

from crossbook.base.exact import parse_number
from crossbook.model.report import opportunity_object
from tests.api.made_up import opportunity
from tests.live.product import Product, serving, until
from tests.needed import needs

pytestmark = needs("curl")

BACKEND = (
    "curl http://localhost:8000/health",
    "curl http://localhost:8000/workers",
    "curl http://localhost:8000/odds",
)
ENGINE = ("curl http://localhost:3000/health", "curl http://localhost:3000/health/detailed")
DOCS = "curl http://localhost:3000/api/docs | jq"
SOCKET = "ws://localhost:8000/ws"
REGISTER = (
    '{"type":"worker:register","worker_id":"worker-sbo-12345","site":"sbo","timestamp":"2024-12-10T10:00:00"}'
)
UPDATE = (
    '{"type":"odds:update","worker_id":"worker-sbo-12345","site":"sbo","timestamp":"2024-12-10T10:00:30",'
    '"data":{"matches":[{"home_team":"Manchester United","away_team":"Chelsea","odds":{"ft_hdp":{"home":1.95,'
    '"away":1.90,"handicap":-0.5},"ft_ou":{"over":2.00,"under":1.85,"line":2.5}}}]}}'
)
OTHER_REGISTER = (
    '{"type":"worker:register","worker_id":"worker-ibc-1","site":"ibc","timestamp":"2024-12-10T10:00:00"}'
)
OTHER_UPDATE = (
    '{"type":"odds:update","worker_id":"worker-ibc-1","site":"ibc","timestamp":"2024-12-10T10:00:31",'
    '"data":{"matches":[{"home_team":"Manchester United","away_team":"Chelsea","odds":{"ft_hdp":{"home":1.86,'
    '"away":2.10,"handicap":-0.5},"ft_ou":{"over":1.78,"under":2.06,"line":2.5}}}]}}'
)
"""Away at 2.10 and under at 2.06: together with the first worker's home at 1.95 and over at 2.00 neither can lose."""


class Clients:
    """The commands of clients, with the two ports that they are to find Crossbook at."""

    def __init__(self, product: Product) -> None:
        backend, engine = product.ports()
        self._ports = (("8000", str(backend)), ("3000", str(engine)))

    def here(self, text: str) -> str:
        """The same with our ports."""
        for written, port in self._ports:
            text = text.replace(f"localhost:{written}", f"localhost:{port}")
        return text

    def shell(self, command: str) -> Any:
        """What a command prints, read as JSON. It must end well."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", self.here(command)], capture_output=True, timeout=60
        )
        assert done.returncode == 0, (command, done.stderr.decode())
        return json.loads(done.stdout)

    def status(self, command: str) -> tuple[int, str]:
        """The status and the type of what a command is answered."""
        ask = command.replace("curl ", "curl -s -o /dev/null -w '%{http_code} %{content_type}' ")
        done = subprocess.run(["bash", "-c", self.here(ask)], capture_output=True, timeout=60, check=True)
        code, _, kind = done.stdout.decode().partition(" ")
        return int(code), kind


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with serving("[doors]\nports = [0, 0]\n") as found:
        yield found


@pytest.fixture(scope="module")
def clients(product: Product) -> Clients:
    return Clients(product)


def test_every_address_answers_json_on_both_ports(clients: Clients) -> None:
    for command in (*BACKEND, *ENGINE, *(each.replace("8000", "3000") for each in BACKEND)):
        assert clients.status(command) == (200, "application/json"), command
    for command in (BACKEND[0], ENGINE[0]):
        health = clients.shell(command)
        assert health["status"] in ("ok", "degraded")
        assert {"uptime_s", "version", "mode", "timestamp"} <= health.keys()
    parts = clients.shell(ENGINE[1])["parts"]
    assert {"streams", "pipeline", "store", "rawlog", "event_loop"} <= parts.keys()
    assert parts["store"] is not None


def test_the_list_of_endpoints_can_be_piped(clients: Clients) -> None:
    command = DOCS if shutil.which("jq") else DOCS.removesuffix(" | jq")
    listed = {(each["method"], each["path"]) for each in clients.shell(command)["endpoints"]}
    assert {("GET", "/health"), ("GET", "/workers"), ("GET", "/odds"), ("WS", "/ws")} <= listed


async def heard(socket: websockets.ClientConnection) -> Any:
    async with asyncio.timeout(60):
        return json.loads(await socket.recv())


def test_workers_send_odds_and_hear_of_arbitrage(clients: Clients) -> None:
    async def run() -> None:
        async with (
            websockets.connect(clients.here(SOCKET)) as first,
            websockets.connect(clients.here(SOCKET)) as second,
        ):
            await first.send(REGISTER)
            await first.send(UPDATE)
            await asyncio.to_thread(
                until, lambda: clients.shell(BACKEND[2])["count"] == 1, "the odds of a worker"
            )
            (odds,) = (await asyncio.to_thread(clients.shell, BACKEND[2]))["odds"]
            sent = json.loads(UPDATE)
            assert {name: odds[name] for name in ("worker_id", "site", "timestamp", "data")} == {
                name: sent[name] for name in ("worker_id", "site", "timestamp", "data")
            }
            found = await asyncio.to_thread(clients.shell, BACKEND[1])
            assert found["count"] == 1
            (worker,) = found["workers"]
            assert (worker["worker_id"], worker["site"], worker["state"]) == (
                "worker-sbo-12345",
                "sbo",
                "connected",
            )
            assert (worker["matches"], worker["refused"]) == (1, 0)

            await second.send(OTHER_REGISTER)
            await second.send(OTHER_UPDATE)
            for socket in (first, second):
                check(await heard(socket))
            found = await asyncio.to_thread(clients.shell, BACKEND[1].replace("8000", "3000"))
            assert [each["site"] for each in found["workers"]] == ["sbo", "ibc"]

    asyncio.run(run())
    until(lambda: clients.shell(BACKEND[1])["count"] == 0, "the end of both workers")


def check(told: dict[str, Any]) -> None:
    """The message is the one that clients know, and its opportunities have the shape of `scan` objects."""
    assert list(told) == ["type", "timestamp", "count", "opportunities"]
    assert told["type"] == "arbitrage:opportunities"
    assert told["count"] == len(told["opportunities"]) == 1
    known: dict[str, Any] = opportunity_object(opportunity())
    (told_one,) = told["opportunities"]
    assert list(told_one) == list(known)
    for part in ("event", "rounded"):
        assert list(told_one[part]) == list(known[part])
    assert (told_one["event"]["home"], told_one["event"]["away"]) == ("Manchester United", "Chelsea")
    for leg in told_one["legs"]:
        assert list(leg) == list(known["legs"][0])
    assert {leg["venue"] for leg in told_one["legs"]} == {"sbo", "ibc"}
    assert parse_number(told_one["guaranteed_return"]) > 1
    shares = sum(parse_number(leg["share"]) for leg in told_one["legs"])
    assert Fraction(99999, 100_000) < shares < Fraction(100_001, 100_000)
