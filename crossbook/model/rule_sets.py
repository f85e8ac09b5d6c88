"""The rule sets that were read, each rule with its source. How to add one: `docs/settlement-rules.md`.

Archives name their venues by prefixes of their own, which are not here: rules read today say nothing of old seasons.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crossbook.model._rules_of_bookmakers import BOOKMAKERS
from crossbook.model._rules_of_exchanges import EXCHANGES
from crossbook.model.rules import Rules, RuleSet, check

RULE_SETS: Final = tuple(sorted((*BOOKMAKERS, *EXCHANGES), key=lambda one: one.id))
"""Every rule set that was read, by id."""

_BY_ID: Final = {one.id: one for one in RULE_SETS}
_AT_VENUE: Final = {venue: one.id for one in RULE_SETS for venue in one.venues}

for _one in RULE_SETS:
    for _rule in _one.rules:
        check({_rule.word: _rule.value})


def rule_set(name: str) -> RuleSet | None:
    """The rule set of this id; None for one that nobody has read."""
    return _BY_ID.get(name)


def rules_at(venue_id: str, unread: str) -> str:
    """The id of the rule set of a venue by the id that readers give it, `unread` where nobody has read one.

    >>> rules_at("williamhill", "bookmaker"), rules_at("corner_shop", "bookmaker")
    ('william_hill', 'bookmaker')
    """
    return _AT_VENUE.get(venue_id, unread)


@lru_cache(maxsize=1024)
def rules_for(name: str, sport: str) -> Rules:
    """What is known of a rule set for a sport; nothing for one that nobody has read."""
    found = _BY_ID.get(name)
    return {} if found is None else found.of(sport)
