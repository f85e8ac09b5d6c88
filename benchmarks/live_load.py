"""What site workers send in the benchmark of the live way: made-up matches, priced so that it is known what disagrees.

All prices come from one set of chances for each match and stay below them, so that no combination of them is an
arbitrage. A raised price is above its chance by ten per cent and forms one with the best price of the other side,
which is the plain two-way case that every candidate has to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import exp, factorial
from random import Random

import msgspec

from crossbook.base.clock import SECOND, format_time

LINE = 2.5
RAISED = 1.10
_FIRST_START = 1_800_000_000 * SECOND
_APART = 3 * 3_600 * SECOND
_MOST_GOALS = 12
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is sent. `small` are messages of one match, `boards` of all; `raised` is the share of raised prices."""

    workers: int = 8
    matches: int = 200
    small: int = 16_000
    boards: int = 160
    changed_on_board: int = 5
    raised: float = 0.01
    triggers: int = 350
    triggers_quiet: int = 60
    triggers_usual: int = 50
    paced_per_s: float = 300.0
    seed: int = 1


class Match(msgspec.Struct, frozen=True):
    """Two sides, a start, and the chance of each selection of each market."""

    home: str
    away: str
    start: str
    chances: dict[str, dict[str, float]]
    handicap: float


class Phase(msgspec.Struct, frozen=True):
    """Messages for each worker in the order in which they go out, and how many quotes are in them and changed."""

    messages: list[tuple[int, bytes]]
    quotes: int
    changed: int


