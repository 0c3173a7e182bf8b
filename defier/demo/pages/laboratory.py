"""Laboratory pages: one per analyte of a blood sample."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Sheet
from defier.demo.course import Course
from defier.demo.pages.numbers import dec

# analyte: unit, mean, spread, places, lower and upper limit of normal
ANALYTES: dict[str, tuple[str, float, float, int, float, float]] = {
    "HGB": ("g/L", 134, 13, 0, 115, 175),
    "PLAT": ("10^9/L", 215, 48, 0, 125, 350),
    "WBC": ("10^9/L", 6.8, 1.5, 2, 3.5, 9.5),
    "CREAT": ("umol/L", 84, 18, 0, 41, 111),
    "UREA": ("mmol/L", 6.4, 1.5, 1, 3.1, 9.5),
    "ALT": ("U/L", 22, 7, 0, 7, 50),
    "AST": ("U/L", 22, 6, 0, 13, 40),
    "BILI": ("umol/L", 11.5, 3.5, 1, 3.4, 23),
    "HBA1C": ("%", 7.4, 1.0, 1, 4, 6),
    "LDL": ("mmol/L", 2.1, 0.6, 2, 1.3, 3.4),
    "INR": ("ratio", 1.02, 0.06, 2, 0.8, 1.2),
}
PANELS = {
    "SCR": ("HGB", "PLAT", "WBC", "CREAT", "UREA", "ALT", "AST", "BILI", "LDL", "INR"),
    "POST": ("HGB", "CREAT"),
    "M1": ("HGB", "CREAT", "ALT", "AST"),
}


def sample(course: Course, visit: str, taken: datetime, rng: Random) -> list[Sheet]:
    """Return the pages of the blood sample of a visit."""
    panel = list(PANELS[visit])
    if visit == "SCR" and course.given.diabetes:
        panel.append("HBA1C")
    return [_result(course, visit, analyte, taken, rng) for analyte in panel]


def _usual(course: Course, analyte: str) -> float:
    """Return the subject's own usual level, the same at each visit."""
    own = timeline.stream(course.head.index, analyte)
    if analyte == "CREAT" and course.given.dialysis:
        return own.uniform(520, 720)
    return own.gauss(ANALYTES[analyte][1], ANALYTES[analyte][2] * 0.8)


def _result(course: Course, visit: str, analyte: str, taken: datetime, rng: Random) -> Sheet:
    unit, _, spread, places, low, high = ANALYTES[analyte]
    usual = _usual(course, analyte)
    level = usual + rng.gauss(0, spread * 0.2)
    if analyte == "CREAT" and visit == "POST" and any(h.interest == "AKI" for h in course.harms):
        level *= 1.6
    if analyte == "HGB" and visit == "POST":
        level -= rng.uniform(2, 12)
    value = dec(max(level, low * 0.7), places)
    values: dict[str, Any] = {
        "lb_dt": taken,
        "lb_test": analyte,
        "lb_value": value,
        "lb_unit": unit,
        "lb_lln": dec(float(low), 1),
        "lb_uln": dec(float(high), 1),
    }
    if not low <= float(value) <= high:
        values["lb_clin_sig"] = "N" if rng.random() < 0.85 else "Y"
    return Sheet(f"LB@{visit}/{analyte}", "LB", visit, values)
