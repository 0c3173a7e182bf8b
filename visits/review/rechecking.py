"""Running checks of subjects anew, where more has moved than a save knows of: time, the study, the checks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.jobs import Progress
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import write
from visits.checks import CHECKS, Check, Reading, StoredFacts, running
from visits.checks.check import FACTS
from visits.dossier import Dossier
from visits.review import guard
from visits.review.guard import Act
from visits.review.queries import settle_checks

NAME = "edit checks"


def recheck(
    subject: Subject, *, by: Actor, checks: Sequence[Check] | None = None, candidates: bool = False
) -> Dossier:
    """Run checks over a subject as it stands, settle their queries, count its pages anew; in acting().

    Without `checks`, all of them and the own checks of every page. `candidates` opens new queries for the
    data manager to look at before the site sees them. Nothing of what was entered is changed (EDQ-05).
    """
    dossier = dossiers.load(subject, asked=True)
    whole = checks is None
    pages = dossier.pages if whole else []
    wanted = list(CHECKS.values()) if checks is None else checks
    outcome = running.run(Reading(dossier, StoredFacts(subject), clock.now()), wanted, pages=pages)
    standing = guard.of(dossier)
    write.recount(dossier, pages, outcome.contradicted, standing=standing)
    settle_checks(
        subject=subject,
        outcome=outcome,
        by=by,
        asked=dossier.asked,
        candidates=candidates,
        standing=standing,
    )
    return dossier


def recheck_study(progress: Progress, *, candidates: bool = False) -> dict[str, Any]:
    """Run all checks over all subjects, one transaction each; may be run again at any time."""
    return _all(progress, None, candidates=candidates)


def recheck_facts(progress: Progress) -> dict[str, Any]:
    """Run the checks that read the day, or facts that move without a save, over all subjects."""
    return _all(progress, [one for one in CHECKS.values() if one.reads & FACTS], candidates=False)


def _all(progress: Progress, checks: Sequence[Check] | None, *, candidates: bool) -> dict[str, Any]:
    wanted = list(Subject.objects.filter(voided_at=None).order_by("usubjid").values_list("pk", flat=True))
    locked = 0
    for done, subject_id in enumerate(wanted):
        progress.set(done, len(wanted), "subjects")
        locked += not _one(subject_id, checks, by=progress.by, candidates=candidates)
    progress.set(len(wanted), len(wanted), "subjects")
    return {"subjects": len(wanted) - locked, "locked": locked, "url": "/checks/"}


def _one(subject_id: uuid.UUID, checks: Sequence[Check] | None, *, by: Actor, candidates: bool) -> bool:
    """Recheck one subject; a locked one stays as it was locked, and False is returned."""
    system = Actor.system(NAME, on_behalf_of=by.user_id or by.name)
    with acting(by=system):
        subject = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject_id)
        if not guard.over(subject.pk).may(Act.QUERY):
            return False
        recheck(subject, by=system, checks=checks, candidates=candidates)
    return True
