"""Which version of the consent form subjects of a site have to sign again, read beside the subject.

It comes with the statement that reads the subject, so that a page which has to warn costs none of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from audit import clock

ASKED = "consent_asked"
# The newest version that has to be signed again by now, and the versions that are as new as it.
NEWEST = """
    SELECT jsonb_build_object(
               'version', w.version, 'since', w.reconsent_from,
               'enough', (SELECT jsonb_agg(c.version) FROM sites_consentversion c
                           WHERE c.site_id = w.site_id AND c.approved_from >= w.approved_from))
      FROM sites_consentversion w
     WHERE w.site_id = {site} AND w.reconsent_from <= %s
     ORDER BY w.approved_from DESC, w.version DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """A version that subjects in the study have to sign, since when, and the versions that are as new."""

    version: str
    since: date
    enough: frozenset[str]

    @classmethod
    def read(cls, stored: dict[str, Any] | None) -> ConsentAsked | None:
        """Return what the database says, None where nothing is asked at the site."""
        if stored is None:
            return None
        return cls(stored["version"], date.fromisoformat(stored["since"]), frozenset(stored["enough"]))


def beside_subject() -> dict[str, RawSQL]:
    """Return the annotation of a queryset of subjects that `ConsentAsked.read` understands."""
    statement = NEWEST.format(site='"subjects_subject"."site_id"')
    return {ASKED: RawSQL(f"({statement})", [clock.today()], output_field=JSONField())}  # noqa: S611 our own
