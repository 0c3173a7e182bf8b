"""Doing the jobs: claim, lease, heartbeat, end; and the sweeper that sends again what was lost.

A worker claims a job for the time of a lease and renews it while it lives. One that is killed lets the lease
run out; the sweeper then sends the job again, three attempts at most, after which it is DEAD.
"""

import errno
import os
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import Error, connection, transaction

from audit import room
from audit.actors import Actor
from audit.context import acting
from audit.jobs import REGISTRY, ClaimLostError, Progress, Work, publish
from audit.models import Job
from audit.restored import unreleased
from audit.sight import seeing

log = structlog.get_logger(__name__)

ATTEMPTS = 3
AWAY: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    smtplib.SMTPConnectError,
    smtplib.SMTPServerDisconnected,
)
"""What a job meets when a server of others is away (mail, scanner of files): that is no fault of the job."""
WAITS = timedelta(days=2)
"""So long a job waits for such a server; after that its failures count."""
SWEPT_AT_ONCE = 500


def seconds(name: str, default: float) -> float:
    """Return a duration from the environment (JOB_LEASE_SECONDS and its like), which tests shorten."""
    return float(os.environ.get(f"JOB_{name}_SECONDS", default))


def run(job_id: UUID, *, beating: bool = True) -> bool:
    """Do a job unless somebody does or has done it; return whether it was done here.

    Without `beating` no thread renews the lease: for tests that cannot commit.
    """
    job = None if unreleased() else claim(job_id)
    if job is None or job.claim is None:
        return False
    by = Actor.system(
        f"job:{job.kind}",
        on_behalf_of=job.by_user or job.by_name,
        request_id=job.request_id or f"job:{job.pk}",
    )
    progress = Progress(by=by, job=job.pk)
    try:
        work = REGISTRY.get(job.kind)
        if work is None:
            raise LookupError(f"No function does the job {job.kind}")
        # A job is for the whole study; what it may do for whom is asked by what it calls.
        with _beating(job, progress) if beating else _silent(), seeing(None):
            _do(work, job, progress)
    except ClaimLostError:
        log.warning("job_claim_lost", job=str(job.pk), kind=job.kind)
        return False
    except Exception as error:  # a job may fail in any way; its row says how, and the sweeper tries again
        _fail(job, error)
        return False
    return True


def claim(job_id: UUID) -> Job | None:
    """Take a waiting job, or one whose lease has run out, for the time of a lease; else None."""
    found = Job.objects.raw(
        "UPDATE audit_job SET state = 'RUNNING', attempts = attempts + 1, claim = %s, sent = NULL,"
        " started = coalesce(started, clock_timestamp()),"
        " lease_until = clock_timestamp() + make_interval(secs => %s)"
        " WHERE id = (SELECT id FROM audit_job WHERE id = %s AND attempts < %s AND due <= clock_timestamp()"
        " AND (state = 'QUEUED' OR (state = 'RUNNING' AND lease_until < clock_timestamp()))"
        " FOR UPDATE SKIP LOCKED) RETURNING *",
        [uuid4(), seconds("LEASE", 60), job_id, ATTEMPTS],
    )
    return next(iter(found), None)


def sweep() -> int:
    """Bury jobs that have used up their attempts, send again those that were lost; return how many were sent.

    Several sweepers may run: an advisory lock lets one through.
    """
    if unreleased():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('audit.sweep'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "UPDATE audit_job SET state = 'DEAD', finished = clock_timestamp(), claim = NULL,"
            " error = CASE error WHEN '' THEN 'The worker was lost' ELSE error END"
            " WHERE state = 'RUNNING' AND lease_until < clock_timestamp() AND attempts >= %s"
            " RETURNING id, kind",
            [ATTEMPTS],
        )
        for job_id, kind in cursor.fetchall():
            log.error("job_dead", job=str(job_id), kind=kind)
        cursor.execute(
            "UPDATE audit_job SET sent = clock_timestamp() WHERE id IN (SELECT id FROM audit_job"
            " WHERE ((state = 'QUEUED' AND due < clock_timestamp() - make_interval(secs => %s))"
            " OR (state = 'RUNNING' AND lease_until < clock_timestamp()))"
            " AND (sent IS NULL OR sent < clock_timestamp() - make_interval(secs => %s))"
            " ORDER BY due LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, queue",
            [seconds("GRACE", 10), seconds("RESEND", 120), SWEPT_AT_ONCE],
        )
        lost = cursor.fetchall()
    unsent = [job_id for job_id, queue in lost if not publish(job_id, queue)]
    if unsent:
        Job.objects.filter(pk__in=unsent).update(sent=None)
    return len(lost) - len(unsent)


