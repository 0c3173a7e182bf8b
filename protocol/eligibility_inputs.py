"""What the eligibility criteria read, and what each of them answers."""

from dataclasses import dataclass
from datetime import date

from protocol.partial_dates import PartialDate
from protocol.words import Bilingual


@dataclass(frozen=True, slots=True)
class TargetLesion:
    """What the criteria read of one target lesion, as the site saw it."""

    stenosis_pct: int | None = None
    length_mm: int | None = None
    ext_prox_mm: int | None = None
    ext_dist_mm: int | None = None
    dist_profunda_mm: int | None = None
    dist_notch_mm: int | None = None
    runoff_count: int | None = None
    severe_calc_pta: str | None = None
    acute_thrombus: str | None = None


@dataclass(frozen=True, slots=True)
class EligibilityInputs:
    """All that the criteria read; `carrying_implants` has the implant date of each stent with the lesion."""

    age: int | None = None
    consent_on_bday: str | None = None
    sex: str | None = None
    childbearing: str | None = None
    pregnancy_test: str | None = None
    lactating: str | None = None
    consent_obtained: str | None = None
    rutherford: str | None = None
    acute_ischaemia: str | None = None
    lesions: tuple[TargetLesion, ...] = ()
    carrying_implants: tuple[PartialDate | None, ...] = ()
    proc_date: date | None = None
    planned_cohort: str | None = None
    outflow_treated: str | None = None
    runoff_after: int | None = None
    aortoiliac_status: str | None = None
    inflow_treated: str | None = None
    inflow_resid_pct: int | None = None
    prior_cva: str | None = None
    last_cva_date: PartialDate | None = None
    allergy_antiplt: str | None = None
    active_bleeding: str | None = None
    life_exp_2y: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer that the other forms give to a criterion, and why."""

    answer: str
    because: Bilingual
