"""Pages of a follow-up visit: the visit itself, duplex and stent X-ray."""

from __future__ import annotations

from random import Random
from typing import Any

from defier.demo import timeline
from defier.demo.acts import Sheet
from defier.demo.course import Contact, Course
from defier.demo.pages.numbers import ratio

MISSED_BECAUSE = ("Moved to another city", "患者拒绝来院", "Could not be reached", "家属代诉行动不便")


def visit(course: Course, contact: Contact, previous: int, rng: Random) -> Sheet:
    """Return the FU page; `previous` is the day of the last contact, from which events count as new."""
    key = f"FU@{contact.code}"
    if contact.mode == "MISS":
        values: dict[str, Any] = {"contact_mode": "MISS", "miss_reason": rng.choice(MISSED_BECAUSE)}
        return Sheet(key, "FU", contact.code, values)
    values = {
        "fu_date": course.on(contact.day),
        "contact_mode": contact.mode,
        "vital_status": "A",
        "tlr_status_known": "Y",
        **_news(course, previous, contact.day),
        **_complaints(course, contact, rng),
    }
    if contact.in_person:
        values |= _examined(course, contact, rng)
    elif contact.code != "UNS":
        values["fu_tests_missing"] = "电话随访,未来院检查"
    missing = {"fu_rutherford": "NA"} if contact.in_person and course.amputated_by(contact.day) else {}
    return Sheet(key, "FU", contact.code, values, missing)


def _news(course: Course, previous: int, day: int) -> dict[str, str]:
    def within(event: int) -> bool:
        return previous < event <= day

    treated = any(within(one.day) for one in course.revascularisations)
    cut = course.amputation is not None and within(course.amputation[0])
    harmed = [one for one in course.harms if within(one.day)]
    ill = any(one.serious for one in harmed)
    return {
        "new_revasc": "Y" if treated else "N",
        "new_amputation": "Y" if cut else "N",
        "new_hosp": "Y" if treated or cut or ill else "N",
        "new_ae": "Y" if harmed else "N",
    }


def _complaints(course: Course, contact: Contact, rng: Random) -> dict[str, Any]:
    category = course.rutherford(contact.day)
    symptoms = {0: "NONE", 4: "REST", 5: "ULC"}.get(category, "CLAU")
    if course.amputated_by(contact.day):
        symptoms = "OTH"
    values: dict[str, Any] = {
        "symptoms": [symptoms],
        "symptom_change": "WOR" if contact.wish else rng.choice(("SAME", "SAME", "BET")),
        "comply_asa": rng.choices(("GOOD", "PART", "NP"), (0.9, 0.05, 0.05))[0],
        "comply_p2y12": rng.choices(("GOOD", "PART", "NP"), (0.85, 0.05, 0.10))[0],
        "comply_oac": rng.choices(("NP", "GOOD"), (0.92, 0.08))[0],
        "comply_statin": rng.choices(("GOOD", "PART", "STOP"), (0.9, 0.06, 0.04))[0],
        "fu_smoking": course.given.smoking,
    }
    if course.given.rutherford == 5:
        values["wound_status"] = "N" if category >= 4 else "Y"
    return values


def _examined(course: Course, contact: Contact, rng: Random) -> dict[str, Any]:
    if course.amputated_by(contact.day):
        return {"fu_tests_missing": "Major amputation of the target limb"}
    category = course.rutherford(contact.day)
    values: dict[str, Any] = {"fu_rutherford": str(category)}
    if category in (1, 2, 3):
        values["fu_claud_m"] = {1: rng.randint(280, 800), 2: rng.randint(140, 270)}.get(
            category, rng.randint(40, 130)
        )
    return values


def duplex(course: Course, contact: Contact, rng: Random) -> list[Sheet]:
    """Return the duplex pages of a visit, one per target lesion."""
    sheets = []
    for lesion in course.procedure.lesions:
        loss = course.loss_at(contact.day) if lesion.name == "L1" else None
        values: dict[str, Any] = {
            "dus_date": course.on(contact.day),
            "dus_lesion": lesion.name,
            "dus_reader": "SITE",
        }
        if rng.random() < 0.04:
            values |= {
                "dus_adequate": "N",
                "dus_inadequate_why": rng.choice(("肠气及钙化干扰", "Heavy calcification")),
            }
        else:
            values |= {"dus_adequate": "Y", **_flow(loss is not None, bool(loss and loss.occluded), rng)}
        no_files = {"dus_images": "ND"}  # the demo keeps no pictures of examinations
        sheets.append(Sheet(f"DUS@{contact.code}/{lesion.name}", "DUS", contact.code, values, no_files))
    return sheets


def _flow(narrow: bool, closed: bool, rng: Random) -> dict[str, Any]:
    if closed:
        return {
            "dus_occlusion": "Y",
            "stenosis_cat": "3",
            "restenosis_loc": rng.choice(("IN", "MULT")),
            "waveform_dist": "MONO",
        }
    aim = _restenotic(rng) if narrow else _patent(rng)
    before = int(min(max(rng.gauss(78, 13), 45), 120))
    most = round(aim * before)
    found = ratio(most, before)
    values: dict[str, Any] = {
        "dus_occlusion": "N",
        "psv_ref_cms": before,
        "psv_max_cms": most,
        "psvr": found,
        "stenosis_cat": "0" if not narrow else "1" if found < ratio(7, 2) else "2",
        "waveform_dist": "MONO" if narrow else rng.choice(("TRI", "BI", "BI")),
    }
    if narrow:
        values["restenosis_loc"] = rng.choices(("IN", "PE", "DE"), (0.7, 0.15, 0.15))[0]
    return values


def _patent(rng: Random) -> float:
    # A patent lesion reads 2.40 or less by definition; the tail of the distribution is drawn again.
    while True:
        found = rng.lognormvariate(0.4055, 0.25)
        if found <= 2.37:
            return found


def _restenotic(rng: Random) -> float:
    return min(2.5 + rng.gammavariate(2, 0.6), 7.0)


def x_ray(course: Course, contact: Contact, rng: Random) -> list[Sheet]:
    """Return the stent X-ray pages of a visit, one per study stent."""
    counts: dict[str, int] = {}
    sheets = []
    for stent in course.procedure.stents:
        counts[stent.kind] = counts.get(stent.kind, 0) + 1
        name = f"{stent.kind}{counts[stent.kind]}"
        # Drawn once per stent, so that a fracture seen at 12 months is seen again at 24.
        luck = timeline.stream(course.head.index, name).random()
        broken = luck < (0.012 if contact.code == "M12" else 0.025)
        values: dict[str, Any] = {
            "xr_date": course.on(contact.day),
            "xr_stent": name,
            "xr_reader": "SITE",
            "xr_views": 2,
            "xr_fracture": "1" if broken else "0",
            "xr_distinct": "Y" if rng.random() < 0.9 else "N",
        }
        if broken:
            values["xr_segment"] = "SFAM"
        sheets.append(Sheet(f"XR@{contact.code}/{name}", "XR", contact.code, values))
    return sheets
