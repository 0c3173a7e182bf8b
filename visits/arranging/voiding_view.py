"""Voided subjects in the browser: voiding one, the list of those voided, one with its trail, restoring."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.trail import subject_history
from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import dossier as dossiers
from visits.arranging.voiding import (
    AlreadyDone,
    restore_subject,
    void_subject,
    voided_or_404,
    voided_visible,
    what_goes,
)
from visits.capture.entry import Locked
from visits.printing.content import Reader

TRAIL = 200


@needs(Action.SUBJECT_VOID)
@require_http_methods(["GET", "POST"])
def void(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show what voiding a subject takes out; POST voids it."""
    subject = subject_or_404(request.actor, subject_id, Action.SUBJECT_VOID)
    reason = request.POST.get("reason", "")
    problem, status = "", 200
    if request.method == "POST":
        try:
            void_subject(subject=subject, by=request.actor, reason=reason)
        except ValueError:
            problem, status = _("Say why the subject is voided. Nothing was changed."), 422
        except Locked:
            problem, status = _("Data of this subject are locked. Nothing was changed."), 409
        except AlreadyDone:
            problem, status = _("The subject is voided already."), 409
        else:
            words = _("%(id)s is voided and counts nowhere.") % {"id": subject.usubjid}
            where = reverse("voided-subject", args=[subject.pk])
            messages.success(request, format_html('{} <a href="{}">{}</a>', words, where, _("Its history")))
            return redirect("voided")
    context = {"subject": subject, "goes": what_goes(subject), "problem": problem, "reason": reason}
    return render(request, "arrange/void.html", context, status=status)


@needs(Action.VOIDED_READ)
@require_GET
def voided(request: Request) -> HttpResponse:
    """List the subjects that stand voided."""
    return render(request, "arrange/voided.html", {"acts": list(voided_visible(by=request.actor))})


@needs(Action.VOIDED_READ)
@require_http_methods(["GET", "POST"])
def voided_subject(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show a voided subject as it was, with its trail; POST restores it."""
    act = voided_or_404(request.actor, subject_id)
    problem, status = "", 200
    may_restore = can(request.actor, Action.SUBJECT_VOID, act.site_id)
    if request.method == "POST":
        if not may_restore:
            raise PermissionDenied
        try:
            restore_subject(subject=act.subject, by=request.actor, reason=request.POST.get("reason", ""))
        except ValueError:
            problem, status = _("Say why the subject is restored. Nothing was changed."), 422
        except (AlreadyDone, Locked):
            problem, status = _("The subject stands already, or is locked. Nothing was changed."), 409
        else:
            messages.success(request, _("%(id)s is restored.") % {"id": act.subject.usubjid})
            return redirect("subject", subject_id)
    dossier = dossiers.load(act.subject)
    taken = set(act.pages)
    pages = [page for page in dossier.pages if page.id in taken]
    context = {
        "act": act,
        "subject": act.subject,
        "sheets": Reader(dossier, pages).sheets() if pages else [],
        "trail": subject_history(act.subject_id, limit=TRAIL),
        "may_restore": may_restore,
        "problem": problem,
    }
    return render(request, "arrange/voided_subject.html", context, status=status)
