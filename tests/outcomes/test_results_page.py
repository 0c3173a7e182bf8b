"""The outcomes pages: who sees which cohort, what the figure shows, why a result is what it is."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Entry, Job
from outcomes.entering import enter
from outcomes.models import Result
from outcomes.recomputation import recompute
from outcomes.timelines import read
from subjects.models import Subject
from tests.people import People, build_people
from visits.models import Page

pytestmark = pytest.mark.django_db
BY_COHORT = ("DCB", "DES", "Drug-coated", "Drug-eluting", "planned cohort")


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def enrolled(people: People) -> Callable[[str, str], Subject]:
    """Enter a course at a site and derive its results."""

    def make(tokens: str, site: str = "07") -> Subject:
        [timeline] = read(f"A-1 | {tokens} | CDTLR24 => E@1")
        subject = enter(timeline, people.sites[site])
        recompute([subject.pk])
        return subject

    return make


def main(page: str) -> str:
    """Return the page without bars and scripts."""
    return page.partition("<main")[2].partition("</main>")[0]


def seen(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return main(answer.content.decode())


@pytest.mark.parametrize("name", ["sun_qing", "zhou_yan"])
def test_statistician_and_dmc_see_cohorts_and_that_is_recorded(
    people: People, enrolled: Callable[..., Subject], name: str
) -> None:
    enrolled("V@30 R@412 V@735")
    page = seen(people.client(name), "/outcomes/")
    assert "DES" in page
    assert "This view is logged" in page
    assert (
        Entry.objects.filter(table_name="OUTCOMES_BY_COHORT", actor_id=people.actors[name].user_id).count()
        == 1
    )


@pytest.mark.urs("ACL-05", "LCK-05")
@pytest.mark.parametrize("name", ["li_na", "zhang_wei", "chen_jing", "he_ming", "guo_tao"])
def test_everybody_else_sees_pooled_results_and_asks_for_cohorts_in_vain(
    people: People, enrolled: Callable[..., Subject], name: str
) -> None:
    """To ask for the cohorts before the data are locked is to unblind: 403, and no byte of them."""
    enrolled("V@30 R@412 V@735")
    page = seen(people.client(name), "/outcomes/")
    assert not [word for word in BY_COHORT if word in page]
    assert "All" in page
    for address in ("/outcomes/?split=cohort", "/outcomes/?split=cohort&competing=on&show=incidence"):
        refused = people.client(name).get(address)
        assert refused.status_code == 403
        told = main(refused.content.decode())
        assert "until the data are locked" in told and not [word for word in BY_COHORT if word in told]
    assert not Entry.objects.filter(table_name="OUTCOMES_BY_COHORT").exists()


@pytest.mark.parametrize("name", ["wang_lei", "zhao_min", "xu_fang"])
def test_who_has_no_part_in_outcomes_is_refused(people: People, name: str) -> None:
    assert people.client(name).get("/outcomes/").status_code == 403


def test_strangers_are_asked_to_sign_in() -> None:
    assert Client().get("/outcomes/").status_code == 302


def test_a_site_pools_its_own_subjects_only(people: People, enrolled: Callable[..., Subject]) -> None:
    enrolled("V@30 V@735", "07")
    enrolled("V@30 V@735", "02")
    assert "1 treated subject" in seen(people.client("li_na"), "/outcomes/")
    assert "2 treated subjects" in seen(people.client("chen_jing"), "/outcomes/")


def test_the_figure_has_curve_ticks_and_numbers_at_risk(
    people: People, enrolled: Callable[..., Subject]
) -> None:
    for tokens in ("V@30 R@412 V@735", "V@30 V@200", "V@735", "V@735", "V@735", "V@735"):
        enrolled(tokens)
    page = seen(people.client("chen_jing"), "/outcomes/")
    assert "<svg" in page
    assert "Number at risk" in page
    assert "80.0" in page
    assert 'style="' not in page
    assert "As a table" in page


def test_events_that_await_the_committee_are_counted(
    people: People, enrolled: Callable[..., Subject]
) -> None:
    enrolled("V@30 R@412 V@735")
    enrolled("V@30 R@300(cec=Y) V@735")
    page = seen(people.client("chen_jing"), "/outcomes/")
    assert "Provisional" in page
    assert "1 of 2 events await the committee" in page


def test_a_loss_seen_on_imaging_awaits_no_committee(people: People, enrolled: Callable[..., Subject]) -> None:
    enrolled("D@30(1.2) D@180(3.0) V@735")
    assert "Provisional" not in seen(people.client("chen_jing"), "/outcomes/?endpoint=PPAT")


def test_nothing_to_show_is_said(people: People) -> None:
    assert "No results yet" in seen(people.client("chen_jing"), "/outcomes/")


@pytest.mark.parametrize("query", ["endpoint=NOPE", "list=some", "subject=x"])
def test_choices_that_do_not_exist_are_not_found(people: People, query: str) -> None:
    assert people.client("chen_jing").get(f"/outcomes/?{query}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["endpoint=PPAT", "endpoint=CDTLR30", "endpoint=DEATH", "list=events", "list=all", "bands=off", "page=9"],
)
def test_every_choice_can_be_shown(people: People, enrolled: Callable[..., Subject], query: str) -> None:
    enrolled("V@30 R@412 D@180(1.5) V@735")
    seen(people.client("chen_jing"), f"/outcomes/?{query}")


def test_statements_do_not_grow_with_the_subjects(people: People, enrolled: Callable[..., Subject]) -> None:
    client = people.client("chen_jing")
    enrolled("V@30 V@100")
    client.get("/outcomes/")
    with CaptureQueriesContext(connection) as few:
        client.get("/outcomes/")
    for _ in range(3):
        enrolled("V@30 V@100")
    with CaptureQueriesContext(connection) as many:
        client.get("/outcomes/")
    assert len(many) == len(few) <= 12


def test_why_leads_to_the_page_and_item_that_decided(
    people: People, enrolled: Callable[..., Subject]
) -> None:
    subject = enrolled("V@30 R@412 V@735")
    page = seen(people.client("li_na"), f"/outcomes/{subject.pk}/CDTLR24/")
    assert "First qualifying event on day 412" in page
    assert f'href="/subjects/{subject.pk}/LOG/REV/#rev_reasons"' in page
    result = Result.objects.get(subject=subject, paramcd="CDTLR24")
    assert result.head_hash[:6] in page


def test_why_speaks_chinese(people: People, enrolled: Callable[..., Subject]) -> None:
    subject = enrolled("V@30 R@412 V@735")
    client = people.client("li_na")
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    page = seen(client, f"/outcomes/{subject.pk}/CDTLR24/")
    assert "首个符合标准的事件在第 412 天" in page
    assert "新发或加重跛行" in page


def test_the_statistician_reads_why_without_links_to_pages(
    people: People, enrolled: Callable[..., Subject]
) -> None:
    subject = enrolled("V@30 R@412 V@735")
    page = seen(people.client("sun_qing"), f"/outcomes/?subject={subject.pk}")
    assert "First qualifying event on day 412" in page
    assert "/subjects/" not in page


@pytest.mark.urs("ACL-03")
def test_another_site_finds_nothing(people: People, enrolled: Callable[..., Subject]) -> None:
    subject = enrolled("V@30 R@412 V@735")
    client = people.client("ma_lin")
    assert client.get(f"/outcomes/{subject.pk}/CDTLR24/").status_code == 404
    assert client.get(f"/outcomes/?subject={subject.pk}").status_code == 404


@pytest.mark.urs("ACL-05")
@pytest.mark.parametrize("name", ["he_ming", "zhou_yan"])
def test_committee_and_dmc_see_no_single_subject(
    people: People, enrolled: Callable[..., Subject], name: str
) -> None:
    subject = enrolled("V@30 R@412 V@735")
    assert people.client(name).get(f"/outcomes/{subject.pk}/CDTLR24/").status_code == 403
    assert subject.usubjid not in seen(people.client(name), "/outcomes/?list=all")


@pytest.mark.parametrize("paramcd", ["PP.M12", "SPAT", "DEATH30", "RUCHG.M12", "CDTLR790"])
def test_every_kind_of_result_has_its_page(
    people: People, enrolled: Callable[..., Subject], paramcd: str
) -> None:
    subject = enrolled("RU=3 V@30 RU@365(1) D@180(1.5) V@735")
    seen(people.client("wang_lei"), f"/outcomes/{subject.pk}/{paramcd}/")


def test_an_unknown_endpoint_is_not_found(people: People, enrolled: Callable[..., Subject]) -> None:
    subject = enrolled("V@30")
    assert people.client("li_na").get(f"/outcomes/{subject.pk}/NOPE/").status_code == 404


def test_a_monitor_asks_the_site_for_what_is_missing(
    people: People, enrolled: Callable[..., Subject]
) -> None:
    from datetime import timedelta

    from audit import clock

    [timeline] = read("A-1 | V@30 V@705 | CDTLR24 => C1@705")
    proc = clock.today() - timedelta(days=710)
    subject = enter(timeline, people.sites["07"], proc)
    recompute([subject.pk])
    client = people.client("wang_lei")
    page = seen(client, f"/outcomes/{subject.pk}/CDTLR24/")
    assert "Can still be completed" in page
    assert "Ask site 07 for it" in page
    contact = Page.objects.get(subject=subject, form="FU", visit__code="M24")
    assert f'name="page" value="{contact.pk}"' in page


def test_recomputing_is_a_job_for_those_who_may(people: People) -> None:
    assert people.client("li_na").post("/outcomes/recompute/").status_code == 403
    answer = people.client("chen_jing").post("/outcomes/recompute/")
    asked = Job.objects.get(kind="recompute_study")
    assert answer.status_code == 302
    assert answer["Location"] == f"/jobs/{asked.pk}/"
    assert people.client("chen_jing").get("/outcomes/recompute/").status_code == 405
