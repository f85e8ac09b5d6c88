"""Accused that are wrong in one way each. The harness is worth what it says of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Final, NamedTuple

import msgspec

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote, Side
from tests.completeness.compare import Solve, Tally
from tests.completeness.drive import Factory, Piece, Work, run_piece
from tests.oracles.accused import Accused, Answer
from tests.oracles.always_solve import best_guarantee

Slot = tuple[str, str, Claim, Side]
Change = Callable[[Quote], Quote | None]


class Wrapped:
    """Hands everything on. Mutants hand something on wrongly."""

    def __init__(self, inner: Accused) -> None:
        self.inner = inner

    def put(self, event: str, quote: Quote) -> None:
        self.inner.put(event, quote)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        self.inner.withdraw(event, venue, claim, side)

    def expire(self, before: int) -> None:
        self.inner.expire(before)

    def tick(self) -> dict[str, Answer | None]:
        return self.inner.tick()


class Misread(Wrapped):
    """Takes some quotes for others, or for none; names the true ones in its answers."""

    def __init__(self, inner: Accused, change: Change) -> None:
        super().__init__(inner)
        self._change = change
        self._taken: dict[Slot, Quote] = {}
        self._true: dict[Slot, Quote] = {}

    def put(self, event: str, quote: Quote) -> None:
        taken = self._change(quote)
        slot = (event, quote.venue.id, quote.claim, quote.side)
        if taken is None:
            return
        if (taken.claim, taken.side) != (quote.claim, quote.side):
            # The venue may quote that as well: it must not overwrite it.
            other = msgspec.structs.replace(taken.venue, id=f"{taken.venue.id}-{quote.claim}-{quote.side}")
            taken = msgspec.structs.replace(taken, venue=other)
        self._taken[slot] = taken
        self._true[event, taken.venue.id, taken.claim, taken.side] = quote
        self.inner.put(event, taken)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        taken = self._taken.pop((event, venue, claim, side), None)
        if taken is not None:
            self.inner.withdraw(event, taken.venue.id, taken.claim, taken.side)

    def tick(self) -> dict[str, Answer | None]:
        return {
            event: answer
            and answer._replace(
                legs=tuple(
                    (self._true[event, quote.venue.id, quote.claim, quote.side], share)
                    for quote, share in answer.legs
                )
            )
            for event, answer in self.inner.tick().items()
        }


def _lay_as_back(quote: Quote) -> Quote:
    return msgspec.structs.replace(quote, side=Side.BACK)


def _back_as_lay(quote: Quote) -> Quote:
    """The selection's other side; of exchanges alone, for all of a bookmaker's would be another world."""
    if quote.venue.id.startswith("exch") and quote.side is Side.BACK:
        return msgspec.structs.replace(quote, side=Side.LAY)
    return quote


def _without(kind: Kind, quote: Quote) -> Quote | None:
    return None if quote.claim.kind is kind else quote


def _without_period(period: Period, quote: Quote) -> Quote | None:
    return None if quote.claim.period is period else quote


def _half_as_whole(quote: Quote) -> Quote:
    claim = quote.claim
    return msgspec.structs.replace(
        quote, claim=Claim.of(claim.kind, claim.selection, claim.line, subject=claim.subject)
    )


def _better(part: Fraction, quote: Quote) -> Quote:
    """Odds that are better for us by a part of what they win."""
    factor = 1 + part if quote.side is Side.BACK else 1 - part
    return msgspec.structs.replace(quote, odds=1 + (quote.odds - 1) * factor)


def _rounded(quote: Quote) -> Quote:
    return msgspec.structs.replace(
        quote, odds=max(Fraction(round(quote.odds * 1000), 1000), Fraction("1.001"))
    )


def _push_as_loss(quote: Quote) -> Quote:
    """A whole line whose refund is lost: the same as the next half line against us."""
    claim = quote.claim
    if claim.kind is Kind.DRAW_NO_BET:
        return msgspec.structs.replace(
            quote, claim=Claim.of(Kind.MATCH_RESULT, claim.selection, None, claim.period)
        )
    if claim.kind is Kind.EUROPEAN_HANDICAP or claim.line is None or claim.line.denominator != 1:
        return quote
    up = claim.selection in ("over", "away")  # a home handicap is better the greater, an over the worse
    line = claim.line + Fraction(1 if up else -1, 2)
    return msgspec.structs.replace(quote, claim=Claim.of(claim.kind, claim.selection, line, claim.period))


def _quarter_as_half(quote: Quote) -> Quote:
    """A quarter line taken for the half line beside it."""
    claim = quote.claim
    if claim.line is None or claim.line.denominator != 4:
        return quote
    line = claim.line + Fraction(1, 4)
    if line.denominator == 1:
        line -= Fraction(1, 2)
    return msgspec.structs.replace(quote, claim=Claim.of(claim.kind, claim.selection, line, claim.period))


class DropIgnored(Wrapped):
    """Keeps the better price when a venue's price gets worse."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._best: dict[Slot, Quote] = {}

    def put(self, event: str, quote: Quote) -> None:
        slot = (event, quote.venue.id, quote.claim, quote.side)
        have = self._best.get(slot)
        if have is None or not have.better_than(quote):
            self._best[slot] = quote
            self.inner.put(event, quote)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        self._best.pop((event, venue, claim, side), None)
        self.inner.withdraw(event, venue, claim, side)


