"""Safety in the browser: the list of serious events with their clocks, making a report, and its PDF."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sites.access import Request, needs
from sites.reader import said
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.capture.entry import Conflict, Locked
from visits.dossier import LOG
from visits.models import Page
from visits.printing import documents
from visits.safety.clocks import SaeRow, sae_clocks
from visits.safety.records import SaeReport
from visits.safety.reports import NotPossible, report_sae

LISTS = {
    "open": lambda row: row.is_open or not row.is_reported_out,
    "running": lambda row: row.is_open,
    "overdue": lambda row: row.is_overdue,
    "late": lambda row: row.is_late,
    "in_time": lambda row: not (row.is_overdue or row.is_late),
    "changed": lambda row: row.is_changed,
    "all": lambda row: True,
}


@needs(Action.SAFETY_READ)
@require_GET
def safety(request: Request) -> HttpResponse:
    """List the serious events that this person may see, the most pressing first; narrowed by show, site."""
    show = request.GET.get("show", "open")
    if show not in LISTS:
        raise Http404
    every = sae_clocks(by=request.actor)
    site = request.GET.get("site", "")
    here = [row for row in every if site in ("", row.site)]
    context = {
        "rows": [row for row in here if LISTS[show](row)],
        "show": show,
        "site": site,
        "sites": sorted({row.site for row in every}),
        "counts": {name: sum(wanted(row) for row in here) for name, wanted in LISTS.items()},
    }
    return render(request, "safety/list.html", context)


@needs(Action.SAE_REPORT)
@require_POST
def report(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Make the next version of the report of a serious event, as the page was shown."""
    kind = request.POST.get("kind", "")
    if kind not in (SaeReport.Kind.INITIAL, SaeReport.Kind.FOLLOW_UP, SaeReport.Kind.FINAL):
        raise Http404
    return _make(request, subject_id, page_id, kind, Action.SAE_REPORT)


@needs(Action.SAE_FORWARD)
@require_POST
def forward(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Record that the sponsor told the authority of an event."""
    return _make(request, subject_id, page_id, SaeReport.Kind.AUTHORITY, Action.SAE_FORWARD)


def _make(
    request: Request, subject_id: uuid.UUID, page_id: uuid.UUID, kind: str, action: Action
) -> HttpResponse:
    subject = subject_or_404(request.actor, subject_id, action)
    page = get_object_or_404(Page, pk=page_id, subject=subject, form="AE")
    given = request.POST.get("revision", "")
    revision = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else page.revision
    try:
        report_sae(page=page, kind=kind, by=request.actor, revision=revision)
    except NotPossible as refused:
        messages.warning(request, said(refused.message))
    except Conflict:
        messages.warning(
            request, _("Somebody saved this page after you opened it. Read it again, then make the report.")
        )
    except Locked:
        messages.warning(request, _("This page is locked. No report was made. Unlocking: data manager."))
    else:
        messages.success(request, _("The report is made."))
    return redirect(event_url(subject.pk))


def event_url(subject_id: uuid.UUID) -> str:
    """Return the address of a subject's adverse events, at their reports."""
    return f"{reverse('page', args=[subject_id, LOG, 'AE'])}#sae-reports"


@needs(Action.SAFETY_READ)
@require_POST
def report_pdf(request: Request, report_id: uuid.UUID) -> HttpResponse:
    """Ask for one version of a report as PDF."""
    found = get_object_or_404(SaeReport, pk=report_id)
    subject_or_404(request.actor, found.subject_id, Action.SAFETY_READ)
    job = documents.request_sae_report(report=found, by=request.actor)
    return redirect("job", job.pk)


def home_rows(request: Request, most: int = 8) -> tuple[list[SaeRow], int]:
    """Return the events whose clocks run, as the home page shows them, and how many there are."""
    waiting = [row for row in sae_clocks(by=request.actor) if row.is_open]
    return waiting[:most], len(waiting)
