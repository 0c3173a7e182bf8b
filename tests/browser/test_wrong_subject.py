"""What goes wrong in real sites: a page of the wrong subject, a subject created in error, a transfer."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from audit.verify import verify
from sites import accounts
from sites.roles import Role
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import follow, picture
from tests.browser.house import House
from tests.people import FIRST, OPEN, give_password
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def screened(house: House) -> Subject:
    first = {"screening_date": course.on(-3), **course.CONSENT, "consent_dt": course.at(-3, 9)}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=first)
    return screen_subject(site=house.people.sites["07"], entry=entry, by=house.people.li_na)[0]


@pytest.fixture(scope="module")
def pair(house: House) -> tuple[Subject, Subject]:
    """Two subjects; the demographics of the second were entered on the first. And a second administrator."""
    wrong, right = screened(house), screened(house)
    entry = PageEntry(subject_id=wrong.pk, form="DM", visit="SCR", values={"age": 70, "sex": "M"})
    save_pages([entry], by=house.people.li_na)
    user = accounts.add_user(by=FIRST, username="qian_li", full_name="Qian Li", full_name_zh="钱丽")
    accounts.grant_membership(
        user=user, role=Role.ADMINISTRATOR, site=None, from_date=OPEN, to_date=None, by=FIRST
    )
    give_password(user)
    return wrong, right


@pytest.mark.urs("AUD-01", "AUD-10")
def test_a_coordinator_moves_a_page_to_the_right_subject(house: House, pair: tuple[Subject, Subject]) -> None:
    wrong, right = pair
    page = house.sign_in("li_na")
    page.goto(f"/subjects/{wrong.pk}/SCR/DM/")
    page.locator(".arrange summary").click()
    follow(page.get_by_role("link", name="Move to another place"))
    page.locator("#to").fill(right.usubjid)
    follow(page.get_by_role("button", name="Show what would happen"))
    expect(page.locator("#plan")).to_contain_text("2 answers go along")
    picture(page, "move_page")
    page.locator("#reason").fill("It was the other subject of that morning.")
    page.get_by_role("button", name="Move the page").click()
    page.wait_for_url(f"**/subjects/{right.pk}/SCR/DM/")
    expect(page.locator(".banner.ok")).to_contain_text(f"Moved from {wrong.usubjid} SCR DM")
    expect(page.locator("p.said")).to_contain_text(f"Moved here from {wrong.usubjid}")
    expect(page.locator('[name="p-age"]')).to_have_value("70")
    page.locator(".arrange summary").click()
    follow(page.get_by_role("link", name="Write a note"))
    page.locator("#item").select_option("age")
    page.locator("#text").fill("Read from the identity document.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#row-p-age .said summary")).to_contain_text("1 note")
    picture(page, "note_beside_item")
    page.context.close()
    assert verify() == []


@pytest.mark.urs("AUD-10")
def test_a_data_manager_voids_and_restores(house: House, pair: tuple[Subject, Subject]) -> None:
    wrong, _right = pair
    page = house.sign_in("chen_jing")
    page.goto(f"/subjects/{wrong.pk}/")
    page.locator(".arrange summary").click()
    follow(page.get_by_role("link", name="Void: created in error"))
    picture(page, "void_subject")
    page.locator("#reason").fill("Screened twice.")
    page.get_by_role("button", name="Void the subject").click()
    expect(page.locator(".banner.ok")).to_contain_text("counts nowhere")
    page.goto("/subjects/")
    expect(page.locator("main .pagehead")).to_contain_text("1 voided")
    follow(page.get_by_role("link", name="1 voided"))
    follow(page.get_by_role("link", name=wrong.usubjid))
    picture(page, "voided_subject")
    page.locator("#reason").fill("They were two people.")
    page.get_by_role("button", name="Restore the subject").click()
    page.wait_for_url(f"**/subjects/{wrong.pk}/")
    page.context.close()


@pytest.mark.urs("ACL-03", "ACL-07")
def test_two_administrators_transfer_a_subject(house: House, pair: tuple[Subject, Subject]) -> None:
    _wrong, right = pair
    first = house.sign_in("zhao_min")
    first.goto("/transfers/")
    first.locator("#id_usubjid").fill(right.usubjid)
    first.locator("#id_to_site").select_option("02")
    first.locator("#id_on").fill(f"{datetime.now(tz=UTC):%Y-%m-%d}")
    first.locator("#id_reason").fill("The subject moved to another city.")
    first.get_by_role("button", name="Propose").click()
    expect(first.locator(".banner.ok")).to_contain_text("Another administrator")
    first.context.close()
    second = house.sign_in("qian_li")
    expect(second.locator(".banner.info")).to_contain_text(right.usubjid)
    follow(second.locator(".banner.info a"))
    picture(second, "transfer")
    second.get_by_role("button", name="Accept the transfer").click()
    expect(second.locator(".banner.ok")).to_contain_text("now belongs to site 02")
    second.context.close()
    former, receiving = house.sign_in("li_na"), house.sign_in("ma_lin")
    assert former.goto(f"/subjects/{right.pk}/").status == 404  # type: ignore[union-attr]
    receiving.goto(f"/subjects/{right.pk}/SCR/DM/")
    expect(receiving.locator('[name="p-age"]')).to_have_value("70")
    former.context.close()
    receiving.context.close()
    assert not house.complaints
    assert verify() == []
