"""Aliases: other names of a team, each with who said so and on what evidence; nothing here is ever guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from crossbook.base.errors import BadData
from crossbook.matching.countries import COUNTRIES
from crossbook.matching.names import Name, normalise
from crossbook.matching.wellknown import WELL_KNOWN
from crossbook.model.quote import Listing

BUILT_IN = "crossbook"
"""Who stands behind the aliases that come with the program."""


class Alias(msgspec.Struct, frozen=True):
    """One other name of a team: `who` says so and `why`; `evidence` holds the pairs of listings it came from."""

    name: str
    canonical: str
    who: str
    why: str
    evidence: tuple[str, ...] = ()


class Aliases:
    """A set of aliases that never changes: learning and forgetting give a new one.

    Names are compared folded and without qualifiers, so what is learned of a club holds for its women's side too.
    """

    def __init__(self, aliases: Iterable[Alias] = ()) -> None:
        """Raises BadData when two aliases give one name two meanings, or one stands for another alias."""
        known: dict[str, Alias] = {}
        for alias in aliases:
            if known.setdefault(alias.name, alias).canonical != alias.canonical:
                raise BadData(
                    f"alias: {alias.name!r} means both {known[alias.name].canonical!r} and {alias.canonical!r}"
                )
        for alias in known.values():
            if alias.canonical in known:
                raise BadData(f"alias: {alias.canonical!r} is itself an alias")
        self._known = known
        self._canonical = {alias.canonical for alias in known.values()}

    @staticmethod
    def built_in() -> Aliases:
        """The well-known names that come with the program."""
        return _built_in()

    @property
    def known(self) -> Mapping[str, Alias]:
        """Every alias by its name."""
        return MappingProxyType(self._known)

    def find(self, name: Name) -> Alias | None:
        """The alias this name is, if it is one: as written, or without its club-form words."""
        return self._known.get(name.words) or self._known.get(" ".join(name.tokens))

    def resolve(self, name: Name) -> Name:
        """The canonical name, with the qualifiers of the name asked for; the name itself when it is no alias.

        >>> Aliases.built_in().resolve(normalise("Man Utd Women")).text
        'manchester united women'
        """
        alias = self.find(name)
        if alias is None:
            return name
        return msgspec.structs.replace(normalise(alias.canonical), qualifiers=name.qualifiers)

    def learn(self, left: Listing, right: Listing, who: str, why: str, swapped: bool = False) -> Aliases:
        """With what a confirmed pair of listings teaches: that its two names of each side mean one team.

        Raises BadData when that contradicts an alias already known, or the two sides cannot be the same team.
        """
        evidence = pair_id(left, right)
        others = (right.away, right.home) if swapped else (right.home, right.away)
        learned = self
        for one, other in zip((left.home, left.away), others, strict=True):
            learned = learned._with(normalise(one), normalise(other), Alias("", "", who, why, (evidence,)))
        return learned

    def forget(self, name: str) -> Aliases:
        """Without the alias of that name. Raises BadData when there is none."""
        alias = self.find(normalise(name))
        if alias is None:
            raise BadData(f"alias: {name!r} is not known")
        return Aliases(each for each in self._known.values() if each is not alias)

    def withdraw(self, left: Listing, right: Listing) -> Aliases:
        """Without what was learned from this pair alone."""
        evidence = pair_id(left, right)
        kept = []
        for alias in self._known.values():
            rest = tuple(each for each in alias.evidence if each != evidence)
            if rest or not alias.evidence:
                kept.append(msgspec.structs.replace(alias, evidence=rest))
        return Aliases(kept)

    def _with(self, one: Name, other: Name, template: Alias) -> Aliases:
        if one.qualifiers != other.qualifiers:
            raise BadData(f"alias: {one.text!r} and {other.text!r} are different sides of a club")
        first, second = self.resolve(one), self.resolve(other)
        if first.tokens == second.tokens:
            return self._with_evidence((one, other), template.evidence)
        if one.vague or other.vague:
            raise BadData(f"alias: {(one if one.vague else other).text!r} could be anybody")
        anchored = [self.find(name) is not None or name.words in self._canonical for name in (one, other)]
        if all(anchored):
            raise BadData(
                f"alias: {one.words!r} means {first.words!r}, {other.words!r} means {second.words!r}"
            )
        if not any(anchored):  # nobody has settled the canonical name: the longer one says more
            anchored[0] = (len(one.words), one.words) > (len(other.words), other.words)
        name, canonical = (other, first) if anchored[0] else (one, second)
        new = msgspec.structs.replace(template, name=name.words, canonical=canonical.words)
        return Aliases([*self._known.values(), new])

    def _with_evidence(self, names: Iterable[Name], evidence: tuple[str, ...]) -> Aliases:
        """Note one more pair under the learned aliases it confirms, so that one withdrawal does not undo them."""
        confirmed = {alias.name for name in names if (alias := self.find(name)) and alias.evidence}
        return Aliases(
            msgspec.structs.replace(alias, evidence=tuple(sorted({*alias.evidence, *evidence})))
            if alias.name in confirmed
            else alias
            for alias in self._known.values()
        )


def pair_id(left: Listing, right: Listing) -> str:
    """One text for a pair of listings, whichever comes first."""
    return " = ".join(sorted(f"{listing.source}:{listing.key}" for listing in (left, right)))


@cache
def _built_in() -> Aliases:
    aliases = {}
    for canonical, names in (WELL_KNOWN | COUNTRIES).items():
        target = normalise(canonical).words
        for name in map(normalise, names):
            if name.words != target:
                aliases[name.words] = Alias(name.words, target, BUILT_IN, "well known")
    return Aliases(aliases.values())
