"""What the application's own database role cannot do, whatever it says (AUD-04, AUD-05)."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from audit.verify import verify
from tests.audit.probe import SUBJECT, WANG, one

pytestmark = pytest.mark.usefixtures("probe_database")

HOSTILE = [
    "INSERT INTO audit_entry SELECT * FROM audit_entry",
    "UPDATE audit_entry SET actor_name = 'Li Si'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "UPDATE audit_head SET n = n - 1",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head VALUES ('study', 0, '', '', 0)",
    "INSERT INTO audit_clock (ahead) VALUES ('1 year')",
    "TRUNCATE crf_probe",
    "ALTER TABLE crf_probe DISABLE TRIGGER audit_row",
    "ALTER TABLE crf_probe DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_row ON crf_probe",
    "DROP TABLE audit_entry",
    "CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION audit_row() SECURITY INVOKER",
    "SET session_replication_role = replica",
    "SET ROLE edc_owner",
    "SET SESSION AUTHORIZATION edc_owner",
    "GRANT edc_owner TO edc_app",
    "CREATE TABLE mine (id int)",
    "SELECT audit_append('study', 'E', 'forged', '', '', '', '', '', '', '', NULL, '{}')",
    "SELECT audit_take_head('study')",
    "SELECT audit_attach('crf_probe', 'study', false)",
    "SELECT audit_simulate(now())",
]


@pytest.mark.urs("AUD-04")
@pytest.mark.parametrize("statement", HOSTILE)
def test_the_application_role_is_refused(statement: str) -> None:
    with acting(by=WANG):
        one().save(force_insert=True)
    before = Entry.objects.count()
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.sqlstate == "42501"  # type: ignore[union-attr]
    assert Entry.objects.count() == before
    assert verify() == []


@pytest.mark.urs("AUD-04")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET op = 'I'", "DELETE FROM audit_entry", "TRUNCATE audit_head"]
)
def test_even_the_owner_is_refused_while_triggers_are_on(statement: str) -> None:
    with pytest.raises(DatabaseError) as refused, connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.sqlstate == "P0E03"  # type: ignore[union-attr]


@pytest.mark.urs("SRC-06")
def test_the_owner_changes_no_value_in_silence() -> None:
    """Without reason and actor the owner is refused too; with them the trail tells who it was."""
    row = one()
    with acting(by=WANG):
        row.save(force_insert=True)
    change = "UPDATE crf_probe SET note = 'by hand'"
    for setting, refusal in (("", "P0E02"), ("SELECT set_config('edc.reason', 'TYPO', true); ", "P0E01")):
        with pytest.raises(DatabaseError) as refused, connections["owner"].cursor() as cursor:
            cursor.execute(setting + change)
        assert refused.value.__cause__.sqlstate == refusal  # type: ignore[union-attr]
    by = Actor.system("repair 12", origin="psql")
    with acting(by=by, reason=Reason("TYPO"), using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(change)
    last = Entry.objects.filter(row_key=str(row.pk)).order_by("n").last()
    assert last is not None and (last.op, last.origin, last.actor_name) == ("U", "psql", "repair 12")


@pytest.mark.urs("SRC-06", "AUD-16")
def test_every_trigger_of_the_trail_fires_for_replicas_too() -> None:
    """With ENABLE ALWAYS not even a superuser's session_replication_role = replica goes around one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgname LIKE 'audit%' AND tgenabled <> 'A'"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'audit%'")
        assert cursor.fetchone()[0] > 50


@pytest.mark.urs("AUD-04")
def test_a_table_under_audit_is_not_emptied_by_its_owner() -> None:
    with pytest.raises(DatabaseError) as refused, connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE crf_probe")
    assert refused.value.__cause__.sqlstate == "P0E03"  # type: ignore[union-attr]


@pytest.mark.urs("AUD-05")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pgtrigger.ignore", "crf_probe:audit_row"),
        ("pghistory.context_id", "x"),
        ("search_path", "pg_temp"),
        ("edc.chains", "subject:0"),
        ("edc.skip", "on"),
        ("check_function_bodies", "off"),
    ],
)
def test_no_setting_switches_the_trail_off(name: str, value: str) -> None:
    row = one()
    with acting(by=WANG):
        row.save(force_insert=True)
    with acting(by=WANG, reason=Reason("TYPO")), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute("UPDATE public.crf_probe SET note = 'second' WHERE page_id = %s", [row.pk])
        cursor.execute("DELETE FROM public.crf_probe WHERE page_id = %s", [row.pk])
    entries = Entry.objects.filter(chain=f"subject:{SUBJECT}", row_key=str(row.pk))
    assert [entry.op for entry in entries] == ["I", "U", "D"]


@pytest.mark.urs("ACL-02")
def test_row_security_cannot_be_switched_off() -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off; SELECT * FROM crf_probe")
    assert refused.value.__cause__.sqlstate == "42501"  # type: ignore[union-attr]


@pytest.mark.urs("AUD-04")
def test_a_function_of_the_same_name_is_not_found_first() -> None:
    """The trigger's search_path is pinned: a schema of the session's own cannot stand in for sha256()."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosecdef, proconfig FROM pg_proc"
            " WHERE proname IN ('audit_row', 'audit_event', 'audit_take', 'edc_now')"
        )
        found = cursor.fetchall()
        assert {name for name, _definer, _settings in found} == {
            *("audit_row", "audit_event", "audit_take", "edc_now")
        }
        for name, definer, settings in found:
            assert definer, name
            assert "search_path=pg_catalog, public, pg_temp" in settings
            # Else a session that began with empty heads reads all of them for every row of a load.
            assert name == "edc_now" or "enable_seqscan=off" in settings
