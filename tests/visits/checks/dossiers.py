"""Dossiers made in memory for the pure functions of the checks: no database, a few microseconds each.

    r = reading(DM={"age": 17}, IE={"inc01": "Y"}, LES=[{"lesion_no": "L1"}, {"lesion_no": "L2"}],
                M12={"FU": {"fu_date": date(2026, 3, 1)}, "DUS": [{...}, {...}]})
    assert fires("EC-001", r)

A keyword is a form (its values, or a list of values for each of its pages) or a visit (its forms likewise);
forms that are named alone stand at the visit where the schedule has them first, logs at none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from protocol.schedule import EXPECTED
from sites.models import ConsentVersion, Delegation, DeviceProduct, Membership, Site
from sites.reconsent import ConsentAsked
from subjects.models import Subject
from subjects.status import Status
from tests.records import page
from visits.checks import CHECKS, Finding, Reading
from visits.checks.writing import Writing
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord

NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
Pages = Mapping[str, Any] | list[Mapping[str, Any]]


@dataclass(slots=True)
class SaidFacts:
    """Facts of the study as a test states them."""

    site: Site = field(
        default_factory=lambda: Site(
            code="07", role="CLINICAL", status="ACTIVE", activation_date=date(2025, 1, 1)
        )
    )
    products: Mapping[str, DeviceProduct] = field(default_factory=dict)
    unknown_drugs: frozenset[str] = frozenset()
    consents: list[ConsentVersion] = field(default_factory=list)
    delegations: list[Delegation] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    others_enrolled: int = 0
    reconsent: ConsentAsked | None = None
    alike: list[str] = field(default_factory=list)
    status: Status | None = None
    written: list[Writing] = field(default_factory=list)

    def drugs_not_found(self, names: Iterable[str]) -> frozenset[str]:
        """Return which of these the test says the dictionary does not hold."""
        return frozenset(names) & self.unknown_drugs

    def status_of(self, subject: str) -> Status | None:
        """Return the status that the test says the other subject has."""
        return self.status

    def writings(self, pages: Iterable[uuid.UUID]) -> list[Writing]:
        """Return who wrote these pages, as the test says."""
        wanted = {str(page) for page in pages}
        return [one for one in self.written if one.page_id in wanted]

    def look_alikes(
        self, *, sex: str, birth_ym: str, target_limb: str, implant_dates: list[str], rescreen_of: str
    ) -> list[str]:
        """Return the subjects that the test says look alike."""
        return self.alike


def dossier(**said: Any) -> Dossier:
    """Return a dossier with these pages, in the order of the protocol."""
    pages: list[PageRecord] = []
    for name, given in said.items():
        if name in FORMS:
            _add(pages, name, _first_visit(name), given)
        else:
            for form, values in given.items():
                _add(pages, form, name, values)
    order = {form: position for position, form in enumerate(FORMS)}
    pages.sort(key=lambda record: (order[record.form], record.ordinal))
    subject = Subject(id=uuid.uuid4(), site_id="07", usubjid="DEFIER-07-012-K", created=NOW)
    return Dossier(subject=subject, pages=pages)


def reading(*, now: datetime = NOW, facts: SaidFacts | None = None, **said: Any) -> Reading:
    """Return what a check would be given: these pages, this time (1 July 2026), these facts."""
    return Reading(dossier(**said), facts or SaidFacts(), now)


def findings(check_id: str, r: Reading) -> list[Finding]:
    """Return what a check finds."""
    return list(CHECKS[check_id].finds(r))


def fires(check_id: str, r: Reading) -> bool:
    """Say whether a check holds anywhere."""
    return bool(findings(check_id, r))


def _first_visit(form: str) -> str | None:
    return next((visit for visit, forms in EXPECTED.items() if form in forms), None)


def _add(pages: list[PageRecord], form: str, visit: str | None, given: Pages) -> None:
    for values in [given] if isinstance(given, Mapping) else given:
        ordinal = 1 + sum(record.form == form for record in pages) if FORMS[form].repeating else 1
        record = page(form, dict(values), visit=visit, ordinal=ordinal)
        record.visit_code = visit.rstrip("0123456789") if visit and visit.startswith("UNS") else visit
        pages.append(record)
