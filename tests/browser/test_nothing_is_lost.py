"""What is typed survives: no line, no session, a colleague's save, the back button, an impatient hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, Route, expect

from audit.context import Reason
from audit.models import Entry
from subjects.models import Subject
from tests.browser.hands import answer, follow, settled, until
from tests.browser.house import House
from tests.enrolled import screened
from tests.people import PASSWORD
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave, Draft
from visits.dossier import PageRecord
from visits.models import Page as Crf
from visits.models import Submission

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEMOGRAPHICS = {"birth_ym": "1955-04", "age": "70", "sex": "M"}


@pytest.fixture
def subject(house: House) -> Subject:
    """A subject of site 07 with a consent page and nothing else."""
    return screened(house.people)


@pytest.fixture
def li_na(house: House) -> Iterator[Page]:
    """The coordinator's browser."""
    page = house.sign_in("li_na")
    yield page
    page.context.close()


def where(subject: Subject, form: str = "DM", visit: str = "SCR") -> str:
    return f"/subjects/{subject.pk}/{visit}/{form}/"


def stored(subject: Subject, form: str = "DM") -> PageRecord | None:
    return dossiers.load(subject).one(form)


def saved(page: Page) -> None:
    expect(page.locator(".banner.ok").first).to_be_visible()


def save(page: Page) -> None:
    page.locator('button[name=then][value="stay"]').click()


def kept(page: Page) -> None:
    expect(page.locator("[data-kept]")).to_be_visible()


def holds(subject: Subject, **typed: str) -> None:
    """Wait until the draft holds these answers: no autosave with them is on its way any more."""
    wanted = {f"p-{item}": [text] for item, text in typed.items()}
    drafts = Draft.objects.filter(subject=subject).select_related("last")
    until(lambda: any(wanted.items() <= draft.last.typed.items() for draft in drafts.all()), "the draft")


def acts(subject: Subject) -> list[str]:
    return list(Autosave.objects.filter(subject=subject).order_by("pk").values_list("act", flat=True))


@pytest.mark.urs("BCK-06", "CON-02")
def test_the_line_is_gone_for_minutes_and_everything_is_saved_once(subject: Subject, li_na: Page) -> None:
    """peers 2.1(8): nothing typed goes before it has arrived."""
    li_na.clock.install()
    li_na.goto(where(subject))
    answer(li_na, {"birth_ym": "1955-04"})
    li_na.context.set_offline(True)
    answer(li_na, {"age": "70"})
    save(li_na)
    expect(li_na.locator("[data-offline]")).to_be_visible()
    answer(li_na, {"sex": "M", "height_cm": "171.5"})
    li_na.clock.fast_forward("05:00")
    expect(li_na.locator("[name=p-age]")).to_have_value("70")
    assert stored(subject) is None
    li_na.context.set_offline(False)
    li_na.clock.fast_forward("00:25")  # less than a request is waited for
    saved(li_na)
    page = stored(subject)
    assert page is not None and page.revision == 1
    assert (page.get("birth_ym"), page.get("age"), page.get("sex")) == ("1955-04", 70, "M")
    assert str(page.get("height_cm")) == "171.5"
    assert Crf.objects.filter(subject=subject, form="DM").count() == 1


@pytest.mark.urs("BCK-06")
def test_what_is_typed_while_a_save_is_on_its_way_is_not_taken_from_view(
    subject: Subject, li_na: Page
) -> None:
    """The answer draws the page anew: until it is there, the page takes no key that it would then drop."""
    li_na.goto(where(subject))
    answer(li_na, DEMOGRAPHICS)
    height, held = li_na.locator("[name=p-height_cm]"), list[Route]()
    li_na.route(f"**{where(subject)}", lambda route: route.continue_() if held else held.append(route))
    height.focus()
    with li_na.expect_request(f"**{where(subject)}"):
        li_na.keyboard.press("Control+s")
    while not held:
        li_na.wait_for_timeout(20)
    li_na.keyboard.type("171")
    expect(height).to_have_value("")
    li_na.context.set_offline(True)
    held[0].abort()
    expect(li_na.locator("[data-offline]")).to_be_visible()
    expect(height).to_be_focused()
    li_na.keyboard.type("171")
    expect(height).to_have_value("171")
    li_na.context.set_offline(False)
    saved(li_na)
    page = stored(subject)
    assert page is not None and (page.revision, page.get("height_cm")) == (1, 171)


