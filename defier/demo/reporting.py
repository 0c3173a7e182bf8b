"""Reports of the demo's serious events, and the events that are on their clocks at the demo's today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Act, Person, Report, Save, Sheet, filled
from defier.demo.course import Course
from defier.demo.population import Kind

INITIAL, FOLLOW_UP, FINAL, AUTHORITY = "INITIAL", "FOLLOW_UP", "FINAL", "AUTHORITY"
MANAGER = Person("DATA_MANAGER")
SHOWN_SITE = "07"
FOLLOWED_DAYS = 20
AN_HOUR = timedelta(hours=1)


def of_acts(acts: list[Act], coordinator: Person, investigator: Person) -> Iterator[Report]:
    """Yield the reports that follow the pages of serious events: first, and again when more is known."""
    seen: dict[str, int] = {}
    for act in acts:
        for sheet in act.sheets if isinstance(act, Save) else ():
            if sheet.form != "AE":
                continue
            if sheet.values.get("ae_serious") == "Y" and sheet.key not in seen:
                yield from _first(act.at, sheet, coordinator)
            elif sheet.key in seen:
                yield Report(act.at + timedelta(minutes=25), investigator, sheet.key, FINAL)
            if sheet.values.get("ae_serious") == "Y":
                seen[sheet.key] = 1


def _first(at: datetime, sheet: Sheet, who: Person) -> Iterator[Report]:
    if sheet.values.get("ae_report_dt") is None:
        return
    yield Report(at + timedelta(minutes=10), who, sheet.key, INITIAL)
    if sheet.values.get("ae_outcome") in ("REC", "RECS", "FAT"):
        yield Report(at + timedelta(days=2), who, sheet.key, FINAL)
    if sheet.values.get("ae_rel_device", "0") != "0" and sheet.values.get("ae_term") != THROMBOSIS:
        yield Report(at + timedelta(days=2), MANAGER, sheet.key, AUTHORITY)


THROMBOSIS = "Acute stent thrombosis with rest pain"


def on_the_clock(which: str, coordinator: Person) -> list[Act]:
    """Return what a chosen subject's site entered in the last days: one clock runs, one is overdue."""
    now = timeline.NOW
    events: dict[str, tuple[float, dict[str, Any]]] = {
        "running": (19.0, {"ae_term": "Unstable angina, admitted overnight"}),
        "overdue": (51.0, {"ae_term": "Severe pneumonia, on the intensive care unit"}),
        "authority": (
            124.0,
            {
                "ae_term": THROMBOSIS,
                "ae_rel_device": "2",
                "ae_rel_proc": "1",
                "ae_anticipated": "Y",
                "ae_sae_crit": ["HOSP", "LT"],
                "ae_report_dt": _minute(now - timedelta(hours=120)),
            },
        ),
    }
    hours, more = events[which]
    aware = _minute(now - hours * AN_HOUR)
    entered = aware + timedelta(hours=6 if which == "authority" else 2)
    return [Save(entered, coordinator, (_event(aware, more),))]


def _event(aware: datetime, more: dict[str, Any]) -> Sheet:
    day = aware.date().isoformat()
    values: dict[str, Any] = {
        "ae_start": day,
        "ae_outcome": "RECG",
        "ae_severity": "3",
        "ae_rel_proc": "0",
        "ae_rel_device": "0",
        "ae_rel_drug": "0",
        "ae_rel_antithr": "0",
        "ae_action": ["MED"],
        "ae_serious": "Y",
        "ae_sae_crit": ["HOSP"],
        "ae_hosp_admit": day,
        "ae_aware_dt": aware,
        "ae_aesi": ["NONE"],
        "ae_narrative": "Admitted through the emergency department; examinations are going on at the moment.",
        **more,
    }
    return Sheet("AE/now", "AE", None, filled(values))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def choose(early: Sequence[Course]) -> dict[int, str]:
    """Choose which of the subjects that are loaded first have an event on its clock, by their index."""
    going_on = [
        course
        for course in early
        if course.head.kind is Kind.TREATED
        and course.end is None
        and course.death is None
        and course.horizon > FOLLOWED_DAYS
    ]
    shown = [course for course in going_on if course.head.site == SHOWN_SITE]
    others = [course for course in going_on if course.head.site != SHOWN_SITE]
    return {
        course.head.index: which
        for which, course in zip(("running", "authority", "overdue"), [*shown[:2], *others], strict=False)
    }
