"""Jobs that wait: for a server of others that is away, and for the release of a restored copy (BCK-03)."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection

from audit import jobs, restored, running
from audit.models import Job
from defier.celery import app
from tests.people import FIRST

pytestmark = pytest.mark.django_db
app.loader.import_default_modules()


def failing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Return a job whose work always fails like this, and have it asked for without a broker."""

    def work(_progress: jobs.Progress) -> None:
        raise error

    monkeypatch.setattr(jobs, "publish", lambda *_: True)
    monkeypatch.setitem(jobs.REGISTRY, "test_away", jobs.Work("test_away", work, "default", False))
    return jobs.enqueue("test_away", by=FIRST, args={})


def tried(job: Job, times: int) -> tuple[str, int]:
    for _ in range(times):
        Job.objects.filter(pk=job.pk).update(due=job.created)
        running.run(job.pk, beating=False)
    job.refresh_from_db()
    return job.state, job.attempts


@pytest.mark.parametrize(
    ("error", "came"),
    [
        (ConnectionRefusedError("no mail server"), ("QUEUED", 0)),
        (TimeoutError("slow"), ("QUEUED", 0)),
        (OSError(28, "No space left on device"), ("QUEUED", 0)),
        (psycopg.errors.DiskFull("could not extend file"), ("QUEUED", 0)),
        (OSError(13, "Permission denied"), ("DEAD", 3)),
        (ValueError("wrong"), ("DEAD", 3)),
    ],
    ids=["refused", "timeout", "full", "database", "denied", "wrong"],
)
def test_only_what_is_wrong_uses_up_its_attempts(
    monkeypatch: pytest.MonkeyPatch, error: Exception, came: Any
) -> None:
    assert tried(failing(error, monkeypatch), 5) == came


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    job = failing(ConnectionRefusedError("no mail server"), monkeypatch)
    Job.objects.filter(pk=job.pk).update(created=job.created - running.WAITS - timedelta(hours=1))
    assert tried(job, 3) == ("DEAD", 3)


@pytest.fixture
def copy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this database be a copy that was restored and not released."""
    name = str(connection.settings_dict["NAME"])
    restored.forget()
    monkeypatch.setattr(restored, "COMMENT", f"SELECT '{restored.MARK}2026-03-01'")
    assert restored.unreleased() == "2026-03-01"
    assert restored._known[name][1] == "2026-03-01"
    yield
    restored.forget()


@pytest.mark.urs("BCK-03")
def test_a_restored_copy_does_no_job_and_says_so_on_every_page(
    copy: None, monkeypatch: pytest.MonkeyPatch, client: Any
) -> None:
    job = failing(ValueError("wrong"), monkeypatch)
    assert tried(job, 1) == ("QUEUED", 0)
    assert running.sweep() == 0
    assert app.tasks["audit.prune_day"]() is None
    assert not Job.objects.filter(kind="prune_day").exists()
    assert "restored copy of 2026-03-01" in client.get("/login/").content.decode()


def test_a_database_that_cannot_be_asked_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    restored.forget()
    monkeypatch.setattr(
        restored,
        "connections",
        {"default": SimpleNamespace(settings_dict={"NAME": "x"}, ensure_connection=_away)},
    )
    assert restored.unreleased() == ""
    assert "x" not in restored._known


def _away() -> None:
    from django.db import OperationalError

    raise OperationalError("away")
