"""Checks of consent, eligibility and history: each number on both its sides."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from protocol.eligibility import CRITERIA
from sites.models import ConsentVersion
from tests.visits.checks.cases import DAY0, Case, Table, at, held_on, on, told
from tests.visits.checks.dossiers import SaidFacts, findings, reading
from visits.checks import CHECKS
from visits.checks.eligibility import SPECIFIC

PR0 = {"proc_date": DAY0}
L1 = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}
L2 = {**L1, "lesion_no": "L2"}
OTHER = {"lesion_no": "L4", "les_reader": "SITE", "is_target": "N"}


def core(lesion: dict[str, Any]) -> dict[str, Any]:
    """Return the reading of the core laboratory: eligibility rests on the site's."""
    return {**lesion, "les_reader": "CORE"}


def approved() -> SaidFacts:
    """Return a site where version 2.0 was approved on days -20 to -10."""
    version = ConsentVersion(version="2.0", approved_from=on(-20), approved_to=on(-10))
    return SaidFacts(consents=[version])


CONSENT = [
    Case(
        "EC-003",
        {"IC": {"consent_dt": at(-5)}, "BCS": {"bcs_date": on(-6)}},
        holds=[
            {"BCS": {"bcs_date": on(-5)}, "SCR": {"ABI": {"abi_date": on(-6)}}},
            {"BCS": None, "SCR": {"LB": {"lb_dt": at(-6, 23)}}},
        ],
        silent=[
            {"BCS": {"bcs_date": on(-5)}},
            {"BCS": {"bcs_date": on(-5)}, "SCR": {"LB": {"lb_dt": at(-5, 1)}}},
            {"BCS": {"bcs_date": on(-5)}, "M1": {"ABI": {"abi_date": on(-6)}}},
            {"IC": {"consent_dt": None}},
        ],
    ),
    Case(
        "EC-005",
        {"IC": {"consent_version": "2.0", "consent_dt": at(-21)}},
        holds=[{"IC": {"consent_dt": at(-9)}}, {"IC": {"consent_dt": at(-15), "consent_version": "2.1"}}],
        silent=[
            {"IC": {"consent_dt": at(-20, 0)}},
            {"IC": {"consent_dt": at(-10, 23)}},
            {"IC": {"consent_version": None}},
            {"IC": {"consent_dt": None}},
        ],
        facts=approved,
    ),
    Case(
        "EC-039",
        {"PR": {"proc_date": on(-1)}, "IC": {"consent_dt": at(0)}},
        holds=[{"PR": {**PR0, "study_dev_introduced": "Y"}, "IC": {"consent_obtained": "N"}}],
        silent=[
            {"PR": PR0},
            {"PR": {**PR0, "study_dev_introduced": "N"}, "IC": {"consent_obtained": "N"}},
            {"PR": {**PR0, "study_dev_introduced": "Y"}, "IC": {"consent_obtained": "Y"}},
            {"IC": {"consent_dt": None}},
        ],
    ),
]

