"""What happens to processes: faults 1, 2, 4 to 6, 9, 11, 13 and 45, with real ones, killed and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from audit import jobs, running
from audit.models import Entry, Job
from defier import children, run
from defier.addresses import ROOT
from subjects.models import Subject
from tests import databases, servers
from tests.conftest import STARTED
from tests.enrolled import screened
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.visitor import Visitor
from tests.faults.wire import CUT_AFTER, GOOD, bad_wire
from visits.models import Document, Page
from visits.printing import documents

pytestmark = pytest.mark.slow
PATIENCE = 90
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
    with psycopg.connect(databases.address("DATABASE_OWNER_URL", stack.database)) as link:
        link.execute("LOCK TABLE visits_document IN SHARE MODE")
        until(lambda: waits_for_a_lock("pdf"))
        assert state(job) == "RUNNING", "the file is made and not stored yet"
        stack.kill("pdf")
    stack.start("pdf")
    until(lambda: state(job) == "DONE")
    assert Job.objects.get(pk=job.pk).attempts == 2
    assert Document.objects.filter(subject=subject).count() == 1


def waits_for_a_lock(process: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = %s AND wait_event_type = 'Lock'",
            [process],
        )
        return bool(cursor.fetchone()[0])


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


@fault(4)
@pytest.mark.urs("BCK-05")
@pytest.mark.parametrize("forgets", ["flushed", "started again"])
def test_a_broker_that_forgets_loses_nothing(stack: Stack, li_na: Visitor, forgets: str) -> None:
    """The broker keeps no file: started again it knows as little as when it was flushed."""
    subject = screened(stack.people)
    stack.kill("worker")
    try:
        assert li_na.save(demographics(subject), **BORN).status == 302
        assert not idle(), "the save has asked for a job"
        if forgets == "flushed":
            stack.flush()
        else:
            stack.kill("broker")
            stack.start("broker")
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


@fault(5)
@pytest.mark.skipif(STARTED is None, reason="only a PostgreSQL of our own is started again")
def test_a_restart_of_postgresql_in_the_middle_of_a_save(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    """Stopped while a save waits, away for some requests, and there again: 503s, a draft, and one save."""
    assert STARTED is not None
    body = li_na.filled(demographics(subject), **BORN)
    assert li_na.ask(f"{demographics(subject)}draft/", body | {"act": "keep"}).status == 200
    until(idle)
    with ThreadPoolExecutor(1) as pool:
        with suppress(psycopg.Error), Held(subject):
            waiting = pool.submit(li_na.ask, demographics(subject), body)
            until(lambda: waits_for_a_lock("web"), sweeping=False)
            connections.close_all()
            children.stop(STARTED.processes["postgres"], ask=signal.SIGINT)
        cut = waiting.result()
        away = [li_na.ask(demographics(subject)), li_na.ask(demographics(subject), body)]
        STARTED.processes["postgres"] = servers.start_again()
    for answer in (cut, *away):
        assert answer.status == 503 and "what you typed is still there" in answer.text
    assert not Page.objects.filter(subject=subject, form="DM").exists()
    assert "data-draft" in li_na.ask(demographics(subject)).text
    assert li_na.ask(demographics(subject), body).status == 302
    assert Page.objects.filter(subject=subject, form="DM").count() == 1
    until(idle)


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
@pytest.mark.urs("CON-02")
def test_a_form_whose_answer_was_lost_is_sent_again_and_changes_nothing(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    """The line is cut when the server has saved and answered: the same form again gets the same answer."""
    body = li_na.filled(demographics(subject), **BORN)
    with bad_wire(stack.port, seconds=0, fates=(CUT_AFTER, GOOD)) as port:
        far = Visitor(f"http://127.0.0.1:{port}")
        far.jar, far.opener = li_na.jar, li_na.opener
        came = far.until_answered(demographics(subject), body)
    assert (came.lost, came.answer.status) == (1, 302)
    assert came.answer.headers["Location"] == li_na.ask(demographics(subject), body).headers["Location"]
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").count() == 1


@fault(13)
@pytest.mark.urs("CON-02")
def test_the_same_form_ten_times_is_one_change(subject: Subject, li_na: Visitor) -> None:
    """A double click, and F5 on the answer: ten at once and one more are answered alike."""
    body = li_na.filled(demographics(subject), **BORN)
    with ThreadPoolExecutor(10) as pool:
        at_once = list(pool.map(lambda _: li_na.ask(demographics(subject), body).status, range(10)))
    assert [*at_once, li_na.ask(demographics(subject), body).status] == [302] * 11
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").count() == 1


def end_worker(stack: Stack, how: str) -> None:
    """End the process that serves: as the kernel does without memory, or stopped, so that gunicorn does.

    Gunicorn starts another by itself, and nothing is asked before it answers.
    """
    [serving] = stack.children("web")
    os.kill(serving, signal.SIGSTOP if how == "hangs" else signal.SIGKILL)
    until(lambda: stack.children("web") not in ([], [serving]), sweeping=False)
    until(lambda: run.answers(stack.port), sweeping=False)


@fault(9)
@pytest.mark.urs("CON-03")
@pytest.mark.parametrize("how", ["killed", "hangs"])
def test_a_web_process_that_ends_in_a_save_leaves_no_half(
    stack: Stack, subject: Subject, li_na: Visitor, how: str
) -> None:
    body = li_na.filled(demographics(subject), **BORN)
    assert li_na.ask(f"{demographics(subject)}draft/", body | {"act": "keep"}).status == 200
    with Held(subject), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(li_na.ask, demographics(subject), body)
        until(lambda: waits_for_a_lock("web"), sweeping=False)
        end_worker(stack, how)
        with pytest.raises((OSError, HTTPException)):
            waiting.result()
    assert not Page.objects.filter(subject=subject, form="DM").exists()
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
def test_a_statement_that_takes_for_ever_is_ended(stack: Stack, subject: Subject, li_na: Visitor) -> None:
    """A save meets pg_sleep: the web's own limit of 30 s ends it, nothing is half saved, and all go on."""
    body = li_na.filled(demographics(subject), **BORN)
    with connections["owner"].cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute(
            "CREATE FUNCTION sleepy() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'"
        )
        cursor.execute(
            "CREATE TRIGGER aa_sleepy BEFORE INSERT ON crf_dm FOR EACH ROW EXECUTE FUNCTION sleepy()"
        )
        try:
            before = time.monotonic()
            waiting = pool.submit(li_na.ask, demographics(subject), body)
            assert Visitor(stack.url).ask("/healthz").status == 200, "the others work on"
            answer = waiting.result()
        finally:
            cursor.execute("DROP FUNCTION sleepy() CASCADE")
    assert answer.status == 503 and "what you typed is still there" in answer.text
    assert time.monotonic() - before < 60
    assert not Page.objects.filter(subject=subject, form="DM").exists()
    assert li_na.ask(demographics(subject), body).status == 302


