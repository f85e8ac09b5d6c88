"""The product's own engine as the accused."""

from __future__ import annotations

from crossbook.app.compiled import keep_compiled
from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from tests.oracles.accused import Accused, Answer

keep_compiled()  # before the compiler is imported

from crossbook.arbitrage import no_loss  # noqa: E402
from crossbook.arbitrage.sure import SurePlan  # noqa: E402
from crossbook.arbitrage.watching.watch import Watch  # noqa: E402

_MOST_WORK = 200_000_000
"""The product refuses an event at break-even, by name, that takes it seconds to settle; a proof has the time."""


def make() -> Accused:
    """The engine behind the protocol of `tests.oracles.accused`."""
    vars(no_loss)["_MOST_WORK"] = _MOST_WORK
    return _Watched()


class _Watched:
    def __init__(self) -> None:
        self._watch = Watch()

    def put(self, event: str, quote: Quote) -> None:
        self._watch.put(event, quote)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        self._watch.withdraw(event, venue, claim, side)

    def expire(self, before: int) -> None:
        self._watch.expire(before)

    def tick(self) -> dict[str, Answer | None]:
        found = self._watch.tick()
        if self._watch.refused:
            raise AssertionError(f"not looked at: {self._watch.refused}")
        return {event: plan and _answer(plan) for event, plan in found.items()}


def _answer(plan: SurePlan) -> Answer:
    solution = plan.solution
    return Answer(
        float(solution.guaranteed_return),
        float(plan.expected_return),
        tuple((leg.quote, float(share)) for leg, share in zip(solution.legs, solution.shares, strict=True)),
    )
