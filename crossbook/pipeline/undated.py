"""What may be concluded where a listing without a date was joined to others by its names alone."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from crossbook.model.opportunity import Opportunity, Reason, Verdict
from crossbook.model.quote import Listing


def undated(listing: Listing) -> bool:
    """Whether a listing says nothing of when its event is."""
    return listing.start is None and listing.date is None


def exposed(opportunity: Opportunity, venues: Collection[str]) -> Opportunity:
    """The opportunity, no longer pure where legs at these venues, whose listings have no date, meet others."""
    if opportunity.verdict is Verdict.REJECTED:
        return opportunity
    used = {leg.quote.venue.id for leg in opportunity.legs}
    doubtful = sorted(used & set(venues))
    if not doubtful or (used <= set(doubtful) and len(used) == 1):
        return opportunity
    words = f"{', '.join(doubtful)} does not say when it is: the names alone say that it is the same event"
    return msgspec.structs.replace(
        opportunity,
        verdict=Verdict.RULE_EXPOSED,
        reasons=(*opportunity.reasons, Reason("undated", words)),
    )
