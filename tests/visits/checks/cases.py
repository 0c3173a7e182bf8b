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
PR0 = {"proc_date": DAY0}
L1 = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}
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


def day(number: int) -> str:
    """Return a day as a partial date is stored."""
    return on(number).isoformat()


def visit(number: int, **said: Any) -> dict[str, Any]:
    """Return a follow-up page of a visit in the clinic."""
    return {"fu_date": on(number), "contact_mode": "CLIN", "vital_status": "A", **said}


def no_earlier(check: str, form: str, item: str, partial: bool = True) -> Case:
    """Return the cases of a date of day 0 or later; a partial one if its last day is."""
    dated = day if partial else on
    silent: list[dict[str, Any]] = [
        {form: {item: dated(0)}},
        {form: {item: None}},
        {"PR": {"proc_date": None}},
    ]
    silent += [{form: {item: "2026-03"}}, {form: {item: "2026"}}] if partial else []
    holds = [{form: {item: "2026-02"}}, {form: {item: "2025"}}] if partial else []
    return Case(check, {form: {item: dated(-1)}, "PR": PR0}, holds=holds, silent=silent)


def of_target(check: str, form: str, item: str) -> Case:
    """Return the cases of an item that has to name a target lesion."""
    return Case(
        check,
        {"LES": {**L1, "is_target": "N"}, form: {item: "L1"}},
        silent=[{"LES": {"is_target": "Y"}}, {form: {item: None}}],
    )


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
