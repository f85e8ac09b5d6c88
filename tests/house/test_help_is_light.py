"""`crossbook --help` loads nothing heavy, so that it answers at once."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"highspy", "llvmlite", "numba", "numpy", "pandas", "rapidfuzz", "scipy"}

PROGRAM = """\
import sys
sys.argv = ["crossbook", *sys.argv[1:]]
from crossbook.cli.main import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def test_help_is_light() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "scan" in done.stdout
    loaded = set(done.stderr.rsplit("loaded:", 1)[1].split())
    assert "crossbook" in loaded
    assert loaded & HEAVY == set()
