"""The conversation about data: what monitors ask, and how long answers and closing take."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from defier.demo import timeline
from defier.demo.acts import Act, Ask, Person, Save, Verify

QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("IC", "consent_version", "The copy in the site file shows another version. Please check."),
    ("MH", "last_cva_date", "Please give the day if the discharge letter has it."),
    ("LH", "symptom_onset", "Outpatient notes mention earlier complaints. Please confirm the month."),
    ("PS", "ps_implant_date", "Implant record not seen at the visit. Please confirm the date."),
    ("PR", "heparin_iu", "The anaesthesia chart adds a second dose. Total?"),
    ("PR", "proc_end", "The nursing record ends later. Please confirm."),
    ("DCB", "dcb_lot", "The sticker in the source is not legible. Please confirm the lot."),
    ("DES", "des_lot", "The sticker in the source is not legible. Please confirm the lot."),
    ("DISC", "disc_date", "The discharge letter is dated one day later. Please check."),
    ("FU", "fu_claud_m", "Distance is not in the source. Where was it taken from?"),
    ("FU", "comply_asa", "Pharmacy record disagrees. Please confirm."),
    ("ABI", "abi_method", "The print-out shows an oscillometric device. Please check."),
    ("DUS", "psv_max_cms", "The report on file shows another value. Please check."),
    ("REV", "rev_edge_mm", "How was the distance to the device edge measured?"),
    ("AE", "ae_end", "Please confirm the end date against the discharge letter."),
)
ANSWERS = (
    "核对源文件,数值无误。",
    "Checked against the source: right as entered.",
    "已与研究者确认,录入正确。",
    "Source confirmed, no change.",
)
QUESTION_RATE = 0.035
VISITED_LATELY = 0.25
"""Share of the subjects about whom a monitor asked within the last two weeks."""

VERIFIED = 0.2
"""Share of the subjects whose source documents a monitor has seen."""


def questions(acts: list[Act], index: int, who: Person) -> list[Act]:
    """Return what the monitor asks about the pages of a subject, up to today."""
    rng = timeline.stream(index, "questions")
    asked: list[Act] = []
    open_to: list[tuple[str, str, str]] = []
    for act in acts:
        if not isinstance(act, Save) or act.reason:
            continue
        for sheet in act.sheets:
            for form, item, text in QUESTIONS:
                if form != sheet.form or item not in sheet.values:
                    continue
                open_to.append((sheet.key, item, text))
                if rng.random() < QUESTION_RATE:
                    day = act.at.date() + timedelta(days=rng.randint(6, 60))
                    asked.append(Ask(timeline.moment(day, rng.uniform(9, 17)), who, sheet.key, item, text))
    if open_to and rng.random() < VISITED_LATELY:
        day = timeline.TODAY - timedelta(days=rng.randint(1, 12))
        known = max(acts[-1].at, timeline.moment(day, rng.uniform(9, 17)))
        asked.append(Ask(known + timedelta(minutes=20), who, *open_to[-1]))
    return [act for act in asked if act.at <= timeline.NOW]


def verifications(acts: list[Act], index: int, who: Person) -> list[Act]:
    """Return which pages the monitor compares with their source: of some subjects, all but the newest."""
    rng = timeline.stream(index, "verification")
    if rng.random() >= VERIFIED:
        return []
    keys: dict[str, datetime] = {}
    for act in acts:
        if isinstance(act, Save):
            for sheet in act.sheets:
                keys.setdefault(sheet.key, act.at)
    found: list[Act] = []
    for key, entered in keys.items():
        if rng.random() < 0.9:
            found.append(Verify(_days_later(entered, 10 + rng.expovariate(0.03), rng), who, key))
    return [act for act in found if act.at <= timeline.NOW]


def answered_at(opened: datetime, rng: Random) -> datetime | None:
    """Return when the site answers a query; None for the few that nobody gets round to."""
    if rng.random() < 0.03:
        return None
    return _days_later(opened, 2 + rng.expovariate(0.11), rng)


def closed_at(answered: datetime, rng: Random) -> datetime | None:
    """Return when the monitor closes an answered query."""
    if rng.random() < 0.02:
        return None
    return _days_later(answered, 1 + rng.expovariate(0.16), rng)


def _days_later(at: datetime, days: float, rng: Random) -> datetime:
    day: date = at.astimezone(timeline.SHANGHAI).date() + timedelta(days=int(days) + 1)
    return timeline.moment(day, rng.uniform(9.0, 17.0))
