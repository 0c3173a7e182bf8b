"""Fast hands: whole pages by keyboard, each key counted (issue 3 point 5; peers.md §2.2)."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from protocol.words import T
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import answer, follow, save
from tests.browser.house import PHONE, House
from tests.browser.typist import Typist
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.dossier import PageRecord
from visits.items import DateItem, DateTimeItem, Item, ItemRefused, PartialDateItem
from visits.models import Page as Crf
from visits.models import Query
from visits.review.queries import raise_query

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
    hands.press("2", "2", "1", "2")  # drugs: taken, taken, not prescribed, taken
    hands.press("1")
    with page.expect_navigation():
        hands.press("Control+Enter")
    expect(page.locator(".banner.ok").first).to_contain_text("Saved")
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


def test_a_row_of_the_laboratory_grid_by_keyboard(house: House, subject: Subject) -> None:
    """Tab and arrows walk the cells; a list is chosen by its first letters; Alt and minus say why not."""
    page, hands = opened(house, subject, "M1/LB")
    hands.press("Alt+j")
    assert hands.at == "lb_dt"
    hands.type(f"{course.on(30):%Y%m%d} 0930")
    hands.press("Tab").type("Crea").press("Tab").type("84").press("Tab", "Tab").type("umol/L")
    assert hands.at == "lb_unit"
    hands.press("ArrowRight")
    assert hands.at == "lb_lln"
    hands.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert hands.at == "lb_value"
    hands.press("Control+s")
    expect(page.locator(".banner.ok").first).to_contain_text("Saved")
    [row] = stored(subject, "M1", "LB")
    assert (row.values["lb_test"], str(row.values["lb_value"])) == ("CREAT", "84")
    hands.press("Alt+j", "ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').matches('.record-new')")
    hands.press("ArrowUp", "ArrowRight", "ArrowRight", "Alt+Minus")
    assert page.evaluate("document.activeElement.closest('.missing').open")
    assert hands.mouse == 0
    page.context.close()


def test_a_record_of_the_adverse_events_by_keyboard(house: House, subject: Subject) -> None:
    page, hands = opened(house, subject, "LOG/AE")
    hands.press("Alt+j").type("Groin haematoma").press("Enter")
    assert hands.at == "ae_start"
    hands.type(f"{course.on(10):%Y-%m}")
    hands.press("Enter")
    expect(page.locator("#row-new-ae_start [data-day]")).to_contain_text(f"{course.on(10).year}")
    assert hands.at == "ae_outcome"
    hands.press("1")
    assert hands.at == "ae_end", "the date of the end is asked at once, since the event has ended"
    hands.press("-")
    hands.press("U")
    assert hands.at == "ae_severity"
    hands.press("Control+s")
    expect(page.locator(".banner.ok").first).to_contain_text("Saved")
    [event] = stored(subject, None, "AE")
    assert event.values["ae_start"] == f"{course.on(10):%Y-%m}"
    assert (event.values["ae_outcome"], event.missing) == ("REC", {"ae_end": "UNK"})
    assert hands.mouse == 0
    page.context.close()
    assert not house.complaints


def test_a_balloon_by_keyboard(house: House, subject: Subject) -> None:
    """The outcome is asked before what it decides; the inflation appears as soon as the balloon was used."""
    page, hands = opened(house, subject, "PROC/DCB")
    hands.press("Alt+j")
    assert hands.at == "dcb_lesion"
    hands.type("L1").press("Enter").type("Orchid").press("Enter")
    assert hands.at == "dcb_udi"
    hands.press("Enter").type("A12345").press("Enter").type("20290630").press("Enter")
    hands.type("5.0").press("Enter").type("120").press("Enter").type("3.0").press("Enter")
    assert hands.at == "dcb_outcome"
    hands.press("1", "N", "Enter")
    assert hands.at == "dcb_infl_s"
    hands.type("180").press("Enter").type("8").press("Enter").type("1").press("Enter")
    assert hands.at == "dcb_geo_miss"
    hands.press("N", "Control+s")
    expect(page.locator(".banner.ok").first).to_contain_text("Saved")
    [balloon] = stored(subject, "PROC", "DCB")
    assert balloon.values["dcb_lesion"] == "L1"
    assert (balloon.values["dcb_infl_s"], balloon.values["dcb_geo_miss"]) == (180, "N")
    assert hands.mouse == 0
    page.context.close()
    assert not house.complaints


def test_letters_do_nothing_where_a_person_has_switched_them_off(house: House, subject: Subject) -> None:
    """WCAG 2.1.4: with the keys off, digits and letters do nothing; Tab and arrows still act."""
    page, hands = opened(house, subject, "M6/FU", name="zhang_wei")
    page.goto("/profile/")
    page.get_by_label("Letters, digits and signs act as keys").uncheck()
    follow(page.locator("main button").first)
    page.goto(f"/subjects/{subject.pk}/M6/FU/")
    hands.press("Alt+j", "1", "n", "/", "?")
    assert hands.at == "contact_mode"
    assert page.locator("#row-p-contact_mode input:checked").count() == 0
    hands.press("Space", "Tab")
    assert page.locator("#row-p-contact_mode input:checked").count() == 1
    page.context.close()


def test_after_a_refusal_the_hand_is_at_the_first_error(house: House, subject: Subject) -> None:
    page, hands = opened(house, subject, "M3/FU")
    hands.press("Alt+j", "1").type("03/04/2025").press("Control+s")
    expect(page.locator("#row-p-fu_date.erred")).to_contain_text("could be more than one date")
    assert hands.at == "fu_date"
    expect(page.locator("[data-problems]")).to_contain_text("First of 1 to correct")
    hands.type(f"{course.on(90):%Y-%-m-%-d}").press("Control+s")
    expect(page.locator(".banner.ok").first).to_contain_text("Saved")
    [kept] = stored(subject, "M3", "FU")
    assert kept.values["fu_date"] == course.on(90)
    page.context.close()


def test_a_query_is_answered_with_one_key_where_it_stands(house: House, subject: Subject) -> None:
    """C goes to the value, V asks why it is right, X says that there is none (peers.md, ask 9)."""
    people = house.people
    values = {**course.FOLLOW_UP, "fu_date": course.on(30)}
    save_pages([PageEntry(subject_id=subject.pk, form="FU", visit="M1", values=values)], by=people.li_na)
    follow_up = Crf.objects.get(subject=subject, form="FU", visit__code="M1")
    first = raise_query(page=follow_up, items=["symptom_change"], text="Same?", by=people.wang_lei)
    second = raise_query(page=follow_up, items=["new_hosp"], text="Really not?", by=people.wang_lei)
    page, hands = opened(house, subject, "M1/FU")
    hands.press("Alt+j", "c")
    assert hands.at == "symptom_change"
    assert page.evaluate("document.activeElement.value") == "SAME"
    hands.press("v").type("As in the clinic letter")
    with page.expect_navigation():
        hands.press("Enter")
    first.refresh_from_db()
    assert first.state == Query.State.ANSWERED
    assert "As in the clinic letter" in first.steps.latest("at").text
    hands.press("Alt+j")
    with page.expect_navigation():
        hands.press("x")
    second.refresh_from_db()
    assert second.state == Query.State.ANSWERED
    assert hands.mouse == 0
    page.context.close()
    assert not house.complaints


def test_dates_are_read_beside_the_box_as_the_server_reads_them(house: House, subject: Subject) -> None:
    """The hint never says another day than the one that will be stored, nor reads what is refused."""
    page, _hands = opened(house, subject, "M24/FU")
    texts = [
        *("20260301", "2026-3-1", "2026/03/01", "2026.3.1", "2026年3月1日", "2026年3月1号", "2024-02-29"),
        *(
            "1 3 2026",
            "03/04/2025",
            "2026/03-01",
            "2023-02-29",
            "260301",
            "202613",
            "200312",
            "202603",
            "2026",
        ),
        *(
            "2026-03",
            "2026年3月",
            "2026-3",
            "2026-UN-UN",
            "",
            "tomorrow",
            "1899-12-31",
            "2101-01-01",
            "2026-0",
        ),
        *(
            "20260301 0930",
            "2026-03-01 9:30",
            "202603010930",
            "2026-3-1T23:59:59",
            "2026-03-01 24:00",
            "9:30",
        ),
    ]
    day = DateItem(T("Day", "日"), future_ok=True)
    part, moment = PartialDateItem(T("Part", "部分")), DateTimeItem(T("Time", "时间"))
    for name, item in (("readDate", day), ("readPart", part), ("readMoment", moment)):
        read = page.evaluate("([name, texts]) => texts.map(window.crf.dates[name])", [name, texts])
        assert dict(zip(texts, read, strict=True)) == {text: as_stored(item, text) for text in texts}
    page.context.close()


def as_stored(item: Item, text: str) -> str:
    """Return how the server prints what it read, nothing where it refuses."""
    try:
        value = item.parse(text, today=date(2100, 12, 31)).value
    except ItemRefused:
        return ""
    return item.show(value, "en")


def test_a_follow_up_page_can_be_entered_on_a_phone(house: House, subject: Subject) -> None:
    """peers.md 15, mobile entry (LibreClinica); entry by the subjects themselves is no part of this study."""
    page = house.sign_in("li_na")
    page.set_viewport_size(PHONE)
    page.goto(f"/subjects/{subject.pk}/M24/FU/")
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    small = page.evaluate(
        "() => [...document.querySelectorAll('.ctl > .seg label, .ctl input.form-control')]"
        ".filter((box) => box.getClientRects().length && box.getBoundingClientRect().height < 40).length"
    )
    assert small == 0
    answer(page, {"contact_mode": "TEL", "fu_date": course.on(730), "vital_status": "A"})
    save(page)
    assert stored(subject, "M24", "FU")[0].values["contact_mode"] == "TEL"
    page.context.close()
    assert not house.complaints
