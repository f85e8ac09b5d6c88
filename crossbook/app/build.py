"""The only place that chooses: which clock, which readers, how many processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from crossbook.base.clock import SystemClock
from crossbook.base.errors import Retry
from crossbook.pipeline.options import Options
from crossbook.pipeline.scan import Part, Scan, Task
from crossbook.replay.scanning import scan_recording
from crossbook.venues import readers


def build_scan(options: Options, processes: int | None = None) -> Scan:
    """A scan with every reader there is, the machine's clock, and (by default) all of its processors."""
    count = processes or _processors()
    spread = map if count == 1 else _in_processes(count)
    return Scan(options, readers(), SystemClock(), spread, partial(scan_recording, readers()))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(count: int) -> Callable[[Callable[[Task], Part], Iterable[Task]], Iterator[Part]]:
    """A ``map`` over other processes, for more than one task; results come in the order of the tasks."""

    def spread(do: Callable[[Task], Part], tasks: Iterable[Task]) -> Iterator[Part]:
        waiting = list(tasks)
        if len(waiting) < 2:
            yield from map(do, waiting)
            return
        # Forked children start at once and share what is imported. They also inherit locks without the threads that
        # would release them, so no other thread may be at work then. numpy's BLAS keeps one, but ends it itself before
        # a fork and starts it again with its next work; HiGHS stays in the thread that calls it, the progress bar has
        # none, and the pool starts its own after the children.
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
        pool = ProcessPoolExecutor(min(count, len(waiting)), multiprocessing.get_context(method))
        try:
            yield from pool.map(do, waiting)
        except BrokenProcessPool:
            raise Retry(
                "a worker process was ended by the system, most likely for lack of memory; try fewer files at once"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return spread
