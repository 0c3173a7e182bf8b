"""Signing in and out, the lockout, the language, the choice among several roles."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from audit import clock
from audit.models import Entry
from sites import accounts
from sites.access import MEMBERSHIP
from sites.models import User
from sites.roles import Role
from tests.people import FIRST, LAST, OPEN, PASSWORD, People, build_people, give_password

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    made = build_people()
    give_password(made.users["li_na"])
    return made


def sign_in(client: Client, name: str, password: str = PASSWORD) -> int:
    answer = client.post("/login/", {"login": name, "password": password})
    return answer.status_code


def events() -> list[str]:
    return list(Entry.objects.filter(op="E").order_by("txid", "n").values_list("table_name", flat=True))


@pytest.mark.urs("AUD-12")
def test_signing_in_and_out_and_failing_each_make_one_event(people: People) -> None:
    client = Client()
    assert sign_in(client, "li_na", "wrong password") == 200
    assert sign_in(client, "li_na") == 302
    assert client.get("/password/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/password/").status_code == 302
    assert events() == ["login_failed", "login", "logout"]
    entry = Entry.objects.get(table_name="login")
    assert (entry.actor_id, entry.actor_role) == (str(people.users["li_na"].pk), "COORDINATOR")


@pytest.mark.urs("AUD-12")
def test_a_failed_sign_in_never_keeps_what_may_be_a_password(people: People) -> None:
    sign_in(Client(), "my-secret-typed-in-the-wrong-line", "li_na")
    assert "my-secret" not in str(Entry.objects.filter(op="E").values())


@pytest.mark.urs("ACC-01")
@pytest.mark.parametrize("typed", ["LI_NA", "  li_na ", "ｌｉ_ｎａ"])
def test_a_name_is_known_in_any_width_and_case(people: People, typed: str) -> None:
    assert sign_in(Client(), typed) == 302


@pytest.mark.urs("ACC-04")
def test_five_failures_lock_the_account_from_any_address_and_in_any_spelling(people: People) -> None:
    for number, name in enumerate(("li_na", "LI_NA", "Li_Na", "ｌｉ_ｎａ", "li_na")):
        Client(REMOTE_ADDR=f"10.0.0.{number}", HTTP_X_FORWARDED_FOR=f"9.9.9.{number}").post(
            "/login/", {"login": name, "password": "wrong password"}
        )
    fresh = Client(REMOTE_ADDR="10.0.1.1")
    answer = fresh.post("/login/", {"login": "li_na", "password": PASSWORD})
    assert answer.status_code == 429
    assert "30" in answer.content.decode()
    assert fresh.get("/password/").status_code == 302
    give_password(people.users["zhang_wei"])
    assert sign_in(Client(), "zhang_wei") == 302


@pytest.mark.urs("ACC-02")
def test_passwords_are_kept_as_argon2id(people: People) -> None:
    people.users["li_na"].refresh_from_db()
    assert User.objects.get(username="li_na").password.startswith("argon2$argon2id$")


def test_a_hash_of_older_strength_is_renewed_at_sign_in_under_the_trail(people: People) -> None:
    from django.contrib.auth.hashers import make_password

    from audit.context import acting

    with acting(by=FIRST):
        weak = make_password(PASSWORD, hasher="pbkdf2_sha256")
        User.objects.filter(username="li_na").update(password=weak)
    assert sign_in(Client(), "li_na") == 302
    assert User.objects.get(username="li_na").password.startswith("argon2$")


@pytest.mark.urs("SEC-16")
def test_the_sign_in_leads_only_within_this_system(people: People) -> None:
    answer = Client().post(
        "/login/?next=https://example.org/", {"login": "li_na", "password": PASSWORD, "next": "//example.org"}
    )
    assert answer["Location"] == "/"
    answer = Client().post("/login/", {"login": "li_na", "password": PASSWORD, "next": "/sites/"})
    assert answer["Location"] == "/sites/"


@pytest.mark.urs("ACL-09")
def test_a_role_that_ends_and_an_account_that_closes_act_at_the_next_request(people: People) -> None:
    client = people.client("chen_jing")
    assert client.get("/consents/").status_code == 200
    held = people.users["chen_jing"].memberships.get()
    accounts.end_membership(membership=held, on=OPEN, by=people.zhao_min)
    assert client.get("/consents/").status_code == 403
    other = people.client("wang_lei")
    accounts.change_user(user=people.users["wang_lei"], is_active=False, by=people.zhao_min)
    assert other.get("/sites/")["Location"].startswith("/login/")


@pytest.mark.urs("ACC-07")
def test_a_new_password_ends_the_other_sessions(people: People) -> None:
    here, there = people.client("li_na"), people.client("li_na")
    new = "quite-another-secret-5"
    answer = here.post("/password/", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 302
    assert here.get("/password/").status_code == 200
    assert there.get("/password/")["Location"].startswith("/login/")


def test_the_language_is_kept_with_the_account(people: People) -> None:
    client = people.client("li_na")
    client.post("/language/", {"language": "zh-hans", "next": "/sites/"})
    assert User.objects.get(username="li_na").language == "zh-hans"
    again = people.client("li_na").get("/sites/")
    assert '<html lang="zh-Hans">' in again.content.decode()
    assert Client().post("/language/", {"language": "zh-hans", "next": "//evil.example"})["Location"] == "/"
    assert Client().post("/language/", {"language": "xx"}).status_code == 404


def test_a_person_with_two_roles_works_in_one_at_a_time(people: People) -> None:
    user = people.users["li_na"]
    second = accounts.grant_membership(
        user=user, role=Role.COORDINATOR, site=people.sites["02"], from_date=OPEN, by=people.zhao_min
    )
    client = people.client("li_na")
    assert client.get("/sites/07/").status_code == 200
    assert client.get("/sites/02/").status_code == 404
    assert client.post("/role/", {"membership": str(second.pk)}).status_code == 302
    assert client.session[MEMBERSHIP] == str(second.pk)
    assert client.get("/sites/07/").status_code == 404
    assert client.get("/sites/02/").status_code == 200
    other = people.users["ma_lin"].memberships.get()
    assert client.post("/role/", {"membership": str(other.pk)}).status_code == 404
    assert "role" in events()


@pytest.mark.urs("ACL-11")
def test_an_inspector_after_the_last_day_sees_nothing(people: People) -> None:
    """The role ends by itself in the night after its last day, which is one of the sites, not of UTC."""
    held = people.users["guo_tao"].memberships.get()
    assert held.to_date == LAST
    midnight = datetime(LAST.year, LAST.month, LAST.day, tzinfo=clock.ZONE) + timedelta(days=1)
    for at, status in ((midnight - timedelta(seconds=1), 200), (midnight, 403)):
        with time_machine.travel(at, tick=False):
            assert people.client("guo_tao").get("/sites/").status_code == status


def test_nobody_without_a_role_sees_anything(people: People) -> None:
    accounts.add_user(by=FIRST, username="nobody", full_name="No Body")
    client = Client()
    client.force_login(
        User.objects.get(username="nobody"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/sites/").status_code == 403
    assert client.get("/subjects/").status_code == 403


@pytest.mark.urs("SEC-05")
def test_forms_without_a_token_are_refused(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"login": "li_na", "password": PASSWORD}).status_code == 403
