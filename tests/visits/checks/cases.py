"""Tables of dossiers: for each check one that holds, and changes after which it still does, or does not.

    Case("EC-016", {"MH": {"dm_years": 61}, "DM": {"age": 60}}, holds=[{"DM": {"age": 59}}],
         silent=[{"MH": {"dm_years": 60}}, {"DM": {"age": None}}])

A change is laid over the dossier, form by form and item by item; a list of pages takes the place of what
stood there, and a form given as None goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.visits.checks.dossiers import NOW, SaidFacts, reading
from visits.checks import CHECKS, Reading

DAY0 = date(2026, 3, 2)
ZONE = ZoneInfo("Asia/Shanghai")
Change = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A check, a dossier for which it holds, and changes of that dossier with and without effect."""

    check: str
    base: Change
    holds: Sequence[Change] = ()
    silent: Sequence[Change] = ()
    facts: Callable[[], SaidFacts] = SaidFacts
    now: datetime = NOW


def on(day: int) -> date:
    """Return the date of a day, counted from the index procedure (day 0)."""
    return DAY0 + timedelta(days=day)


def at(day: int, hour: int = 8) -> datetime:
    """Return a time on a day."""
    return datetime(DAY0.year, DAY0.month, DAY0.day, hour, tzinfo=ZONE) + timedelta(days=day)


def laid_over(base: Any, change: Any) -> Any:
    """Return a dossier with a change laid over it."""
    if not (isinstance(base, Mapping) and isinstance(change, Mapping)):
        return change
    both = {**base, **{name: laid_over(base.get(name), value) for name, value in change.items()}}
    return {name: value for name, value in both.items() if value is not None}


def read(case: Case, change: Change) -> Reading:
    """Return what the check of a case is given after a change."""
    return reading(now=case.now, facts=case.facts(), **laid_over(case.base, change))


def told(cases: Iterable[Case]) -> list[Any]:
    """Return (case, change, whether it holds) for each dossier, named by the check."""
    found = []
    for case in cases:
        holding = [({}, True), *((change, True) for change in case.holds)]
        both = [*holding, *((change, False) for change in case.silent)]
        for number, (change, held) in enumerate(both):
            name = f"{case.check}-{'holds' if held else 'silent'}-{number}"
            found.append(pytest.param(case, change, held, id=name))
    return found


def held_on(case: Case, change: Change) -> list[tuple[str, tuple[str, ...]]]:
    """Return where a check holds: forms and items."""
    return [(f.page.form, f.items) for f in CHECKS[case.check].finds(read(case, change))]


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of some modules of checks."""

    modules: tuple[str, ...]
    cases: list[Case] = field(default_factory=list)

    def untold(self) -> set[str]:
        """Return the checks of these modules that no case is about."""
        here = {
            name for name, one in CHECKS.items() if one.finds.__module__.rpartition(".")[2] in self.modules
        }
        return here - {case.check for case in self.cases}
