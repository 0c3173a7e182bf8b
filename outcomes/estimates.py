"""Stored results of one endpoint as estimates per cohort, or pooled where the cohort may not be seen.

Pure Python on integers: the web process never loads an analysis library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from outcomes.stats.aalen_johansen import Incidence, aalen_johansen
from outcomes.stats.kaplan_meier import Curve, kaplan_meier
from outcomes.stats.limits import Estimate
from outcomes.stats.risk_difference import risk_difference
from outcomes.time_to_event import EVENT, STATE
from protocol.words import Bilingual, T

COHORTS = ("DCB", "DES")
NAMES = {"DCB": T("DCB", "DCB"), "DES": T("DES", "DES"), "ALL": T("All", "全部")}
TABLE_DAYS = (0, 30, 90, 180, 365, 730)


class Followed(NamedTuple):
    """One subject's result, as far as an estimate reads it."""

    cohort: str
    aval: int
    cnsr: int
    adjudicated: bool | None


@dataclass(frozen=True, slots=True)
class Group:
    """The estimates of one cohort, or of all subjects."""

    code: str
    curve: Curve
    incidence: Incidence

    @property
    def name(self) -> Bilingual:
        """The group in words."""
        return NAMES[self.code]

    @property
    def css(self) -> str:
        """The class of its chip."""
        return self.code.lower()


class Row(NamedTuple):
    """One day of the table behind the chart."""

    day: int
    at_risk: int
    survival: Estimate
    incidence: Estimate


def groups(results: Sequence[Followed], *, by_cohort: bool) -> list[Group]:
    """Estimate per planned cohort, or pooled; a cohort without subjects is left out."""
    parts = COHORTS if by_cohort else ("ALL",)
    found = []
    for code in parts:
        own = [one for one in results if code in ("ALL", one.cohort)]
        if own:
            days = [one.aval for one in own]
            curve = kaplan_meier(days, [one.cnsr == EVENT for one in own])
            found.append(Group(code, curve, aalen_johansen(days, [STATE[one.cnsr] for one in own])))
    return found


def table(group: Group, horizon: int | None) -> list[Row]:
    """Return the estimates at the fixed days up to a horizon."""
    return [
        Row(day, group.curve.at_risk(day), group.curve.at(day), group.incidence.at(day))
        for day in TABLE_DAYS
        if horizon is None or day <= horizon
    ]


def difference(parts: Sequence[Group], day: int) -> Estimate | None:
    """Return the risk difference DCB − DES at a day, None unless both cohorts are there."""
    codes = {group.code: group for group in parts}
    if set(codes) != set(COHORTS):
        return None
    return risk_difference(codes["DCB"].curve, codes["DES"].curve, day)


def events(results: Sequence[Followed]) -> tuple[int, int]:
    """Return how many events there are, and how many of them the committee has not decided."""
    happened = [one for one in results if one.cnsr == EVENT]
    return len(happened), sum(one.adjudicated is False for one in happened)


def bounds(estimate: Estimate, *, complement: bool = False) -> tuple[float, float | None, float | None]:
    """Return value and limits, or those of 1 − value."""
    if not complement:
        return estimate.value, estimate.low, estimate.high
    low = None if estimate.high is None else 1 - estimate.high
    high = None if estimate.low is None else 1 - estimate.low
    return 1 - estimate.value, low, high
