"""Draws the course of one subject: the latent fate cut by death, loss, withdrawal and completion."""

from __future__ import annotations

from random import Random

from defier.demo import baseline, fate, harm, timeline
from defier.demo.course import Contact, Course, End, Loss, Revascularisation
from defier.demo.population import Head, Kind, roster
from defier.demo.procedure import draw_procedure
from protocol.schedule import SCHEDULED_FU, VISIT

NEVER = 100_000


def draw_course(head: Head) -> Course:
    """Draw the whole course of a subject of the roster."""
    index = head.index
    rng = timeline.stream(index, "baseline")
    given = baseline.draw_covariates(rng, baseline.draw_cohort(rng))
    history = baseline.draw_history(timeline.stream(index, "history"), given)
    procedure = draw_procedure(timeline.stream(index, "procedure"), given)
    course = Course(head, given, history, procedure)
    if head.kind is Kind.TREATED:
        latent = fate.draw_fate(timeline.stream(index, "fate"), given)
        _follow(course, latent, timeline.stream(index, "follow-up"))
        course.harms = harm.draw_harms(timeline.stream(index, "harm"), course, latent.serious)
    return course


def courses() -> list[Course]:
    """Draw the courses of the whole roster."""
    return [draw_course(head) for head in roster()]


def _follow(course: Course, latent: fate.Fate, rng: Random) -> None:
    course.gain = max(0.05, rng.gauss(0.27, 0.12))
    course.steps_better = rng.choice((1, 1, 2, 2, 3)) if rng.random() < 0.88 else 0
    cut = min(latent.death, latent.lost, latent.withdrawal)
    planned = _planned_contacts(rng)
    last_planned = next(c.day for c in planned if c.code == "M24")
    regular = [c for c in planned if c.day < cut and c.day <= course.horizon]
    done = _revascularisations(rng, latent, min(cut, last_planned), course.horizon)
    if cut == latent.death:
        _find_death(course, cut, planned)
    known = _known_until(course, latent, cut, regular)
    course.revascularisations = [one for one in done if one.day <= known]
    course.losses = _losses(course.revascularisations, latent, rng)
    if latent.major_amputation <= min(known, last_planned):
        course.amputation = (latent.major_amputation, rng.choice(("BKA", "BKA", "AKA")))
    course.contacts = _with_complaints(course, regular, rng)
    _close(course, latent, rng)


def _find_death(course: Course, day: int, planned: list[Contact]) -> None:
    """Set the death if the site has heard of it: in hospital at once, later at the next contact."""
    in_hospital = day <= course.procedure.nights
    later = (c.day for c in planned if c.day >= day and c.mode != "MISS")
    found = day if in_hospital else next(later, NEVER)
    if found <= course.horizon:
        course.death, course.death_found = day, found


def _known_until(course: Course, latent: fate.Fate, cut: int, regular: list[Contact]) -> int:
    """Return the day up to which the site knows of events: its last regular contact, death or withdrawal.

    An event comes to the site's knowledge at the next contact, as its absence does; were events recorded at
    once, subjects with events would be followed longer than those without, and incidence overstated.
    """
    if course.death is not None or (cut == latent.withdrawal and cut <= course.horizon):
        return cut
    return max((c.day for c in regular if c.mode != "MISS"), default=0)


def _revascularisations(rng: Random, latent: fate.Fate, cut: int, horizon: int) -> list[Revascularisation]:
    how = rng.choices(("PERC", "BYP", "LYS"), (0.84, 0.10, 0.06))[0]
    wished = (
        Revascularisation(latent.cd_tlr, "CD", how),
        Revascularisation(latent.again_cd_tlr, "CD"),
        Revascularisation(latent.other_tlr, "IMG"),
        Revascularisation(latent.other_tvr, "TVR"),
        Revascularisation(latent.other_limb, "LIMB"),
    )
    last = min(cut, horizon)
    found: list[Revascularisation] = []
    for one in sorted(wished, key=lambda r: r.day):
        clear = all(abs(one.day - other.day) > 14 for other in found)
        if one.day <= last and (clear or one.kind == "CD"):
            found.append(one)
    return found


