"""Find arbitrage in football-data.co.uk season files with pandas and one linear programme a match.

The plain script an analyst writes in an afternoon, and the yardstick for ``crossbook scan``:
``scan_1x2`` answers the question of ``arb_1x2_baseline.csv``, ``scan_all`` that of ``arb_lp_baseline.csv``.
It is short on purpose: floats, no screens, no whole-number stakes, no report of what it could not read.

What is read
    * Files are ``SEASON/DIVISION.csv``; the folder is the season, the file name the division.
    * Text is UTF-8, with or without a mark at the front, else Windows-1252. (Latin-1 is wrong: byte 0x92 in
      ``King's Lynn`` is a typographic apostrophe.) Blanks around team names are dropped.
    * Dates are day first, ``dd/mm/yy`` or ``dd/mm/yyyy``, chosen cell by cell.
    * Rows without a home team are left out. Rows may be longer than the header; the extra cells are notes
      ("Abandoned") and are ignored, the row itself counts. Whether the match was played does not matter.
    * A cell that is not a number (blank, ``c``, ``3.53.75``) is a missing price or line.
    * Columns may be mangled: ``B_2_5`` is ``B>2.5`` (over) and ``B_2_5_1`` is ``B<2.5`` (under).

What counts as a quote
    * Pre-match columns carry the book's prefix, closing ones the prefix and ``C``: ``VC`` is a book,
      ``VCC`` its closing price. The two bases are two separate questions.
    * 1X2 (``H``, ``D``, ``A``): all named books. Left out: the aggregates Bb*, Max, Avg and the exchange BFE.
    * Over/under 2.5: B365, P, GB. Asian handicap (``AHH``, ``AHA``): B365, P, GB, LB. P is Pinnacle, which is
      PS in the 1X2 columns.
    * A book's market counts whole or not at all: every one of its two or three prices must be above 1.
      One blank, broken or zero cell drops that book from that market, not from its other markets.
    * The handicap line is the home side's. It is the book's own column (``B365AH``, ``GBAH``, ``LBAH``,
      ``PAH``) where the *file* has that column, else the file's (``AHh``, closing ``AHCh``). A blank own
      cell is not replaced by another line: that quote is left out, as are lines beyond +-4 (4 itself stays)
      and lines that are no multiple of 0.25.
    * Lines are never adjusted or checked for sign. The best price of each (market, line, side) is kept.

What counts as arbitrage
    * ``scan_1x2``: two or more books with a whole 1X2, and the sum of inverse best prices below 1. The
      return is one over that sum.
    * ``scan_all``: at least one book with a whole 1X2 and at least one usable over/under or handicap quote.
      (All other matches are left out, so 1X2 arbitrage of seasons without named over/under and handicap
      columns, 2005/06 to 2014/15, is not in this set.) States are the scores 0..10 x 0..10. The programme
      maximises the worst gross return of one unit of stakes; legs of any number of books, one book included,
      are allowed. There is no commission, no rounding and no screen.
    * The return must be above 1 in exact arithmetic. In floats break-evens come out a few 1e-16 to either
      side, so ``TOLERANCE`` is asked for; the smallest real one in the files is 1.000006 (1X2) and 1.000027.

Four rows of ``arb_1x2_baseline.csv`` are such break-evens and no arbitrage:

    * 1 / 4.2 + 1 / 3.5 + 1 / 2.1 = (5 + 6 + 10) / 21 = 1: Sp Lisbon v Porto 2010-11-27, Cagliari v Roma
      2015-02-08;
    * 1 / 1.68 + 1 / 4.2 + 1 / 6 = (25 + 10 + 7) / 42 = 1: Wolves v Oldham 2013-10-22 and, closing,
      Leicester v Fulham 2020-11-30, which ``arb_lp_baseline.csv`` rightly leaves out.

Floats add these to 0.9999999999999999. The same three prices in the order 2.1 / 3.5 / 4.2 (Groningen v
Utrecht 2007-04-29) they add to 1.0, and the baseline leaves that match out. With ``tolerance=0.0``,
``scan_1x2`` gives the baseline with its four.
"""

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

Claim: TypeAlias = tuple[str, str, float]  # market, side, line
Best: TypeAlias = dict[Claim, tuple[float, str]]  # claim -> best price, book
Row: TypeAlias = dict[Hashable, Any]  # column -> cell
Found: TypeAlias = dict[str, Any]

