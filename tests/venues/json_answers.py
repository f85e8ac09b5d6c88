"""Answers of JSON interfaces for the tests: as documents, as what a reader tells of them, and damaged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues.reader import Document, Reader


def document(content: Any, received: int | None = None) -> Document:
    """An answer with this content; bytes are taken as they are."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Document(("answer.json",), data, received)


def told(reader: Reader, content: Any, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    """What a reader makes of an answer: snapshots, and the reasons of the faults."""
    pieces = list(reader.read(document(content, received)))
    return (
        [piece for piece in pieces if isinstance(piece, Snapshot)],
        [piece.reason for piece in pieces if isinstance(piece, Fault)],
    )


def alone_and_beside(reader: Reader, bad: Any, good: Any) -> tuple[str, list[str], int]:
    """What is said of a bad piece alone, where it must raise BadData, and in a list before a good one.

    The error's text, then the list's faults and how many snapshots it gives.
    """
    with pytest.raises(BadData) as caught:
        told(reader, bad)
    snapshots, faults = told(reader, [bad, good])
    return str(caught.value), faults, len(snapshots)


def damaged(content: Any, data: st.DataObject) -> bytes:
    """The bytes of an answer with up to four of them changed at random."""
    whole = bytearray(json.dumps(content).encode())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    return bytes(whole)
