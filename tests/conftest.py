"""What every test may use: hypothesis profiles and the folder with real recorded data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("long", max_examples=5_000, deadline=None)

IN_CI = os.environ.get("CI") == "true"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev"))


@pytest.fixture(scope="session")
def root(pytestconfig: pytest.Config) -> Path:
    """The repository's root folder."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def real_data(root: Path) -> Path:
    """The folder with real recorded data: CROSSBOOK_REAL_DATA, or ../shared/data beside the checkout."""
    folder = (root / os.environ.get("CROSSBOOK_REAL_DATA", "../shared/data")).resolve()
    if folder.is_dir():
        return folder
    if IN_CI:
        pytest.fail(f"missing real data under CI is a failure: {folder}")
    pytest.skip(f"no real recorded data at {folder} (set CROSSBOOK_REAL_DATA)")
