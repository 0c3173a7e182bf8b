"""Re-consent (protocol §3.3): who owes it, and whether a day lies after it was due without it.

Nothing is refused for want of it, since whatever really happened must be recordable (design §3.7): a page
says plainly that re-consent is due, and a visit of after the day opens a query (visits.checks.reconsent).
Collecting nothing is for the site to decide, and for the exit page to record.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from audit import clock
from audit.actors import Actor
from sites.access import visible_sites
from sites.reconsent import ASKED, NEWEST, ConsentAsked
from sites.roles import Action
from subjects.models import Subject
from subjects.status import Status
from visits.dossier import Dossier

_DUE = f"""
    SELECT s.id, s.usubjid, s.site_id, q.asked ->> 'version', (q.asked ->> 'since')::date
      FROM subjects_subject s
      JOIN sites_site si ON si.code = s.site_id
      CROSS JOIN LATERAL (SELECT ({NEWEST.format(site="si.code")}) AS asked) q
      JOIN (visits_page pic JOIN crf_ic ic ON ic.page_id = pic.id AND NOT pic.removed)
             ON ic.subject_id = s.id AND ic.consent_obtained = 'Y'
     WHERE s.voided_at IS NULL AND q.asked IS NOT NULL AND (%s::text[] IS NULL OR s.site_id = ANY(%s))
       AND (left(s.usubjid, 9) <> 'DEFIER-' || s.site_id
            OR NOT (q.asked -> 'enough') ? coalesce(ic.consent_version, ''))
       AND NOT EXISTS (SELECT 1 FROM crf_icre r JOIN visits_page p ON p.id = r.page_id AND NOT p.removed
                        WHERE r.subject_id = s.id AND r.reconsent_given IS NOT NULL
                          AND (q.asked -> 'enough') ? coalesce(r.reconsent_version, ''))
       AND NOT EXISTS (SELECT 1 FROM visits_page p WHERE p.subject_id = s.id AND NOT p.removed
                          AND NOT p.not_done AND p.form IN ('EXIT', 'DTH'))
       AND NOT (EXISTS (SELECT 1 FROM crf_ie e JOIN visits_page p ON p.id = e.page_id AND NOT p.removed
                         WHERE e.subject_id = s.id AND e.elig_outcome = 'SF')
                AND NOT EXISTS (SELECT 1 FROM crf_pr x
                                  JOIN visits_page p ON p.id = x.page_id AND NOT p.removed
                                 WHERE x.subject_id = s.id AND x.study_dev_introduced = 'Y'))
     ORDER BY 5, s.usubjid"""  # noqa: S608 our own statement


@dataclass(frozen=True, slots=True)
class ReconsentDue:
    """A subject in the study who has to sign a newer version of the consent form, and since when."""

    subject_id: uuid.UUID
    usubjid: str
    site: str
    version: str
    since: date

    @property
    def days(self) -> int:
        """For how many days it has been due."""
        return (clock.today() - self.since).days


def reconsents_due(*, by: Actor) -> list[ReconsentDue]:
    """Return the subjects that owe a re-consent, those due longest first, in one statement."""
    sites = visible_sites(by, Action.SUBJECT_READ)
    if sites == set():
        return []
    codes = None if sites is None else sorted(sites)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [clock.today(), codes, codes])
        return [ReconsentDue(*row) for row in cursor.fetchall()]


def asked_of(subject: Subject) -> ConsentAsked | None:
    """Return what a subject's site asks to be signed again; one statement where no fetch has brought it."""
    if ASKED in subject.__dict__:
        return ConsentAsked.read(subject.__dict__[ASKED])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({NEWEST.format(site='%s')})::text",
            [subject.site_id, clock.today()],
        )
        stored = cursor.fetchone()[0]
    found = None if stored is None else json.loads(stored)
    subject.__dict__[ASKED] = found
    return ConsentAsked.read(found)


def owed_by(dossier: Dossier) -> ConsentAsked | None:
    """Return the version that this subject has to sign again, None where nothing is owed."""
    if dossier.value("ic.consent_obtained") != "Y" or _has_left(dossier):
        return None
    asked = asked_of(dossier.subject)
    if asked is None or _first_is_enough(dossier, asked):
        return None
    answered = (page for page in dossier.of("ICRE") if page.get("reconsent_given") is not None)
    return None if any(page.get("reconsent_version") in asked.enough for page in answered) else asked


def without_consent_on(dossier: Dossier, days: Iterable[date], asked: ConsentAsked | None) -> set[date]:
    """Return those of these days that lie after a re-consent was due and before it was given.

    `asked`: what the subject's site asks to be signed again (asked_of).
    """
    if asked is None or dossier.value("ic.consent_obtained") != "Y" or _first_is_enough(dossier, asked):
        return set()
    given = [
        page.get("reconsent_date")
        for page in dossier.of("ICRE")
        if page.get("reconsent_given") == "Y" and page.get("reconsent_version") in asked.enough
    ]
    first = min((day for day in given if day is not None), default=None)
    return {day for day in days if day >= asked.since and (first is None or day < first)}


def _first_is_enough(dossier: Dossier, asked: ConsentAsked) -> bool:
    """Whether the first consent is to a version as new; one given at another site is not this site's."""
    own = not dossier.subject.is_transferred
    return own and dossier.value("ic.consent_version") in asked.enough


def _has_left(dossier: Dossier) -> bool:
    gone = dossier.one("EXIT") is not None or dossier.one("DTH") is not None
    return gone or dossier.status() in (Status.SCREEN_FAIL, Status.DEAD)
