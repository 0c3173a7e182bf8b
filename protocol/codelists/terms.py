"""What a codelist is: codes, in the order in which they are offered, with their decodes."""

from dataclasses import dataclass
from functools import cached_property

from protocol.words import Bilingual


@dataclass(frozen=True, slots=True)
class Term:
    """One code and what it means."""

    code: str
    label: Bilingual


@dataclass(frozen=True)
class Codelist:
    """The codes that an item may take; a code is never reused and never changes its meaning."""

    name: str
    terms: tuple[Term, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(term.code for term in self.terms)

    @cached_property
    def _labels(self) -> dict[str, Bilingual]:
        return {term.code: term.label for term in self.terms}

    def decode(self, code: str) -> Bilingual:
        """Return what `code` means; KeyError when it is not in the list."""
        return self._labels[code]

    def __contains__(self, code: object) -> bool:
        return code in self._labels


def codelist(name: str, *terms: str) -> Codelist:
    """Read terms in the protocol's own notation: code=English/Chinese, or code=words of both."""
    read = []
    for term in terms:
        code, words = term.split("=", 1)
        english, _, chinese = words.partition("/")
        read.append(Term(code, Bilingual(english, chinese or english)))
    return Codelist(name, tuple(read))
