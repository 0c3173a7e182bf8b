"""Subjects created in error: voided, so that they count nowhere, and restored where that was the error.

Voiding marks every standing page as removed and closes every query, so that whatever leaves removed pages out
leaves the subject out; what was marked is kept with the act, and restoring brings back exactly that. The
number is never used again, since numbers are counted over voided subjects too. Meanwhile the database refuses
every write (visits/sql/lock.sql).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.http import Http404

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from sites.access import can, require
from sites.roles import Action
from subjects.models import Subject, Voiding
from visits.capture.entry import Locked
from visits.models import Page, Query
from visits.review import locking
from visits.review.queries import close_obsolete, reopen_obsolete
from visits.review.rechecking import recheck

STANDING = ("CANDIDATE", "OPEN", "ANSWERED")


class AlreadyDone(Exception):
    """The subject is voided already, or stands already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What voiding a subject takes out, shown before it is done."""

    pages: int
    queries: int
    results: int


def what_goes(subject: Subject) -> Taken:
    """Count what voiding would take out."""
    return Taken(
        pages=Page.objects.filter(subject=subject, removed=False).count(),
        queries=Query.objects.filter(subject=subject, state__in=STANDING).count(),
        results=subject.results.count(),
    )


def void_subject(*, subject: Subject, by: Actor, reason: str) -> Voiding:
    """Void a subject that was created in error.

    Raises PermissionDenied, ValueError without a reason, AlreadyDone, Locked under any standing lock.
    """
    require(by, Action.SUBJECT_VOID, subject.site_id)
    said = _reason(reason)
    try:
        with acting(by=by, reason=Reason("OTHER", said)):
            locked = _taken(subject.pk)
            if locked.voided_at is not None:
                raise AlreadyDone(locked.usubjid)
            pages = list(
                Page.objects.filter(subject=locked, removed=False).order_by("pk").values_list("pk", flat=True)
            )
            queries = list(Query.objects.filter(subject=locked, state__in=STANDING).order_by("pk"))
            close_obsolete(queries, by=by)
            Page.objects.filter(pk__in=pages).update(
                removed=True, revision=F("revision") + 1, unanswered=0, contradicted=0
            )
            act = Voiding.objects.create(
                site_id=locked.site_id,
                subject=locked,
                reason=said,
                by_id=by.user_id or "",
                by_name=by.name,
                at=clock.now(),
                pages=pages,
                queries=[query.pk for query in queries],
            )
            locked.voided_at = act.at
            locked.save(update_fields=["voided_at"])
            jobs.enqueue("recompute_subject", by=by, args={"subject": str(locked.pk)})
    except DatabaseError as error:
        raise _as_locked(error, subject) from error
    return act


def restore_subject(*, subject: Subject, by: Actor, reason: str) -> Voiding:
    """Bring a voided subject back as it was: its pages, the queries of people; checks run anew.

    Raises PermissionDenied, ValueError without a reason, AlreadyDone, Locked.
    """
    require(by, Action.SUBJECT_VOID, subject.site_id)
    said = _reason(reason)
    try:
        with acting(by=by, reason=Reason("OTHER", said)):
            locked = _taken(subject.pk)
            act = Voiding.objects.filter(subject=locked, restored_at=None).first()
            if locked.voided_at is None or act is None:
                raise AlreadyDone(locked.usubjid)
            locked.voided_at = None
            locked.save(update_fields=["voided_at"])
            act.restored_at, act.restored_by, act.restored_reason = clock.now(), by.name, said
            act.save(update_fields=["restored_at", "restored_by", "restored_reason"])
            Page.objects.filter(pk__in=act.pages).update(removed=False, revision=F("revision") + 1)
            asked = Query.objects.filter(pk__in=act.queries, origin=Query.Origin.MANUAL).order_by("pk")
            reopen_obsolete(list(asked), by=by)
            recheck(locked, by=by)
            jobs.enqueue("recompute_subject", by=by, args={"subject": str(locked.pk)})
    except DatabaseError as error:
        raise _as_locked(error, subject) from error
    return act


def voided_visible(*, by: Actor) -> QuerySet[Voiding]:
    """Return the standing acts of voiding, the newest first; PermissionDenied for roles that may not read."""
    require(by, Action.VOIDED_READ)
    return Voiding.objects.filter(restored_at=None).select_related("subject", "site").order_by("-at", "id")


def voided_or_404(by: Actor, subject_id: uuid.UUID) -> Voiding:
    """Return the act by which a subject stands voided; 404 where it does not, or for other sites."""
    found = voided_visible(by=by).filter(subject_id=subject_id).first()
    if found is None or not can(by, Action.VOIDED_READ, found.site_id):
        raise Http404
    return found


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("voiding and restoring need a reason")
    return text.strip()


def _taken(subject: uuid.UUID) -> Subject:
    return Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject)


def _as_locked(error: DatabaseError, subject: Subject) -> Exception:
    return Locked(subject.usubjid) if locking.refused_by_lock(error) else error
