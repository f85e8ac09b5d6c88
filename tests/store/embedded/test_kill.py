"""A few rounds of the kill programme; `python -m tests.store.embedded.kill --times 100` plays more."""

from __future__ import annotations

import random
import sys

import pytest

from tests.store.embedded.kill import kill
from tests.store.servers import open_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")


def test_killed_while_the_data_folder_is_made() -> None:
    with open_folder() as folder:
        kill(folder, "initdb", "owner", random.Random(1), set())


def test_killed_while_it_starts_and_while_it_writes() -> None:
    known: set[int] = set()
    with open_folder() as folder:
        kill(folder, "start", "both", random.Random(2), known)
        kill(folder, "writes", "server", random.Random(3), known)
        kill(folder, "writes", "both", random.Random(4), known)
    assert known
