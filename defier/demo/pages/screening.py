"""Pages of the screening visit, and the eligibility page that is completed at the procedure."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from defier.demo import catalogue, timeline
from defier.demo.acts import Person, Sheet, filled
from defier.demo.course import Course
from defier.demo.pages import pressures
from defier.demo.pages.numbers import dec
from defier.demo.population import Kind

CLINICAL_ANSWERS = (
    "inc01",
    "inc02",
    "inc03",
    "inc09",
    "exc01",
    "exc02",
    "exc04",
    "exc08",
    "exc09",
    "exc10",
    "exc11",
)
ANGIOGRAPHIC_ANSWERS = ("inc04", "inc05", "inc06", "inc07", "inc08", "exc03", "exc05", "exc06", "exc07")


def consent(course: Course, hour: float, *, given: bool = True) -> Sheet:
    """Return the consent page; `hour` is when the subject signed."""
    head = course.head
    values: dict[str, Any] = {
        "screening_date": head.screened,
        "consent_obtained": "Y" if given else "N",
        "prior_participation": "N",
        "other_trial": "N",
    }
    if given:
        values |= {
            "consent_dt": timeline.moment(head.screened, hour),
            "consent_version": catalogue.consent_version(head.screened),
            "consent_witness": "N",
            "consent_copy": "Y",
            "consent_privacy": "Y",
            "consent_by": Person("INVESTIGATOR", head.site),
        }
    return Sheet("IC", "IC", "SCR", values)


def birth_ym(course: Course) -> str:
    """Return the year and month of birth that fit the age at consent."""
    day = course.head.screened
    month = course.history.birth_month
    had_birthday = month < day.month
    return f"{day.year - course.given.age - (0 if had_birthday else 1)}-{month:02d}"


def demographics(course: Course, rng: Random) -> Sheet:
    """Return the demographics page."""
    given, history = course.given, course.history
    woman = not given.male
    values = filled(
        {
            "birth_ym": birth_ym(course),
            "age": given.age,
            "sex": "F" if woman else "M",
            "ethnic_cn": "HAN" if rng.random() < 0.96 else "OTH",
            "height_cm": dec(history.height),
            "weight_kg": dec(history.weight),
            "childbearing": "NCBP" if woman else None,
            "lactating": "N" if woman else None,
        }
    )
    return Sheet("DM", "DM", "SCR", values)


def medical_history(course: Course, rng: Random) -> Sheet:
    """Return the medical history page."""
    given, found = course.given, course.history.conditions
    day = course.head.screened
    values: dict[str, Any] = dict(found)
    values |= {
        "dm_type": "T2" if given.diabetes else "N",
        "dm_treatment": course.history.diabetes_treatment if given.diabetes else None,
        "dm_years": course.history.diabetes_years if given.diabetes else None,
        "smoking": given.smoking,
        "pack_years": dec(course.history.pack_years) if given.smoking != "NEV" else None,
        "nyha": course.history.nyha,
        "dialysis": "Y" if given.dialysis else "N",
        "prior_amp_contra": "N",
        "active_bleeding": "N",
        "allergy_contrast": "N" if rng.random() < 0.985 else "Y",
        "allergy_paclitaxel": "N",
        "allergy_antiplt": "N",
        "life_exp_2y": "Y",
    }
    if found["prior_mi"] == "Y":
        values["last_mi_date"] = _month(timeline.months_before(day, rng.randint(8, 130)))
    if found["prior_cva"] == "Y":
        values["cva_type"] = rng.choices(("ISCH", "HEM"), (0.88, 0.12))[0]
        values["last_cva_date"] = _month(timeline.months_before(day, rng.randint(8, 150)))
    if found["prior_amp_target"] == "Y":
        values["prior_amp_level"] = "TOE"
    return Sheet("MH", "MH", "SCR", filled(values))


def limb_history(course: Course, rng: Random) -> Sheet:
    """Return the index-limb history page."""
    isr = course.given.isr
    onset = timeline.months_before(course.head.screened, rng.randint(1, 9))
    values: dict[str, Any] = {
        "target_limb": course.history.limb,
        "bilateral_isr": "N",
        "isr_number": str(isr),
        "prior_isr_tx": ["NONE"] if isr == 1 else [rng.choice(("POBA", "DCB", "ATH"))],
        "symptom_onset": _month(onset),
        "aortoiliac_status": "N",
        "contra_pad": "Y" if course.history.abi_other < 0.9 else "N",
    }
    if isr > 1:
        values["prior_isr_tx_date"] = _month(timeline.months_before(onset, rng.randint(6, 20)))
    return Sheet("LH", "LH", "SCR", values)


def prior_stents(course: Course, rng: Random) -> list[Sheet]:
    """Return one page per prior stent; the first carries the target lesion."""
    sheets = []
    for number, months in enumerate(course.history.stent_months, start=1):
        implanted = timeline.months_before(course.head.screened, months) + timedelta(days=rng.randint(0, 27))
        values = {
            "ps_type": rng.choices(("BMS", "IWS", "DES"), (0.8, 0.12, 0.08))[0],
            "ps_brand": rng.choice(("EverFlex", "LifeStent", "Supera", "S.M.A.R.T. Control", "Absolute Pro")),
            "ps_implant_date": implanted.isoformat() if rng.random() < 0.6 else _month(implanted),
            "ps_segment": course.procedure.lesions[0].segments if number == 1 else ["SFAM"],
            "ps_diameter_mm": dec(float(rng.choice((6, 6, 7))), 1),
            "ps_length_mm": rng.choice((60, 80, 100, 120, 150)),
            "ps_fracture": rng.choices(("0", "1"), (0.97, 0.03))[0],
            "ps_carries_tl": "Y" if number == 1 else "N",
        }
        sheets.append(Sheet(f"PS/{number}", "PS", "SCR", values))
    return sheets


def clinical_status(course: Course, rng: Random) -> Sheet:
    """Return the baseline clinical status page."""
    category = course.given.rutherford
    wound = category == 5
    values: dict[str, Any] = {
        "bcs_date": course.head.screened,
        "rutherford_target": str(category),
        "rutherford_contra": rng.choice("0012"),
        "acute_ischaemia": "N",
        "tissue_loss": "Y" if wound else "N",
    }
    if category in (2, 3):
        values["claud_distance_m"] = rng.randint(120, 260) if category == 2 else rng.randint(30, 110)
    if category >= 4:
        values["wifi_ischaemia"] = pressures.wifi_ischaemia(course)
    if wound:
        values |= {
            "wound_area_cm2": dec(rng.uniform(0.5, 6.0)),
            "wifi_wound": rng.choice("11112"),
            "wifi_infection": rng.choice("0001"),
        }
    return Sheet("BCS", "BCS", "SCR", values)


def eligibility(course: Course, *, angiogram: bool, decided: date | None, unmet: str = "") -> Sheet:
    """Return the eligibility page: the clinical criteria, or with `angiogram` all of them.

    `decided` is the day of the conclusion, None before it; `unmet` names what made it a screen failure.
    """
    names = CLINICAL_ANSWERS + (ANGIOGRAPHIC_ANSWERS if angiogram else ())
    values: dict[str, Any] = {name: "Y" if name.startswith("inc") else "N" for name in names}
    if course.given.male:
        values["exc01"] = "NA"
    if unmet:
        values[unmet] = "N" if unmet.startswith("inc") else "Y"
        mirror = {"inc03": "exc02", "inc04": "exc06", "inc07": "exc07", "inc02": "exc10"}
        if unmet in ("inc07", "inc02") and mirror[unmet] in values:
            values[mirror[unmet]] = "Y"
    if decided is not None:
        failed = course.head.kind is Kind.SCREEN_FAILURE
        values |= {"elig_outcome": "SF" if failed else "ELIG", "elig_date": decided}
        if failed:
            values["sf_reason_cd"] = "IE" if unmet else "WD"
    return Sheet("IE", "IE", "SCR", values)


def _month(day: date) -> str:
    return f"{day.year}-{day.month:02d}"
