"""What a panel of the dashboard is made of: a table whose numbers are links, from which a chart is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Series:
    """A column of numbers: its words, and the look that charts.js gives it; without one it is not drawn."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One number and the list that it counts; without an address it counts none (a plan, a day to come)."""

    number: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a site, a visit, a quarter, or all of them."""

    name: str
    numbers: Sequence[Number]
    url: str = ""
    beside: str = ""


@dataclass(slots=True)
class Panel:
    """A question, its table, and what its chart shows in a sentence; `kind` as charts.js knows them."""

    id: str
    title: str
    below: str
    kind: str
    heading: str
    series: Sequence[Series]
    lines: Sequence[Line]
    total: Line | None = None
    says: str = ""
    empty: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def address(name: str, **filters: str) -> str:
    """Return the address of a list of the dashboard; filters that say nothing are left out."""
    kept = {key: value for key, value in filters.items() if value}
    return reverse("dashboard-list", args=[name]) + (f"?{urlencode(kept)}" if kept else "")


def elsewhere(name: str, **filters: str) -> str:
    """Return the address of a list that has its own place."""
    return reverse(name) + f"?{urlencode({key: value for key, value in filters.items() if value})}"


class To:
    """Says where the number of a row and a column leads; either may be empty: all of them."""

    def __init__(self, name: str, row: str, column: str, *, own: bool = True, **always: str) -> None:
        self.name, self.row, self.column, self.own, self.always = name, row, column, own, always

    def __call__(self, row: str, column: str) -> str:
        filters = {**self.always, self.column: column}
        if row:
            filters[self.row] = row
        return address(self.name, **filters) if self.own else elsewhere(self.name, **filters)


def crossed(
    counts: Mapping[tuple[str, ...], int], rows: Iterable[str], columns: Sequence[str], *, to: To
) -> list[Line]:
    """Return a line per row and a number per column, each with its list."""
    return [
        Line(row, [Number(counts.get((row, column), 0), to(row, column)) for column in columns])
        for row in rows
    ]
