"""Betfair Exchange stream recordings: one JSON message a line, as the Exchange Stream API sends them.

A market starts with an image or a definition and lives on changes. After every line that says something of a
market, the listing of its event is yielded with the quotes of all the event's markets known so far.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._betfair_book import StartingPrice
from crossbook.venues._betfair_shapes import StreamMessage
from crossbook.venues._betfair_stream import MarketStream
from crossbook.venues._odds_pieces import shown
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader
from crossbook.venues.session import Told

__all__ = ["READER", "MarketStream", "StreamSession", "starting_prices"]

_OPERATION: Final = re.compile(rb'"op"\s*:\s*"(?:mcm|ocm|ccm|rcm|connection|status)"')
_HEAD: Final = 65_536
_OVER: Final = "CLOSED"


def starting_prices(document: Document) -> dict[str, dict[str, StartingPrice]]:
    """Starting prices as a recording leaves them: by market id, then selection id.

    `actual` is there once the market is reconciled, before that only the projections and the waiting bets are.
    Lines that cannot be read are left out.
    """
    stream = MarketStream()
    for _, message in _messages(document.data):
        if isinstance(message, StreamMessage):
            stream.apply(message)
    return stream.starting_prices()


def _messages(data: bytes) -> Iterator[tuple[int, StreamMessage | BadData]]:
    """Messages with their line numbers, or why a line is none; one message may also be spread over many lines."""
    started = False
    for number, line in enumerate(io.BytesIO(data), start=1):
        if line.isspace():
            continue
        message = _message(line)
        if not started and isinstance(message, BadData):
            whole = _message(data)
            if isinstance(whole, StreamMessage):
                yield number, whole
                return
        started = True
        yield number, message


def _message(data: bytes) -> StreamMessage | BadData:
    try:
        message: StreamMessage = json_value(data, StreamMessage)
    except BadData as error:
        return error
    return message


def recognises(document: Document) -> bool:
    """Whether the document's head holds a message of the stream."""
    return _OPERATION.search(document.data[:_HEAD]) is not None


def read(document: Document) -> Iterator[Snapshot | Fault]:
    """Snapshots in the order of the recording, and a fault for each line that could not be used.

    Raises BadData when no line is a message of the stream.
    """
    stream = MarketStream(document.received)
    faults: list[Fault] = []
    understood = False
    for number, message in _messages(document.data):
        if isinstance(message, StreamMessage):
            understood = True
            faults.extend(Fault(number, reason) for reason in stream.apply(message))
        else:
            faults.append(Fault(number, str(message)))
        if understood:
            yield from faults
            faults.clear()
            yield from stream.snapshots()
    if not understood:
        raise BadData(faults[0].reason if faults else "the file is empty")
    if stream.in_segments:
        yield Fault(None, "the recording ends in the middle of a message sent in segments")


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    op: str = ""
    status_code: str | None = None
    error_code: str | None = None
    error_message: str | None = None


class StreamSession:
    """One connection to the Exchange Stream API, message by message.

    After a gap no price is known until Betfair sends a market's image again; closed markets are told once more
    with no quotes, and forgotten.
    """

    def __init__(self) -> None:
        self._stream = MarketStream()
        self._told = Told()

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """What the messages in a frame change. Raises BadData where it is no message, or tells of an error."""
        messages = list(_messages(data))
        unread = [message for _, message in messages if isinstance(message, BadData)]
        if len(unread) == len(messages):
            raise BadData(str(unread[0]) if unread else "the frame is empty")
        _check_status(data)
        self._stream.received = received
        found: list[Snapshot | Fault] = []
        for _, message in messages:
            if isinstance(message, BadData):
                found.append(Fault(None, str(message)))
                continue
            message, late = self._in_time(message)
            found.extend(Fault(None, reason) for reason in [*late, *self._stream.apply(message)])
            for change in message.mc or ():
                if change.market_definition is not None and change.market_definition.status == _OVER:
                    self._stream.drop(change.id)
            found.extend(self._told.say(snapshot) for snapshot in self._stream.snapshots())
        return iter([*found, *self._told.withdrawn()])

    def _in_time(self, message: StreamMessage) -> tuple[StreamMessage, list[str]]:
        """The message without changes that are older than what its markets said last, and a reason for each."""
        told_at = message.pt
        if told_at is None or not message.mc:
            return message, []
        late = [change.id for change in message.mc if told_at < (self._stream.published(change.id) or 0)]
        if not late:
            return message, []
        kept = [change for change in message.mc if change.id not in late]
        reasons = [
            f"pt: market {market_id[:40]} already said something newer; not used" for market_id in late
        ]
        return msgspec.structs.replace(message, mc=kept), reasons

    def gap(self) -> None:
        """Changes were lost, so every book may be wrong."""
        self._stream = MarketStream()
        self._told.forget()


def _check_status(data: bytes) -> None:
    """Raises BadData with the code where a message says that a request failed."""
    if b"errorCode" not in data:
        return
    status: _Status = json_value(data, _Status)
    if status.op == "status" and status.error_code:
        raise BadData(f"{status.error_code[:60]}: {shown(status.error_message or 'Betfair says no more')}")


def _live(info: StreamInfo) -> StreamSession:
    return StreamSession()


READER = Reader(format="betfair-stream", recognises=recognises, read=read, stream=True, live=_live)
