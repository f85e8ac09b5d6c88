"""`crossbook version`: what runs here, and a commit only where it is ours."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crossbook import __version__
from crossbook.cli.about import commit, facts, server_version
from crossbook.store.embedded.binaries import MAJOR
from tests.cli.command import call, run


def test_every_fact_has_a_line() -> None:
    ran = run("version")
    assert (ran.code, ran.err) == (0, "")
    told = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert told["crossbook"] == __version__
    assert told["python"] == platform.python_version()
    assert told["postgresql"].startswith(f"{MAJOR}.")
    assert list(told) == list(facts())


def test_as_json_in_one_line() -> None:
    ran = call("version", "--json")
    assert ran.out.count("\n") == 1
    assert json.loads(ran.out)["platform"] == platform.platform()


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, "-C", str(folder), *words], check=True, capture_output=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Somebody's repository, with an installed package that is not part of it."""
    if shutil.which("git") is None:
        pytest.skip("no git on this system")
    git(tmp_path, "init")
    (tmp_path / "ours.txt").write_text("a")
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    git(tmp_path, "add", "ours.txt")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_installed_files_have_no_commit(repository: Path) -> None:
    assert commit(repository / "package") is None


def test_a_checkout_has_one_and_says_when_it_was_changed(repository: Path) -> None:
    git(repository, "add", "package")
    git(repository, "commit", "-m", "second")
    clean = commit(repository / "package")
    assert clean is not None
    assert re.fullmatch("[0-9a-f]{40}", clean)
    (repository / "ours.txt").write_text("b")
    assert commit(repository / "package") == f"{clean}-dirty"


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "add", "package")
    monkeypatch.setenv("PATH", str(repository))
    assert commit(repository / "package") is None


def test_without_the_wheel_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossbook.store.embedded.binaries.WHEEL", "no-such-wheel")
    assert server_version() is None
