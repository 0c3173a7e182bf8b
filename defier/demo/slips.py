"""Seeded errors: unusual values that may be saved, gaps, and their later corrections.

Each slip is of an item that an edit check reads. What a slip does is told by the first entry of a page; the
right value comes back with a reason some weeks later, or the site confirms the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Act, Save, Sheet

Slip = Callable[[Any], Any]

# (form, item): the wrong value made of the right one. Every wrong value may be saved.
SLIPS: dict[tuple[str, str], Slip] = {
    ("IC", "consent_copy"): lambda _: "N",
    ("IC", "consent_version"): lambda _: "V0.9",
    ("DM", "height_cm"): lambda _: Decimal("138.0"),
    ("DM", "weight_kg"): lambda _: Decimal("126.5"),
    ("MH", "pack_years"): lambda _: Decimal("0.0"),
    ("MH", "ckd"): lambda _: "N",
    ("MH", "nyha"): lambda _: "4",
    ("LH", "aortoiliac_status"): lambda _: "T",
    ("LH", "prior_isr_tx"): lambda right: ["POBA"] if right == ["NONE"] else right,
    ("PS", "ps_length_mm"): lambda _: 280,
    ("PS", "ps_diameter_mm"): lambda _: Decimal("9.0"),
    ("BCS", "claud_distance_m"): lambda _: 1200,
    ("BCS", "wifi_infection"): lambda _: "3",
    ("ABI", "brachial_r"): lambda right: right + 42,
    ("ABI", "brachial_l"): lambda _: 72,
    ("ABI", "abi_l"): lambda right: max(Decimal("0.10"), right - Decimal("0.12")),
    ("ABI", "abi_r"): lambda right: right + Decimal("0.10"),
    ("LB", "lb_value"): lambda right: min(right * 2, max(right, Decimal(245))),
    ("LES", "rvd_mm"): lambda _: Decimal("8.1"),
    ("LES", "pacss"): lambda _: "4",
    ("LES", "ext_prox_mm"): lambda _: 35,
    ("PR", "heparin_iu"): lambda _: 500,
    ("PR", "contrast_ml"): lambda _: 345,
    ("PR", "fluoro_min"): lambda _: Decimal("118.0"),
    ("PR", "sheath_f"): lambda _: 10,
    ("PRL", "predil_sec"): lambda _: 20,
    ("PRL", "predil_atm"): lambda _: 26,
    ("PRL", "postdev_resid_pct"): lambda _: 34,
    ("PRL", "treated_len_mm"): lambda _: 20,
    ("DCB", "dcb_infl_s"): lambda _: 30,
    ("DCB", "dcb_atm"): lambda _: 22,
    ("DCB", "dcb_diam_mm"): lambda _: Decimal("8.0"),
    ("DCB", "dcb_udi"): lambda _: "see sticker",
    ("DES", "des_diam_mm"): lambda _: Decimal("9.0"),
    ("DES", "des_deployed_mm"): lambda right: right + 30,
    ("DES", "des_postdil"): lambda _: "N",
    ("DES", "des_udi"): lambda _: "12345",
    ("BMS", "bms_diam_mm"): lambda _: Decimal("9.0"),
    ("DISC", "disc_dapt_months"): lambda _: 24,
    ("FU", "comply_p2y12"): lambda _: "STOP",
    ("FU", "tlr_status_known"): lambda _: "N",
    ("FU", "fu_rutherford"): lambda right: right if right in "123" else "6",
    ("DUS", "psvr"): lambda right: right + Decimal("0.35"),
    ("DUS", "psv_ref_cms"): lambda _: 260,
    ("DUS", "stenosis_cat"): lambda right: {"0": "1"}.get(right, right),
    ("XR", "xr_views"): lambda _: 1,
    ("REV", "rev_narrative"): lambda _: "Re-PTA.",
    ("REV", "rev_final_pct"): lambda _: 35,
    ("AE", "ae_start"): lambda right: right[:7],
    ("EXIT", "contact_attempts"): lambda _: 2,
}
SLIP_RATE = 0.020
REPEATED_RATE = 0.010
"""Rate for the forms of which a subject has many pages."""
MANY = ("ABI", "LB", "FU", "DUS")

# Items that may be left out: with a reason (never asked about), or blank until somebody notices.
GAPS: dict[str, tuple[str, ...]] = {
    "IC": ("other_trial",),
    "DM": ("ethnic_cn",),
    "MH": ("dyslipidaemia", "prior_tia", "malignancy"),
    "PS": ("ps_brand", "ps_segment"),
    "ABI": ("abi_method",),
    "LES": ("pacss",),
    "PR": ("operator", "contrast_agent", "air_kerma_mgy", "anaesthesia"),
    "PRL": ("runoff_after", "postdil_done"),
    "DCB": ("dcb_lot", "dcb_expiry", "dcb_udi"),
    "DES": ("des_lot", "des_udi"),
    "PP": ("pp_chest_pain",),
    "DISC": ("disc_admit_date",),
    "FU": ("fu_claud_m", "comply_statin", "symptom_change"),
    "DUS": ("restenosis_loc", "psvr"),
    "XR": ("xr_views",),
    "AE": ("ae_action", "ae_rel_drug"),
}
GAP_RATE = 0.02


def with_slips(acts: list[Act], index: int) -> list[Act]:
    """Return the acts of a subject with its seeded errors, and the corrections that came by today."""
    rng = timeline.stream(index, "slips")
    later: list[Act] = []
    for act in acts:
        if isinstance(act, Save):
            for sheet in act.sheets:
                later += _slips(act, sheet, rng)
                later += _gaps(act, sheet, rng)
    due = [act for act in later if act.at <= timeline.NOW]
    return sorted(acts + due, key=lambda act: act.at)


def _slips(act: Save, sheet: Sheet, rng: Random) -> list[Act]:
    later: list[Act] = []
    for (form, item), wrong in SLIPS.items():
        if form != sheet.form or item not in sheet.values or "lb_clin_sig" in sheet.values:
            continue
        rate = REPEATED_RATE if form in MANY else SLIP_RATE
        if rng.random() >= rate:
            continue
        right = sheet.values[item]
        sheet.values[item] = wrong(right)
        if sheet.values[item] != right and rng.random() < 0.6:
            reason = rng.choice(("TYPO", "TRANSCRIPTION", "QUERY"))
            later.append(_correction(act, sheet, {item: right}, reason, rng))
    return later


def _gaps(act: Save, sheet: Sheet, rng: Random) -> list[Act]:
    later: list[Act] = []
    for item in GAPS.get(sheet.form, ()):
        if item not in sheet.values or rng.random() >= GAP_RATE:
            continue
        right = sheet.values.pop(item)
        if rng.random() < 0.35:
            sheet.missing[item] = rng.choice(("ND", "UNK"))
        elif rng.random() < 0.8:
            later.append(_correction(act, sheet, {item: right}, "", rng))
    return later


def _correction(act: Save, sheet: Sheet, values: dict[str, Any], reason: str, rng: Random) -> Save:
    at = _weeks_later(act.at, rng)
    return Save(at, act.who, (Sheet(sheet.key, sheet.form, sheet.visit, values),), reason)


def _weeks_later(at: datetime, rng: Random) -> datetime:
    return timeline.moment(at.date() + timedelta(days=3 + int(rng.expovariate(0.09))), rng.uniform(9.0, 17.0))
