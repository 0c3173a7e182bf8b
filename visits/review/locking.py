"""Locks: making one, which stand over a page, and how the database's refusal reads (LCK-01).

The database refuses every write under a standing lock, and lets one win between a save and a lock
(visits/sql/lock.sql); nothing here is needed for that.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from sites.access import require, visible_sites
from sites.roles import Action
from subjects.models import Subject
from visits.models import Lock, Page

REFUSED = ("P0E05", "P0E08")  # under a standing lock; of a subject that was voided meanwhile


class AlreadyLocked(Exception):
    """A standing lock covers already what should be locked."""


def lock(
    *, level: str, by: Actor, reason: str, subject: Subject | None = None, page: Page | None = None
) -> Lock:
    """Lock a page, a subject or the study, and have its snapshot made; one act.

    Raises PermissionDenied, ValueError without a reason or where level and target do not fit, AlreadyLocked.
    """
    subject = page.subject if page is not None else subject
    _fits(level, subject, page)
    require(by, Action.LOCK, subject.site_id if subject else None)
    if not reason.strip():
        raise ValueError("a lock needs a reason")
    with acting(by=by, reason=Reason("OTHER", reason.strip())):
        _wait_for_writes(subject)
        if covering(subject_id=subject.pk if subject else None, page_ids=[page.pk] if page else []):
            raise AlreadyLocked(level)
        made = Lock.objects.create(
            level=level,
            site_id=subject.site_id if subject else None,
            subject=subject,
            page=page,
            reason=reason.strip(),
            by_name=by.name,
            created_at=clock.now(),
        )
        jobs.enqueue("build_snapshot", by=by, args={"lock": made.pk}, key=f"snapshot:{made.pk}")
    return made


def _fits(level: str, subject: Subject | None, page: Page | None) -> None:
    wanted = {
        Lock.Level.STUDY: (False, False),
        Lock.Level.SUBJECT: (True, False),
        Lock.Level.PAGE: (True, True),
    }
    if wanted.get(Lock.Level(level)) != (subject is not None, page is not None):
        raise ValueError(f"a lock of {level} does not fit what is named")


def _wait_for_writes(subject: Subject | None) -> None:
    """Take what the lock's trigger takes, the door or the subject's row: two locks come one by one."""
    if subject is not None:
        Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('visits.lock'))")


def covering(*, subject_id: uuid.UUID | None, page_ids: Sequence[uuid.UUID] = ()) -> list[Lock]:
    """Return the standing locks over a subject (None: over the study) and these pages of it."""
    return list(
        Lock.objects.filter(released_at=None).filter(
            Q(level=Lock.Level.STUDY)
            | Q(level=Lock.Level.SUBJECT, subject_id=subject_id)
            | Q(level=Lock.Level.PAGE, page_id__in=list(page_ids))
        )
    )


def locks_visible(*, by: Actor) -> QuerySet[Lock]:
    """Return all locks that this person may read, the newest first; PermissionDenied for roles without."""
    require(by, Action.LOCK_READ)
    found = Lock.objects.select_related("subject", "page__visit").order_by("-created_at", "id")
    sites = visible_sites(by, Action.LOCK_READ)
    return found if sites is None else found.filter(Q(site_id__in=sites) | Q(level=Lock.Level.STUDY))


def refused_by_lock(error: DatabaseError) -> bool:
    """Say whether the database refused a write because of a lock, or for a voided subject (LCK-01)."""
    return getattr(error.__cause__, "sqlstate", None) in REFUSED
