"""Page or JSON: what the Accept header asks for (RFC 9110, section 12.5.1)."""

from __future__ import annotations


def _quality(accept: str, kind: str, subtype: str) -> float:
    """How much `kind/subtype` is wanted, from 0 to 1; the most exact range that fits decides."""
    best = (-1, 0.0)
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        wanted_kind, _, wanted_subtype = name.partition("/")
        exactness = 2 if (wanted_kind, wanted_subtype) == (kind, subtype) else -1
        if exactness < 0 and wanted_subtype == "*":
            exactness = 1 if wanted_kind == kind else 0 if wanted_kind == "*" else -1
        if exactness > best[0]:
            best = (exactness, _weight(parameters))
    return best[1]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0


def prefers_page(accept: str) -> bool:
    """Whether the caller would rather have a page than JSON; a program that does not care gets JSON.

    >>> prefers_page("text/html,application/xhtml+xml,*/*;q=0.8")
    True
    >>> prefers_page("*/*")
    False
    """
    return _quality(accept, "text", "html") > _quality(accept, "application", "json")
