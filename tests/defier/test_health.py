"""Alive is public and says nothing; ready names what is wrong, to people who are signed in."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from defier import health


@pytest.mark.django_db
@pytest.mark.urs("SEC-08", "SEC-13")
def test_alive_says_nothing_but_ok(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.post("/healthz").status_code == 405


@pytest.mark.urs("SEC-13")
def test_a_database_that_is_gone_is_503_without_a_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection to 10.0.0.7 refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"unavailable")


@pytest.mark.django_db
@pytest.mark.urs("SEC-08")
def test_ready_is_for_people_who_are_signed_in(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")


@pytest.mark.django_db
@pytest.mark.urs("AUD-01")
def test_nothing_stands_in_the_way_of_a_fresh_study() -> None:
    assert health.problems() == []


@pytest.mark.django_db
@pytest.mark.urs("BCK-04")
def test_a_server_that_may_lose_what_was_committed_is_named(settings: Any) -> None:
    settings.DURABILITY = ["data_checksums", "jit"]
    assert "PostgreSQL runs with jit = off" in health.problems()


@pytest.mark.django_db
@pytest.mark.urs("AUD-01")
def test_a_table_that_the_trail_does_not_watch_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from audit import exempt

    monkeypatch.setattr(exempt, "EXEMPT", {})
    assert "The audit trail does not watch django_session: audit_row" in health.problems()


@pytest.mark.django_db
@pytest.mark.urs("ACL-02")
def test_a_table_whose_rows_every_site_would_see_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from audit import exempt

    monkeypatch.setattr(exempt, "EVERYWHERE", {})
    assert "Row-level security does not guard sites_membership" in health.problems()


@pytest.mark.django_db
def test_a_migration_that_has_not_run_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations WHERE app = 'sessions'")
        assert cursor.fetchone() == ("sessions", "0001_initial")
    assert not [problem for problem in health.problems() if "has not run" in problem]


@pytest.mark.django_db
@pytest.mark.urs("AUD-04")
def test_a_role_that_owns_tables_is_named(own_rights: None) -> None:
    assert "The role edc_owner may do more than the application needs" in health.problems()


@pytest.fixture
def own_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask about the owner, as if the web process had been given that address by mistake."""
    statement = health.ROLE.replace("current_user", "'edc_owner'")
    monkeypatch.setattr(health, "ROLE", statement)