@pytest.mark.urs("PRI-08")
def test_the_session_ends_while_typing_and_the_person_signs_in_on_the_spot(
    subject: Subject, li_na: Page
) -> None:
    """peers 2.1(2): a session that ends takes nothing with it."""
    li_na.goto(where(subject))
    li_na.route("**/draft/", lambda route: route.fulfill(json={}))  # so that the save finds it, no autosave
    answer(li_na, DEMOGRAPHICS)
    Session.objects.all().delete()
    save(li_na)
    dialog = li_na.locator("#sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("#again-password").fill("a wrong one")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.locator("#again-password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    saved(li_na)
    page = stored(subject)
    assert page is not None and (page.revision, page.get("age")) == (1, 70)
    held = li_na.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]")
    assert held == [0, 0, ""]


@pytest.mark.urs("PRI-08")
def test_an_autosave_that_finds_the_session_ended_asks_to_sign_in_and_is_then_kept(
    subject: Subject, li_na: Page
) -> None:
    li_na.goto(where(subject))
    answer(li_na, {"birth_ym": "1955-04", "age": "70"})
    until(Draft.objects.filter(subject=subject).exists, "the draft")
    Session.objects.all().delete()
    li_na.locator("[name=p-height_cm]").focus()
    dialog = li_na.locator("#sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("#again-password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    holds(subject, age="70")
    expect(dialog).to_be_hidden()
    assert stored(subject) is None


@pytest.mark.urs("AUD-18", "PRI-08")
def test_another_person_who_signs_in_sees_nothing_of_it(house: House, subject: Subject, li_na: Page) -> None:
    li_na.goto(where(subject))
    answer(li_na, {"height_cm": "171.25x", "age": "70"})
    li_na.locator("[name=p-height_cm]").focus()
    holds(subject, height_cm="171.25x", age="70")
    Session.objects.all().delete()
    save(li_na)
    dialog = li_na.locator("#sign-in")
    dialog.locator("#again-login").fill("zhang_wei")
    dialog.locator("#again-password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(li_na.locator("details.who summary")).to_contain_text("Zhang Wei")
    expect(li_na.locator("[name=p-height_cm]")).to_have_value("")
    expect(li_na.locator("#draft")).to_have_count(0)
    assert "171.25x" not in li_na.content()
    again = house.sign_in("li_na")
    again.goto(where(subject))
    follow(again.get_by_role("link", name="Continue"))
    expect(again.locator("[name=p-height_cm]")).to_have_value("171.25x")
    expect(again.locator("#row-p-height_cm")).to_have_class(re.compile("unsaved"))
    expect(again.locator("#row-p-height_cm .note.danger")).to_be_visible()
    again.context.close()


@pytest.mark.urs("CON-01")
def test_two_people_see_each_other_and_compare_before_the_second_save(
    house: House, subject: Subject, li_na: Page
) -> None:
    """peers 2.1(1), 2.1(5): nobody is shut out, nobody overwrites."""
    values: dict[str, Any] = {"birth_ym": "1955-04", "age": 70, "sex": "M", "height_cm": Decimal("170.0")}
    save_pages(
        [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values)], by=house.people.li_na
    )
    other = house.sign_in("zhang_wei")
    with other.expect_response("**/draft/"):  # it says who is here, next in 20 seconds only
        other.goto(where(subject))
    li_na.goto(where(subject))
    expect(li_na.locator("[data-others]")).to_contain_text("Zhang Wei is on this page")
    answer(other, {"age": "72", "height_cm": "172"})
    other.locator("[name=p-age]").focus()
    expect(other.locator("[data-others]")).to_contain_text("Li Na is on this page")
    answer(li_na, {"age": "71", "weight_kg": "80"})
    li_na.locator("#reason").select_option("TYPO")
    save(li_na)
    saved(li_na)
    other.locator("#reason").select_option("SOURCE_CORRECTED")
    save(other)
    expect(other.get_by_role("heading", name="Compare and choose")).to_be_visible()
    settled(other)
    expect(other.get_by_role("alert").first).to_contain_text("Li Na saved this page")
    button = other.get_by_role("button", name="Save choices")
    expect(button).to_be_disabled()
    expect(other.locator("[name=p-age-pick]").first).to_be_focused()
    other.keyboard.press("ArrowRight")
    expect(other.locator('[name=p-age-pick][value="mine"]')).to_be_checked()
    expect(other.locator('[name=p-height_cm-pick][value="mine"]')).to_be_checked()
    expect(other.locator('[name=p-weight_kg-pick][value="theirs"]')).to_be_checked()
    expect(button).to_be_enabled()
    other.keyboard.press("Control+Enter")
    saved(other)
    page = stored(subject)
    assert page is not None and page.revision == 3
    got = {name: str(page.get(name)) for name in ("age", "height_cm", "weight_kg")}
    assert got == {"age": "72", "height_cm": "172", "weight_kg": "80"}
    other.context.close()


@pytest.mark.urs("CON-02")
def test_a_double_click_and_the_back_button_save_once_each(subject: Subject, li_na: Page) -> None:
    """peers 2.1(4): leaving or clicking again while it saves stores nothing twice."""
    li_na.goto(where(subject))
    answer(li_na, DEMOGRAPHICS)
    li_na.locator('button[name=then][value="next"]').dblclick()
    li_na.wait_for_url(lambda url: not url.endswith(where(subject)))
    page = stored(subject)
    assert page is not None and page.revision == 1
    assert (
        Submission.objects.filter(saved__subject=str(subject.pk), saved__pages__0=str(page.id)).count() == 1
    )
    li_na.go_back()
    li_na.wait_for_url(f"**{where(subject)}")
    expect(li_na.locator("[name=p-age]")).to_have_value("70")
    answer(li_na, {"height_cm": "171.5"})
    save(li_na)
    saved(li_na)
    li_na.reload()
    page = stored(subject)
    assert page is not None and page.revision == 2


@pytest.mark.urs("CON-02")
def test_ten_equal_saves_at_once_over_http_are_one_change(
    house: House, subject: Subject, li_na: Page
) -> None:
    """peers 2.1(4): real requests side by side, all with the key of one form."""
    li_na.goto(where(subject))
    answer(li_na, DEMOGRAPHICS)
    boxes = li_na.evaluate("() => Array.from(new FormData(document.getElementById('page-form')))")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in li_na.context.cookies())
    body = urlencode([(name, text) for name, text in boxes]).encode()
    headers = {"Cookie": cookies, "X-Requested-With": "fetch", "Origin": house.url}

    def send(_number: int) -> tuple[int, bytes]:
        with urlopen(HttpRequest(house.url + where(subject), body, headers)) as reply:
            return reply.status, reply.read()

    with ThreadPoolExecutor(10) as pool:
        replies = set(pool.map(send, range(10)))
    assert len(replies) == 1 and next(iter(replies))[0] == 200
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").count() == 1
    page = stored(subject)
    assert page is not None and page.revision == 1


