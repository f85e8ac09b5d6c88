"""Sessions: what a live stream has said, kept frame by frame, so that a reader can be used as the bytes come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from crossbook.model.quote import Fault, Listing, Snapshot


class Session(Protocol):
    """One stream being read live. Whatever it remembers was told to it in frames, so a replay says the same.

    A snapshot replaces everything this stream said of that listing before; a listing that is gone is told once
    more, with no quotes.
    """

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """What one frame changes; `received` is when it came (nanoseconds UTC).

        Raises BadData when nothing in it can be read; then all stands as it stood.
        """
        ...

    def gap(self) -> None:
        """Frames were lost: forget what cannot be trusted any more. The next snapshots say so."""
        ...


class Told:
    """The listings that a session has quoted, so that one that vanishes can be told once more with no quotes."""

    def __init__(self) -> None:
        self._listings: dict[str, Listing] = {}
        self._gone: dict[str, Listing] = {}

    def say(self, snapshot: Snapshot) -> Snapshot:
        """Note that this is told now."""
        key = snapshot.listing.key
        self._gone.pop(key, None)
        if snapshot.quotes:
            self._listings[key] = snapshot.listing
        else:
            self._listings.pop(key, None)
        return snapshot

    def forget(self, *, but: frozenset[str] = frozenset()) -> None:
        """All listings but these are gone; `withdrawn` tells them."""
        for key in self._listings.keys() - but:
            self.forget_one(key)

    def forget_one(self, key: str) -> None:
        """This listing is gone; `withdrawn` tells it."""
        if key in self._listings:
            self._gone[key] = self._listings.pop(key)

    def withdrawn(self) -> list[Snapshot]:
        """What is gone and was not told yet, each listing with no quotes; after that it is told."""
        gone, self._gone = self._gone, {}
        return [Snapshot(gone[key], []) for key in sorted(gone)]
