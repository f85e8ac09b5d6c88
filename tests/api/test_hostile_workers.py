"""Workers that send nonsense, too much, too fast, or stop listening: the others notice nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket as sockets
from typing import Any

import msgspec
import pytest
import websockets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossbook.api.settings import LONGEST_MESSAGE
from crossbook.model.frame import FrameKind
from tests.api.made_up import QUICK, FakeEngine, House, house, opened
from tests.api.messages import REGISTER, UPDATE, asked, heard, worker

OPENED, DATA, CLOSED = FrameKind.OPENED, FrameKind.DATA, FrameKind.CLOSED
UNHURRIED = msgspec.structs.replace(QUICK, messages_per_s=1e6, messages_burst=1_000_000)

ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in paths(each, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A message of an old client with some of its parts replaced, left out, or cut."""
    message = json.loads(json.dumps(draw(st.sampled_from([REGISTER, UPDATE]))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(message)))
        if not path:
            message = draw(ODD | st.just(message))
            break
        place = message
        for key in path[:-1]:
            place = place[key]
        if draw(st.booleans()):
            place[path[-1]] = draw(ODD)
        else:
            del place[path[-1]]
    text = json.dumps(message)
    if draw(st.integers(0, 4)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    return text


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(mutated(), min_size=1, max_size=8))
def test_nonsense_is_answered_and_harms_nobody(messages: list[str]) -> None:
    async def run() -> None:
        async with house(UNHURRIED) as here, worker(here, "bystander") as bystander, worker(here) as fool:
            for text in messages:
                await fool.send(text)
            # What is no JSON at all is answered last; until then every reply belongs to the nonsense.
            await fool.send(" " * 3_000 + "x")
            replies: list[dict[str, str]] = []
            while not replies or "(byte 3000)" not in replies[-1]["message"]:
                replies.append(await heard(fool))
            for reply in replies:
                assert set(reply) == {"type", "error", "field", "message"}
                assert reply["type"] == "error"
                assert all(reply.values())
            await bystander.send(json.dumps({**UPDATE, "worker_id": "bystander"}))
            await here.engine.until("worker/bystander", OPENED, DATA, DATA)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "error", "field"),
    [
        ("", "malformed", "message"),
        ("{", "malformed", "message"),
        ("[]", "malformed", "message"),
        ("[" * 100_000, "malformed", "message"),
        ('{"type":' + "[" * 50_000 + "]" * 50_000 + "}", None, None),
        (json.dumps({**UPDATE, "data": {"matches": json.loads("[" * 500 + "]" * 500)}}), None, None),
        (json.dumps({**REGISTER, "type": "hello"}), "unknown_type", "type"),
        (json.dumps({key: REGISTER[key] for key in ("worker_id", "site", "timestamp")}), "missing", "type"),
        (json.dumps({**REGISTER, "worker_id": "w" * 65}), "bad_value", "worker_id"),
        (json.dumps({**REGISTER, "worker_id": "a/b"}), "bad_value", "worker_id"),
        (json.dumps({**REGISTER, "worker_id": "a\nb"}), "bad_value", "worker_id"),
        (json.dumps({**REGISTER, "worker_id": 5}), "bad_value", "worker_id"),
        (json.dumps({**REGISTER, "site": "../etc"}), "bad_value", "site"),
        (json.dumps({**REGISTER, "timestamp": "yesterday"}), "bad_value", "timestamp"),
        (json.dumps({**UPDATE, "data": []}), "bad_value", "data"),
        (json.dumps({**UPDATE, "data": {}}), "missing", "data.matches"),
        (json.dumps({**UPDATE, "data": {"matches": {}}}), "bad_value", "data.matches"),
    ],
)  # fmt: skip
def test_each_error_names_its_field(text: str, error: str | None, field: str | None) -> None:
    async def run() -> None:
        async with house() as here, worker(here) as socket:
            await socket.send(text)
            reply = await heard(socket)
            assert reply["type"] == "error"
            if error is not None:
                assert (reply["error"], reply["field"]) == (error, field)
            assert len(reply["message"]) < 500
            await socket.send(json.dumps(REGISTER))
            await here.engine.until("worker/worker-sbo-12345", OPENED, DATA)

    asyncio.run(run())


def test_too_large_a_message_ends_the_connection() -> None:
    async def run() -> None:
        async with house() as here, worker(here, "other") as other, worker(here, "big") as big:
            await here.engine.until("worker/big", OPENED, DATA)
            with contextlib.suppress(websockets.ConnectionClosed):
                await big.send("x" * (LONGEST_MESSAGE + 1))
            await big.wait_closed()
            assert big.close_code == 1009
            await here.engine.until("worker/big", OPENED, DATA, CLOSED)
            await other.send(json.dumps({**UPDATE, "worker_id": "other"}))
            await here.engine.until("worker/other", OPENED, DATA, DATA)

    asyncio.run(run())


