"""Compiled kernels for a run: where they are kept, said before the compiler is imported, and getting them ready."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import MutableMapping
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from crossbook import __version__
from crossbook.arbitrage.known import Certificates

_log: Final = logging.getLogger(__name__)
_SETTING: Final = "NUMBA_CACHE_DIR"
_SOURCES: Final = ("crossbook.arbitrage.watching.kernel",)
"""All modules with compiled functions: a kept function does not notice that one it calls was changed."""


def keep_compiled(environment: MutableMapping[str, str] | None = None) -> Path | None:
    """Have compiled code kept in the user's cache folder; returns where, None where nothing can be written.

    What the user chose with NUMBA_CACHE_DIR stays. Without a folder kernels are compiled anew in every process.
    """
    environment = os.environ if environment is None else environment
    chosen = environment.get(_SETTING)
    try:
        folder = Path(chosen) if chosen else _cache(environment) / "crossbook" / "compiled" / _fingerprint()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError):
        environment.pop(_SETTING, None)
        return None
    environment[_SETTING] = str(folder)
    return folder


def speed_up(certificates: Certificates) -> None:
    """Compile the kernels, or load them, and have them used from then on; meant for a thread of its own.

    Until then, and where there is no compiler, certificates are found by numpy, with the same answers.
    """
    keep_compiled()
    try:
        from crossbook.arbitrage.watching.ready import ready_solver

        certificates.solver = ready_solver()
    except Exception:
        _log.warning("kernels cannot be compiled; the search goes on without them", exc_info=True)


def _cache(environment: MutableMapping[str, str]) -> Path:
    named = Path(environment.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".cache"


def _fingerprint() -> str:
    """A name that is another one whenever a kernel is."""
    digest = blake2b(digest_size=8)
    for name in _SOURCES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            digest.update(Path(spec.origin).read_bytes())
    return f"{__version__}-{digest.hexdigest()}"
