"""What changes for safety reporting without a save: visits that never came, reports that were never made."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from audit.actors import Actor
from audit.context import acting
from audit.jobs import Progress
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.save import store
from visits.checks import CHECKS
from visits.review import guard, rechecking
from visits.review.guard import Act
from visits.safety import deviations
from visits.safety.deviations import NAME

UNREPORTED = "EC-136"


def settle_all(progress: Progress) -> dict[str, Any]:
    """Settle the deviations of every subject, one transaction each; returns how many were written."""
    wanted = list(Subject.objects.filter(voided_at=None).order_by("usubjid").values_list("pk", flat=True))
    written = 0
    for done, subject_id in enumerate(wanted):
        progress.set(done, len(wanted), "subjects")
        written += settle_one(subject_id)
    progress.set(len(wanted), len(wanted), "subjects")
    return {"subjects": len(wanted), "written": written}


def settle_unreported(subject_ids: Iterable[uuid.UUID]) -> int:
    """Ask about the reports that these subjects' sites have not made in time, and settle the deviations."""
    return sum(settle_one(subject_id, asking=True) for subject_id in subject_ids)


def settle_one(subject_id: uuid.UUID, *, asking: bool = False) -> bool:
    """Make one subject's deviations agree with the day; a locked one is left as it was locked.

    `asking`: the check of reports that were not made runs as well, since no save moves the hour.
    """
    system = Actor.system(NAME)
    with acting(by=system):
        subject = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject_id)
        if not guard.over(subject.pk).may(Act.ADD):
            return False
        if asking:
            dossier = rechecking.recheck(subject, by=system, checks=[CHECKS[UNREPORTED]])
        else:
            dossier = dossiers.load(subject, asked=True)
        return deviations.follow_anew(subject, dossier, by=system, store=store)
