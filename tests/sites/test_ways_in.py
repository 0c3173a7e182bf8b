"""The ways in: second factor, lockout over all proofs, timeouts, sessions, invitations, rotation."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from audit import clock
from audit.context import acting
from audit.models import Entry, Job
from sites import accounts, factors, invitations, notices
from sites.models import FormerPassword, Invitation, User
from tests.people import FIRST, PASSWORD, People, build_people, give_password

pytestmark = pytest.mark.django_db
NEW = "a-quite-different-secret"


@pytest.fixture
def people() -> People:
    made = build_people()
    for name in ("li_na", "zhao_min"):
        with acting(by=FIRST):
            User.objects.filter(username=name).update(email=f"{name}@example.org")
        give_password(made.users[name])
        made.users[name].refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def _early_in_a_time_step() -> Iterator[None]:
    """Codes change every thirty seconds; no test may fall upon that."""
    with time_machine.travel(time.time() // 30 * 30 + 5, tick=False):
        yield


def signed_in(name: str = "li_na", password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/login/", {"login": name, "password": password})
    return client


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def add_app(client: Client, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Set up an authenticator app as its person does; return its secret and the recovery codes."""
    drawn = client.get("/profile/factor/").content.decode()
    found = re.search(r"<code>([A-Z2-7 ]{20,})</code>", drawn)
    assert found
    secret = found[1].replace(" ", "")
    answer = client.post("/profile/factor/", {"password": password, "code": code_of(secret)})
    assert answer.status_code == 200, answer.content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", answer.content.decode())
    assert len(codes) == 10
    return secret, codes


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


