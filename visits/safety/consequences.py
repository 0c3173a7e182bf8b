"""What safety reporting makes of a save: those responsible are told, deviations are made and withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from audit import jobs
from audit.actors import Actor
from subjects.models import Subject
from visits.capture.change import Change
from visits.checks.reading import Facts
from visits.checks.running import Outcome
from visits.dossier import Dossier, PageRecord
from visits.safety import deviations


def follow(
    subject: Subject,
    dossier: Dossier,
    changes: Sequence[Change],
    outcome: Outcome,
    facts: Facts,
    *,
    by: Actor,
    store: deviations.Store,
) -> None:
    """Do what follows from a save, inside its transaction; `store` is the one write path.

    Nothing is read or written where nothing follows.
    """
    for change in changes:
        if change.entry.form == "AE" and _is_serious(change.after) and not _is_serious(change.before):
            # The key is the page's: whoever calls it serious again later tells nobody anew.
            jobs.enqueue(
                "sae_notice", by=by, args={"page": change.after.id}, key=f"sae_notice-{change.after.id}"
            )
    deviations.follow(subject, dossier, changes, outcome, facts, by=by, store=store)


def _is_serious(page: PageRecord | None) -> bool:
    return page is not None and not page.removed and page.values.get("ae_serious") == "Y"
