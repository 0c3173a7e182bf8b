"""From a value entered to one that an inspector believes: verified, asked about, signed, locked, opened.

One journey of five people on one subject in screening: the monitor, the coordinator, the investigator, and
the two who lock the study.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from audit import clock
from audit.context import acting
from outcomes.critical import critical_items
from outcomes.models import Snapshot
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import answer, follow, is_save, picture, refused, save, until
from tests.browser.house import House
from tests.people import PASSWORD
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.models import Page as Crf
from visits.review.records import Unlock
from visits.review.sdv.plan import Rule, make_plan
from visits.tasks import relock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WEIGHT = "weight_kg"
DEMOGRAPHICS = {**course.DEMOGRAPHICS, "height_cm": Decimal("171.5"), "weight_kg": Decimal("70.0")}


@pytest.fixture(scope="module")
def subject(house: House) -> Subject:
    """A subject in screening with three complete pages, all of which the plan wants verified."""
    people = house.people
    make_plan(by=people.chen_jing, reason="Everything", critical=critical_items(), rules=[Rule()])
    day = clock.today() - timedelta(days=20)
    at = datetime.combine(day, time(9), clock.ZONE)
    consent = {**course.CONSENT, "consent_version": "2.0", "screening_date": day, "consent_dt": at}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=consent, missing={"consent_by": "UNK"})
    made, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)
    born = day.replace(day=1) - timedelta(days=round(68.5 * 365.25))
    pages = {
        "DM": {**DEMOGRAPHICS, "birth_ym": f"{born:%Y-%m}"},
        "BCS": {**course.STATUS, "bcs_date": day, "claud_distance_m": 90},
    }
    save_pages(
        [
            PageEntry(subject_id=made.pk, form=form, visit="SCR", values=values)
            for form, values in pages.items()
        ],
        by=people.li_na,
    )
    return made


@pytest.mark.urs("SRC-02", "SIG-01", "LCK-02", "LCK-03")
def test_from_a_value_to_a_locked_one(house: House, subject: Subject) -> None:
    site, monitor = house.sign_in("li_na"), house.sign_in("wang_lei")
    investigator, manager = house.sign_in("zhang_wei"), house.sign_in("chen_jing")
    statistician = house.sign_in("sun_qing")
    verified(monitor, subject)
    asked(monitor, site, subject)
    accepted(investigator)
    signed(investigator, subject, 3)
    changed(site, subject)
    stale_and_broken(monitor, investigator, subject)
    verified_again(monitor)
    signed_again(investigator, subject)
    locked(manager, statistician, site, subject)
    unlocked(manager, statistician, site, subject)
    shut_again(house, manager, site, subject)
    assert not house.complaints, "\n".join(house.complaints)


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def verified(page: Page, subject: Subject) -> None:
    """The monitor takes page after page from the work list and verifies what is ticked there."""
    for left in (3, 2, 1):
        page.goto("/verify/?list=all")
        expect(page.locator("#h-wait .count")).to_have_text(str(left))
        page.locator("table[data-rows] tbody a").first.click()
        page.wait_for_url(re.compile(f"/subjects/{subject.pk}/SCR/"))
        if left == 3:
            picture(page, "trust-01-to-verify")
        page.locator("#verify").get_by_role("button", name=re.compile("^Verified: the ")).click()
        expect(page.locator(".banner.ok").first).to_contain_text("verified")
    page.goto("/verify/?list=all")
    expect(page.locator("#h-wait .count")).to_have_text("0")
    picture(page, "trust-02-nothing-to-verify")


def asked(monitor: Page, site: Page, subject: Subject) -> None:
    """The monitor asks on the page, the coordinator answers there, the monitor closes."""
    monitor.goto(demographics(subject))
    monitor.locator(f"[data-raise={WEIGHT}]").click()
    panel = monitor.locator("#raise")
    expect(panel.locator("select[name=items]")).to_have_value(WEIGHT)
    panel.locator("[name=text]").fill("The chart says 71 kg.")
    panel.get_by_role("button", name="Ask").click()
    expect(monitor.locator(".thread")).to_contain_text("The chart says 71 kg.")
    site.goto(demographics(subject))
    thread = site.locator(".thread", has_text="The chart says 71 kg.")
    thread.get_by_role("button", name="Write an answer").click()
    thread.locator("[name=text]").fill("Weighed twice, 70 kg is the first.")
    thread.get_by_role("button", name="Answer", exact=True).click()
    expect(site.locator(".thread .chip").first).to_contain_text("answered")
    monitor.goto("/queries/?show=answered")
    follow(monitor.locator("td.blk a").first)
    monitor.locator("select[name=reason]").select_option(index=0)
    monitor.get_by_role("button", name="Close", exact=True).click()
    expect(monitor.locator(".chip").first).to_contain_text("closed")


def accepted(page: Page) -> None:
    """Before the first signature stands what it means, accepted once."""
    page.goto("/signing/")
    page.get_by_label("I accept this declaration.").check()
    picture(page, "trust-03-declaration")
    page.get_by_label("Your password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Accept"))
    expect(page.get_by_label("I accept this declaration.")).to_have_count(0)


def signed(page: Page, subject: Subject, pages: int) -> None:
    """The investigator signs every page that is listed and ticked; a wrong password signs nothing."""
    page.goto(f"/signing/{subject.pk}/")
    expect(page.locator("#ready .count")).to_have_text(str(pages))
    expect(page.locator("input[name=page]:checked")).to_have_count(0)
    for box in page.locator("input[name=page]").all():
        box.check()
    picture(page, "trust-03-to-sign")
    page.get_by_label("Your password").fill("not the password")
    follow(page.get_by_role("button", name="Sign the ticked pages"))
    expect(page.locator(".banner.danger")).to_be_visible()
    for box in page.locator("input[name=page]").all():
        box.check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the ticked pages").click()
    expect(page.locator(".banner.ok")).to_have_text(f"{pages} pages signed.")
    page.goto(f"/signing/{subject.pk}/")
    expect(page.locator("#signed .count")).to_have_text(str(pages))
    picture(page, "trust-04-signed")
    page.goto(demographics(subject))
    expect(page.locator("section.signatures")).to_contain_text("Zhang Wei")


def changed(page: Page, subject: Subject) -> None:
    """A stored value changes with a reason, and the coordinator sees that the signature went."""
    page.goto(demographics(subject))
    expect(page.locator("section.signatures")).to_contain_text("Zhang Wei")
    answer(page, {WEIGHT: "71"})
    refused(page)
    page.locator("#reason").select_option("SOURCE_CORRECTED")
    save(page)
    expect(page.locator("section.signatures use[href='#g-broken']")).to_have_count(1)
    picture(page, "trust-05-signature-broken")


def stale_and_broken(monitor: Page, investigator: Page, subject: Subject) -> None:
    """One mark is stale, old and new side by side; the other items and pages stand as they did."""
    monitor.goto(demographics(subject))
    expect(monitor.locator("button[data-verify]")).to_have_count(1)
    row = monitor.locator(f"#row-p-{WEIGHT}, [data-item={WEIGHT}]").first
    expect(row.locator("button[data-verify]")).to_have_count(1)
    expect(row).to_contain_text("70")
    picture(monitor, "trust-06-stale-on-the-page")
    for form in ("IC", "BCS"):
        monitor.goto(f"/subjects/{subject.pk}/SCR/{form}/")
        expect(monitor.locator("button[data-verify]")).to_have_count(0)
        expect(monitor.locator("section.signatures use[href='#g-signed']")).to_have_count(1)
    monitor.goto("/verify/")
    expect(monitor.locator("#h-stale .count")).to_have_text("1")
    expect(monitor.locator(".side-old")).to_contain_text("70")
    expect(monitor.locator(".side-new")).to_contain_text("71")
    picture(monitor, "trust-07-stale")
    investigator.goto("/signing/?show=broken")
    expect(investigator.locator("tbody tr")).to_have_count(1)


def verified_again(page: Page) -> None:
    """V verifies what stands open in the list, and the list says that it is empty."""
    page.keyboard.press("v")
    expect(page.locator("#h-stale .count")).to_have_text("0")


def signed_again(page: Page, subject: Subject) -> None:
    """Before signing again the console shows what has changed since, by whom and why."""
    page.goto(f"/signing/{subject.pk}/")
    expect(page.locator("#ready .count")).to_have_text("1")
    since = page.locator("table", has=page.locator("caption", has_text="Changed since the last signature"))
    expect(since.last.locator("tbody tr")).to_have_count(1)
    expect(since.last).to_contain_text("71")
    picture(page, "trust-08-to-sign-again")
    tick = page.get_by_role("button", name="Tick the pages that I have read")
    expect(tick).to_be_disabled()
    page.locator("details[data-says] summary").focus()
    page.keyboard.press("Enter")
    expect(tick).to_be_enabled()
    tick.press("Enter")
    expect(page.locator("input[name=page]")).to_be_checked()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the ticked pages").click()
    expect(page.locator(".banner.ok")).to_have_text("1 page signed.")


def locked(manager: Page, statistician: Page, site: Page, subject: Subject) -> None:
    """The final lock is proposed past open gates by one, who is not offered to confirm it, and confirmed."""
    manager.goto("/locks/")
    expect(manager.locator(".kpi .n").first).to_have_text("0")
    picture(manager, "trust-09-before-the-lock")
    panel = manager.locator("section", has=manager.locator("#f"))
    panel.locator("#whyfinal").fill("All pages are in")
    panel.get_by_label("Your password").fill(PASSWORD)
    panel.get_by_role("button", name="Propose the final lock").click()
    expect(manager.get_by_text("Another person has to confirm it.")).to_be_visible()
    expect(manager.get_by_role("button", name="Confirm")).to_have_count(0)
    statistician.goto("/locks/")
    picture(statistician, "trust-10-to-confirm")
    statistician.get_by_label("Your password").first.fill(PASSWORD)
    statistician.get_by_role("button", name="Confirm").click()
    expect(statistician.get_by_text("The study is locked")).to_be_visible()
    until(Snapshot.objects.exists, "the snapshot")
    site.goto(demographics(subject))
    expect(site.locator("button[name=then]")).to_have_count(0)
    picture(site, "trust-11-locked-page")


def unlocked(manager: Page, statistician: Page, site: Page, subject: Subject) -> None:
    """One page is opened for a day: asked for by one, granted by another, and the site corrects it."""
    manager.goto("/locks/")
    follow(manager.locator("#locks").locator("xpath=ancestor::section").locator("td a").first)
    manager.locator("#subject").fill(subject.usubjid)
    follow(manager.get_by_role("button", name="Show its pages"))
    manager.locator("#page").select_option(str(Crf.objects.get(subject=subject, form="DM").pk))
    manager.locator("#days").select_option("1")
    manager.locator("form", has=manager.locator("#days")).locator("#why").fill("The weight was read wrongly")
    manager.get_by_role("button", name="Ask to unlock").click()
    expect(manager.locator(".banner.ok")).to_contain_text("Another person has to grant it.")
    follow(manager.locator("section", has=manager.locator("#u")).locator("td a").first)
    manager.wait_for_url("**/locks/unlocks/*/")
    expect(manager.get_by_role("button", name="Grant")).to_have_count(0)
    picture(manager, "trust-12-unlock-asked")
    statistician.goto(manager.url)
    statistician.get_by_label("Your password").fill(PASSWORD)
    statistician.get_by_role("button", name="Grant").click()
    expect(statistician.locator("main")).to_contain_text("open until")
    site.goto(demographics(subject))
    answer(site, {WEIGHT: "72.5"})
    site.locator("#reason").select_option("SOURCE_CORRECTED")
    save(site)


def shut_again(house: House, manager: Page, site: Page, subject: Subject) -> None:
    """When its day is over the page is shut at once; the job locks anew and lists what was changed."""
    site.goto(demographics(subject))
    answer(site, {WEIGHT: "73"})
    with acting(by=house.people.chen_jing):
        Unlock.objects.update(until=clock.now() - timedelta(seconds=1))
    site.locator("#reason").select_option("SOURCE_CORRECTED")
    with site.expect_response(is_save(site)) as sent:
        site.locator("button[name=then][value=stay]").click()
    assert sent.value.status == 409
    expect(site.locator("#refused")).to_contain_text("locked")
    before = Snapshot.objects.count()
    relock()
    until(lambda: Unlock.objects.get().state == Unlock.State.RELOCKED, "the relock")
    manager.reload()
    diff = manager.locator("section", has=manager.locator("#c"))
    expect(diff.locator("tbody tr")).to_have_count(1)
    expect(diff).to_contain_text("72.5")
    expect(manager.locator("main")).to_contain_text("locked again")
    picture(manager, "trust-13-locked-again")
    until(lambda: Snapshot.objects.count() > before, "the second snapshot")
