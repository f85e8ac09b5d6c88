"""The rule sets as they stand in `docs/settlement-rules.md`. Prints them: ``python -m tests.model.rule_table``."""

from __future__ import annotations

from crossbook.model.rule_sets import RULE_SETS


def table() -> str:
    """A row for every source of every rule set, with what it says of a sport."""
    rows = ["| venue | sport | rules | source |", "|---|---|---|---|"]
    for one in RULE_SETS:
        told: dict[tuple[str, str], list[str]] = {}
        for rule in one.rules:
            told.setdefault((rule.sport, rule.source), []).append(f"{rule.word.value} {rule.value}")
        for (sport, source), words in told.items():
            rows.append(f"| {one.name} | {sport or 'all'} | {', '.join(words)} | {source} |")
    return "\n".join(rows)


def notes() -> str:
    """A line for every rule set with exceptions."""
    return "\n".join(f"- {one.name}: {one.notes}" for one in RULE_SETS if one.notes)


if __name__ == "__main__":
    print(f"{table()}\n\n{notes()}")
