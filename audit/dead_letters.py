"""Jobs that failed three times: what a person does with them, and clearing away what is long done.

Whoever calls these has asked whether the person may (sites.roles, JOB_HANDLE). Each act is an event of the
study's chain, since job rows themselves are not watched.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from audit.actors import Actor
from audit.context import acting, record_event
from audit.jobs import publish
from audit.models import Job

KEPT_DAYS = 30


class NotDeadError(Exception):
    """The job waits, runs or is done: somebody has handled it meanwhile."""


def dead() -> QuerySet[Job]:
    """Return the jobs that have used up their attempts, newest first."""
    return Job.objects.filter(state=Job.State.DEAD).order_by("-finished", "id")


def error_class(job: Job) -> str:
    """Return the kind of error alone: its words may hold what somebody entered."""
    kind = job.error.split(":", 1)[0].strip()
    return kind if kind.isidentifier() or kind == "The worker was lost" else ""


def retry(*, job_id: UUID, by: Actor) -> Job:
    """Give a dead job three more attempts; NotDeadError where it is not dead."""
    with acting(by=by):
        job = _taken(
            "UPDATE audit_job SET state = 'QUEUED', attempts = 0, due = clock_timestamp(), sent = NULL,"
            " finished = NULL, claim = NULL, lease_until = NULL WHERE id = %s AND state = 'DEAD' RETURNING *",
            [job_id],
        )
        record_event("job_retried", by=by, detail=_detail(job))
        transaction.on_commit(partial(publish, job.pk, job.queue), robust=True)
    return job


def discard(*, job_id: UUID, reason: str, by: Actor) -> Job:
    """Take a dead job from the list for a reason (ValueError without one); NotDeadError as in retry.

    Its key is given free, so that the same work can be asked for again.
    """
    if not reason.strip():
        raise ValueError("Say why the job is discarded")
    with acting(by=by):
        job = _taken(
            "UPDATE audit_job SET state = 'DISCARDED', key = NULL WHERE id = %s AND state = 'DEAD'"
            " RETURNING *",
            [job_id],
        )
        record_event("job_discarded", by=by, detail={**_detail(job), "reason": reason.strip()})
    return job


def prune() -> int:
    """Delete what was done or discarded long ago and has no key to keep it from being done again; how many.

    A periodic job's key names its day, so that it goes as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_job WHERE state IN ('DONE', 'DISCARDED')"
            " AND finished < clock_timestamp() - make_interval(days => %s)"
            r" AND (key IS NULL OR key ~ '-\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2})?)?$')",
            [KEPT_DAYS],
        )
        return int(cursor.rowcount)


def _taken(statement: str, values: list[Any]) -> Job:
    job = next(iter(Job.objects.raw(statement, values)), None)
    if job is None:
        raise NotDeadError
    return job


def _detail(job: Job) -> dict[str, Any]:
    return {"job": str(job.pk), "kind": job.kind, "error": error_class(job)}
