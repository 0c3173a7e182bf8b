"""What an explanation is made of: cites (page and item), lines and steps, as data without words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from outcomes.derivation import Derived
from outcomes.time_to_event import Source


@dataclass(frozen=True, slots=True)
class Cite:
    """A page and item that a line points at, with what is needed to name it."""

    page: str
    item: str
    kind: str
    number: int
    day: int
    visit: str = ""

    def at(self, item: str) -> Cite:
        """Return the same page at another item."""
        return replace(self, item=item)

    def as_json(self) -> list[Any]:
        """Return the stored form."""
        return [self.page, self.item, self.kind, self.number, self.day, self.visit]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Cite:
        """Read the stored form."""
        return cls(*stored)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: its name, its facts and, where it has one, the page and item it points at."""

    say: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    cite: Cite | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        stored: dict[str, Any] = {"say": self.say}
        if self.facts:
            stored["facts"] = dict(self.facts)
        if self.cite is not None:
            stored["cite"] = self.cite.as_json()
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Line:
        """Read the stored form."""
        cite = Cite.from_json(stored["cite"]) if "cite" in stored else None
        return cls(stored["say"], stored.get("facts", {}), cite)


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered step: a headline and the sentences under it."""

    say: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"say": self.say, "facts": dict(self.facts), "lines": [line.as_json() for line in self.lines]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Step:
        """Read the stored form."""
        return cls(stored["say"], stored["facts"], [Line.from_json(line) for line in stored["lines"]])


def cite_of(derived: Derived, source: Source) -> Cite:
    """Return the cite of a source, with the visit of the page where it belongs to one."""
    subject = derived.subject
    visit = ""
    if source.kind in ("FU", "DISC"):
        visit = next((one.visit or "" for one in subject.contacts if one.page == source.page), "")
    elif source.kind in ("DUS", "IMG"):
        visit = next((one.visit or "" for one in subject.readings if one.page == source.page), "")
    elif source.kind == "ABI":
        visit = next((one.visit or "" for one in subject.pressures if one.page == source.page), "")
    return Cite(source.page, source.item, source.kind, source.number, source.day, visit)
