"""What somebody else does to the way into an account: its owner is told, and nobody signs by it at once."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from audit.context import acting
from audit.jobs import REGISTRY
from audit.models import Entry, Job
from audit.running import run
from sites import access_reviews, accounts, factors, jobs, lockout, way_in
from sites.models import User
from sites.review_records import AccessReview
from sites.roles import Role
from tests.people import FIRST, OPEN, People, build_people, give_password
from tests.sites.test_ways_in import add_app, is_in, signed_in

pytestmark = pytest.mark.django_db
GIVEN = "given-by-somebody-else"
NEW = "a-quite-different-secret"


@pytest.fixture
def people() -> People:
    made = build_people()
    with acting(by=FIRST):
        for name in ("li_na", "zhao_min"):
            User.objects.filter(username=name).update(email=f"{name}@example.org")
    for name in ("li_na", "zhao_min"):
        made.users[name].refresh_from_db()
    return made


def told() -> list[Any]:
    """Do the jobs that wait as a worker does, and return the mails."""
    assert jobs.way_in_notice.__name__ in REGISTRY, "workers import what does the job"
    mail.outbox.clear()
    for one in Job.objects.filter(kind="way_in_notice", state=Job.State.QUEUED).order_by("created"):
        assert run(one.pk, beating=False)
        one.refresh_from_db()
        assert one.state == Job.State.DONE, one.error
    return list(mail.outbox)


def _password(people: People) -> None:
    accounts.set_password(user=people.users["li_na"], password=GIVEN, by=people.zhao_min)


def _factor(people: People) -> None:
    factors.remove_factors(user=people.users["li_na"], by=people.zhao_min)


def _lockout(people: People) -> None:
    lockout.forget_failures(user=people.users["li_na"], by=people.zhao_min)


def _address(people: People) -> None:
    accounts.change_user(user=people.users["li_na"], email="new@example.org", by=people.zhao_min)


def _opened(people: People) -> None:
    accounts.change_user(user=people.users["li_na"], is_active=False, by=people.zhao_min)
    assert not Job.objects.filter(kind="way_in_notice").exists(), "what shuts an account opens nothing"
    accounts.change_user(user=people.users["li_na"], is_active=True, by=people.zhao_min)


ACTS: dict[str, Callable[[People], None]] = {
    "New password given": _password,
    "Second factor removed": _factor,
    "Account opened again after failed sign-ins": _lockout,
    "E-mail address changed": _address,
    "Account opened again": _opened,
}


@pytest.mark.urs("ACC-10", "ACC-07")
@pytest.mark.parametrize("words", ACTS)
def test_the_owner_is_told_what_who_and_when(people: People, words: str) -> None:
    ACTS[words](people)
    [message] = told()
    assert message.to[0] == "li_na@example.org"
    body = message.body
    assert words in body.split("\n\n") and "li_na" in body
    assert f"Zhao Min ({Role.ADMINISTRATOR.label.en})" in body
    act = way_in.acts_upon(people.users["li_na"])[0]
    assert act.words == words and f"{act.when}, time of the sites" in body
    assert "If you did not ask for this" in body
    assert GIVEN not in body


@pytest.mark.urs("ACC-10")
def test_a_new_address_is_told_to_the_old_one_as_well(people: People) -> None:
    _address(people)
    [message] = told()
    assert message.to == ["li_na@example.org", "new@example.org"]
    accounts.change_user(user=people.users["li_na"], email="", by=people.zhao_min)
    [message] = told()
    assert message.to == ["new@example.org"]


@pytest.mark.urs("ACC-10")
def test_no_address_stands_in_the_job(people: People) -> None:
    _address(people)
    [asked] = Job.objects.filter(kind="way_in_notice")
    assert set(asked.args) == {"user", "entry"} and "@" not in str(asked.args)


@pytest.mark.urs("ACC-10")
def test_each_reads_it_in_the_own_language(people: People) -> None:
    accounts.change_user(user=people.users["li_na"], language="zh-hans", by=people.zhao_min)
    _factor(people)
    [message] = told()
    assert Role.ADMINISTRATOR.label.zh in message.body


@pytest.mark.urs("ACC-10")
def test_for_an_owner_without_address_another_administrator_is_told(people: People) -> None:
    user = accounts.add_user(by=FIRST, username="second", full_name="Second", email="second@example.org")
    accounts.grant_membership(user=user, role=Role.ADMINISTRATOR, site=None, from_date=OPEN, by=FIRST)
    factors.remove_factors(user=people.users["wang_lei"], by=people.zhao_min)
    [message] = told()
    assert message.to == ["second@example.org"] and "wang_lei" in message.body


@pytest.mark.urs("ACC-10")
def test_nobody_is_told_of_what_opens_nothing_or_was_done_by_oneself(people: People) -> None:
    give_password(people.users["li_na"])
    accounts.change_user(user=people.users["li_na"], full_name="Li Na Na", by=people.zhao_min)
    accounts.change_user(user=people.users["li_na"], email="li_na@example.org", by=people.zhao_min)
    accounts.change_user(user=people.users["zhao_min"], email="own@example.org", by=people.zhao_min)
    assert told() == []


@pytest.mark.urs("ACC-10", "AUD-12")
def test_the_account_and_the_own_profile_show_what_was_done(people: People) -> None:
    for act in ACTS.values():
        if act is not _opened:
            act(people)
    give_password(people.users["li_na"])
    for who, address in (("zhao_min", f"/accounts/{people.users['li_na'].pk}/"), ("li_na", "/profile/")):
        page: Any = people.client(who).get(address)
        lines = [(one.words, one.by_name, one.own) for one in page.context["acts"]]
        assert lines[0] == ("New password given", "Li Na", True)
        done = {words for words, name, own in lines if name == "Zhao Min" and not own}
        assert done == ACTS.keys() - {"Account opened again"}
        assert "E-mail address changed" in page.content.decode()
    assert Entry.objects.filter(table_name="lockout_lifted").count() == 1


@pytest.mark.urs("ACC-10", "ACC-05", "SIG-03")
def test_nobody_signs_by_a_given_password_or_a_removed_factor(people: People, settings: Any) -> None:
    """Another administrator opens the account of Zhao Min, who signs access reviews."""
    settings.MFA_REQUIRED = True
    user = people.users["zhao_min"]
    give_password(user)
    with time_machine.travel(time.time() // 30 * 30 + 5, tick=False) as travelled:
        before = signed_in("zhao_min")
        add_app(before)
        assert is_in(before)
        accounts.set_password(user=user, password=GIVEN, by=FIRST)
        factors.remove_factors(user=user, by=FIRST)
        assert not is_in(before), "a session of before is worth nothing"

        access_reviews.make_reviews(by=FIRST)
        review = AccessReview.objects.get(site_id="07")
        line = {f"role-{role.pk}": "KEEP" for role in review.roles.all()}

        def sign(client: Client, password: str) -> str:
            return str(client.post(f"/access/{review.pk}/", {**line, "password": password})["Location"])

        client = signed_in("zhao_min", GIVEN)
        assert sign(client, GIVEN) == "/password/"
        travelled.shift(timedelta(seconds=30))
        add_app(client, GIVEN)
        assert sign(client, GIVEN) == "/password/", "a new factor does not make the given password one's own"
        refused = client.post("/password/", {"old": GIVEN, "new": GIVEN, "again": GIVEN})
        assert refused.status_code == 422 and sign(client, GIVEN) == "/password/"
        factors.remove_factors(user=user, by=FIRST)
        client = signed_in("zhao_min", GIVEN)
        client.post("/password/", {"old": GIVEN, "new": NEW, "again": NEW})
        assert sign(client, NEW) == "/profile/factor/"
        travelled.shift(timedelta(seconds=30))
        add_app(client, NEW)
        assert not review.roles.exclude(decision="").exists()
        assert not re.search("/password/|/factor/", sign(client, NEW))
        assert review.roles.exclude(decision="").exists()
