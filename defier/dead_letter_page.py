"""Jobs that failed three times, and periodic tasks that stay away: for those who run the study (CEL-07)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit import dead_letters, periodic
from audit.models import Job
from defier.job_page import KINDS
from sites.access import Request, can, needs
from sites.roles import Action

ON_A_PAGE = 50


@needs(Action.JOB_READ)
@require_safe
@never_cache
def dead_jobs(request: Request) -> HttpResponse:
    """List the jobs that failed for good with the kind of their error, and what the clock has left undone."""
    return _show(request)


@needs(Action.JOB_HANDLE)
@require_POST
def dead_job(request: Request, job_id: UUID) -> HttpResponse:
    """Give a failed job three more attempts (`move=retry`), or take it away for a `reason` (`discard`)."""
    job = get_object_or_404(Job, pk=job_id)
    reason = request.POST.get("reason", "").strip()
    try:
        if request.POST.get("move") == "retry":
            dead_letters.retry(job_id=job.pk, by=request.actor)
            said = _("%(job)s is tried again.") % {"job": _kind(job)}
        elif not reason:
            return _show(request, refused=job, status=422)
        else:
            dead_letters.discard(job_id=job.pk, reason=reason, by=request.actor)
            said = _("%(job)s was taken from the list.") % {"job": _kind(job)}
    except dead_letters.NotDeadError:
        said = _("Somebody else has handled this job already.")
    messages.success(request, said)
    return redirect("dead-jobs")


def _show(request: Request, *, refused: Job | None = None, status: int = 200) -> HttpResponse:
    shown = Paginator(dead_letters.dead(), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "rows": [(job, _kind(job), dead_letters.error_class(job)) for job in shown],
        "missing": periodic.missing(),
        "may_handle": can(request.actor, Action.JOB_HANDLE),
        "refused": refused,
    }
    return render(request, "jobs/dead.html", context, status=status)


def _kind(job: Job) -> str:
    return str(KINDS.get(job.kind, job.kind))
