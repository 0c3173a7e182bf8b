"""Stent fracture and the safety endpoints of the first 30 days (protocol §5.13, §5.16)."""

from __future__ import annotations

from outcomes.judged import adverse_day
from outcomes.records import AdverseEvent, Film, Subject
from outcomes.time_to_event import Course

FRACTURED = frozenset("12345")
MAJOR_BLEEDING = frozenset({"3a", "3b", "3c", "5a", "5b"})
FAILURES = frozenset({"AKI", "HF", "RESP", "HEP"})
LAST_DAY = 30
FOLLOWED_FROM = 23
KDIGO_RISE = 26.5
KDIGO_RATIO = 1.5


def fracture(subject: Subject, course: Course, lo: int, hi: int) -> str:
    """Return Y, N or NE for the fracture of a study DES by the end of a visit's window.

    A whole stent at or after the window's start proves that there was none before. A fracture that may lie in
    the old stent is listed apart and does not count.
    """
    films = [
        film
        for film in _governing(subject.films)
        if film.stent is not None
        and film.stent.startswith("DES")
        and film.day >= 0
        and (course.withdrawn is None or film.day <= course.withdrawn.day)
    ]
    broken = [film for film in films if film.fracture in FRACTURED and not film.indistinct]
    if any(film.day <= hi for film in broken):
        return "Y"
    if any(film.fracture == "0" and film.day >= lo for film in films):
        return "N"
    return "NE"


def _governing(films: list[Film]) -> list[Film]:
    exams: dict[tuple[int, str | None], list[Film]] = {}
    for film in films:
        exams.setdefault((film.day, film.stent), []).append(film)
    kept: list[Film] = []
    for found in exams.values():
        kept += [film for film in found if film.reader == "CORE"] or found
    return kept


def thirty_days(subject: Subject, course: Course, *, amputated: bool, cdtlr: bool) -> dict[str, str]:
    """Return the six safety endpoints of days 0 to 30; NE without an event and less than 23 days known."""
    withdrawn = course.withdrawn
    limit = LAST_DAY if withdrawn is None else min(LAST_DAY, withdrawn.day)
    dies_until = LAST_DAY if course.vital_permitted else limit
    limb_known = _known(course.known_limb.day, course, withdrawn is not None)
    life_known = _known(course.known_vital.day, course, withdrawn is not None and not course.vital_permitted)
    died = course.death is not None and course.death.day <= dies_until
    infarct = bled = failed = False
    for event in subject.events:
        decision = subject.decisions.get(event.page)
        if decision is not None and decision.event == "N":
            continue
        if not 0 <= adverse_day(subject, event, decision) <= limit:
            continue
        grade = event.barc if decision is None or decision.barc is None else decision.barc
        infarct = infarct or "MI" in event.interest
        bled = bled or ("BLEED" in event.interest and grade in MAJOR_BLEEDING)
        failed = failed or _organ(event, None if decision is None else decision.organ)
    failed = failed or _creatinine(subject, limit)
    combined = died or amputated or cdtlr
    return {
        "DEATH30": _answer(died, life_known),
        "MI30": _answer(infarct, limb_known),
        "BLEED30": _answer(bled, limb_known),
        "ORGAN30": _answer(failed, limb_known),
        "SAFE30": _answer(combined, limb_known),
        "SAFE30X": _answer(combined or infarct or bled or failed, limb_known),
    }


def _known(day: int, course: Course, ended: bool) -> bool:
    if ended and course.withdrawn is not None:
        day = min(day, course.withdrawn.day)
    return day >= FOLLOWED_FROM


def _answer(event: bool, known: bool) -> str:
    if event:
        return "Y"
    return "N" if known else "NE"


def _organ(event: AdverseEvent, confirmed: str | None) -> bool:
    if confirmed is not None:
        return confirmed == "Y"
    return event.renal_replacement or (event.serious and not FAILURES.isdisjoint(event.interest))


def _creatinine(subject: Subject, limit: int) -> bool:
    """Say whether creatinine rose by 26.5 µmol/L by day 2 or to 1.5 times baseline by day 30."""
    if subject.dialysis:
        return False
    results = [one for one in subject.laboratory if one.test == "CREAT" and one.value is not None]
    earlier = [one for one in results if one.day < 0 or one.visit == "SCR"]
    reference = max(earlier, key=lambda one: one.day, default=None)
    if reference is None or reference.value is None:
        return False
    for one in results:
        if one is reference or one.value is None or not 0 <= one.day <= limit or one.visit == "SCR":
            continue
        if one.value >= KDIGO_RATIO * reference.value:
            return True
        if one.day <= 2 and one.value - reference.value >= KDIGO_RISE:
            return True
    return False
