"""The writer of bad input judged: every file is there and is what it is said to be."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.oracles.hostile import write_all


def test_every_bad_input_is_written(tmp_path: Path) -> None:
    target = tmp_path / "bad"
    files = write_all(target)
    assert len(files) == len({file.name for file in files}) == len(list(target.iterdir())) >= 60
    assert all(file.what for file in files)
    for file in files:
        path = target / file.name
        if file.data is None:
            assert path.is_symlink() or path.is_dir() or stat.S_ISFIFO(path.stat().st_mode)
        else:
            assert path.stat().st_size == len(file.data)
    assert stat.S_IMODE((target / "unreadable.csv").stat().st_mode) == 0
    assert (target / "link_to_itself.csv").is_symlink()
    assert (target / "zeros.bz2").stat().st_size < 1000
    with pytest.raises(ValueError, match="not empty"):
        write_all(target)
