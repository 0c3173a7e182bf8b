"""Subjects by visit: statements whatever the number of subjects, windows, filters, isolation of sites."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.overview.matrix import Cell, matrix
from visits.overview.matrix_view import next_step
from visits.review.queries import raise_query

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 6
SESSION = 3  # the session, the person, the roles held


def cells(people: People, subject: Subject, who: str = "li_na") -> dict[str, Cell]:
    row = next(row for row in matrix(getattr(people, who)) if row.subject == subject)
    return {cell.column: cell for cell in row.cells}


def test_statements_do_not_grow_with_the_study(people: People) -> None:
    for _number in range(3):
        screened(people)
    with CaptureQueriesContext(connection) as few:
        assert len(matrix(people.li_na)) == 3
    for _number in range(27):
        screened(people)
    with CaptureQueriesContext(connection) as many:
        assert len(matrix(people.li_na)) == 30
    assert len(few) == len(many) <= MOST_STATEMENTS


def test_the_page_asks_no_more_than_the_matrix_and_the_session(people: People) -> None:
    screened(people)
    browser = people.client("li_na")
    browser.get(reverse("subjects"))
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(reverse("subjects"))
    assert answer.status_code == 200
    assert len(asked) <= MOST_STATEMENTS + SESSION


def test_a_screened_subject_has_an_unfinished_screening_and_nothing_due_later(people: People) -> None:
    found = cells(people, screened(people))
    assert (found["SCR"].mark.sign, found["SCR"].form) == ("incomplete", "IC")
    assert found["SCR"].lacking[:3] == ("DM", "IE", "MH")
    assert {found[code].mark.sign for code in ("PROC", "M1", "M24", "EOS")} == {"not-yet"}
    assert found["UNS"].mark.sign == "not-expected"


@pytest.mark.parametrize(
    ("days_ago", "sign", "words"),
    [
        (10, "not-yet", "M1 opens"),
        (25, "due", "M1 closes in 19 d"),
        (40, "closing", "M1 closes in 4 d"),
        (50, "overdue", "M1 6 d late"),
    ],
)
def test_windows_count_from_the_procedure(people: People, days_ago: int, sign: str, words: str) -> None:
    subject = treated(people, days_ago)
    values = {"disc_date": clock.today() - timedelta(days=days_ago), "disc_vital": "A"}
    save_pages(
        [
            PageEntry(subject_id=subject.pk, form="DISC", visit="DISCH", values=values),
            PageEntry(subject_id=subject.pk, form="PP", visit="POST", values={}),
        ],
        by=people.li_na,
    )
    row = next(row for row in matrix(people.li_na) if row.subject == subject)
    found = {cell.column: cell for cell in row.cells}
    assert (found["M1"].mark.sign, found["M1"].form) == (sign, "FU")
    assert next_step(row, clock.today())[0].startswith(words)
    assert row.day == days_ago


def test_a_missed_visit_is_settled(people: People) -> None:
    subject = treated(people, 50)
    missed = {"contact_mode": "MISS", "miss_reason": "Could not be reached"}
    save_pages([PageEntry(subject_id=subject.pk, form="FU", visit="M1", values=missed)], by=people.li_na)
    assert cells(people, subject)["M1"].mark.sign == "missed"


def test_nothing_is_owed_after_a_death(people: People) -> None:
    subject = treated(people, 50)
    died = {"death_date": (clock.today() - timedelta(days=20)).isoformat()}
    save_pages([PageEntry(subject_id=subject.pk, form="DTH", visit=None, values=died)], by=people.li_na)
    found = cells(people, subject)
    assert (found["M3"].mark.sign, found["M3"].hatched) == ("not-expected", True)
    assert found["EOS"].mark.sign == "due"


def test_a_query_is_work_of_the_site_and_its_answer_of_the_monitor(people: People) -> None:
    subject = screened(people)
    page = Page.objects.get(subject=subject, form="IC")
    raise_query(page=page, items=[], text="Which version was signed?", by=people.wang_lei)
    assert cells(people, subject)["SCR"].mark.sign == "query-open"
    assert cells(people, subject, "wang_lei")["SCR"].mark.sign == "incomplete"
    assert not cells(people, subject, "wang_lei")["SCR"].mark.todo


def test_filters_keep_what_they_name(people: People) -> None:
    first, second = screened(people), treated(people, 50)
    browser = people.client("li_na")
    late = browser.get(reverse("subjects"), {"show": "overdue"}).content.decode()
    assert second.usubjid[7:] in late
    assert first.usubjid[7:] not in late
    assert browser.get(reverse("subjects"), {"show": "nonsense"}).status_code == 404
    assert browser.get(reverse("subjects"), {"cohort": "DES"}).status_code == 200


@pytest.mark.urs("ACL-03")
def test_another_site_sees_nothing_of_it(people: People) -> None:
    subject = screened(people)
    assert matrix(people.ma_lin) == []
    answer = people.client("ma_lin").get(reverse("subjects"))
    assert subject.usubjid[7:] not in answer.content.decode()
    assert people.client("zhao_min").get(reverse("subjects")).status_code == 403


@pytest.mark.parametrize("typed", ["{usubjid}", "07-001", "07001", "S07001", "1", " defier-07-001-8 "])
def test_a_number_is_found_however_it_is_typed(people: People, typed: str) -> None:
    subject = screened(people)
    answer = people.client("li_na").get(reverse("find-subject"), {"q": typed.format(usubjid=subject.usubjid)})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("subject", args=[subject.pk])


def test_a_slip_or_another_sites_number_finds_nothing(people: People) -> None:
    screened(people)
    browser = people.client("li_na")
    assert browser.get(reverse("find-subject"), {"q": "DEFIER-07-001-9"}).status_code == 404
    assert people.client("ma_lin").get(reverse("find-subject"), {"q": "07-001"}).status_code == 404
    assert browser.get(reverse("find-subject"), {"q": "<script>"}).status_code == 404
