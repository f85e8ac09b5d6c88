"""How a way to decide about prices does on the set: faults caught and named, honest arbitrages kept.

It is any function from a listing and its quotes to verdicts; the product's is `product`. Measure that one:
``python -m tests.faults.measure [--seed N] [--per-class N] [--json] [--failed] [--show CASE]``.

- *caught*: no actionable opportunity (``pure`` or ``rule_exposed``) has a leg among the quotes at fault.
- *named*: caught, and a refused opportunity with a leg at fault has an acceptable reason (see `tests.faults.reasons`);
  *cause* counts those whose reason says what happened, not only what it looks like.
- *silent*: caught, and nothing was said of the quotes at fault at all.
- *refused wrongly*: a clean event's honest arbitrage, or one of at least four fifths of its margin, is not reported as
  actionable. *Made up*: a clean event without an arbitrage, and yet something actionable is reported.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Protocol

from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.model.opportunity import Leg, Opportunity, Reason, Verdict
from crossbook.model.quote import Listing, Quote
from tests.faults import cases
from tests.faults.cases import Case
from tests.faults.reasons import ANSWERS, plain_name

ACTIONABLE: Final = frozenset({Verdict.PURE, Verdict.RULE_EXPOSED})
KEPT: Final = 0.8
"""The part of an honest margin that must be reported."""
CAUGHT_AND_NAMED: Final = 0.99
REFUSED_WRONGLY: Final = 0.005


class Decided(Protocol):
    """What is said of some legs; an `Opportunity` is one."""

    @property
    def verdict(self) -> Verdict:
        """``pure`` or ``rule_exposed`` for what may be acted on."""
        ...

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the verdict is not better."""
        ...

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The bets."""
        ...

    @property
    def guaranteed_return(self) -> Fraction:
        """What one unit at risk gives back at least."""
        ...


Decide = Callable[[Listing, Sequence[Quote]], Sequence[Decided]]


def product(listing: Listing, quotes: Sequence[Quote]) -> list[Opportunity]:
    """What Crossbook says of one event, at its usual terms; what it could not solve is left out."""
    found = opportunities([(listing, quotes)], Terms())
    return [one for one in found if isinstance(one, Opportunity)]


@dataclass(frozen=True)
class Outcome:
    """What was made of one case."""

    name: str
    kind: str
    clean: bool
    caught: bool = False
    named: bool = False
    cause: bool = False
    silent: bool = False
    honest: bool = False
    kept: bool = False
    made_up: bool = False
    gain: float = 0.0
    """The most that an actionable opportunity with a leg at fault promises."""
    reasons: tuple[str, ...] = ()
    """The names given to refused opportunities with a leg at fault; for a clean case, to any refused one."""

    @property
    def failed(self) -> bool:
        """Whether what is asked was not done here."""
        if self.clean:
            return self.made_up or (self.honest and not self.kept)
        return not self.named


def _same(quote: Quote, other: Quote) -> bool:
    return quote is other or quote == other


def outcome(case: Case, decide: Decide) -> Outcome:
    """What is made of the case."""
    said = decide(case.listing, case.quotes)
    actionable = [one for one in said if one.verdict in ACTIONABLE]
    bad = [case.quotes[place] for place in sorted(case.faulty)]

    def at_fault(one: Decided) -> bool:
        return any(_same(leg.quote, quote) for leg in one.legs for quote in bad)

    best = max((float(one.guaranteed_return) - 1 for one in actionable if not at_fault(one)), default=0.0)
    kept = best >= KEPT * case.honest
    refused = [one for one in said if one.verdict is Verdict.REJECTED and (case.clean or at_fault(one))]
    reasons = tuple(dict.fromkeys(plain_name(reason.name) for one in refused for reason in one.reasons))
    if case.clean:
        made_up = case.honest == 0 and bool(actionable)
        return Outcome(
            case.name, case.kind, True, honest=case.honest > 0, kept=kept, made_up=made_up, reasons=reasons
        )
    answer = ANSWERS[case.kind]
    caught = not any(at_fault(one) for one in actionable)
    return Outcome(
        case.name,
        case.kind,
        False,
        caught=caught,
        named=caught and not (answer.cause | answer.symptom).isdisjoint(reasons),
        cause=caught and not answer.cause.isdisjoint(reasons),
        silent=caught and not refused,
        honest=case.honest > 0,
        kept=kept,
        gain=max((float(one.guaranteed_return) - 1 for one in actionable if at_fault(one)), default=0.0),
        reasons=reasons,
    )


@dataclass
class Row:
    """The counts of one class, or of all."""

    kind: str
    clean: bool
    cases: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, one: Outcome) -> None:
        """Count one case."""
        self.cases += 1
        for word in ("caught", "named", "cause", "silent", "honest", "made_up", "failed"):
            self.counts[word] += bool(getattr(one, word))
        self.counts["lost"] += one.honest and not one.kept
        self.reasons.update(one.reasons)

    def object(self) -> dict[str, Any]:
        """The row for programs."""
        words = (
            ("honest", "lost", "made_up")
            if self.clean
            else ("caught", "named", "cause", "silent", "honest", "lost")
        )
        counts = {word: self.counts[word] for word in words}
        return {"kind": self.kind, "cases": self.cases, **counts, "reasons": dict(self.reasons.most_common())}


def rows(outcomes: Iterable[Outcome]) -> list[Row]:
    """A row for each class in the order of the set, the faulty before the clean; the last of each is all of them."""
    tables: dict[bool, dict[str, Row]] = {False: {}, True: {}}
    totals = {clean: Row("all", clean) for clean in (False, True)}
    for one in outcomes:
        tables[one.clean].setdefault(one.kind, Row(one.kind, one.clean)).add(one)
        totals[one.clean].add(one)
    return [row for clean in (False, True) for row in (*tables[clean].values(), totals[clean])]


def shares(outcomes: Sequence[Outcome]) -> dict[str, float | bool]:
    """The two shares that are asked for, and whether both are reached."""
    bad = [one for one in outcomes if not one.clean]
    clean = [one for one in outcomes if one.clean]
    named = sum(one.named for one in bad) / max(1, len(bad))
    refused = sum(one.honest and not one.kept for one in clean) / max(1, len(clean))
    standing = sum(one.honest for one in clean)
    return {
        "caught": sum(one.caught for one in bad) / max(1, len(bad)),
        "named": named,
        "cause": sum(one.cause for one in bad) / max(1, len(bad)),
        "clean_refused": refused,
        "honest_refused": refused * len(clean) / max(1, standing),
        "reached": named >= CAUGHT_AND_NAMED and refused <= REFUSED_WRONGLY,
    }


def table(outcomes: Sequence[Outcome]) -> str:
    """The measure as text."""
    text = [
        f"{'fault':20}{'cases':>6}{'caught':>7}{'named':>6}{'cause':>6}{'silent':>7}{'missed':>7}  reasons given"
    ]
    for row in rows(outcomes):
        given = ", ".join(f"{name} {count}" for name, count in row.reasons.most_common(5))
        counts = row.counts
        if row.clean and not any(line.startswith("clean") for line in text):
            text += ["", f"{'clean':20}{'cases':>6}{'honest':>7}{'refused':>8}{'made up':>8}  reasons given"]
        if row.clean:
            figures = f"{row.cases:6}{counts['honest']:7}{counts['lost']:8}{counts['made_up']:8}"
        else:
            missed = row.cases - counts["caught"]
            named = f"{counts['caught']:7}{counts['named']:6}{counts['cause']:6}"
            figures = f"{row.cases:6}{named}{counts['silent']:7}{missed:7}"
        text.append(f"{row.kind:20}{figures}  {given}")
    found = shares(outcomes)
    beneath = [one for one in outcomes if not one.clean and one.honest]
    text += [
        "",
        f"caught {found['caught']:.2%}; caught and named {found['named']:.2%} (asked: {CAUGHT_AND_NAMED:.0%});"
        f" the cause named {found['cause']:.2%}",
        f"clean events wrongly refused {found['clean_refused']:.2%} (asked: at most {REFUSED_WRONGLY:.1%}),"
        f" of those with an honest arbitrage {found['honest_refused']:.2%}",
        f"honest arbitrages beside a fault kept: {sum(one.kept for one in beneath)} of {len(beneath)}",
    ]
    return "\n".join(text)


def measure(decide: Decide, seed: int, per_class: int, per_honest: int, per_plain: int) -> list[Outcome]:
    """The outcome of every case of a seed's set."""
    made = (*cases.faulty(seed, per_class), *cases.clean(seed, per_honest, per_plain))
    return [outcome(case, decide) for case in made]


