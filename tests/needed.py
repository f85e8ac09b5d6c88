"""Programs that only some tests need: without them the tests are skipped, but under CI they fail."""

from __future__ import annotations

import os
import shutil

import pytest

IN_CI = os.environ.get("CI") == "true"


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where the program is missing; under CI run, and fail for want of it."""
    missing = shutil.which(program) is None and not IN_CI
    return pytest.mark.skipif(missing, reason=f"needs {program}: apt-get install {program}")
