"""Which reasons are right for which class of fault.

An answer has two tiers. `cause` names what happened, as the field would say it. `symptom` is true of the quotes
without naming the cause: the price is far from all others, the venue's own book adds up to less than one, its
ladder runs backwards. A person told either of them would look at the right price. A bare "too good to be true"
is neither: it names no price, so it is accepted for no class.

Names are compared in small letters, with hyphens and spaces as underscores; synonyms stand for their first name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "palpable": ("palpable_error", "price_error", "typing_error", "fat_finger"),
    "unit": ("format", "odds_format", "wrong_format", "price_format", "unit_error"),
    "own_book": ("overround", "under_round", "own_book_below_one", "book_below_one", "book_sum"),
    "outlier": ("off_market", "far_from_others", "off_consensus", "odd_one_out"),
    "incoherent": ("incoherence", "inconsistent", "incoherent_markets", "own_markets", "contradiction"),
    "line_order": ("ladder_order", "monotonic", "monotonicity", "not_monotone"),
    "handicap_sign": ("sign", "wrong_sign", "mirrored_line", "line_sign"),
    "wrong_line": ("line_shifted", "row_shift", "truncated_line", "line_truncated", "line"),
    "sides_swapped": ("swapped", "home_away_swapped", "sides_inverted", "over_under_swapped"),
    "yes_no_inverted": ("inverted", "contract_inverted", "complement", "yes_no"),
    "not_exhaustive": ("incomplete_set", "incomplete", "missing_outcome", "exhaustive"),
    "period_mixed": ("period", "wrong_period"),
    "subject_mixed": ("wrong_subject", "subject", "wrong_market"),
    "wrong_event": ("event_mixed", "other_event", "wrong_match", "linked_wrongly"),
    "stale": ("old", "old_price", "not_moved", "outdated", "lagging"),
    "delayed": ("in_play_delay", "delay", "lag"),
    "suspended": ("not_tradable", "closed_market", "halted"),
    "clock_skew": ("clock", "clock_ahead", "clock_behind", "skew", "time_ahead"),
    "sister_brands": ("same_desk", "sisters", "desk", "not_independent"),
    "aggregate": ("not_a_venue", "best_price_column", "maximum_column"),
    "crossed": ("crossed_book", "crossed_ladder"),
}


class Answer(NamedTuple):
    """Reasons that name the cause, and reasons that are true of the quotes without naming it."""

    cause: frozenset[str]
    symptom: frozenset[str]


def _answer(cause: str, symptom: str) -> Answer:
    return Answer(frozenset(cause.split()), frozenset(symptom.split()))


_FAR = "outlier incoherent"
_BELOW = _FAR + " own_book"
_LADDER = _BELOW + " line_order"

ANSWERS: Final[dict[str, Answer]] = {
    # One price is wrong by itself. Raised, it always pulls its own market down, perhaps below one, and perhaps out
    # of the order of its ladder.
    "decimal_slip": _answer("palpable unit", _LADDER),
    "digits_transposed": _answer("palpable", _LADDER),
    "other_selection": _answer("palpable", _LADDER),
    # Both sides of each row move together, so the rows' own books stay whole.
    "row_shift": _answer("wrong_line palpable", _FAR + " line_order"),
    "own_book": _answer("own_book", _FAR),
    "crossed": _answer("crossed", "outlier own_book"),
    # A unit misread raises favourites: own books fall below one, ladders may break.
    "unit_hong_kong": _answer("unit palpable", _LADDER),
    "unit_malay": _answer("unit palpable", _LADDER),
    "unit_indonesian": _answer("unit palpable", _LADDER),
    "unit_american": _answer("unit palpable", _LADDER),
    "unit_fractional": _answer("unit palpable", _LADDER),
    "unit_probability": _answer("unit palpable", _LADDER),
    "cents_as_dollars": _answer("unit palpable", _BELOW + " crossed"),
    # A price under the mirrored line breaks each line's own book and the order of the ladder.
    "mirrored_line": _answer("handicap_sign", _LADDER),
    # Whole ladders turned over: each line's book is whole, the order runs backwards, other markets contradict.
    "ladder_flip": _answer("handicap_sign sides_swapped", _FAR + " line_order"),
    "handicap_swapped": _answer("sides_swapped handicap_sign", _FAR + " line_order"),
    "over_under_swapped": _answer("sides_swapped", _FAR + " line_order"),
    "result_swapped": _answer("sides_swapped", _FAR),
    "venue_swapped": _answer("sides_swapped", _FAR + " wrong_event"),
    "yes_no_inverted": _answer("yes_no_inverted sides_swapped", _BELOW + " crossed"),
    "not_exhaustive": _answer("not_exhaustive", "own_book incoherent"),
    "half_as_full": _answer("period_mixed", _FAR + " line_order"),
    "full_as_half": _answer("period_mixed", _FAR + " line_order"),
    "corners_as_goals": _answer("subject_mixed wrong_line", _FAR + " line_order"),
    "truncated_line": _answer("wrong_line", _FAR + " line_order"),
    # Old prices are far from the new ones, and one market left behind contradicts the venue's others.
    "stale_times": _answer("stale", _FAR),
    "stale_part": _answer("stale", _FAR + " line_order own_book"),
    "stale_market": _answer("stale", _FAR + " line_order own_book"),
    "stale_book": _answer("stale", _FAR),
    "suspended": _answer("suspended", "stale"),
    "clock_ahead": _answer("clock_skew stale", _FAR),
    "clock_behind": _answer("clock_skew stale", _FAR),
    "sister_lagging": _answer("sister_brands stale", _FAR),
    "sister_untimed": _answer("sister_brands stale", _FAR),
    # The best of many venues hardly ever adds up to one, and is never worse than any of them.
    "aggregate": _answer("aggregate", _BELOW),
    # All prices of one venue are somebody else's.
    "wrong_event": _answer("wrong_event", _FAR),
    "women_team": _answer("wrong_event", _FAR),
    "in_play_delay": _answer("delayed stale", _FAR),
}
"""The acceptable reasons by class of fault; the comments say why a symptom is true of it."""

_FIRST: Final = {other: name for name, others in SYNONYMS.items() for other in others}


def plain_name(name: str) -> str:
    """The name of a reason in this table's words.

    >>> plain_name("Same-desk"), plain_name("margin_cap")
    ('sister_brands', 'margin_cap')
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    return _FIRST.get(word, word)
