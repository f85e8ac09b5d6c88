"""Acts: how what the script says is prepared, raised, ended and cleared away, each at its time.

A fixture that an act has taken is quiet from some time before to some time after, and belongs to that act alone.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.sim.live import truth
from crossbook.sim.live.floor import Floor
from crossbook.sim.live.names import life_of
from crossbook.sim.live.plants import (
    DISCONNECT,
    LATE_QUOTES,
    MALFORMED,
    OPPORTUNITIES,
    SILENCE,
    has_place_for,
)
from crossbook.sim.live.prices import QUIET_CEILING, USUAL_CEILING, Slot, markets_of, offer, reprice
from crossbook.sim.live.script import Act, Ending, Script
from crossbook.sim.live.sources import Deed, Order
from crossbook.sim.live.stage import Stage, stage
from crossbook.sim.truth import Planted

_RETRY: Final = SECOND // 2
_RETRIES: Final = 60
_FAITHFUL: Final = 6
"""On how many fixtures an opportunity is tried as the kind that was wished for, before any kind will do."""
_MOST_TRIED: Final = 20
"""On how many fixtures an opportunity is tried at one time; proofs are not cheap."""
_RESTORED: Final = 3 * SECOND // 10
"""How soon after an act's end the rest of its prices go back to what is usual."""
_WITHDRAWN: Final = 3 * SECOND // 2
"""How soon a market that was withdrawn comes back: late enough that whoever keeps its prices is found out."""
_BEFORE_GONE: Final = SECOND // 2
_AFTER_GONE: Final = SECOND


