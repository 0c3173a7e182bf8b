"""How far verification is, in pages: verified, changed since, waiting; counted and listed in SQL."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection

from audit.actors import Actor
from protocol.schedule import VISIT
from protocol.words import Bilingual, T
from sites.access import visible_sites
from sites.roles import Action
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import visit_key
from visits.review.sdv.plan import InForce
from visits.review.sdv.standing import MARKS, pages_sql

STATES: dict[str, Bilingual] = {
    "verified": T("verified", "已核查"),
    "changed": T("changed since", "核查后变更"),
    "waiting": T("to verify", "待核查"),
}
# A page on which something waits is waiting, whatever else of it has changed.
_STATE = "CASE WHEN d.pending > 0 THEN 'waiting' WHEN d.stale > 0 THEN 'changed' ELSE 'verified' END"


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """A page of which the plan asks for items, and how far its verification is."""

    subject_id: uuid.UUID
    usubjid: str
    site: str
    form: str
    ordinal: int
    visit: str | None
    due: int
    pending: int
    stale: int


def counted(*, by: Actor, plan: InForce, site: str = "") -> dict[tuple[str, str], int]:
    """Count the pages by site and state; one statement whatever the size of the study."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH m AS ({MARKS}), d AS ({pages_sql(plan)})
                SELECT p.site_id, {_STATE}, count(*)
                  FROM d JOIN visits_page p ON p.id = d.page_id
                 WHERE d.due > 0 OR d.stale > 0 GROUP BY 1, 2""",  # noqa: S608 our own
            {"sites": _sites(by, site)},
        )
        return {(at, state): number for at, state, number in cursor.fetchall()}


def listed(*, by: Actor, plan: InForce, state: str, site: str = "") -> list[VerifiedPage]:
    """Return the pages in a state, by site, subject and schedule; one statement."""
    order = {code: number for number, code in enumerate([*VISIT, LOG])}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH m AS ({MARKS}), d AS ({pages_sql(plan)})
                SELECT s.id, s.usubjid, p.site_id, p.form, p.ordinal, v.code, v.ordinal,
                       d.due, d.pending, d.stale
                  FROM d JOIN visits_page p ON p.id = d.page_id JOIN subjects_subject s ON s.id = p.subject_id
                  LEFT JOIN visits_visit v ON v.id = p.visit_id
                 WHERE (d.due > 0 OR d.stale > 0) AND {_STATE} = %(state)s""",  # noqa: S608 our own
            {"sites": _sites(by, site), "state": state},
        )
        rows = cursor.fetchall()
    forms = list(FORMS)
    rows.sort(
        key=lambda row: (row[2], row[1], order[row[5] or LOG], row[6] or 0, forms.index(row[3]), row[4])
    )
    return [
        VerifiedPage(subject, usubjid, at, form, number, visit_key(code, nth) if code else None, *counts)
        for subject, usubjid, at, form, number, code, nth, *counts in rows
    ]


def _sites(by: Actor, site: str) -> list[str] | None:
    seen = visible_sites(by, Action.SDV_READ)
    if site:
        return [site] if seen is None or site in seen else []
    return None if seen is None else sorted(seen)