BOOKS_1X2 = (
    *("1XB", "B365", "BF", "BFD", "BMGM", "BV", "BS", "BW", "CL", "GB", "IW"),
    *("LB", "PS", "SO", "SB", "SJ", "SY", "VC", "WH"),
)
BOOKS_OVER_UNDER = ("B365", "P", "GB")
BOOKS_HANDICAP = ("B365", "P", "GB", "LB")
BASES = {"prematch": "", "closing": "C"}  # basis -> what follows the book's prefix in column names
TOLERANCE = 1e-9
HOME_GOALS, AWAY_GOALS = np.divmod(np.arange(121), 11)


def text_encoding(path: Path) -> str:
    """UTF-8 if the file is valid UTF-8, else Windows-1252."""
    try:
        path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def iso_date(text: str) -> str:
    """Return the ISO form of ``dd/mm/yy`` or ``dd/mm/yyyy``.

    >>> iso_date("09/08/03"), iso_date("16/05/2021")
    ('2003-08-09', '2021-05-16')
    """
    return datetime.strptime(text, "%d/%m/%y" if len(text) == 8 else "%d/%m/%Y").date().isoformat()


def read_season(path: Path) -> list[Row]:
    """Read one season file: a dict a match, prices and lines as floats, NaN where there is none."""
    frame = pd.read_csv(
        path,
        encoding=text_encoding(path),
        usecols=lambda name: not name.startswith("Unnamed"),
        index_col=False,
        low_memory=False,
    )
    frame = frame.dropna(subset=["Date", "HomeTeam", "AwayTeam"])
    frame.columns = frame.columns.str.replace("_2_5_1", "<2.5").str.replace("_2_5", ">2.5")
    for name in ("Date", "HomeTeam", "AwayTeam"):
        frame[name] = frame[name].str.strip()
    names = frame.columns.tolist()
    for name in names[names.index("AwayTeam") + 1 :]:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["Date"] = frame["Date"].map(iso_date)
    return frame.to_dict("records")


def read_folder(folder: Path) -> Iterator[tuple[dict[str, str], Row]]:
    """Yield who played, and the row, for every match under ``folder``."""
    for path in sorted(folder.glob("*/*.csv")):
        for row in read_season(path):
            match = {"season": path.parent.name, "div": path.stem, "date": row["Date"]}
            yield match | {"home": row["HomeTeam"], "away": row["AwayTeam"]}, row


def keep_best(best: Best, row: Row, book: str, offers: dict[Claim, str]) -> bool:
    """Enter a book's market (claim -> column) in ``best`` if it is whole; say whether it was."""
    prices = {claim: row.get(column, np.nan) for claim, column in offers.items()}
    if not all(price > 1 for price in prices.values()):
        return False
    for claim, price in prices.items():
        if claim not in best or price > best[claim][0]:
            best[claim] = (price, book)
    return True


def best_1x2(row: Row, basis: str) -> tuple[Best, int]:
    """Best home, draw and away price, and how many books quote all three."""
    best: Best = {}
    mark = BASES[basis]
    books = sum(
        keep_best(best, row, book, {("1X2", side, 0.0): f"{book}{mark}{side}" for side in "HDA"})
        for book in BOOKS_1X2
    )
    return best, books


def best_lines(row: Row, basis: str) -> Best:
    """Best price of each over/under 2.5 and Asian handicap claim."""
    best: Best = {}
    mark = BASES[basis]
    for book in BOOKS_OVER_UNDER:
        offers = {("OU", "O", 2.5): f"{book}{mark}>2.5", ("OU", "U", 2.5): f"{book}{mark}<2.5"}
        keep_best(best, row, book, offers)
    for book in BOOKS_HANDICAP:
        own, shared = f"{book}{mark}AH", f"AH{mark}h"
        line = row[own] if own in row else row.get(shared, np.nan)
        if abs(line) <= 4 and line % 0.25 == 0:
            keep_best(best, row, book, {("AH", side, line): f"{own}{side}" for side in "HA"})
    return best


