"""All that `crossbook explain` says, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossbook.arbitrage.changes import AWAY, HOME, MARGIN
from crossbook.arbitrage.regions import Range, Region
from crossbook.model.claim import GOALS
from crossbook.model.quote import Side
from crossbook.model.result import Race, Resolution, Result, Score, Sets
from crossbook.model.settlement import Settlement

LEGS: Final = "Legs"
STATES: Final = "What every leg gains or loses in every state"
BREAKS: Final = "What would break it"
VOIDS: Final = "If only one side is void"
NUMBER, VENUE, BET, PRICE, STAKE, RISK = "#", "venue", "bet", "price", "stake", "risk"
STATE, COMMISSION, NET, STATE_PRICE, PAYS = "state", "commission", "net", "state price", "legs"
FALLS: Final = "price now"
WITH_THESE: Final = "these stakes stand"
PLANNED_ANEW: Final = "planned anew"
VOID_AT: Final = "all bets void at"
OTHERS_STAND: Final = "worst, the others standing"
COMMISSION_HINT: Final = "Where a venue takes commission, say so: --commission VENUE=RATE."
NEVER: Final = "–"
LAY: Final = "lay"
SHARES_OF_100: Final = "No plan: the amounts are exact shares of 100."
FREE: Final = "free"
ANY: Final = "any"
BACK: Final = "back"
PARTLY: Final = "½"


def headline(kind: str, verdict: str) -> str:
    """The kind and the verdict."""
    return f"{kind.replace('_', ' ')}, {verdict.replace('_', '-')}"


def returned(told: str, summed: str | None) -> str:
    """The guaranteed return that was told, and that of the legs as it is summed here."""
    if summed is None:
        return f"A unit of the free bet becomes {told} at worst, it says."
    if told == summed:
        return f"A unit returns at least {summed} in every state. Summed anew it is the same."
    return f"It says {told}; summed anew, a unit on these legs returns at least {summed}."


def worst(net: str, words: str, because: str) -> str:
    """The worst state, and what makes it so."""
    return f"Worst {net}: {words} ({because})."


def best(net: str) -> str:
    """The best net profit."""
    return f"Best {net}."


def expected(net: str) -> str:
    """The expected value under the state prices."""
    return f"Worth {net} under the state prices: the mixture of states under which no leg is worth more than another."


def plan_differs(told: str, summed: str) -> str:
    """Where the plan's figures are not those of its stakes."""
    return f"The plan says {told}; its stakes come to {summed}."


def estimated(expected: str, chance: str, even: str, kelly: str | None, method: str) -> str:
    """What it is worth if the estimate is true."""
    part = "" if kelly is None else f" Kelly's part of a bank would be {kelly} (information, not advice)."
    return f"Estimated: a unit returns {expected} on average; chance {chance}, break-even {even}; by {method}.{part}"


def more_states(count: int, least: str, most: str) -> str:
    """How many states are not shown."""
    return f"… and {count} more states, net from {least} to {most}; --json shows all."


def assumed() -> str:
    """What was taken for granted of a race."""
    return "Taken for granted: one of these runners wins. The object does not say who else runs."


def settled(settlement: Settlement, side: Side = Side.BACK) -> str:
    """What becomes of a bet, from its own side, for people.

    >>> from fractions import Fraction
    >>> settled(Settlement(Fraction(1, 2), Fraction(1, 2)))
    'half won'
    """
    paid, refunded = settlement
    lost = 1 - paid - refunded
    won = paid if side is Side.BACK else lost
    lost = lost if side is Side.BACK else paid
    for share, word in ((refunded, "refunded"), (won, "won"), (lost, "lost")):
        if share == 1:
            return word
        if 2 * share == 1 and (refunded or word == "won"):
            return f"half {word}" if word != "refunded" else f"half {'won' if won else 'lost'}"
    return ", ".join(f"{share} {word}" for share, word in ((won, "won"), (refunded, "refunded")) if share)