class SmallRiseIgnored(Wrapped):
    """Does not look again when a price gets better by less than a thousandth."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._held: dict[Slot, Quote] = {}

    def put(self, event: str, quote: Quote) -> None:
        slot = (event, quote.venue.id, quote.claim, quote.side)
        have = self._held.get(slot)
        if have is not None and quote.better_than(have) and abs(quote.rank - have.rank) < 1e-3:
            return
        self._held[slot] = quote
        self.inner.put(event, quote)


class WithdrawIgnored(Wrapped):
    """Never forgets a price that is taken back."""

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        pass


class ExpireIgnored(Wrapped):
    """Never forgets a price that ran out."""

    def expire(self, before: int) -> None:
        pass


class ExpiresTooEarly(Wrapped):
    """Takes the bound itself for too old."""

    def expire(self, before: int) -> None:
        self.inner.expire(before + 1)


class TieLost(Wrapped):
    """When one of several venues with the same price takes it back, it takes it for gone altogether."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._standing: dict[tuple[str, Claim, Side], dict[str, Fraction]] = {}

    def put(self, event: str, quote: Quote) -> None:
        self._standing.setdefault((event, quote.claim, quote.side), {})[quote.venue.id] = quote.odds
        self.inner.put(event, quote)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        standing = self._standing.get((event, claim, side), {})
        odds = standing.pop(venue, None)
        self.inner.withdraw(event, venue, claim, side)
        for other in [other for other, theirs in standing.items() if theirs == odds]:
            del standing[other]
            self.inner.withdraw(event, other, claim, side)


class OneVenue(Misread):
    """Keeps the last price of any venue where it should keep each venue's own."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner, _of_one_venue)


def _of_one_venue(quote: Quote) -> Quote:
    return msgspec.structs.replace(quote, venue=msgspec.structs.replace(quote.venue, id="any"))


class NewClaimIgnored(Wrapped):
    """Trusts what it proved of an event when a claim is quoted that was not there before."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._claims: dict[str, set[Claim]] = {}
        self._proven: set[str] = set()

    def put(self, event: str, quote: Quote) -> None:
        claims = self._claims.setdefault(event, set())
        if event in self._proven and quote.claim not in claims:
            return
        claims.add(quote.claim)
        self.inner.put(event, quote)

    def tick(self) -> dict[str, Answer | None]:
        answers = self.inner.tick()
        self._proven.update(event for event, answer in answers.items() if answer is None)
        return answers


