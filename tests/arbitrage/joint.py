"""Joint settlements: what some claims pay together in listed results, beside what the collapsed states know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crossbook.arbitrage.settled import settlement_of
from crossbook.arbitrage.states import States
from crossbook.model.claim import Claim
from crossbook.model.result import Result
from crossbook.model.settlement import Settlement, settle

Joint = tuple[Settlement, ...]


def in_results(claims: Sequence[Claim], results: Iterable[Result]) -> set[Joint]:
    """Every joint settlement of the claims in these results, settled one by one."""
    return {tuple(settle(claim, result) for claim in claims) for result in results}


def in_states(claims: Sequence[Claim], states: States) -> set[Joint]:
    """Every joint settlement that the states know."""
    codes = states.codes[[states.place[claim] for claim in claims]]
    return {tuple(settlement_of(code) for code in column) for column in codes.T.tolist()}


def check_witnesses(states: States) -> None:
    """Each state's result, settled claim by claim, gives the state's own column."""
    for place, result in enumerate(states.results):
        for claim, code in zip(states.claims, states.codes[:, place].tolist(), strict=True):
            assert settle(claim, result) == settlement_of(code), (claim, result)