@cache
def settle(claim: Claim) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the stake that wins and share handed back, in each of the 121 scores.

    A quarter line is half a stake on each of the two lines beside it.
    """
    market, side, line = claim
    lead = HOME_GOALS - AWAY_GOALS
    if market == "1X2":
        won = {"H": lead > 0, "D": lead == 0, "A": lead < 0}[side]
        return won.astype(float), np.zeros(len(lead))
    margin = HOME_GOALS + AWAY_GOALS - line if market == "OU" else lead + line
    if side in "UA":
        margin = -margin
    lower, upper = (margin - 0.25, margin + 0.25) if line % 0.5 else (margin, margin)
    return ((lower > 0) * 1.0 + (upper > 0)) / 2, ((lower == 0) * 1.0 + (upper == 0)) / 2


def guaranteed_return(best: Best) -> tuple[float, NDArray[np.float64]]:
    """Solve for the stakes, summing to 1, whose worst gross return over all scores is highest."""
    columns = []
    for claim, (price, _) in best.items():
        won, refunded = settle(claim)
        columns.append(won * price + refunded)
    returns = np.unique(np.column_stack(columns), axis=0)  # scores that pay alike are one state
    states, claims = returns.shape
    solution = linprog(
        c=[0.0] * claims + [-1.0],
        A_ub=np.hstack([-returns, np.ones((states, 1))]),
        b_ub=np.zeros(states),
        A_eq=[[1.0] * claims + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * claims + [(None, None)],
        method="highs",
    )
    if solution.fun is None or solution.x is None:
        raise ArithmeticError(solution.message)
    return -solution.fun, solution.x[:-1]


def describe(claim: Claim) -> str:
    """Name a claim as the baselines do.

    >>> describe(("1X2", "H", 0.0)), describe(("OU", "U", 2.5)), describe(("AH", "A", -0.25))
    ('H', 'U/2.5', 'AH/-0.25/A')
    """
    market, side, line = claim
    return {"1X2": side, "OU": f"{side}/{line}", "AH": f"AH/{line}/{side}"}[market]


def list_legs(best: Best, shares: NDArray[np.float64]) -> list[Found]:
    """Write out the legs that carry stake."""
    return [
        {"claim": describe(claim), "price": price, "venue": book, "share": round(float(share), 6)}
        for (claim, (price, book)), share in zip(best.items(), shares, strict=True)
        if share > 1e-6
    ]


def scan_1x2(folder: Path, tolerance: float = TOLERANCE, counts: Counter[str] | None = None) -> list[Found]:
    """Every 1X2 arbitrage, by the closed form; ``counts`` is told the rows and questions seen."""
    counts = Counter() if counts is None else counts
    found = []
    for match, row in read_folder(folder):
        counts["rows"] += 1
        for basis in BASES:
            best, books = best_1x2(row, basis)
            if books < 2:
                continue
            counts["questions"] += 1
            inverses = np.array([1 / price for price, _ in best.values()])
            total = sum(inverses.tolist())
            if total < 1 - tolerance:
                legs = list_legs(best, inverses / total)
                found.append({"basis": basis, **match, "guaranteed_return": 1 / total, "legs": legs})
    return found


def scan_all(folder: Path, tolerance: float = TOLERANCE, counts: Counter[str] | None = None) -> list[Found]:
    """Every arbitrage over 1X2, over/under 2.5 and Asian handicap; one linear programme a match and basis."""
    counts = Counter() if counts is None else counts
    found = []
    for match, row in read_folder(folder):
        counts["rows"] += 1
        for basis in BASES:
            lines = best_lines(row, basis)
            if not lines:
                continue
            best, books = best_1x2(row, basis)
            if not books:
                continue
            counts["questions"] += 1
            best |= lines
            worst, shares = guaranteed_return(best)
            if worst > 1 + tolerance:
                legs = list_legs(best, shares)
                found.append({"basis": basis, **match, "guaranteed_return": float(worst), "legs": legs})
    return found


def main() -> None:
    """Print one JSON line an arbitrage, and a last one with the counts, seconds and peak memory."""
    parser = argparse.ArgumentParser(description="Scan football-data.co.uk season files for arbitrage.")
    parser.add_argument("folder", type=Path, help="holds SEASON/DIVISION.csv")
    parser.add_argument("--markets", choices=("1x2", "all"), default="all")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    found = (scan_all if chosen.markets == "all" else scan_1x2)(chosen.folder, counts=counts)
    seconds = round(time.perf_counter() - start, 3)
    for opportunity in found:
        print(json.dumps(opportunity, ensure_ascii=False))
    peak_mib = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    summary = {**counts, "opportunities": len(found), "seconds": seconds, "peak_mib": peak_mib}
    print(json.dumps({"summary": summary}))


if __name__ == "__main__":
    main()
