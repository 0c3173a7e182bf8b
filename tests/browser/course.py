"""The course of the journey's subject: what the site enters, by visit; the procedure is 800 days ago."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import clock
from visits.capture.entry import PageEntry

CD_TLR_DAY = 300


def day0() -> date:
    """Return the day of the procedure, long enough ago for the visit at 24 months."""
    return clock.today() - timedelta(days=800)


def on(day: int) -> date:
    """Return the date of a study day."""
    return day0() + timedelta(days=day)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time at the site on a study day."""
    return datetime.combine(on(day), time(hour, minute), clock.ZONE)


def typed(when: datetime) -> str:
    """Return a time as it is typed."""
    return f"{when:%Y-%m-%d %H:%M}"


CONSENT = {
    "consent_obtained": "Y",
    "consent_version": "1.0",
    "consent_witness": "N",
    "consent_copy": "Y",
    "consent_privacy": "Y",
    "prior_participation": "N",
    "other_trial": "N",
}
DEMOGRAPHICS = {"age": 68, "sex": "M", "ethnic_cn": "HAN", "height_cm": "171.5", "weight_kg": "70.0"}
LIMB_HISTORY = {
    "target_limb": "L",
    "bilateral_isr": "N",
    "isr_number": "1",
    "prior_isr_tx": ["NONE"],
    "aortoiliac_status": "N",
    "contra_pad": "N",
}
PRIOR_STENT = {
    "ps_type": "BMS",
    "ps_brand": "EverFlex",
    "ps_segment": ["SFAM"],
    "ps_diameter_mm": "6.0",
    "ps_length_mm": 120,
    "ps_fracture": "0",
    "ps_carries_tl": "Y",
}
STATUS = {"rutherford_target": "3", "rutherford_contra": "0", "acute_ischaemia": "N", "tissue_loss": "N"}
CLINICAL = ("inc01", "inc02", "inc03", "inc06", "inc09", "exc02", "exc08", "exc09", "exc10", "exc11")
ANGIOGRAPHIC = ("inc04", "inc05", "inc07", "inc08", "exc03", "exc04", "exc05", "exc06", "exc07")


COMORBIDITIES = (
    "hypertension",
    "dyslipidaemia",
    "cad",
    "prior_mi",
    "prior_pci_cabg",
    "atrial_fib",
    "prior_cva",
    "prior_tia",
    "ckd",
    "malignancy",
    "prior_amp_target",
)


def fitting(names: tuple[str, ...]) -> dict[str, str]:
    """Return the answers of a subject who fits: every inclusion met, no exclusion."""
    return {name: "Y" if name.startswith("inc") else "N" for name in names}


def screening() -> dict[str, dict[str, Any]]:
    """Return the pages of the screening visit that the journey does not type: medical history, laboratory."""
    return {
        "MH": {
            **dict.fromkeys(COMORBIDITIES, "N"),
            "dm_type": "N",
            "smoking": "NEV",
            "nyha": "1",
            "dialysis": "N",
            "prior_amp_contra": "N",
            "active_bleeding": "N",
            "allergy_contrast": "N",
            "allergy_paclitaxel": "N",
            "allergy_antiplt": "N",
            "life_exp_2y": "Y",
        },
        "ABI": pressures(-1, "0.52"),
        "LB": {"lb_dt": at(-1, 8), "lb_test": "CREAT", "lb_value": Decimal(84), "lb_unit": "umol/L"},
    }


def pressures(day: int, left: str) -> dict[str, Any]:
    """Return an ABI page; the target limb is the left one."""
    return {"abi_date": on(day), "abi_l": Decimal(left), "incompressible_l": "N"}


LESION = {
    "lesion_no": "L1",
    "les_reader": "SITE",
    "is_target": "Y",
    "les_limb": "L",
    "les_segment": ["SFAM"],
    "stenosis_pct": 80,
    "occlusion": "N",
    "lesion_length_mm": 90,
    "rvd_mm": Decimal("5.2"),
    "tosaka": "2",
    "ext_prox_mm": 0,
    "ext_dist_mm": 0,
    "dist_profunda_mm": 80,
    "dist_notch_mm": 150,
    "pacss": "1",
    "severe_calc_pta": "N",
    "acute_thrombus": "N",
    "tasc": "B",
    "ro_ata": "P",
    "ro_pta": "P",
    "ro_pero": "O",
}
TREATMENT = {
    "prl_lesion": "L1",
    "crossing": "INT",
    "predil_done": "Y",
    "predil_diam_mm": Decimal("5.0"),
    "predil_len_mm": 100,
    "predil_atm": 8,
    "predil_sec": 120,
    "adjunct": ["NONE"],
    "predil_resid_pct": 30,
    "predil_diss": "0",
    "postdev_resid_pct": 15,
    "postdev_diss": "0",
    "postdil_done": "N",
    "final_resid_pct": 15,
    "final_diss": "0",
    "flow_limiting": "N",
    "treated_prox_mm": 75,
    "treated_len_mm": 100,
    "runoff_after": 2,
    "prl_reader": "SITE",
}
BALLOON = {
    "dcb_lesion": "L1",
    "dcb_product": "ORCHID",
    "dcb_lot": "A12345",
    "dcb_diam_mm": Decimal("5.0"),
    "dcb_len_mm": 120,
    "dcb_dose_ug_mm2": Decimal("3.0"),
    "dcb_outcome": "OK",
    "dcb_deficiency": "N",
    "dcb_infl_s": 180,
    "dcb_atm": 8,
    "dcb_infl_n": 1,
    "dcb_geo_miss": "N",
}