@pytest.mark.urs("AUD-18")
def test_leaving_asks_and_a_draft_is_continued_or_discarded_by_choice(subject: Subject, li_na: Page) -> None:
    """peers 2.1(6), 2.1(7), 2.1(9): leaving asks, only where something would be lost; nothing silent."""
    li_na.goto(where(subject))
    rail = li_na.locator("nav.rail a:not([aria-current])").first
    rail.click()
    li_na.wait_for_url(lambda url: not url.endswith(where(subject)))
    li_na.goto(where(subject))
    answer(li_na, {"age": "７o", "height_cm": "1,5"})
    rail.click()
    dialog = li_na.locator("#leaving")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Stay on this page").click()
    expect(li_na.locator("[name=p-age]")).to_have_value("７o")
    rail.click()
    dialog.get_by_role("button", name="Leave and keep the draft").click()
    li_na.wait_for_url(lambda url: not url.endswith(where(subject)))

    li_na.goto(where(subject))
    expect(li_na.locator("[name=p-age]")).to_have_value("")
    follow(li_na.get_by_role("link", name="Continue"))
    expect(li_na.locator("[name=p-age]")).to_have_value("７o")
    expect(li_na.locator("[name=p-height_cm]")).to_have_value("1,5")
    expect(li_na.locator("[data-state]")).to_contain_text("2 changes")
    follow(li_na.get_by_role("button", name="Discard draft"))
    expect(li_na.locator("[name=p-age]")).to_have_value("")
    follow(li_na.get_by_role("button", name="Undo"))
    expect(li_na.locator("[name=p-age]")).to_have_value("７o")
    answer(li_na, {**DEMOGRAPHICS, "height_cm": "171.5"})
    save(li_na)
    saved(li_na)
    assert acts(subject)[-1] == "SUBMITTED" and "DISCARDED" in acts(subject)
    li_na.goto(where(subject))
    expect(li_na.locator("#draft")).to_have_count(0)


