"""Who enters what, and when: a course becomes acts in order of time, as far as the demo's today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from defier.demo import failures, timeline
from defier.demo.acts import Act, Confirm, Person, Save, Sheet
from defier.demo.course import Contact, Course
from defier.demo.logbook import Logbook
from defier.demo.pages import (
    adjudication,
    events,
    follow_up,
    index,
    laboratory,
    medication,
    pressures,
    safety,
    screening,
)
from defier.demo.population import Kind


def diary(course: Course) -> list[Act]:
    """Return the acts of one subject, in order of time."""
    book = Logbook(course)
    kind = course.head.kind
    if kind is Kind.SCREEN_FAILURE:
        failures.screen_failure(book)
    else:
        screened = _screening(book, complete=kind is not Kind.SCREENING)
        if kind is Kind.ELIGIBLE:
            at = screened + timedelta(days=1, minutes=20)
            book.save(at, screening.eligibility(course, angiogram=True, decided=at.date()))
            book.add(Confirm(at + timedelta(minutes=40), book.investigator))
    if kind is Kind.TREATED:
        _procedure(book)
        _stay(book)
        _visits(book)
        _events(book)
    return sorted(book.acts, key=lambda act: act.at)


def _screening(book: Logbook, *, complete: bool) -> datetime:
    course, rng = book.course, timeline.stream(book.course.head.index, "screening")
    day = course.head.screened
    hour = 8.4 if day == timeline.TODAY else rng.uniform(8.5, 11.0)
    book.save(timeline.moment(day, hour + 0.4), screening.consent(course, hour))
    at = timeline.moment(day, max(hour + 0.9, rng.uniform(13.0, 17.0)))
    if not complete:
        history = screening.limb_history(course, rng)
        kept = {name: history.values[name] for name in ("target_limb", "bilateral_isr")}
        history.values = kept
        book.save(at, screening.demographics(course, rng), history)
        return at
    book.save(
        at,
        screening.demographics(course, rng),
        screening.medical_history(course, rng),
        screening.limb_history(course, rng),
        *screening.prior_stents(course, rng),
        screening.clinical_status(course, rng),
        pressures.pressures(course, "SCR", day, None, rng),
        screening.eligibility(course, angiogram=False, decided=None),
    )
    taken = timeline.moment(day, 8.0 + rng.random())
    book.save(at + timedelta(minutes=45), *laboratory.sample(course, "SCR", taken, rng))
    return at


def _procedure(book: Logbook) -> None:
    course, rng = book.course, timeline.stream(book.course.head.index, "index")
    begin = index.start(course)
    done = course.procedure
    book.save(begin - timedelta(minutes=40), index.plan(course, rng), who=book.investigator)
    over = begin + timedelta(minutes=done.minutes)
    at = max(over + timedelta(minutes=25), book.entered(course.day0, 1))
    lesions = [index.lesion(course, lesion, rng) for lesion in done.lesions]
    full = screening.eligibility(course, angiogram=True, decided=course.day0)
    book.save(at, *lesions, index.procedure(course, rng), full)
    book.add(Confirm(at + timedelta(minutes=30), book.investigator))
    treated = [
        index.treatment(course, treatment, lesion, rng)
        for treatment, lesion in zip(done.treatments, done.lesions, strict=True)
    ]
    devices = index.devices(course, rng)
    found = medication.deficiency(course, devices, timeline.stream(course.head.index, "deficiency"))
    book.save(at + timedelta(minutes=15), *treated, *devices, *found)


def _stay(book: Logbook) -> None:
    course, rng = book.course, timeline.stream(book.course.head.index, "stay")
    alive = course.death is None or course.death > 1
    if alive and course.horizon >= 1:
        after = course.on(1)
        taken = timeline.moment(after, 6.5 + rng.random())
        imaged = rng.random() < 0.94
        book.save(
            book.entered(after, 3),
            index.after(course, imaged=imaged),
            pressures.pressures(course, "POST", after, 1, rng),
            *laboratory.sample(course, "POST", taken, rng),
            *(follow_up.duplex(course, Contact("POST", 1, "INPT"), rng) if imaged else ()),
        )
    home = index.discharge(course, rng)
    if home.values["disc_date"] <= timeline.TODAY:
        drugs = medication.medications(course, home, timeline.stream(course.head.index, "medication"))
        book.save(book.entered(home.values["disc_date"], 5), home, *drugs)


def _visits(book: Logbook) -> None:
    course = book.course
    previous = course.procedure.nights
    for contact in course.contacts:
        rng = timeline.stream(course.head.index, contact.code)
        if contact.mode == "MISS":
            if rng.random() < 0.8:
                at = book.entered(course.on(contact.day + rng.randint(2, 20)))
                book.save(at, follow_up.visit(course, contact, previous, rng))
            continue
        _visit(book, contact, previous, rng)
        previous = contact.day


def _visit(book: Logbook, contact: Contact, previous: int, rng: Random) -> None:
    course = book.course
    day = course.on(contact.day)
    at = book.entered(day)
    sheets = [follow_up.visit(course, contact, previous, rng)]
    images: list[Sheet] = []
    if contact.in_person:
        ankle = pressures.pressures(course, contact.code, day, contact.day, rng)
        if course.amputated_by(contact.day):
            ankle.values, ankle.not_done = {}, "Major amputation of the target limb"
        else:
            images = follow_up.duplex(course, contact, rng)
        sheets.append(ankle)
        if contact.code in ("M12", "M24"):
            images += follow_up.x_ray(course, contact, rng)
        if contact.code in laboratory.PANELS:
            taken = timeline.moment(day, 8.2 + rng.random())
            sheets += laboratory.sample(course, contact.code, taken, rng)
    late = rng.random() < 0.12
    book.save(at, *sheets, *(() if late else images))
    if late:
        # The images are read some days later; until then the visit is unfinished.
        book.save(at + timedelta(days=rng.randint(1, 6)), *images)


def _events(book: Logbook) -> None:
    course = book.course
    rng = timeline.stream(course.head.index, "events")
    for number, one in enumerate(course.revascularisations, start=1):
        at = book.entered(course.on(one.day))
        book.save(at, events.revascularisation(course, number, one, rng))
        decided = _committee(book, at, rng)
        sheet = adjudication.of_revascularisation(course, number, one, decided.date(), rng)
        _decide(book, decided, sheet)
    for number, harm in enumerate(course.harms, start=1):
        sheet = safety.adverse_event(course, number, harm, rng)
        at = _harmed(book, sheet, course.on(harm.day), rng)
        kind = adjudication.INTEREST_TYPES.get(harm.interest)
        if kind:
            decided = _committee(book, at, rng)
            more = {"BLD": {"cec_barc": "3a"}, "MI": {"cec_mi_type": "1"}}.get(kind, {})
            final = adjudication.decision(kind, sheet.key, course.on(harm.day), decided.date(), **more)
            _decide(book, decided, final)
    if course.amputation is not None:
        _amputation(book, rng)
    if course.death is not None:
        _death(book, rng)
    if course.end is not None:
        known = course.death_found + rng.randint(1, 4) if course.end.reason == "DTH" else course.end.day
        last = max(act.at for act in book.acts if act.at.date() <= course.on(known))
        book.save(max(book.entered(course.on(known)), last), events.leaving(course))


def _amputation(book: Logbook, rng: Random) -> None:
    course = book.course
    assert course.amputation is not None
    event = safety.of_amputation(course, rng)
    at = _harmed(book, event, course.on(course.amputation[0]), rng)
    book.save(at + timedelta(minutes=12), events.amputation(course, rng))
    decided = _committee(book, at, rng)
    day = course.on(course.amputation[0])
    more = {"cec_amp_major": "Y", "cec_male": "Y"}
    final = adjudication.decision("AMP", "AMP/1", day, decided.date(), **more)
    _decide(book, decided, final)


def _death(book: Logbook, rng: Random) -> None:
    course = book.course
    assert course.death is not None
    event, page = safety.fatal(course, rng), events.death(course, rng)
    at = _reported(book, event, course.on(course.death_found))
    book.save(at, event, page)
    decided = _committee(book, at, rng)
    more = {"cec_death_cat": page.values["death_cat"]}
    final = adjudication.decision("DTH", "DTH/1", course.on(course.death), decided.date(), **more)
    _decide(book, decided, final)


def _harmed(book: Logbook, final: Sheet, day: date, rng: Random) -> datetime:
    """Note an adverse event as it is known when it is entered, and its end when that has come."""
    at = _reported(book, final, day)
    now, later = safety.as_known(final, at.date())
    book.save(at, now)
    if later is not None:
        end = date.fromisoformat(final.values["ae_end"])
        book.add(Save(book.entered(end + timedelta(days=1)), book.coordinator, (later,), "NEW_INFORMATION"))
    return at


def _reported(book: Logbook, sheet: Sheet, day: date) -> datetime:
    """Return when an adverse event is entered: never before it was reported."""
    at = book.entered(day)
    report = sheet.values.get("ae_report_dt")
    return max(at, report + timedelta(minutes=30)) if report else at


def _committee(book: Logbook, entered: datetime, rng: Random) -> datetime:
    return timeline.moment(entered.date() + timedelta(days=rng.randint(15, 50)), rng.uniform(19.0, 21.5))


def _decide(book: Logbook, decided: datetime, final: Sheet) -> None:
    """Let one member of the committee review an event, and another review and decide it the next day."""
    first, second = adjudication.reviews(final)
    number = book.course.head.index
    book.save(decided - timedelta(days=1), first, who=Person("CEC", None, number % 3))
    book.add(Save(decided, Person("CEC", None, (number + 1) % 3), (second,), "NEW_INFORMATION"))
