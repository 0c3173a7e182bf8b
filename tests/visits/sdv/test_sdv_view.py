"""Verification over HTTP: lists, marks on rows, what is sent is what was seen, the visit report, the plan."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import html as lxml_html

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


def form_of(content: bytes) -> Any:
    """Return the form that asks for a report, as a browser reads it."""
    page: Any = lxml_html.fromstring(content.decode())
    return page.xpath("//form[.//textarea[@name='remarks']]")[0]


@pytest.mark.parametrize(
    ("ago", "at", "said"),
    [
        ((0, 1), "last", "The last day is before the first."),
        ((0, -1), "last", "In the future: today is"),
        ((40, 0), "last", "These are more than 31 days"),
        (("x", 0), "first", '"x" is not a date'),
        ((0, ""), "last", "Write the day, for example"),
    ],
)
def test_days_that_are_no_visit_are_refused_at_the_day(
    wang_lei: Client, ago: tuple[int | str, int | str], at: str, said: str
) -> None:
    first, last = (str(clock.today() - timedelta(day)) if isinstance(day, int) else day for day in ago)
    data = {"site": "07", "first": first, "last": last, "remarks": "Talked to the nurse"}
    answer = wang_lei.post("/verify/visits/", data)
    assert answer.status_code == 422 and not VisitReport.objects.exists()
    form = form_of(answer.content)
    assert {name: form.fields[name].strip() for name in data} == data
    assert [field.get("name") for field in form.xpath(".//*[@aria-invalid='true']")] == [at]
    told = form.get_element_by_id(form.inputs[at].get("aria-describedby")).text_content()
    assert said in told


def test_the_report_is_made_from_the_page_as_it_opens(subject: Subject, wang_lei: Client) -> None:
    site = form_of(wang_lei.get("/verify/visits/").content).fields["site"]
    assert site != "07"
    assert 'href="/verify/visits/?site=07"' in wang_lei.get("/verify/?site=07").content.decode()
    for opened, at in (("/verify/visits/", site), ("/verify/visits/?site=07", "07")):
        form = form_of(wang_lei.get(opened).content)
        assert wang_lei.post("/verify/visits/", dict(form.form_values())).status_code == 302
        made = VisitReport.objects.latest("asked_at")
        assert (made.site_id, made.first_day, made.last_day) == (at, clock.today(), clock.today())


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
