"""The jobs that keep results up to date: one subject after a save, or the whole study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from audit.jobs import Progress, job
from audit.models import Job
from outcomes.models import Result
from subjects.models import Subject


@job("recompute_subject")
def recompute_subject(progress: Progress, subject: str) -> dict[str, Any]:
    """Derive one subject's results anew; the jobs of several saves in a row find them done already."""
    results = Result.objects.filter(subject_id=subject)
    if results.exists() and not results.outdated().exists():
        return {"results": 0}
    from outcomes.recomputation import recompute

    return {"results": recompute([UUID(subject)])}


@job("recompute_study")
def recompute_study(progress: Progress) -> dict[str, Any]:
    """Derive everybody's results anew."""
    from outcomes.recomputation import recompute

    subjects = list(Subject.objects.values_list("pk", flat=True))
    progress.set(0, len(subjects))
    results = recompute(subjects, told=lambda done, total: progress.set(done, total))
    return {"subjects": len(subjects), "results": results, "url": "/outcomes/"}


@job("build_snapshot")
def build_snapshot(progress: Progress, lock: str) -> dict[str, Any]:
    """Make the fixed dataset of a lock."""
    from outcomes.snapshots import build_snapshot as build

    snapshot = build(UUID(lock), by=progress.by)
    return {"snapshot": str(snapshot.pk), "url": f"/snapshots/{snapshot.pk}/"}


@job("impact_report")
def impact_report(progress: Progress, site: str, version: str) -> dict[str, Any]:
    """Find out by a dry run what a version of the protocol would change at a site."""
    from outcomes.amending import make_report

    asked = Job.objects.filter(pk=progress.job).first() if progress.job else None
    report = make_report(
        version=version,
        site=site,
        by=progress.by,
        made_for=asked.by_name if asked else progress.by.name,
        told=lambda done, total: progress.set(done, total),
    )
    return {"report": str(report.pk), "url": f"/amendments/{version}/{site}/"}