@fault(45)
@pytest.mark.urs("SEC-21")
def test_a_session_that_idles_is_ended_by_its_role(stack: Stack) -> None:
    """Whoever connects as the application, with options or without, holds a lock for a minute at most."""
    with psycopg.connect(databases.address("DATABASE_URL", stack.database)) as link:
        limits = [
            link.execute(f"SHOW {name}").fetchone()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout")
        ]
    assert limits == [("30s",), ("1min",)]


HALF = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Half", [("id", models.AutoField(primary_key=True))]),
        migrations.RunSQL("SELECT 1 / 0"),
    ]
"""


@fault(11)
@pytest.mark.urs("VAL-05")
def test_a_migration_that_fails_half_way_leaves_nothing_and_the_old_version_starts(
    stack: Stack, tmp_path: Path
) -> None:
    """A new release has a migration that fails after its first step; the release before starts as it was."""
    release = tmp_path / "halfway"
    (release / "migrations").mkdir(parents=True)
    for file, text in (
        ("__init__", ""),
        ("models", ""),
        ("migrations/__init__", ""),
        ("migrations/0001_x", HALF),
    ):
        (release / f"{file}.py").write_text(text)
    (tmp_path / "new_settings.py").write_text(
        "from defier.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'halfway']\n"
    )
    told = {
        **stack.environment({}),
        "DATABASE_OWNER_URL": databases.address("DATABASE_OWNER_URL", stack.database),
        "DJANGO_SETTINGS_MODULE": "new_settings",
        "PYTHONPATH": str(tmp_path),
    }
    command = [sys.executable, "manage.py", "migrate", "--database=owner", "--no-input"]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "division by zero" in done.stderr
    assert "halfway_half" not in connections["owner"].introspection.table_names()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'halfway'")
        assert cursor.fetchone() == (0,)
    stack.kill("web")
    stack.start("web")
    visitor = Visitor(stack.url)
    assert visitor.sign_in("guo_tao").status == 302
    assert not [word for word in visitor.ask("/readyz").text.split('"') if "has not run" in word]
