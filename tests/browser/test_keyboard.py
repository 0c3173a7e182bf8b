"""The keys: those of every page, and the matrix without a mouse."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from subjects.models import Subject
from tests.browser import course
from tests.browser.house import House
from tests.enrolled import entry_on
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.models import Page as Crf
from visits.review.queries import raise_query

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def subject(house: House) -> Subject:
    """A subject with consent, a plan, a procedure and an open query."""
    first = {"screening_date": course.on(-3), **course.CONSENT, "consent_dt": course.at(-3, 9)}
    people = house.people
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=first)
    made, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)
    plan = {"planned_cohort": "DES", "plan_reason": "Long lesion"}
    save_pages([PageEntry(subject_id=made.pk, form="PR", visit="PROC", values=plan)], by=people.li_na)
    page = Crf.objects.get(subject=made, form="PR")
    done = {"proc_date": course.on(0), "study_dev_introduced": "Y"}
    again = entry_on(page, values=done)
    save_pages([again], by=people.li_na)
    consent = Crf.objects.get(subject=made, form="IC")
    raise_query(page=consent, items=["consent_version"], text="Which version was it?", by=people.wang_lei)
    return made


def test_the_keys_of_every_page(house: House, subject: Subject) -> None:
    page = house.sign_in("li_na")
    page.keyboard.press("/")
    expect(page.locator("#goto")).to_be_focused()
    page.keyboard.type("/")
    expect(page.locator("#goto")).to_have_value("/")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.context.close()


def test_the_matrix_by_keyboard(house: House, subject: Subject) -> None:
    page = house.sign_in("li_na")
    page.goto("/subjects/")
    page.keyboard.press("n")
    expect(page.locator("a.c:focus")).to_have_attribute(
        "aria-label", re.compile("^SCR Screening / baseline: Query open")
    )
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.c:focus")).to_have_attribute(
        "aria-label", re.compile("^PROC Index procedure: (Query open|Incomplete)")
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/PROC/*/")
    page.context.close()
    assert not house.complaints
