"""The log pages of a timeline: procedures, amputations, adverse events, death, withdrawal, decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from outcomes.timelines import Timeline, Token

LIMB, OTHER_LIMB = "L", "R"
SURGERY = {"byp": "BYP", "rev": "JUMP", "thr": "THROM", "enda": "ENDA"}
VESSEL = {"ILIAC": "ILI"}
On = Callable[[int], date]
At = Callable[[int], datetime]
Visit = Callable[[int], str]


@dataclass(slots=True)
class Enacted:
    """One page as it would be entered; `adjudicates` is the page that a committee decision is about."""

    form: str
    visit: str | None
    values: dict[str, Any]
    adjudicates: Enacted | None = None


def logged(timeline: Timeline, on: On, at: At, visit: Visit) -> list[Enacted]:
    """Return the log pages, then the exit, then the committee's decisions."""
    found: list[Enacted] = []
    decisions: list[Enacted] = []
    for token in timeline.of("R"):
        page = Enacted("REV", None, _revascularisation(token, on))
        found.append(page)
        if token.get("cec"):
            decisions.append(_decision(token, page, on))
    for token in timeline.of("AM"):
        found.append(
            Enacted(
                "AMP",
                None,
                {
                    "amp_date": on(token.day).isoformat(),
                    "amp_side": _side(token),
                    "amp_level": token.get(""),
                    "amp_planned": "N",
                    "amp_cause": "ISCH",
                },
            )
        )
    found += [Enacted("AE", None, _adverse(token, on)) for token in timeline.of("MI", "BL", "ORG", "ALI")]
    for token in timeline.of("X"):
        found.append(Enacted("DTH", None, {"death_date": on(token.day).isoformat(), "death_cat": "UNK"}))
    for token in timeline.of("W"):
        found.append(
            Enacted(
                "EXIT",
                "EOS",
                {
                    "exit_date": on(token.day),
                    "exit_reason": "WD",
                    "last_contact_date": on(token.day),
                    "wd_vital_ok": "Y" if token.get("vital") == "1" else "N",
                },
            )
        )
    return found + decisions


def _side(token: Token) -> str:
    return OTHER_LIMB if token.get("side") == "N" else LIMB


def _revascularisation(token: Token, on: On) -> dict[str, Any]:
    values: dict[str, Any] = {"rev_date": on(token.day).isoformat(), "rev_side": _side(token)}
    if token.day == 0:
        values["rev_separate"] = "Y" if token.get("sess") == "sep" else "N"
    if token.get("diag") == "1":
        return {**values, "rev_kind": "DIAG"}
    how = token.get("how", "perc")
    vessel = VESSEL.get(token.get("ves"), token.get("ves", "FP"))
    values["rev_kind"] = "SURG" if how in SURGERY else "PERC"
    values["rev_vessels"] = [vessel]
    if how in SURGERY:
        values["rev_surg_type"] = SURGERY[how]
    else:
        values["rev_perc_types"] = ["CDT" if how == "lysis" else "POBA"]
    if how == "byp":
        values["rev_byp_tl"] = "Y" if token.get("byptl", "1") == "1" and vessel == "FP" else "N"
    if values["rev_side"] == LIMB and vessel == "FP":
        gap = int(token.get("gap", "0"))
        occluded = token.get("occ") == "1"
        values.update(
            rev_edge_mm=gap,
            rev_edge="IN" if gap == 0 else "DIST",
            rev_tl_lesion=token.lesion,
            rev_pre_sten_pct=100 if occluded else 80,
            rev_tl_occluded="Y" if occluded else "N",
        )
    planned = token.get("plan") == "1"
    why = token.get("why", "none" if planned else "sym")
    values["rev_reasons"] = ["PLAN"] if planned else ["CLAU"] if why == "sym" else ["IMG"]
    values["rev_outcome"] = "F" if token.get("ok") == "0" else "S"
    if token.get("abi") and values["rev_side"] == LIMB:
        values["rev_abi_pre"] = Decimal(token.get("abi").partition(">")[2]) / 100
        values["rev_abi_pre_date"] = on(token.day)
    return values


def _decision(token: Token, page: Enacted, on: On) -> Enacted:
    """Return the committee's final decision: an event, TLR as the site's, clinically driven as given."""
    return Enacted(
        "CEC",
        None,
        {
            "cec_type": "REV",
            "cec_status": "FIN",
            **dict.fromkeys(("cec_r1_event", "cec_r2_event", "cec_r1_tlr", "cec_r2_tlr"), "Y"),
            **dict.fromkeys(("cec_r1_cd", "cec_r2_cd"), token.get("cec")),
            "cec_event": "Y",
            "cec_event_date": on(token.day),
            "cec_tlr": "Y",
            "cec_cd": token.get("cec"),
            "cec_tvr": "Y",
            "cec_decision_date": on(token.day),
        },
        adjudicates=page,
    )


def _adverse(token: Token, on: On) -> dict[str, Any]:
    values: dict[str, Any] = {
        "ae_start": on(token.day).isoformat(),
        "ae_severity": "3",
        "ae_outcome": "RECG",
        "ae_serious": "Y",
        "ae_sae_crit": ["HOSP"],
        "ae_rel_proc": "0",
        "ae_rel_device": "0",
    }
    if token.kind == "MI":
        return {**values, "ae_term": "Myocardial infarction", "ae_aesi": ["MI"], "mi_type": "1"}
    if token.kind == "ALI":
        return {**values, "ae_term": "Acute limb ischaemia", "ae_aesi": ["ALI"], "ae_limb": _side(token)}
    if token.kind == "ORG":
        return {**values, "ae_term": "Heart failure", "ae_aesi": ["HF"]}
    return {**values, "ae_term": "Bleeding", "ae_aesi": ["BLEED"], **_bleeding(token.get(""))}


def _bleeding(grade: str) -> dict[str, Any]:
    """Return the bleeding items that the BARC derivation reads as this type."""
    if grade.startswith("5"):
        return {"ae_outcome": "FAT", "bl_barc_inv": "5b" if grade == "5" else grade}
    items: dict[str, Any] = {
        "bl_hb_before": 130,
        "bl_hb_nadir": 125,
        "bl_rbc_units": Decimal(0),
        "bl_intervention": "N",
        "bl_vasoactive": "N",
        "bl_critical": "N",
        "bl_actionable": "N" if grade == "1" else "Y",
    }
    if grade == "3a":
        items["bl_hb_nadir"] = 95
    elif grade == "3b":
        items["bl_hb_nadir"] = 75
    elif grade == "3c":
        items["bl_critical"] = "IC"
    elif grade in ("0", "4"):
        return {"bl_barc_inv": grade}
    return items
