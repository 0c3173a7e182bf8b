"""What happens to processes: faults 1, 3 to 6, 9, 43 and 45, with real ones that are killed and stopped."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.db import DataError, connection, connections, migrations, models
from django.db.migrations.state import ProjectState

from audit import jobs, running
from audit.models import Entry, Job
from subjects.models import Subject
from tests import databases
from tests.enrolled import screened
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.visitor import Visitor
from visits.models import Document, Page
from visits.printing import documents

pytestmark = pytest.mark.slow
PATIENCE = 90
AWAY = 60
"""How many seconds the broker stays away."""
BORN = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M", "age": "70"}


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def until(condition: Callable[[], bool], *, sweeping: bool = True) -> None:
    """Wait for a condition, sweeping meanwhile; without, beat alone sweeps, every 15 seconds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, list(
            Job.objects.exclude(state="DONE").values("kind", "state", "attempts", "error")
        )
        if sweeping:
            running.sweep()
        time.sleep(0.1)


def idle() -> bool:
    return not Job.objects.filter(state__in=("QUEUED", "RUNNING")).exists()


def state(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


@fault(1)
@pytest.mark.urs("CEL-04")
def test_a_pdf_whose_worker_is_killed_is_made_once(stack: Stack, subject: Subject) -> None:
    job = documents.request_casebook(subject=subject, by=stack.people.li_na, language="en")
    until(lambda: state(job) in ("RUNNING", "DONE"))
    stack.kill("pdf")
    stack.start("pdf")
    until(lambda: state(job) == "DONE")
    assert Document.objects.filter(subject=subject).count() == 1


@fault(2)
@pytest.mark.urs("CEL-05")
def test_a_job_that_kills_its_worker_stops_after_three(stack: Stack, tmp_path: Path) -> None:
    poison = jobs.enqueue("test_poison", by=stack.people.li_na, args={"file": str(tmp_path / "marks")})
    until(lambda: state(poison) == "DEAD")
    poison.refresh_from_db()
    assert (poison.attempts, poison.error) == (3, "The worker was lost")
    assert len((tmp_path / "marks").read_text().splitlines()) == 3
    after = jobs.enqueue("test_once", by=stack.people.li_na, args={"file": str(tmp_path / "after")})
    until(lambda: state(after) == "DONE")
    administrator = Visitor(stack.url)
    assert administrator.sign_in("zhao_min").status == 302
    assert "test_poison" in administrator.ask("/jobs/failed/").text


@fault(3)
@pytest.mark.urs("CEL-02")
def test_saves_and_sign_ins_need_no_broker_and_jobs_catch_up(stack: Stack, li_na: Visitor) -> None:
    subject = screened(stack.people)
    stack.kill("broker")
    try:
        assert li_na.save(demographics(subject), **BORN).status == 302
        assert Visitor(stack.url).sign_in("wang_lei").status == 302
        assert Job.objects.filter(state="QUEUED").exists()
        time.sleep(AWAY)
        assert li_na.ask("/").status == 200
    finally:
        stack.start("broker")
    until(idle)


@fault(4)
@pytest.mark.urs("BCK-05")
def test_a_broker_that_forgets_loses_nothing(stack: Stack, li_na: Visitor) -> None:
    subject = screened(stack.people)
    stack.kill("worker")
    try:
        assert li_na.save(demographics(subject), **BORN).status == 302
        stack.flush()
    finally:
        stack.start("worker")
    until(idle, sweeping=False)
    assert li_na.ask("/").status == 200, "nobody is signed out by it"


def _others() -> list[int]:
    """End the connections of the web process, as a restart of PostgreSQL does; return their numbers."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(databases.address("DATABASE_URL", name), autocommit=True) as link:
        rows = link.execute(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND application_name = 'web' AND pid <> pg_backend_pid()",
            [name],
        ).fetchall()
    return [row[0] for row in rows]


@fault(5)
def test_a_connection_that_ends_is_a_503_or_nothing(stack: Stack, subject: Subject, li_na: Visitor) -> None:
    body = li_na.filled(demographics(subject), **BORN)
    with Held(subject), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(li_na.ask, demographics(subject), body)
        time.sleep(1)
        assert _others()
        answer = waiting.result()
    assert answer.status == 503
    assert not Page.objects.filter(subject=subject, form="DM").exists()
    assert li_na.ask(demographics(subject), body).status == 302
    assert Page.objects.filter(subject=subject, form="DM").count() == 1


class Held:
    """Hold a subject's row, so that a save waits."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def __enter__(self) -> psycopg.Connection:
        address = databases.address("DATABASE_URL", connection.settings_dict["NAME"])
        self.link = psycopg.connect(address)
        self.link.execute("SELECT set_config('edc.sites', '*', true)")
        self.link.execute("SELECT 1 FROM subjects_subject WHERE id = %s FOR UPDATE", [self.subject.pk])
        return self.link

    def __exit__(self, *_: object) -> None:
        self.link.close()


@fault(6)
@fault(13)
@pytest.mark.urs("CON-02")
def test_the_same_form_again_changes_nothing(subject: Subject, li_na: Visitor) -> None:
    """The reply was lost: the browser sends the same form again, and the answer is the same."""
    body = li_na.filled(demographics(subject), **BORN)
    first = li_na.ask(demographics(subject), body)
    with ThreadPoolExecutor(5) as pool:
        again = list(pool.map(lambda _: li_na.ask(demographics(subject), body).status, range(5)))
    assert [first.status, *again] == [302] * 6
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").count() == 1


@fault(9)
@pytest.mark.urs("CON-03")
def test_a_web_process_killed_in_a_save_leaves_no_half(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    body = li_na.filled(demographics(subject), **BORN)
    assert li_na.ask(f"{demographics(subject)}draft/", body | {"act": "keep"}).status == 200
    with Held(subject), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(li_na.ask, demographics(subject), body)
        time.sleep(1)
        stack.kill("web")
        with pytest.raises(OSError):
            waiting.result()
    assert not Page.objects.filter(subject=subject, form="DM").exists()
    stack.start("web")
    assert "data-draft" in li_na.ask(demographics(subject)).text
    assert li_na.ask(demographics(subject), body).status == 302


@fault(45)
def test_a_lock_held_by_an_idle_session_costs_one_person_ten_seconds(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    body = li_na.filled(demographics(subject), **BORN)
    with Held(subject):
        before = time.monotonic()
        assert li_na.ask(demographics(subject), body).status == 503
        assert time.monotonic() - before < 45
        assert li_na.ask("/calendar/").status == 200, "the others work on"
    assert li_na.ask(demographics(subject), body).status == 302


@fault(45)
def test_a_statement_that_takes_for_ever_is_ended(stack: Stack) -> None:
    address = databases.address("DATABASE_URL", connection.settings_dict["NAME"])
    with (
        psycopg.connect(address, options="-c statement_timeout=1s") as link,
        pytest.raises(psycopg.errors.QueryCanceled),
    ):
        link.execute("SELECT pg_sleep(20)")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("0",)


@fault(11)
def test_a_migration_that_fails_half_way_leaves_nothing(stack: Stack) -> None:
    table = f"half_{uuid.uuid4().hex[:8]}"
    half = migrations.CreateModel("Half", [("id", models.AutoField(primary_key=True))], {"db_table": table})
    before = ProjectState()
    after = before.clone()
    half.state_forwards("audit", after)
    fails = migrations.RunSQL("SELECT 1 / 0")
    editor = connections["owner"].schema_editor(atomic=True)
    with pytest.raises(DataError), editor:
        _ = [one.database_forwards("audit", editor, before, after) for one in (half, fails)]
    assert table not in connections["owner"].introspection.table_names()
