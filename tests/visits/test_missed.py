"""Visits missed and taken back in one step, pages not done with a reason, unscheduled visits."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Entry
from protocol.schedule import VISITS, InWindow, in_window
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People
from visits import dossier as dossiers
from visits.arranging.missed import Standing, standing
from visits.capture.entry import PageEntry, SaveRefused
from visits.capture.save import save_pages
from visits.models import Page
from visits.overview.matrix import Cell, matrix
from visits.pages.neighbours import next_unscheduled

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(people: People) -> Subject:
    """A subject whose first follow-up is overdue."""
    return treated(people, 50)


def cell(people: People, subject: Subject, visit: str) -> Cell:
    row = next(row for row in matrix(people.li_na) if row.subject == subject)
    return next(one for one in row.cells if one.column == visit)


def address(subject: Subject, visit: str = "M1") -> str:
    return reverse("visit-missed", args=[subject.pk, visit])


def test_a_visit_is_missed_in_one_step_and_nothing_else_of_it_is_expected(
    people: People, late: Subject
) -> None:
    browser = people.client("li_na")
    assert address(late) in browser.get(reverse("subject", args=[late.pk])).content.decode()
    assert cell(people, late, "M1").mark.sign == "overdue"
    sent = browser.post(address(late), {"why": "Moved away for the season.", "from": "awaited"})
    assert sent.status_code == 302
    shown = cell(people, late, "M1")
    assert (shown.mark.sign, shown.lacking, shown.facts.unfinished) == ("missed", (), False)
    page = Page.objects.get(subject=late, form="FU")
    assert (page.unanswered, page.not_done) == (0, False)
    assert standing(dossiers.load(late), "M1") is Standing.MISSED


def test_a_missed_visit_is_taken_back_with_a_reason_that_stands_in_the_trail(
    people: People, late: Subject
) -> None:
    browser = people.client("li_na")
    browser.post(address(late), {"why": "Nobody answered.", "from": "awaited"})
    assert "Nobody answered." in browser.get(address(late)).content.decode()
    assert browser.post(address(late), {"why": "", "from": "missed"}).status_code == 422
    assert browser.post(address(late), {"why": "It was subject 013.", "from": "missed"}).status_code == 302
    dossier = dossiers.load(late)
    assert standing(dossier, "M1") is Standing.AWAITED
    assert cell(people, late, "M1").mark.sign == "incomplete"
    assert Entry.objects.filter(table_name="crf_fu", reason_text="It was subject 013.").exists()
    assert browser.post(address(late), {"why": "No, missed.", "from": "awaited"}).status_code == 302
    assert cell(people, late, "M1").mark.sign == "missed"


@pytest.mark.parametrize("why", ["", "   ", "x" * 201, "a\nb", "nul\x00"])
@pytest.mark.urs("EDQ-03")
def test_a_reason_is_one_line_of_words_and_what_was_typed_stays(
    people: People, late: Subject, why: str
) -> None:
    answer = people.client("li_na").post(address(late), {"why": why, "from": "awaited"})
    assert answer.status_code in (400, 422)
    assert not Page.objects.filter(subject=late, form="FU").exists()
    if answer.status_code == 422 and why.strip():
        assert f'value="{why.strip()}"' in answer.content.decode()


def test_what_was_entered_or_has_not_opened_was_not_missed(people: People, late: Subject) -> None:
    browser = people.client("li_na")
    refused = browser.post(address(late, "M12"), {"why": "x", "from": "awaited"})
    assert refused.status_code == 422
    values = {"contact_mode": "TEL", "fu_date": clock.today() - timedelta(days=3)}
    save_pages([PageEntry(subject_id=late.pk, form="FU", visit="M1", values=values)], by=people.li_na)
    assert browser.post(address(late), {"why": "x", "from": "awaited"}).status_code == 422
    assert browser.get(address(late, "SCR")).status_code == 404
    assert people.client("ma_lin").get(address(late)).status_code == 404
    assert people.client("wang_lei").get(address(late)).status_code == 403


@pytest.mark.parametrize("visit", ["M12", "M24"])
@pytest.mark.parametrize("why", ["", "  "])
def test_a_key_assessment_is_not_left_out_without_a_reason(people: People, visit: str, why: str) -> None:
    subject = treated(people, 800)
    entry = PageEntry(
        subject_id=subject.pk, form="DUS", visit=visit, revision=0, not_done=True, not_done_reason=why
    )
    with pytest.raises(SaveRefused) as refused:
        save_pages([entry], by=people.li_na)
    assert [problem.code for problem in refused.value.problems] == ["EC-127"]
    sent = people.client("li_na").post(
        reverse("not-done", args=[subject.pk, visit, "DUS"]), {"text": "y" * 201, "revision": "0"}
    )
    assert sent.status_code == 302
    assert not Page.objects.filter(subject=subject, form="DUS").exists()


def test_a_page_is_not_done_with_a_reason_and_done_after_all(people: People, late: Subject) -> None:
    browser, there = people.client("li_na"), reverse("not-done", args=[late.pk, "M1", "DUS"])
    browser.post(there, {"text": "The scanner was out of order.", "revision": "0"})
    page = Page.objects.get(subject=late, form="DUS")
    assert (page.not_done, page.not_done_reason) == (True, "The scanner was out of order.")
    browser.post(there, {"text": "Report found.", "revision": str(page.revision)})
    page.refresh_from_db()
    assert not page.not_done


def test_unscheduled_visits_are_numbered_and_dated(people: People, late: Subject) -> None:
    for number in (1, 2):
        dossier = dossiers.load(late)
        key = next_unscheduled(dossier)
        assert key == f"UNS{number}"
        html = people.client("li_na").get(reverse("subject", args=[late.pk])).content.decode()
        link = reverse("page", args=[late.pk, key, "FU"])
        assert f'<a href="{link}" data-key="u">' in html
        values = {"contact_mode": "CLIN", "fu_date": clock.today() - timedelta(days=5 - number)}
        save_pages([PageEntry(subject_id=late.pk, form="FU", visit=key, values=values)], by=people.li_na)
    html = people.client("li_na").get(reverse("subject", args=[late.pk])).content.decode()
    assert "UNS1" in html and "UNS2" in html and f"{clock.today() - timedelta(days=3)}" in html


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.code)
def test_a_visit_lies_in_its_window_outside_or_has_none(visit) -> None:
    proc = clock.today()
    for day in (-31, -30, 0, 22, 23, 44, 45, 791):
        said = in_window(visit.code, proc, proc + timedelta(days=day))
        if visit.lo is None:
            assert said is InWindow.NOT_APPLICABLE
        else:
            assert said is (InWindow.IN if visit.lo <= day <= visit.hi else InWindow.OUT)
    assert in_window(visit.code, None, proc) is in_window(visit.code, proc, None) is InWindow.NOT_APPLICABLE


def test_a_subject_without_a_procedure_misses_nothing(people: People) -> None:
    assert standing(dossiers.load(screened(people)), "M1") is Standing.NOT_YET
