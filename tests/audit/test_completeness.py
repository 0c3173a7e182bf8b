"""Every table of the project is watched, always, or exempt by name with a reason (AUD-01, AUD-16)."""

import pytest
from django.apps import apps
from django.db import connection

from audit.exempt import EXEMPT

pytestmark = pytest.mark.django_db


def _watched() -> dict[str, set[str]]:
    """Return, for every table, the audit triggers that fire ALWAYS."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT tgisinternal AND tgenabled = 'A' AND p.proname IN ('audit_row', 'audit_refuse')"
        )
        watched: dict[str, set[str]] = {}
        for table, trigger in cursor.fetchall():
            watched.setdefault(table, set()).add(trigger)
        return watched


@pytest.mark.urs("AUD-01")
def test_every_table_of_a_model_is_watched_or_exempt() -> None:
    watched = _watched()
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert {
        table for table in tables - set(EXEMPT) if watched.get(table) != {"audit_row", "audit_keep"}
    } == set()


@pytest.mark.urs("AUD-01")
def test_every_table_of_the_database_is_watched_or_exempt() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        tables = {row[0] for row in cursor.fetchall()}
    assert tables - set(EXEMPT) - set(_watched()) == set()


@pytest.mark.urs("AUD-01")
def test_nothing_is_both_watched_and_exempt_or_exempt_without_reason() -> None:
    rows = {table for table, triggers in _watched().items() if "audit_row" in triggers}
    assert rows & set(EXEMPT) == set()
    assert all(reason.strip() for reason in EXEMPT.values())


@pytest.mark.urs("AUD-09")
def test_typed_rows_of_crfs_need_a_reason_for_a_change() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger"
            " WHERE tgname = 'audit_row' AND tgrelid::regclass::text LIKE 'crf\\_%%'"
        )
        rows = cursor.fetchall()
    assert {table for table, arguments in rows if not arguments.startswith("subject\\000t\\000")} == set()


@pytest.mark.urs("AUD-04")
def test_the_application_role_may_not_write_the_trail_nor_empty_a_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("edc_app",)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND (has_table_privilege(oid, 'TRUNCATE') OR has_table_privilege(oid, 'TRIGGER')"
            " OR relname IN ('audit_entry', 'audit_head', 'audit_clock', 'django_migrations')"
            " AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE'))"
        )
        assert cursor.fetchall() == []
