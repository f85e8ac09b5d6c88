"""What is in the repository, and what must not be."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

FRAGMENT = re.compile(r"(\d+|\+[a-z0-9-]+)\.(added|changed|fixed|removed|security)\.md")
MACHINE_PATH = re.compile(rb"(?<![\w.:/$~}-])/(?:work|root|home|Users)/")
REGISTRY_HOST = re.compile(rb"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs)")
LONGEST_FILE = 450


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    """Every file that is tracked or about to be."""
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: the list of tracked files is unknown")
    return [path for name in done.stdout.split("\0") if name and (path := root / name).is_file()]


def found_in(files: list[Path], pattern: re.Pattern[bytes]) -> list[str]:
    return [
        f"{path}:{number}"
        for path in files
        if path != Path(__file__)
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_some_machine(files: list[Path]) -> None:
    assert found_in(files, MACHINE_PATH) == []


def test_no_registry_host(files: list[Path]) -> None:
    assert found_in(files, REGISTRY_HOST) == []


def test_no_lock_with_addresses(files: list[Path]) -> None:
    assert [path.name for path in files if path.name == "uv.lock"] == []


def test_no_long_python_file(files: list[Path]) -> None:
    lengths = {str(path): len(path.read_bytes().splitlines()) for path in files if path.suffix == ".py"}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_licence(root: Path) -> None:
    text = (root / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License")
    assert "Crossbook contributors" in text


def test_legal_notice_is_linked(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "docs/legal.md" in readme
    assert "docs/legal.id.md" in readme
    for notice in ("legal.md", "legal.id.md"):
        text = (root / "docs" / notice).read_text(encoding="utf-8")
        assert "UU No. 7/1974" in text
        assert "303 KUHP" in text


def test_change_fragments(root: Path) -> None:
    fragments = [path for path in (root / "changes").iterdir() if path.name != "README.md"]
    for path in fragments:
        assert FRAGMENT.fullmatch(path.name), f"{path.name}: see changes/README.md for the form of the name"
        text = path.read_text(encoding="utf-8")
        assert text.strip(), f"{path.name} is empty"
        assert text.strip()[0] not in "-*#", f"{path.name}: a plain sentence, the list mark comes by itself"
        assert text.strip().endswith("."), f"{path.name}: end the sentence"


def test_changelog_has_the_mark(root: Path) -> None:
    assert "<!-- releases below -->\n" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def pages(nav: object) -> list[str]:
    """The files a navigation names, folders of pages included."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else []
    return [page for part in parts for page in pages(part)]


def test_the_navigation_names_every_page_once(root: Path) -> None:
    settings = tomllib.loads((root / "zensical.toml").read_text(encoding="utf-8"))
    named = pages(settings["project"]["nav"])
    there = [path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")]
    assert sorted(named) == sorted(there)
