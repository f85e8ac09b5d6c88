"""Named queries: every statement that reads or writes rows stands in ``queries/*.sql`` with a name and a reason."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final

_HEADING: Final = re.compile(r"^-- name: ([a-z_]+)\n", re.MULTILINE)


@cache
def all_queries() -> dict[str, str]:
    """The text of every query by its name, with the comment that says why it exists."""
    found: dict[str, str] = {}
    for file in sorted(
        resources.files(__package__).joinpath("queries").iterdir(), key=lambda each: each.name
    ):
        if not file.name.endswith(".sql"):
            continue
        _, *pieces = _HEADING.split(file.read_text(encoding="utf-8"))
        for name, text in zip(pieces[::2], pieces[1::2], strict=True):
            if name in found:
                raise ValueError(f"{file.name}: two queries are called {name}")
            found[name] = text.strip()
    return found


def query(name: str) -> str:
    """The text of one query. Raises KeyError when there is none of this name."""
    return all_queries()[name]
