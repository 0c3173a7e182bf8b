"""The twenty criteria, at both sides of every number and with partial dates (protocol §3.5, C03, C11–C20)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from protocol.eligibility import CRITERIA, CRITERION, EligibilityInputs, TargetLesion, conclusion
from protocol.partial_dates import PartialDate

PROC = date(2026, 3, 31)
LESION = TargetLesion(
    stenosis_pct=80,
    length_mm=120,
    ext_prox_mm=0,
    ext_dist_mm=10,
    dist_profunda_mm=60,
    dist_notch_mm=90,
    runoff_count=2,
    severe_calc_pta="N",
    acute_thrombus="N",
)
ELIGIBLE = EligibilityInputs(
    age=70,
    sex="F",
    childbearing="NCBP",
    lactating="N",
    consent_obtained="Y",
    rutherford="3",
    acute_ischaemia="N",
    lesions=(LESION,),
    carrying_implants=(PartialDate(2024, 5, 2),),
    proc_date=PROC,
    planned_cohort="DCB",
    outflow_treated="N",
    aortoiliac_status="N",
    inflow_treated="N",
    prior_cva="N",
)


def answer(criterion: str, inputs: EligibilityInputs = ELIGIBLE, **changed: Any) -> str:
    return CRITERION[criterion].decide(replace(inputs, **changed)).answer


def with_lesion(**changed: Any) -> dict[str, Any]:
    return {"lesions": (replace(LESION, **changed),)}


def dates(*texts: str | None) -> dict[str, Any]:
    return {"carrying_implants": tuple(None if text is None else PartialDate.parse(text) for text in texts)}


def test_an_eligible_subject() -> None:
    answers = {criterion.id: criterion.decide(ELIGIBLE).answer for criterion in CRITERIA}
    judged = {"inc09", "exc09", "exc11"}
    assert {name for name, given in answers.items() if given == "U"} == judged
    assert all(
        given == "Y" for name, given in answers.items() if name.startswith("inc") and name not in judged
    )
    assert all(
        given == "N" for name, given in answers.items() if name.startswith("exc") and name not in judged
    )


def test_blank_inputs_decide_nothing() -> None:
    for criterion in CRITERIA:
        verdict = criterion.decide(EligibilityInputs())
        assert verdict.answer == "U", criterion.id
        assert verdict.because.en
        assert verdict.because.zh


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("inc01", {"age": 17}, "N"),
    ("inc01", {"age": 18, "consent_on_bday": "N"}, "Y"),
    ("inc01", {"age": 18, "consent_on_bday": "Y"}, "U"),
    ("inc01", {"age": 18, "consent_on_bday": None}, "U"),
    ("inc01", {"age": 19}, "Y"),
    ("inc02", {"consent_obtained": "N"}, "N"),
    ("exc10", {"consent_obtained": "N"}, "Y"),
    ("inc03", {"rutherford": "1"}, "N"),
    ("inc03", {"rutherford": "2"}, "Y"),
    ("inc03", {"rutherford": "5"}, "Y"),
    ("inc03", {"rutherford": "6"}, "N"),
    ("exc02", {"rutherford": "0"}, "Y"),
    ("exc02", {"rutherford": "1"}, "N"),
    ("exc02", {"rutherford": "6"}, "Y"),
    ("inc04", with_lesion(stenosis_pct=49), "N"),
    ("inc04", with_lesion(stenosis_pct=50), "Y"),
    ("inc04", with_lesion(dist_profunda_mm=9), "N"),
    ("inc04", with_lesion(dist_profunda_mm=10), "Y"),
    ("inc04", with_lesion(dist_notch_mm=9), "N"),
    ("inc04", with_lesion(dist_notch_mm=10), "Y"),
    ("inc04", with_lesion(dist_notch_mm=None), "U"),
    ("inc04", {"lesions": (LESION, replace(LESION, stenosis_pct=40, dist_notch_mm=None))}, "N"),
    ("inc04", dates("2026-03-01"), "N"),  # exactly 30 days
    ("inc04", dates("2026-02-28"), "Y"),  # 31 days
    ("inc04", dates("2026-02"), "Y"),  # 31 to 58 days
    ("inc04", dates("2026-03"), "N"),  # at most 30 days
    ("inc04", dates("2026"), "U"),
    ("inc04", dates("2024", "2026-03-10"), "U"),  # some, but not all, older than 30 days
    ("inc04", dates("2024", None), "U"),
    ("inc04", dates("2026-03-10", "2026-03-11"), "N"),
    ("inc04", dates(), "U"),
    ("inc04", {"proc_date": None}, "U"),
    ("inc05", with_lesion(ext_prox_mm=30), "Y"),
    ("inc05", with_lesion(ext_prox_mm=31), "N"),
    ("inc05", with_lesion(ext_dist_mm=30), "Y"),
    ("inc05", with_lesion(ext_dist_mm=31, ext_prox_mm=None), "N"),
    ("inc05", with_lesion(ext_prox_mm=None), "U"),
    ("inc06", {"planned_cohort": None}, "U"),
    ("inc07", with_lesion(length_mm=300), "Y"),
    ("inc07", with_lesion(length_mm=301), "N"),
    ("exc07", with_lesion(length_mm=300), "N"),
    ("exc07", with_lesion(length_mm=301), "Y"),
    ("inc07", {"lesions": (LESION, replace(LESION, length_mm=180))}, "Y"),
    ("inc07", {"lesions": (LESION, replace(LESION, length_mm=181))}, "N"),
    ("inc07", {"lesions": (LESION, replace(LESION, length_mm=None))}, "U"),
    ("inc07", {"lesions": (replace(LESION, length_mm=301), replace(LESION, length_mm=None))}, "N"),
    ("inc08", with_lesion(runoff_count=1), "Y"),
    ("inc08", with_lesion(runoff_count=0), "N"),
    ("inc08", with_lesion(runoff_count=0) | {"outflow_treated": "Y", "runoff_after": 1}, "U"),
    ("inc08", with_lesion(runoff_count=0) | {"outflow_treated": "Y", "runoff_after": 0}, "N"),
    ("inc08", with_lesion(runoff_count=0) | {"outflow_treated": None}, "U"),
    ("inc08", {"lesions": (LESION, replace(LESION, runoff_count=0))}, "U"),
    ("exc01", {"sex": "M"}, "NA"),
    ("exc01", {"pregnancy_test": "POS", "childbearing": "CBP"}, "Y"),
    ("exc01", {"lactating": "Y"}, "Y"),
    ("exc01", {"pregnancy_test": "NEG", "childbearing": "CBP"}, "N"),
    ("exc01", {"pregnancy_test": "ND", "childbearing": "CBP"}, "U"),
    ("exc01", {"lactating": None}, "U"),
    ("exc03", with_lesion(severe_calc_pta="Y"), "Y"),
    ("exc04", {"acute_ischaemia": "Y"}, "Y"),
    ("exc04", with_lesion(acute_thrombus="Y"), "Y"),
    ("exc04", {"lesions": ()}, "U"),
    ("exc05", {"aortoiliac_status": "T"}, "N"),
    ("exc05", {"aortoiliac_status": "U"}, "Y"),
    ("exc05", {"aortoiliac_status": "U", "inflow_treated": "Y", "inflow_resid_pct": 49}, "N"),
    ("exc05", {"aortoiliac_status": "U", "inflow_treated": "Y", "inflow_resid_pct": 50}, "Y"),
    ("exc05", {"aortoiliac_status": "U", "inflow_treated": "Y"}, "U"),
    ("exc06", with_lesion(stenosis_pct=49), "Y"),
    ("exc06", with_lesion(stenosis_pct=50), "N"),
    ("exc06", {"lesions": (LESION, replace(LESION, stenosis_pct=40))}, "N"),
    ("exc06", {"lesions": (replace(LESION, stenosis_pct=40), replace(LESION, stenosis_pct=None))}, "U"),
    ("exc08", {"prior_cva": "U"}, "U"),
    ("exc08", {"prior_cva": "Y"}, "U"),
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 1, 30)}, "Y"),  # 60 days before
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 1, 29)}, "N"),  # 61 days before
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 3, 31)}, "Y"),  # the same day
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 4, 1)}, "N"),  # afterwards
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 2)}, "Y"),
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2026, 1)}, "U"),
    ("exc08", {"prior_cva": "Y", "last_cva_date": PartialDate(2025)}, "N"),
    ("exc09", {"allergy_antiplt": "Y"}, "U"),
    ("exc09", {"active_bleeding": "Y"}, "U"),
    ("exc11", {"life_exp_2y": "N"}, "U"),
]


@pytest.mark.parametrize(("criterion", "changed", "expected"), CASES)
def test_answers(criterion: str, changed: dict[str, Any], expected: str) -> None:
    assert answer(criterion, **changed) == expected


def test_hints_where_the_investigator_decides() -> None:
    assert "suggests" in CRITERION["exc09"].decide(replace(ELIGIBLE, active_bleeding="Y")).because.en
    assert "suggests" in CRITERION["exc11"].decide(replace(ELIGIBLE, life_exp_2y="N")).because.en


def test_conclusion() -> None:
    fine: dict[str, str | None] = {c.id: "Y" if c.id.startswith("inc") else "N" for c in CRITERIA}
    assert conclusion(fine) == "ELIG"
    assert conclusion(fine | {"exc01": "NA"}) == "ELIG"
    assert conclusion(fine | {"inc04": "N"}) == "SF"
    assert conclusion(fine | {"exc08": "Y"}) == "SF"
    assert conclusion(fine | {"exc08": None}) is None
    assert conclusion(fine | {"exc08": None, "inc01": "N"}) == "SF"
