"""Until when a subject's limb and life are known, and what ends the observation (protocol §5.1)."""

from __future__ import annotations

from outcomes.dates import event_day
from outcomes.judged import Judged
from outcomes.records import Subject
from outcomes.time_to_event import Course, Source
from protocol.revascularisation import is_above_knee

DATE_ITEM = {"DUS": "dus_date", "IMG": "img_date", "FU": "fu_date", "DISC": "disc_date"}


def course(subject: Subject, judged: Judged) -> Course:
    """Return the last known dates of limb and life, death, block and withdrawal of one subject."""
    death = _death(subject)
    leaving = subject.exit
    withdrawn = None
    if leaving is not None and leaving.reason == "WD" and leaving.day is not None and leaving.day >= 0:
        withdrawn = Source("EXIT", 0, leaving.page, "exit_date", leaving.day)
    limb = _limb_dates(subject, judged)
    if withdrawn is not None:
        limb.append(withdrawn)
    vital = limb + _vital_dates(subject)
    if death is not None:
        limb.append(death)
        vital.append(death)
    start = Source("PR", 0, subject.procedure_page, "proc_date", 0)
    return Course(
        known_limb=max(limb, key=_day, default=start),
        known_vital=max(vital, key=_day, default=start),
        death=death,
        above_knee=_first_above_knee(judged),
        withdrawn=withdrawn,
        vital_permitted=leaving is not None and leaving.vital_permitted,
        seen=tuple(limb),
    )


def _day(source: Source) -> int:
    return source.day


def _death(subject: Subject) -> Source | None:
    found = subject.death
    if found is None:
        return None
    decision = subject.decisions.get(found.page)
    if decision is not None and decision.event == "N":
        return None
    if decision is not None and decision.day is not None:
        day = decision.day
    else:
        day = event_day(found.when, free=[contact.day for contact in subject.contacts if contact.alive])
    if day < 0:
        return None
    return Source("DTH", 0, found.page, "death_date", day, decision is not None)


def _first_above_knee(judged: Judged) -> Source | None:
    blocks = [one.source for one in judged.amputations if one.target and is_above_knee(one.record.level)]
    return min(blocks, key=_day, default=None)


def _limb_dates(subject: Subject, judged: Judged) -> list[Source]:
    seen = [
        Source(contact.form, 0, contact.page, DATE_ITEM[contact.form], contact.day)
        for contact in subject.contacts
        if contact.known or contact.in_person
    ]
    seen += [
        Source(reading.form, 0, reading.page, DATE_ITEM[reading.form], reading.day)
        for reading in subject.readings
    ]
    seen += [Source("XR", 0, film.page, "xr_date", film.day) for film in subject.films]
    seen += [Source("ABI", 0, pressure.page, "abi_date", pressure.day) for pressure in subject.pressures]
    seen += [one.source for one in judged.revascularisations]
    seen += [one.source for one in judged.amputations]
    leaving = subject.exit
    if leaving is not None and leaving.last_contact is not None:
        seen.append(Source("EXIT", 0, leaving.page, "last_contact_date", leaving.last_contact))
    return [source for source in seen if source.day >= 0]


def _vital_dates(subject: Subject) -> list[Source]:
    seen = [
        Source(contact.form, 0, contact.page, DATE_ITEM[contact.form], contact.day)
        for contact in subject.contacts
        if contact.alive
    ]
    seen += [Source("LB", 0, result.page, "lb_dt", result.day) for result in subject.laboratory]
    seen += [Source("LIVED", 0, page, item, day) for day, page, item in subject.lived]
    for event in subject.events:
        seen.append(Source("AE", event.number, event.page, "ae_start", event.when.first))
        if event.seen is not None:
            seen.append(Source("AE", event.number, event.page, "ae_hosp_disch", event.seen))
    leaving = subject.exit
    if leaving is not None and leaving.vital_check is not None:
        seen.append(Source("EXIT", 0, leaving.page, "vital_check_date", leaving.vital_check))
    return [source for source in seen if source.day >= 0]
