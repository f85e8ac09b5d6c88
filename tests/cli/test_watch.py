"""What a long run does to the interpreter."""

import subprocess
import sys


def test_what_stands_before_the_first_frame_is_never_looked_through_again() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()
    frozen, youngest = map(int, said)
    assert frozen > 10_000
    assert youngest >= 50_000


def test_a_tie_between_listings_loads_nothing_more_once_it_is_ready() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _READY], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()
    assert said == ["False", "True"]


_ASKED = """
import gc
from crossbook.cli.watch import run_in_loop

async def asked():
    print(gc.get_freeze_count(), gc.get_threshold()[0])

run_in_loop(asked())
"""
_READY = """
import sys
from crossbook.matching.assign import get_ready

print("scipy.optimize" in sys.modules)
get_ready()
print("scipy.optimize" in sys.modules)
"""
