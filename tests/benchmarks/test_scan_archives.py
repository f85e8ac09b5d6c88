"""The benchmark's candidates give one answer, and it notices when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.made_up_seasons import write_seasons
from benchmarks.scan_archives import CANDIDATES, answer, demand_agreement


@pytest.fixture(scope="module")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_seasons(tmp_path_factory.mktemp("seasons"), seasons=("2021",))


def test_all_candidates_agree(seasons: Path) -> None:
    answers = {name: answer(name, seasons)["answers"] for name in CANDIDATES}
    demand_agreement(answers)
    assert len(answers["naive"]) > 0


def test_a_different_answer_stops_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="differs"):
        demand_agreement({"naive": {"match": 1.01}, "crossbook": {}})
    with pytest.raises(SystemExit, match="differs by"):
        demand_agreement({"naive": {"match": 1.01}, "crossbook": {"match": 1.02}})


def test_the_same_seed_makes_the_same_seasons(seasons: Path, tmp_path: Path) -> None:
    again = write_seasons(tmp_path, seasons=("2021",))
    files = sorted(path.relative_to(seasons) for path in seasons.rglob("*.csv"))
    assert len(files) == 3
    assert all((seasons / name).read_bytes() == (again / name).read_bytes() for name in files)


def test_an_unknown_benchmark_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "nothing"])
    with pytest.raises(SystemExit):
        main()
    assert "no benchmark nothing" in capsys.readouterr().err
