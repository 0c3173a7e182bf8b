"""Each role's home: what it must do next, of its own sites only, and never a cohort for the blinded."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import NAMED, People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.review.queries import move_query, raise_query

pytestmark = pytest.mark.django_db
HOME = "/"


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def late(people: People) -> Subject:
    """A subject whose first follow-up is overdue."""
    return treated(people, 50)


def shown(people: People, who: str, **query: str) -> str:
    answer = people.client(who).get(HOME, query)
    assert answer.status_code == 200
    return answer.content.decode()


def short(subject: Subject) -> str:
    return subject.usubjid.removeprefix("DEFIER-")


@pytest.mark.parametrize("who", NAMED)
def test_every_role_has_a_home(people: People, late: Subject, who: str) -> None:
    html = shown(people, who)
    assert "<h1>Good " in html
    assert "style=" not in html, "the content security policy refuses inline style"


def test_a_stranger_is_asked_to_sign_in(client) -> None:
    assert client.get(HOME).status_code == 302


def test_a_coordinator_finds_the_late_visit_first(people: People, late: Subject) -> None:
    html = shown(people, "li_na")
    assert "6 d late" in html
    assert reverse("page", args=[late.pk, "M1", "FU"]) in html
    narrowed = shown(people, "li_na", show="closing")
    assert "6 d late" not in narrowed.split('id="visits"')[1].split("</section>")[0]


@pytest.mark.urs("ACL-03")
def test_nothing_of_another_site_is_on_the_page(people: People, late: Subject) -> None:
    assert short(late) in shown(people, "li_na")
    assert short(late) not in shown(people, "ma_lin")


def test_an_unknown_list_is_not_there(people: People) -> None:
    assert people.client("li_na").get(HOME, {"show": "else"}).status_code == 404


def test_a_question_is_the_sites_and_its_answer_the_monitors(people: People, late: Subject) -> None:
    page = Page.objects.get(subject=late, form="PR")
    query = raise_query(page=page, items=["proc_date"], text="The report says otherwise.", by=people.wang_lei)
    assert "The report says otherwise." in shown(people, "li_na")
    assert "The report says otherwise." not in shown(people, "wang_lei")
    move_query(query=query, move="answer", by=people.li_na, text="Right as entered.")
    assert "The report says otherwise." in shown(people, "wang_lei")
    assert "The report says otherwise." in shown(people, "chen_jing")
    assert Query.objects.get(pk=query.pk).state == "ANSWERED"


def test_unfinished_pages_lead_to_their_page(people: People) -> None:
    subject = screened(people)
    html = shown(people, "li_na", show="unfinished")
    assert reverse("page", args=[subject.pk, "SCR", "IC"]) in html
    assert reverse("page", args=[subject.pk, "SCR", "DM"]) in html


def test_an_investigator_confirms_eligibility_a_coordinator_does_not(people: People) -> None:
    subject = screened(people)
    values = {"elig_outcome": "ELIG", "elig_date": clock.today()}
    save_pages([PageEntry(subject_id=subject.pk, form="IE", visit="SCR", values=values)], by=people.li_na)
    assert 'id="confirm"' not in shown(people, "li_na")
    confirm = shown(people, "zhang_wei").split('id="confirm"')[1].split("</section>")[0]
    assert reverse("page", args=[subject.pk, "SCR", "IE"]) in confirm


def test_the_committee_sees_events_by_number_and_no_cohort(people: People, late: Subject) -> None:
    died = {"death_date": (clock.today() - timedelta(days=20)).isoformat()}
    save_pages([PageEntry(subject_id=late.pk, form="DTH", visit=None, values=died)], by=people.li_na)
    html = shown(people, "he_ming")
    assert reverse("page", args=[late.pk, "LOG", "CEC"]) in html
    assert "DCB" not in html
    assert f'href="{reverse("subject", args=[late.pk])}"' not in html
    event = Page.objects.get(subject=late, form="DTH")
    decision = {
        "cec_type": "DTH",
        "cec_source": str(event.pk),
        "cec_status": "FIN",
        "cec_r1_event": "Y",
        "cec_r2_event": "Y",
        "cec_event": "Y",
        "cec_decision_date": clock.today(),
    }
    save_pages([PageEntry(subject_id=late.pk, form="CEC", visit=None, values=decision)], by=people.he_ming)
    assert "Every event has a final decision." in shown(people, "he_ming")


@pytest.mark.parametrize("who", ["sun_qing", "zhou_yan", "zhao_min", "xu_fang", "guo_tao"])
def test_roles_without_entry_find_no_subject_named(people: People, late: Subject, who: str) -> None:
    html = shown(people, who)
    own = {"zhao_min": 'id="sites"', "guo_tao": 'id="trails"'}.get(who, "What your role may do")
    assert own in html
    assert short(late) not in html


def test_statements_do_not_grow_with_the_study(people: People) -> None:
    browser = people.client("li_na")
    screened(people)
    browser.get(HOME)
    with CaptureQueriesContext(connection) as few:
        browser.get(HOME)
    for _number in range(6):
        screened(people)
    with CaptureQueriesContext(connection) as many:
        browser.get(HOME)
    assert len(few) == len(many) <= 14


def test_ids_are_never_guessed(people: People) -> None:
    answer = people.client("li_na").get(reverse("subject", args=[uuid.uuid4()]))
    assert answer.status_code == 404