class Load:
    """The whole load of one size; the same size makes the same bytes.

    The last matches of the list are kept to end phases with: see `finish`.
    """

    def __init__(self, size: Size, phases: int) -> None:
        self.size = size
        random = Random(f"{size.seed}/matches")
        count = size.matches + phases * size.workers
        names = _names(random, 2 * count)
        self.matches = [
            _match(random, names[2 * place], names[2 * place + 1], place) for place in range(count)
        ]

    def site(self, worker: int) -> str:
        """The site that a worker watches."""
        return f"book{worker:02}"

    def register(self, worker: int, timestamp: str) -> bytes:
        """A worker's first message."""
        return _encode(
            {"type": "worker:register", **self._head(worker), "timestamp": timestamp},
        )

    @cached_property
    def _stand(self) -> dict[tuple[int, int], bytes]:
        """What each worker says of each match now, as JSON."""
        random = Random(f"{self.size.seed}/stand")
        return {
            (worker, place): self._row(random, place, raised=False)
            for worker in range(self.size.workers)
            for place in range(len(self.matches))
        }

    def begin(self, timestamp: str) -> Phase:
        """The first whole board of every worker."""
        messages = [(worker, self._board(worker, timestamp)) for worker in range(self.size.workers)]
        quotes = len(messages) * len(self.matches) * 7
        return Phase(messages, quotes, quotes)

    def small(self, timestamp: str) -> Phase:
        """Messages of one match that changed; some raise its price for over, until the worker prices it again."""
        random = Random(f"{self.size.seed}/small")
        messages = []
        for number in range(self.size.small):
            worker, place = number % self.size.workers, random.randrange(self.size.matches)
            raised = random.random() < self.size.raised
            row = self._stand[worker, place] = self._row(random, place, raised)
            messages.append((worker, self._update(worker, timestamp, [row], partial=True)))
        return Phase(messages, 7 * len(messages), 7 * len(messages))

    def boards(self, timestamp: str) -> Phase:
        """Whole boards, of which a few matches changed; what stood raised is lowered now and then."""
        random = Random(f"{self.size.seed}/boards")
        messages = []
        for number in range(self.size.boards):
            worker = number % self.size.workers
            for place in random.sample(range(self.size.matches), self.size.changed_on_board):
                raised = random.random() < self.size.raised
                self._stand[worker, place] = self._row(random, place, raised)
            messages.append((worker, self._board(worker, timestamp)))
        changed = 7 * len(messages) * self.size.changed_on_board
        return Phase(messages, 7 * len(messages) * len(self.matches), changed)

    def lowered(self, timestamp: str) -> Phase:
        """A whole board of every worker with nothing raised."""
        random = Random(f"{self.size.seed}/lowered")
        for key in self._stand:
            self._stand[key] = self._row(random, key[1], raised=False)
        return self.begin(timestamp)

    def background(self, timestamp: str) -> Iterator[tuple[int, bytes]]:
        """Messages of one match, none of them raised, for ever; the first quarter of the matches is left alone."""
        random = Random(f"{self.size.seed}/background")
        while True:
            worker = random.randrange(self.size.workers)
            place = random.randrange(self.size.matches // 4, self.size.matches)
            row = self._row(random, place, raised=False)
            yield worker, self._update(worker, timestamp, [row], partial=True)

    def trigger(self, number: int, timestamp: str) -> tuple[int, str, bytes, bytes]:
        """A worker, a match by its home side, the message that raises its price, and the one that lowers it."""
        random = Random(f"{self.size.seed}/trigger/{number}")
        worker, place = number % self.size.workers, number % max(1, self.size.matches // 4)
        home = self.matches[place].home
        up, down = (self._row(random, place, raised) for raised in (True, False))
        return (
            worker,
            home,
            self._update(worker, timestamp, [up], partial=True, mark=home),
            self._update(worker, timestamp, [down], partial=True),
        )

    def finish(self, phase: int, timestamp: str) -> list[tuple[int, str, bytes]]:
        """For every worker its last message of a phase, which makes an arbitrage that nothing else makes."""
        random = Random(f"{self.size.seed}/finish/{phase}")
        found = []
        for worker in range(self.size.workers):
            place = self.size.matches + phase * self.size.workers + worker
            home = self.matches[place].home
            row = self._row(random, place, raised=True)
            found.append((worker, home, self._update(worker, timestamp, [row], partial=True, mark=home)))
        return found

    def _head(self, worker: int) -> dict[str, str]:
        return {"worker_id": f"worker-{worker:02}", "site": self.site(worker)}

    def _board(self, worker: int, timestamp: str) -> bytes:
        rows = [self._stand[worker, place] for place in range(len(self.matches))]
        return self._update(worker, timestamp, rows, partial=False)

    def _update(
        self, worker: int, timestamp: str, rows: list[bytes], *, partial: bool, mark: str = ""
    ) -> bytes:
        head = _encode({"type": "odds:update", **self._head(worker), "timestamp": timestamp})
        part = b',"partial":true' if partial else b""
        tail = b',"mark":"%s"}' % mark.encode() if mark else b"}"
        return head[:-1] + part + b',"data":{"matches":[' + b",".join(rows) + b"]}" + tail

    def _row(self, random: Random, place: int, raised: bool) -> bytes:
        """A match as a worker writes it, each price three to five per cent below its chance, but for a raised one."""
        match = self.matches[place]
        prices = {
            market: {
                selection: round(random.uniform(0.95, 0.97) / chance, 3)
                for selection, chance in chances.items()
            }
            for market, chances in match.chances.items()
        }
        prices["ft_hdp"]["handicap"] = match.handicap
        if raised:
            # The other side is low, else the worker's own book would contradict itself.
            chances = match.chances["ft_ou"]
            prices["ft_ou"] = {
                "over": round(random.uniform(RAISED, RAISED + 0.01) / chances["over"], 3),
                "under": round(0.86 / chances["under"], 3),
            }
        prices["ft_ou"]["line"] = LINE
        return _encode(
            {
                "home_team": match.home,
                "away_team": match.away,
                "start_time": match.start,
                "odds": prices,
            }
        )


def _encode(content: object) -> bytes:
    return msgspec.json.encode(content)


def _match(random: Random, home: str, away: str, place: int) -> Match:
    rates = random.uniform(1.2, 1.5), random.uniform(1.2, 1.5)
    scores = {
        (first, second): _poisson(rates[0], first) * _poisson(rates[1], second)
        for first in range(_MOST_GOALS)
        for second in range(_MOST_GOALS)
    }
    home_wins = sum(chance for (first, second), chance in scores.items() if first > second)
    draws = sum(chance for (first, second), chance in scores.items() if first == second)
    over = sum(chance for (first, second), chance in scores.items() if first + second > LINE)
    chances = {
        "ft_1x2": {"home": home_wins, "draw": draws, "away": 1 - home_wins - draws},
        "ft_ou": {"over": over, "under": 1 - over},
        "ft_hdp": {"home": home_wins, "away": 1 - home_wins},
    }
    return Match(home, away, format_time(_FIRST_START + place * _APART), chances, -0.5)


def _poisson(rate: float, count: int) -> float:
    return exp(-rate) * rate**count / factorial(count)


def _names(random: Random, count: int) -> list[str]:
    """So many different names that read like towns."""
    names: dict[str, None] = {}
    while len(names) < count:
        syllables = ("".join((random.choice(_CONSONANTS), random.choice(_VOWELS))) for _ in range(4))
        names["".join(syllables).capitalize()] = None
    return list(names)
