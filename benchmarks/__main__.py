"""Run the benchmarks: ``python -m benchmarks [NAME …]``; each measures beside a named peer or a floor, in one run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks import certificates, demo_memory, live_way, matching, scan_archives, store_rows

BENCHMARKS: Mapping[str, Callable[[Path | None, int], None]] = MappingProxyType(
    {
        "scan": scan_archives.compare,
        "certificates": certificates.compare,
        "store": store_rows.compare,
        "live": live_way.compare,
        "matching": matching.compare,
    }
)
MEMORY = "memory"
"""Takes minutes instead of rounds, and runs only when it is named."""


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all of these), {MEMORY}"
    )
    parser.add_argument(
        "--data", type=Path, help="recorded data (default: CROSSBOOK_REAL_DATA, else made up)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each candidate runs; medians are shown"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help=f"how long {MEMORY} watches")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - {*BENCHMARKS, MEMORY})
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}, {MEMORY}")
    if arguments.data and not arguments.data.is_dir():
        parser.error(f"--data: no folder {arguments.data}")
    data = arguments.data or _recorded()
    try:
        for name in arguments.names or BENCHMARKS:
            if name == MEMORY:
                demo_memory.compare(data, arguments.rounds, arguments.minutes)
            else:
                BENCHMARKS[name](data, arguments.rounds)
    except KeyboardInterrupt:
        raise SystemExit("interrupted") from None


def _recorded() -> Path | None:
    named = Path(os.environ.get("CROSSBOOK_REAL_DATA", "../shared/data"))
    return named if named.is_dir() else None


if __name__ == "__main__":
    main()
