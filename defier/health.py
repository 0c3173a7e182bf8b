"""Alive (for the proxy: public, says nothing) and ready (what is wrong: for people who are signed in)."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from audit import dead_letters, periodic, room
from sites.timeouts import CLOCKS_APART

ROLE = (
    "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole,"
    " EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p'))"
    " FROM pg_roles WHERE rolname = current_user"
)

UNGUARDED = (
    "SELECT relname FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attname = 'site_id'"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped"
    " AND NOT (relrowsecurity AND relforcerowsecurity"
    " AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid AND polname = 'sight'))"
)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process serves and the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("unavailable", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer with what has to be so before the study may be entered, 503 when something is not.

    Beside it, without keeping anybody from entering: periodic tasks that stay away, and how many jobs failed.
    """
    found = problems()
    late = [one.task for one in periodic.missing()]
    return JsonResponse(
        {"ready": not found, "problems": found, "late": late, "dead_jobs": dead_letters.dead().count()},
        status=503 if found else 200,
    )


def problems() -> list[str]:
    """Return what stands in the way, in words: the database, its clock, its rights, its triggers."""
    checks = (_durability, _room, _clock, _role, _triggers, _sight, _migrations)
    return [problem for check in checks for problem in check()]


def _durability() -> list[str]:
    wanted = settings.DURABILITY
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [wanted])
        found = dict(cursor.fetchall())
    return [f"PostgreSQL runs with {name} = {found.get(name)}" for name in wanted if found.get(name) != "on"]


def _room() -> list[str]:
    return ["The database has no room to write"] if room.is_out() else []


def _clock() -> list[str]:
    """Compare the clock of this process with that of the database, which the trail goes by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs((datetime.now(UTC) - cursor.fetchone()[0]).total_seconds())
    return (
        [f"The clock here and that of the database are {apart:.0f} s apart"] if apart > CLOCKS_APART else []
    )


def _role() -> list[str]:
    """Refuse a web process that could rewrite the trail: as superuser, or as owner of any table."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        name, powerful, owns = cursor.fetchone()
    return [f"The role {name} may do more than the application needs"] if powerful or owns else []


def _triggers() -> list[str]:
    """Name every table that the trail does not watch, every trigger of it that is switched off (AUD-16).

    A table is watched while both of its triggers fire always: audit_row (rows) and audit_keep (TRUNCATE).
    The trail itself has audit_keep alone, on entries and heads.
    """
    from django.apps import apps

    from audit import exempt

    tables = {
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE NOT tgisinternal AND tgenabled = 'A' AND (tgname, proname) IN"
            " (('audit_row', 'audit_row'), ('audit_keep', 'audit_refuse'))"
        )
        firing = set(cursor.fetchall())
    kept = {("audit_entry", "audit_keep"), ("audit_head", "audit_keep")}
    kept |= {(table, name) for table in tables - set(exempt.EXEMPT) for name in ("audit_row", "audit_keep")}
    return [f"The audit trail does not watch {table}: {name}" for table, name in sorted(kept - firing)]


def _sight() -> list[str]:
    """Name every table with a site whose rows the database would show to every site (ACL-02)."""
    from audit.exempt import EVERYWHERE

    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        open_to_all = {table for (table,) in cursor.fetchall()} - set(EVERYWHERE)
    return [f"Row-level security does not guard {table}" for table in sorted(open_to_all)]


def _migrations() -> list[str]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"The migration {migration} has not run" for migration, _ in plan]