class Acts:
    """The acts of a script on the boards of a floor; `busy` are the fixtures that are taken."""

    def __init__(self, seed: int, script: Script, floor: Floor) -> None:
        self.busy: set[int] = set()
        self._seed = seed
        self._script = script
        self._floor = floor
        self._begun = 0
        self._gone: list[tuple[str, int, int]] = []
        """Sources that the script takes away: from when to when nothing else may stand on them."""

    def begin(self, now: int) -> None:
        """Let the script's times count from here."""
        self._begun = now
        self._floor.at(now, partial(self._load, 0))

    def _load(self, round_number: int, at: int) -> None:
        pause = self._script.pause
        acts = self._script.acts(round_number)
        self._gone = [each for each in self._gone if each[2] > at]
        for act in acts:
            raise_at = self._begun + act.at
            if act.name == MALFORMED:
                self._floor.at(raise_at, partial(self._garble, act))
                continue
            if act.source:
                gone = raise_at + act.lasts
                self._gone.append((act.source, gone - _BEFORE_GONE, gone + act.down + _AFTER_GONE))
            self._floor.at(max(at, raise_at - pause), partial(self._prepare, act, raise_at, 0))
        if acts:
            following = self._begun + (round_number + 1) * self._script.length - 2 * pause
            self._floor.at(max(at + 1, following), partial(self._load, round_number + 1))

    # ------------------------------------------------------------ before

    def _prepare(self, act: Act, raise_at: int, tries: int, at: int) -> None:
        """Find fixtures for an act and make them quiet; without any, look again a little later."""
        random = Random(f"{self._seed}/live/acts/{act.number}/{tries}")
        stages: list[Stage] = []
        for place, number in enumerate(self._free(act, random)):
            if len(stages) == act.fixtures or (place == _MOST_TRIED and not _by_price(act)):
                break
            staged = self._staged(act, number, at, raise_at, random, place)
            if staged is not None:
                stages.append(staged)
                self._quieten(staged, at)
        if act.source:
            self._floor.at(raise_at + act.lasts, partial(self._take_away, act, stages))
        elif not stages and tries < _RETRIES:
            self._floor.at(at + _RETRY, partial(self._prepare, act, raise_at + _RETRY, tries + 1))

    def _free(self, act: Act, random: Random) -> list[int]:
        free = [
            number
            for number, board in self._floor.boards.items()
            if number not in self.busy
            and (not act.source or any(seat.source == act.source for seat in board.seats.values()))
            and has_place_for(act.name, board)
        ]
        random.shuffle(free)
        return free

    def _staged(
        self, act: Act, number: int, at: int, raise_at: int, random: Random, place: int
    ) -> Stage | None:
        board = self._floor.boards[number]
        until = self._ending_of(act) if act.source else raise_at + act.lasts
        gone = {source for source, begin, end in self._gone if begin < until and raise_at < end}
        away = [seat.venue for seat in board.seats.values() if seat.source in gone - {act.source}]
        among = [seat.venue for seat in board.seats.values() if seat.source == act.source]
        kinds = random.sample(list(OPPORTUNITIES), len(OPPORTUNITIES))
        if act.name in OPPORTUNITIES:
            kinds = [act.name] if place < _FAITHFUL else [act.name, *kinds]
        return stage(act, board, at=at, raise_at=raise_at, kinds=kinds, away=away, among=among, random=random)

    def _quieten(self, staged: Stage, at: int) -> None:
        """Take the fixture, and lower what stands too high on it."""
        self.busy.add(staged.fixture)
        board = self._floor.boards[staged.fixture]
        board.ceiling = QUIET_CEILING
        board.prices.clear()
        board.prices.update(staged.quiet.prices)
        board.seats.update(staged.quiet.seats)
        for venue, market in staged.lowered:
            self._floor.post((staged.fixture, venue, market), at)
        for venue, time in staged.times.items():
            self._floor.at(time, partial(self._raise, staged, venue))
        self._floor.at(staged.complete, partial(self._stand, staged))

    # ------------------------------------------------------------ while it stands

    def _raise(self, staged: Stage, venue: str, at: int) -> None:
        """Post what one venue adds."""
        board = self._floor.boards[staged.fixture]
        board.seats[venue] = staged.seats[venue]
        for part, prices in staged.raised.items():
            if part[0] == venue:
                board.clear(*part)
                board.prices.update({(price.venue, price.bet, price.side): price for price in prices})
                slot = (staged.fixture, *part)
                if staged.suspended:
                    self._floor.suspended.add(slot)
                self._floor.post(slot, at)

    def _stand(self, staged: Stage, at: int) -> None:
        """All of it is posted: note it, and when it ends."""
        act = staged.act
        numbers = tuple(self._floor.number_of(price) for price in staged.prices)
        until = at + act.lasts
        planted = staged.planted
        if isinstance(planted, Planted):
            if act.source:
                until = self._ending_of(act)
            self._floor.write(
                truth.Planted(
                    kind=planted.kind,
                    fixture=planted.fixture,
                    legs=numbers,
                    guaranteed_return=planted.guaranteed_return,
                    at=self._floor.not_before(at),
                    until=until,
                )
            )
        else:
            self._fault(act.name, staged.fixture, numbers, until, planted.note, at, together=staged.sisters)
        if act.name == LATE_QUOTES:
            self._repeat(staged, at, until)
        if not act.source:
            self._floor.at(until, partial(self._end, staged))

    def _repeat(self, staged: Stage, at: int, until: int) -> None:
        """Take late quotes down in the moment they are posted, and have them sent after all."""
        prices = tuple(price for each in staged.raised.values() for price in each)
        board = self._floor.boards[staged.fixture]
        for part in staged.raised:
            board.clear(*part)
            board.prices.update(
                {(price.venue, price.bet, price.side): price for price in staged.quiet.of(*part)}
            )
            self._floor.post((staged.fixture, *part), at)
        self._floor.order(
            Order(
                deed=Deed.REPEAT_OLD,
                source=prices[0].source,
                at=at,
                until=until,
                fixture=staged.fixture,
                prices=prices,
                stamp=staged.late,
            )
        )

    # ------------------------------------------------------------ after

    def _end(self, staged: Stage, at: int) -> None:
        """End an act: one leg of an opportunity goes its way, the rest of it follows a little later."""
        released = at + _RESTORED
        if isinstance(staged.planted, Planted):
            changed = self._change_one(staged, at)
            away = set[tuple[str, str]]()
            if staged.act.ending is Ending.WITHDRAWN:
                away.add(changed)
                released = at + _WITHDRAWN
                self._floor.at(released, partial(self._restore, staged, away))
            self._floor.at(at + _RESTORED, partial(self._restore, staged, staged.raised.keys() - away))
        else:
            self._restore(staged, staged.raised, at)
        self._floor.at(released + self._script.pause, partial(self._release, staged))

    def _change_one(self, staged: Stage, at: int) -> tuple[str, str]:
        """Let one leg go its way; gives its venue and market."""
        leg = staged.random.choice(staged.prices)
        if staged.act.ending is Ending.WITHDRAWN:
            # Where a venue offers nothing else, its whole listing goes with the market.
            leg = next((each for each in staged.prices if len(markets_of(each.venue)) == 1), leg)
        board = self._floor.boards[staged.fixture]
        slot: Slot = (staged.fixture, leg.venue, leg.market)
        if staged.act.ending is Ending.SUSPENDED:
            self._floor.suspended.add(slot)
        else:
            board.clear(leg.venue, leg.market)
        if staged.act.ending is Ending.MOVED:
            board.seats[leg.venue] = msgspec.structs.replace(board.seats[leg.venue], updated=at)
            offer(board, leg.venue, leg.market, leg.line)
        self._floor.post(slot, at)
        return leg.venue, leg.market

    def _restore(self, staged: Stage, parts: Collection[tuple[str, str]], at: int) -> None:
        """Re-price these parts of an act, still below the quiet ceiling."""
        for venue, market in (part for part in staged.raised if part in parts):
            slot = (staged.fixture, venue, market)
            self._floor.suspended.discard(slot)
            reprice(self._floor.boards[staged.fixture], venue, market, at, staged.random)
            self._floor.post(slot, at)

    def _release(self, staged: Stage, at: int) -> None:
        self._floor.boards[staged.fixture].ceiling = USUAL_CEILING
        self.busy.discard(staged.fixture)

    # ------------------------------------------------------------ sources

    def _ending_of(self, act: Act) -> int:
        """When the prices of a source that is taken away stand no more."""
        gone = self._begun + act.at + act.lasts
        return gone + life_of(act.source) * SECOND if act.name == SILENCE else gone

    def _take_away(self, act: Act, stages: list[Stage], at: int) -> None:
        """Cut a source, or hush it, while prices of its opportunities stand."""
        until = at + act.down
        self._order(Deed.CUT if act.name == DISCONNECT else Deed.HUSH, act.source, at, until)
        begin = self._ending_of(act)
        for staged in stages:
            numbers = tuple(
                self._floor.number_of(price) for price in staged.prices if price.source == act.source
            )
            note = f"{act.source} is gone while its prices tempt"
            fault = partial(self._fault, act.name, staged.fixture, numbers, until, note, together=False)
            self._floor.at(begin, fault)
            self._floor.at(at + _RESTORED, partial(self._restore, staged, staged.raised))
            self._floor.at(until + self._script.pause, partial(self._release, staged))

    def _garble(self, act: Act, at: int) -> None:
        until = at + act.lasts
        self._order(Deed.GARBLE, act.source, at, until)
        board = next(
            board
            for board in self._floor.boards.values()
            if any(seat.source == act.source for seat in board.seats.values())
        )
        note = f"broken messages of {act.source}"
        self._fault(act.name, board.fixture.number, (), until, note, at, together=False)

    def _order(self, deed: Deed, source: str, at: int, until: int) -> None:
        self._floor.order(Order(deed=deed, source=source, at=at, until=until))

    def _fault(
        self,
        name: str,
        fixture: int,
        numbers: tuple[int, ...],
        until: int,
        note: str,
        at: int,
        *,
        together: bool,
    ) -> None:
        self._floor.write(
            truth.FaultPlanted(
                name=name,
                fixture=fixture,
                prices=numbers,
                at=self._floor.not_before(at),
                until=until,
                note=note,
                together=together,
            )
        )


def _by_price(act: Act) -> bool:
    """Whether the act is a fault of prices, which is cheap to try on every fixture."""
    return act.is_fault and not act.source