def test_closing_the_window_asks_only_with_something_unsaved(subject: Subject, li_na: Page) -> None:
    """peers 2.1(9): no question where nothing would be lost."""
    asked: list[str] = []

    def heard(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    li_na.on("dialog", heard)
    li_na.goto(where(subject))
    answer(li_na, {"age": "70"})
    li_na.locator("[name=p-age]").fill("")
    li_na.goto(where(subject, "LH"))
    assert asked == []
    li_na.goto(where(subject))
    answer(li_na, {"age": "70"})
    li_na.goto(where(subject, "LH"))
    assert asked == ["beforeunload"]
    until(lambda: "KEPT" in acts(subject), "the draft that was kept on leaving")


def test_a_token_that_became_old_is_renewed_without_a_word(
    house: House, subject: Subject, li_na: Page
) -> None:
    """Signing in again in another window makes the token of every open form too old."""
    li_na.goto(where(subject))
    answer(li_na, DEMOGRAPHICS)
    second = li_na.context.new_page()
    second.goto("/")
    second.locator("details.who summary").click()
    follow(second.locator("details.who form").last.locator("button"))
    second.goto("/login/")
    second.get_by_label("User name").fill("li_na")
    second.locator("#id_password").fill(PASSWORD)
    second.locator("main button").click()
    second.wait_for_url(f"{house.url}/")
    save(li_na)
    saved(li_na)
    page = stored(subject)
    assert page is not None and page.get("age") == 70


def test_a_reader_neither_blocks_nor_shows(house: House, subject: Subject, li_na: Page) -> None:
    """peers 2.1(3): opening a page to read it holds nobody up."""
    save_pages(
        [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": 70})],
        by=house.people.li_na,
        reason=Reason("TYPO"),
    )
    reader = house.sign_in("wang_lei")
    reader.goto(where(subject))
    li_na.goto(where(subject))
    answer(li_na, {"height_cm": "171.5"})
    save(li_na)
    saved(li_na)
    expect(li_na.locator("[data-others]")).to_be_hidden()
    reader.context.close()


def test_the_browsers_had_nothing_to_complain_about(house: House) -> None:
    assert not house.complaints
