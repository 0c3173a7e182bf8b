"""Medication pages at discharge, and the rare device deficiency found during the procedure."""

from __future__ import annotations

from random import Random

from defier.demo import timeline
from defier.demo.acts import Sheet
from defier.demo.course import Course
from defier.demo.pages.numbers import dec

ASPIRIN = ("ASA", "Aspirin", 100, "mg", "QD")
CLOPIDOGREL = ("P2Y12", "Clopidogrel", 75, "mg", "QD")
RIVAROXABAN = ("DOAC", "Rivaroxaban", 15, "mg", "QD")
STATINS = (("STAT", "Atorvastatin", 20, "mg", "QD"), ("STAT", "Rosuvastatin", 10, "mg", "QD"))
TAKEN = {
    "DAPT": (ASPIRIN, CLOPIDOGREL),
    "SAOAC": (CLOPIDOGREL, RIVAROXABAN),
    "SAPT": (ASPIRIN,),
}
DEFICIENT = 0.02


def medications(course: Course, discharge: Sheet, rng: Random) -> list[Sheet]:
    """Return what a subject goes home with, as the discharge page says; nothing for who died in hospital."""
    regimen = discharge.values.get("disc_at_regimen")
    if regimen is None:
        return []
    drugs = [*TAKEN[regimen], *([rng.choice(STATINS)] if rng.random() < 0.85 else [])]
    begun = discharge.values["disc_admit_date"].isoformat()
    return [
        Sheet(
            f"CM/{number}",
            "CM",
            None,
            {
                "cm_class": kind,
                "cm_name": name,
                "cm_dose": dec(float(dose), 0),
                "cm_unit": unit,
                "cm_freq": frequency,
                "cm_start": begun,
                "cm_ongoing": "Y",
            },
        )
        for number, (kind, name, dose, unit, frequency) in enumerate(drugs, start=1)
    ]


def deficiency(course: Course, devices: list[Sheet], rng: Random) -> list[Sheet]:
    """Return the deficiency of the first balloon, which says so then; for most subjects there is none."""
    balloon = next((sheet for sheet in devices if sheet.form == "DCB"), None)
    if balloon is None or rng.random() >= DEFICIENT:
        return []
    balloon.values["dcb_deficiency"] = "Y"
    seen = timeline.moment(course.day0, 11.0 + rng.random())
    values = {
        "dd_date": course.day0,
        "dd_device": "DCB1",
        "dd_type": "MALF",
        "dd_desc": "The hub leaked while the balloon was inflated; pressure was held with a second inflator.",
        "dd_led_to_ae": "N",
        "dd_could_sae": "N",
        "dd_device_kept": "Y",
        "dd_aware_dt": seen,
    }
    return [Sheet("DD/1", "DD", None, values)]