def legs_words(legs: Sequence[tuple[Settlement, Side]]) -> str:
    """What becomes of each leg, those alike together; `the others lost` where some did not lose.

    >>> from crossbook.model.settlement import LOST, REFUNDED, WON
    >>> legs_words([(LOST, Side.BACK), (WON, Side.BACK), (REFUNDED, Side.BACK), (WON, Side.LAY)])
    '2 won; 3 refunded; the others lost'
    """
    told: dict[str, list[str]] = {}
    for place, (settlement, side) in enumerate(legs, 1):
        told.setdefault(settled(settlement, side), []).append(str(place))
    lost = told.pop("lost", None)
    parts = [f"{', '.join(places)} {what}" for what, places in told.items()]
    if lost is not None:
        others = f"{lost[0]} lost" if len(lost) == 1 else "the others lost"
        parts.append(others if told else "all lost" if len(lost) > 1 else others)
    return "; ".join(parts)


def region_words(region: Region, subject: str = GOALS) -> str:
    """A state in words.

    >>> from crossbook.arbitrage.changes import SUM
    >>> region_words(Region(Score(2, 1), (Range(MARGIN, 1, None), Range(SUM, 3, None)), True))
    'home wins, 3 or more goals'
    """
    if not region.exact:
        return result_words(region.example)
    if not region.ranges:
        return "any result"
    return ", ".join(_range_words(one, subject) for one in region.ranges)


def _range_words(one: Range, subject: str) -> str:
    low, high = one.least, one.most
    if one.direction == MARGIN:
        return _margin_words(low, high)
    who = {HOME: "home", AWAY: "away"}.get(one.direction)
    if who is not None and subject == GOALS and (low, high) in ((1, None), (None, 0), (0, 0)):
        return f"{who} scores" if low else f"{who} does not score"
    if who is not None and subject == GOALS:
        return f"{who} scores {_counted(low, high)}"
    count = high if low in (None, 0) else low
    noun = subject[:-1] if count == 1 and subject.endswith("s") else subject
    return " ".join(word for word in (who, _counted(low, high), noun) if word)


def _counted(low: int | None, high: int | None) -> str:
    if low is None or low <= 0:
        return "no" if high == 0 else f"at most {high}"
    if high is None:
        return f"{low} or more"
    return f"exactly {low}" if low == high else f"{low} to {high}"


def _margin_words(low: int | None, high: int | None) -> str:
    if low is not None and low == high:
        return "draw" if low == 0 else f"{_winner(low)} wins by {abs(low)}"
    if high is None and low is not None:
        if low > 0:
            return "home wins" if low == 1 else f"home wins by {low} or more"
        return "home wins or draw" if low == 0 else f"away does not win by {1 - low}"
    if low is None and high is not None:
        if high < 0:
            return "away wins" if high == -1 else f"away wins by {-high} or more"
        return "away wins or draw" if high == 0 else f"home does not win by {high + 1}"
    if low is None or high is None:
        return "any margin"
    if low > 0:
        return f"home wins by {low} to {high}"
    if high < 0:
        return f"away wins by {-high} to {-low}"
    return f"from {_lead(low)} to {_lead(high)}"


def _winner(margin: int) -> str:
    return "home" if margin > 0 else "away"


def _lead(margin: int) -> str:
    return "a draw" if margin == 0 else f"{_winner(margin)} by {abs(margin)}"


def result_words(result: Result) -> str:
    """One result in words: a score, who won, how a contract came out."""
    if isinstance(result, Score):
        return _score_words(result)
    if isinstance(result, Sets):
        played = " ".join(f"{home}-{away}" for home, away in result.sets)
        return f"such as {played}" + (f", {result.retired} retires" if result.retired else "")
    if isinstance(result, Race):
        return _race_words(result)
    if isinstance(result, Resolution):
        if result.paid_numerator == 0:
            return "it resolves NO"
        if result.paid_numerator == result.paid_denominator:
            return "it resolves YES"
        return f"it is settled at {result.paid_numerator}/{result.paid_denominator}"
    return f"void: {result.reason}"


def _score_words(score: Score) -> str:
    words = f"such as {score.home}-{score.away}"
    if score.half_home is not None:
        words += f" (half-time {score.half_home}-{score.half_away})"
    if score.final_home is not None:
        words += f", {score.final_home}-{score.final_away} with overtime"
    if score.qualified is not None:
        words += f", {score.qualified} goes through"
    return words


def _race_words(race: Race) -> str:
    groups = [" and ".join(sorted(group)) for group in race.ranks if group]
    if not groups:
        return "somebody else wins"
    if len(groups) > 1:
        return f"in order: {', '.join(groups)}"
    return f"{groups[0]} wins" if len(race.ranks[0]) == 1 else f"{groups[0]} win in a dead heat"
