"""Errors: each is caught by its name or with the whole family, and always has something to say."""

from __future__ import annotations

import pytest

from crossbook.base import errors
from crossbook.base.errors import (
    BadData,
    CrossbookError,
    Misconfigured,
    Refused,
    Retry,
    Unknown,
    Unmatched,
)

REACTIONS = (Retry, Refused, Unknown, BadData, Unmatched, Misconfigured)


def test_every_reaction_is_tested_here() -> None:
    defined = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    assert defined == {CrossbookError, *REACTIONS}


@pytest.mark.parametrize("kind", REACTIONS)
class TestEachReaction:
    def test_without_a_message_it_says_the_first_line_of_its_docstring(
        self, kind: type[CrossbookError]
    ) -> None:
        assert kind.__doc__
        first, *_ = kind.__doc__.splitlines()
        assert str(kind()) == str(kind(None)) == str(kind("")) == first
        assert first.strip() == first != ""

    def test_a_message_stands_over_the_docstring(self, kind: type[CrossbookError]) -> None:
        assert str(kind("line: 3/8 is off the quarter grid")) == "line: 3/8 is off the quarter grid"

    def test_it_is_caught_by_its_own_name_and_by_the_familys_only(self, kind: type[CrossbookError]) -> None:
        assert issubclass(kind, CrossbookError)
        assert [other for other in REACTIONS if issubclass(kind, other)] == [kind]
        assert not issubclass(kind, ValueError | OSError | LookupError)


def test_no_two_reactions_say_the_same() -> None:
    assert len({str(kind()) for kind in REACTIONS}) == len(REACTIONS)


def test_only_the_first_line_is_said() -> None:
    class Overcast(Retry):
        """The satellite sees nothing today.

        Wait for the wind.
        """

    assert str(Overcast()) == "The satellite sees nothing today."
