"""What time alone changes for safety reporting: deviations of visits that never came, reports never made."""

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
from visits.models import Lock
from visits.safety import deviations
from visits.safety.deviations import NAME

# Who was treated may miss a visit; who has a serious event may be reported late.
_CONCERNED = """
    SELECT s.id FROM subjects_subject s
     WHERE EXISTS (SELECT 1 FROM crf_pr c WHERE c.subject_id = s.id AND c.study_dev_introduced = 'Y')
        OR EXISTS (SELECT 1 FROM crf_ae a WHERE a.subject_id = s.id AND a.ae_serious = 'Y')
     ORDER BY s.usubjid"""


def settle_all(progress: Progress) -> dict[str, Any]:
    """Settle every subject whom time can concern, one transaction each; returns how many were written."""
    wanted = [one.pk for one in Subject.objects.raw(_CONCERNED)]
    written = 0
    for done, subject_id in enumerate(wanted):
        progress.set(done, len(wanted), "subjects")
        written += settle_one(subject_id)
    progress.set(len(wanted), len(wanted), "subjects")
    return {"subjects": len(wanted), "written": written}


def settle_these(subject_ids: Iterable[uuid.UUID]) -> int:
    """Settle these subjects; returns how many were written."""
    return sum(settle_one(subject_id) for subject_id in subject_ids)


def settle_one(subject_id: uuid.UUID) -> bool:
    """Make one subject's deviations agree with the day; a locked one is left as it was locked."""
    system = Actor.system(NAME)
    with acting(by=system):
        subject = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject_id)
        if _is_locked(subject):
            return False
        return deviations.follow_time(subject, dossiers.load(subject), by=system, store=store)


def _is_locked(subject: Subject) -> bool:
    standing = Lock.objects.filter(released_at=None)
    covering = standing.filter(level=Lock.Level.STUDY) | standing.filter(
        level=Lock.Level.SUBJECT, subject=subject
    )
    return covering.exists()
