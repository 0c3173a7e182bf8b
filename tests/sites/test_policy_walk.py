"""Every address × every role × own and foreign site answers as the policy says, and no address is unlisted.

404: it does not exist for you. 403: you may see it, but not do this. Strangers are led to the sign-in.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from audit.models import Entry
from sites.access import POLICY
from sites.roles import Action, Role
from tests import databases
from tests.people import NAMED
from tests.sites.routes import (
    FORBIDDEN,
    LOGIN,
    OK,
    ROUTES,
    SITE,
    Expected,
    Route,
    World,
    build_world,
    page_of,
)


def addresses(patterns: Sequence[object]) -> Iterator[str]:
    """Yield the name of every address of the resolver."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern} has no name"  # type: ignore[attr-defined]
            yield pattern.name  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Build the world once, in a database of its own: a snapshot is read through a second connection."""
    with django_db_blocker.unblock():
        name = databases.clone()
        before = databases.use(name)
        try:
            yield build_world()
        finally:
            databases.use(before)
            databases.drop(name)


@dataclass(frozen=True, slots=True)
class Asked:
    """An address asked by a person, and what came back."""

    name: str
    who: str
    expected: Expected
    got: Expected


def ask(client: Client, name: str, route: Route, world: World) -> Expected:
    """Ask an address and say how it answered; what it wrote is undone."""
    client.raise_request_exception = False
    with transaction.atomic():
        url = reverse(name, args=route.args(world))
        answer = client.post(url, route.data(world)) if route.post else client.get(url)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer["Location"].startswith("/login/"):
        return LOGIN
    if answer.status_code in (403, 404, 405) or answer.status_code >= 500:
        return answer.status_code
    return OK


@pytest.mark.urs("ACL-01")
def test_every_address_is_listed_with_the_action_it_needs() -> None:
    named = list(addresses(get_resolver().url_patterns))
    assert sorted(set(named)) == sorted(ROUTES)
    assert len(named) == len(set(named)), "two addresses have one name"


@pytest.mark.urs("ACL-01", "ACL-03", "ACL-07")
def test_every_role_meets_the_policy_at_every_address(world: World) -> None:
    wrong = []
    for who in NAMED:
        client, actor = world.people.client(who), world.people.actors[who]
        for name, route in ROUTES.items():
            asked = Asked(name, who, route.expected(world, actor), ask(client, name, route, world))
            if name == "account_logout":
                client = world.people.client(who)
            if asked.expected != asked.got:
                wrong.append(asked)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.urs("ACL-01", "SEC-08")
def test_strangers_are_led_to_the_sign_in(world: World) -> None:
    got = {name: ask(Client(), name, route, world) for name, route in ROUTES.items()}
    open_ = {name for name, route in ROUTES.items() if route.open_to_strangers}
    assert {name for name, answer in got.items() if answer != LOGIN} <= open_


@pytest.mark.urs("ACL-03")
def test_a_foreign_object_answers_like_one_that_does_not_exist(world: World) -> None:
    stranger = world.people.client("ma_lin")
    nowhere = "00000000-0000-4000-8000-000000000000"
    for name, route in ROUTES.items():
        args = [str(arg) for arg in route.args(world)]
        closed = route.expected(world, world.people.ma_lin) == FORBIDDEN  # to the role, whatever the object
        if route.post or closed or str(world.subject.pk) not in args:
            continue
        real = stranger.get(reverse(name, args=args))
        none = stranger.get(reverse(name, args=[nowhere, *args[1:]]))
        assert (real.status_code, none.status_code) == (404, 404), name


@pytest.mark.urs("ACL-03", "AUD-12")
def test_what_is_refused_is_noted_alike_for_foreign_and_absent(world: World) -> None:
    stranger = world.people.client("ma_lin")
    nowhere = uuid.uuid4()
    noted = Entry.objects.filter(op="E", table_name="denied", chain="study").order_by("n")
    before = noted.count()
    for subject in (world.subject.pk, nowhere):
        stranger.get(reverse("subject", args=[subject]))
    stranger.get("/accounts/")
    who = world.people.ma_lin.user_id
    assert [(entry.actor_id, entry.new) for entry in noted[before:]] == [
        (who, {"address": "subject", "status": 404, "subject_id": str(world.subject.pk)}),
        (who, {"address": "subject", "status": 404, "subject_id": str(nowhere)}),
        (who, {"address": "accounts", "status": 403}),
    ]


@pytest.mark.urs("ACL-05")
@pytest.mark.parametrize("form", ["PR", "DES", "LES", "DM", "IE", "FU", "AE", "CEC"])
def test_blinded_roles_open_only_pages_that_do_not_name_the_device(world: World, form: str) -> None:
    visit = {"FU": "M1", "AE": "LOG", "CEC": "LOG", "DM": "SCR", "IE": "SCR"}.get(form, "PROC")
    for who in ("he_ming", "li_na", "chen_jing"):
        answer = world.people.client(who).get(reverse("page", args=[world.subject.pk, visit, form]))
        expected = page_of(form)(world, world.people.actors[who])
        assert answer.status_code == (200 if expected == OK else expected), (who, form)


@pytest.mark.urs("ACL-06")
def test_committees_and_statistician_meet_no_record_of_the_study() -> None:
    """The DMC reads tables; the statistician locked snapshots and results; the committee blinded forms."""
    record = {Action.SUBJECT_READ, Action.UPLOAD_READ, Action.QUERY_READ, Action.TRAIL_READ}
    record |= {Action.TRAIL_EXPORT, Action.PDF_REQUEST, Action.SAFETY_READ, Action.SDV_READ}
    for role in (Role.STATISTICIAN, Role.CEC, Role.CORE_LAB, Role.DMC):
        assert not record & POLICY[role].keys(), role
    assert not {Action.PAGE_READ, Action.SNAPSHOT_DOWNLOAD} & POLICY[Role.DMC].keys()
    assert Action.PAGE_READ not in POLICY[Role.STATISTICIAN]
    assert not {Action.COHORT_READ, Action.OUTCOMES_BY_COHORT} & POLICY[Role.CEC].keys()


@pytest.mark.urs("SEC-05")
def test_reading_changes_nothing_but_may_be_noted(world: World) -> None:
    for who in NAMED:
        client = world.people.client(who)
        before = Entry.objects.exclude(op="E").count()
        for name, route in ROUTES.items():
            if not route.post:
                client.get(reverse(name, args=route.args(world)))
        assert Entry.objects.exclude(op="E").count() == before, who


@pytest.mark.urs("ACL-08")
@pytest.mark.django_db
def test_there_is_no_back_door() -> None:
    for address in ("/admin/", "/accounts/signup/", "/signup/", "/accounts/login/", "/password/reset/"):
        assert Client().get(address).status_code in (302, 404), address
    assert Client().get("/admin/").status_code == 404


@pytest.mark.urs("ACL-07")
def test_duties_are_segregated() -> None:
    enters = {Action.SUBJECT_SCREEN, Action.PAGE_SAVE, Action.QUERY_ANSWER, Action.ELIGIBILITY_CONFIRM}
    for role in set(Role) - {Role.COORDINATOR, Role.INVESTIGATOR}:
        assert not enters & POLICY[role].keys(), role
    assert [role for role in Role if Action.ACCOUNT_EDIT in POLICY[role]] == [Role.ADMINISTRATOR]
    assert [role for role in Role if Action.CEC_DECIDE in POLICY[role]] == [Role.CEC]
    assert [role for role in Role if Action.LOCK in POLICY[role]] == [Role.DATA_MANAGER]
    assert not {Action.SUBJECT_READ, Action.PAGE_READ} & POLICY[Role.ADMINISTRATOR].keys()
    assert not {Action.SUBJECT_READ, Action.PAGE_READ} & POLICY[Role.STATISTICIAN].keys()
    assert not {Action.SUBJECT_READ, Action.COHORT_READ} & POLICY[Role.CEC].keys()
    assert all(
        action.endswith("_READ") or action.startswith(("OUTCOMES", "SUBJECT_END", "PDF", "TRAIL_EXPORT"))
        for action in POLICY[Role.INSPECTOR]
    )
    assert SITE == "07"
