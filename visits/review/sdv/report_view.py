"""Monitoring visits in the browser: asking for a report, the list of those made, handing one out."""

from __future__ import annotations

import uuid
from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from sites.access import Request, can, needs, visible_sites
from sites.models import Site
from sites.roles import Action
from visits.review.sdv import report as reports


@needs(Action.VISIT_REPORT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def visit_reports(request: Request) -> HttpResponse:
    """List the reports; POST asks for one, and keeps what was typed where that is refused."""
    if request.method == "POST":
        return _make(request)
    return _show(request)


def _make(request: Request) -> HttpResponse:
    site = get_object_or_404(Site, code=request.POST.get("site", "").replace("\0", ""))
    try:
        report = reports.request_report(
            site=site,
            first=date.fromisoformat(request.POST.get("first", "")),
            last=date.fromisoformat(request.POST.get("last", "")),
            remarks=request.POST.get("remarks", "").replace("\0", ""),
            by=request.actor,
        )
    except ValueError:
        problem = _("Give the first and the last day of the visit, at most 31 days, none ahead of today.")
        return _show(request, status=422, problem=problem)
    return redirect("job", report.job_id)


def _show(request: Request, *, status: int = 200, problem: str = "") -> HttpResponse:
    actor = request.actor
    may_make = can(actor, Action.VISIT_REPORT_MAKE)
    reach = visible_sites(actor, Action.VISIT_REPORT_MAKE) if may_make else set()
    sites = Site.objects.filter(role=Site.Role.CLINICAL).order_by("code")
    context = {
        "reports": reports.reports_visible(by=actor),
        "sites": list(sites if reach is None else sites.filter(code__in=reach)),
        "may_make": may_make,
        "problem": problem,
        "today": clock.today(),
        "typed": request.POST,
    }
    return render(request, "sdv/visits.html", context, status=status)


@needs(Action.VISIT_REPORT_READ)
@require_safe
@never_cache
def visit_report(request: Request, report_id: uuid.UUID) -> HttpResponse:
    """Hand out a report whose bytes still have the hash that was stored with them."""
    found = reports.report_or_404(by=request.actor, report_id=report_id)
    response = HttpResponse(reports.handed_out(found, by=request.actor), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response
