"""Histories open in their row by mouse and by key, and the pages of the trail can be used by all."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from audit.context import Reason
from tests.browser.house import PHONE, WIDE, House
from tests.browser.reading import violations as findings
from tests.enrolled import entry_on, screened
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page

pytestmark = [pytest.mark.browser]
SHOTS = os.environ.get("TRAIL_SHOTS", "")


@pytest.mark.urs("AUD-13")
def test_a_history_opens_in_place_by_mark_and_by_key_and_closes_again(house: House) -> None:
    subject = screened(house.people)
    by = house.people.li_na
    values = {"age": 70, "sex": "M", "height_cm": 170}
    save_pages([PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values)], by=by)
    for age in (71, 72, 73, 74):
        page = Page.objects.get(subject=subject, form="DM")
        entry = entry_on(page, values={"age": age})
        save_pages([entry], by=by, reason=Reason("TYPO"))
    page = Page.objects.get(subject=subject, form="DM")
    browser = house.sign_in("li_na")
    browser.goto(f"/subjects/{subject.pk}/SCR/DM/")
    row = browser.locator("[data-item=age]")
    row.locator("[data-history]").click()
    told = row.locator(".trail-here")
    expect(told).to_contain_text("70")
    expect(told).to_contain_text("UTC")
    shot(browser, "in-place")
    assert findings(browser) == []
    browser.keyboard.press("Escape")
    expect(told).to_have_count(0)
    row.locator("input").first.focus()
    browser.keyboard.press("Alt+h")
    expect(told).to_be_visible()
    browser.keyboard.press("Alt+h")
    expect(told).to_have_count(0)
    browser.context.close()
    wrong = []
    for who, language, place in (
        ("wang_lei", "en", "/trail/"),
        ("wang_lei", "zh-hans", "/trail/many_changes/"),
        ("guo_tao", "en", f"/subjects/{subject.pk}/trail/"),
        ("zhang_wei", "zh-hans", f"/subjects/{subject.pk}/trail/{page.pk}/"),
        ("chen_jing", "en", "/trail/redactions/"),
    ):
        browser = house.sign_in(who, language=language)
        browser.goto(place)
        for size in (WIDE, PHONE):
            browser.set_viewport_size(size)
            shot(browser, f"{who}-{size['width']}-{place.strip('/').split('/')[-1][:12]}")
            wrong += [f"{place} {language} {size['width']}: {one}" for one in findings(browser)]
            wide = browser.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
            wrong += [f"{place} {language} {size['width']}: scrolls sideways"] if wide else []
        browser.context.close()
    assert wrong == [], "\n".join(wrong)
    assert house.complaints == []


def shot(browser: object, name: str) -> None:
    """Keep a picture where the person who runs this asks for them."""
    if SHOTS:
        browser.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)  # type: ignore[attr-defined]