class EndIgnored(Wrapped):
    """Once there was a plan, never says that there is none."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._last: dict[str, Answer] = {}

    def tick(self) -> dict[str, Answer | None]:
        answers = self.inner.tick()
        self._last.update((event, answer) for event, answer in answers.items() if answer is not None)
        return {event: self._last.get(event, answer) for event, answer in answers.items()}


class Sleepy(Wrapped):
    """Answers at every other tick only."""

    def __init__(self, inner: Accused) -> None:
        super().__init__(inner)
        self._awake = False

    def tick(self) -> dict[str, Answer | None]:
        self._awake = not self._awake
        return self.inner.tick() if self._awake else {}


class Altered(Wrapped):
    """Says something else than it found."""

    def __init__(self, inner: Accused, alter: Callable[[Answer], Answer | None]) -> None:
        super().__init__(inner)
        self._alter = alter

    def tick(self) -> dict[str, Answer | None]:
        return {event: answer and self._alter(answer) for event, answer in self.inner.tick().items()}


def _only_above(least: float, answer: Answer) -> Answer | None:
    return answer if answer.guaranteed > least else None


def _overstated(answer: Answer) -> Answer:
    return answer._replace(guaranteed=answer.guaranteed + 1e-6)


def _evenly_shared(answer: Answer) -> Answer:
    return answer._replace(legs=tuple((quote, 1 / len(answer.legs)) for quote, _ in answer.legs))


def _one_leg_short(answer: Answer) -> Answer:
    return answer._replace(legs=answer.legs[:-1])


def _misreads(change: Change) -> Callable[[Accused], Accused]:
    return partial(Misread, change=change)


def _alters(alter: Callable[[Answer], Answer | None]) -> Callable[[Accused], Accused]:
    return partial(Altered, alter=alter)


FORGOTTEN: Final = (
    Kind.MATCH_RESULT,
    Kind.DOUBLE_CHANCE,
    Kind.DRAW_NO_BET,
    Kind.ASIAN_HANDICAP,
    Kind.TOTAL,
    Kind.EUROPEAN_HANDICAP,
    Kind.BOTH_TEAMS_TO_SCORE,
    Kind.TEAM_TOTAL_HOME,
    Kind.TEAM_TOTAL_AWAY,
    Kind.CORRECT_SCORE,
    Kind.EXACT_TOTAL,
    Kind.ODD_EVEN,
    Kind.WIN_TO_NIL,
)


class Mutant(NamedTuple):
    """A way to spoil an accused, and the findings of which one must show it."""

    spoil: Callable[[Accused], Accused]
    shows: frozenset[str]

    def is_shown(self, tally: Tally) -> bool:
        """Whether a tally holds one of the findings."""
        return not self.shows.isdisjoint(tally.findings)


MISSED: Final = frozenset({"missed"})
FALSE: Final = frozenset({"false"})
LESS: Final = frozenset({"missed", "optimum"})
"""A plan is gone, or it is a poorer one: quotes are forgotten that few plans need."""
MUTANTS: Final[dict[str, Mutant]] = {
    "lay_taken_for_back": Mutant(_misreads(_lay_as_back), FALSE),
    "back_taken_for_lay": Mutant(_misreads(_back_as_lay), FALSE),
    "threshold_loose": Mutant(_misreads(partial(_better, Fraction(1, 10**8))), FALSE),
    "threshold_strict": Mutant(_misreads(partial(_better, Fraction(-1, 10**8))), MISSED),
    "odds_rounded": Mutant(_misreads(_rounded), MISSED),
    "push_lost": Mutant(_misreads(_push_as_loss), MISSED),
    "quarter_taken_for_half": Mutant(_misreads(_quarter_as_half), FALSE),
    "half_taken_for_whole": Mutant(_misreads(_half_as_whole), FALSE),
    "first_half_forgotten": Mutant(_misreads(partial(_without_period, Period.FIRST_HALF)), LESS),
    "second_half_forgotten": Mutant(_misreads(partial(_without_period, Period.SECOND_HALF)), LESS),
    "drop_ignored": Mutant(DropIgnored, FALSE),
    "small_rise_ignored": Mutant(SmallRiseIgnored, MISSED),
    "withdraw_ignored": Mutant(WithdrawIgnored, FALSE),
    "expire_ignored": Mutant(ExpireIgnored, FALSE),
    "expires_too_early": Mutant(ExpiresTooEarly, LESS),
    "tie_lost": Mutant(TieLost, LESS),
    "one_venue": Mutant(OneVenue, MISSED),
    "new_claim_ignored": Mutant(NewClaimIgnored, MISSED),
    "end_ignored": Mutant(EndIgnored, FALSE),
    "sleepy": Mutant(Sleepy, MISSED),
    "no_loss_forgotten": Mutant(_alters(partial(_only_above, 1 + 1e-12)), MISSED),
    "thin_plans_forgotten": Mutant(_alters(partial(_only_above, 1 + 1e-5)), MISSED),
    "overstated": Mutant(_alters(_overstated), frozenset({"optimum"})),
    "evenly_shared": Mutant(_alters(_evenly_shared), frozenset({"legs"})),
    "one_leg_short": Mutant(_alters(_one_leg_short), frozenset({"shares"})),
    **{f"{kind.value}_forgotten": Mutant(_misreads(partial(_without, kind)), LESS) for kind in FORGOTTEN},
}
"""Each mutant by name."""


def small_work(seed: int, pairs: int) -> Iterator[Piece]:
    """Small pieces of work, events and streams by turns: enough to show a mutant, and no more than it takes."""
    for number in range(pairs):
        yield Piece(Work.EVENTS, seed, 12 * number, 12, venues=10, together=4)
        yield Piece(Work.UPDATES, seed, number, 1_200, events=4, gap=60)


def shown(name: str, factory: Factory, work: Iterable[Piece], solve: Solve = best_guarantee) -> Tally:
    """Spoil an accused and put work before it until the mutant shows; the tally says how it did."""
    mutant = MUTANTS[name]
    whole = Tally()
    for piece in work:
        whole.add(run_piece(piece, lambda: mutant.spoil(factory()), solve, mutant.is_shown))
        if mutant.is_shown(whole):
            break
    return whole
