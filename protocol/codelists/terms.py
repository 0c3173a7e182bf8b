"""What a codelist is: codes, in the order in which they are offered, with their decodes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from protocol.version import FIRST, in_force
from protocol.words import Bilingual


@dataclass(frozen=True, slots=True)
class Term:
    """One code and what it means; a version of the protocol offers it from `since` on and before `until`."""

    code: str
    label: Bilingual
    since: str = FIRST
    until: str | None = None


@dataclass(frozen=True)
class Codelist:
    """The codes that an item may take; a code is never reused and never changes its meaning.

    `terms` may be chosen; those of `past` are decoded where they stand, and chosen no more or not yet.
    """

    name: str
    terms: tuple[Term, ...]
    past: tuple[Term, ...] = ()

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(term.code for term in self.terms)

    @cached_property
    def _labels(self) -> dict[str, Bilingual]:
        return {term.code: term.label for term in (*self.past, *self.terms)}

    def at(self, version: str, *, keep: Collection[str] = ()) -> "Codelist":
        """Return the list as a version offers it; codes of `keep` stand on a page already and may stay."""
        offered = tuple(
            term for term in self.terms if in_force(version, term.since, term.until) or term.code in keep
        )
        if len(offered) == len(self.terms):
            return self
        past = tuple(term for term in self.terms if term not in offered)
        return replace(self, terms=offered, past=(*self.past, *past))

    def decode(self, code: str) -> Bilingual:
        """Return what `code` means; KeyError when it is not in the list."""
        return self._labels[code]

    def __contains__(self, code: object) -> bool:
        return code in self.codes


def codelist(
    name: str, *terms: str, since: Mapping[str, str] | None = None, until: Mapping[str, str] | None = None
) -> Codelist:
    """Read terms in the protocol's own notation: code=English/Chinese, or code=words of both.

    `since` and `until` name, by code, the version that added or retired a term.
    """
    read = []
    for term in terms:
        code, words = term.split("=", 1)
        english, _, chinese = words.partition("/")
        label = Bilingual(english, chinese or english)
        read.append(Term(code, label, (since or {}).get(code, FIRST), (until or {}).get(code)))
    return Codelist(name, tuple(read))
