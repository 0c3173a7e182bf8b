"""The life of a job row, without any broker: claim, end, failure, sweeping (CEL-02, CEL-03, CEL-05)."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from audit import jobs, running
from audit.actors import Actor
from audit.models import Entry, Job
from tests.audit import job_functions  # noqa: F401 - registers the functions
from tests.audit.probe import WANG

pytestmark = pytest.mark.usefixtures("probe_database")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Keep what would be sent, and start without jobs."""
    kept: list[uuid.UUID] = []

    def keep(job_id: uuid.UUID, queue: str) -> bool:
        kept.append(job_id)
        return True

    monkeypatch.setattr(jobs, "publish", keep)
    monkeypatch.setattr(running, "publish", keep)
    Job.objects.all().delete()
    return kept


def ask(kind: str, file: Path, **kwargs: Any) -> Job:
    return jobs.enqueue(kind, by=WANG, args={"file": str(file)}, **kwargs)


def due_now(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(due=job.created)


@pytest.mark.urs("CEL-02")
def test_a_job_commits_with_its_cause_and_is_sent_afterwards(tmp_path: Path, sent: list[uuid.UUID]) -> None:
    with transaction.atomic():
        job = ask("test_once", tmp_path / "marks")
        assert sent == []
    assert sent == [job.pk]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask("test_once", tmp_path / "marks", key=str(1 / 0))
    assert Job.objects.count() == 1
    assert sent == [job.pk]


@pytest.mark.urs("CEL-02")
def test_a_rolled_back_cause_leaves_no_job(tmp_path: Path, sent: list[uuid.UUID]) -> None:
    with transaction.atomic():
        ask("test_once", tmp_path / "marks")
        transaction.set_rollback(True)
    assert Job.objects.count() == 0
    assert sent == []


@pytest.mark.urs("CEL-03")
def test_the_same_key_is_the_same_job(tmp_path: Path, sent: list[uuid.UUID]) -> None:
    first = ask("test_once", tmp_path / "marks", key="one")
    assert ask("test_once", tmp_path / "marks", key="one").pk == first.pk
    assert ask("test_once", tmp_path / "marks", key="two").pk != first.pk
    assert len(sent) == 2


@pytest.mark.urs("CEL-01")
@pytest.mark.parametrize("value", [1.5, {"a": 1}, b"x", "x" * 201, object()])
def test_arguments_are_ids_and_no_data(value: object) -> None:
    with pytest.raises(TypeError, match="is an id"):
        jobs.enqueue("test_once", by=WANG, args={"file": value})


@pytest.mark.urs("CEL-03", "AUD-11")
def test_a_job_is_done_once_as_the_system_on_behalf_of_a_person(tmp_path: Path) -> None:
    job = ask("test_once", tmp_path / "marks")
    assert [running.run(job.pk, beating=False) for _ in range(3)] == [True, False, False]
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("DONE", 1, {"times": 1})
    entry = Entry.objects.get(table_name="test_effect", new__file=str(tmp_path / "marks"))
    assert (entry.actor_id, entry.actor_role, entry.on_behalf_of, entry.request_id) == (
        "system:job:test_once",
        "SYSTEM",
        "u-wang",
        "req-1",
    )


@pytest.mark.urs("CEL-05")
def test_a_failing_job_is_tried_three_times_then_dead(tmp_path: Path) -> None:
    job = ask("test_fails", tmp_path / "marks")
    for attempt in (1, 2, 3):
        assert not running.run(job.pk, beating=False)
        job.refresh_from_db()
        assert job.attempts == attempt
        due_now(job)
    assert job.state == "DEAD"
    assert job.error == "RuntimeError: no luck"
    assert job.finished is not None
    assert not running.run(job.pk, beating=False)
    assert len((tmp_path / "marks").read_text().splitlines()) == 3


def test_a_job_that_nobody_can_do_dies(tmp_path: Path) -> None:
    job = ask("test_unknown", tmp_path / "marks")
    for _ in range(3):
        running.run(job.pk, beating=False)
        due_now(job)
    job.refresh_from_db()
    assert job.state == "DEAD"
    assert "No function" in job.error


@pytest.mark.urs("CEL-03")
def test_an_atomic_job_that_was_taken_over_leaves_nothing(tmp_path: Path) -> None:
    job = ask("test_once", tmp_path / "marks")
    claimed = running.claim(job.pk)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(claim=uuid.uuid4())
    progress = jobs.Progress(by=Actor.system("test"), job=job.pk)
    with pytest.raises(jobs.ClaimLostError):
        running._do(jobs.REGISTRY["test_once"], claimed, progress)
    assert not Entry.objects.filter(table_name="test_effect", new__file=str(tmp_path / "marks")).exists()


@pytest.mark.urs("CEL-02")
def test_the_sweeper_sends_what_was_lost_and_not_twice(tmp_path: Path, sent: list[uuid.UUID]) -> None:
    job = ask("test_once", tmp_path / "marks")
    sent.clear()
    assert running.sweep() == 0  # it may still be on its way
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_job SET due = due - interval '1 hour'")
    assert running.sweep() == 1
    assert sent == [job.pk]
    assert running.sweep() == 0


@pytest.mark.urs("CEL-05")
def test_the_sweeper_buries_a_job_that_was_lost_three_times(tmp_path: Path) -> None:
    job = ask("test_once", tmp_path / "marks")
    for _ in range(3):
        assert running.claim(job.pk)
        assert running.claim(job.pk) is None
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_job SET lease_until = now() - interval '1 second'")
    running.sweep()
    job.refresh_from_db()
    assert (job.state, job.error) == ("DEAD", "The worker was lost")


@pytest.mark.urs("CEL-07")
def test_of_two_sweepers_one_works(tmp_path: Path) -> None:
    from tests import databases

    ask("test_once", tmp_path / "marks")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_job SET due = due - interval '1 hour'")
    import psycopg

    address = databases.address("DATABASE_URL", connection.settings_dict["NAME"])
    with psycopg.connect(address) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('audit.sweep'))")
        assert running.sweep() == 0
    assert running.sweep() == 1


def test_only_the_one_who_asked_sees_a_job(tmp_path: Path) -> None:
    job = ask("test_once", tmp_path / "marks")
    assert jobs.job_for(WANG, job.pk) == job
    assert jobs.job_for(Actor(user_id="u-li", name="Li Si", role="COORDINATOR"), job.pk) is None
    assert jobs.job_for(Actor.system("test"), job.pk) is None
