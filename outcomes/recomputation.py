"""Deriving results anew and keeping them, chunk by chunk; only job workers run this (it loads pandas)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit import clock
from audit.models import Head
from outcomes.derivation import Derived
from outcomes.models import Result
from outcomes.time_to_event import EVENT, Outcome
from protocol.thresholds import Thresholds
from sites.models import Study
from sites.versions import all_in_force, version_on
from subjects.models import Subject

CHUNK = 100
ADJUDICATED = frozenset({"REV", "AMP", "DTH", "AE"})
KEPT = (
    "site",
    "cohort",
    "aval",
    "cnsr",
    "adt",
    "left",
    "answer",
    "adjudicated",
    "explanation",
    "head",
    "head_hash",
    "computed_at",
)
Told = Callable[[int, int], None]


def recompute(subject_ids: Sequence[UUID], *, told: Told | None = None) -> int:
    """Derive all results of these subjects and keep them; returns how many results stand.

    A result of a subject that is no longer treated goes. `told(done, total)` hears of every chunk.
    """
    limits = study_thresholds()
    ordered = sorted(subject_ids)
    kept = 0
    for first in range(0, len(ordered), CHUNK):
        kept += _chunk(ordered[first : first + CHUNK], limits)
        if told is not None:
            told(min(first + CHUNK, len(ordered)), len(ordered))
    return kept


def study_thresholds() -> Thresholds:
    """Return the endpoint limits that the study is configured with."""
    return Thresholds.from_config(Study.objects.values_list("config", flat=True).first() or {})


@transaction.atomic
def _chunk(subject_ids: Sequence[UUID], limits: Thresholds) -> int:
    """Derive and keep one chunk; the heads are read before the pages, so that a later page makes it stale."""
    from outcomes.assembly import FORMS, subjects_of
    from outcomes.derivation import derive
    from outcomes.frames import read_frames

    _alone(subject_ids)
    subjects = {subject.usubjid: subject for subject in Subject.objects.filter(pk__in=subject_ids)}
    heads = _heads(subject_ids)
    frames = read_frames(subject_ids, forms=FORMS)
    cohorts = _cohorts(frames)
    today, worked_by = clock.today(), all_in_force()
    rows: list[Result] = []
    for records in subjects_of(frames, limits=limits):
        subject = subjects[records.usubjid]
        version = version_on(worked_by.get(subject.site_id, ()), today)
        derived = derive(records, limits=limits, version=version)
        for row in results_of(derived, limits):
            row.subject, row.site_id = subject, subject.site_id
            row.cohort = cohorts.get(records.usubjid, "")
            row.head, row.head_hash = heads.get(subject.pk, (0, ""))
            rows.append(row)
    treated = {row.subject_id for row in rows}
    Result.objects.filter(subject_id__in=set(subject_ids) - treated).delete()
    Result.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["subject", "paramcd"],
        update_fields=list(KEPT),
        batch_size=2000,
    )
    return len(rows)


def _alone(subject_ids: Collection[UUID]) -> None:
    """Let no other job derive these subjects meanwhile: an older result must not replace a newer one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('result:' || one, 0))"
            " FROM unnest(%s::text[]) AS one",
            [[str(subject) for subject in subject_ids]],
        )


def _heads(subject_ids: Collection[UUID]) -> dict[UUID, tuple[int, str]]:
    chains = {f"subject:{subject}": subject for subject in subject_ids}
    return {
        chains[head.chain]: (head.n, bytes(head.hash).hex()[:12])
        for head in Head.objects.filter(chain__in=list(chains))
    }


def _cohorts(frames: Mapping[str, Any]) -> dict[str, str]:
    procedures = frames["PR"]
    return {
        subject: cohort
        for subject, cohort in zip(procedures["subject"], procedures["planned_cohort"], strict=True)
        if isinstance(cohort, str)
    }


def results_of(derived: Derived, limits: Thresholds) -> Iterator[Result]:
    """Yield the rows of one subject, without subject, site, cohort and head."""
    from outcomes.explanation import explain
    from protocol import endpoints

    now = clock.now()
    start = derived.subject.proc
    for paramcd, outcome in derived.outcomes.items():
        spec = endpoints.ENDPOINT[paramcd]
        yield Result(
            paramcd=paramcd,
            aval=outcome.aval,
            cnsr=outcome.cnsr,
            adt=_date(start + outcome.aval),
            left=outcome.left,
            answer=derived.evaluable.get(spec.binary or "", ""),
            adjudicated=_adjudicated(outcome),
            explanation=explain(derived, paramcd, limits=limits).as_json(),
            computed_at=now,
        )
    for paramcd, value in derived.values.items():
        yield Result(
            paramcd=paramcd,
            answer=str(value),
            explanation=explain(derived, paramcd, limits=limits).as_json(),
            computed_at=now,
        )


def _adjudicated(outcome: Outcome) -> bool | None:
    """Say whether the committee has decided an event; None for what it does not decide, such as imaging."""
    source = outcome.source
    if outcome.cnsr != EVENT or source is None or source.kind not in ADJUDICATED:
        return None
    return source.adjudicated


def _date(days: int) -> date:
    return date.fromordinal(days + date(1970, 1, 1).toordinal())
