"""Contradictions and warnings within a page: each one holds where it should, and is silent beside it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from visits.crfs import FORMS, Contradiction
from visits.items import DecItem, ItemRefused

D = Decimal
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MET = {f"inc{n:02d}": "Y" for n in range(1, 10)} | {f"exc{n:02d}": "N" for n in range(1, 12)}
INCOMPRESSIBLE = {"incompressible_l": "Y", "toe_l": 60, "tbi_l": D("0.50")}
BLEEDING = {"ae_aesi": ["BLEED"], "bl_hb_before": 130, "bl_hb_nadir": 90, "bl_actionable": "Y"}

LABELS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    case
    for kind in ("dcb", "bms", "des")
    for case in (
        (
            kind.upper(),
            f"{kind.upper()}.{kind}_udi",
            {f"{kind}_udi": "see sticker"},
            {f"{kind}_udi": "(01)06901234567892(10)A1"},
        ),
        (
            kind.upper(),
            f"{kind.upper()}.{kind}_udi.missing",
            {f"{kind}_outcome": "OK"},
            {f"{kind}_udi": "(01)06901234567892(10)A1"},
        ),
        (
            kind.upper(),
            f"{kind.upper()}.{kind}_lot.missing",
            {f"{kind}_outcome": "OK"},
            {f"{kind}_lot": "A1"},
        ),
    )
]

# Rule, values of a page for which it holds, and what to change so that it no longer does.
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "IC",
        "IC.consent_dt",
        {"consent_dt": NOON, "screening_date": date(2026, 1, 29)},
        {"screening_date": date(2026, 1, 30)},
    ),
    ("DM", "EC-002", {"age": 18, "consent_on_bday": "Y"}, {"consent_on_bday": "N"}),
    ("DM", "EC-008", {"height_cm": D("150.0"), "weight_kg": D("90.3")}, {"weight_kg": D("90.0")}),
    ("DM", "EC-009", {"sex": "F", "childbearing": "CBP"}, {"pregnancy_test": "NEG"}),
    ("IE", "EC-021", {"inc03": "Y", "exc02": "Y"}, {"exc02": "N"}),
    ("IE", "EC-022", {"inc04": "Y", "exc06": "Y"}, {"exc06": "N"}),
    ("IE", "EC-023", {"inc07": "N", "exc07": "N"}, {"exc07": "Y"}),
    ("IE", "EC-024", {"inc02": "Y", "exc10": "Y"}, {"exc10": "N"}),
    ("IE", "EC-025", MET | {"elig_outcome": "ELIG", "exc05": "Y"}, {"exc05": None}),
    ("IE", "EC-026", MET | {"elig_outcome": "SF", "sf_reason_cd": "IE"}, {"inc09": "N"}),
    ("MH", "EC-014", {"dialysis": "Y", "ckd": "N"}, {"ckd": "Y"}),
    ("MH", "EC-015", {"smoking": "FOR", "pack_years": D("0.0")}, {"pack_years": D("0.1")}),
    ("MH", "EC-019", {"allergy_paclitaxel": "Y"}, {"allergy_paclitaxel": "U"}),
    ("LH", "EC-130", {"isr_number": "1", "prior_isr_tx": ["DCB"]}, {"prior_isr_tx": ["NONE"]}),
    ("LH", "LH.prior_isr_tx", {"isr_number": "2", "prior_isr_tx": ["NONE"]}, {"isr_number": "U"}),
    ("PS", "PS.ps_implant_date", {"ps_implant_date": "1994"}, {"ps_implant_date": "1995"}),
    ("BCS", "EC-056", {"tissue_loss": "Y", "rutherford_target": "4"}, {"rutherford_target": "5"}),
    ("BCS", "EC-056", {"tissue_loss": "N", "rutherford_target": "5"}, {"rutherford_target": "4"}),
    (
        "BCS",
        "BCS.claud_distance_m",
        {"rutherford_target": "3", "claud_distance_m": 1001},
        {"claud_distance_m": 1000},
    ),
    (
        "ABI",
        "EC-057",
        {"ankle_dp_l": 60, "brachial_l": 100, "abi_l": D("0.66")},
        {"abi_l": D("0.65")},
    ),
    ("ABI", "EC-058", {"abi_r": D("1.41"), "incompressible_r": "N"}, {"abi_r": D("1.40")}),
    ("ABI", "ABI.brachial_r", {"brachial_l": 121, "brachial_r": 100}, {"brachial_l": 120}),
    ("ABI", "ABI.toe_l", INCOMPRESSIBLE | {"toe_l": None}, {"toe_l": 60}),
    ("ABI", "ABI.tbi_l", INCOMPRESSIBLE | {"tbi_l": None}, {"incompressible_l": "N"}),
    ("LB", "LB.lb_value", {"lb_test": "HGB", "lb_value": D("19.999")}, {"lb_value": D("20.000")}),
    ("LB", "LB.lb_value.usual", {"lb_test": "HGB", "lb_value": D("69.999")}, {"lb_value": D("70.000")}),
    (
        "LB",
        "LB.lb_value.uln",
        {"lb_test": "TROPONIN", "lb_value": D("15.000"), "lb_uln": D("14.000")},
        {"lb_value": D("14.000")},
    ),
    ("LB", "LB.lb_unit", {"lb_test": "HGB", "lb_unit": "g/dL"}, {"lb_unit": "g/L"}),
    ("LB", "LB.lb_uln", {"lb_test": "ALT"}, {"lb_uln": D("40.000")}),
    ("CM", "EC-128", {"cm_start": "2026-02", "cm_end": "2026-01"}, {"cm_end": "2026"}),
    ("LES", "EC-062", {"occlusion": "Y", "stenosis_pct": 99}, {"stenosis_pct": 100}),
    ("LES", "EC-062", {"occlusion": "N", "stenosis_pct": 100}, {"stenosis_pct": 99}),
    ("LES", "EC-063", {"tosaka": "3", "occlusion": "N"}, {"tosaka": "2"}),
    ("LES", "EC-064", {"tosaka": "1", "lesion_length_mm": 51}, {"lesion_length_mm": 50}),
    ("LES", "EC-064", {"tosaka": "2", "lesion_length_mm": 50}, {"lesion_length_mm": 51}),
    ("LES", "EC-065", {"mld_mm": D("5.1"), "rvd_mm": D("5.0")}, {"mld_mm": D("5.0")}),
    (
        "LES",
        "EC-066",
        {"stenosis_pct": 81, "mld_mm": D("1.5"), "rvd_mm": D("5.0")},
        {"stenosis_pct": 80},
    ),
    ("LES", "LES.lesion_no", {"lesion_no": "L4", "is_target": "Y"}, {"lesion_no": "L3"}),
    ("LES", "LES.lesion_no", {"lesion_no": "L3", "is_target": "N"}, {"lesion_no": "L4"}),
    ("LES", "LES.les_segment", {"les_segment": ["SFAD", "P2"], "is_target": "Y"}, {"is_target": "N"}),
    ("LES", "LES.stenosis_pct", {"stenosis_pct": 49, "is_target": "Y"}, {"stenosis_pct": 50}),
    (
        "PR",
        "PR.proc_start",
        {"proc_date": date(2026, 3, 1), "proc_start": datetime(2026, 3, 1, 16, tzinfo=UTC)},
        {"proc_start": datetime(2026, 3, 1, 15, 59, tzinfo=UTC)},
    ),
    ("PR", "PR.proc_end", {"proc_start": NOON, "proc_end": NOON}, {"proc_end": NOON + timedelta(minutes=1)}),
    (
        "PR",
        "PR.proc_end",
        {"proc_start": NOON, "proc_end": NOON + timedelta(hours=24, minutes=1)},
        {"proc_end": NOON + timedelta(hours=24)},
    ),
    (
        "PR",
        "PR.proc_end.long",
        {"proc_start": NOON, "proc_end": NOON + timedelta(hours=6, minutes=1)},
        {"proc_end": NOON + timedelta(hours=6)},
    ),
    (
        "PR",
        "PR.study_dev_dt",
        {
            "proc_start": NOON,
            "proc_end": NOON + timedelta(hours=1),
            "study_dev_dt": NOON + timedelta(minutes=61),
        },
        {"study_dev_dt": NOON + timedelta(minutes=60)},
    ),
    ("PR", "EC-038", {"planned_dt": NOON + timedelta(minutes=1), "study_dev_dt": NOON}, {"planned_dt": NOON}),
    ("PRL", "EC-081", {"predil_done": "N", "crossing": "INT"}, {"crossing": "FAIL"}),
    ("PRL", "EC-082", {"flow_limiting": "Y", "final_diss": "A"}, {"final_diss": "B"}),
    ("DCB", "EC-077", {"dcb_outcome": "OK", "dcb_infl_s": 59}, {"dcb_infl_s": 60}),
    ("DES", "DES.des_deployed_mm", {"des_len_mm": 100, "des_deployed_mm": 111}, {"des_deployed_mm": 110}),
    *LABELS,
    ("DES", "DES.des_overlap_mm", {"des_overlap_mm": 0}, {"des_overlap_mm": 1}),
    ("DES", "DES.des_overlap_mm", {"des_overlap_mm": 21}, {"des_overlap_mm": 20}),
    (
        "DISC",
        "DISC.disc_admit_date",
        {"disc_admit_date": date(2026, 3, 2), "disc_date": date(2026, 3, 1)},
        {"disc_date": date(2026, 3, 2)},
    ),
    ("FU", "EC-055", {"symptoms": ["ULC"], "fu_rutherford": "4"}, {"fu_rutherford": "5"}),
    ("FU", "FU.symptoms", {"symptoms": ["NONE"], "fu_rutherford": "2"}, {"fu_rutherford": "1"}),
    ("DUS", "DUS.stenosis_cat", {"stenosis_cat": "3", "dus_occlusion": "N"}, {"stenosis_cat": "2"}),
    (
        "DUS",
        "EC-087",
        {"psv_max_cms": 250, "psv_ref_cms": 100, "psvr": D("2.61")},
        {"psvr": D("2.60")},
    ),
    ("DUS", "EC-089", {"stenosis_cat": "0", "psvr": D("2.41")}, {"psvr": D("2.40")}),
    (
        "DUS",
        "EC-089",
        {"stenosis_cat": "1", "psvr": D("3.00"), "psv_max_cms": 240, "psv_ref_cms": 100},
        {"psv_max_cms": 241},
    ),
    ("DUS", "DUS.dus_images.missing", {"stenosis_cat": "0"}, {"dus_images": "f" * 64}),
    ("REV", "REV.rev_docs.missing", {"rev_narrative": "x" * 30}, {"rev_docs": "f" * 64}),
    ("DUS", "DUS.waveform_dist", {"waveform_dist": "ABS", "dus_occlusion": "N"}, {"dus_occlusion": "Y"}),
    ("REV", "EC-097", {"rev_tl_occluded": "Y", "rev_pre_sten_pct": 99}, {"rev_pre_sten_pct": 100}),
    ("REV", "REV.rev_edge_mm", {"rev_edge": "PROX", "rev_edge_mm": 0}, {"rev_edge_mm": 1}),
    ("REV", "REV.rev_edge_mm", {"rev_edge": "IN", "rev_edge_mm": 1}, {"rev_edge_mm": 0}),
    (
        "REV",
        "REV.rev_abi_pre_date",
        {"rev_abi_pre_date": date(2026, 3, 1), "rev_date": "2026-02"},
        {"rev_date": "2026-03"},
    ),
    ("REV", "REV.rev_date", {"rev_date": "2026-03"}, {"rev_date": "2026-03-01"}),
    (
        "REV",
        "REV.rev_abi_pre_date.old",
        {"rev_abi_pre_date": date(2026, 1, 29), "rev_date": "2026-03-01"},
        {"rev_abi_pre_date": date(2026, 1, 30)},
    ),
    ("REV", "EC-098", {"rev_reasons": ["CLAU"], "rev_ruth_pre": "0"}, {"rev_ruth_pre": "1"}),
    (
        "REV",
        "EC-099",
        {"rev_reasons": ["ABI"], "rev_abi_ref": D("0.95"), "rev_abi_pre": D("0.80")},
        {"rev_abi_pre": D("0.79")},
    ),
    (
        "REV",
        "EC-099",
        {"rev_reasons": ["ABI"], "rev_abi_ref": D("0.76"), "rev_abi_pre": D("0.61")},
        {"rev_abi_ref": D("0.75"), "rev_abi_pre": D("0.60")},
    ),
    ("REV", "EC-100", {"rev_tl_lesion": "L1", "rev_edge_mm": 25}, {"rev_edge_mm": 24}),
    ("REV", "EC-100", {"rev_tl_lesion": "L1", "rev_edge_mm": 35}, {"rev_edge_mm": 36}),
    (
        "REV",
        "EC-101",
        {"rev_tl_lesion": "L1", "rev_edge_mm": 30, "rev_pre_sten_pct": 49},
        {"rev_pre_sten_pct": 50},
    ),
    (
        "REV",
        "EC-137",
        {"rev_side": "L", "target_limb": "L", "rev_vessels": ["FP"]},
        {"target_limb": "R"},
    ),
    ("REV", "REV.rev_narrative", {"rev_narrative": "x" * 29}, {"rev_narrative": "x" * 30}),
    ("AMP", "AMP.amp_date", {"amp_date": "2026"}, {"amp_date": "2026-03-01"}),
    ("AMP", "AMP.amp_planned", {"amp_planned": "Y", "amp_level": "SYME"}, {"amp_level": "MIDF"}),
    ("AMP", "EC-105", {"amp_level": "BKA"}, {"amp_ae_ref": "an adverse event"}),
    ("AE", "EC-107", {"ae_serious": "Y"}, {"ae_sae_crit": ["HOSP"]}),
    ("AE", "EC-110", {"ae_start": "2026-03-01", "ae_end": "2026-02"}, {"ae_end": "2026-03"}),
    ("AE", "AE.ae_ctcae", {"ae_ctcae": 5, "ae_outcome": "REC"}, {"ae_outcome": "FAT"}),
    ("AE", "AE.ae_ctcae", {"ae_ctcae": 4, "ae_outcome": "FAT"}, {"ae_outcome": "REC"}),
    (
        "AE",
        "AE.ae_hosp_disch",
        {"ae_hosp_admit": "2026-03-02", "ae_hosp_disch": "2026-03-01"},
        {"ae_hosp_disch": "2026-03-02"},
    ),
    ("AE", "AE.ae_aware_dt", {"ae_aware_dt": NOON, "ae_start": "2026-03-02"}, {"ae_start": "2026-03-01"}),
    (
        "AE",
        "AE.ae_report_dt",
        {"ae_aware_dt": NOON, "ae_report_dt": NOON - timedelta(minutes=1)},
        {"ae_report_dt": NOON},
    ),
    ("AE", "AE.bl_hb_nadir", {"bl_hb_before": 100, "bl_hb_nadir": 101}, {"bl_hb_nadir": 100}),
    ("AE", "AE.bl_hb_nadir.fall", {"bl_hb_before": 160, "bl_hb_nadir": 59}, {"bl_hb_nadir": 60}),
    ("AE", "AE.ae_start", {"ae_start": "2026-03"}, {"ae_start": "2026-03-01"}),
    ("AE", "AE.ae_end", {"ae_end": "2026-03"}, {"ae_end": "2026-03-01"}),
    ("AE", "AE.ae_serious", {"ae_serious": "N", "ae_term": "Admitted for chest pain"}, {"ae_serious": "Y"}),
    ("AE", "AE.ae_serious", {"ae_serious": "N", "ae_term": "发热住院"}, {"ae_term": "发热"}),
    ("AE", "AE.ae_ctcae.severity", {"ae_ctcae": 4, "ae_severity": "2"}, {"ae_severity": "3"}),
    (
        "AE",
        "EC-108",
        {"ae_aware_dt": NOON, "ae_report_dt": NOON + timedelta(hours=24, minutes=1)},
        {"ae_report_dt": NOON + timedelta(hours=24)},
    ),
    ("AE", "EC-111", BLEEDING | {"bl_barc_inv": "2"}, {"bl_barc_inv": "3a"}),
    ("AE", "EC-111", BLEEDING | {"ae_outcome": "FAT", "bl_barc_inv": "3a"}, {"bl_barc_inv": "5a"}),
    ("AE", "AE.ae_narrative", {"ae_narrative": "x" * 49}, {"ae_narrative": "x" * 50}),
    (
        "DD",
        "DD.dd_report_dt",
        {"dd_aware_dt": NOON, "dd_report_dt": NOON - timedelta(minutes=1)},
        {"dd_report_dt": NOON},
    ),
    (
        "DD",
        "DD.dd_report_dt.late",
        {"dd_aware_dt": NOON, "dd_report_dt": NOON + timedelta(hours=25)},
        {"dd_report_dt": NOON + timedelta(hours=24)},
    ),
    ("DTH", "DTH.death_date", {"death_date": "2026-03"}, {"death_date": "2026-03-01"}),
    ("CEC", "EC-123", {"cec_tlr": "Y", "cec_tvr": "N"}, {"cec_tlr": "N"}),
    ("CEC", "CEC.cec_status", {"cec_status": "FIN"}, {"cec_decision_date": date(2026, 3, 1)}),
    ("CEC", "CEC.cec_r1_event", {"cec_status": "R1"}, {"cec_r1_event": "U"}),
    ("CEC", "CEC.cec_r2_event", {"cec_status": "R2"}, {"cec_status": "R1"}),
    (
        "CEC",
        "CEC.cec_r1_tlr",
        {"cec_status": "R1", "cec_type": "REV", "cec_r1_event": "Y"},
        {"cec_r1_event": "N"},
    ),
    (
        "CEC",
        "CEC.cec_r2_tlr",
        {"cec_status": "DIS", "cec_type": "REV", "cec_r2_event": "Y"},
        {"cec_type": "AMP"},
    ),
    ("CEC", "CEC.cec_r1_cd", {"cec_status": "FIN", "cec_r1_tlr": "Y"}, {"cec_r1_cd": "N"}),
    ("CEC", "CEC.cec_r2_cd", {"cec_status": "FIN", "cec_r2_tlr": "Y"}, {"cec_r2_tlr": "N"}),
    (
        "EXIT",
        "EC-120",
        {"last_contact_date": date(2026, 3, 2), "exit_date": date(2026, 3, 1)},
        {"exit_date": date(2026, 3, 2)},
    ),
    ("EXIT", "EC-119", {"exit_reason": "LTFU", "contact_attempts": 2}, {"contact_attempts": 3}),
    (
        "EXIT",
        "EXIT.last_contact_date",
        {"last_contact_date": date(2025, 12, 30), "exit_date": date(2026, 3, 1)},
        {"last_contact_date": date(2025, 12, 31)},
    ),
]


def rule(form: str, rule_id: str) -> Contradiction:
    crf = FORMS[form]
    return next(rule for rule in (*crf.contradictions, *crf.warnings) if rule.id == rule_id)


def completed(form: str, values: dict[str, Any]) -> dict[str, Any]:
    """Add derived items; those that need the dossier keep the value given for them."""
    computed = FORMS[form].complete(values)
    return computed | {name: value for name, value in values.items() if computed.get(name) is None}


@pytest.mark.parametrize(("form", "rule_id", "values", "changed"), CASES)
def test_rule(form: str, rule_id: str, values: dict[str, Any], changed: dict[str, Any]) -> None:
    assert rule(form, rule_id).found_in(completed(form, values))
    assert not rule(form, rule_id).found_in(completed(form, values | changed))


def test_every_rule_has_a_case() -> None:
    tried = {(form, rule_id) for form, rule_id, _, _ in CASES}
    every = {(form, rule.id) for form, crf in FORMS.items() for rule in (*crf.contradictions, *crf.warnings)}
    assert {pair for pair in every - tried if pair[1] not in ("ABI.toe_r", "ABI.tbi_r")} == set()


@pytest.mark.parametrize("form", list(FORMS))
def test_an_empty_page_contradicts_nothing(form: str) -> None:
    crf = FORMS[form]
    values = crf.complete({})
    assert not [rule.id for rule in (*crf.contradictions, *crf.warnings) if rule.found_in(values)]


@pytest.mark.parametrize("form", list(FORMS))
def test_no_hard_rule_reads_another_page(form: str) -> None:
    crf = FORMS[form]
    own = {*crf.items(), *(name for name, derived in crf.derived().items() if not derived.reads_dossier)}
    for contradiction in crf.contradictions:
        assert set(contradiction.items) <= own, contradiction.id


def test_ids_are_unique() -> None:
    ids = [rule.id for crf in FORMS.values() for rule in (*crf.contradictions, *crf.warnings)]
    assert len(ids) == len(set(ids))


def test_every_condition_reads_items_that_exist() -> None:
    facts = {"target_limb", "visit_code", "proc_date"}
    for form, crf in FORMS.items():
        for name, item in crf.items().items():
            for read in item.depends_on - facts:
                other, _, own = read.rpartition(".")
                assert own in {**FORMS[(other or form).upper()].items(), **crf.derived()}, (form, name, read)


def test_hard_limits_hold_at_their_ends() -> None:
    for crf in FORMS.values():
        for item in crf.items().values():
            if item.hard is None or item.kind not in ("int", "dec"):
                continue
            step = Decimal(1).scaleb(-item.places) if isinstance(item, DecItem) else Decimal(1)
            for end, outwards in ((item.hard.lo, -step), (item.hard.hi, step)):
                if end is not None:
                    kind = int if item.kind == "int" else Decimal
                    assert item.clean(kind(end)) == end
                    with pytest.raises(ItemRefused):
                        item.clean(kind(end + outwards))