def procedure() -> dict[str, Any]:
    """Return the procedure page after its plan."""
    return {
        "proc_date": on(0),
        "proc_start": at(0, 9),
        "proc_end": at(0, 10, 30),
        "study_dev_introduced": "Y",
        "study_dev_dt": at(0, 9, 45),
        "anaesthesia": "LOC",
        "access_site": ["CRET"],
        "sheath_f": 6,
        "closure": ["PLUG"],
        "heparin_iu": 5000,
        "inflow_treated": "N",
        "outflow_treated": "N",
        "other_limb_treated": "N",
        "staged_planned": "N",
        "contrast_ml": 110,
        "contrast_agent": "Iodixanol 320",
        "fluoro_min": Decimal("21.5"),
        "proc_complication": ["NONE"],
        "embolic_protection": "N",
    }


DISCHARGE = {
    "disc_vital": "A",
    "disc_rutherford": "1",
    "disc_at_regimen": "DAPT",
    "disc_dapt_months": 6,
    "disc_new_event": "N",
}
FOLLOW_UP = {
    "contact_mode": "CLIN",
    "vital_status": "A",
    "tlr_status_known": "Y",
    "symptoms": ["NONE"],
    "symptom_change": "SAME",
    "fu_rutherford": "0",
    "new_revasc": "N",
    "new_amputation": "N",
    "new_hosp": "N",
    "new_ae": "N",
    "comply_asa": "GOOD",
    "comply_p2y12": "GOOD",
    "comply_oac": "NP",
    "comply_statin": "GOOD",
}
VISIT_DAYS = {"M1": 30, "M3": 90, "M6": 180, "M12": 365, "M24": 730}
REVASCULARISATION = {
    "rev_kind": "PERC",
    "rev_side": "L",
    "rev_vessels": ["FP"],
    "rev_tl_lesion": "L1",
    "rev_edge": "IN",
    "rev_edge_mm": 0,
    "rev_perc_types": ["DCB"],
    "rev_pre_sten_pct": 85,
    "rev_tl_occluded": "N",
    "rev_thrombosis": "N",
    "rev_reasons": ["CLAU"],
    "rev_ruth_pre": "3",
    "rev_abi_pre": "0.55",
    "rev_urgent": "N",
    "rev_outcome": "S",
    "rev_final_pct": 10,
    "rev_hospital": "Zhongshan Hospital",
    "rev_narrative": "Claudication came back; restenosis on duplex, treated with a drug-coated balloon.",
}


def treated(subject: UUID) -> list[PageEntry]:
    """Return lesion, procedure and its treatment, as they follow the plan."""
    values = {"LES": {**LESION, "les_date": on(0)}, "PR": procedure(), "PRL": TREATMENT}
    return [
        PageEntry(subject_id=subject, form=form, visit="PROC", values=page) for form, page in values.items()
    ]


def discharged(subject: UUID) -> list[PageEntry]:
    """Return the day after the procedure and the discharge."""
    values = {**DISCHARGE, "disc_date": on(2), "disc_admit_date": on(-1)}
    return [
        PageEntry(subject_id=subject, form="ABI", visit="POST", values=pressures(1, "0.95")),
        PageEntry(subject_id=subject, form="DISC", visit="DISCH", values=values),
    ]


def visited(subject: UUID, *codes: str) -> Iterator[list[PageEntry]]:
    """Yield follow-up, pressures and duplex of each visit, as one save each."""
    for code in codes:
        day = VISIT_DAYS[code]
        duplex = {
            "dus_date": on(day),
            "dus_lesion": "L1",
            "dus_reader": "SITE",
            "dus_adequate": "Y",
            "dus_occlusion": "N",
            "psv_ref_cms": 80,
            "psv_max_cms": 120,
            "psvr": Decimal("1.50"),
            "stenosis_cat": "0",
            "waveform_dist": "TRI",
        }
        pages = {
            "FU": {**FOLLOW_UP, "fu_date": on(day)},
            "ABI": pressures(day, "0.94"),
            "DUS": duplex,
        }
        yield [
            PageEntry(
                subject_id=subject,
                form=form,
                visit=code,
                values=values,
                missing={"dus_images": "ND"} if form == "DUS" else {},
            )
            for form, values in pages.items()
        ]
