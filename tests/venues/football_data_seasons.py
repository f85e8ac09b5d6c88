"""Made-up season files for the tests, and short ways to ask what the reader made of them."""

from __future__ import annotations

from crossbook.model.quote import Fault, Quote, Snapshot
from crossbook.venues.football_data import READER
from crossbook.venues.reader import Document, LeftOut, Reading

MATCH = "Div,Date,HomeTeam,AwayTeam"
ROW = "E0,14/08/10,Northgate,Southport"


def document(text: str | bytes, folder: str = "1011") -> Document:
    return Document(("seasons", folder, "E0.csv"), text if isinstance(text, bytes) else text.encode())


def pieces(
    given: Document, how: Reading = READER.read
) -> tuple[list[Snapshot], list[tuple[int | None, str]], list[LeftOut]]:
    """What a reading gives: snapshots, faults with their lines, and what was left out."""
    found = list(how(given))
    return (
        [one for one in found if isinstance(one, Snapshot)],
        [(one.line, one.reason) for one in found if isinstance(one, Fault)],
        [one for one in found if isinstance(one, LeftOut)],
    )


def of_row(columns: str, cells: str) -> tuple[list[Quote], list[str]]:
    """The quotes and fault reasons of one made-up match with these price columns and cells."""
    snapshots, faults, _ = pieces(document(f"{MATCH},{columns}\n{ROW},{cells}\n"))
    assert len(snapshots) == 1
    assert [line for line, _ in faults] == [2] * len(faults)
    return snapshots[0].quotes, [reason for _, reason in faults]


def said(quotes: list[Quote]) -> list[str]:
    """Each quote in a line: venue, basis, claim, odds; sorted, for the order of columns is no promise."""
    return sorted(
        f"{quote.venue.id} {quote.basis.value} {quote.claim} @ {float(quote.odds):g}" for quote in quotes
    )
