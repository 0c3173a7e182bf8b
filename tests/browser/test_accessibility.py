"""Every kind of page, wide and narrow: no serious finding of axe, no sideways scrolling, keys that work."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from defier.addresses import ROOT
from subjects.models import Subject
from tests.browser import course
from tests.browser.house import PHONE, WIDE, House
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.models import Page as Crf
from visits.review.queries import raise_query

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
WHO = {
    "li_na": (
        "/",
        "/subjects/",
        "/queries/",
        "{subject}",
        "{subject}SCR/IC/",
        "{subject}LOG/AE/",
        "/outcomes/",
    ),
    "zhang_wei": ("/",),
    "wang_lei": ("/", "/queries/", "{subject}SCR/IC/", "/sites/"),
    "chen_jing": ("/", "/study/", "/devices/"),
    "sun_qing": ("/", "/outcomes/"),
    "he_ming": ("/",),
    "zhou_yan": ("/",),
    "guo_tao": ("/",),
    "zhao_min": ("/", "/accounts/"),
}


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
    again = PageEntry(
        subject_id=made.pk, form="PR", visit="PROC", page_id=page.pk, revision=page.revision, values=done
    )
    save_pages([again], by=people.li_na)
    consent = Crf.objects.get(subject=made, form="IC")
    raise_query(page=consent, items=["consent_version"], text="Which version was it?", by=people.wang_lei)
    return made


def grave(page: Page) -> list[str]:
    """Return what axe finds serious or worse, each with the first element concerned."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {json.dumps(one['nodes'][0]['html'])[:200]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("width", [WIDE, PHONE], ids=["1440", "360"])
@pytest.mark.parametrize("name", WHO)
def test_pages_can_be_read_by_everybody(
    house: House, subject: Subject, name: str, width: dict[str, int]
) -> None:
    page = house.sign_in(name, width=width)
    for path in WHO[name]:
        page.goto(path.replace("{subject}", f"/subjects/{subject.pk}/"))
        assert grave(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width["width"], path
        assert page.locator("h1").count() == 1, path
    page.context.close()


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
    expect(page.locator("a.c:focus")).to_have_attribute("aria-label", "SCR Screening / baseline: Query open")
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.c:focus")).to_have_attribute("aria-label", "PROC Index procedure: Incomplete")
    page.keyboard.press("Enter")
    page.wait_for_url("**/PROC/*/")
    page.context.close()
    assert not house.complaints
