"""The dashboard: every number is the length of the list behind it, of one's own sites, in few statements."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry
from defier.addresses import ROOT
from defier.dashboard import enrolment
from defier.dashboard.here import Here
from outcomes.entering import enter as enter_course
from outcomes.timelines import read
from protocol.identifiers import screening_no, usubjid
from sites import upkeep
from sites.models import Study
from subjects.models import Subject
from tests.browser.course import FOLLOW_UP
from tests.enrolled import screened, treated
from tests.people import FIRST, People, build_people
from tests.visits.sdv.marks import ask_for_all, enter, verify
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.overview import progress
from visits.overview.matrix import matrix
from visits.review.queries import raise_query

pytestmark = pytest.mark.django_db
DASHBOARD = "/dashboard/"
MOST_STATEMENTS = 18
SEEING = ("li_na", "zhang_wei", "wang_lei", "chen_jing", "guo_tao")
BLIND = ("sun_qing", "he_ming", "zhou_yan", "xu_fang", "zhao_min")


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def going(people: People) -> People:
    """A study under way at two sites: something is in every panel."""
    for days in (50, 400):
        treated(people, days)
    there = treated(people, 20, screened(people, "02"))
    subject = screened(people)
    enter_course(read("A-1 | V@30 V@365 R@412 V@735 | CDTLR24 => E@1")[0], people.sites["07"])
    values = {"birth_ym": "1955-04", "age": 70, "sex": "M", "height_cm": Decimal("171.5")}
    enter(people, subject, "DM", values)
    ask_for_all(people)
    verify(people, subject, "DM", *values)
    page = Page.objects.get(subject=subject, form="DM")
    enter(people, subject, "DM", {"age": 71}, page_id=page.pk, revision=page.revision)
    told = {**FOLLOW_UP, "fu_date": clock.today()}
    enter(people, subject, "FU", told, visit="UNS1")
    for one in (subject, there):
        about = Page.objects.get(subject=one, form="IC")
        raise_query(page=about, items=[], text="Is it so?", by=people.wang_lei)
        aware = {"ae_aware_dt": clock.now() - timedelta(days=3)}
        serious = {"ae_term": "x", "ae_serious": "Y", "ae_sae_crit": ["LT"], **aware}
        by = people.ma_lin if one is there else people.li_na
        save_pages([PageEntry(subject_id=one.pk, form="AE", values=serious)], by=by)
    upkeep.change_site(site=people.sites["07"], by=people.chen_jing, planned_n=58)
    return people


def tree(browser: Client, address: str = DASHBOARD) -> Any:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return html.fromstring(answer.content)


def linked(page: Any) -> list[tuple[str, int]]:
    return [(link.get("href"), int(link.text_content())) for link in page.xpath("//a[@data-list]")]


def rows_behind(browser: Client, address: str) -> int:
    """Count the rows of the list that an address leads to, through all of its parts."""
    number, here = 0, address
    while True:
        there = tree(browser, here)
        part = "h-wait" if urlsplit(here).path == "/verify/" else ""
        table = f"//section[.//*[@id='{part}']]//table" if part else "//main//table"
        number += len(there.xpath(f"({table})[1]/tbody/tr"))
        following = there.xpath("//main//footer/a[contains(., 'Next')]/@href")
        if not following:
            return number
        here = urljoin(here, following[0])


@pytest.mark.parametrize("who", SEEING)
@pytest.mark.parametrize("site", ["", "07"])
def test_every_number_is_a_link_to_exactly_its_rows(going: People, who: str, site: str) -> None:
    browser = going.client(who)
    page = tree(browser, f"{DASHBOARD}?site={site}")
    found = linked(page)
    assert len(found) >= 15
    behind = {href: rows_behind(browser, urljoin(DASHBOARD, href)) for href, _said in set(found)}
    assert not [(href, said, behind[href]) for href, said in found if behind[href] != said]


def test_no_panel_of_this_test_is_empty(going: People) -> None:
    page = tree(going.client("wang_lei"))
    assert [one.get("id") for one in page.xpath("//section[.//tbody]")] == [
        *("enrolment", "visits", "verification", "course", "ageing", "safety", "payments")
    ]
    states = {address.rpartition("=")[2] for address, _n in linked(page) if "/verification/" in address}
    assert states == {"changed"}
    assert not page.xpath("//*[@id='payments']//a[not(ancestor::tfoot) and not(ancestor::tbody)]/@style")


@pytest.mark.urs("ACL-03")
def test_a_site_sees_its_own(going: People) -> None:
    for who, code in (("li_na", "07"), ("ma_lin", "02")):
        page = tree(going.client(who))
        assert page.xpath("//*[@id='enrolment']//tbody/tr/th/@data-name") == [code]
        other = "02" if code == "07" else "07"
        assert not [href for href, _n in linked(page) if f"site={other}" in href]
        assert not page.xpath("//*[@id='verification']")
        for address in (f"?site={other}", f"enrolled/?site={other}", f"visits.csv?site={other}"):
            assert going.client(who).get(f"{DASHBOARD}{address}").status_code == 404
        assert going.client(who).get(f"{DASHBOARD}verification/?state=verified").status_code == 404
        foreign = Subject.objects.filter(site=other).first()
        assert foreign is not None
        text = going.client(who).get(f"{DASHBOARD}visits/").content.decode()
        assert foreign.usubjid.removeprefix("DEFIER-") not in text


@pytest.mark.parametrize("who", BLIND)
def test_who_must_not_see_subjects_has_no_dashboard(people: People, who: str) -> None:
    assert people.client(who).get(DASHBOARD).status_code == 403
    assert people.client(who).get(f"{DASHBOARD}visits.csv").status_code == 403


def test_nothing_is_told_by_cohort_or_of_outcomes(going: People) -> None:
    text = going.client("chen_jing").get(DASHBOARD).content.decode().split("<main")[1].split("</main>")[0]
    for word in ("DCB", "DES", "cohort", "patency", "TLR"):
        assert word not in text, word


@pytest.mark.parametrize(
    "address",
    [
        "?site=99",
        "else/",
        "visits/?visit=M2",
        "visits/?state=else",
        "enrolled/?quarter=2026",
        "visits.csv?state=x",
    ],
)
def test_a_list_that_there_is_not_is_not_found(people: People, address: str) -> None:
    assert people.client("wang_lei").get(f"{DASHBOARD}{address}").status_code == 404


def test_visits_agree_with_the_matrix(going: People) -> None:
    """Each scheduled visit counts once, under the sign that the matrix shows or under what lies below it."""
    rows = matrix(going.wang_lei)
    lines = progress.visit_lines(rows, today=clock.today())
    shown = {(row.subject.pk, cell.column): cell for row in rows for cell in row.cells}
    seen = {(one.subject_id, one.column): one.state for one in lines if one.column != "UNS"}
    assert len(seen) == sum(one.column != "UNS" for one in lines)
    for key, cell in shown.items():
        if key[1] == "UNS":
            continue
        waits = cell.facts.owed and not cell.facts.entered
        assert (seen.get(key) == "overdue") == (waits and cell.mark.sign == "overdue"), key
        assert (seen.get(key) in ("complete", "incomplete", "missed")) == cell.facts.entered, key
    [unscheduled] = [one for one in lines if one.column == "UNS"]
    assert (unscheduled.visit, unscheduled.on) == ("UNS1", clock.today())


def test_visits_are_handed_out_as_a_file_and_that_is_recorded(going: People) -> None:
    answer = going.client("chen_jing").get(f"{DASHBOARD}visits.csv?state=complete&site=07")
    assert answer["Content-Disposition"].startswith('attachment; filename="NCT07277218_visits_site-07_')
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    page = tree(going.client("chen_jing"), f"{DASHBOARD}?site=07")
    [total] = page.xpath("//*[@id='payments']//tfoot//td[last()]//text()")
    assert len(rows) == int(total) > 0
    assert {row["site"] for row in rows} == {"07"}
    assert {row["state"] for row in rows} == {"complete"}
    assert all(row["subject"].startswith("DEFIER-07-") for row in rows)
    [taken] = Entry.objects.filter(op="E", table_name="list_exported")
    assert taken.actor_id == going.chen_jing.user_id


def test_the_plan_is_even_over_two_years() -> None:
    study = Study(planned_start="2026-01-01", target_n=578)
    here = Here(by=Actor.system("test"), sites=[], chosen="")
    enrolled = [progress.Enrolled(Subject().pk, f"S{n}", "07", date(2026, 2, 1 + n)) for n in range(3)]
    panel = enrolment.by_quarter(here, enrolled, study, date(2026, 8, 1))
    said = {line.name: [one.number for one in line.numbers] for line in panel.lines}
    assert said["2026Q1"] == [3, 3, 71]
    assert said["2026Q3"] == [0, 3, 216]
    assert said["2026Q4"] == [None, None, 289]
    assert said["2027Q4"] == [None, None, 578]
    assert list(said)[-1] == "2028Q1"


def test_a_study_without_a_start_has_no_plan_over_time() -> None:
    here = Here(by=Actor.system("test"), sites=[], chosen="")
    assert enrolment.by_quarter(here, [], Study(planned_start=""), date(2026, 8, 1)).lines == []
    one = progress.Enrolled(Subject().pk, "S", "07", date(2026, 2, 1))
    [line, *_rest] = enrolment.by_quarter(here, [one], Study(planned_start=""), date(2026, 3, 1)).lines
    assert [number.number for number in line.numbers] == [1, 1, None]


def screened_too(number: int) -> None:
    """Bring site 07 to so many subjects."""
    first = Subject.objects.filter(site="07").count() + 1
    keys = sorted(uuid.uuid4() for _number in range(first, number + 1))
    with acting(by=FIRST):
        Subject.objects.bulk_create(
            Subject(
                id=key,
                site_id="07",
                seq=seq,
                usubjid=usubjid("07", seq),
                screening_no=screening_no("07", seq),
            )
            for seq, key in enumerate(keys, start=first)
        )


@pytest.mark.parametrize("who", ["li_na", "wang_lei"])
def test_statements_stay_the_same_for_many_subjects(going: People, who: str) -> None:
    browser = going.client(who)
    browser.get(DASHBOARD)
    with CaptureQueriesContext(connection) as few:
        browser.get(DASHBOARD)
    screened_too(578)
    with CaptureQueriesContext(connection) as many:
        browser.get(DASHBOARD)
    assert len(few) == len(many) <= MOST_STATEMENTS


def test_charts_are_drawn_from_tables_and_stand_still(going: People) -> None:
    """Without a script the tables are there; with one each chart names its table and says what it shows."""
    page = tree(going.client("wang_lei"))
    charts = page.xpath("//*[@data-chart]")
    assert len(charts) == 6
    for chart in charts:
        assert chart.get("role") == "img"
        assert chart.get("aria-label")
        assert chart.get("hidden") is not None
        [table] = page.xpath(f"//table[@id='{chart.get('data-table')}']")
        assert table.xpath(".//th[@data-look]")
        assert chart.get("data-chart") in ("stack", "plan", "course")
    script = (ROOT / "static" / "js" / "charts.js").read_text(encoding="utf-8")
    assert "animation: false" in script
    assert "decal: { show: true }" in script
