"""Refusing new pages that consent does not cover, whichever way they come (PRI-05)."""

from __future__ import annotations

from collections.abc import Sequence

from visits import consent_gate
from visits.capture.change import Change
from visits.capture.entry import NotSaved, Problem, SaveRefused
from visits.consent_gate import Shut
from visits.dossier import Dossier


class NotCovered(NotSaved):
    """Consent is not recorded, or was withdrawn before the visit: no new page may be opened."""

    def __init__(self, shut: Shut) -> None:
        super().__init__(shut.why.en)
        self.shut = shut


def pass_consent(dossier: Dossier, changes: Sequence[Change]) -> None:
    """Raise NotCovered, or SaveRefused at the date that lies after the withdrawal; for new pages alone."""
    problems = []
    for change in changes:
        if change.before is not None:
            continue
        page = change.after
        shut = consent_gate.shut(dossier, page.visit, page.form)
        if shut is not None:
            raise NotCovered(shut)
        item = consent_gate.collected_after(dossier, page.form, page.values)
        if item is not None:
            problems.append(Problem(change.number, item, "PRI-05", consent_gate.COLLECTED_AFTER))
    if problems:
        raise SaveRefused(problems)
