"""Each act of work and of security stands in the trail exactly once (AUD-12)."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Entry
from sites import accounts
from sites.roles import Role
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, OPEN, PASSWORD, build_people, give_password
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.printing import documents
from visits.review.queries import move_query, raise_query
from visits.review.sdv.states import seen
from visits.review.sdv.verifying import verify_items

pytestmark = [pytest.mark.django_db, pytest.mark.urs("AUD-12")]


class World:
    """A subject with one page, the people, and what an act has just written."""

    def __init__(self) -> None:
        self.people = build_people()
        give_password(self.people.users["li_na"])
        self.subject: Subject = screened(self.people)
        entry = PageEntry(subject_id=self.subject.pk, form="DM", visit="SCR", values={"age": 70})
        save_pages([entry], by=self.people.li_na)
        self.page = Page.objects.select_related("visit", "subject").get(subject=self.subject, form="DM")

    def query(self) -> Query:
        return raise_query(page=self.page, items=["age"], text="Is this so?", by=self.people.wang_lei)

    def answered(self) -> Query:
        return move_query(query=self.query(), move="answer", by=self.people.li_na, text="Yes")

    def document(self) -> documents.Document:
        return documents.keep(
            subject=self.subject,
            kind=documents.PAGE,
            job_id=None,
            name="page.pdf",
            content=b"%PDF-1.7",
            pages=1,
            by=self.people.li_na,
        )


@pytest.fixture
def world() -> World:
    return World()


def sign_in(world: World) -> Callable[[], object]:
    return lambda: Client().post(reverse("account_login"), {"login": "li_na", "password": PASSWORD})


def sign_in_wrongly(world: World) -> Callable[[], object]:
    return lambda: Client().post(reverse("account_login"), {"login": "li_na", "password": "not this one"})


def sign_out(world: World) -> Callable[[], object]:
    client = world.people.client("li_na")
    return lambda: client.post(reverse("account_logout"))


def grant(world: World) -> Callable[[], object]:
    user = accounts.add_user(by=FIRST, username="new", full_name="New", full_name_zh="")
    return lambda: accounts.grant_membership(
        user=user, role=Role.MONITOR, site=None, from_date=OPEN, by=world.people.zhao_min
    )


def end_role(world: World) -> Callable[[], object]:
    held = world.people.users["li_na"].memberships.get()
    day = clock.today() + timedelta(days=1)
    return lambda: accounts.end_membership(membership=held, on=day, by=world.people.zhao_min)


def refused(world: World) -> Callable[[], object]:
    client = world.people.client("ma_lin")
    return lambda: client.get(reverse("subject", args=[world.subject.pk]))


def answer(world: World) -> Callable[[], object]:
    query = world.query()
    return lambda: move_query(query=query, move="answer", by=world.people.li_na, text="Yes")


def close(world: World) -> Callable[[], object]:
    query = world.answered()
    return lambda: move_query(query=query, move="close", by=world.people.wang_lei, reason="confirmed")


def ask_again(world: World) -> Callable[[], object]:
    query = world.answered()
    return lambda: move_query(query=query, move="ask_again", by=world.people.wang_lei, text="Sure?")


def verify(world: World) -> Callable[[], object]:
    record = dossiers.load(world.subject).page(world.page.pk)
    assert record is not None
    listed = {"age": seen(record, "age")}
    return lambda: verify_items(page=world.page, seen=listed, by=world.people.wang_lei)


def take_pdf(world: World) -> Callable[[], object]:
    kept = world.document()
    return lambda: documents.handed_out(kept, by=world.people.li_na)


def look(name: str, *rest: str) -> Callable[[World], Callable[[], object]]:
    def made(world: World) -> Callable[[], object]:
        client = world.people.client("guo_tao")
        about: dict[str, list[object]] = {
            "page-trail": [world.page.pk],
            "item-trail": [world.page.pk, "age"],
        }
        own = about.get(name, [])
        return lambda: client.get(reverse(name, args=[world.subject.pk, *own, *rest]))

    return made


def export(world: World) -> Callable[[], object]:
    client = world.people.client("guo_tao")
    return lambda: b"".join(client.post(reverse("trail-export")).streaming_content)  # type: ignore[attr-defined]


def review(world: World) -> Callable[[], object]:
    give_password(world.people.users["wang_lei"])
    client = world.people.client("wang_lei")
    shown = client.get(reverse("trail-list", args=["night"])).content.decode()
    seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', shown)[0]
    sent = {"password": PASSWORD, "seen": seen}
    return lambda: client.post(reverse("trail-list", args=["night"]), sent)


ACTS: dict[str, tuple[Callable[[World], Callable[[], object]], dict[tuple[str, str], int]]] = {
    "sign in": (sign_in, {("E", "login"): 1}),
    "sign in wrongly": (sign_in_wrongly, {("E", "login_failed"): 1}),
    "sign out": (sign_out, {("E", "logout"): 1}),
    "give a role": (grant, {("I", "sites_membership"): 1}),
    "end a role": (end_role, {("U", "sites_membership"): 1}),
    "be refused": (refused, {("E", "denied"): 1}),
    "ask": (lambda w: w.query, {("I", "visits_query"): 1, ("I", "visits_querystep"): 1}),
    "answer": (answer, {("U", "visits_query"): 1, ("I", "visits_querystep"): 1}),
    "close": (close, {("U", "visits_query"): 1, ("I", "visits_querystep"): 1}),
    "ask again": (ask_again, {("U", "visits_query"): 1, ("I", "visits_querystep"): 1}),
    "verify": (verify, {("I", "visits_verification"): 1}),
    "make a PDF": (lambda w: w.document, {("E", "document_made"): 1}),
    "take a PDF": (take_pdf, {("E", "document_taken"): 1}),
    "look at the history of an item": (look("item-trail"), {("E", "trail_viewed"): 1}),
    "look at the history of a page": (look("page-trail"), {("E", "trail_viewed"): 1}),
    "look at the history of a subject": (look("subject-trail"), {("E", "trail_viewed"): 1}),
    "export the trail": (export, {("E", "trail_exported"): 1}),
    "review a list": (review, {("I", "visits_trailreview"): 1}),
}


def written(act: Callable[[], object]) -> Counter[tuple[str, str]]:
    """Return what an act wrote into the trail, by kind and table."""
    before = set(Entry.objects.values_list("chain", "n"))
    act()
    found = Entry.objects.values_list("chain", "n", "op", "table_name")
    return Counter((op, table) for chain, n, op, table in found if (chain, n) not in before)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_stands_in_the_trail_exactly_once(world: World, name: str) -> None:
    make, expected = ACTS[name]
    assert written(make(world)) == expected
