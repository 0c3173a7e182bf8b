"""Subjects for tests, entered by their site's coordinator: screened, then treated."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from audit import clock
from subjects.models import Subject
from tests.people import People
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.models import Page

COORDINATOR = {"07": "li_na", "02": "ma_lin"}
CONSENT: dict[str, Any] = {
    "screening_date": date(2026, 3, 1),
    "consent_obtained": "Y",
    "consent_dt": datetime(2026, 3, 1, 2, 0, tzinfo=UTC),
    "consent_version": "2.0",
    "consent_privacy": "Y",
    "prior_participation": "N",
    "other_trial": "N",
}


def screened(people: People, site: str = "07", **more: Any) -> Subject:
    """Return a new subject whose consent page is complete but for who took the consent, and for `more`."""
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values={**CONSENT, **more})
    by = people.actors[COORDINATOR[site]]
    return screen_subject(site=people.sites[site], entry=entry, by=by)[0]


def entry_on(page: Page, **what: Any) -> PageEntry:
    """Return an entry on a page as it stands now; `what`: the values, or else what is said of the page."""
    visit = page.visit.key if page.visit else None
    return PageEntry(
        subject_id=page.subject_id,
        form=page.form,
        visit=visit,
        page_id=page.pk,
        revision=page.revision,
        **what,
    )


def treated(people: People, days_ago: int, subject: Subject | None = None) -> Subject:
    """Return a subject (by default a new one) planned for DCB, with a procedure so many days ago, no more."""
    subject = subject or screened(people)
    by = people.actors[COORDINATOR[subject.site_id]]
    plan = {"planned_cohort": "DCB", "plan_reason": "x"}
    save_pages([PageEntry(subject_id=subject.pk, form="PR", visit="PROC", values=plan)], by=by)
    page = Page.objects.get(subject=subject, form="PR")
    done = entry_on(
        page, values={"proc_date": clock.today() - timedelta(days=days_ago), "study_dev_introduced": "Y"}
    )
    save_pages([done], by=by)
    return subject
