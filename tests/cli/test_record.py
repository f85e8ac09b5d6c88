"""`crossbook record`: frames into a folder, no database; a recording goes on where it ended."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import run
from tests.cli.live import ended, environment, first_line, free_port, started, until_open, worker


def record_once(data: Path, folder: Path) -> list[str]:
    """Record two workers for a moment; the changes that were told."""
    port = free_port()
    env = environment(data, CROSSBOOK_PORTS=str(port))
    with started("record", folder, "--json", cwd=data, env=env, bufsize=1) as process:
        until_open(port, process)
        with worker(port, "alpha"), worker(port, "bravo"):
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first
            code, out, err = ended(process)
    assert (code, err) == (0, "")
    return [first.rstrip("\n"), *out.splitlines()[:-1]]


def test_a_recording_goes_on_and_is_replayed_as_it_was_told(data: Path) -> None:
    folder = data / "saturday"
    first = record_once(data, folder)
    second = record_once(data, folder)
    replayed = run("replay", folder, "--json", **environment(data))
    assert (replayed.code, replayed.err) == (0, "")
    assert replayed.out.splitlines()[:-1] == [*first, *second]
    _, summary = replayed.lines()
    assert (summary["damage"], summary["opened"]) == ([], {"rule_exposed": 2})
    assert not (data / "postgres").exists()


def test_a_recording_goes_on_after_a_kill(data: Path) -> None:
    folder, port = data / "saturday", free_port()
    env = environment(data, CROSSBOOK_PORTS=str(port))
    with started("record", folder, "--json", cwd=data, env=env) as process:
        until_open(port, process)
        with worker(port, "alpha"), worker(port, "bravo"):
            assert process.stdout is not None
            first = process.stdout.readline().rstrip("\n")
            process.kill()
            process.wait()
    second = record_once(data, folder)
    replayed = run("replay", folder, "--json", **environment(data))
    assert replayed.out.splitlines()[:-1] == [first, *second]


def test_a_second_process_on_the_same_recording_is_refused(data: Path) -> None:
    folder, port = data / "saturday", free_port()
    with started(
        "record", folder, "--json", cwd=data, env=environment(data, CROSSBOOK_PORTS=str(port))
    ) as process:
        until_open(port, process)
        ran = run("record", folder, "--seconds", "1", **environment(data))
        assert (ran.code, ran.out) == (2, "")
        assert f"crossbook: {folder}: another process records here: give each its own folder\n" in ran.err
        with worker(port, "alpha"), worker(port, "bravo"):
            assert first_line(process)["moment"] == "opened"
            assert ended(process)[0] == 0


def test_a_folder_that_cannot_be_made_ends_with_2(data: Path) -> None:
    (data / "file").write_text("")
    ran = run("record", data / "file" / "x", "--seconds", "1", **environment(data))
    assert ran.code == 2
    assert "cannot be used for a recording" in ran.err
