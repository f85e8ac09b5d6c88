"""Linking: which listings of different sources are one event, said once for all that there are."""

from __future__ import annotations

from collections.abc import Iterable

from crossbook.matching.aliases import Aliases
from crossbook.matching.decide import Decision, Outcome
from crossbook.matching.linker import Linker
from crossbook.model.quote import Listing

__all__ = ["Decision", "Outcome", "link"]


def link(listings: Iterable[Listing], aliases: Aliases | None = None) -> list[Decision]:
    """Decide on every two listings of different sources that look alike.

    The order of the listings does not matter; of a listing given twice (same source and key) one is used. In each
    pair of sources a listing is accepted for at most one other. Pairs that have nothing in common are not
    mentioned. The decisions are sorted by source and key. `aliases` are the built-in ones unless given.
    """
    linker = Linker(aliases)
    linker.update(listings)
    return linker.decisions()
