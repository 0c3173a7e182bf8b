"""How far a job is: for the person who asked for it, and for roles that watch over all jobs."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.actors import Actor
from audit.jobs import job_for
from audit.models import Job
from sites.access import can
from sites.roles import Action

KINDS = {
    "recompute_subject": gettext_lazy("Endpoints of one subject"),
    "recompute_study": gettext_lazy("Endpoints of all subjects"),
    "build_snapshot": gettext_lazy("Locked dataset"),
    "page_pdf": gettext_lazy("Page as PDF"),
    "casebook": gettext_lazy("Casebook as PDF"),
    "eligibility_pdf": gettext_lazy("Eligibility sheet as PDF"),
    "visit_report": gettext_lazy("Report of a monitoring visit"),
    "check_import": gettext_lazy("Check of a file"),
    "load_import": gettext_lazy("Loading of a file"),
    "rerun_checks": gettext_lazy("All checks of all subjects"),
    "relock": gettext_lazy("Locking again after an unlock"),
    "check_night": gettext_lazy("Checks of the night"),
    "impact_report": gettext_lazy("Impact report"),
    "load_demo_rest": gettext_lazy("Demonstration data"),
    "sae_report_pdf": gettext_lazy("Report of a serious event as PDF"),
    "sae_notice": gettext_lazy("Notice of a serious event"),
    "safety_hour": gettext_lazy("Reporting times of serious events"),
    "deviations_night": gettext_lazy("Deviations of the night"),
    "reminders_day": gettext_lazy("Reminders of the day"),
    "remind_blockers": gettext_lazy("Reminder of what stands in the way of a lock"),
    "lockout_notice": gettext_lazy("Notice of a shut account"),
    "way_in_notice": gettext_lazy("Notice of a changed way in"),
    "send_invitation": gettext_lazy("Invitation"),
    "access_day": gettext_lazy("Access reviews of the day"),
    "scan_upload": gettext_lazy("Scan of a file"),
    "prune_day": gettext_lazy("Old drafts and sessions of the day"),
    "digest_day": gettext_lazy("Digests of the trail"),
}
SHOWN = 6
STATES = {
    Job.State.QUEUED: gettext_lazy("Waiting"),
    Job.State.RUNNING: gettext_lazy("Running"),
    Job.State.DONE: gettext_lazy("Done"),
    Job.State.DEAD: gettext_lazy("Failed"),
    Job.State.DISCARDED: gettext_lazy("Discarded"),
}
ENDED = (Job.State.DONE, Job.State.DEAD, Job.State.DISCARDED)


@require_safe
@never_cache
@login_required
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show a job as a page, to htmx as a fragment, to scripts as JSON; 404 for whom it does not concern."""
    found = _visible(request.actor, job_id)  # type: ignore[attr-defined]
    shown = described(found)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(shown)
    template = "jobs/fragment.html" if request.headers.get("HX-Request") else "jobs/page.html"
    return render(request, template, {"job": shown})


def described(job: Job) -> dict[str, Any]:
    """Return a job in words and numbers; `percent` is None while nobody knows how much there is to do."""
    percent = min(100, 100 * job.done // job.total) if job.total else None
    return {
        "id": str(job.pk),
        "status_url": reverse("job", args=[job.pk]),
        "kind": str(KINDS.get(job.kind, job.kind)),
        "state": job.state,
        "state_words": str(STATES[Job.State(job.state)]),
        "ended": job.state in ENDED,
        "done": job.done,
        "total": job.total,
        "percent": 100 if job.state == Job.State.DONE else percent,
        "message": _("It failed three times; the data managers can see why.")
        if job.state == Job.State.DEAD
        else job.message,
        "url": _address(job.result) if job.state == Job.State.DONE else "",
    }


def going_on(by: Actor) -> list[dict[str, Any]]:
    """Return the jobs that wait, run or have failed, newest first, for roles that watch over all jobs."""
    if not can(by, Action.JOB_READ):
        return []
    return [
        described(found)
        for found in Job.objects.exclude(state__in=(Job.State.DONE, Job.State.DISCARDED)).order_by(
            "-created"
        )[:SHOWN]
    ]


def _visible(by: Actor, job_id: UUID) -> Job:
    found = job_for(by, job_id)
    if found is None and can(by, Action.JOB_READ):
        found = Job.objects.filter(pk=job_id).first()
    if found is None:
        raise Http404
    return found


def _address(result: Any) -> str:
    """Return where the result is, if the job says so; an address within this system only."""
    url = result.get("url", "") if isinstance(result, dict) else ""
    return url if isinstance(url, str) and url.startswith("/") and not url.startswith("//") else ""
