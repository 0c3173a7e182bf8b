"""Each key of the list behind "?" does what the list says, and the list names every key (WCAG 2.1.4)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from audit.context import Reason
from outcomes.critical import critical_items
from subjects.models import Subject
from tests.browser import course
from tests.browser.house import House
from tests.browser.test_fast_hands import new_subject
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page as Crf
from visits.review.queries import raise_query
from visits.review.sdv.plan import make_plan
from visits.review.sdv.states import seen
from visits.review.sdv.verifying import verify_items

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def subject(house: House) -> Subject:
    """A subject with an unanswered query on follow-up at one month, and with a second subject beside."""
    made = new_subject(house)
    new_subject(house)
    by = house.people.li_na
    values = {**course.FOLLOW_UP, "fu_date": course.on(30), "fu_claud_m": None}
    save_pages([PageEntry(subject_id=made.pk, form="FU", visit="M1", values=values)], by=by)
    page = Crf.objects.get(subject=made, form="FU", visit__code="M1")
    for text in ("Same?", "Sure?"):
        raise_query(page=page, items=["symptom_change"], text=text, by=house.people.wang_lei)
    verified_and_changed(house, page)
    return made


def verified_and_changed(house: House, page: Crf) -> None:
    """Put a plan of verification into force; one verified item has been changed since."""
    make_plan(by=house.people.chen_jing, reason="All that is critical", critical=critical_items())
    record = dossiers.load(page.subject).page(page.pk)
    assert record is not None
    verify_items(page=page, seen={"fu_date": seen(record, "fu_date")}, by=house.people.wang_lei)
    again = PageEntry(
        subject_id=page.subject_id,
        form="FU",
        visit="M1",
        page_id=page.pk,
        revision=record.revision,
        values={"fu_date": course.on(31)},
    )
    save_pages([again], by=house.people.li_na, reason=Reason("TYPO"))


def at(page: Page) -> str:
    found: str = page.evaluate(
        "(document.activeElement.closest('[data-item]') || {dataset: {}}).dataset.item || ''"
    )
    return found


def answered(page: Page, item: str) -> int:
    return page.locator(f"#row-p-{item} .ctl > .seg input:checked").count()


def on_form(page: Page, subject: Subject, visit: str = "M6") -> None:
    page.goto(f"/subjects/{subject.pk}/{visit}/FU/")
    page.keyboard.press("Alt+j")


def finds(page: Page, subject: Subject) -> None:
    page.keyboard.press("/")
    page.keyboard.type(subject.usubjid.removeprefix("DEFIER-").lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/subjects/{subject.pk}/")


def goes_to_the_next_thing(page: Page, subject: Subject) -> None:
    wanted = page.locator("[data-next]").get_attribute("href")
    page.goto(f"/subjects/{subject.pk}/M6/FU/")
    page.keyboard.press("n")
    page.wait_for_url(f"**{wanted}")


def walks_the_list(page: Page, subject: Subject) -> None:
    page.goto("/queries/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queries/*-*/*")
    first = page.url
    expect(page.locator("[data-place]")).to_contain_text("in Queries to answer")
    page.keyboard.press("]")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("[")
    page.wait_for_url(first)


def walks_the_rows(page: Page, subject: Subject) -> None:
    page.goto("/queries/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.closest('tr').rowIndex")
    page.keyboard.press("k")
    assert (second, page.evaluate("document.activeElement.closest('tr').rowIndex")) == (2, 1)


def moves_in_the_matrix(page: Page, subject: Subject) -> None:
    page.goto("/subjects/")
    page.keyboard.press("ArrowDown")
    places = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        places.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert len(set(places)) == 4


def tells_the_keys(page: Page, subject: Subject) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def chooses(page: Page, subject: Subject) -> None:
    on_form(page, subject)
    page.keyboard.press("1")
    page.locator("#row-p-new_hosp input").first.focus()
    page.keyboard.press("u")
    assert (answered(page, "contact_mode"), answered(page, "new_hosp"), at(page)) == (1, 1, "new_ae")
    page.keyboard.press("y")
    assert answered(page, "new_ae") == 1
    page.locator("#row-p-new_revasc input").first.focus()
    page.keyboard.press("n")
    assert (answered(page, "new_revasc"), at(page)) == (1, "new_amputation")


def goes_from_item_to_item(page: Page, subject: Subject) -> None:
    on_form(page, subject)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    assert at(page) == "vital_status"
    page.keyboard.press("Shift+Enter")
    assert at(page) == "fu_date"


def says_why_there_is_none(page: Page, subject: Subject) -> None:
    page.goto(f"/subjects/{subject.pk}/M6/ABI/")
    box = page.locator("#row-p-abi_l input").first
    for key in ("-", "Alt+Minus"):
        box.focus()
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('.missing').open")
        page.evaluate("document.activeElement.closest('.missing').open = false")


def takes_back(page: Page, subject: Subject) -> None:
    on_form(page, subject)
    page.keyboard.press("2")
    page.locator("#row-p-contact_mode .ctl > .seg input:checked").focus()
    page.keyboard.press("Delete")
    assert answered(page, "contact_mode") == 0


def jumps_to_what_is_open(page: Page, subject: Subject) -> None:
    page.goto(f"/subjects/{subject.pk}/M6/FU/")
    page.keyboard.press("Alt+j")
    first = at(page)
    page.keyboard.press("1")
    page.keyboard.press("Alt+j")
    assert (first, at(page)) == ("contact_mode", "vital_status")


def saves(page: Page, subject: Subject) -> None:
    for key, place in (("Control+s", "M3/FU"), ("Control+Enter", "M3/ABI")):
        page.goto(f"/subjects/{subject.pk}/M3/FU/")
        page.keyboard.press("Alt+j")
        page.keyboard.press("1" if key == "Control+s" else "Enter")
        page.keyboard.press(key)
        expect(page.locator(".banner.ok").first).to_contain_text(re.compile("Saved|Nothing had changed"))
        assert place in page.url


def answers_queries(page: Page, subject: Subject) -> None:
    on_form(page, subject, "M1")
    page.keyboard.press("c")
    assert at(page) == "symptom_change" and page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("v")
    assert page.evaluate("document.activeElement.name") == "text"
    page.locator("#row-p-symptom_change .ctl > .seg input:checked").focus()
    with page.expect_navigation():
        page.keyboard.press("x")
    chips = page.locator("#row-p-symptom_change .thread .chip", has_text="answered")
    expect(chips).to_have_count(1)


def opens_the_history(page: Page, subject: Subject) -> None:
    page.goto(f"/subjects/{subject.pk}/M1/FU/")
    page.locator("#row-p-contact_mode input:checked").focus()
    for times in (1, 0):
        page.keyboard.press("Alt+h")
        expect(page.locator("#row-p-contact_mode .trail-here")).to_have_count(times)


def verifies(page: Page, subject: Subject) -> None:
    """In the list Q writes a question, O opens the page; there V goes to the first mark and settles it."""
    page.goto("/verify/")
    page.keyboard.press("q")
    assert page.evaluate("document.activeElement.name") == "text"
    page.locator("h1").click()
    page.keyboard.press("o")
    page.wait_for_url(f"**/subjects/{subject.pk}/M1/FU/*")
    waiting = page.locator("button[data-verify]")
    number = waiting.count()
    page.keyboard.press("v")
    page.keyboard.press("v")
    expect(waiting).to_have_count(number - 1)


ACTS: dict[str, Callable[[Page, Subject], None]] = {
    "/": finds,
    "N": goes_to_the_next_thing,
    "[ ]": walks_the_list,
    "J K": walks_the_rows,
    "← ↑ ↓ →": moves_in_the_matrix,
    "?": tells_the_keys,
    "Esc": tells_the_keys,
    "1 – 9 Y N U": chooses,
    "Enter": goes_from_item_to_item,
    "Shift Enter": goes_from_item_to_item,
    "- Alt -": says_why_there_is_none,
    "Del": takes_back,
    "Alt J": jumps_to_what_is_open,
    "Ctrl S": saves,
    "Ctrl Enter": saves,
    "C V X": answers_queries,
    "Alt H": opens_the_history,
    "V Q O": verifies,
}
WHO: dict[Callable[[Page, Subject], None], str] = {verifies: "wang_lei"}
"""Whose keys they are, where they are not the coordinator's."""


def test_the_list_names_every_key_that_is_tried_here(house: House) -> None:
    page = house.sign_in("li_na")
    listed = page.locator("#keys dt").all_text_contents()
    assert {" ".join(re.sub("–", " – ", keys).split()) for keys in listed} == set(ACTS)
    page.context.close()


@pytest.mark.parametrize("act", dict.fromkeys(ACTS.values()), ids=lambda act: act.__name__)
def test_each_key_does_what_the_list_says(
    house: House, subject: Subject, act: Callable[[Page, Subject], None]
) -> None:
    page = house.sign_in(WHO.get(act, "li_na"))
    act(page, subject)
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.close()
    assert not house.complaints
