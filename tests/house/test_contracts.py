"""Each import contract holds, and each is proven by a breach planted in a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest


class Breach(NamedTuple):
    contract: str
    """The id of the contract that must fail."""
    file: str
    """Where the line is planted, below crossbook/."""
    line: str


BREACHES = [
    Breach("rooms", "base/planted.py", "import crossbook.model"),
    Breach("rooms", "model/planted.py", "import crossbook.venues"),
    Breach("rooms", "venues/planted.py", "import crossbook.matching"),
    Breach("rooms", "book/planted.py", "import crossbook.arbitrage"),
    Breach("rooms", "matching/planted.py", "import crossbook.venues"),
    Breach("rooms", "arbitrage/planted.py", "import crossbook.pipeline"),
    Breach("rooms", "pipeline/planted.py", "import crossbook.sim"),
    Breach("rooms", "sim/planted.py", "import crossbook.app"),
    Breach("rooms", "app/planted.py", "import crossbook.cli"),
    Breach("rooms", "undeclared/__init__.py", '"""A room that no contract names."""'),
    Breach("outside", "base/planted.py", "import asyncio"),
    Breach("outside", "model/planted.py", "import http.client"),
    Breach("outside", "venues/planted.py", "from urllib import request"),
    Breach("outside", "book/planted.py", "import subprocess"),
    Breach("outside", "matching/planted.py", "import sqlite3"),
    Breach("outside", "arbitrage/planted.py", "import ssl"),
    Breach("outside", "pipeline/planted.py", "import socket"),
    Breach("pure", "model/planted.py", "import random"),
    Breach("pure", "venues/planted.py", "from pathlib import Path"),
    Breach("pure", "book/planted.py", "from time import time_ns"),
    Breach("pure", "matching/planted.py", "import os"),
    Breach("pure", "arbitrage/planted.py", "def late():\n    import time"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on the crossbook package that lies in `folder`, not on the installed one."""
    code = (
        "import sys; sys.path.insert(0, '.'); "
        "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache', '--no-logo'])"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def contract_name(folder: Path, contract: str) -> str:
    contracts = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {str(c["id"]): str(c["name"]) for c in contracts}[contract]


def assert_broken(folder: Path, contract: str) -> None:
    done = lint_imports(folder)
    assert done.returncode != 0, done.stdout
    broken = [line.strip() for line in done.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert any(line.startswith(contract_name(folder, contract)) for line in broken), done.stdout


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(
        root / "crossbook", tmp_path / "crossbook", ignore=shutil.ignore_patterns("__pycache__", "*.sql")
    )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("breach", BREACHES, ids=lambda b: f"{b.contract}-{b.file}")
def test_a_planted_breach_is_found(breach: Breach, copy: Path) -> None:
    planted = copy / "crossbook" / breach.file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(breach.line + "\n")
    assert_broken(copy, breach.contract)


def test_a_planted_cycle_is_found(copy: Path) -> None:
    (copy / "crossbook/model/heads.py").write_text("import crossbook.model.tails\n")
    (copy / "crossbook/model/tails.py").write_text("import crossbook.model.heads\n")
    assert_broken(copy, "cycles")


def test_every_contract_has_a_breach(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {c["id"] for c in contracts} == {b.contract for b in BREACHES} | {"cycles"}
