"""The live view in a terminal: whole pictures of any size, never longer than the screen, whatever venues send."""

from __future__ import annotations

from fractions import Fraction
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from crossbook.base.clock import SECOND
from crossbook.cli.plain import visible
from crossbook.cli.screen import Screen
from crossbook.model.claim import Claim, Kind
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import bookmaker
from crossbook.pipeline.view import Latency, VenueView, View

START = 1_763_640_000 * SECOND
HOSTILE = "Evil\x1b[2J\x1b]0;owned\x07\u202eFC\r\n\u200b\ud800"
SIZES = [(80, 24), (100, 30), (120, 40), (200, 60)]


def change(
    number: int,
    verdict: Verdict = Verdict.PURE,
    moment: Moment = Moment.OPENED,
    name: str = "Harbour Town",
    legs: int = 2,
) -> Change:
    quote = Quote(
        bookmaker(f"v{number}", f"{name} Bets"),
        Claim.of(Kind.MATCH_RESULT, "home"),
        Side.BACK if number % 2 else Side.LAY,
        Fraction(21, 10),
    )
    share = Fraction(1, legs)
    stakes = tuple(Stake(Fraction(50), Fraction(55)) for _ in range(legs))
    opportunity = Opportunity(
        listing=Listing(
            source="s",
            key=str(number),
            sport="football",
            competition="Coast",
            home=name,
            away=f"{name} {number}",
        ),
        basis=Basis.LIVE,
        verdict=verdict,
        reasons=() if verdict is Verdict.PURE else (Reason("stale", f"the price of {name} is old"),),
        guaranteed_return=1 + Fraction(number + 1, 1000),
        legs=tuple(Leg(quote, share) for _ in range(legs)),
        plan=Plan(Fraction(100), Fraction(1), stakes, Fraction(100), Fraction(1), Fraction(3))
        if number % 3
        else None,
    )
    return Change(
        at=START + number * SECOND,
        moment=moment,
        id=f"life-{number}",
        event="e",
        opened=START,
        opportunity=opportunity,
        why=(Reason("moved", f"{name} 2.1 → 2.0"),) if moment is Moment.CLOSED else (),
    )


def view(
    venues: int = 0, standing: int = 0, refused: int = 0, closed: int = 0, name: str = "Harbour Town"
) -> View:
    return View(
        at=START + 100 * SECOND, started=START, mode="PAPER", version="0", seed=None, ticks=5, quotes=12_345,
        quotes_per_s=99.5, listings=40, events=12, matched=3, review=2, faults=1, dropped=0, streams=[],
        venues=[
            VenueView(
                id=f"v{n}", name=f"{name} {n}", type="bookmaker", streams=("s",), quotes=n, quotes_per_s=1.5,
                last=START if n % 2 else None, state="open" if n % 3 else "lost",
            )
            for n in range(venues)
        ],
        open=[
            *(change(n, name=name, legs=2 + n % 3) for n in range(standing)),
            *(change(100 + n, Verdict.REJECTED, name=name) for n in range(refused)),
        ],
        recent=[change(200 + n, moment=Moment.CLOSED, name=name) for n in range(closed)],
        latency=Latency(1.2, 9.9, 100), store=None, rawlog=None,
    )  # fmt: skip


def drawn(picture: View, width: int, height: int) -> list[str]:
    """The lines of the picture on a terminal of this size, without colours."""
    console = Console(
        width=width, height=height, file=StringIO(), color_system=None, force_terminal=True, emoji=False
    )
    screen = Screen(picture, "http://127.0.0.1:8000/", "no money is moved", 12.5)
    options = console.options.update(width=width, height=height)
    lines = console.render_lines(screen, options, pad=False, new_lines=False)
    return ["".join(segment.text for segment in line if not segment.control) for line in lines]


def natural(picture: View, width: int, height: int) -> list[str]:
    """All that the picture would draw, before anything is cut off."""
    console = Console(width=width, height=height, file=StringIO(), color_system=None, emoji=False)
    with console.capture() as capture:
        console.print(Screen(picture, "http://127.0.0.1:8000/", "no money is moved"))
    return capture.get().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_has_its_place(width: int, height: int) -> None:
    text = "\n".join(drawn(view(4, 2, 2, 2), width, height))
    for words in ("PAPER", "no money is moved", "http://127.0.0.1:8000/", "12,345", "● open", "○ lost"):
        assert words in text
    for words in ("Open now: 2", "Refused now: 2", "Closed lately", "● pure", "✕", "stale", "lived"):
        assert words in text
    assert "ends in 12 s" in text


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_yet_is_said(width: int, height: int) -> None:
    empty = msgspec.structs.replace(view(), ticks=0, latency=None)
    text = "\n".join(drawn(empty, width, height))
    assert "waiting for prices" in text
    assert "nothing closed yet" in text


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("venues", "count"), [(0, 0), (9, 3), (9, 30), (12, 60)])
def test_it_is_never_longer_or_wider_than_the_screen(
    width: int, height: int, venues: int, count: int
) -> None:
    lines = natural(view(venues, count, count, count), width, height)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert "Closed lately" in text
    if count > 20:
        assert "more" in text


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_hostile_names_are_spelled_out(width: int, height: int) -> None:
    lines = natural(view(4, 3, 2, 2, HOSTILE), width, height)
    text = "".join(lines)
    assert r"Evil\x1b[2J" in text
    assert all(each.isprintable() for each in text)


@given(
    st.integers(80, 250), st.integers(24, 80), st.integers(0, 12), st.integers(0, 20), st.text(max_size=30)
)
def test_any_size_and_any_name(width: int, height: int, venues: int, count: int, name: str) -> None:
    lines = natural(view(venues, count, count, count, name), width, height)
    assert len(lines) <= height
    assert visible("".join(lines)) == "".join(lines)


def test_the_best_stands_first_and_the_rest_are_counted() -> None:
    lines = natural(view(2, 30, 0, 0), 80, 24)
    returns = [line.split("%")[0].strip() for line in lines if "● pure" in line]
    assert returns == sorted(returns, key=float, reverse=True)
    assert returns[0] == "3.00"
    (more,) = [line for line in lines if "more" in line]
    assert int(more.split()[2]) == 30 - len(returns)


def test_venues_that_have_no_room_are_counted() -> None:
    lines = natural(view(30), 80, 24)
    (more,) = [line for line in lines if "more" in line]
    named = [line for line in lines if "Harbour Town " in line]
    assert int(more.split()[2]) == 30 - len(named)
    assert len(lines) <= 24
