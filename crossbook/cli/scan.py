"""``crossbook scan``: recorded odds in, opportunities out."""

from __future__ import annotations

from fractions import Fraction
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Final

import typer

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.wanted import Wanted
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number
from crossbook.cli.ending import EXIT_FAILED, ending_plainly, usage
from crossbook.model.opportunity import ARBITRAGE, FREE_BET, KINDS, Verdict
from crossbook.model.quote import Basis
from crossbook.pipeline.options import Markets, Options, Venues

_OPTIONS: Final = {"bank": "--bank", "unit": "--unit", "least_margin": "--min-margin"}

_EXAMPLES = """Examples:
  crossbook scan season/E0.csv
  crossbook scan recordings/ --markets all --bank 1000 --unit 5 --verdict pure
  crossbook scan odds.json --commission betfair_exchange=0.02 --json
  crossbook scan season/E0.csv --kind value --kind middle --edge 0.03"""


@ending_plainly()
def scan(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, or folders that are read through.", metavar="PATH")
    ],
    form: Annotated[
        str, typer.Option("--format", help="The files' format; auto recognises each file.", metavar="NAME")
    ] = "auto",
    basis: Annotated[
        Basis | None, typer.Option(help="Only prices of this time; every time by default.")
    ] = None,
    markets: Annotated[
        Markets,
        typer.Option(
            help="any: whatever is quoted. 1x2: match result alone. all: matches with several markets."
        ),
    ] = Markets.ANY,
    venues: Annotated[
        Venues, typer.Option(help="named: bookmakers a season archive names. all: its exchange prices too.")
    ] = Venues.NAMED,
    bank: Annotated[
        str, typer.Option(help="The money that stakes are planned for.", metavar="MONEY")
    ] = "100",
    unit: Annotated[
        str, typer.Option(help="What stakes move by where a venue is silent.", metavar="MONEY")
    ] = "1",
    commission: Annotated[
        list[str] | None,
        typer.Option(
            help="The share of net winnings a venue keeps, such as BFE=0.02; may be given again.",
            metavar="VENUE=RATE",
        ),
    ] = None,
    min_margin: Annotated[
        str, typer.Option(help="Report only returns above 1 + this.", metavar="SHARE")
    ] = "0",
    verdict: Annotated[
        list[Verdict] | None, typer.Option(help="Only these verdicts; may be given again. All by default.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What is looked for: {', '.join(KINDS)}; may be given again. Arbitrage by default.",
            metavar="KIND",
        ),
    ] = None,
    edge: Annotated[
        str, typer.Option(help="What a value has to be worth above its fair odds.", metavar="SHARE")
    ] = "0.02",
    cost: Annotated[str, typer.Option(help="What a low hold may cost at most.", metavar="SHARE")] = "0.02",
    free_bet: Annotated[
        list[str] | None,
        typer.Option(
            help="A free bet to turn into money, such as bet365=20; may be given again.",
            metavar="VENUE=AMOUNT",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, the summary last.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One CSV row for each leg.")] = False,
) -> None:
    """Scan recorded odds for combinations that cannot lose, with stakes for a bank.

    Every opportunity comes with a verdict and its reasons. Nothing is placed anywhere.
    """
    from crossbook.app.build import build_scan
    from crossbook.cli.output import CsvOutput, JsonOutput, Output, TableOutput, progress

    if as_json and as_csv:
        raise usage("--json and --csv exclude each other")
    options = Options(
        terms=_terms(bank, unit, min_margin),
        form=form,
        basis=basis,
        markets=markets,
        venues=venues,
        commissions=dict(rate_of(text) for text in commission or []),
        verdicts=frozenset(verdict or Verdict),
        kinds=_kinds(kind, free_bet),
        wanted=_wanted(edge, cost, free_bet or []),
    )
    work = build_scan(options)
    output: Output = JsonOutput() if as_json else CsvOutput() if as_csv else TableOutput()
    with progress() as tell:
        for opportunity in work.run(paths, tell):
            output.show(opportunity)
    output.finish(work.summary)
    if not work.summary.files:
        raise typer.Exit(EXIT_FAILED)


scan.__doc__ = f"{cleandoc(scan.__doc__ or '')}\n\n\b\n{_EXAMPLES}"


def _terms(bank: str, unit: str, min_margin: str) -> Terms:
    terms = Terms(_number("--bank", bank), _number("--unit", unit), _number("--min-margin", min_margin))
    for name, wrong in terms.doubts():
        raise usage(f"{_OPTIONS[name]}: {wrong}")
    return terms


def _kinds(told: list[str] | None, free_bet: list[str] | None) -> frozenset[str]:
    for unknown in set(told or ()) - set(KINDS):
        raise usage(f"--kind: {unknown!r} is not one of {', '.join(KINDS)}")
    if FREE_BET in (told or ()) and not free_bet:
        raise usage("--kind free_bet: say which, such as --free-bet bet365=20")
    return frozenset(told or {FREE_BET if free_bet else ARBITRAGE})


def _wanted(edge: str, cost: str, free_bets: list[str]) -> Wanted:
    wanted = Wanted(
        least_edge=_number("--edge", edge),
        most_cost=_number("--cost", cost),
        free_bets=tuple(map(_free_bet_of, free_bets)),
    )
    for name, wrong in wanted.doubts():
        option = {"least_edge": "--edge", "most_cost": "--cost"}.get(name, "--free-bet")
        raise usage(f"{option}: {wrong}")
    return wanted


def _free_bet_of(text: str) -> FreeBet:
    venue, equals, amount = text.partition("=")
    if not venue or not equals:
        raise usage(f"--free-bet: {text!r} is not VENUE=AMOUNT, such as bet365=20")
    return FreeBet(name=text, venue=venue, amount=_number("--free-bet", amount))


def rate_of(text: str) -> tuple[str, Fraction]:
    """The venue and the rate of a ``--commission``; a wrong one ends the command."""
    venue, equals, rate = text.partition("=")
    number = _number("--commission", rate if equals else text)
    if not venue or not equals or not 0 <= number < 1:
        raise usage(
            f"--commission: {text!r} is not VENUE=RATE with a rate from 0 to below 1, such as BFE=0.02"
        )
    return venue, number


def _number(name: str, text: str) -> Fraction:
    try:
        return parse_number(text)
    except BadData as error:
        raise usage(f"{name}: {error}") from None
