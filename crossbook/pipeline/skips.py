"""What was not used of the input, told so that one broken file cannot drown the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from crossbook.pipeline.files import printable

_ALIKE_TOLD: Final = 20
_NUMBERS: Final = re.compile(r"\d+")


class Skipped(msgspec.Struct, frozen=True):
    """A piece of input that was not used, and why."""

    file: str
    line: int | None
    reason: str


class Skips:
    """Of a file's faults that differ in numbers only, the first few are told one by one, the rest as a count."""

    def __init__(self) -> None:
        self._told: list[Skipped] = []
        self._alike: Counter[tuple[str, str]] = Counter()

    def add(self, path: Path, line: int | None, reason: str) -> None:
        """Note what is not used."""
        kind = printable(path), _NUMBERS.sub("#", reason)
        self._alike[kind] += 1
        if self._alike[kind] <= _ALIKE_TOLD:
            self._told.append(Skipped(kind[0], line, reason))

    def take(self) -> list[Skipped]:
        """Everything since it was last taken."""
        told = [*self._told, *self._further()]
        self._told.clear()
        self._alike.clear()
        return told

    def _further(self) -> Iterator[Skipped]:
        for (file, reason), count in self._alike.items():
            if count > _ALIKE_TOLD:
                yield Skipped(file, None, f"{count - _ALIKE_TOLD} more like this: {reason}")