def test_too_many_messages_end_the_connection() -> None:
    slow = msgspec.structs.replace(QUICK, messages_per_s=0.001, messages_burst=5)

    async def run() -> None:
        async with house(slow) as here, worker(here, "hasty") as hasty:
            for _ in range(5):
                await hasty.send(json.dumps({**UPDATE, "worker_id": "hasty"}))
            assert (await heard(hasty))["error"] == "too_fast"
            with pytest.raises(websockets.ConnectionClosed) as ended:
                await hasty.recv()
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == 1008
            await here.engine.until("worker/hasty", OPENED, *[DATA] * 5, CLOSED)

    asyncio.run(run())


def test_too_many_bytes_end_the_connection() -> None:
    slow = msgspec.structs.replace(QUICK, bytes_per_s=0.001, bytes_burst=1_000)

    async def run() -> None:
        async with house(slow) as here, worker(here, "heavy") as heavy:
            await heavy.send(json.dumps(UPDATE) + " " * 1_000)
            reply = await heard(heavy)
            assert (reply["error"], "bytes a second" in reply["message"]) == ("too_fast", True)
            await here.engine.until("worker/heavy", OPENED, DATA, CLOSED)

    asyncio.run(run())


def test_a_long_name_does_not_come_back_in_full() -> None:
    odds = {"ft_hdp": {"x" * 10_000: 1.9}, "y" * 10_000: {"home": "z" * 10_000}}
    update = {**UPDATE, "data": {"matches": [{"home_team": "a", "away_team": "b", "odds": odds}]}}

    async def run() -> None:
        async with house() as here, worker(here) as socket:
            for message in (
                REGISTER,
                update,
                {**UPDATE, "site": "s" * 10_000},
                {**UPDATE, "timestamp": "t" * 10_000},
            ):
                await socket.send(json.dumps(message))
            for _ in range(3):
                assert len(await socket.recv()) < 1_000

    asyncio.run(run())


def test_who_never_registers_is_let_go() -> None:
    async def run() -> None:
        async with (
            house(msgspec.structs.replace(QUICK, register_within_s=0.05)) as here,
            worker(here) as socket,
        ):
            assert (await heard(socket))["error"] == "not_registered"
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()

    asyncio.run(run())


async def deaf_worker(here: House, worker_id: str) -> sockets.socket:
    """A registered worker that never reads from its socket, and answers no ping."""
    loop = asyncio.get_running_loop()
    raw = sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM)
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    await loop.sock_connect(raw, ("127.0.0.1", here.ports[0]))
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    upgrade = f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
    payload = json.dumps({**REGISTER, "worker_id": worker_id}).encode()
    frame = bytes([0x81, 0x80 | len(payload)]) + b"\0\0\0\0" + payload
    try:
        await loop.sock_sendall(raw, upgrade.encode())
        assert b" 101 " in await loop.sock_recv(raw, 4_096)
        await loop.sock_sendall(raw, frame)
        await here.engine.until(f"worker/{worker_id}", OPENED, DATA)
    except BaseException:
        raw.close()
        raise
    return raw


def test_who_does_not_listen_holds_up_nobody() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here, worker(here, "quick") as quick:
            deaf = await deaf_worker(here, "deaf")
            try:
                many = [opened(number) for number in range(300)]
                for changed in range(40):  # far more than the buffers between the two can hold
                    engine.set(open=[opened(number, changed=changed) for number in range(300)])
                    assert (await heard(quick))["count"] == len(many)
                # Taking over from a connection that is stuck takes effect at once.
                async with worker(here, "deaf"):
                    await engine.until("worker/deaf", OPENED, DATA, CLOSED, OPENED, DATA)
                    assert (await asked(here, "/workers"))["count"] == 2
            finally:
                deaf.close()

    asyncio.run(run())


def test_a_half_open_connection_is_found_by_ping() -> None:
    async def run() -> None:
        async with house(msgspec.structs.replace(QUICK, ping_s=0.1)) as here, worker(here, "alive"):
            deaf = await deaf_worker(here, "gone")
            try:
                await here.engine.until("worker/gone", OPENED, DATA, CLOSED)
                assert here.engine.kinds("worker/alive") == [OPENED, DATA]
            finally:
                deaf.close()

    asyncio.run(run())


def test_a_connection_cut_in_the_middle_of_a_message() -> None:
    async def run() -> None:
        async with house() as here:
            raw = await deaf_worker(here, "cut")
            raw.send(b"\x81\xfe\x10\x00\0\0\0\0half of it")
            raw.close()
            await here.engine.until("worker/cut", OPENED, DATA, CLOSED)

    asyncio.run(run())
