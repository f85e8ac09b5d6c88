"""The lock files: complete, pinned by hash, and free of addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(lock: str) -> dict[str, set[str]]:
    """Every pinned distribution with its versions; an older Python may need another version."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(lock):
        found.setdefault(name, set()).add(version)
    return found


def names(requirements: list[str]) -> set[str]:
    return {
        re.split(r"[\s<>=!~;\[#]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements
    }


@pytest.fixture(params=["run", "dev"])
def lock(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / "requirements" / f"{request.param}.lock").read_text()


def test_no_address_and_no_option(lock: str) -> None:
    assert "://" not in lock
    assert " @ " not in lock
    assert not [line for line in lock.splitlines() if line.startswith("-")]


def test_every_pin_has_hashes(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(blocks) > 10
    assert [block.splitlines()[0] for block in blocks if not HASH.search(block)] == []
    assert all(PINNED.match(block) for block in blocks)


def test_all_platforms_are_there(lock: str) -> None:
    """A package with many wheels has many hashes; a lock made from a local index has few."""
    numpy = re.findall(r"^numpy==.*\n(?:    .*\n?)+", lock, flags=re.MULTILINE)
    assert numpy
    assert all(len(HASH.findall(block)) >= 40 for block in numpy)


def test_the_project_needs_nothing_that_is_not_locked(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    wanted = names(project["project"]["dependencies"])
    assert wanted <= pins((root / "requirements/run.lock").read_text()).keys()
    backend = names(project["build-system"]["requires"])
    assert backend <= pins((root / "requirements/dev.lock").read_text()).keys()


def test_run_in_and_the_project_name_the_same_things(root: Path) -> None:
    lines = (root / "requirements/run.in").read_text().splitlines()
    direct = names([line for line in lines if line.strip() and not line.startswith(("#", "-"))])
    assert direct == names(tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"])


def test_dev_is_a_superset_of_run(root: Path) -> None:
    run, dev = (pins((root / f"requirements/{level}.lock").read_text()) for level in ("run", "dev"))
    assert {name: dev.get(name) for name in run} == run
