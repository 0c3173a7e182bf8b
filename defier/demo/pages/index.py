"""Pages of the index procedure and of the stay in hospital."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Person, Sheet, filled
from defier.demo.catalogue import PRODUCT
from defier.demo.course import Course
from defier.demo.pages.numbers import dec
from defier.demo.procedure import Device, Lesion, Treatment

REASONS = {
    "DCB": (
        "Short lesion, nothing left behind",
        "避免支架内再次植入支架",
        "Small vessel, good result of pre-dilation",
    ),
    "DES": (
        "Long occlusion with recoil",
        "弥漫性病变,预计弹性回缩",
        "Heavy intimal hyperplasia in the whole stent",
    ),
}


def start(course: Course) -> datetime:
    """Return the time of puncture."""
    return timeline.moment(course.day0, course.procedure.start_hour)


def plan(course: Course, rng: Random) -> Sheet:
    """Return the first section of the procedure page: the cohort, recorded before the procedure."""
    cohort = course.given.cohort
    return Sheet("PR", "PR", "PROC", {"planned_cohort": cohort, "plan_reason": rng.choice(REASONS[cohort])})


def lesion(course: Course, found: Lesion, rng: Random) -> Sheet:
    """Return the page of one target lesion, as the site reads its angiogram."""
    closed = found.tosaka == 3
    values = {
        "lesion_no": found.name,
        "les_reader": "SITE",
        "les_date": course.day0,
        "is_target": "Y",
        "les_limb": course.history.limb,
        "les_segment": found.segments,
        "stenosis_pct": found.stenosis,
        "occlusion": "Y" if closed else "N",
        "lesion_length_mm": found.length,
        "rvd_mm": dec(found.vessel),
        "tosaka": str(found.tosaka),
        "ext_prox_mm": found.beyond_prox,
        "ext_dist_mm": found.beyond_dist,
        "dist_profunda_mm": found.to_profunda,
        "dist_notch_mm": found.to_notch,
        "pacss": found.pacss,
        "severe_calc_pta": "N",
        "acute_thrombus": "N",
        "tasc": "C"
        if course.given.isr > 2 or found.length > 150
        else rng.choice("BB" if found.length > 100 else "AB"),
        "ro_ata": found.runoff[0],
        "ro_pta": found.runoff[1],
        "ro_pero": found.runoff[2],
    }
    return Sheet(f"LES/{found.name}", "LES", "PROC", values)


def procedure(course: Course, rng: Random) -> Sheet:
    """Return the rest of the procedure page."""
    done, begin = course.procedure, start(course)
    complicated = done.access_complication != "NONE"
    crossover = rng.random() < 0.72
    values: dict[str, Any] = {
        "proc_date": course.day0,
        "proc_start": begin,
        "proc_end": begin + timedelta(minutes=done.minutes),
        "study_dev_introduced": "Y",
        "study_dev_dt": begin + timedelta(minutes=done.minutes // 2),
        "operator": Person("INVESTIGATOR", course.head.site),
        "anaesthesia": "LOC" if rng.random() < 0.9 else "GEN",
        "access_site": ["CRET"] if crossover else ["IANT"],
        "sheath_f": rng.choice((6, 6, 6, 7)),
        "closure": [rng.choice(("SUT", "PLUG", "MAN"))],
        "heparin_iu": rng.choice((4000, 5000, 5000, 6000, 8000)),
        "inflow_treated": "N",
        "outflow_treated": "Y" if rng.random() < 0.14 else "N",
        "other_limb_treated": "N",
        "staged_planned": "N",
        "contrast_ml": int(min(max(rng.gauss(110, 40), 30), 290)),
        "contrast_agent": rng.choice(("Iodixanol 320", "Iohexol 350", "碘克沙醇")),
        "fluoro_min": dec(min(max(rng.gauss(22, 9), 5), 85)),
        "dap_gycm2": dec(min(max(rng.gauss(60, 30), 6), 400), 2),
        "proc_complication": [done.access_complication] if complicated else ["NONE"],
        "embolic_protection": "Y" if rng.random() < 0.05 else "N",
    }
    return Sheet("PR", "PR", "PROC", values)


def _covered(course: Course, lesion: str) -> int:
    """Return the length that the balloons or stents with drug cover in a lesion."""
    used = [device for device in course.procedure.devices if device.lesion == lesion and device.kind != "BMS"]
    return sum(device.length - (device.overlap or 0) for device in used)


def treatment(course: Course, done: Treatment, found: Lesion, rng: Random) -> Sheet:
    """Return the treatment page of one lesion."""
    values: dict[str, Any] = {
        "prl_lesion": done.lesion,
        "crossing": done.crossing,
        "reentry_device": ("Y" if rng.random() < 0.2 else "N") if done.crossing in ("SUB", "MIX") else None,
        "predil_done": "Y" if done.predilated else "N",
        "adjunct": done.adjunct,
        "predil_resid_pct": done.after_preparation,
        "predil_diss": done.preparation_dissection,
        "postdev_resid_pct": done.after_device,
        "postdev_diss": done.dissection,
        "postdev_flowlim": ("Y" if done.flow_limiting else "N") if done.dissection != "0" else None,
        "postdil_done": "Y" if course.given.cohort == "DES" or rng.random() < 0.15 else "N",
        "final_resid_pct": done.final,
        "final_diss": done.final_dissection,
        "flow_limiting": "N",
        "treated_prox_mm": max(0, found.to_profunda - 5),
        "treated_len_mm": max(found.length + 10, _covered(course, done.lesion)),
        "runoff_after": found.patent_runoff,
        "prl_reader": "SITE",
    }
    if done.predilated:
        values |= {
            "predil_diam_mm": dec(float(done.balloon)),
            "predil_len_mm": rng.choice((80, 100, 120, 150, 200)),
            "predil_atm": rng.randint(6, 14),
            "predil_sec": rng.choice((60, 90, 120, 120, 180)),
        }
    return Sheet(f"PRL/{done.lesion}", "PRL", "PROC", filled(values))


def devices(course: Course, rng: Random) -> list[Sheet]:
    """Return one page per device, in the order of use."""
    sheets: list[Sheet] = []
    counts: dict[str, int] = {}
    for device in course.procedure.devices:
        counts[device.kind] = counts.get(device.kind, 0) + 1
        number = counts[device.kind]
        sheet = Sheet(f"{device.kind}/{number}", device.kind, "PROC", _common(course, device, rng))
        if device.kind == "DCB":
            _balloon(sheet, device, number, rng)
        elif device.kind == "DES":
            _stent(sheet, device, number, course, rng)
        else:
            sheet.values["bms_reason"] = course.procedure.bailout
        sheets.append(sheet)
    return sheets


def _common(course: Course, device: Device, rng: Random) -> dict[str, Any]:
    product = PRODUCT[device.product]
    expiry = course.day0 + timedelta(days=rng.randint(120, 900))
    lot = f"{rng.choice('ABCDEFGH')}{rng.randint(10000, 99999)}"
    prefix = device.kind.lower()
    return {
        f"{prefix}_lesion": device.lesion,
        f"{prefix}_product": device.product,
        f"{prefix}_udi": f"(01){product.gtin}(17){expiry:%y%m%d}(10){lot}",
        f"{prefix}_lot": lot,
        f"{prefix}_expiry": expiry,
        f"{prefix}_diam_mm": dec(float(device.diameter)),
        f"{prefix}_len_mm": device.length,
        f"{prefix}_outcome": "OK",
        f"{prefix}_deficiency": "N",
    }


def _balloon(sheet: Sheet, device: Device, number: int, rng: Random) -> None:
    sheet.values |= {
        "dcb_dose_ug_mm2": dec(float(PRODUCT[device.product].density or 0)),
        "dcb_transit_s": rng.randint(12, 50),
        "dcb_infl_s": rng.choice((120, 180, 180, 180, 240)),
        "dcb_atm": rng.randint(6, 12),
        "dcb_infl_n": 1,
        "dcb_geo_miss": "N",
    }
    if number > 1:
        _overlap(sheet, "dcb_overlap_mm", device)


def _stent(sheet: Sheet, device: Device, number: int, course: Course, rng: Random) -> None:
    whole = device.role != "BAIL"
    sheet.values |= {
        "des_role": device.role,
        "des_deployed_mm": device.length + rng.choice((0, 0, 1, 2)),
        "des_covers_prox": "Y" if whole else "N",
        "des_covers_dist": "Y" if whole else "N",
        "des_postdil": "Y" if rng.random() < 0.95 else "N",
    }
    if number > 1:
        _overlap(sheet, "des_overlap_mm", device)


def _overlap(sheet: Sheet, item: str, device: Device) -> None:
    if device.overlap is None:
        sheet.missing[item] = "NA"
    else:
        sheet.values[item] = device.overlap


def after(course: Course, *, imaged: bool) -> Sheet:
    """Return the page of the first days after the procedure."""
    values = {
        "pp_date": course.on(1) if course.procedure.nights else course.day0,
        "pp_access_compl": [course.procedure.access_complication],
        "pp_limb_status": "N",
        "pp_chest_pain": "N",
        "pp_transfusion_u": dec(0.0),
        "pp_at_regimen": "DAPT",
        "pp_dus_done": "Y" if imaged else "N",
    }
    return Sheet("PP", "PP", "POST", values)


def discharge(course: Course, rng: Random) -> Sheet:
    """Return the discharge page; an early death in hospital makes it the day of death."""
    night = course.procedure.nights
    died = course.death is not None and course.death <= night
    day = course.death if died and course.death is not None else night
    events = any(harm.day <= day for harm in course.harms) or died
    values: dict[str, Any] = {
        "disc_date": course.on(day),
        "disc_admit_date": course.day0 - timedelta(days=rng.randint(1, 3)),
        "disc_vital": "D" if died else "A",
        "disc_new_event": "Y" if events else "N",
    }
    if not died:
        regimen = rng.choices(("DAPT", "SAOAC", "SAPT"), (0.9, 0.07, 0.03))[0]
        values |= {"disc_rutherford": str(course.rutherford(day)), "disc_at_regimen": regimen}
        if regimen == "DAPT":
            values["disc_dapt_months"] = rng.choice((3, 3, 6, 6, 12))
    return Sheet("DISC", "DISC", "DISCH", values)
