"""Log pages: later revascularisations, amputation, death, and the end of participation."""

from __future__ import annotations

from random import Random
from typing import Any

from defier.demo.acts import PageOf, Sheet, filled
from defier.demo.course import Course, Revascularisation
from defier.demo.harm import FATAL
from defier.demo.pages.numbers import dec
from sites.institutions import INSTITUTION

SYMPTOM_REASON = {"2": "CLAU", "3": "CLAU", "4": "REST", "5": "TISS"}


def revascularisation(course: Course, number: int, one: Revascularisation, rng: Random) -> Sheet:
    """Return the page of one later procedure."""
    target = course.history.limb
    away = one.kind == "LIMB"
    values: dict[str, Any] = {
        "rev_date": course.on(one.day).isoformat(),
        "rev_kind": "SURG" if one.how == "BYP" else "PERC",
        "rev_side": {"L": "R", "R": "L"}[target] if away else target,
        "rev_vessels": ["FP"],
        "rev_urgent": "Y" if one.how == "LYS" else "N",
        "rev_outcome": "S" if rng.random() < 0.97 else "F",
        "rev_hospital": INSTITUTION[course.head.site].name.zh if rng.random() < 0.9 else "外院",
        **_technique(one, rng),
    }
    missing: dict[str, str] = {"rev_docs": "UNK"}
    if away:
        values |= {"rev_reasons": ["CLAU"], "rev_ruth_pre": rng.choice("233")}
        values["rev_narrative"] = (
            "Claudication of the other limb, angioplasty of the superficial femoral artery."
        )
    else:
        values |= _where(one, rng) | _why(course, one, rng, missing)
    return Sheet(f"REV/{number}", "REV", None, values, missing)


def _technique(one: Revascularisation, rng: Random) -> dict[str, Any]:
    if one.how == "BYP":
        return {"rev_surg_type": "BYP", "rev_byp_tl": "N" if one.kind == "LIMB" else "Y"}
    techniques = ["CDT", "DCB"] if one.how == "LYS" else [rng.choice(("DCB", "DCB", "POBA", "DES", "ATH"))]
    return {"rev_perc_types": techniques, "rev_final_pct": rng.randint(5, 28)}


def _where(one: Revascularisation, rng: Random) -> dict[str, Any]:
    """Return the place of the procedure: in the zone of 30 mm for a target lesion, else beyond it."""
    values: dict[str, Any] = {"rev_tl_lesion": "L1"}
    if not one.of_target_lesion:
        values |= {"rev_edge": rng.choice(("PROX", "DIST")), "rev_edge_mm": rng.randint(38, 120)}
        closed = False
    elif rng.random() < 0.8 or one.how == "BYP":
        values |= {"rev_edge": "IN", "rev_edge_mm": 0}
        closed = rng.random() < 0.3
    else:
        values |= {"rev_edge": rng.choice(("PROX", "DIST")), "rev_edge_mm": rng.choice((4, 8, 12, 20, 28))}
        closed = False
    stenosis = 100 if closed or one.how == "LYS" else rng.randint(70, 96)
    return values | {
        "rev_pre_sten_pct": stenosis,
        "rev_tl_occluded": "Y" if stenosis == 100 else "N",
        "rev_thrombosis": "Y" if one.how == "LYS" else "N",
    }


def _why(course: Course, one: Revascularisation, rng: Random, missing: dict[str, str]) -> dict[str, Any]:
    imaging = one.kind == "IMG"
    before = course.rutherford(one.day - 1)
    category = str(before if imaging else max(2, before))
    reasons = ["IMG"] if imaging else [SYMPTOM_REASON.get(category, "CLAU")]
    if one.how == "LYS":
        reasons.append("ALI")
    values: dict[str, Any] = {
        "rev_reasons": reasons,
        "rev_ruth_pre": category,
        "rev_narrative": "Restenosis found at a planned duplex, treated without complaints."
        if imaging
        else "Return of symptoms, restenosis on duplex, confirmed by angiography and treated.",
    }
    if course.history.incompressible or course.amputated_by(one.day):
        missing["rev_abi_pre"] = "NA"
    else:
        drop = 0.05 if imaging else 0.25
        abi = max(0.25, min(course.history.abi + course.gain, 1.1) - drop)
        values["rev_abi_pre"] = dec(abi + rng.uniform(-0.02, 0.02), 2)
        values["rev_abi_pre_date"] = course.on(max(1, one.day - rng.randint(1, 6)))
    return values


def amputation(course: Course, rng: Random) -> Sheet:
    """Return the page of the major amputation of the target limb."""
    assert course.amputation is not None
    day, level = course.amputation
    values = {
        "amp_date": course.on(day).isoformat(),
        "amp_side": course.history.limb,
        "amp_level": level,
        "amp_planned": "N",
        "amp_cause": rng.choice(("ISCH", "BOTH")),
        "amp_ae_ref": PageOf("AE/amputation"),
    }
    return Sheet("AMP/1", "AMP", None, values)


def cause_of_death(course: Course) -> str:
    """Return the DTHCAUSE code of a subject who dies, the same wherever it is asked."""
    causes = tuple(FATAL)
    return causes[course.head.index % len(causes)]


def death(course: Course, rng: Random) -> Sheet:
    """Return the death page."""
    assert course.death is not None
    cause = cause_of_death(course)
    category = "CV" if cause in ("MI", "HF", "SCD", "STR") else "NCV"
    values = {
        "death_date": course.on(course.death).isoformat(),
        "death_cat": category,
        "death_cause": cause,
        "death_place": "Y" if rng.random() < 0.6 else "N",
        "death_autopsy": "N",
        "death_rel_proc": "1" if course.death <= 14 else "0",
        "death_rel_device": "0",
        "death_source": rng.choice(("Family by phone", "Hospital record", "死亡医学证明")),
    }
    return Sheet("DTH/1", "DTH", None, values)


def leaving(course: Course) -> Sheet:
    """Return the exit page of a treated subject."""
    end = course.end
    assert end is not None
    values = filled(
        {
            "exit_date": course.on(end.day),
            "exit_reason": end.reason,
            "last_contact_date": course.on(end.last),
            "contact_attempts": 3 + course.head.index % 4 if end.reason == "LTFU" else None,
            "wd_vital_ok": "Y" if end.reason == "WD" else None,
            "all_events_entered": "Y",
        }
    )
    return Sheet("EXIT", "EXIT", "EOS", values)
