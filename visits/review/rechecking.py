"""Running every check of one subject anew, where more has moved than a save knows of."""

from __future__ import annotations

from audit import clock
from audit.actors import Actor
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import write
from visits.checks import CHECKS, Reading, StoredFacts, running
from visits.dossier import Dossier
from visits.review.queries import settle_checks


def recheck(subject: Subject, *, by: Actor) -> Dossier:
    """Run all checks over a subject as it stands, settle their queries, count its pages anew; in acting()."""
    dossier = dossiers.load(subject)
    outcome = running.run(
        Reading(dossier, StoredFacts(subject), clock.now()), list(CHECKS.values()), pages=dossier.pages
    )
    write.recount(dossier, dossier.pages, outcome.contradicted)
    settle_checks(subject=subject, outcome=outcome, by=by)
    return dossier
