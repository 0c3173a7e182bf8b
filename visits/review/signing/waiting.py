"""What waits for a signature, by subject and visit, for any number of subjects in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections
from django.urls import reverse

from audit.actors import Actor
from sites.access import visible_sites
from sites.roles import Action
from visits.models import visit_key
from visits.review.signing.ready import SIGNABLE

# A page is ready when nothing required is missing, no hard check holds on it and no query stands; locks are
# looked at when it is opened.
_WAITING = """
    SELECT u.id, u.usubjid, v.code, v.ordinal,
           count(*) FILTER (WHERE NOT w.signed AND w.settled) AS ready,
           count(*) FILTER (WHERE NOT w.signed AND NOT w.settled) AS refused,
           count(*) FILTER (WHERE w.broken) AS broken,
           count(*) FILTER (WHERE w.signed) AS signed
    FROM (SELECT p.subject_id, p.visit_id,
                 coalesce(s.state = 'valid' AND NOT s.addendum, false) AS signed,
                 coalesce(s.state = 'broken', false) AS broken,
                 (p.not_done OR p.unanswered + p.contradicted = 0) AND q.page_id IS NULL AS settled
            FROM visits_page p
            LEFT JOIN visits_signed s ON s.page_id = p.id AND s.subject_id = p.subject_id
            LEFT JOIN (SELECT DISTINCT page_id FROM visits_query WHERE state IN ('OPEN', 'ANSWERED')) q
                   ON q.page_id = p.id
           WHERE NOT p.removed AND p.form = ANY(%(forms)s)
             AND (%(sites)s::text[] IS NULL OR p.site_id = ANY(%(sites)s))) w
    JOIN subjects_subject u ON u.id = w.subject_id AND u.voided_at IS NULL
    LEFT JOIN visits_visit v ON v.id = w.visit_id
    GROUP BY u.id, u.usubjid, v.id ORDER BY u.usubjid, v.code, v.ordinal"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One visit of one subject (`visit` empty: the logs), and how many of its pages stand where."""

    subject_id: uuid.UUID
    usubjid: str
    visit: str
    ready: int
    refused: int
    broken: int
    signed: int

    @property
    def url(self) -> str:
        """Where its pages are signed."""
        return f"{reverse('signing-subject', args=[self.subject_id])}?visit={self.visit or 'LOG'}"


def waiting(by: Actor) -> list[Waiting]:
    """Return every visit at the sites where this person signs, with its pages counted; one statement."""
    sites = visible_sites(by, Action.SIGN)
    asked = {"forms": sorted(SIGNABLE), "sites": None if sites is None else sorted(sites)}
    with connections["default"].cursor() as cursor:
        cursor.execute(_WAITING, asked)
        rows = cursor.fetchall()
    return [
        Waiting(subject, usubjid, visit_key(code, ordinal) if code else "", *counts)
        for subject, usubjid, code, ordinal, *counts in rows
    ]


def totals(found: Iterable[Waiting]) -> tuple[int, int]:
    """Return how many pages are ready to sign, and how many signatures are broken."""
    found = list(found)
    return sum(one.ready for one in found), sum(one.broken for one in found)
