"""Verification over HTTP: lists, marks on rows, what is sent is what was seen, the visit report, the plan."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from audit import clock
from audit.jobs import Progress
from audit.models import Entry
from subjects.models import Subject
from tests.people import People
from tests.visits.sdv.marks import enter, record_of, state, verify
from visits.models import Page
from visits.review.queries import raise_query
from visits.review.sdv import report
from visits.review.sdv.records import Plan, Verification, VisitReport
from visits.review.sdv.states import State

pytestmark = pytest.mark.django_db
MARK = re.compile(r'name="mark" value="([^"]+)" data-verify')
TICK = re.compile(r'type="checkbox" name="mark" value="([^"]+)" checked')


@pytest.fixture
def wang_lei(people: People) -> Client:
    return people.client("wang_lei")


def page_of(client: Client, subject: Subject, form: str = "DM") -> str:
    return client.get(f"/subjects/{subject.pk}/SCR/{form}/").content.decode()


def sent(client: Client, subject: Subject, *marks: str, **more: str) -> int:
    answer = client.post(
        f"/subjects/{subject.pk}/verify/", {"mark": marks, **more}, headers={"X-Requested-With": "fetch"}
    )
    return answer.status_code


def test_an_item_is_verified_from_its_row(subject: Subject, wang_lei: Client) -> None:
    marks = MARK.findall(page_of(wang_lei, subject))
    assert [mark.split(":")[1] for mark in marks] == ["birth_ym", "age", "sex"]
    assert sent(wang_lei, subject, marks[1]) == 200
    assert state(subject, "DM", "age") == State.VERIFIED
    assert state(subject, "DM", "sex") == State.PENDING
    assert len(MARK.findall(page_of(wang_lei, subject))) == 2


def test_what_has_changed_since_it_was_seen_is_not_verified(
    people: People, subject: Subject, wang_lei: Client
) -> None:
    marks = MARK.findall(page_of(wang_lei, subject))
    enter(people, subject, "DM", {"age": 71})
    assert sent(wang_lei, subject, *marks) == 409
    assert not Verification.objects.exists()
    assert sent(wang_lei, subject) == 422
    assert sent(wang_lei, subject, "x:age:0") == 404


def test_exactly_what_is_ticked_is_verified(subject: Subject, wang_lei: Client) -> None:
    ticks = TICK.findall(page_of(wang_lei, subject))
    assert len(ticks) == 3
    assert sent(wang_lei, subject, *ticks[:2]) == 200
    assert [state(subject, "DM", item) for item in ("birth_ym", "age", "sex")] == [
        State.VERIFIED,
        State.VERIFIED,
        State.PENDING,
    ]


def test_the_monitor_sees_old_and_new_side_by_side(
    people: People, subject: Subject, wang_lei: Client
) -> None:
    verify(people, subject, "DM", "age", "sex")
    enter(people, subject, "DM", {"age": 71})
    for address in ("/", "/verify/?list=stale"):
        drawn = wang_lei.get(address).content.decode()
        assert "<del>70" in drawn and "<ins>71" in drawn
    drawn = wang_lei.get("/verify/?list=stale").content.decode()
    assert "Li Na" in drawn and "Typing error" in drawn
    assert "Verify all" not in drawn
    stamp = re.search(r'name="mark" value="([^"]+)"', drawn)
    assert stamp is not None
    assert sent(wang_lei, subject, stamp[1]) == 200
    assert "<del>70" not in wang_lei.get("/verify/?list=stale").content.decode()
    li_na = page_of(people.client("li_na"), subject)
    assert "Verified by Wang Lei" in li_na
    assert "data-verify" not in li_na


@pytest.mark.parametrize("wanted", ["critical", "all"])
def test_waiting_pages_are_listed(subject: Subject, wang_lei: Client, wanted: str) -> None:
    drawn = wang_lei.get(f"/verify/?list={wanted}").content.decode()
    assert f"/subjects/{subject.pk}/SCR/DM/#verify" in drawn
    assert wang_lei.get("/verify/?list=everything").status_code == 404


def test_a_mark_is_taken_back_with_a_reason(people: People, subject: Subject, wang_lei: Client) -> None:
    verify(people, subject, "DM", "age")
    mark = Verification.objects.get()
    address = f"/subjects/{subject.pk}/verify/{mark.pk}/withdraw/"
    wang_lei.post(address, {"text": " "})
    assert state(subject, "DM", "age") == State.VERIFIED
    wang_lei.post(address, {"text": "Another subject's chart."})
    assert state(subject, "DM", "age") == State.PENDING
    mark.refresh_from_db()
    assert (mark.ended_as, mark.ended_by, mark.ended_reason) == (
        "WITHDRAWN",
        "Wang Lei",
        "Another subject's chart.",
    )


def test_the_visit_report_says_what_when_who(people: People, subject: Subject, wang_lei: Client) -> None:
    verify(people, subject, "DM", "age", "sex")
    enter(people, subject, "DM", {"age": 71})
    page = Page.objects.get(pk=record_of(subject, "DM").id)
    raise_query(page=page, items=["sex"], text="Is this in the chart?", by=people.wang_lei)
    today = clock.today()
    answer = wang_lei.post("/verify/visits/", {"site": "07", "first": str(today), "last": str(today)})
    assert answer.status_code == 302 and answer["Location"].startswith("/jobs/")
    made = VisitReport.objects.get()
    html = report.report_html(made, by=people.wang_lei)
    for said in (subject.usubjid, "Age", "年龄", "70", "Wang Lei", "Is this in the chart?", "71"):
        assert said in html
    assert html.count("Is this in the chart?") == 2  # raised on these days, and open
    report.make_report(Progress(by=people.wang_lei), made.pk)
    made.refresh_from_db()
    assert bytes(made.content or b"").startswith(b"%PDF") and made.pages >= 1
    taken = wang_lei.get(f"/verify/visits/{made.pk}/")
    assert taken.content == bytes(made.content or b"")
    assert Entry.objects.filter(table_name="visit_report_taken").count() == 1
    assert made.name in wang_lei.get("/verify/visits/").content.decode()
    assert people.client("li_na").get(f"/verify/visits/{made.pk}/").status_code == 403


def test_days_that_are_no_visit_are_refused(wang_lei: Client) -> None:
    today = clock.today()
    for first, last in (
        (today, today - timedelta(1)),
        (today, today + timedelta(1)),
        (today - timedelta(40), today),
    ):
        data = {"site": "07", "first": str(first), "last": str(last), "remarks": "kept"}
        answer = wang_lei.post("/verify/visits/", data)
        assert answer.status_code == 422 and "kept" in answer.content.decode()
    assert wang_lei.post("/verify/visits/", {"site": "07", "first": "x"}).status_code == 422
    assert not VisitReport.objects.exists()


def test_the_plan_is_made_in_the_browser(people: People, subject: Subject) -> None:
    chen_jing = people.client("chen_jing")
    data = {
        "critical": "100",
        "others": "20",
        "seed": "2028",
        "reason": "First plan",
        "form": ["FU", "", "", ""],
        "item": ["", "", "", ""],
        "visit": ["M12", "", "", ""],
        "site": ["07", "", "", ""],
        "percent": ["50", "", "", ""],
    }
    assert chen_jing.post("/verify/plan/", {**data, "others": "101"}).status_code == 422
    assert chen_jing.post("/verify/plan/", {**data, "others": "x"}).status_code == 422
    assert chen_jing.post("/verify/plan/", {**data, "reason": " "}).status_code == 422
    assert chen_jing.post("/verify/plan/", data).status_code == 302
    made = Plan.objects.first()
    assert made is not None and made.number == 2 and len(made.rules) == 3
    assert "dus.psv_max_cms" in made.critical and "ie.elig_outcome" in made.critical
    drawn = chen_jing.get("/verify/plan/").content.decode()
    assert "2028" in drawn and "First plan" not in drawn
    wang_lei = people.client("wang_lei")
    assert wang_lei.get("/verify/plan/").status_code == 200
    assert wang_lei.post("/verify/plan/", data).status_code == 403
