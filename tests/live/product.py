"""`crossbook up` for the tests: a process of its own over a data folder of its own, asked and killed from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.store.servers import open_folder

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0
UP = (sys.executable, "-m", "crossbook", "up", "--config")
_Found = TypeVar("_Found")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def until(
    look: Callable[[], _Found], what: str, patience_s: float = PATIENCE_S, pause_s: float = 0.01
) -> _Found:
    """Wait for something that no event tells of; gives what was found."""
    end = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < end, f"in {patience_s:g} s never came: {what}"
        time.sleep(pause_s)
    return found


class Product:
    """One data folder and the process over it, started as often as is asked for.

    What it says goes to files, so that nobody has to read for it to go on.
    """

    def __init__(self, folder: Path, settings: str = "[doors]\nports = [0]\n") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "crossbook.toml"
        self.config.write_text(f'data = "{self.data}"\n{settings}', encoding="utf-8")
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def recording(self) -> Path:
        """Where its raw log is."""
        return self.data / "recording"

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process."""
        assert self.process is not None
        return self.process

    @property
    def said(self) -> Path:
        """What the latest process printed."""
        return self.folder / f"said-{self.starts}"

    @property
    def complained(self) -> Path:
        """What the latest process wrote to its standard error."""
        return self.folder / f"complained-{self.starts}"

    def start(self, *command: str) -> None:
        """Start it, by itself or by another command that takes the settings' file last or in place of ``{}``."""
        self.starts += 1
        words = list(command or UP)
        words = [each.replace("{}", str(self.config)) for each in words]
        if str(self.config) not in words:
            words.append(str(self.config))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CROSSBOOK_")}
        env = {**kept, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
        with self.said.open("wb") as out, self.complained.open("wb") as err:
            self.process = subprocess.Popen(words, stdout=out, stderr=err, cwd=ROOT, env=env)

    def port(self) -> int | None:
        """The door it says it has opened, if it has by now."""
        assert self.running.poll() is None, self.words()
        return self.named()

    def named(self) -> int | None:
        """The door that the latest process has named, alive or not."""
        if not self.starts or not self.said.exists():
            return None
        found = _ADDRESS.search(self.said.read_text(encoding="utf-8"))
        return int(found[1]) if found else None

    def ports(self) -> list[int]:
        """All its doors, the one it names first in front; waits until they are open."""
        first = until(self.port, "an address")
        assert first is not None
        listening = {
            each.laddr.port
            for each in psutil.Process(self.running.pid).net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
        }
        return [first, *sorted(listening - {first})]

    def ask(self, path: str) -> Any:
        """What a door answers, as JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.named()}{path}", timeout=20) as answer:
            return json.load(answer)

    def keeps(self) -> bool:
        """Whether its database is there."""
        return self.port() is not None and self.ask("/health/detailed")["parts"]["store"] is not None

    def freeze(self) -> None:
        """Let it do nothing more, as if the moment of its death had come; what it holds stays held."""
        self.running.send_signal(signal.SIGSTOP)
        until(self.is_frozen, "a stopped process", pause_s=0.001)

    def is_frozen(self) -> bool:
        """Whether it has been stopped, by us or by itself."""
        return psutil.Process(self.running.pid).status() == psutil.STATUS_STOPPED

    def kill(self) -> None:
        """SIGKILL."""
        self.running.kill()
        self.running.wait(PATIENCE_S)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a person does; its exit code."""
        self.running.send_signal(how)
        return self.running.wait(PATIENCE_S)

    def words(self) -> str:
        """All that the latest process said."""
        return (
            f"{self.said.read_text(encoding='utf-8')[-3000:]}\n"
            f"{self.complained.read_text(encoding='utf-8')[-6000:]}"
        )

    def close(self) -> None:
        """Leave no process behind, not even a server whose users were killed."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        words = [sys.executable, "-m", "crossbook", "db", "stop", "--config", str(self.config)]
        subprocess.run(words, cwd=ROOT, capture_output=True, check=False, timeout=PATIENCE_S)


NOTICE = "No source is configured: only site workers that connect are heard.\n"


@contextlib.contextmanager
def serving(settings: str) -> Iterator[Product]:
    """A product that serves, with a database; it has to end in good order, with nothing but the usual notice."""
    with open_folder() as folder:
        product = Product(folder, settings)
        try:
            product.start()
            until(product.keeps, "a database")
            yield product
            assert product.end() == 0, product.words()
            assert product.complained.read_text(encoding="utf-8") == NOTICE
            assert not (product.data / "postgres" / "data" / "postmaster.pid").exists()
        finally:
            product.close()
