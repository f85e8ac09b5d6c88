"""What a scan takes in, and on which terms."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

import msgspec

from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.wanted import Wanted
from crossbook.model.opportunity import ARBITRAGE, Verdict
from crossbook.model.quote import Basis


class Markets(StrEnum):
    """Which markets take part."""

    ANY = "any"
    """Whatever an event quotes."""
    MATCH_RESULT = "1x2"
    """The match result alone."""
    ALL = "all"
    """Whatever an event quotes; of season archives only matches that quote the match result and another market."""


class Venues(StrEnum):
    """Which venues of a season archive take part."""

    NAMED = "named"
    """The bookmakers it names."""
    ALL = "all"
    """The exchange prices it also gives, too."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one scan. `basis` None takes every basis; `commissions` are by venue id and override sources.

    `kinds` are the kinds of opportunity that are looked for: ``arbitrage``, ``no_loss`` and the further ones, these
    on the terms of `wanted`.
    """

    terms: Terms = Terms()
    form: str = "auto"
    basis: Basis | None = None
    markets: Markets = Markets.ANY
    venues: Venues = Venues.NAMED
    commissions: Mapping[str, Fraction] = {}
    verdicts: frozenset[Verdict] = frozenset(Verdict)
    kinds: frozenset[str] = frozenset({ARBITRAGE})
    wanted: Wanted = Wanted()
