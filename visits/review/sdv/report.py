"""The report of a monitoring visit: what was verified, when and by whom, what was asked, what is left.

It says what is known of these days, whoever asks for it and whenever; what is left is as of the printing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse

from audit import clock, jobs
from audit.actors import Actor
from audit.context import acting, record_event
from audit.jobs import Progress
from audit.models import Job
from protocol.words import Bilingual
from sites.access import require, visible_sites
from sites.models import Site
from sites.roles import Action
from visits.crfs import FORMS
from visits.models import Query, QueryStep
from visits.review.sdv import plan as plans
from visits.review.sdv import standing
from visits.review.sdv.changes import changed, words
from visits.review.sdv.records import Verification, VisitReport

QUEUE = "pdf"
LONGEST = 31


class Damaged(Exception):
    """A stored report is not what was stored."""


@dataclass(frozen=True, slots=True)
class Verified:
    """One item that was verified on these days, and what became of the mark."""

    usubjid: str
    visit: str
    page: Bilingual
    item: Bilingual
    value: Bilingual
    at: datetime
    by_name: str
    withdrawn: str


def request_report(*, site: Site, first: date, last: date, by: Actor, remarks: str = "") -> VisitReport:
    """Have the report of a visit made.

    Raises PermissionDenied, ValueError for days that do not follow each other, lie ahead or are too many.
    """
    require(by, Action.VISIT_REPORT_MAKE, site.code)
    if first > last or last > clock.today() or (last - first).days >= LONGEST:
        raise ValueError("these are not the days of a visit")
    with acting(by=by):
        report = VisitReport.objects.create(
            site=site,
            first_day=first,
            last_day=last,
            remarks=remarks.strip(),
            by_id=by.user_id or "",
            by_name=by.name,
            asked_at=clock.now(),
        )
        job: Job = jobs.enqueue(
            "visit_report", by=by, args={"report": report.pk}, key=f"visit_report:{report.pk}", queue=QUEUE
        )
        VisitReport.objects.filter(pk=report.pk).update(job_id=job.pk)
        report.job_id = job.pk
    return report


def make_report(progress: Progress, report_id: uuid.UUID) -> dict[str, Any]:
    """Render and keep a report; again, the first one stays."""
    # Only workers render; the web process shares this module and must not load what renders.
    from visits.printing.confined import confined_pdf

    report = VisitReport.objects.select_related("site").get(pk=report_id)
    if not report.sha256:
        progress.set(0, 1)
        made = confined_pdf(report_html(report, by=progress.by))
        digest = hashlib.sha256(made.content).hexdigest()
        with acting(by=progress.by):
            VisitReport.objects.filter(pk=report.pk, sha256="").update(
                content=made.content, sha256=digest, pages=made.pages
            )
        report.refresh_from_db()
    progress.set(1, 1)
    url = reverse("visit-report", args=[report.pk])
    return {"report": str(report.pk), "pages": report.pages, "url": url}


def report_html(report: VisitReport, *, by: Actor) -> str:
    """Return a report as one HTML document that needs nothing else."""
    verified = _verified(report)
    plan = plans.in_force()
    asked = _asked(report)
    left = standing.progress(by=by, plan=plan, site=report.site_id)
    return render_to_string(
        "printing/visit.html",
        {
            "report": report,
            "printed": clock.now(),
            "simulated": clock.simulated() is not None,
            "verified": verified,
            "people": sorted({one.by_name for one in verified}),
            "withdrawn": sum(bool(one.withdrawn) for one in verified),
            "asked": asked,
            "open": _standing_queries(report.site_id),
            "stale": changed(standing.stale_marks(by=by, site=report.site_id), plan=plan),
            "left": [one for one in left if one.due],
            "plan": plan,
        },
    )


def _days(report: VisitReport) -> tuple[datetime, datetime]:
    """Return the first and the last instant of the visit, at the site."""
    return (
        datetime.combine(report.first_day, time.min, clock.ZONE),
        datetime.combine(report.last_day, time.max, clock.ZONE),
    )


def _verified(report: VisitReport) -> list[Verified]:
    marks = Verification.objects.filter(site_id=report.site_id, at__range=_days(report))
    found = marks.select_related("page__visit", "subject").order_by("subject__usubjid", "at", "page_id", "id")
    return [
        Verified(
            usubjid=mark.subject.usubjid,
            visit=mark.page.visit.key if mark.page.visit else "",
            page=_title(mark.page.form, mark.page.ordinal),
            item=FORMS[mark.page.form].items()[mark.item].label,
            value=words(mark.page.form, mark.item, mark.value),
            at=mark.at,
            by_name=mark.by_name,
            withdrawn=mark.ended_reason if mark.ended_as == Verification.Ended.WITHDRAWN else "",
        )
        for mark in found
    ]


def _title(form: str, ordinal: int) -> Bilingual:
    title = FORMS[form].title
    if not FORMS[form].repeating:
        return title
    return Bilingual(f"{title.en} {ordinal}", f"{title.zh} {ordinal}")


def _asked(report: VisitReport) -> list[Query]:
    """Return the queries that people raised on these days at the site."""
    steps = QueryStep.objects.filter(
        from_state="", site_id=report.site_id, at__range=_days(report), query__origin=Query.Origin.MANUAL
    )
    return _with_pages(Q(pk__in=steps.values("query_id")))


def _standing_queries(site: str) -> list[Query]:
    return _with_pages(Q(site_id=site, state__in=("OPEN", "ANSWERED"), subject__voided_at=None))


def _with_pages(which: Q) -> list[Query]:
    found: Iterable[Query] = Query.objects.filter(which).select_related("page__visit", "subject")
    return sorted(found, key=lambda query: (query.opened_at, str(query.pk)))


def reports_visible(*, by: Actor) -> list[VisitReport]:
    """Return the reports that this person may read, the newest first, without their bytes."""
    require(by, Action.VISIT_REPORT_READ)
    sites = visible_sites(by, Action.VISIT_REPORT_READ)
    found = VisitReport.objects.select_related("site").defer("content")
    return list(found if sites is None else found.filter(site_id__in=sites))


def report_or_404(*, by: Actor, report_id: uuid.UUID) -> VisitReport:
    """Return a report that has been made; 404 for other sites' and for one that is still being made."""
    require(by, Action.VISIT_REPORT_READ)
    sites = visible_sites(by, Action.VISIT_REPORT_READ)
    found = VisitReport.objects.exclude(sha256="").filter(pk=report_id)
    report = (found if sites is None else found.filter(site_id__in=sites)).first()
    if report is None:
        raise Http404
    return report


def handed_out(report: VisitReport, *, by: Actor) -> bytes:
    """Return the bytes after checking their hash, and record who took them; Damaged where they differ."""
    content = bytes(report.content or b"")
    if hashlib.sha256(content).hexdigest() != report.sha256:
        raise Damaged(str(report.pk))
    detail = {"report": str(report.pk), "name": report.name, "sha256": report.sha256}
    record_event("visit_report_taken", by=by, detail=detail, site=report.site_id)
    return content
