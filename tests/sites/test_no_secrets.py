"""No secret that was typed stands anywhere afterwards: passwords, codes, what went into the wrong box."""

import logging

import pytest
from django.db import connection
from django.test import Client

from audit.models import Entry
from audit.verify import verify
from sites import accounts, lockout
from sites.models import User
from tests.people import FIRST, PASSWORD, People, build_people, give_password
from tests.sites.test_ways_in import add_app, code_of, signed_in

pytestmark = pytest.mark.django_db
WRONG, MISPLACED, WRONG_CODE = "wrong-by-one-letter-8", "typed-into-the-name-7", "90817264"


@pytest.fixture
def people() -> People:
    made = build_people()
    give_password(made.users["li_na"])
    return made


def stands_in(words: str) -> list[str]:
    """Return the tables of which a row shows these words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
            if not cursor.fetchone()[0]:
                continue
            cursor.execute(f'SELECT 1 FROM "{table}" AS one WHERE one::text ILIKE %s LIMIT 1', [f"%{words}%"])
            if cursor.fetchone():
                found.append(table)
    assert len(tables) > 60
    return found


@pytest.mark.urs("ACC-04", "AUD-12", "PRI-07")
def test_what_was_typed_at_a_failed_sign_in_stands_nowhere(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, codes = add_app(signed_in())
    client = Client()
    for name, password in (("li_na", WRONG), (MISPLACED, "li_na"), (MISPLACED.upper(), WRONG)):
        client.post("/login/?said=" + MISPLACED, {"login": name, "password": password, "note": WRONG})
    waiting = signed_in()
    waiting.post("/login/code/", {"code": WRONG_CODE})
    waiting.post("/login/code/", {"code": code_of(secret, 9)})
    waiting.post("/login/code/", {"code": codes[0]})
    for said in (WRONG, MISPLACED, WRONG_CODE, PASSWORD, code_of(secret, 9), *codes, secret):
        assert not stands_in(said), said
        if said.isdigit() and len(said) == 6:  # six figures may be the microseconds of a line
            continue
        assert said.lower() not in caplog.text.lower(), said
    assert stands_in("login_failed") == ["audit_entry"], "the search finds what is there"


@pytest.mark.urs("ACC-04")
def test_the_counter_keeps_nothing_that_is_written_into_it(people: People) -> None:
    from axes.models import AccessAttempt

    made = AccessAttempt.objects.create(
        username=lockout.digest_of("li_na"),
        post_data=WRONG,
        get_data=WRONG,
        path_info="/x/",
        failures_since_start=1,
    )
    AccessAttempt.objects.filter(pk=made.pk).update(post_data=WRONG)
    made.refresh_from_db()
    assert (made.post_data, made.get_data, made.path_info) == ("", "", "")


@pytest.mark.urs("ACC-04")
def test_a_success_forgets_the_failures_of_a_name_in_any_spelling(people: People) -> None:
    accounts.add_user(by=FIRST, username="Bao.Yu", full_name="Bao Yu", password=PASSWORD)
    for _ in range(2):
        for _ in range(4):
            Client().post("/login/", {"login": "bao.YU", "password": WRONG})
        answer = Client().post("/login/", {"login": "BAO.yu", "password": PASSWORD})
        assert answer.status_code == 302, "four failures, then a success: the count begins anew"
    assert lockout.digest_of("Bao.Yu") == lockout.digest_of("ｂａｏ.ｙｕ")
    assert "bao" not in lockout.digest_of("bao.yu")


@pytest.mark.urs("AUD-01", "ACC-02")
def test_the_trail_tells_that_a_password_changed_and_never_its_hash(people: People) -> None:
    user = User.objects.get(username="li_na")
    before = user.password
    accounts.set_password(user=user, password="another-long-secret-5", by=people.zhao_min)
    user.refresh_from_db()
    for kept in (before, user.password):
        assert kept.startswith("argon2")
        assert not set(stands_in(kept)) & {"audit_entry", "audit_job"}
    entries = Entry.objects.filter(table_name="sites_user", row_key=str(user.pk)).order_by("n")
    assert entries[0].new["password"].startswith("sha256:")
    last = entries.last()
    assert last is not None
    assert last.old["password"] != last.new["password"]
    assert {last.old["password"][:7], last.new["password"][:7]} == {"sha256:"}
    with connection.cursor() as cursor:  # even a write past every service leaves its entry
        cursor.execute("SELECT set_config('edc.actor', 'x', true), set_config('edc.name', 'x', true)")
        cursor.execute("SELECT set_config('edc.role', 'x', true)")
        cursor.execute("UPDATE sites_user SET password = 'argon2$planted' WHERE id = %s", [user.pk])
    planted = entries.all().last()
    assert planted is not None and list(planted.new) == ["password"]
    assert not stands_in("argon2$planted") or stands_in("argon2$planted") == ["sites_user"]
    assert not verify()
    assert not Entry.objects.filter(old__password__startswith="argon2").exists()