def _show(case: Case) -> str:
    lines = [f"{case.name}: margin {case.margin:.4f}, honest {case.honest:.4f}, {case.listing.home}"]
    for place, quote in enumerate(case.quotes):
        mark = "*" if place in case.faulty else " "
        size = "" if quote.size is None else f"{float(quote.size):.2f}"
        lines.append(
            f"{mark} {quote.venue.id:16} {quote.claim!s:32} {quote.side.value:4} {float(quote.odds):9.3f} {size:>9}"
            f" {quote.happened} {quote.received}{'' if quote.tradable else ' suspended'}"
        )
    lines += [
        f"{one.verdict} {one.guaranteed_return} {one.reasons}" for one in product(case.listing, case.quotes)
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the measure of the product."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.measure", description=__doc__)
    parser.add_argument("--seed", type=int, default=cases.SEED)
    parser.add_argument("--per-class", type=int, default=cases.PER_CLASS)
    parser.add_argument("--per-honest", type=int, default=cases.PER_HONEST)
    parser.add_argument("--per-plain", type=int, default=cases.PER_PLAIN)
    parser.add_argument("--json", action="store_true", help="one object instead of the table")
    parser.add_argument(
        "--failed",
        action="store_true",
        help="name the cases that went wrong, what the missed faults promise, and the reasons given",
    )
    parser.add_argument(
        "--show", metavar="CASE", help="print one case, stale_times/3 say, and what is said of it"
    )
    given = parser.parse_args()
    if given.show:
        print(_show(cases.one(given.show, given.seed)))
        return
    outcomes = measure(product, given.seed, given.per_class, given.per_honest, given.per_plain)
    failed = [f"{one.name} {one.gain:.4f} {', '.join(one.reasons) or '-'}" for one in outcomes if one.failed]
    if given.json:
        whole = {"seed": given.seed, **shares(outcomes), "rows": [row.object() for row in rows(outcomes)]}
        print(json.dumps(whole | ({"failed": failed} if given.failed else {}), indent=1))
        return
    print(table(outcomes))
    if given.failed:
        print("\n".join(["", "went wrong:", *failed]))


if __name__ == "__main__":
    main()