def _do(work: Work, job: Job, progress: Progress) -> None:
    if work.atomic:
        with acting(by=progress.by):
            _finish(job, progress, work.function(progress, **job.args))
    else:
        _finish(job, progress, work.function(progress, **job.args))


def _finish(job: Job, progress: Progress, result: Any) -> None:
    """Mark the job done; ClaimLostError (and with it the end of an atomic job) where it was taken over."""
    ended = Job.objects.raw(
        "UPDATE audit_job SET state = 'DONE', finished = clock_timestamp(), result = %s, error = '',"
        " done = greatest(%s, %s), total = %s, message = %s, claim = NULL, lease_until = NULL"
        " WHERE id = %s AND claim = %s RETURNING *",
        [
            Job._meta.get_field("result").get_db_prep_save(result, connection),
            progress.done,
            progress.total,
            progress.total,
            progress.message,
            job.pk,
            job.claim,
        ],
    )
    if not list(ended):
        raise ClaimLostError(str(job.pk))


def _is_away(error: Exception) -> bool:
    """Say whether a job met a server of others that is away, or a volume (a database's too) without room."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or room.is_full(error) or isinstance(error, AWAY)


def _fail(job: Job, error: Exception) -> None:
    """Put a failed job back for later, or bury it after its last attempt.

    What is away for a while costs no attempt: the job tries again every few minutes.
    """
    away = _is_away(error) and datetime.now(UTC) - job.created < WAITS
    dead = job.attempts >= ATTEMPTS and not away
    log.error("job_dead" if dead else "job_failed", job=str(job.pk), kind=job.kind, exc_info=error)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_job SET state = %s, error = %s, claim = NULL, lease_until = NULL,"
            " due = clock_timestamp() + make_interval(secs => %s), attempts = attempts - %s,"
            " finished = CASE WHEN %s THEN clock_timestamp() END WHERE id = %s AND claim = %s",
            [
                Job.State.DEAD if dead else Job.State.QUEUED,
                f"{type(error).__name__}: {error}".replace("\0", "")[:2000],
                seconds("RETRY", 10) * (30 if away else job.attempts),
                int(away),
                dead,
                job.pk,
                job.claim,
            ],
        )


@contextmanager
def _silent() -> Iterator[None]:
    yield


@contextmanager
def _beating(job: Job, progress: Progress) -> Iterator[None]:
    """Renew the lease, and write the progress, from a thread with its own connection."""
    ended = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(job, progress, ended), name=f"heart of {job.pk}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(job: Job, progress: Progress, ended: threading.Event) -> None:
    lease = seconds("LEASE", 60)
    pause = min(1.0, lease / 3)
    waited, said = 0.0, (0, 0, "")
    try:
        while not ended.wait(pause):
            waited += pause
            saying = (progress.done, progress.total, progress.message)
            if saying == said and waited < lease / 3:
                continue
            waited, said = 0.0, saying
            try:
                progress.lost = not _renew(job, saying, lease)
            except Error:  # the next beat tries again; the lease is three beats long
                connection.close()
    finally:
        connection.close()


def _renew(job: Job, saying: tuple[int, int, str], lease: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_job SET lease_until = clock_timestamp() + make_interval(secs => %s),"
            " done = %s, total = %s, message = %s WHERE id = %s AND claim = %s",
            [lease, *saying, job.pk, job.claim],
        )
        return cursor.rowcount == 1
