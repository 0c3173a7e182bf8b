"""The facts that statuses, lists and the matrix are computed from, for many subjects in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connections

from subjects.status import Facts, Status, status

_STATEMENT = """
    SELECT s.id,
           ic.consent_obtained, ie.elig_outcome, ie.elig_confirmed_by, pr.study_dev_introduced,
           pr.planned_cohort, pr.proc_date, disc.disc_vital, disc.disc_date, fu.attended,
           ex.exit_reason, ex.exit_date, dth.page_id IS NOT NULL, dth.death_date, lh.target_limb,
           dev.dcb, dev.des
    FROM subjects_subject s
    LEFT JOIN (visits_page pic JOIN crf_ic ic ON ic.page_id = pic.id AND NOT pic.removed)
           ON ic.subject_id = s.id
    LEFT JOIN (visits_page pie JOIN crf_ie ie ON ie.page_id = pie.id AND NOT pie.removed)
           ON ie.subject_id = s.id
    LEFT JOIN (visits_page ppr JOIN crf_pr pr ON pr.page_id = ppr.id AND NOT ppr.removed)
           ON pr.subject_id = s.id
    LEFT JOIN (visits_page plh JOIN crf_lh lh ON lh.page_id = plh.id AND NOT plh.removed)
           ON lh.subject_id = s.id
    LEFT JOIN (visits_page pdi JOIN crf_disc disc ON disc.page_id = pdi.id AND NOT pdi.removed)
           ON disc.subject_id = s.id
    LEFT JOIN (visits_page pex JOIN crf_exit ex ON ex.page_id = pex.id AND NOT pex.removed)
           ON ex.subject_id = s.id
    LEFT JOIN (visits_page pdt JOIN crf_dth dth ON dth.page_id = pdt.id AND NOT pdt.removed)
           ON dth.subject_id = s.id
    LEFT JOIN (SELECT f.subject_id, true AS attended
                 FROM crf_fu f JOIN visits_page p ON p.id = f.page_id AND NOT p.removed
                WHERE f.contact_mode <> 'MISS' GROUP BY 1) fu ON fu.subject_id = s.id
    LEFT JOIN (SELECT subject_id, bool_or(kind = 'DCB') AS dcb, bool_or(kind = 'DES') AS des
                 FROM (SELECT d.subject_id, 'DCB' AS kind
                         FROM crf_dcb d JOIN visits_page p ON p.id = d.page_id AND NOT p.removed
                        WHERE d.dcb_outcome IN ('OK', 'PART')
                       UNION ALL
                       SELECT d.subject_id, 'DES'
                         FROM crf_des d JOIN visits_page p ON p.id = d.page_id AND NOT p.removed
                        WHERE d.des_outcome IN ('OK', 'PART')) used
                GROUP BY 1) dev ON dev.subject_id = s.id
    WHERE %(all)s OR s.id = ANY(%(ids)s)"""


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What is known of one subject's course; dates as stored, partial ones as text."""

    facts: Facts
    planned_cohort: str | None
    as_treated: str
    proc_date: date | None
    disc_date: date | None
    exit_date: date | None
    death_date: str | None
    target_limb: str | None

    @property
    def status(self) -> Status:
        """The subject's status, computed (protocol §2)."""
        return status(self.facts)


def as_treated(*, dcb: bool, des: bool) -> str:
    """Return DCB, DES, MIXED or NONE from the devices that were delivered (protocol §5.1)."""
    if dcb and des:
        return "MIXED"
    return "DCB" if dcb else "DES" if des else "NONE"


def subject_facts(subject_ids: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, SubjectFacts]:
    """Return the facts of these subjects (None: of all), in one statement."""
    ids = list(subject_ids) if subject_ids is not None else []
    with connections["default"].cursor() as cursor:
        cursor.execute(_STATEMENT, {"all": subject_ids is None, "ids": ids})
        return {row[0]: _facts(row) for row in cursor.fetchall()}


def _facts(row: tuple) -> SubjectFacts:
    return SubjectFacts(
        facts=Facts(
            consent_obtained=row[1],
            elig_outcome=row[2],
            elig_confirmed=bool(row[3]),
            study_dev_introduced=row[4],
            disc_vital=row[7],
            attended_fu=bool(row[9]),
            exit_reason=row[10],
            dth=bool(row[12]),
        ),
        planned_cohort=row[5],
        as_treated=as_treated(dcb=bool(row[15]), des=bool(row[16])),
        proc_date=row[6],
        disc_date=row[8],
        exit_date=row[11],
        death_date=row[13],
        target_limb=row[14],
    )
