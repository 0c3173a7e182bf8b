"""Derived items: those of the page itself, and those that read the subject's other pages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from protocol.eligibility import CRITERIA
from subjects.models import Subject
from tests.records import page
from visits.crfs import FORMS
from visits.crfs.criteria import eligibility_inputs
from visits.dossier import Dossier, PageRecord

D = Decimal
DAY_0 = date(2026, 3, 1)
SUBJECT = cast("Subject", SimpleNamespace(screening_no="S07012"))


LIMB = page("LH", {"target_limb": "L"}, visit="SCR")
PROCEDURE = page("PR", {"proc_date": DAY_0, "staged_target": "N"}, visit="PROC")
LESION = page("LES", {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}, visit="PROC")
TREATMENT = page(
    "PRL",
    {"prl_lesion": "L1", "crossing": "INT", "final_resid_pct": 40, "flow_limiting": "N"},
    visit="PROC",
)
STENT = page("BMS", {"bms_lesion": "L1", "bms_outcome": "OK"}, visit="PROC")
POST = page("ABI", {"abi_date": date(2026, 3, 2), "abi_l": D("0.95"), "tbi_l": D("0.70")}, visit="POST")
RESTENOSIS = {
    "rev_date": "2026-09-01",
    "rev_kind": "PERC",
    "rev_side": "L",
    "rev_vessels": ["FP"],
    "rev_edge_mm": 0,
    "rev_reasons": ["IMG"],
    "rev_abi_pre": D("0.79"),
    "rev_abi_pre_date": date(2026, 8, 30),
}


def dossier(*pages: PageRecord) -> Dossier:
    return Dossier(subject=SUBJECT, pages=[LIMB, PROCEDURE, LESION, *pages])


def derive(form: str, item: str, values: dict[str, Any], *pages: PageRecord) -> Any:
    return FORMS[form].complete(values, dossier(*pages))[item]


@pytest.mark.parametrize(
    ("form", "item", "values", "expected"),
    [
        ("DM", "bmi", {"height_cm": D("170.0"), "weight_kg": D("70.0")}, D("24.2")),
        ("BCS", "wifi_stage", {"tissue_loss": "N", "wifi_ischaemia": "2"}, 2),
        (
            "BCS",
            "wifi_stage",
            {"tissue_loss": "Y", "wifi_wound": "1", "wifi_ischaemia": "2", "wifi_infection": "1"},
            3,
        ),
        ("BCS", "wifi_stage", {"tissue_loss": "Y", "wifi_ischaemia": "2"}, None),
        ("ABI", "abi_calc_r", {"ankle_pt_r": 60, "brachial_l": 120, "brachial_r": 110}, D("0.50")),
        ("LES", "runoff_count", {"ro_ata": "P", "ro_pta": "O", "ro_pero": "P"}, 2),
        (
            "DCB",
            "dcb_dose_mg",
            {"dcb_diam_mm": D("5.0"), "dcb_len_mm": 120, "dcb_dose_ug_mm2": D("3.5")},
            D("6.60"),
        ),
        ("DUS", "psvr_calc", {"psv_max_cms": 241, "psv_ref_cms": 100}, D("2.41")),
        ("DUS", "dus_status", {}, None),
        ("DUS", "dus_status", {"dus_adequate": "N"}, "ND"),
        ("DUS", "dus_status", {"dus_adequate": "Y", "dus_occlusion": "Y"}, "OCC"),
        ("DUS", "dus_status", {"dus_adequate": "Y", "dus_occlusion": "N", "psvr": D("2.40")}, "PAT"),
        ("DUS", "dus_status", {"dus_adequate": "Y", "dus_occlusion": "N", "psvr": D("2.41")}, "REST"),
        ("IMG", "img_status", {"img_diagnostic": "Y", "img_sten_pct": 49}, "PAT"),
        ("IMG", "img_status", {"img_diagnostic": "Y", "img_sten_pct": 50}, "REST"),
        ("IMG", "img_status", {"img_diagnostic": "Y", "img_sten_pct": 100}, "OCC"),
        ("IMG", "img_status", {"img_diagnostic": "N"}, "ND"),
        ("IMG", "img_status", {}, None),
        ("AMP", "amp_is_major", {"amp_level": "MIDF"}, "N"),
        ("AMP", "amp_is_major", {"amp_level": "SYME"}, "Y"),
        ("AMP", "amp_target_limb", {"amp_side": "L"}, "Y"),
        ("AMP", "amp_target_limb", {"amp_side": "R"}, "N"),
        ("AE", "ae_class", {"ae_serious": "Y", "ae_rel_device": "2", "ae_anticipated": "N"}, "USADE"),
        ("AE", "bl_barc", {"ae_aesi": ["MI"], "bl_hb_before": 130, "bl_hb_nadir": 70}, None),
        ("AE", "bl_barc", {"ae_aesi": ["BLEED"], "bl_hb_before": 130, "bl_hb_nadir": 70}, "3b"),
        ("IC", "screening_no", {}, "S07012"),
    ],
)
def test_values(form: str, item: str, values: dict[str, Any], expected: Any) -> None:
    assert derive(form, item, values) == expected


def test_nothing_is_computed_of_an_empty_page() -> None:
    for form, crf in FORMS.items():
        computed = crf.complete({}, Dossier(subject=SUBJECT, pages=[]))
        assert set(computed.values()) <= {None, "S07012"}, form


def test_a_residual_of_forty_percent_is_success_without_a_stent_only() -> None:
    assert derive("PR", "technical_success", {}, TREATMENT) == "Y"
    assert derive("PR", "technical_success", {}, TREATMENT, STENT) == "N"


def test_a_target_lesion_without_its_page_leaves_success_open() -> None:
    second = page("LES", {"lesion_no": "L2", "les_reader": "SITE", "is_target": "Y"}, visit="PROC")
    assert derive("PR", "technical_success", {}) is None
    assert derive("PR", "technical_success", {}, TREATMENT, second) is None


@pytest.mark.parametrize(
    ("form", "values", "expected"),
    [
        ("DTH", {"death_date": "2026-03-04"}, "N"),
        ("DTH", {"death_date": "2026-03-05"}, "Y"),
        ("DTH", {"death_date": "2026-03"}, "N"),
        ("AE", {"ae_aesi": ["MI"], "ae_start": "2026-03-02"}, "N"),
        ("AE", {"ae_aesi": ["BLEED"], "ae_start": "2026-03-02"}, "Y"),
        ("AE", {"ae_aesi": ["ALI"], "ae_limb": "R", "ae_start": "2026-03-02"}, "Y"),
        ("AE", {"ae_aesi": ["ALI"], "ae_limb": "L", "ae_start": "2026-03-02"}, "N"),
        ("AE", {"ae_aesi": ["MI"], "ae_start": "2026-02-28"}, "Y"),
        ("REV", {"rev_urgent": "Y", "rev_kind": "SURG", "rev_date": "2026-03-03"}, "N"),
        ("REV", {"rev_urgent": "Y", "rev_kind": "PERC", "rev_date": "2026-03-03"}, "Y"),
    ],
)
def test_an_early_event_ends_procedural_success(form: str, values: dict[str, Any], expected: str) -> None:
    assert derive("PR", "proc_success", {}, TREATMENT, page(form, values)) == expected


@pytest.mark.parametrize(
    ("changed", "tlr", "tvr", "driven"),
    [
        ({}, "Y", "Y", "Y"),
        ({"rev_abi_pre": D("0.80")}, "Y", "Y", "N"),
        ({"rev_reasons": ["CLAU"], "rev_abi_pre": None}, "Y", "Y", "Y"),
        ({"rev_edge_mm": 30}, "Y", "Y", "Y"),
        ({"rev_edge_mm": 31}, "N", "Y", "Y"),
        ({"rev_side": "R"}, "N", "N", "Y"),
        ({"rev_kind": "DIAG"}, "N", "N", None),
        ({"rev_date": "2026-03-01", "rev_abi_pre": None}, "N", "N", "N"),
        ({"rev_date": "2026-03-01", "rev_separate": "Y", "rev_abi_pre": None}, "Y", "Y", "N"),
        ({"rev_date": None}, None, None, None),
        ({"rev_abi_pre_date": date(2026, 8, 1)}, "Y", "Y", "N"),
        ({"rev_abi_pre": None, "rev_tbi_pre": D("0.54")}, "Y", "Y", "Y"),
        ({"rev_abi_pre": None, "rev_tbi_pre": D("0.57")}, "Y", "Y", "N"),
    ],
)
def test_revascularisations(
    changed: dict[str, Any], tlr: str | None, tvr: str | None, driven: str | None
) -> None:
    found = FORMS["REV"].complete(RESTENOSIS | changed, dossier(POST))
    assert (found["rev_is_tlr"], found["rev_is_tvr"], found["rev_cd_site"]) == (tlr, tvr, driven)


def test_the_reference_abi_is_the_first_after_the_procedure_and_before_this_one() -> None:
    before = page("ABI", {"abi_date": date(2026, 2, 28), "abi_l": D("0.50")}, visit="SCR")
    other_limb = page("ABI", {"abi_date": date(2026, 3, 1), "abi_r": D("1.00")}, visit="POST")
    later = page("ABI", {"abi_date": date(2026, 6, 1), "abi_l": D("0.90")}, visit="M3")
    assert derive("REV", "rev_abi_ref", RESTENOSIS, before, other_limb, later, POST) == D("0.95")
    assert derive("REV", "rev_abi_ref", RESTENOSIS | {"rev_abi_pre_date": date(2026, 3, 2)}, POST) is None
    assert derive("REV", "rev_abi_ref", RESTENOSIS, before) is None


def test_an_incompressible_reference_leaves_it_to_the_toe() -> None:
    stiff = replace(POST, values=POST.values | {"incompressible_l": "Y"})
    assert derive("REV", "rev_cd_site", RESTENOSIS, stiff) == "N"
    assert derive("REV", "rev_cd_site", RESTENOSIS | {"rev_tbi_pre": D("0.40")}, stiff) == "Y"


def test_unusual_derived_values_are_asked_about() -> None:
    assert FORMS["PR"].derived()["technical_success"].unusual("Y") is None
    question = FORMS["PR"].derived()["technical_success"].unusual("N")
    assert question is not None
    assert question.en == 'Technical success: please confirm "No".'
    assert FORMS["LES"].derived()["runoff_count"].unusual(0) is not None
    assert FORMS["LES"].derived()["runoff_count"].unusual(1) is None


def test_the_criteria_read_the_pages() -> None:
    stent = page("PS", {"ps_carries_tl": "Y", "ps_implant_date": "2024"}, visit="SCR")
    other = page("PS", {"ps_carries_tl": "N", "ps_implant_date": "2026-02"}, visit="SCR", ordinal=2)
    lesion = replace(
        LESION,
        values=LESION.values | {"stenosis_pct": 80, "dist_profunda_mm": 60, "dist_notch_mm": 90},
    )
    inputs = eligibility_inputs(Dossier(subject=SUBJECT, pages=[LIMB, PROCEDURE, lesion, stent, other]))
    verdicts = {criterion.id: criterion.decide(inputs).answer for criterion in CRITERIA}
    assert verdicts["inc04"] == "Y"
    assert verdicts["exc06"] == "N"
    assert verdicts["inc01"] == "U"
