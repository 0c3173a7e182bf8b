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
from protocol.words import T
from sites.access import Request, can, needs, visible_sites
from sites.models import Site
from sites.reader import said
from sites.roles import Action
from visits.items.dates import DateItem
from visits.items.refusals import ItemRefused
from visits.review.sdv import report as reports

DAY = DateItem(T("Day of the visit", "访视日期"))


@needs(Action.VISIT_REPORT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def visit_reports(request: Request) -> HttpResponse:
    """List the reports; POST asks for one, and keeps what was typed; `?site=` is offered first."""
    if request.method == "POST":
        return _make(request)
    return _show(request)


def _make(request: Request) -> HttpResponse:
    site = get_object_or_404(Site, code=request.POST.get("site", "").replace("\0", ""))
    days, wrong = _days(request)
    if wrong:
        return _show(request, status=422, wrong=wrong)
    report = reports.request_report(
        site=site,
        first=days["first"],
        last=days["last"],
        remarks=request.POST.get("remarks", "").replace("\0", ""),
        by=request.actor,
    )
    return redirect("job", report.job_id)


def _days(request: Request) -> tuple[dict[str, date], dict[str, str]]:
    """Read the first and the last day of the visit; by field, what is wrong with it."""
    days: dict[str, date] = {}
    wrong: dict[str, str] = {}
    today = clock.today()
    for name in ("first", "last"):
        try:
            day = DAY.parse(request.POST.get(name, ""), today=today).value
        except ItemRefused as refused:
            wrong[name] = said(refused.message)
        else:
            if day is None:
                wrong[name] = _("Write the day, for example %(today)s.") % {"today": today}
            else:
                days[name] = day
    if not wrong and days["last"] < days["first"]:
        wrong["last"] = _("The last day is before the first.")
    elif not wrong and (days["last"] - days["first"]).days >= reports.LONGEST:
        wrong["last"] = _("These are more than %(n)d days: make a report of each part.") % {
            "n": reports.LONGEST
        }
    return days, wrong


def _show(request: Request, *, status: int = 200, wrong: dict[str, str] | None = None) -> HttpResponse:
    actor = request.actor
    may_make = can(actor, Action.VISIT_REPORT_MAKE)
    reach = visible_sites(actor, Action.VISIT_REPORT_MAKE) if may_make else set()
    sites = Site.objects.filter(role=Site.Role.CLINICAL).order_by("code")
    context = {
        "reports": reports.reports_visible(by=actor),
        "sites": list(sites if reach is None else sites.filter(code__in=reach)),
        "may_make": may_make,
        "wrong": wrong,
        "today": clock.today(),
        "typed": request.POST,
        "chosen": request.POST.get("site") or request.GET.get("site", ""),
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
