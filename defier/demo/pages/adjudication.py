"""Final decisions of the clinical events committee on the site's events."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from defier.demo.acts import PageOf, Sheet, filled
from defier.demo.course import Course, Revascularisation

ABOUT = ("cec_type", "cec_source")
INTEREST_TYPES = {"MI": "MI", "BLEED": "BLD", "STROKE": "STR"}


def decision(kind: str, source: str, event: date, decided: date, **more: Any) -> Sheet:
    """Return a final adjudication of the page `source`; `more` are the items of its kind."""
    values = {
        "cec_type": kind,
        "cec_source": PageOf(source),
        "cec_status": "FIN",
        "cec_r1_event": "Y",
        "cec_r2_event": "Y",
        "cec_event": "Y",
        "cec_event_date": event,
        "cec_rel_device": "0",
        "cec_decision_date": decided,
        **more,
    }
    return Sheet(f"CEC/{source}", "CEC", None, filled(values))


def reviews(final: Sheet) -> tuple[Sheet, Sheet]:
    """Return a decision as the first reviewer begins the page and as the second one ends it."""
    begun = {name: value for name, value in final.values.items() if name.startswith(("cec_r1_", *ABOUT))}
    ended = {name: value for name, value in final.values.items() if name not in begun}
    first = Sheet(final.key, final.form, final.visit, {**begun, "cec_status": "R1"})
    return first, Sheet(final.key, final.form, final.visit, ended)


def of_revascularisation(
    course: Course, number: int, one: Revascularisation, decided: date, rng: Random
) -> Sheet:
    """Return the decision on a later procedure; in 4 % of target lesions the committee sees it otherwise."""
    lesion = one.of_target_lesion
    driven = one.kind == "CD"
    if lesion and rng.random() < 0.04:
        driven = not driven
    said = "Y" if driven else "N"
    more: dict[str, Any] = {
        "cec_r1_tlr": "Y" if lesion else "N",
        "cec_r2_tlr": "Y" if lesion else "N",
        "cec_r1_cd": said if lesion else None,
        "cec_r2_cd": said if lesion else None,
        "cec_tlr": "Y" if lesion else "N",
        "cec_cd": said if lesion else None,
        "cec_tvr": "N" if one.kind == "LIMB" else "Y",
        "cec_male": "Y" if one.kind != "LIMB" and one.how in ("BYP", "LYS") else "N",
        "cec_rel_device": "1" if lesion else "0",
    }
    return decision("REV", f"REV/{number}", course.on(one.day), decided, **more)
