"""Security keys: added under the password, good once for each challenge, counted with all other failures."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from sites import factors, security_keys
from tests.people import PASSWORD, People, build_people, give_password
from tests.sites.test_ways_in import add_app, is_in
from tests.softkey import SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.urs("ACC-05")]
HERE = {"HTTP_HOST": "localhost"}
NAMED = {"password": PASSWORD, "name": "blue"}


@pytest.fixture
def people() -> People:
    made = build_people()
    give_password(made.users["li_na"])
    return made


def signed_in() -> Client:
    client = Client(**HERE)  # type: ignore[arg-type]
    client.post("/login/", {"login": "li_na", "password": PASSWORD})
    return client


def asked(client: Client, address: str) -> dict[str, Any]:
    """Return the challenge that a page hands to its script."""
    page = client.get(address).content.decode()
    found = re.search(r'<script id="key-options" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found, page
    read: dict[str, Any] = json.loads(found[1])
    return read


def with_key() -> tuple[Client, SoftKey]:
    client, key = signed_in(), SoftKey()
    add_app(client)
    answer = key.made(asked(client, "/profile/keys/"))
    kept = client.post("/profile/keys/", {**NAMED, "credential": answer})
    assert kept.status_code == 302, kept.content.decode()
    return client, key


def test_a_key_stands_in_for_the_code_once(people: People) -> None:
    _, key = with_key()
    client = signed_in()
    assert not is_in(client)
    answer = key.given(asked(client, "/login/code/"))
    assert client.post("/login/code/", {"credential": answer}).status_code == 302
    assert is_in(client)
    [kept] = security_keys.keys_of(people.users["li_na"])
    assert kept.last_used_at is not None
    again = signed_in()
    asked(again, "/login/code/")
    again.post("/login/code/", {"credential": answer})
    assert not is_in(again), "the answer was to another challenge"
    assert Entry.objects.filter(table_name="factor_added").latest("n").new == {"kind": "key", "name": "blue"}


@pytest.mark.urs("ACC-04")
@pytest.mark.parametrize(
    "wrong",
    [
        "another key",
        "another address",
        '{"id": "x"}',
        "[1]",
        '"x"',
        "7",
        '{"id": 3, "rawId": [], "response": 1}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA",'
        ' "authenticatorData": "AA", "signature": ""}}',
    ],
)
def test_what_is_no_answer_of_the_key_is_refused_and_counted(people: People, wrong: str) -> None:
    _, key = with_key()
    client = signed_in()
    options = asked(client, "/login/code/")
    if wrong == "another key":
        other = SoftKey()
        other.id = key.id
        wrong = other.given(options)
    elif wrong == "another address":
        key.origin = "http://defier.example"
        wrong = key.given(options)
    answer = client.post("/login/code/", {"credential": wrong})
    assert answer.status_code == 200
    assert not is_in(client)
    assert Entry.objects.filter(table_name="proof_failed").latest("n").new["at"] == "key"


@pytest.mark.urs("ACC-04")
def test_five_wrong_answers_shut_the_account(people: People) -> None:
    with_key()
    client = signed_in()
    for _ in range(5):
        answer = client.post("/login/code/", {"credential": "[1]"})
    assert answer.status_code == 429
    right = Client(**HERE).post("/login/", {"login": "li_na", "password": PASSWORD})  # type: ignore[arg-type]
    assert right.status_code == 429


def test_a_key_is_added_and_removed_under_the_password_alone(people: People) -> None:
    client, key = with_key()
    second = SoftKey()
    answer = second.made(asked(client, "/profile/keys/"))
    for wrong in (
        {**NAMED, "password": "wrong password", "credential": answer},
        {**NAMED, "name": " ", "credential": answer},
        {**NAMED, "credential": "[]"},
        {**NAMED, "credential": ""},
        {**NAMED, "remove": "999999"},
    ):
        assert client.post("/profile/keys/", wrong).status_code == 422, wrong
    [kept] = security_keys.keys_of(people.users["li_na"])
    other = signed_in()
    other.post("/login/code/", {"credential": key.given(asked(other, "/login/code/"))})
    assert is_in(other)
    assert client.post("/profile/keys/", {**NAMED, "remove": str(kept.pk)}).status_code == 302
    assert not security_keys.keys_of(people.users["li_na"])
    assert not is_in(other), "a change of factors ends the other sessions"
    assert factors.has_factor(people.users["li_na"]), "the app stays"


def test_nobody_removes_the_key_of_somebody_else(people: People) -> None:
    with_key()
    [kept] = security_keys.keys_of(people.users["li_na"])
    give_password(people.users["zhao_min"])
    admin = Client(**HERE)  # type: ignore[arg-type]
    admin.post("/login/", {"login": "zhao_min", "password": PASSWORD})
    add_app(admin)
    assert admin.post("/profile/keys/", {**NAMED, "remove": str(kept.pk)}).status_code == 422
    assert security_keys.keys_of(people.users["li_na"]) == [kept]


def test_keys_come_beside_an_app(people: People) -> None:
    client = signed_in()
    assert client.get("/profile/keys/")["Location"] == "/profile/factor/"
    add_app(client)
    assert client.get("/profile/keys/").status_code == 200
    factors.remove_factors(user=people.users["li_na"], by=people.zhao_min)
    assert not security_keys.keys_of(people.users["li_na"])
