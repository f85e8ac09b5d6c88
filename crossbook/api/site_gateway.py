"""The workers' WebSocket: each registered worker is a stream, and hears which opportunities are open."""

from __future__ import annotations

import asyncio
import contextlib
import time

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from crossbook.api.connection import GOING_AWAY, POLICY, TAKEN_OVER, Connection, Latest, Worker
from crossbook.api.problem import Problem
from crossbook.api.settings import DoorSettings
from crossbook.api.site_messages import Refusal, data_of, partly_unusable, read_message
from crossbook.base.clock import SECOND, Clock, format_moment
from crossbook.model.frame import FrameKind, StreamInfo
from crossbook.model.life import Change
from crossbook.model.opportunity import Verdict
from crossbook.model.report import opportunity_object
from crossbook.pipeline.view import Engine
from crossbook.venues.site_worker import FORMAT, Register


class SiteGateway:
    """All workers' connections."""

    def __init__(self, engine: Engine, clock: Clock, settings: DoorSettings) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._connections: set[Connection] = set()
        self._by_id: dict[str, Connection] = {}
        self._told: tuple[tuple[str, int], ...] = ()
        self._encoded: dict[tuple[str, int], msgspec.Raw] = {}
        self._stopping = False

    def workers(self) -> list[dict[str, object]]:
        """The registered workers, in the order in which they came."""
        return [self._described(worker) for worker in self._registered()]

    def odds(self) -> list[dict[str, object]]:
        """What each registered worker sent last, as it sent it; it is on disk before it is shown.

        Raises Retry when it cannot be brought there now.
        """
        self._engine.keep()
        return [
            {
                "worker_id": worker.worker_id,
                "site": worker.site,
                "timestamp": worker.latest.timestamp,
                "received": format_moment(worker.latest.received),
                "data": worker.latest.data,
            }
            for worker in self._registered()
            if worker.latest is not None
        ]

    def _registered(self) -> list[Worker]:
        return [each.worker for each in self._by_id.values() if each.worker is not None]

    def _described(self, worker: Worker) -> dict[str, object]:
        silent = self._clock.now() - worker.last_seen > self._settings.worker_life_s * SECOND
        return {
            "worker_id": worker.worker_id,
            "site": worker.site,
            "connected_at": format_moment(worker.connected_at),
            "last_seen": format_moment(worker.last_seen),
            "messages": worker.messages,
            "refused": worker.refused,
            "matches": worker.matches,
            "state": "silent" if silent else "connected",
            "remote": worker.remote,
        }

    async def attend(self, socket: WebSocket) -> None:
        """Serve one connection to its end."""
        if self._stopping or len(self._connections) >= self._settings.most_workers:
            remedy = "Connect again later; the setting most_workers says how many may be connected."
            problem = Problem(
                503, "No more workers are taken now.", remedy=remedy, headers={"Retry-After": "10"}
            )
            await socket.send_denial_response(problem.response())
            return
        connection = Connection(socket, self._settings)
        self._connections.add(connection)  # before it is accepted, so that `close` finds it in any case
        try:
            try:
                await socket.accept()
            except WebSocketDisconnect:
                return
            await self._serve(connection)
        finally:
            self._connections.discard(connection)

    async def _serve(self, connection: Connection) -> None:
        reader = connection.reader = asyncio.create_task(self._listen(connection))
        writer = asyncio.create_task(connection.write())
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            self._forget(connection)
            if connection.ending:
                await asyncio.wait({writer}, timeout=self._settings.close_within_s)
        finally:
            self._forget(connection)
            reader.cancel()
            writer.cancel()
            ends = await asyncio.gather(reader, writer, return_exceptions=True)
        # That the peer is gone shows as an error of the writer; a fault of ours is the reader's, and is for the log.
        if isinstance(ends[0], Exception):
            raise ends[0]

    async def _listen(self, connection: Connection) -> None:
        deadline = asyncio.get_running_loop().time() + self._settings.register_within_s
        while True:
            try:
                async with asyncio.timeout_at(deadline if connection.worker is None else None):
                    message = await connection.socket.receive()
            except TimeoutError:
                wanted = (
                    f"type: send worker:register within {self._settings.register_within_s:g} s of connecting"
                )
                connection.complain(Refusal("not_registered", "type", wanted))
                connection.end(POLICY, "no worker:register came")
                return
            if message["type"] == "websocket.disconnect":
                return
            text: str = message.get("text") or ""
            data: bytes | None = message.get("bytes")
            self._take(connection, text.encode() if data is None else data)

    def _take(self, connection: Connection, raw: bytes) -> None:
        if connection.ending:
            return
        settings = self._settings
        for bucket, amount, rate in (
            (connection.messages, 1, f"{settings.messages_per_s:g} messages a second"),
            (connection.bytes, len(raw), f"{settings.bytes_per_s:g} bytes a second"),
        ):
            if not bucket.take(amount):
                says = f"message: send at most {rate}, then connect again"
                connection.complain(Refusal("too_fast", "message", says))
                connection.end(POLICY, f"more than {rate}")
                return
        try:
            self._apply(connection, raw)
        except Refusal as refusal:
            if connection.worker is not None:
                connection.worker.refused += 1
            connection.complain(refusal)

    def _apply(self, connection: Connection, raw: bytes) -> None:
        worker = connection.worker
        if worker is not None:  # kept before anything reads it; its session judges it for itself
            self._engine.receive(worker.stream, FrameKind.DATA, raw)
        message = read_message(raw)
        if worker is None:
            if not isinstance(message, Register):
                raise Refusal("not_registered", "type", "type: send worker:register first")
            self._register(connection, message, raw)
            return
        for name, said, known in (
            ("worker_id", message.worker_id, worker.worker_id),
            ("site", message.site.casefold(), worker.site),
        ):
            if said != known:
                says = f"{name}: this connection is registered with {known}; open another for another worker"
                raise Refusal("mismatch", name, says)
        worker.messages += 1
        worker.last_seen = self._clock.now()
        if isinstance(message, Register):
            self._tell_newcomer(connection)
            return
        worker.latest = Latest(message.timestamp, worker.last_seen, data_of(raw))
        worker.matches = len(message.data.matches)
        if connection.naming.left() > 0:
            started = time.monotonic()
            refusal = partly_unusable(message, connection.matches)
            connection.naming.spend(time.monotonic() - started)
            if refusal is not None:
                raise refusal

    def _register(self, connection: Connection, message: Register, raw: bytes) -> None:
        before = self._by_id.get(message.worker_id)
        if before is not None:
            before.end(TAKEN_OVER, f"{message.worker_id} connected again elsewhere")
            self._forget(before)
        now, client = self._clock.now(), connection.socket.client
        remote = "" if client is None else f"{client.host}:{client.port}"
        worker = Worker(message.worker_id, message.site.casefold(), remote, connected_at=now, last_seen=now)
        connection.worker = worker
        self._by_id[worker.worker_id] = connection
        life = round(self._settings.worker_life_s * SECOND)
        who = {"site": worker.site, "worker_id": worker.worker_id}
        info = StreamInfo(format=FORMAT, life_ns=life, settings=who)
        self._engine.receive(worker.stream, FrameKind.OPENED, msgspec.json.encode(info))
        self._engine.receive(worker.stream, FrameKind.DATA, raw)
        self._tell_newcomer(connection)

    def _forget(self, connection: Connection) -> None:
        """Nothing this connection said stands any more, unless its worker has already come back by another."""
        worker = connection.worker
        if worker is not None and self._by_id.get(worker.worker_id) is connection:
            del self._by_id[worker.worker_id]
            self._engine.receive(worker.stream, FrameKind.CLOSED, connection.left.encode())

    async def run(self) -> None:
        """Tell all workers whenever the opportunities that may be acted on change; runs until it is cancelled."""
        with contextlib.closing(self._engine.subscribe()) as changes:
            async for _ in changes:
                standing = self._standing()
                told = tuple((each.id, each.at) for each in standing)
                if told != self._told:
                    self._told = told
                    message = self._opportunities(standing)
                    for connection in self._by_id.values():
                        connection.tell(message)
                    await asyncio.sleep(self._settings.push_s)

    def _tell_newcomer(self, connection: Connection) -> None:
        standing = self._standing()
        if standing:
            connection.tell(self._opportunities(standing))

    def _standing(self) -> list[Change]:
        """The open opportunities that may be acted on."""
        return [each for each in self._engine.open() if each.opportunity.verdict is not Verdict.REJECTED]

    def _opportunities(self, standing: list[Change]) -> bytes:
        self._encoded = {
            (each.id, each.at): self._encoded.get((each.id, each.at))
            or msgspec.Raw(msgspec.json.encode(opportunity_object(each.opportunity)))
            for each in standing
        }
        content = {
            "type": "arbitrage:opportunities",
            "timestamp": format_moment(self._clock.now()),
            "count": len(standing),
            "opportunities": [self._encoded[each.id, each.at] for each in standing],
        }
        return msgspec.json.encode(content)

    def close(self) -> None:
        """Take no more workers and let go of those who are here."""
        self._stopping = True
        for connection in list(self._connections):
            connection.end(GOING_AWAY, "Crossbook is stopping")
