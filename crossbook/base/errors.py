"""Errors named by what to do about them.

Catch the class, not the message: each name is a reaction. The first line of the docstring is the message a person
sees when the raiser has nothing better to say.
"""

from __future__ import annotations


class CrossbookError(Exception):
    """Something went wrong in Crossbook."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])


class Retry(CrossbookError):
    """A passing fault: the same request may be made again later."""


class Refused(CrossbookError):
    """The answer is no and stays no: a rule, a control or the other side refused."""


class Unknown(CrossbookError):
    """Asked, but no answer came: find out what happened before doing anything again."""


class BadData(CrossbookError):
    """The input is not what its format promises: keep it, count it, do not use it."""


class Unmatched(CrossbookError):
    """Nothing known fits well enough to be taken for the same thing."""


class Misconfigured(CrossbookError):
    """A setting is missing or wrong: a person has to change it."""
