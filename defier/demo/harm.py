"""Adverse events of the demo: 30-day safety by protocol.md §8.2, later serious events, and small ones."""

from __future__ import annotations

from random import Random

from defier.demo.course import Course, Harm

_LATE = (
    ("Pneumonia", "NONE", "2", 12),
    ("Unstable angina", "NONE", "2", 6),
    ("Acute myocardial infarction", "MI", "3", 9),
    ("Ischaemic stroke", "STROKE", "3", 16),
    ("Decompensated heart failure", "HF", "3", 11),
    ("Upper gastrointestinal bleeding", "BLEED", "3", 8),
    ("Femoral neck fracture after a fall", "NONE", "3", 18),
    ("Diabetic foot infection", "NONE", "2", 21),
    ("Gallstone pancreatitis", "NONE", "2", 10),
    ("Lung nodule, operated", "NONE", "2", 14),
)
_SMALL = (
    "Bruising at the puncture site",
    "Dizziness",
    "Skin itching after contrast",
    "Gout attack",
    "Upper respiratory infection",
    "Leg oedema",
    "Constipation",
)
FATAL = {
    "MI": ("Fatal myocardial infarction", "MI"),
    "HF": ("Heart failure, fatal", "HF"),
    "SCD": ("Sudden cardiac death", "NONE"),
    "STR": ("Fatal stroke", "STROKE"),
    "CAN": ("Progressive lung cancer", "NONE"),
    "INF": ("Septic shock", "NONE"),
    "RESP": ("Respiratory failure", "RESP"),
    "REN": ("Uraemia, fatal", "NONE"),
}


def draw_harms(rng: Random, course: Course, serious_day: int) -> list[Harm]:
    """Draw the adverse events of a treated subject, in order of day."""
    last = min(course.horizon, course.end.last if course.end else course.horizon)
    found = _early(rng, course)
    late = rng.random() < 0.05
    term, interest, severity, days = rng.choice(_LATE)
    if serious_day > 30:
        found.append(Harm(serious_day, term, interest, severity, True, days, "0", late))
    if rng.random() < 0.30:
        found.append(Harm(rng.randint(2, 400), rng.choice(_SMALL), "NONE", "1", False, 6, "0"))
    kept = (harm for harm in found if harm.day <= last)
    return sorted(kept, key=lambda harm: harm.day)


def _early(rng: Random, course: Course) -> list[Harm]:
    found: list[Harm] = []
    access = course.procedure.access_complication
    if access != "NONE":
        term = {"HEMA": "Groin haematoma", "PSA": "Femoral pseudoaneurysm", "AVF": "Arteriovenous fistula"}
        found.append(Harm(1, term[access], "ACC", "2", access != "HEMA", 9, "3"))
    if rng.random() < 0.007:
        found.append(Harm(rng.randint(1, 25), "Acute myocardial infarction", "MI", "3", True, 9, "1"))
    if rng.random() < 0.012:
        found.append(Harm(rng.randint(1, 20), "Gastrointestinal bleeding", "BLEED", "3", True, 7, "1"))
    if rng.random() < 0.025 and not course.given.dialysis:
        found.append(Harm(rng.randint(2, 4), "Contrast nephropathy", "AKI", "2", True, 8, "2"))
    return found
