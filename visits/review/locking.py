"""Locks: which stand over a page, and how the database's refusal reads."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import DatabaseError
from django.db.models import Q

from visits.models import Lock

REFUSED = "P0E05"


def covering(*, subject_id: uuid.UUID, page_ids: Sequence[uuid.UUID] = ()) -> list[Lock]:
    """Return the standing locks over a subject and these pages of it: page, subject or study."""
    return list(
        Lock.objects.filter(released_at=None).filter(
            Q(level=Lock.Level.STUDY)
            | Q(level=Lock.Level.SUBJECT, subject_id=subject_id)
            | Q(level=Lock.Level.PAGE, page_id__in=list(page_ids))
        )
    )


def refused_by_lock(error: DatabaseError) -> bool:
    """Say whether the database refused a write because of a lock (LCK-01)."""
    return getattr(error.__cause__, "sqlstate", None) == REFUSED
