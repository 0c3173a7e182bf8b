"""The visit calendar: windows where they belong, files by RFC 5545, secret addresses that can be stopped."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit import clock
from protocol.holidays import festival_weeks
from protocol.schedule import window_dates
from sites import accounts
from sites.calendars import CalendarFeed
from sites.models import Membership
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People, build_people
from visits.calendar import ics
from visits.calendar.ics import calendar_file
from visits.calendar.windows import weeks_of, windows
from visits.overview.matrix import matrix

MOST_STATEMENTS = 10
NOW = datetime(2028, 1, 5, tzinfo=UTC)


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def recent(people: People) -> Subject:
    """A subject treated 25 days ago, whose first follow-up is open."""
    return treated(people, 25)


def calendar(people: People, who: str = "li_na", **query: str) -> str:
    answer = people.client(who).get(reverse("calendar"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def unfolded(body: bytes) -> list[str]:
    assert body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= ics.FOLD for line in body.split(b"\r\n"))
    return body.decode().replace("\r\n ", "").split("\r\n")[:-1]


@pytest.mark.django_db
def test_every_window_is_as_the_schedule_says(people: People, recent: Subject) -> None:
    found = {one.visit: one for one in windows(matrix(people.li_na))}
    proc = clock.today() - timedelta(days=25)
    for visit in ("M1", "M3", "M6", "M12", "M24"):
        assert (found[visit].opens, found[visit].closes) == window_dates(visit, proc)
        touched = any(
            (weeks := festival_weeks(year))
            and found[visit].opens <= weeks[1]
            and weeks[0] <= found[visit].closes
            for year in range(2025, 2032)
        )
        assert bool(found[visit].festivals) == touched
    assert found["M1"].target == proc + timedelta(days=30)


@pytest.mark.django_db
@pytest.mark.parametrize("view", ["month", "list"])
def test_the_month_shows_where_a_window_aims_and_closes(people: People, recent: Subject, view: str) -> None:
    closes = clock.today() - timedelta(days=25) + timedelta(days=44)
    html = calendar(people, month=f"{closes:%Y-%m}", view=view)
    assert reverse("page", args=[recent.pk, "M1", "FU"]) in html
    assert recent.usubjid not in calendar(people, "ma_lin", month=f"{closes:%Y-%m}", view=view)
    assert "style=" not in html


@pytest.mark.django_db
def test_holidays_stand_in_their_months_announced_or_expected(people: People) -> None:
    announced = calendar(people, month="2026-02")
    assert "Spring Festival" in announced and "as announced by the State Council" in announced
    assert "working day" in announced
    expected = calendar(people, month="2028-01")
    assert "expected, not yet announced" in expected and "Spring Festival weeks" in expected
    assert "Holidays of this year are not tabled." in calendar(people, month="2034-01")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "x"},
        {"month": "0001-01"},
        {"month": "9999-12"},
        {"view": "y"},
        {"site": "02"},
    ],
)
def test_an_unknown_month_view_or_site_is_not_there(people: People, query: dict[str, str]) -> None:
    assert people.client("li_na").get(reverse("calendar"), query).status_code == 404


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_study(people: People) -> None:
    browser = people.client("li_na")
    screened(people)
    browser.get(reverse("calendar"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("calendar"))
    for _number in range(5):
        screened(people)
    with CaptureQueriesContext(connection) as many:
        browser.get(reverse("calendar"))
    assert len(few) == len(many) <= MOST_STATEMENTS


@pytest.mark.django_db
@pytest.mark.urs("PRI-07")
def test_a_file_holds_numbers_visits_and_windows_and_nothing_else(people: People, recent: Subject) -> None:
    answer = people.client("li_na").get(reverse("calendar-file", args=["07"]))
    assert answer["Content-Type"].startswith("text/calendar")
    lines = unfolded(answer.content)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(windows(matrix(people.li_na)))
    names = {line.partition(":")[0].partition(";")[0] for line in lines}
    assert names == {
        *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-CALNAME", "UID", "DTSTAMP"),
        *("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP"),
    }
    said = {line for line in lines if line.startswith(("SUMMARY", "DESCRIPTION"))}
    allowed = rf"SUMMARY:{re.escape(recent.usubjid)} \w+|DESCRIPTION:Target day 目标日 \d{{4}}-\d\d-\d\d"
    assert all(re.fullmatch(allowed, line) for line in said)
    uids = [line for line in lines if line.startswith("UID")]
    assert len(set(uids)) == len(uids)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_no_name_breaks_a_file(name: str) -> None:
    lines = unfolded(calendar_file([], name=name, now=NOW))
    [title] = [line for line in lines if line.startswith("X-WR-CALNAME:")]
    given_back = re.sub(r"\\(.)", r"\1", title.removeprefix("X-WR-CALNAME:"))
    assert given_back == name


@pytest.mark.django_db
def test_a_secret_address_works_until_it_is_replaced_or_stopped(people: People, recent: Subject) -> None:
    browser, stranger = people.client("li_na"), Client()
    first = _address(browser)
    assert recent.usubjid in stranger.get(first).content.decode()
    second = _address(browser)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    token = second.rsplit("/", 1)[1].removesuffix(".ics")
    assert not CalendarFeed.objects.filter(token_digest__contains=token).exists()
    browser.post(reverse("calendar-address", args=["07"]), {"act": "revoke"})
    assert stranger.get(second).status_code == 404
    assert stranger.get(reverse("calendar-feed", args=["x"])).status_code == 404


@pytest.mark.django_db
@pytest.mark.urs("ACL-03")
def test_an_address_ends_with_the_role(people: People, recent: Subject) -> None:
    address = _address(people.client("li_na"))
    held = Membership.objects.get(user=people.users["li_na"])
    accounts.end_membership(membership=held, on=clock.today() - timedelta(days=1), by=people.zhao_min)
    assert Client().get(address).status_code == 404


@pytest.mark.django_db
def test_an_address_of_another_site_cannot_be_asked_for(people: People) -> None:
    assert people.client("ma_lin").post(reverse("calendar-address", args=["07"])).status_code == 404


def _address(browser: Client) -> str:
    html = browser.post(reverse("calendar-address", args=["07"])).content.decode()
    found = re.search(r'<code class="address">http://testserver([^<]+)</code>', html)
    assert found is not None
    return found.group(1)


def test_a_day_is_of_one_month_only() -> None:
    weeks = weeks_of([], date(2028, 1, 15))
    days = [day.on for week in weeks for day in week if day.within]
    assert days == [date(2028, 1, 1) + timedelta(days=n) for n in range(31)]
    assert all(len(week) == 7 and week[0].on.weekday() == 0 for week in weeks)
