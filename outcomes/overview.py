"""All results of one subject as three small tables: in time, at visits, in the first 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outcomes.models import Result
from protocol import endpoints
from protocol.schedule import VISIT
from protocol.words import Bilingual, T

Cells = list[Result | None]
WHOLE = T("All follow-up", "全程")
HORIZONS = (None, 30, 365, 730)


@dataclass(frozen=True, slots=True)
class Part:
    """One table: what its rows are, its columns, and a row per endpoint."""

    heading: Bilingual
    columns: list[Bilingual]
    rows: list[tuple[Bilingual, Cells]]


def overview(results: Mapping[str, Result]) -> list[Part]:
    """Arrange a subject's results, by name, for reading at a glance."""
    return [_in_time(results), _at_visits(results), _first_days(results)]


def _in_time(results: Mapping[str, Result]) -> Part:
    columns = [WHOLE if horizon is None else endpoints.SPOKEN[horizon] for horizon in HORIZONS]
    rows = [
        (family.short, [results.get(_name(family, horizon)) for horizon in HORIZONS])
        for family in endpoints.FAMILIES
    ]
    return Part(T("Time to event", "事件时间"), columns, rows)


def _name(family: endpoints.Family, horizon: int | None) -> str:
    """Return the name of a parameter, "" where the family has none there (DEATH30 is a safety endpoint)."""
    return f"{family.code}{endpoints.SUFFIX[horizon]}" if horizon in family.horizons else ""


def _at_visits(results: Mapping[str, Result]) -> Part:
    rows: list[tuple[Bilingual, Cells]] = [
        (endpoint.label, [results.get(f"{endpoint.code}.{visit}") for visit in endpoints.FOLLOW_UP_VISITS])
        for endpoint in endpoints.VISIT_ENDPOINTS
    ]
    return Part(T("At visits", "各访视"), [VISIT[code].label for code in endpoints.FOLLOW_UP_VISITS], rows)


def _first_days(results: Mapping[str, Result]) -> Part:
    rows: list[tuple[Bilingual, Cells]] = [
        (endpoint.label, [results.get(endpoint.paramcd)]) for endpoint in endpoints.SAFETY_ENDPOINTS
    ]
    return Part(T("Safety", "安全性"), [endpoints.SPOKEN[30]], rows)
