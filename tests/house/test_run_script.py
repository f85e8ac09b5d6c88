"""The command table: what it says, which interpreter it takes, and how it keeps its environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ["demo", "scan", "test", "check", "bench", "docs", "lock"]

FAKE_PIP = """\
import os, sys, time
with open(os.environ["FAKE_LOG"], "a") as log:
    print(*sys.argv[1:], file=log)
time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
sys.exit(int(os.environ.get("FAKE_EXIT", "0")))
"""

FAKE_PYTHON = """\
#!/bin/sh
# The real interpreter, but pip only writes down what it was asked for.
if [ "$1" = -m ] && [ "$2" = venv ]; then
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/bin/pip"
elif [ "$1" = -m ] && [ "$2" = pip ]; then
    shift 2
    exec "{real}" "{pip}" "$@"
elif [ "$1" = -c ] && [ "${{2#*purelib}}" != "$2" ]; then
    mkdir -p "{site}" && echo "{site}"
else
    exec "{real}" "$@"
fi
"""


def shell(command: list[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PATH": "/usr/bin:/bin"} | variables
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A folder with the script, two small locks, a small crossbook, and a Python whose pip does nothing."""
    folder = tmp_path / "a checkout"
    (folder / "requirements").mkdir(parents=True)
    (folder / "crossbook/cli").mkdir(parents=True)
    (folder / "crossbook/__init__.py").touch()
    (folder / "crossbook/cli/__init__.py").touch()
    (folder / "crossbook/cli/main.py").write_text(
        "import os, sys\n\n\ndef main() -> int:\n    print(os.getcwd(), *sys.argv[1:])\n    return 7\n"
    )
    shutil.copy(root / "run", folder / "run")
    (folder / "requirements/run.lock").write_text("one==1\n")
    (folder / "requirements/dev.lock").write_text("one==1\ntwo==2\n")
    fake_pip = tmp_path / "pip.py"
    fake_pip.write_text(FAKE_PIP)
    fake = tmp_path / "python"
    site = folder / ".venv/lib/python/site-packages"
    fake.write_text(FAKE_PYTHON.format(real=sys.executable, pip=fake_pip, site=site))
    fake.chmod(0o755)
    return folder


def run(
    checkout: Path, *words: str, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    fakes = {
        "PYTHON": str(checkout.parent / "python"),
        "FAKE_LOG": str(checkout.parent / "log"),
        "PYTHONPATH": str(checkout),
    }
    return shell([str(checkout / "run"), *words], cwd or checkout, **(fakes | variables))


def installs(checkout: Path) -> list[str]:
    log = checkout.parent / "log"
    return [line.rsplit("/", 1)[-1] for line in log.read_text().splitlines()] if log.exists() else []


def test_shellcheck(root: Path) -> None:
    program = shutil.which("shellcheck")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("missing shellcheck under CI is a failure")
    if program is None:
        pytest.skip("shellcheck is not installed")
    done = shell([program, "run", ".ci/run"], root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("words", [[], ["help"]])
def test_the_table_needs_nothing(checkout: Path, words: list[str]) -> None:
    done = run(checkout, *words)
    assert done.returncode == 0
    assert [word for word in COMMANDS if f"./run {word} " not in done.stdout] == []
    assert not (checkout / ".venv").exists()


def test_an_old_python_gets_one_line(checkout: Path) -> None:
    old = checkout.parent / "old"
    old.write_text("#!/bin/sh\necho 3.10\n")
    old.chmod(0o755)
    done = run(checkout, "scan", PYTHON=str(old))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "3.11 to 3.14 is needed, found 3.10" in done.stderr
    assert "uv" in done.stderr


def test_a_python_without_ensurepip_gets_one_line(checkout: Path) -> None:
    bare = checkout.parent / "bare"
    bare.write_text("#!/bin/sh\ncase $2 in *ensurepip*) exit 1 ;; esac\necho 3.12\n")
    bare.chmod(0o755)
    done = run(checkout, "scan", PYTHON=str(bare))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt-get install python3-venv" in done.stderr


def test_made_once_then_at_once(checkout: Path) -> None:
    first = run(checkout, "scan", "a file", "--json")
    assert first.returncode == 7, first.stderr
    assert "environment ready in" in first.stderr
    assert first.stdout == f"{checkout} scan a file --json\n"
    second = run(checkout, "scan")
    assert second.stderr == ""
    assert installs(checkout) == ["run.lock"]


def test_it_stays_where_the_caller_stands(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(checkout / "run")
    run(checkout, "scan")
    done = shell([str(tmp_path / "link"), "scan", "x"], Path("/"), PYTHONPATH=str(checkout))
    assert done.stdout == "/ scan x\n"


def test_a_failed_install_is_made_again(checkout: Path) -> None:
    failed = run(checkout, "scan", FAKE_EXIT="3")
    assert failed.returncode == 3
    assert failed.stdout == ""
    leftover = checkout / ".venv/leftover"
    leftover.touch()
    assert run(checkout, "scan").returncode == 7
    assert not leftover.exists()


def test_a_changed_lock_makes_it_anew(checkout: Path) -> None:
    run(checkout, "scan")
    leftover = checkout / ".venv/leftover"
    leftover.touch()
    (checkout / "requirements/run.lock").write_text("one==2\n")
    assert run(checkout, "scan").returncode == 7
    assert not leftover.exists()
    assert installs(checkout) == ["run.lock", "run.lock"]


def test_the_level_grows_in_place_and_stays(checkout: Path) -> None:
    run(checkout, "scan")
    kept = checkout / ".venv/kept"
    kept.touch()
    run(checkout, "bench")
    assert kept.exists()
    (checkout / "requirements/run.lock").write_text("one==2\n")
    (checkout / "requirements/dev.lock").write_text("one==2\ntwo==2\n")
    run(checkout, "scan")
    run(checkout, "bench")
    assert installs(checkout) == ["run.lock", "dev.lock", "dev.lock"]


def test_a_lost_interpreter_is_replaced(checkout: Path) -> None:
    run(checkout, "scan")
    python = checkout / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert run(checkout, "scan").returncode == 7


def test_two_calls_at_once_install_once(checkout: Path) -> None:
    env = os.environ | {
        "PATH": "/usr/bin:/bin",
        "PYTHON": str(checkout.parent / "python"),
        "FAKE_LOG": str(checkout.parent / "log"),
        "PYTHONPATH": str(checkout),
        "FAKE_SECONDS": "0.5",
    }
    calls = [
        subprocess.Popen([str(checkout / "run"), "scan"], cwd=checkout, env=env, stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [call.wait(timeout=60) for call in calls] == [7, 7, 7]
    assert installs(checkout) == ["run.lock"]
