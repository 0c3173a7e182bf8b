"""A timeline entered as a site would, through save_pages, and derived from what was then stored.

For verification inside a transaction that is rolled back: the site and the subject are made for it.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from audit.actors import Actor
from outcomes.assembly import FORMS, subjects_of
from outcomes.derivation import Derived, derive
from outcomes.enactment import PROC_DATE, consent, cut_off, pages
from outcomes.enactment_events import Enacted
from outcomes.frames import read_frames
from outcomes.recomputation import study_thresholds
from outcomes.timelines import Timeline
from sites import upkeep
from sites.models import Site
from subjects.models import Subject
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject

BY = Actor.system("verify_endpoints", origin="command")
CODE = "99"


def derive_entered(timeline: Timeline) -> Derived:
    """Enter a timeline and derive its endpoints from the database; leaves a subject behind."""
    subject = enter(timeline, _site())
    limits = study_thresholds()
    frames = read_frames([subject.pk], forms=FORMS)
    records = next(subjects_of(frames, cut_off=cut_off(timeline), limits=limits))
    return derive(records, limits=limits)


def enter(timeline: Timeline, site: Site, proc: date = PROC_DATE) -> Subject:
    """Enter every page of a timeline at a site, the committee's decisions after what they decide."""
    first = consent(timeline, proc)
    subject, _ = screen_subject(site=site, entry=_entry(first, uuid4()), by=BY, recompute=False)
    entered = pages(timeline, proc)
    collected = [page for page in entered if page.adjudicates is None]
    saved = save_pages([_entry(page, subject.pk) for page in collected], by=BY, recompute=False)
    identities = {id(page): record.id for page, record in zip(collected, saved.pages, strict=True)}
    decisions = [page for page in entered if page.adjudicates is not None]
    for page in decisions:
        page.values["cec_source"] = str(identities[id(page.adjudicates)])
    if decisions:
        save_pages([_entry(page, subject.pk) for page in decisions], by=BY, recompute=False)
    return subject


def _entry(page: Enacted, subject: UUID) -> PageEntry:
    return PageEntry(subject_id=subject, form=page.form, visit=page.visit, values=page.values)


def _site() -> Site:
    long_before = PROC_DATE - timedelta(days=365)
    return upkeep.add_site(
        by=BY,
        code=CODE,
        name_en="Verification",
        name_zh="验证",
        city_en="Chengdu",
        city_zh="成都",
        role=Site.Role.CLINICAL,
        status=Site.Status.ACTIVE,
        ethics_no="none",
        ethics_date=long_before,
        activation_date=long_before,
    )
