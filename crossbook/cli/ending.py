"""How a command ends: one line on standard error and a stable exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from crossbook.base.errors import CrossbookError, Misconfigured

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2


@contextmanager
def ending_plainly() -> Iterator[None]:
    """What stops a command is one line and an exit code: 2 where a setting has to be changed, else 1."""
    if sys.__stdout__ is None:
        raise failed("standard output is closed")
    try:
        with _one_alone():
            yield
            sys.stdout.flush()
    except Misconfigured as error:
        raise usage(str(error)) from None
    except CrossbookError as error:
        raise failed(str(error)) from None
    except MemoryError:
        raise failed("not enough memory; try fewer files at once") from None
    except BrokenPipeError:
        raise  # whoever read left early: the command line ends without a word
    except OSError as error:
        # What waits to be written would fail again when Python ends, and not as plainly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise failed(f"could not go on: {error.strerror or error}") from None


@contextmanager
def _one_alone() -> Iterator[None]:
    """What stopped one of several tasks is what stopped the command; a fault of ours keeps its whole story."""
    try:
        yield
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if isinstance(first, CrossbookError | OSError | MemoryError):
            raise first from None
        raise


def usage(message: str) -> typer.Exit:
    """Say what has to be called otherwise; to be raised."""
    return _ended(message, EXIT_USAGE)


def failed(message: str) -> typer.Exit:
    """Say why it could not be done; to be raised."""
    return _ended(message, EXIT_FAILED)


def _ended(message: str, code: int) -> typer.Exit:
    typer.secho(f"crossbook: {message}", err=True)
    return typer.Exit(code)
