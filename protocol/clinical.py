"""Clinical rules of the CRFs, as pure functions of plain values (protocol §3, §5.16).

A blank input that decides the answer gives None. Ratios are rounded half up, as on paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import pi

MICROMOL_PER_MG = Decimal("88.4")

# Rows W0–W3, columns fI0–fI3, one matrix per ischaemia grade (protocol §3.9, Mills 2014).
WIFI_STAGES = (
    ((1, 1, 2, 3), (1, 1, 2, 3), (2, 2, 3, 4), (3, 3, 4, 4)),
    ((1, 2, 3, 4), (1, 2, 3, 4), (3, 3, 4, 4), (4, 4, 4, 4)),
    ((2, 2, 3, 4), (2, 3, 4, 4), (3, 4, 4, 4), (4, 4, 4, 4)),
    ((2, 3, 3, 4), (3, 3, 4, 4), (4, 4, 4, 4), (4, 4, 4, 4)),
)


def half_up(value: Decimal, places: int) -> Decimal:
    """Round half away from zero to `places` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def body_mass_index(height_cm: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """Return kg/m2 to one decimal."""
    if height_cm is None or weight_kg is None or height_cm <= 0:
        return None
    metres = Decimal(height_cm) / 100
    return half_up(Decimal(weight_kg) / (metres * metres), 1)


def egfr(creatinine_umol: Decimal | None, age: int | None, sex: str | None) -> Decimal | None:
    """Return the CKD-EPI 2021 estimate in mL/min/1.73 m2 to one decimal (protocol §3.11); not on dialysis."""
    if creatinine_umol is None or age is None or sex not in ("F", "M"):
        return None
    kappa, alpha = (0.7, -0.241) if sex == "F" else (0.9, -0.302)
    ratio = float(Decimal(creatinine_umol) / MICROMOL_PER_MG) / kappa
    estimate = 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.200 * 0.9938**age
    return half_up(Decimal(estimate * (1.012 if sex == "F" else 1)), 1)


def ratio(numerator: int | None, denominator: int | None) -> Decimal | None:
    """Return numerator / denominator to two decimals: a PSVR, or an ankle over an arm pressure."""
    if numerator is None or not denominator:
        return None
    return half_up(Decimal(numerator) / Decimal(denominator), 2)


def ankle_brachial_index(ankle: Iterable[int | None], brachial: Iterable[int | None]) -> Decimal | None:
    """Return the higher ankle pressure of one side over the higher arm pressure (protocol §3.10)."""
    ankles = [pressure for pressure in ankle if pressure is not None]
    arms = [pressure for pressure in brachial if pressure is not None]
    if not ankles or not arms:
        return None
    return ratio(max(ankles), max(arms))


def wifi_ischaemia(
    abi: Decimal | None, ankle_pressure: int | None = None, toe_pressure: int | None = None
) -> int | None:
    """Return the WIfI ischaemia grade; the toe pressure decides, then the worse of ABI and ankle pressure."""
    if toe_pressure is not None:
        return _grade(toe_pressure, 60, 40, 30)
    grades = []
    if abi is not None:
        grades.append(_grade(int(half_up(abi * 100, 0)), 80, 60, 40))
    if ankle_pressure is not None:
        grades.append(_grade(ankle_pressure, 101, 70, 50))
    return max(grades, default=None)


def wifi_stage(wound: int | None, ischaemia: int | None, infection: int | None) -> int | None:
    """Return the WIfI clinical stage, 1 very low to 4 high."""
    if wound is None or ischaemia is None or infection is None:
        return None
    return WIFI_STAGES[ischaemia][wound][infection]


def runoff_count(*vessels: str | None) -> int | None:
    """Return how many runoff vessels are patent; a stenosis of 50–99 % is not (protocol §3.13)."""
    return None if None in vessels else sum(vessel == "P" for vessel in vessels)


def drug_amount_mg(
    diameter_mm: Decimal | None, length_mm: int | None, density_ug_mm2: Decimal | None
) -> Decimal | None:
    """Return the nominal drug on a balloon, from its surface and density (protocol §3.16)."""
    if diameter_mm is None or length_mm is None or density_ug_mm2 is None:
        return None
    return half_up(Decimal(pi) * diameter_mm * length_mm * density_ug_mm2 / 1000, 2)


@dataclass(frozen=True, slots=True)
class TreatedLesion:
    """How one target lesion looked at the end of the index procedure."""

    crossing: str | None
    stented: bool
    final_residual_pct: int | None
    flow_limiting: str | None


def technical_success(lesions: Iterable[TreatedLesion]) -> str | None:
    """Return Y, N or None: every lesion crossed, little residual stenosis, no flow-limiting dissection."""
    answers = [_lesion_success(lesion) for lesion in lesions]
    if "N" in answers:
        return "N"
    return None if not answers or None in answers else "Y"


def procedural_success(technical: str | None, *, event_within_72_hours: bool) -> str | None:
    """Return Y, N or None: technical success, and no major event in the first 72 hours (protocol §3.14)."""
    return "N" if event_within_72_hours else technical


def adverse_event_class(serious: str | None, device: str | None, anticipated: str | None) -> str | None:
    """Return the ISO 14155 class; `device` is the relation to the study device, 0 to 3 (protocol §3.27)."""
    if serious is None or device is None:
        return None
    if serious == "N":
        return "AE" if device == "0" else "ADE"
    if device == "0":
        return "SAE"
    return "USADE" if anticipated == "N" else "SADE"


@dataclass(frozen=True, slots=True)
class Bleeding:
    """What the BARC rule reads of a bleeding event; haemoglobin in g/L."""

    fatal: bool = False
    critical_site: str | None = None
    hb_before: int | None = None
    hb_nadir: int | None = None
    red_cell_units: Decimal | None = None
    intervention: str | None = None
    vasoactive: str | None = None
    actionable: str | None = None


def haemoglobin_fall(bleeding: Bleeding) -> Decimal | None:
    """Return the fall in g/L, as it would have been without the red cells transfused."""
    if bleeding.hb_before is None or bleeding.hb_nadir is None:
        return None
    return bleeding.hb_before - bleeding.hb_nadir + 10 * (bleeding.red_cell_units or Decimal(0))


def barc(bleeding: Bleeding) -> str | None:
    """Return the BARC type (protocol §5.16); a fatal bleeding that was recorded as such is definite, 5b."""
    if bleeding.fatal:
        return "5b"
    if bleeding.critical_site in ("IC", "IO"):
        return "3c"
    fall = haemoglobin_fall(bleeding) or Decimal(0)
    if fall >= 50 or bleeding.critical_site == "TAMP" or "Y" in (bleeding.intervention, bleeding.vasoactive):
        return "3b"
    if fall >= 30 or (bleeding.red_cell_units or 0) > 0:
        return "3a"
    return {"Y": "2", "N": "1"}.get(bleeding.actionable or "")


def _grade(value: int, none: int, mild: int, moderate: int) -> int:
    """Return 0 from `none` up, 1 from `mild` up, 2 from `moderate` up, else 3."""
    return sum(value < limit for limit in (none, mild, moderate))


def _lesion_success(lesion: TreatedLesion) -> str | None:
    if lesion.crossing == "FAIL" or lesion.flow_limiting == "Y":
        return "N"
    if lesion.final_residual_pct is not None and lesion.final_residual_pct > (30 if lesion.stented else 50):
        return "N"
    known = None not in (lesion.crossing, lesion.final_residual_pct, lesion.flow_limiting)
    return "Y" if known else None
