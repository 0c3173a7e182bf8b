"""A real study starts with one administrator, whose password must be changed, and nothing else."""

import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Entry
from sites.models import Membership, Site, User
from sites.roles import Role
from tests.people import build_people

pytestmark = pytest.mark.django_db


def bootstrap(**options: object) -> str:
    out = StringIO()
    call_command("bootstrap", username="first", full_name="First Person", stdout=out, **options)
    return out.getvalue()


@pytest.mark.urs("ACC-11")
def test_an_empty_study_has_no_account_and_bootstrap_makes_the_one_administrator() -> None:
    assert not User.objects.exists()
    text = bootstrap()
    user = User.objects.get()
    assert user.must_change_password and user.check_password(text.split("shown once: ")[1].split()[0])
    assert [m.role for m in Membership.objects.all()] == [Role.ADMINISTRATOR]
    assert not Site.objects.exists()
    assert {entry.actor_id for entry in Entry.objects.all()} == {"system:bootstrap"}


@pytest.mark.urs("ACC-11")
def test_bootstrap_is_refused_once_there_are_accounts() -> None:
    build_people()
    with pytest.raises(CommandError, match="accounts already"):
        bootstrap()


def test_a_weak_first_password_is_refused_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError):
        bootstrap(password_stdin=True)
    assert not User.objects.exists()


@pytest.mark.urs("ACC-11")
def test_until_the_first_password_is_changed_every_page_leads_there() -> None:
    text = bootstrap()
    client = Client()
    password = text.split("shown once: ")[1].split()[0]
    client.post("/login/", {"login": "first", "password": password})
    assert client.get("/accounts/")["Location"] == "/password/"
    assert client.get("/password/").status_code == 200
    new = "a-much-better-secret-88"
    refused = client.post("/password/", {"old": "wrong", "new": new, "again": new})
    assert refused.status_code == 422
    done = client.post("/password/", {"old": password, "new": new, "again": new})
    assert done.status_code == 302
    assert client.get("/accounts/").status_code == 200
    assert User.objects.get().check_password(new)
