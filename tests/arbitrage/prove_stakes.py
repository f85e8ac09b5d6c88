"""Plans from accounts, and repairs, against trying everything: ``python -m tests.arbitrage.prove_stakes --cases 500``.

The short form is in ``test_accounts.py`` and ``test_repair.py``. Half of the cases go through the solver however few
combinations they have. Ends with 1 at the first plan that is not the best.
"""

from __future__ import annotations

import argparse
import sys

from crossbook.arbitrage import search
from tests.arbitrage.test_accounts import check_hands
from tests.arbitrage.test_repair import check_repairs

_AT_ONCE = 50


def main() -> int:
    """Run as many cases as asked for and print what they were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--repairs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1_000)
    parser.add_argument("--most", type=int, default=2_000, help="combinations of a case at most")
    asked = parser.parse_args()
    usual = search._FEW
    profitable = free = betting = cashing = idle = 0
    try:
        for number in range(max(asked.cases, asked.repairs) // _AT_ONCE):
            search._FEW = 0 if number % 2 else usual  # type: ignore[misc]
            seed = asked.seed + number
            if number * _AT_ONCE < asked.cases:
                found = check_hands(_AT_ONCE, seed, asked.most)
                profitable, free = profitable + found[0], free + found[1]
            if number * _AT_ONCE < asked.repairs:
                repairs = check_repairs(_AT_ONCE, seed)
                betting, cashing, idle = betting + repairs[0], cashing + repairs[1], idle + repairs[2]
    except AssertionError as error:
        print(f"not the best: {error}")
        return 1
    finally:
        search._FEW = usual  # type: ignore[misc]
    print(
        f"plans: {asked.cases}, of which {profitable} profit and {free} use a free bet; all the best there are"
    )
    print(
        f"repairs: {asked.repairs}, of which {betting} bet, {cashing} end bets for cash, {idle} do nothing; all best"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