@pytest.mark.urs("ACC-05")
def test_without_a_second_factor_only_its_set_up_is_open(people: People, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    client = signed_in()
    for address in ("/", "/profile/", "/subjects/", "/sites/"):
        assert client.get(address)["Location"] == "/profile/factor/", address
    assert client.get("/", HTTP_X_REQUESTED_WITH="fetch").status_code == 401
    add_app(client)
    assert is_in(client)


@pytest.mark.urs("ACC-05")
def test_a_code_is_asked_for_and_taken_once(people: People, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    secret, codes = add_app(signed_in())
    client = signed_in()
    assert not is_in(client)
    assert client.get("/login/code/").status_code == 200
    assert client.get("/session/").json()["code"] is True
    used = code_of(secret)  # the one that set the app up
    client.post("/login/code/", {"code": used})
    assert not is_in(client)
    client.post("/login/code/", {"code": code_of(secret, 1)})
    assert is_in(client)
    again = signed_in()
    again.post("/login/code/", {"code": code_of(secret, 1)})
    assert not is_in(again)
    again.post("/login/code/", {"code": codes[0]})
    assert is_in(again)
    third = signed_in()
    third.post("/login/code/", {"code": codes[0]})
    assert not is_in(third)


@pytest.mark.urs("ACC-05", "TIM-01")
@pytest.mark.fault(8)
@pytest.mark.parametrize("steps", [-120, -2, 2, 120])
def test_a_code_of_a_clock_that_is_wrong_is_refused(people: People, steps: int) -> None:
    """A phone may be one step of thirty seconds off, not two, and not an hour."""
    secret, _codes = add_app(signed_in())
    user = people.users["li_na"]
    app = factors.Authenticator.objects.get(user=user, type="totp")
    app.data.pop("moment")  # the code that set the app up was of now; an earlier one would be used up
    app.save(update_fields=["data"])
    assert factors.take_code(user, code_of(secret, steps)) is None
    assert factors.take_code(user, code_of(secret, steps // abs(steps))) is not None


@pytest.mark.urs("ACC-05", "SEC-14")
def test_the_secret_is_stored_encrypted_and_survives_a_new_key(people: People, settings: Any) -> None:
    secret, codes = add_app(signed_in())
    kept = str(list(factors.Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of this installation, long enough"
    assert factors.take_code(people.users["li_na"], code_of(secret, 1)) is not None


@pytest.mark.urs("ACC-04")
def test_wrong_passwords_and_wrong_codes_count_together(people: People) -> None:
    secret, _ = add_app(signed_in())
    Client().post("/login/", {"login": "li_na", "password": "wrong"})
    Client().post("/login/", {"login": "LI_NA", "password": "wrong"})
    client = signed_in()
    for _ in range(3):
        answer = client.post("/login/code/", {"code": "000000"})
    assert answer.status_code == 429
    assert client.post("/login/code/", {"code": code_of(secret, 1)}).status_code == 429
    assert Client().post("/login/", {"login": "li_na", "password": PASSWORD}).status_code == 429
    assert Entry.objects.filter(table_name="locked_out").count() == 1
    assert Job.objects.filter(kind="lockout_notice").count() == 1


@pytest.mark.urs("ACC-04")
def test_a_lockout_is_told_to_its_owner_and_the_administrators(people: People) -> None:
    assert notices.tell_locked_out(people.users["li_na"].pk) == 2
    assert sorted(one.to[0] for one in mail.outbox) == ["li_na@example.org", "zhao_min@example.org"]


@pytest.mark.urs("ACC-04")
def test_an_administrator_lifts_a_lockout_but_not_ones_own(people: People) -> None:
    for _ in range(5):
        Client().post("/login/", {"login": "li_na", "password": "wrong"})
    assert not is_in(signed_in())
    admin = people.client("zhao_min")
    assert admin.post(f"/accounts/{people.users['li_na'].pk}/open/").status_code == 302
    assert is_in(signed_in())
    assert admin.post(f"/accounts/{people.users['zhao_min'].pk}/open/").status_code == 403


@pytest.mark.urs("ACC-06")
def test_fifteen_minutes_without_a_person_end_the_session_whatever_scripts_ask(people: People) -> None:
    with time_machine.travel(time.time(), tick=False) as travelled:
        client = signed_in()
        assert is_in(client)
        for _ in range(15):
            travelled.shift(timedelta(minutes=1))
            client.get("/session/", HTTP_X_REQUESTED_WITH="fetch")
            client.get("/profile/", HTTP_X_REQUESTED_WITH="fetch")
        assert not is_in(client)
    ended = Entry.objects.get(table_name="session_ended")
    assert ended.new == {"why": "idle"}


@pytest.mark.urs("ACC-06")
def test_a_person_who_is_there_keeps_the_session_for_twelve_hours_and_no_longer(people: People) -> None:
    with time_machine.travel(time.time(), tick=False) as travelled:
        client = signed_in()
        assert is_in(client)
        for number in range(71):
            travelled.shift(timedelta(minutes=10))
            by_script = {"X-Requested-With": "fetch"}
            answer = client.post("/session/", headers=by_script) if number % 2 else client.get("/profile/")
            assert answer.status_code == 200, number
        travelled.shift(timedelta(minutes=10))
        assert not is_in(client)
    assert Entry.objects.get(table_name="session_ended").new == {"why": "absolute"}


@pytest.mark.urs("ACC-06")
def test_the_page_knows_when_its_session_ends(people: People) -> None:
    client = signed_in()
    assert 'id="session-end"' in client.get("/profile/").content.decode()
    assert 880 < client.get("/session/").json()["left"] <= 900
    assert Client().get("/session/").json()["left"] == 0


@pytest.mark.urs("ACC-07")
def test_a_person_sees_and_ends_their_own_sessions(people: People) -> None:
    here, there = signed_in(), signed_in()
    page = here.get("/profile/").content.decode()
    [other] = re.findall(r'name="session" value="(\d+)"', page)
    stranger = signed_in("zhao_min")
    stranger.post("/profile/sessions/", {"session": other})
    assert is_in(there)
    here.post("/profile/sessions/", {"session": other})
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.urs("ACC-07")
def test_an_administrator_ends_all_sessions_of_a_person(people: People) -> None:
    client = signed_in()
    admin = people.client("zhao_min")
    assert admin.post(f"/accounts/{people.users['li_na'].pk}/sessions/").status_code == 302
    assert not is_in(client)
    assert (
        people.client("wang_lei").post(f"/accounts/{people.users['li_na'].pk}/sessions/").status_code == 403
    )


@pytest.mark.urs("ACC-07")
def test_a_new_factor_ends_the_other_sessions_and_renews_this_one(people: People) -> None:
    here, there = signed_in(), signed_in()
    old = here.cookies["session"].value
    add_app(here)
    assert is_in(here)
    assert not is_in(there)
    stale = Client()
    stale.cookies["session"] = old
    assert not is_in(stale)


@pytest.mark.urs("ACC-05", "ACC-07")
def test_a_lost_factor_is_removed_by_an_administrator(people: People) -> None:
    client = signed_in()
    add_app(client)
    admin = people.client("zhao_min")
    assert admin.post(f"/accounts/{people.users['li_na'].pk}/factor/").status_code == 302
    assert not is_in(client)
    assert not factors.has_factor(people.users["li_na"])
    assert Entry.objects.filter(table_name="factor_removed").count() == 1
    assert admin.post(f"/accounts/{people.users['zhao_min'].pk}/factor/").status_code == 403


@pytest.mark.urs("ACC-10")
def test_an_invitation_is_good_once(people: People) -> None:
    user = people.users["li_na"]
    people.client("zhao_min").post(f"/accounts/{user.pk}/invitation/")
    assert Job.objects.filter(kind="send_invitation").count() == 1
    token = invitations.send(user.pk, by=FIRST)
    assert token in mail.outbox[0].body
    assert token not in str(Invitation.objects.values()) + str(Entry.objects.values("new"))
    client, address = Client(), f"/invitation/{token}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"new": "short", "again": "short"}).status_code == 422
    assert client.post(address, {"new": NEW, "again": NEW}).status_code == 302
    assert client.post(address, {"new": NEW, "again": NEW}).status_code == 410
    assert client.get("/invitation/never-made/").status_code == 410
    assert is_in(signed_in(password=NEW))


@pytest.mark.urs("ACC-10")
def test_an_account_without_a_first_password_is_invited(people: People) -> None:
    admin = people.client("zhao_min")
    line = {"username": "new", "full_name": "New Person", "language": "en", "password": ""}
    assert admin.post("/accounts/", line).status_code == 422
    assert admin.post("/accounts/", {**line, "email": "new@example.org"}).status_code == 302
    made = User.objects.get(username="new")
    assert not made.has_usable_password()
    assert Job.objects.get(kind="send_invitation").args == {"user": str(made.pk)}


@pytest.mark.urs("ACC-10")
def test_an_invitation_ends_after_a_day_and_with_the_next_one(people: People) -> None:
    user = people.users["li_na"]
    first = invitations.send(user.pk, by=FIRST)
    second = invitations.send(user.pk, by=FIRST)
    assert Client().get(f"/invitation/{first}/").status_code == 410
    with time_machine.travel(time.time() + 24 * 3600 + 1):
        assert Client().get(f"/invitation/{second}/").status_code == 410
    accounts.change_user(user=user, is_active=False, by=FIRST)
    assert Client().get(f"/invitation/{second}/").status_code == 410


@pytest.mark.urs("ACC-10")
def test_a_new_password_by_mail_never_passes_the_second_factor(people: People) -> None:
    add_app(signed_in())
    token = invitations.send(people.users["li_na"].pk, by=FIRST)
    Client().post(f"/invitation/{token}/", {"new": NEW, "again": NEW})
    client = signed_in(password=NEW)
    assert not is_in(client)
    assert client.get("/login/code/").status_code == 200


@pytest.mark.urs("ACC-10")
def test_unknown_and_known_names_fail_with_the_same_words(people: People) -> None:
    def said(name: str) -> str:
        page = Client().post("/login/", {"login": name, "password": "wrong"}).content.decode()
        return re.sub(r'(value|nonce)="[^"]*"', "", page)

    assert said("li_na") == said("nobody_of_this_name")


@pytest.mark.urs("ACC-10")
def test_unknown_and_known_names_cost_the_same_work(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly all of the time is one Argon2 hash: who watches the clock learns nothing."""
    made: list[str] = []
    for what in ("encode", "verify"):
        whole = getattr(Argon2PasswordHasher, what)

        def counted(*args: Any, whole: Any = whole, what: str = what, **more: Any) -> Any:
            made.append(what)
            return whole(*args, **more)

        monkeypatch.setattr(Argon2PasswordHasher, what, counted)
    for name in ("li_na", "nobody_of_this_name"):
        made.clear()
        assert Client().post("/login/", {"login": name, "password": "wrong"}).status_code == 200
        assert len(made) == 1, name


@pytest.mark.urs("SEC-14")
def test_a_new_key_with_the_old_one_beside_it_signs_nobody_out(people: People, settings: Any) -> None:
    client, away = signed_in(), signed_in()
    assert is_in(client) and is_in(away)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this installation, long enough"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert is_in(client)
    settings.SECRET_KEY_FALLBACKS = []
    assert is_in(client), "who came meanwhile goes by the new key"
    assert not is_in(away), "without the old key its sessions are worth nothing"


@pytest.mark.urs("ACC-03")
@pytest.mark.parametrize(("days", "after", "must"), [(0, 400, False), (90, 89, False), (90, 91, True)])
def test_passwords_run_out_only_where_that_is_set(
    people: People, settings: Any, days: int, after: int, must: bool
) -> None:
    settings.PASSWORD_DAYS = days
    with time_machine.travel(clock.now() + timedelta(days=after)):
        answer: Any = signed_in().get("/profile/")
        assert (answer.status_code == 302 and answer["Location"] == "/password/") is must


@pytest.mark.urs("ACC-03")
def test_where_passwords_run_out_the_last_five_are_not_taken(people: People, settings: Any) -> None:
    settings.PASSWORD_DAYS = 90
    client = signed_in()
    answer = client.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 302
    assert FormerPassword.objects.count() == 1
    back = client.post("/password/", {"old": NEW, "new": PASSWORD, "again": PASSWORD})
    assert back.status_code == 422


@pytest.mark.urs("ACC-05")
def test_a_page_says_that_the_second_factor_is_off(people: People, settings: Any) -> None:
    assert "Second factor off" in Client().get("/login/").content.decode()
    settings.MFA_REQUIRED = True
    assert "Second factor off" not in Client().get("/login/").content.decode()
