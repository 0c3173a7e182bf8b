"""A subject's page: what each role sees, what is due, how many statements it takes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People, build_people
from visits.models import Page
from visits.review.queries import raise_query

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def subject(people: People) -> Subject:
    return screened(people)


def shown(client: Client, subject: Subject) -> str:
    response = client.get(reverse("subject", args=[subject.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_subject_in_screening_shows_what_is_owed_and_no_course(people: People, subject: Subject) -> None:
    text = shown(people.client("li_na"), subject)
    assert subject.usubjid in text
    assert "The course begins with the index procedure." in text
    assert reverse("page", args=[subject.pk, "SCR", "DM"]) in text
    assert "unsigned" in text


def test_a_treated_subject_shows_cohort_window_and_the_next_step(people: People, subject: Subject) -> None:
    treated(people, 30, subject)
    save_next = shown(people.client("li_na"), subject)
    assert "planned; no study device delivered" in save_next
    assert "today day <b>30</b>" in save_next
    assert reverse("page", args=[subject.pk, "M1", "FU"]) in save_next
    assert '<svg class="drawing"' in save_next


def test_open_queries_stand_at_their_page_and_come_first(people: People, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="IC")
    raise_query(page=page, items=["consent_version"], text="Which version?", by=people.wang_lei)
    text = shown(people.client("li_na"), subject)
    assert "1 open" in text
    assert "SCR: query to answer" in text


@pytest.mark.urs("ACL-03")
def test_another_site_finds_nothing(people: People, subject: Subject) -> None:
    address = reverse("subject", args=[subject.pk])
    assert people.client("ma_lin").get(address).status_code == 404
    assert people.client("he_ming").get(address).status_code == 403


def test_only_those_who_enter_are_offered_to(people: People, subject: Subject) -> None:
    assert "Enter an unscheduled visit" in shown(people.client("li_na"), subject)
    assert "Enter an unscheduled visit" not in shown(people.client("wang_lei"), subject)


def test_statements_do_not_grow_with_the_record(people: People, subject: Subject) -> None:
    client = people.client("li_na")
    shown(client, subject)
    with CaptureQueriesContext(connection) as before:
        shown(client, subject)
    treated(people, 400, subject)
    with CaptureQueriesContext(connection) as after:
        shown(client, subject)
    assert len(after) == len(before) <= MOST_STATEMENTS


def test_a_neighbour_is_one_key_away(people: People, subject: Subject) -> None:
    other = screened(people)
    assert reverse("subject", args=[other.pk]) in shown(people.client("li_na"), subject)
    assert reverse("subject", args=[subject.pk]) in shown(people.client("li_na"), other)


@pytest.mark.parametrize("name", ["li_na", "wang_lei", "chen_jing", "guo_tao"])
def test_nothing_on_the_page_needs_what_the_policy_of_the_browser_forbids(
    people: People, subject: Subject, name: str
) -> None:
    treated(people, 30, subject)
    text = shown(people.client(name), subject)
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