CRITERIA_CASES = [
    Case(
        "EC-001",
        {"DM": {"age": 17}, "IE": {"inc01": "Y"}},
        holds=[{"IE": {"inc01": "N", "elig_outcome": "ELIG"}}],
        silent=[{"DM": {"age": 18}}, {"IE": {"inc01": "N", "elig_outcome": "SF"}}, {"DM": {"age": None}}],
    ),
    Case(
        "EC-004",
        {"IC": {"consent_obtained": "N"}, "IE": {"elig_outcome": "ELIG"}},
        silent=[{"IC": {"consent_obtained": "Y"}}, {"IE": {"elig_outcome": "SF"}}, {"IE": None}],
    ),
    Case(
        "EC-007",
        {"IC": {"prior_participation": "Y"}, "IE": {"elig_outcome": "ELIG"}},
        silent=[{"IC": {"prior_participation": "N"}}, {"IE": {"elig_outcome": "SF"}}],
    ),
    Case(
        "EC-011",
        {"MH": {"prior_cva": "Y", "last_cva_date": str(on(-60))}, "PR": PR0, "IE": {"exc08": "N"}},
        holds=[{"MH": {"last_cva_date": str(DAY0)}}, {"MH": {"last_cva_date": "2026-02"}}],
        silent=[
            {"MH": {"last_cva_date": str(on(-61))}},
            {"MH": {"last_cva_date": str(on(1))}},
            {"MH": {"last_cva_date": "2025-12"}},
            {"MH": {"last_cva_date": "2026"}},
            {"MH": {"prior_cva": "N"}},
            {"IE": {"exc08": "Y"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-017",
        {"MH": {"life_exp_2y": "N"}, "IE": {"exc11": "N"}},
        silent=[{"MH": {"life_exp_2y": "Y"}}, {"IE": {"exc11": "Y"}}],
    ),
    Case(
        "EC-018",
        {"MH": {"allergy_antiplt": "Y"}, "IE": {"exc09": "N"}},
        holds=[{"MH": {"allergy_antiplt": "N", "active_bleeding": "Y"}}],
        silent=[{"MH": {"allergy_antiplt": "N", "active_bleeding": "U"}}, {"IE": {"exc09": "Y"}}],
    ),
    Case(
        "EC-020",
        {"IC": {"consent_obtained": "Y"}, "IE": {"inc02": "N"}},
        holds=[
            {"IE": {"inc02": None, "inc06": "N"}, "PR": {"planned_cohort": "DCB"}},
            {"IE": {"inc02": None, "exc02": "N"}, "BCS": {"rutherford_target": "6"}},
            {"IE": {"inc02": None, "inc03": "N"}, "BCS": {"rutherford_target": "3"}},
        ],
        silent=[
            {"IE": {"inc02": "Y"}},
            {"IE": {"inc02": None}},
            {"IC": {"consent_obtained": None}},
            {"IE": {"inc02": None, "inc03": "Y"}, "BCS": {"rutherford_target": "6"}},
        ],
    ),
    Case(
        "EC-027",
        {"DM": {"sex": "M"}, "IE": {"exc01": "N"}},
        holds=[{"IE": {"exc01": "Y"}}],
        silent=[{"IE": {"exc01": "NA"}}, {"IE": {"exc01": None}}, {"DM": {"sex": "F"}}],
    ),
    Case(
        "EC-028",
        {"BCS": {"rutherford_target": "1"}, "IE": {"inc03": "Y"}},
        holds=[{"BCS": {"rutherford_target": category}} for category in ("0", "6")],
        silent=[
            *({"BCS": {"rutherford_target": category}} for category in ("2", "5")),
            {"IE": {"inc03": "N"}},
            {"BCS": None},
        ],
    ),
    Case(
        "EC-029",
        {
            "PS": {"ps_carries_tl": "Y", "ps_implant_date": str(on(-30))},
            "PR": PR0,
            "IE": {"inc04": "Y"},
        },
        holds=[{"PS": {"ps_implant_date": "2026-02"}}],
        silent=[
            {"PS": {"ps_implant_date": str(on(-31))}},
            {"PS": {"ps_implant_date": None}},
            {"PS": {"ps_carries_tl": "N"}},
            {"PS": [{"ps_carries_tl": "Y", "ps_implant_date": str(on(day))} for day in (-30, -31)]},
            {"IE": {"inc04": "N"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-030",
        {"LES": {**L1, "stenosis_pct": 49}, "IE": {"inc04": "Y"}},
        holds=[{"LES": [{**L1, "stenosis_pct": 49}, {**OTHER, "stenosis_pct": 90}]}],
        silent=[
            {"LES": {"stenosis_pct": 50}},
            {"LES": [{**L1, "stenosis_pct": 49}, {**L2, "stenosis_pct": 50}]},
            {"LES": [{**L1, "stenosis_pct": 49}, L2]},
            {"LES": core({**L1, "stenosis_pct": 49})},
            {"IE": {"inc04": "N"}},
        ],
    ),
    Case(
        "EC-031",
        {"LES": {**L1, "lesion_length_mm": 301}, "IE": {"inc07": "Y"}},
        holds=[{"LES": [{**L1, "lesion_length_mm": 200}, {**L2, "lesion_length_mm": 101}]}],
        silent=[
            {"LES": {"lesion_length_mm": 300}},
            {"LES": [{**L1, "lesion_length_mm": 300}, {**OTHER, "lesion_length_mm": 100}]},
            {"LES": [{**L1, "lesion_length_mm": 300}, core({**L1, "lesion_length_mm": 300})]},
            {"IE": {"inc07": "N"}},
        ],
    ),
    Case(
        "EC-032",
        {"LES": {**L1, "ext_prox_mm": 31}, "IE": {"inc05": "Y"}},
        holds=[{"LES": {"ext_prox_mm": 0, "ext_dist_mm": 31}}],
        silent=[{"LES": {"ext_prox_mm": 30, "ext_dist_mm": 30}}, {"IE": {"inc05": "N"}}],
    ),
    Case(
        "EC-033",
        {"LES": {**L1, "dist_profunda_mm": 9}, "IE": {"inc04": "Y"}},
        holds=[{"LES": {"dist_profunda_mm": 50, "dist_notch_mm": 9}}],
        silent=[{"LES": {"dist_profunda_mm": 10, "dist_notch_mm": 10}}, {"IE": {"inc04": "N"}}],
    ),
    Case(
        "EC-034",
        {"LES": {**L1, "ro_ata": "O", "ro_pta": "O", "ro_pero": "O"}, "IE": {"inc08": "Y"}},
        silent=[{"LES": {"ro_ata": "P"}}, {"LES": {"ro_pero": None}}, {"IE": {"inc08": "N"}}],
    ),
    Case(
        "EC-035",
        {"LH": {"aortoiliac_status": "U"}, "PR": {"inflow_treated": "N"}, "IE": {"exc05": "N"}},
        holds=[{"PR": {"inflow_treated": "Y", "inflow_resid_pct": 50}}],
        silent=[
            {"PR": {"inflow_treated": "Y", "inflow_resid_pct": 49}},
            {"PR": {"inflow_treated": "Y"}},
            {"LH": {"aortoiliac_status": "N"}},
            {"IE": {"exc05": "Y"}},
        ],
    ),
    Case(
        "EC-036",
        {"BCS": {"acute_ischaemia": "Y"}, "IE": {"exc04": "N"}},
        holds=[{"BCS": {"acute_ischaemia": "N"}, "LES": {**L1, "acute_thrombus": "Y"}}],
        silent=[
            {"BCS": {"acute_ischaemia": "N"}, "LES": {**L1, "acute_thrombus": "N"}},
            {"BCS": {"acute_ischaemia": "N"}, "LES": core({**L1, "acute_thrombus": "Y"})},
            {"IE": {"exc04": "Y"}},
        ],
    ),
    Case(
        "EC-037",
        {"PR": {"study_dev_introduced": "Y"}, "IE": {"elig_outcome": "SF"}},
        silent=[
            {"IE": {"elig_outcome": "ELIG"}},
            {"IE": {"elig_outcome": None}},
            {"PR": {"study_dev_introduced": "N"}},
        ],
    ),
]

HISTORY = [
    Case(
        "EC-010",
        {"DM": {"childbearing": "CBP", "pregnancy_test_date": on(-8)}, "PR": PR0},
        silent=[
            {"DM": {"pregnancy_test_date": on(-7)}},
            {"DM": {"childbearing": "PM"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-012",
        {"MH": {"prior_cva": "Y", "last_cva_date": "2026"}, "PR": PR0},
        silent=[
            {"MH": {"last_cva_date": "2026-02"}},
            {"MH": {"last_cva_date": "2024"}},
            {"MH": {"last_cva_date": str(on(-60))}},
            {"MH": {"prior_cva": "N"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-013",
        {"MH": {"dm_type": "N"}, "CM": {"cm_class": "GLU"}},
        silent=[{"MH": {"dm_type": "T2"}}, {"CM": {"cm_class": "STATIN"}}, {"CM": None}],
    ),
    Case(
        "EC-016",
        {"MH": {"dm_years": 61}, "DM": {"age": 60}},
        silent=[{"MH": {"dm_years": 60}}, {"DM": {"age": None}}, {"MH": {"dm_years": None}}],
    ),
]

TABLE = Table(("consent", "eligibility", "history"), [*CONSENT, *CRITERIA_CASES, *HISTORY])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()


@pytest.mark.parametrize("case", CRITERIA_CASES, ids=lambda case: case.check)
def test_a_criterion_is_asked_about_on_the_eligibility_page(case: Case) -> None:
    """Owner (§4): the eligibility page, wherever the condition names one of its items."""
    assert {form for form, _ in held_on(case, {})} == {"IE"}


def test_a_specific_check_silences_the_general_one() -> None:
    """No double queries (§4), for every criterion that a check of its own asks about."""
    for case in CRITERIA_CASES:
        item = next((name for name, checks in SPECIFIC.items() if case.check in checks), None)
        if item is None or CHECKS[case.check].owner != "IE":
            continue
        r = reading(**case.base)
        assert not [found for found in findings("EC-020", r) if found.about == item], case.check


def test_the_general_check_asks_about_each_criterion_by_itself() -> None:
    r = reading(
        IC={"consent_obtained": "Y"},
        BCS={"rutherford_target": "6"},
        IE={"inc02": "N", "exc10": "Y", "exc02": "N"},
    )
    asked = findings("EC-020", r)
    assert [found.about for found in asked] == ["inc02", "exc02", "exc10"]
    assert {name for name, _ in SPECIFIC.items()} <= {criterion.id for criterion in CRITERIA}


def test_a_blood_sample_is_asked_about_once() -> None:
    taken = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [{"lb_analyte": name, "lb_dt": taken} for name in ("HGB", "CREAT", "PLT")]
    r = reading(SCR={"LB": rows}, IC={"consent_dt": datetime(2026, 3, 1, tzinfo=UTC)}, PR=PR0)
    assert [len(findings(check, r)) for check in ("EC-003", "EC-042")] == [1, 1]


def test_the_day_of_consent_is_a_day_in_shanghai() -> None:
    """On 1 March at 17:30 UTC it is already 2 March there, so blood of that evening was taken before."""
    consent = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    r = reading(IC={"consent_dt": consent}, BCS={"bcs_date": date(2026, 3, 1)})
    assert len(findings("EC-003", r)) == 1