def _losses(done: list[Revascularisation], latent: fate.Fate, rng: Random) -> list[Loss]:
    losses: list[Loss] = []
    free_from = 1
    for one in (r for r in done if r.of_target_lesion):
        onset = max(free_from, one.day - latent.lead)
        painful = one.kind == "CD"
        losses.append(Loss(onset, one.day, latent.occlusive and painful, painful))
        free_from = one.day + 1
    silent = latent.silent_restenosis
    if not any(loss.onset <= silent < loss.until for loss in losses):
        until = next((loss.onset for loss in losses if loss.onset > silent), NEVER)
        losses.append(Loss(silent, until, rng.random() < 0.30, painful=False))
    return sorted(losses, key=lambda loss: loss.onset)


PHONE_DAY = 545
"""Half way between the visits at 12 and 24 months, most sites phone: what happens is known sooner."""
_MISSED = {"M1": 0.03, "M3": 0.08, "M6": 0.08, "M12": 0.04, "M24": 0.04}


def _planned_contacts(rng: Random) -> list[Contact]:
    contacts: list[Contact] = []
    for code in SCHEDULED_FU:
        visit = VISIT[code]
        assert visit.target_day is not None
        assert visit.lo is not None
        assert visit.hi is not None
        day = visit.target_day + round(rng.gauss(3, (visit.hi - visit.lo) / 6))
        day = min(max(day, visit.lo), visit.hi)
        if code == "M24" and day < 730 and rng.random() < 0.7:
            # Sites are prompted to book this visit on or after day 730 (EC-046).
            day = 730 + rng.randint(0, 20)
        if rng.random() < 0.06:
            day = visit.hi + rng.randint(1, 14) if rng.random() < 0.8 else visit.lo - rng.randint(1, 4)
        mode = "CLIN"
        if rng.random() < _MISSED[code]:
            mode = "TEL" if rng.random() < 0.3 else "MISS"
        contacts.append(Contact(code, visit.hi if mode == "MISS" else day, mode))
    if rng.random() < 0.85:
        contacts.append(Contact("UNS", PHONE_DAY + rng.randint(-15, 20), "TEL"))
    final = contacts[len(SCHEDULED_FU) - 1]
    if final.mode != "MISS" and final.day < 730 and rng.random() < 0.5:
        contacts.append(Contact("UNS", 730 + rng.randint(1, 9), "TEL"))
    return sorted(contacts, key=lambda contact: contact.day)


def _with_complaints(course: Course, regular: list[Contact], rng: Random) -> list[Contact]:
    """Return the contacts in order of day, with the visits on which complaints led to a procedure."""
    extra: list[Contact] = []
    for one in course.revascularisations:
        day = one.day - rng.randint(2, 7)
        wanted = rng.random() < 0.5
        near = any(abs(c.day - day) < 10 for c in regular + extra)
        if one.kind == "CD" and wanted and day > 5 and not near:
            extra.append(Contact("UNS", day, "CLIN", wish=True))
    found: list[Contact] = []
    number = 0
    for contact in sorted(regular + extra, key=lambda c: c.day):
        if contact.code == "UNS":
            number += 1
            contact = Contact(f"UNS{number}", contact.day, contact.mode, contact.wish)
        found.append(contact)
    return found


def _close(course: Course, latent: fate.Fate, rng: Random) -> None:
    """Set the end of participation, where it has been reached at the demo's today."""
    seen = [c.day for c in course.contacts if c.mode != "MISS"]
    seen += [r.day for r in course.revascularisations]
    last = max([course.procedure.nights, *seen])
    final = next((c for c in course.contacts if c.code == "M24"), None)
    cut = min(latent.death, latent.lost, latent.withdrawal)
    if final is not None and final.mode != "MISS":
        course.end = End("COMP", last, last)
        return
    if final is not None:
        course.end = End("LTFU", 790 + 20, last)
    elif course.death is not None:
        course.end = End("DTH", cut, cut)
    elif cut <= course.horizon and cut == latent.withdrawal:
        course.end = End("WD", cut, last)
    elif cut <= course.horizon and cut == latent.lost:
        course.end = End("LTFU", max(cut, last) + rng.randint(90, 150), last)
    if course.end is not None and course.end.day > course.horizon:
        course.end = None
