"""Fast hands: whole pages by keyboard, each key counted (issue 3 point 5; peers.md §2.2)."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from subjects.models import Subject
from tests.browser import course
from tests.browser.house import House
from tests.browser.typist import Typist
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.dossier import PageRecord

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BUDGET = 45


def new_subject(house: House, cohort: str = "DCB") -> Subject:
    """Make a subject of site 07 who was treated 800 days ago."""
    people = house.people
    consent = {**course.CONSENT, "screening_date": course.on(-3), "consent_dt": course.at(-3, 9)}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=consent)
    subject, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)
    limb = {**course.LIMB_HISTORY, "symptom_onset": f"{course.on(-120):%Y-%m}"}
    plan = {"planned_cohort": cohort, "plan_reason": "Short lesion"}
    pages = [
        PageEntry(subject_id=subject.pk, form="LH", visit="SCR", values=limb),
        PageEntry(subject_id=subject.pk, form="PR", visit="PROC", values=plan),
    ]
    for entries in (pages, course.treated(subject.pk), course.discharged(subject.pk)):
        save_pages(entries, by=people.li_na)
    return subject


@pytest.fixture(scope="module")
def subject(house: House) -> Subject:
    return new_subject(house)


def opened(house: House, subject: Subject, place: str, *, name: str = "li_na") -> tuple[Page, Typist]:
    """Open a page of the subject, as from a list; from here on only keys."""
    page = house.sign_in(name)
    page.goto(f"/subjects/{subject.pk}/{place}/")
    return page, Typist(page)


def stored(subject: Subject, visit: str | None, form: str) -> list[PageRecord]:
    """Return what stands on a form now."""
    return dossiers.load(subject).at(visit, form)


def test_the_follow_up_page_takes_at_most_45_keys_and_no_mouse(house: House, subject: Subject) -> None:
    """The reference page: FU at 12 months without events, from opening it to the next page."""
    page, hands = opened(house, subject, "M12/FU")
    hands.press("Alt+j")
    assert hands.at == "contact_mode"
    hands.press("1")
    assert hands.at == "fu_date"
    hands.type(f"{course.on(365):%Y%m%d}")
    hint = page.locator("#row-p-fu_date [data-day]")
    expect(hint).to_have_text(f"{course.on(365)} · day 365 · in the window")
    hands.press("Enter").press("1", "Y")  # alive, status known
    hands.press("1", "Enter")  # no symptoms; check boxes take several, so Enter goes on
    hands.press("2", "0", "0")  # unchanged, Rutherford 0, other limb 0
    hands.press("N", "N", "N", "N")  # no event since the last contact
    assert hands.at == "comply_asa"
    hands.press("1", "1", "4", "1")  # drugs: taken, taken, not prescribed, taken
    hands.press("1")
    with page.expect_navigation():
        hands.press("Control+Enter")
    expect(page.locator(".banner.ok").first).to_be_visible()
    assert hands.mouse == 0
    assert hands.count <= BUDGET, hands.pressed
    [kept] = stored(subject, "M12", "FU")
    assert kept.unanswered == 0
    assert kept.values["fu_date"] == course.on(365)
    assert kept.raw["fu_date"] == f"{course.on(365):%Y%m%d}"
    assert (kept.values["symptoms"], kept.values["fu_rutherford"], kept.values["new_ae"]) == (
        ["NONE"],
        "0",
        "N",
    )
    assert [kept.values[f"comply_{drug}"] for drug in ("asa", "p2y12", "oac", "statin")] == [
        "GOOD",
        "GOOD",
        "NP",
        "GOOD",
    ]
    page.context.close()
    assert not house.complaints
    print(hands.count)
