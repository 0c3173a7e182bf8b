"""Asking for work to be done later: a job row commits with its cause and is sent after the commit.

PostgreSQL holds the truth and the broker is a wire: where it is down nothing fails, the sweeper sends again.
The functions that do the work are registered with @job in modules `jobs` or `tasks` of their application,
which job workers import and web processes do not.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import structlog
from celery import current_app
from django.db import transaction

from audit.actors import Actor
from audit.models import Job

log = structlog.get_logger(__name__)

LONGEST_ARGUMENT = 200
QUIET_SECONDS = 5.0
State = Job.State
# What may follow what: from which states, to which. One whose worker was lost is claimed again as it runs.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "claim": (frozenset({State.QUEUED}), State.RUNNING),
    "finish": (frozenset({State.RUNNING}), State.DONE),
    "put_back": (frozenset({State.RUNNING}), State.QUEUED),
    "bury": (frozenset({State.RUNNING}), State.DEAD),
    "retry": (frozenset({State.DEAD}), State.QUEUED),
    "discard": (frozenset({State.DEAD}), State.DISCARDED),
}

Function = Callable[..., Any]


class ClaimLostError(Exception):
    """Another worker has taken this job over: what is left of it must not be done."""


class Progress:
    """What a job function is given first: who it acts as, and where it says how far it is.

    What is said is written about once a second by a thread of its own (audit.running), outside of the job's
    transactions, so that the person who waits sees it at once.
    """

    def __init__(self, *, by: Actor, job: UUID | None = None) -> None:
        self.by = by
        self.job = job
        self.done = 0
        self.total = 0
        self.message = ""
        self.lost = False

    def set(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is; ClaimLostError where another worker has taken the job over."""
        if self.lost:
            raise ClaimLostError(str(self.job))
        self.done, self.total, self.message = done, total, message


@dataclass(frozen=True, slots=True)
class Work:
    """A registered job function; one that is atomic runs in one transaction with the end of its job."""

    kind: str
    function: Function
    queue: str
    atomic: bool


REGISTRY: dict[str, Work] = {}


def job(kind: str, *, queue: str = "default", atomic: bool = False) -> Callable[[Function], Function]:
    """Register function(progress, **args) -> result (JSON or None) as the work of `kind`.

    It may be run again after a crash, so its effects must be keyed; with atomic=True they commit together
    with the end of the job, hence once, and it runs inside acting(by=progress.by).
    """

    def register(function: Function) -> Function:
        known = REGISTRY.get(kind)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"Two functions do the job {kind}")
        REGISTRY[kind] = Work(kind, function, queue, atomic)
        return function

    return register


def enqueue(
    kind: str, *, by: Actor, args: Mapping[str, Any], key: str | None = None, queue: str | None = None
) -> Job:
    """Ask for a job; its row commits with the caller's transaction and is sent afterwards.

    `args` are ids, never data (TypeError). With a key, the job that has it already is returned instead.
    `queue` is needed where the process does not import the function (default, pdf).
    """
    wanted = Job(
        id=uuid4(),
        kind=kind,
        queue=queue or (REGISTRY[kind].queue if kind in REGISTRY else "default"),
        args={name: _identifier(name, value) for name, value in args.items()},
        key=key,
        by_user=by.user_id,
        by_name=by.name,
        by_role=by.role,
        by_site=by.site,
        request_id=by.request_id,
    )
    if key is None:
        wanted.save(force_insert=True)
    else:
        Job.objects.bulk_create([wanted], ignore_conflicts=True)
        kept = Job.objects.get(key=key)
        if kept.pk != wanted.pk:
            return kept
        wanted = kept
    transaction.on_commit(partial(publish, wanted.pk, wanted.queue), robust=True)
    return wanted


def job_for(by: Actor, job_id: UUID) -> Job | None:
    """Return the job where `by` is the person who asked for it, else None."""
    if by.user_id is None:
        return None
    return Job.objects.filter(pk=job_id, by_user=by.user_id).first()


_quiet_until = 0.0


def publish(job_id: UUID, queue: str) -> bool:
    """Send the hint that a job waits; False, and a line in the log, where the broker cannot be reached.

    After a failure it is not tried for some seconds, so that requests do not wait for a broker that is down.
    """
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        current_app.send_task(
            "audit.run_job", args=[str(job_id)], queue=queue, retry=False, ignore_result=True
        )
    except Exception as error:  # whatever the wire does, the row is safe and the sweeper sends again
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("broker_unreachable", job=str(job_id), error=type(error).__name__)
        return False
    return True


def _identifier(name: str, value: Any) -> Any:
    """Return an argument as JSON; TypeError for what is no id (number, short text, list of these)."""
    if isinstance(value, list | tuple | set | frozenset):
        return [_identifier(name, one) for one in value]
    if isinstance(value, UUID):
        return str(value)
    if (
        value is None
        or isinstance(value, bool | int)
        or (isinstance(value, str) and len(value) <= LONGEST_ARGUMENT)
    ):
        return value
    raise TypeError(f"The argument {name} of a job is an id, not {type(value).__name__}")
