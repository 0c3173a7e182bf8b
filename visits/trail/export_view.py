"""Exporting the trail, and asking for redactions, in the browser."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from audit.context import record_event
from sites.access import Request, can, needs
from sites.models import Site
from sites.rates import limited
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.blinding import forms_open_to
from visits.capture.forms import in_both
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page
from visits.trail import export, redacting


@limited("export")
@needs(Action.TRAIL_EXPORT)
@require_POST
def trail_export(request: Request) -> HttpResponseBase:
    """Hand out the trail as an archive, streamed; that it was taken is recorded."""
    site = request.POST.get("site", "")
    if site and not (site.isalnum() and Site.objects.filter(pk=site).exists()):
        raise Http404
    archive = export.exported(by=request.actor, site=site)
    record_event("trail_exported", by=request.actor, detail={"site": site}, site=site or request.actor.site)
    answer = StreamingHttpResponse(archive, content_type="application/zip")
    name = f"NCT07277218_trail_{f'site-{site}_' if site else ''}{clock.now():%Y-%m-%d_%H%M}.zip"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@needs(Action.REDACTION_READ)
@require_GET
def redactions(request: Request) -> HttpResponse:
    """List the redactions that were asked for, with their state."""
    return render(request, "trail/redactions.html", {"redactions": redacting.visible(by=request.actor)[:200]})


@needs(Action.REDACT)
@require_http_methods(["GET", "POST"])
def redact(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID, n: int, item: str) -> HttpResponse:
    """Ask that a value be taken out of the trail; POST asks."""
    subject = subject_or_404(request.actor, subject_id, Action.REDACT)
    page = Page.objects.select_related("visit", "subject").filter(pk=page_id, subject=subject).first()
    if page is None or page.form not in forms_open_to(request.actor) or not redacting.held_in(page, n, item):
        raise Http404
    reason, problem, status = request.POST.get("reason", "").replace("\x00", ""), "", 200
    if request.method == "POST":
        try:
            asked = redacting.ask(page=page, n=n, item=item, reason=reason, by=request.actor)
        except redacting.RedactionRefused as refused:
            problem, status = in_both(refused.message), 422
        else:
            messages.success(request, _("A second person has to agree now."))
            return redirect("redaction", asked.pk)
    context = {
        "subject": subject,
        "page": page,
        "label": FORMS[page.form].items()[item].label,
        "title": FORMS[page.form].title,
        "here": reverse("page", args=[subject.pk, page.visit.key if page.visit else LOG, page.form]),
        "reason": reason,
        "problem": problem,
        "longest": redacting.LONGEST,
    }
    return render(request, "trail/redact.html", context, status=status)


@needs(Action.REDACTION_READ)
@require_http_methods(["GET", "POST"])
def redaction(request: Request, redaction_id: uuid.UUID) -> HttpResponse:
    """Show one redaction; POST agrees to it or refuses it, by a second person."""
    found = redacting.redaction_or_none(request.actor, redaction_id)
    if found is None:
        raise Http404
    problem, status = "", 200
    if request.method == "POST":
        if not can(request.actor, Action.REDACT, found.site_id):
            raise PermissionDenied
        try:
            found = redacting.settle(found, move=request.POST.get("move", ""), by=request.actor)
        except KeyError as error:
            raise Http404 from error
        except redacting.RedactionRefused as refused:
            problem, status = in_both(refused.message), 409
        else:
            return redirect("redaction", found.pk)
    context = {
        "redaction": found,
        "label": FORMS[found.page.form].items()[found.item].label,
        "title": FORMS[found.page.form].title,
        "problem": problem,
        "may_settle": found.state == redacting.State.ASKED
        and can(request.actor, Action.REDACT, found.site_id)
        and found.asked_by_id != request.actor.user_id,
    }
    return render(request, "trail/redaction.html", context, status=status)
