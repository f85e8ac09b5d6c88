"""Compiled code is kept where it may be, under a name of its own, and never in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crossbook.app import compiled
from crossbook.app.compiled import keep_compiled, speed_up
from crossbook.arbitrage.certificate import WALK
from crossbook.arbitrage.known import Certificates


def test_a_folder_of_its_own_in_the_users_cache(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    folder = keep_compiled(environment)
    assert folder is not None
    assert folder.parent == tmp_path / "crossbook" / "compiled"
    assert environment["NUMBA_CACHE_DIR"] == str(folder)


def test_another_source_has_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    first = keep_compiled(environment)
    monkeypatch.setattr(compiled, "_SOURCES", ("crossbook.arbitrage.find",))
    assert keep_compiled({"XDG_CACHE_HOME": str(tmp_path)}) != first


def test_what_the_user_chose_stays(tmp_path: Path) -> None:
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "own")}
    assert keep_compiled(environment) == tmp_path / "own"
    assert environment == {"NUMBA_CACHE_DIR": str(tmp_path / "own")}


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for environment in (
        {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "own")},
        {"XDG_CACHE_HOME": str(tmp_path / "file")},
    ):
        assert keep_compiled(environment) is None
        assert "NUMBA_CACHE_DIR" not in environment


PROGRAM = """\
import sys
from crossbook.app.compiled import speed_up
from crossbook.arbitrage.certificate import WALK
from crossbook.arbitrage.known import Certificates
certificates = Certificates()
assert "numba" not in sys.modules
speed_up(certificates)
print(certificates.solver is WALK)
"""


def test_kernels_are_kept_and_found_again(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            env=environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")
    kept = list(tmp_path.rglob("*.nbc"))
    assert any("walk" in path.name for path in kept)


def test_without_a_compiler_the_walk_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "crossbook.arbitrage.watching.ready", None)
    certificates = Certificates()
    speed_up(certificates)
    assert certificates.solver is WALK
    assert "goes on without them" in caplog.text
