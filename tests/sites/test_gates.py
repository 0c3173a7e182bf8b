"""The gates before a write, one by one: identity, GCP, protocol, system, delegation, the site (ACC-08)."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import translation

from audit import clock
from audit.context import acting
from protocol import version as protocol
from sites import accounts, trained, versions
from sites.gates import NEEDED, Gate, shut_gates
from sites.models import Delegation, Site, Training
from sites.roles import Action
from tests.amendment import AMENDMENT, VERSION
from tests.enrolled import screened
from tests.people import FIRST, People, build_people
from visits.arranging.notes import add_note
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Draft
from visits.models import Page
from visits.review.queries import move_query, raise_query

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return build_people()


def shut_training(kind: str) -> Callable[[], Any]:
    def shut() -> None:
        Training.objects.filter(kind=kind).update(valid_to=clock.today() - timedelta(days=1))

    return shut


def shut_delegation() -> None:
    Delegation.objects.update(to_date=clock.today() - timedelta(days=1))


def shut_site() -> None:
    Site.objects.filter(code="07").update(activation_date=clock.today() + timedelta(days=1))


SHUT: dict[str, Callable[[], Any]] = {
    **{str(kind): shut_training(str(kind)) for kind in NEEDED},
    "DELEGATION": shut_delegation,
    "SITE": shut_site,
}


@pytest.mark.urs("ACC-08")
@pytest.mark.parametrize("gate", list(SHUT))
def test_each_gate_in_turn_stops_the_save_with_its_reason_and_no_reading(people: People, gate: str) -> None:
    subject = screened(people)
    entry = PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"sex": "F"})
    with acting(by=FIRST):
        SHUT[gate]()
    [shut] = shut_gates(people.li_na, Action.PAGE_SAVE, "07")
    assert shut.kind == gate
    for language, words in (("en", shut.words.en), ("zh-hans", shut.words.zh)):
        with translation.override(language), pytest.raises(PermissionDenied, match=words):
            save_pages([entry], by=people.li_na)
    client = people.client("li_na")
    assert client.get(f"/subjects/{subject.pk}/SCR/DM/").status_code == 200
    typed = {"p-sex": "F", "p-revision": "0", "key": str(uuid.uuid4())}
    answer = client.post(f"/subjects/{subject.pk}/SCR/DM/", typed)
    assert answer.status_code == 403
    assert shut.words.en in answer.content.decode()
    assert not Page.objects.filter(subject=subject, form="DM").exists()
    assert Draft.objects.filter(subject=subject, form="DM").exists(), "what was typed is kept"


@pytest.mark.urs("ACC-08")
def test_other_writes_pass_the_same_gates(people: People) -> None:
    subject = screened(people)
    page = Page.objects.get(subject=subject, form="IC")
    query = raise_query(page=page, items=[], text="Is this so?", by=people.wang_lei)
    with acting(by=FIRST):
        shut_training("GCP")()
    acts: list[Callable[[], Any]] = [
        lambda: move_query(query=query, move="answer", text="Yes.", by=people.li_na),
        lambda: raise_query(page=page, items=[], text="And this?", by=people.wang_lei),
        lambda: add_note(page=page, item="", text="Seen.", by=people.li_na),
        lambda: screened(people),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied, match="GCP"):
            act()


@pytest.mark.urs("ACC-08")
def test_a_task_that_was_not_delegated_stays_shut(people: People) -> None:
    assert [one.kind for one in shut_gates(people.li_na, Action.ELIGIBILITY_CONFIRM, "07")] == ["DELEGATION"]
    assert not shut_gates(people.zhang_wei, Action.ELIGIBILITY_CONFIRM, "07")
    assert not shut_gates(people.wang_lei, Action.QUERY_RAISE, "07")


@pytest.mark.urs("ACC-08")
def test_a_gate_that_opens_tomorrow_is_shut_today(people: People) -> None:
    with acting(by=FIRST):
        Training.objects.filter(kind="GCP").update(on_date=clock.today() + timedelta(days=1))
    assert [one.kind for one in shut_gates(people.li_na, Action.PAGE_SAVE, "07")] == ["GCP"]


@pytest.mark.urs("ACC-08")
def test_an_administrator_records_the_identity_check(people: People) -> None:
    with acting(by=FIRST):
        Training.objects.filter(kind="IDENTITY", user=people.users["li_na"]).delete()
    assert shut_gates(people.li_na, Action.PAGE_SAVE, "07")
    admin: Client = people.client("zhao_min")
    line = {"kind": "IDENTITY", "on_date": clock.today().isoformat(), "valid_to": ""}
    assert admin.post(f"/accounts/{people.users['li_na'].pk}/trainings/", line).status_code == 302
    assert not shut_gates(people.li_na, Action.PAGE_SAVE, "07")


def work_by_version(people: People, site: str, *, from_day: int = 0) -> None:
    """Let a site work by the amendment of the tests, from some days hence on."""
    day = clock.today() + timedelta(days=from_day)
    made = versions.record_approval(
        site=site,
        version=VERSION,
        ethics_no="2026-A1",
        ethics_date=min(day, clock.today()),
        effective_from=day,
        by=people.zhao_min,
    )
    with acting(by=people.chen_jing):
        versions.put_in_force(made, report=made.pk, by=people.chen_jing)


def forget_version(version: str) -> None:
    with acting(by=FIRST):
        Training.objects.filter(version=version).delete()


def closed(people: People, name: str, action: Action, site: str | None) -> list[Gate]:
    return shut_gates(people.actors[name], action, site)


@pytest.mark.urs("ACC-08", "EDQ-08")
def test_training_counts_for_the_version_in_force_at_the_site(
    people: People, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(protocol, "AMENDMENTS", (AMENDMENT,))
    forget_version(VERSION)
    work_by_version(people, "07", from_day=1)
    assert not closed(people, "li_na", Action.PAGE_SAVE, "07"), "it is in force from tomorrow on"
    with acting(by=FIRST):
        versions.SiteVersion.objects.update(effective_from=clock.today(), ethics_date=clock.today())
    with django_assert_num_queries(1):
        [gate] = closed(people, "li_na", Action.PAGE_SAVE, "07")
    assert gate.kind == "PROTOCOL"
    assert (VERSION in gate.words.en, VERSION in gate.words.zh) == (True, True)
    assert not closed(people, "ma_lin", Action.PAGE_SAVE, "02"), "the other site works by the first version"
    assert closed(people, "wang_lei", Action.QUERY_RAISE, "07")
    assert not closed(people, "wang_lei", Action.QUERY_RAISE, "02")
    assert closed(people, "wang_lei", Action.SDV_VERIFY, None), "study-wide: the newest anywhere"
    accounts.record_training(
        user=people.users["li_na"], kind="PROTOCOL", version=VERSION, on=clock.today(), by=people.zhao_min
    )
    assert not closed(people, "li_na", Action.PAGE_SAVE, "07")


@pytest.mark.urs("ACC-08")
def test_training_in_a_later_version_is_none_in_the_one_in_force(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "AMENDMENTS", (AMENDMENT,))
    forget_version("")
    assert "PROTOCOL" in [one.kind for one in closed(people, "li_na", Action.PAGE_SAVE, "07")]


@pytest.mark.urs("ACC-08")
def test_a_training_names_a_version_that_exists(people: People) -> None:
    user = people.users["li_na"]
    for kind, version in (("PROTOCOL", "9.9"), ("GCP", "1.0")):
        with pytest.raises(ValidationError):
            accounts.record_training(
                user=user, kind=kind, version=version, on=clock.today(), by=people.zhao_min
            )
    admin = people.client("zhao_min")
    line = {"kind": "PROTOCOL", "version": "", "on_date": clock.today().isoformat(), "valid_to": ""}
    address = f"/accounts/{user.pk}/trainings/"
    answer = admin.post(address, line)
    assert (answer.status_code, "Choose the version" in answer.content.decode()) == (422, True)
    assert admin.post(address, {**line, "version": "1.0"}).status_code == 302
    assert "Protocol and its forms 1.0" in admin.get(f"/accounts/{user.pk}/").content.decode()


@pytest.mark.urs("ACC-08")
def test_the_administrator_sees_who_lacks_which_training(
    people: People, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(protocol, "AMENDMENTS", (AMENDMENT,))
    forget_version(VERSION)
    work_by_version(people, "07")
    with acting(by=FIRST):
        here = Training.objects.filter(user=people.users["ma_lin"])
        here.filter(kind="GCP").update(valid_to=clock.today() - timedelta(days=1))
        here.filter(kind="EDC").update(valid_to=clock.today() + timedelta(days=9))
    with django_assert_max_num_queries(4):
        found = {one.person.username: one for one in trained.everybody()}
    lacking = {
        name: [(one.kind, one.version) for one in found[name].standings if not one.counts] for name in found
    }
    assert lacking["li_na"] == [("PROTOCOL", VERSION)]
    assert lacking["wang_lei"] == [("PROTOCOL", VERSION)]
    assert lacking["ma_lin"] == [("GCP", "")]
    assert [one.kind for one in found["ma_lin"].standings if one.soon] == ["EDC"]
    page = people.client("zhao_min").get("/trainings/").content.decode()
    assert f"Protocol and its forms {VERSION}" in page
    assert "runs out soon" in page
    assert people.client("li_na").get("/trainings/").status_code == 403
