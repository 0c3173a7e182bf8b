"""Adverse event pages."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Sheet
from defier.demo.course import Course, Harm
from defier.demo.harm import FATAL
from defier.demo.pages.events import cause_of_death
from defier.demo.pages.numbers import dec


def adverse_event(course: Course, number: int, one: Harm, rng: Random) -> Sheet:
    """Return the page of one adverse event, as it stands when the event is over."""
    values: dict[str, Any] = {
        "ae_term": one.term,
        "ae_start": course.on(one.day).isoformat(),
        "ae_end": course.on(one.day + one.days).isoformat(),
        "ae_outcome": "REC",
        "ae_severity": one.severity,
        "ae_rel_proc": one.related,
        "ae_rel_device": "0",
        "ae_rel_drug": "0",
        "ae_rel_antithr": "2" if one.interest == "BLEED" else "0",
        "ae_action": ["MED"],
        "ae_serious": "Y" if one.serious else "N",
        "ae_aesi": [one.interest],
    }
    if one.serious:
        values |= _serious(course, one.day, one.days, one.late, ["HOSP"], rng)
    values |= _of_interest(course, one, rng)
    return Sheet(f"AE/{number}", "AE", None, values)


def as_known(final: Sheet, on: date) -> tuple[Sheet, Sheet | None]:
    """Return an adverse event as a day knows it, and what is added when it is over (None: it is over)."""
    if final.values["ae_end"] <= on.isoformat():
        return final, None
    ahead = ("ae_end", "ae_hosp_disch", "ae_outcome")
    later = {name: final.values[name] for name in ahead if name in final.values}
    now = {name: value for name, value in final.values.items() if name not in ahead}
    now["ae_outcome"] = "RECG"
    key, form, visit = final.key, final.form, final.visit
    return Sheet(key, form, visit, now), Sheet(key, form, visit, later)


def _serious(
    course: Course,
    day: int,
    days: int,
    late: bool,
    criteria: list[str],
    rng: Random,
    *,
    heard: int | None = None,
) -> dict[str, Any]:
    aware = timeline.moment(course.on(day if heard is None else heard), rng.uniform(13.0, 18.0))
    report = aware.timestamp() + 3600 * (rng.uniform(30, 90) if late else rng.uniform(2, 20))
    values: dict[str, Any] = {
        "ae_sae_crit": criteria,
        "ae_aware_dt": aware,
        "ae_report_dt": aware.fromtimestamp(round(report), timeline.SHANGHAI),
        "ae_narrative": "Admitted through the emergency department; treated as the discharge letter says.",
    }
    if "HOSP" in criteria:
        values["ae_hosp_admit"] = course.on(day).isoformat()
        values["ae_hosp_disch"] = course.on(day + days).isoformat()
    return values


def _of_interest(course: Course, one: Harm, rng: Random) -> dict[str, Any]:
    if one.interest == "BLEED":
        before = rng.randint(112, 140)
        return {
            "bl_site": "Upper gastrointestinal tract",
            "bl_hb_before": before,
            "bl_hb_nadir": before - rng.randint(32, 48),
            "bl_rbc_units": dec(float(rng.choice((0, 2, 2)))),
            "bl_intervention": "N",
            "bl_vasoactive": "N",
            "bl_critical": "N",
            "bl_actionable": "Y",
            "bl_barc_inv": "3a",
        }
    if one.interest == "MI":
        return {"mi_type": rng.choice("12"), "mi_trop_peak": dec(rng.uniform(8, 90), 2)}
    if one.interest == "AKI":
        return {"ae_rrt": "N"}
    if one.interest == "ACC":
        return {"ae_limb": course.history.limb}
    return {}


def fatal(course: Course, rng: Random) -> Sheet:
    """Return the adverse event that a subject dies of."""
    assert course.death is not None
    day = course.death
    term, interest = FATAL[cause_of_death(course)]
    values: dict[str, Any] = {
        "ae_term": term,
        "ae_start": course.on(day).isoformat(),
        "ae_end": course.on(day).isoformat(),
        "ae_outcome": "FAT",
        "ae_severity": "3",
        "ae_rel_proc": "1" if day <= 14 else "0",
        "ae_rel_device": "0",
        "ae_rel_drug": "0",
        "ae_rel_antithr": "0",
        "ae_action": ["MED"],
        "ae_serious": "Y",
        "ae_aesi": [interest],
    }
    values |= _serious(course, day, 0, False, ["DTH"], rng, heard=course.death_found)
    if interest == "MI":
        values |= {"mi_type": "1", "mi_trop_peak": dec(rng.uniform(40, 200), 2)}
    return Sheet("AE/fatal", "AE", None, values)


def of_amputation(course: Course, rng: Random) -> Sheet:
    """Return the adverse event that led to the major amputation."""
    assert course.amputation is not None
    day = course.amputation[0]
    values: dict[str, Any] = {
        "ae_term": "Critical ischaemia of the target limb",
        "ae_start": course.on(day).isoformat(),
        "ae_end": course.on(day + 20).isoformat(),
        "ae_outcome": "RECS",
        "ae_severity": "3",
        "ae_rel_proc": "1",
        "ae_rel_device": "0",
        "ae_rel_drug": "0",
        "ae_rel_antithr": "0",
        "ae_action": ["PROC"],
        "ae_serious": "Y",
        "ae_aesi": ["NONE"],
    }
    values |= _serious(course, day, 20, False, ["HOSP", "DIS"], rng)
    return Sheet("AE/amputation", "AE", None, values)
