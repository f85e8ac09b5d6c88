"""One file for each source: what it looks like and how to read it. Readers are pure and are found by themselves.

A module here that has a `READER` is a reader; nothing has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from crossbook.venues.reader import Reader


@cache
def readers() -> dict[str, Reader]:
    """Every reader by the name of its format, found by looking into this package."""
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(__path__):
        reader = getattr(importlib.import_module(f"{__name__}.{module.name}"), "READER", None)
        if isinstance(reader, Reader):
            found[reader.format] = reader
    return found
